"""What a socket has been told is the state, whenever it joined and whatever was written meanwhile, for each audience."""

import asyncio
import json
import random
from typing import Any

from websockets.asyncio.client import ClientConnection

from meetings import clock
from meetings.errors import DomainError
from meetings.events.hashing import canonical
from meetings.live import selectors, speakers
from meetings.live import services as live
from meetings.minutes import services as minutes
from meetings.scheduling.models import Meeting
from tests import factories
from tests.realtime.conftest import Server, frame, in_thread, run, ticket_for
from tests.realtime.test_socket import last_for
from tests.test_events import State, nonempty


def write(side: factories.Side, meeting: Meeting, seat: int, count: int) -> None:
    """What people do in a session, by chance."""
    chance, person, town = random.Random(seat), side.actor(side.representatives[seat]), side.seats[seat]
    items = factories.items(meeting)

    def do(act: str) -> None:
        if act == "leave":
            live.leave(actor=person, meeting=meeting, municipality=town)
        elif act == "note":
            minutes.write_note(actor=side.actor(side.chair), item=chance.choice(items), text=f"Note {chance.random()}")
        elif act == "move":
            live.move_on(actor=side.actor(side.chair), meeting=meeting, item=chance.choice(items))
        else:
            live.join(actor=person, meeting=meeting, municipality=town)
            speakers.request(actor=person, meeting=meeting, municipality=town)

    with clock.at(factories.NOW):
        for _n in range(count):
            try:
                do(chance.choice(["speak", "speak", "leave", "note", "move"]))
            except DomainError:
                continue  # one cannot ask for the floor twice


def replayed(frames: list[dict[str, Any]]) -> State:
    """A client's whole logic: a snapshot replaces everything, an event one object."""
    state: State = {}
    for found in frames:
        if found["type"] == "snapshot":
            state = {name: {row["id"]: row for row in rows} for name, rows in found["state"].items()}
        else:
            state.setdefault(found["type"].partition(".")[0], {})[found["object"]["id"]] = found["object"]
    return nonempty(state)


class Watcher:
    """Joins at some time, loses its line once, and remembers all it was told."""

    def __init__(self, server: Server, meeting: Meeting, ticket: str, n: int) -> None:
        self.server, self.meeting, self.ticket, self.n = server, meeting, ticket, n
        self.heard: list[dict[str, Any]] = []
        self.seen: int | None = None

    async def watch(self) -> None:
        await asyncio.sleep(0.05 * self.n)
        for lasts in (0.3 + 0.05 * self.n, 60.0):
            async with self.server.watch(self.meeting.pk, self.ticket, after=self.seen) as socket:
                try:
                    async with asyncio.timeout(lasts):
                        await self._listen(socket)
                except TimeoutError:
                    continue

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            found = await frame(socket, 60)
            if found["type"] != "hello" and "sequence" in found:
                assert found["type"] == "snapshot" or found["previous"] == self.seen
                self.heard.append(found)
                self.seen = found["sequence"]

    async def until(self, sequence: int) -> None:
        async with asyncio.timeout(20):
            while self.seen is None or self.seen < sequence:  # noqa: ASYNC110 - two tasks of one test
                await asyncio.sleep(0.05)


def test_snapshot_and_events_are_the_state(server: Server, now: None, transactional_db: None) -> None:
    side = factories.make_side("home")
    meeting = factories.in_session(side)
    users, audiences = (side.chair, side.observer), (("members", "staff"), ("members",))
    watchers = [Watcher(server, meeting, ticket_for(users[n % 2], meeting), n) for n in range(10)]

    async def scenario() -> None:
        watching = [asyncio.create_task(watcher.watch()) for watcher in watchers]
        await asyncio.gather(*(in_thread(write, side, meeting, seat, 12) for seat in range(4)))
        for n, watcher in enumerate(watchers):
            await watcher.until(await in_thread(last_for, meeting, *audiences[n % 2]))
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    run(scenario())
    for n, watcher in enumerate(watchers):
        fresh = json.loads(canonical(selectors.state(side.actor(users[n % 2]), factories.fresh(meeting))))
        assert replayed(watcher.heard) == nonempty({name: {row["id"]: row for row in rows} for name, rows in fresh.items()})
