"""Who is in the room: what the sockets are told of it, what it costs, and what becomes of those who are silent."""

import asyncio
import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.realtime import access, presence, tickets
from api.realtime.access import Access, Rights
from api.realtime.hub import Hub
from api.realtime.presence import NOT_TOLD, STALE, Presence
from meetings.network.models import User
from tests import factories
from tests.realtime.conftest import Server, any_frame, closing, company, frame, in_thread, run, silent, ticket_for
from tests.realtime.test_socket import join, last, say

NETWORK, PLACE = uuid4(), f"note:{uuid4()}"


def rights(name: str = "Somebody", *, named: bool = True) -> Rights:
    return Rights("", True, name, uuid4(), f"Town of {name}", named)


class Seen:
    """A client of the presence frames."""

    def __init__(self) -> None:
        self.people: dict[str, Any] = {}
        self.count = 0

    def take(self, news: Mapping[str, Any]) -> "Seen":
        if news.get("whole"):
            self.people = {}
        self.people |= {row["id"] if isinstance(row, dict) else row: row for row in news["joined"]}
        for left in news["left"]:
            del self.people[left]
        self.count = news["count"]
        return self


def entry(user: User, seat: Any = None) -> dict[str, Any]:
    return {"id": str(user.pk), "municipality": seat and str(seat.pk), "name": seat.name if seat else "", "person": user.name}


class TestTheRoom:
    def test_who_comes_and_goes(self, server: Server, side: factories.Side) -> None:
        chair, member = ticket_for(side.chair, side.meeting), ticket_for(side.representative, side.meeting)
        watcher, auditor = ticket_for(side.observer, side.meeting), ticket_for(side.auditor, side.meeting)
        rita, chiara = entry(side.representative, side.seats[0]), entry(side.chair)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, chair) as one:
                await join(one)
                whole = {"type": "presence", "joined": [chiara], "left": [], "count": 1, "whole": True}
                assert await company(one) == whole
                async with server.watch(side.meeting.pk, member) as other:
                    await join(other)
                    seen = Seen().take(await company(other))
                    assert (seen.people, seen.count) == ({row["id"]: row for row in (rita, chiara)}, 2)
                    assert await company(one) == {"type": "presence", "joined": [rita], "left": [], "count": 2}
                    async with server.watch(side.meeting.pk, watcher), server.watch(side.meeting.pk, auditor):
                        news = Seen()
                        while news.count < 4:
                            news.take(await company(one))
                        assert news.people == {}, "observers and auditors are counted and not named"
                    while news.count > 2:
                        news.take(await company(one))
                assert await company(one) == {"type": "presence", "joined": [], "left": [rita["id"]], "count": 1}

        run(scenario())

    def test_two_sockets_of_one_person_are_one_person(self, server: Server, side: factories.Side) -> None:
        chair, member = ticket_for(side.chair, side.meeting), ticket_for(side.representative, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, chair) as one:
                await join(one)
                async with server.watch(side.meeting.pk, member) as first:
                    await company(first)
                    async with server.watch(side.meeting.pk, member) as second:
                        assert (await company(second))["count"] == 2
                    said = Seen()
                    while said.count < 2:
                        said.take(await company(one))
                    async with asyncio.timeout(0.6):
                        with pytest.raises(TimeoutError):
                            await any_frame(one, 0.5)

        run(scenario())

    def test_who_is_sent_away_is_gone(self, server: Server, side: factories.Side) -> None:
        chair, member = ticket_for(side.chair, side.meeting), ticket_for(side.representative, side.meeting)

        def disable() -> None:
            side.representative.is_active = False
            side.representative.save()

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, chair) as one, server.watch(side.meeting.pk, member) as other:
                await company(other)
                await in_thread(disable)
                assert (await closing(other))[0] == 4403
                seen = Seen()
                while str(side.representative.pk) not in seen.people:
                    seen.take(await company(one))
                while seen.count != 1:
                    seen.take(await company(one))
                assert list(seen.people) == [str(side.chair.pk)]

        run(scenario())


class TestEditing:
    def test_the_staff_see_who_is_at_the_same_note(self, server: Server, side: factories.Side) -> None:
        chair, office, member = (ticket_for(user, side.meeting) for user in (side.chair, side.coordinator, side.representative))

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, chair, at=PLACE) as one, server.watch(side.meeting.pk, member, at=PLACE) as plain:
                mine = [{"id": str(side.chair.pk), "name": side.chair.name}]
                assert await company(one, "editing") == {"type": "editing", "at": PLACE, "people": mine}
                async with server.watch(side.meeting.pk, office, at=PLACE) as other:
                    both = await company(one, "editing")
                    assert both == await company(other, "editing")
                    assert [person["name"] for person in both["people"]] == sorted([side.chair.name, side.coordinator.name])
                async with server.watch(side.meeting.pk, office) as late:
                    alone = await company(one, "editing")
                    assert alone["people"] == mine == (await company(late, "editing"))["people"]
                await in_thread(say, side.meeting)
                while (found := await any_frame(plain))["type"] != "meeting.changed":
                    assert found["type"] != "editing"

        run(scenario())

    def test_places_that_are_none(self, server: Server, side: factories.Side) -> None:
        chair = ticket_for(side.chair, side.meeting)

        async def scenario() -> None:
            for place in ("note", "note:1", "../x:" + "0" * 36, f"{'n' * 40}:{uuid4()}", f"note:{uuid4()}%0A"):
                async with server.watch(side.meeting.pk, chair, at=place) as socket:
                    await join(socket)
                    assert (await company(socket))["count"] == 1
                    with pytest.raises(TimeoutError):
                        await any_frame(socket, 0.05)

        run(scenario())


