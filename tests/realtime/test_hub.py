"""The hub under trouble: slow lines, a database that is away, votes that pour in; and its parts by themselves."""

import asyncio
import json
import socket as sockets
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from websockets.asyncio.client import connect

from api.realtime import eager, frames, reads, tickets
from api.realtime.rooms import Tail
from meetings import clock
from meetings.access import Actor, Grant, Role
from meetings.events.models import Audience, Event
from meetings.live import polls
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.conftest import BACKEND
from tests.realtime.conftest import Server, closing, frame, in_thread, run, silent, ticket_for
from tests.realtime.conftest import frames as frames_of
from tests.realtime.test_socket import join, last, say


class TestTrouble:
    def test_a_slow_line_holds_up_nobody_and_gets_a_snapshot_when_it_reads_again(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.realtime.reads.WINDOW", 20)
        monkeypatch.setattr("api.realtime.reads.BATCH", 20)
        before = last(side.meeting)
        slow_ticket, ticket = ticket_for(side.observer, side.meeting), ticket_for(side.chair, side.meeting)

        async def scenario() -> None:
            narrow = sockets.socket()
            narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 32_768)
            narrow.connect(("127.0.0.1", server.port))
            url = f"ws://127.0.0.1:{server.port}/ws/v1/meetings/{side.meeting.pk}/?ticket={slow_ticket}&after={before}"
            origin = {"Origin": f"http://127.0.0.1:{server.port}"}
            async with (
                connect(url, sock=narrow, additional_headers=origin, compression=None, max_queue=1, ping_interval=None) as slow,
                server.watch(side.meeting.pk, ticket, after=before) as quick,
            ):
                await frame(slow)
                await frame(quick)
                written = await in_thread(say, side.meeting, 200, text="x" * 50_000)
                assert [f["sequence"] for f in await frames_of(quick, 200)] == written
                seen, snapshots = before, 0
                while seen < written[-1]:
                    got = await frame(slow)
                    snapshots += got["type"] == "snapshot"
                    assert got["type"] == "snapshot" or got["previous"] == seen
                    seen = got["sequence"]
                assert snapshots == 1
                [written_last] = await in_thread(say, side.meeting)
                assert (await frame(slow))["sequence"] == written_last

        run(scenario())

    def test_a_database_that_is_away_costs_time_and_no_event(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket, before, read, failures = ticket_for(side.observer, side.meeting), last(side.meeting), reads.events_after, iter("xxx")

        def failing(stream_id: UUID, sequence: int) -> list[Event]:
            if next(failures, ""):
                raise OperationalError("away")
            return read(stream_id, sequence)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=before) as socket:
                await frame(socket)
                monkeypatch.setattr("api.realtime.reads.events_after", failing)
                written = await in_thread(say, side.meeting, 3)
                assert [f["sequence"] for f in await frames_of(socket, 3)] == written

        run(scenario())

    def test_a_snapshot_that_cannot_be_read_asks_to_try_again(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*args: Any) -> frames.Message:
            raise OperationalError("away")

        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            with monkeypatch.context() as patch:
                patch.setattr("api.realtime.reads.snapshot", failing)
                async with server.watch(side.meeting.pk, ticket) as socket:
                    assert (await closing(socket))[0] == 1013
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)

        run(scenario())

    def test_a_join_while_the_database_is_away_asks_to_try_again(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(*args: Any) -> None:
            raise OperationalError("away")

        monkeypatch.setattr("api.realtime.access.load", failing)
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                assert (await closing(socket))[0] == 1013

        run(scenario())

    def test_the_rights_and_the_room_are_read_once_for_all_who_join(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[str] = []

        def counting(name: str) -> None:
            real = getattr(reads, name)

            def read(*args: Any) -> Any:
                counted.append(name)
                return real(*args)

            monkeypatch.setattr(reads, name, read)

        counting("beginning")
        counting("snapshot")
        some = [ticket_for(side.observer, side.meeting) for _n in range(30)]

        async def one(ticket: str) -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)

        async def scenario() -> None:
            await asyncio.gather(*map(one, some))

        run(scenario())
        assert sorted(counted) == ["beginning", "snapshot"]


class TestTallies:
    def test_votes_are_counted_and_never_shown_one_by_one(self, server: Server, now: None, transactional_db: None) -> None:
        side = factories.make_side("home")
        meeting = factories.in_session(side)
        poll = factories.open_poll(side, meeting)
        ticket, before = ticket_for(side.chair, meeting), last(meeting)

        def vote(seat: int) -> None:
            with clock.at(factories.NOW):
                polls.vote(actor=side.actor(side.representatives[seat]), poll=poll, municipality=side.seats[seat], choice="yes")

        def close() -> None:
            with clock.at(factories.NOW):
                polls.close(actor=side.actor(side.chair), poll=poll)

        async def scenario() -> None:
            async with server.watch(meeting.pk, ticket, after=before) as socket:
                assert [f["type"] for f in await frames_of(socket, 2)] == ["hello", "tally"]
                started = time.monotonic()
                tallies: list[dict[str, Any]] = []
                for seat in range(8):
                    await in_thread(vote, seat)
                while not tallies or tallies[-1]["tally"][0]["municipalities"] < 8:
                    tallies.append(await frame(socket))
                assert len(tallies) <= 2 + (time.monotonic() - started) * 4
                assert {f["type"] for f in tallies} == {"tally"}
                assert set(tallies[-1]) == {"type", "poll", "tally"}
                assert tallies[-1]["poll"] == str(poll.pk)
                assert tallies[-1]["tally"][0] == {"choice": "yes", "municipalities": 8, "population": 36_000}
                async with server.watch(meeting.pk, ticket) as late:
                    await join(late)
                    assert await frame(late) == tallies[-1]
                await in_thread(close)
                event = await frame(socket)
                assert (event["type"], event["previous"]) == ("poll.closed", before)
                assert await silent(socket, 0.6)
            async with server.watch(meeting.pk, ticket) as late:
                await join(late)
                assert await silent(late, 0.3)

        run(scenario())


class TestTickets:
    def test_the_browsers_way_in(self, server: Server, side: factories.Side) -> None:
        """A ticket asked for over HTTP with a session lets in, until the person signs out."""
        browser = Client()
        browser.force_login(side.representative, backend=BACKEND)
        answer = browser.post(f"/api/v1/meetings/{side.meeting.pk}/live-ticket/")
        assert answer.status_code in (200, 201)
        ticket = answer.json()["ticket"]

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)
                await in_thread(browser.logout)
                assert (await closing(socket))[0] == 4403
            async with server.watch(side.meeting.pk, ticket) as socket:
                assert (await closing(socket))[0] == 4403

        run(scenario())

    def test_what_it_says(self) -> None:
        user, meeting = User(pk=uuid4()), Meeting(pk=uuid4(), network_id=uuid4())
        grants = [Grant(Role.REPRESENTATIVE, uuid4()), Grant(Role.CHAIR)]
        issued = tickets.issue(user=user, actor=Actor(meeting.network_id, user.pk, grants=grants), meeting=meeting, session_key="the key")
        found = tickets.read(issued)
        assert (found.user, found.network, found.meeting) == (user.pk, meeting.network_id, meeting.pk)
        assert found.roles == tickets.roles_digest(reversed(grants)) != tickets.roles_digest(grants[:1])
        assert found.credential == f"session:{tickets.session_digest('the key')}"
        assert "the key" not in found.credential


def event(sequence: int, payload: str = "{}") -> Event:
    return Event(type="note.written", sequence=sequence, payload=payload, at=datetime(2026, 11, 26, 9, tzinfo=UTC), audience=Audience.STAFF)


class TestParts:
    def test_a_frame(self) -> None:
        text = frames.event(event(7, '{"id":"x","text":"è"}'), 5)["text"]
        assert json.loads(text) == {
            "type": "note.written",
            "sequence": 7,
            "previous": 5,
            "at": "2026-11-26T09:00:00Z",
            "actor": None,
            "object": {"id": "x", "text": "è"},
        }

    def test_a_redacted_event_has_no_object(self) -> None:
        assert json.loads(frames.event(event(7, ""), 5)["text"])["object"] is None

    def test_a_tail_forgets_the_oldest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.realtime.reads.WINDOW", 3)
        tail = Tail(10)
        for sequence in range(11, 17):
            tail.add(event(sequence))
        assert (tail.since, tail.last) == (13, 16)
        assert not tail.holds(12) and not tail.holds(None) and tail.holds(13)
        following = tail.after(13)
        assert following is not None and following[0] == 14
        assert tail.after(16) is None

    def test_an_eager_start_runs_to_the_first_wait_and_finishes_later(self) -> None:
        done: list[str] = []

        async def work(name: str, gate: asyncio.Event | None) -> None:
            done.append(f"{name} began")
            if gate:
                await gate.wait()
                await asyncio.sleep(0)
            done.append(f"{name} ended")

        async def scenario() -> None:
            gate = asyncio.Event()
            eager.start(work("slow", gate))
            eager.start(work("quick", None))
            assert done == ["slow began", "quick began", "quick ended"]
            gate.set()
            await asyncio.sleep(0.01)
            assert done[-1] == "slow ended"

        run(scenario())

    def test_an_eager_start_passes_a_cancellation_on(self) -> None:
        seen: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                seen.append("cancelled")

        async def scenario() -> None:
            eager.start(work())
            [task] = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.sleep(0.01)
            assert seen == ["cancelled"]

        run(scenario())