class TestWhoIsAlive:
    def test_a_silent_socket_is_closed_and_one_that_beats_stays(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.realtime.hub.DEAD_AFTER", 2.0)
        ticket, before = ticket_for(side.chair, side.meeting), last(side.meeting)

        async def scenario() -> None:
            async with (
                server.watch(side.meeting.pk, ticket, after=before) as quiet,
                server.watch(side.meeting.pk, ticket, after=before) as beating,
            ):
                waiting = asyncio.create_task(closing(quiet))
                while not waiting.done():
                    await beating.send('{"type":"heartbeat"}')
                    await asyncio.sleep(0.7)
                assert (await waiting)[0] == 4408
                assert await silent(beating, 0.01) or (await frame(beating))["type"] in ("hello", "heartbeat")

        run(scenario())

    def test_those_connected_are_proved_to_be_there(self, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.realtime.hub.PROVE_EVERY", 0.2)
        proved: list[tuple[UUID, set[UUID]]] = []

        def prove(meeting_id: UUID, user_ids: Collection[UUID]) -> int:
            proved.append((meeting_id, set(user_ids)))
            return len(user_ids)

        monkeypatch.setattr("api.realtime.hub.prove", prove)
        wanted = {side.chair.pk, side.representative.pk}

        async def scenario() -> None:
            hub = Hub()
            await hub.start()
            for user in (side.chair, side.representative, side.representative):
                ticket = tickets.read(await in_thread(ticket_for, user, side.meeting))
                found = await hub.register(side.meeting.pk, send=_nowhere, ticket=ticket, after=None)
            found.heard -= 60
            async with asyncio.timeout(5):
                while (side.meeting.pk, wanted) not in proved:  # noqa: ASYNC110 - another thread says it
                    await asyncio.sleep(0.05)
            await hub.stop()

        run(scenario())
        assert all(people <= wanted for _meeting, people in proved)


async def _nowhere(message: dict[str, Any]) -> None:
    return None


class Crowd:
    """People of one network who join at the hub, without lines."""

    def __init__(self, side: factories.Side, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.side, self.users = side, [uuid4() for _n in range(count)]
        people = {user: rights(f"Person {n}") for n, user in enumerate(self.users)}
        found = Access({side.network.pk: people}, {}, float("inf"))
        monkeypatch.setattr(access, "load", lambda *_asked: found)
        self.frames: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        frame = json.loads(message.get("text", "{}"))
        if frame.get("type") == "presence":
            self.frames.append(frame)

    async def join(self, hub: Hub, user: UUID, after: int = 0) -> Any:
        ticket = tickets.Ticket(user, self.side.network.pk, self.side.meeting.pk, "", "")
        return await hub.register(self.side.meeting.pk, send=self.send, ticket=ticket, after=after)


@pytest.mark.one_database
class TestCrowds:
    def test_a_thousand_joins_cost_few_frames(self, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        crowd, before = Crowd(side, 1000, monkeypatch), last(side.meeting)

        async def scenario() -> None:
            hub = Hub()
            await hub.start()
            for n, user in enumerate(crowd.users):
                await crowd.join(hub, user, before)
                if n % 100 == 99:
                    await asyncio.sleep(0.15)
            while not crowd.frames or crowd.frames[-1]["count"] < 1000:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await hub.stop()

        run(scenario())
        naive = sum(range(1001))
        assert len(crowd.frames) * 100 <= naive
        large = [frame for frame in crowd.frames if frame["count"] > presence.MOST_NAMED]
        assert large and all(isinstance(row, str) for frame in large for row in frame["joined"])

    def test_ten_thousand_reconnections_leave_nothing_behind(self, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        crowd, before = Crowd(side, 50, monkeypatch), last(side.meeting)

        async def scenario() -> None:
            hub = Hub()
            await hub.start()
            for n in range(10_000):
                hub.unregister(await crowd.join(hub, crowd.users[n % 50], before))
                if n % 500 == 0:
                    await asyncio.sleep(0)
            [room] = hub._rooms.values()
            await asyncio.sleep(0.6)
            assert (len(room.sockets), room.presence.count, len(room.presence._here)) == (0, 0, 0)
            assert len(hub._tasks) <= 4
            assert len(asyncio.all_tasks()) <= 6
            await hub.stop()

        run(scenario())
        assert len(crowd.frames) <= 50

    def test_a_line_that_takes_nothing_costs_one_frame_of_each_kind(self, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        crowd, before, sent = Crowd(side, 50, monkeypatch), last(side.meeting), []
        gate = asyncio.Event()

        async def blocked(message: dict[str, Any]) -> None:
            sent.append(json.loads(message.get("text", "{}")))
            await gate.wait()

        async def scenario() -> None:
            hub = Hub()
            await hub.start()
            ticket = tickets.Ticket(crowd.users[0], side.network.pk, side.meeting.pk, "", "")
            slow = await hub.register(side.meeting.pk, send=blocked, ticket=ticket, after=before)
            for user in crowd.users[1:]:
                await crowd.join(hub, user, before)
                slow.beat()
                await asyncio.sleep(0.03)
            await asyncio.sleep(0.4)
            assert [frame["type"] for frame in sent] == ["hello"]
            gate.set()
            await asyncio.sleep(0.1)
            assert [frame["type"] for frame in sent] == ["hello", "heartbeat", "presence"]
            assert sent[-1]["whole"] and sent[-1]["count"] == 50
            await hub.stop()

        run(scenario())


USERS = [uuid4() for _n in range(6)]
PEOPLE = {user: rights(f"Person {n}", named=n > 1) for n, user in enumerate(USERS[:5])}
"""The last has no part in the network (any longer); the first two are not named."""
ACTS = st.lists(st.tuples(st.sampled_from(["enter", "leave", "settle", "lose", "all", "late"]), st.integers(0, 1), st.sampled_from(USERS)))


class TestProperties:
    @pytest.mark.one_database
    @given(ACTS)
    def test_two_processes_agree_with_who_is_there_and_with_what_their_clients_know(self, acts: list[tuple[str, int, UUID]]) -> None:
        rooms, inside = [Presence(), Presence()], [list[UUID](), list[UUID]()]
        clients, told = [Seen(), Seen()], [NOT_TOLD, NOT_TOLD]

        def settle(n: int, *, lost: bool = False) -> None:
            rooms[n].settle(PEOPLE)
            told[n] = STALE if told[n] == NOT_TOLD else told[n]
            if not lost and (message := rooms[n].after(told[n])):
                told[n] = rooms[n].version
                clients[n].take(json.loads(message["text"]))
            news = rooms[n].news()
            if news and not lost:
                rooms[1 - n].hear(f"process {n}", news, 0)

        for act, n, user in acts:
            if act == "enter":
                rooms[n].enter(user, "")
                inside[n].append(user)
            elif act == "leave" and user in inside[n]:
                rooms[n].leave(user, "")
                inside[n].remove(user)
            elif act == "late":
                clients[n], told[n] = Seen(), NOT_TOLD
            elif act == "all":
                rooms[1 - n].hear(f"process {n}", rooms[n].everybody(), 0)
            else:
                settle(n, lost=act == "lose")
        for n in (0, 1):
            rooms[1 - n].hear(f"process {n}", rooms[n].everybody(), 0)
        there = {user for user in (*inside[0], *inside[1]) if user in PEOPLE}
        for n in (0, 1):
            settle(n)
            assert clients[n].count == rooms[n].count == len(there)
            assert set(clients[n].people) == {str(user) for user in there if PEOPLE[user].is_named}

    def test_a_process_that_is_silent_has_nobody(self) -> None:
        room = Presence()
        room.hear("other", {"all": [USERS[2].hex, USERS[3].hex + PLACE, USERS[3].hex]}, 100.0)
        assert list(room.settle(PEOPLE)) == [PLACE]
        assert room.count == 2
        room.forget_silent(100.0 + presence.SILENT_AFTER - 1)
        assert not room.changed
        room.forget_silent(100.0 + presence.SILENT_AFTER + 1)
        gone = room.settle(PEOPLE)
        assert (room.count, json.loads(gone[PLACE]["text"])["people"], room.editing) == (0, [], {})

    def test_a_person_who_is_renamed_is_told_of_again(self) -> None:
        room, renamed = Presence(), {**PEOPLE, USERS[2]: rights("Another name")}
        room.enter(USERS[2], "")
        room.settle(PEOPLE)
        room.settle(PEOPLE)
        assert room.version == 1
        room.settle(renamed)
        message = room.after(1)
        assert message and json.loads(message["text"])["joined"][0]["person"] == "Another name"

    @pytest.mark.parametrize("said", [{}, {"all": ["x"]}, {"joined": ["0" * 32]}, {"all": [1]}, {"all": None}])
    def test_what_makes_no_sense_changes_nothing(self, said: dict[str, Any]) -> None:
        room = Presence()
        with pytest.raises((KeyError, TypeError, ValueError)):
            room.hear("other", said, 0)
        room.settle(PEOPLE)
        assert room.version == 0
