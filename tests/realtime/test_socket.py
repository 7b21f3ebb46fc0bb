"""The push-only websocket over real sockets: who gets in, what they are sent, and when they are sent away."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from meetings import clock
from meetings.events.models import Audience, Event
from meetings.events.services import record
from meetings.events.types import MeetingChanged
from meetings.network import services as network_services
from meetings.network.models import Membership
from meetings.network.selectors import actor_for, system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from tests import factories
from tests.conftest import BACKEND
from tests.realtime.conftest import Server, closing, frame, frames, in_thread, run, silent, start_server, ticket_for

CANARY = "Canary for the staff alone"


def say(meeting: Meeting, count: int = 1, *, audience: Audience = Audience.MEMBERS, text: str = "") -> list[int]:
    """Writes that many events; gives their sequences."""
    actor = system_actor(meeting.network_id)
    return [
        record(actor, MeetingChanged({"id": meeting.pk, "n": n, "text": text}), meeting_id=meeting.pk, audience=audience).sequence
        for n in range(count)
    ]


def last(meeting: Meeting) -> int:
    return factories.fresh(meeting).stream.last_sequence


def last_for(meeting: Meeting, *audiences: Audience) -> int:
    found = Event.objects.filter(stream__meeting=meeting, audience__in=audiences).order_by("sequence").last()
    assert found is not None
    return found.sequence


async def join(socket: ClientConnection) -> tuple[dict[str, Any], dict[str, Any]]:
    hello, snapshot = await frames(socket, 2)
    assert (hello["type"], snapshot["type"]) == ("hello", "snapshot")
    return hello, snapshot


class TestWhatIsSent:
    def test_hello_and_snapshot(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.representative, side.meeting)
        sequence = last_for(side.meeting, Audience.MEMBERS)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                hello, snapshot = await join(socket)
                assert hello == {"type": "hello", "sequence": sequence, "heartbeat": 20}
                assert snapshot["sequence"] == sequence
                assert snapshot["state"]["meeting"][0]["id"] == str(side.meeting.pk)
                assert [item["position"] for item in snapshot["state"]["agenda_item"]] == [1, 2, 3]

        run(scenario())

    def test_replay_after_n_in_order(self, server: Server, side: factories.Side) -> None:
        ticket, start = ticket_for(side.chair, side.meeting), last(side.meeting)
        first = say(side.meeting, 5)
        audited = say(side.meeting, 1, audience=Audience.AUDIT)
        second = say(side.meeting, 2, audience=Audience.STAFF)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=first[1]) as socket:
                hello = await frame(socket)
                assert (hello["type"], hello["sequence"]) == ("hello", second[-1])
                got = await frames(socket, 5)
                assert [f["sequence"] for f in got] == [*first[2:], *second]
                assert [f["previous"] for f in got] == [first[1], *first[2:], second[0]]
                assert audited[0] not in [f["sequence"] for f in got]
                assert await silent(socket, 0.3)

        run(scenario())
        assert start < first[0]

    def test_a_sequence_that_makes_no_sense_gives_a_snapshot(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            for after in ("999999", "x", "-1", "", "9" * 30):
                async with server.watch(side.meeting.pk, ticket, after=after) as socket:
                    await join(socket)

        run(scenario())

    def test_too_old_a_sequence_gives_a_snapshot(self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.realtime.reads.WINDOW", 5)
        ticket = ticket_for(side.observer, side.meeting)
        sequences = say(side.meeting, 8)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=sequences[0]) as socket:
                _hello, snapshot = await join(socket)
                assert snapshot["sequence"] == sequences[-1]
                written: list[int] = []
                for _time in range(5):  # a few at a time: whoever falls behind by more than the window is given a snapshot again
                    written += await in_thread(say, side.meeting, 4)
                    assert [f["sequence"] for f in await frames(socket, 4)] == written[-4:]
            async with server.watch(side.meeting.pk, ticket, after=written[0]) as socket:
                await join(socket)

        run(scenario())

    def test_a_member_of_a_meeting_whose_last_events_are_all_for_the_staff(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.realtime.reads.WINDOW", 5)
        ticket, seen = ticket_for(side.observer, side.meeting), last_for(side.meeting, Audience.MEMBERS)
        say(side.meeting, 8, audience=Audience.STAFF)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                _hello, snapshot = await join(socket)
                assert snapshot["sequence"] == seen
                [written] = await in_thread(say, side.meeting)
                event = await frame(socket)
                assert (event["sequence"], event["previous"]) == (written, seen)

        run(scenario())

    def test_a_live_event_within_a_second(self, server: Server, side: factories.Side) -> None:
        ticket, before = ticket_for(side.representative, side.meeting), last_for(side.meeting, Audience.MEMBERS)
        actor = side.actor(side.coordinator)

        def write() -> None:
            with clock.at(factories.NOW):
                scheduling.change_meeting(actor=actor, meeting=side.meeting, values={"title": "Another title"})

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=before) as socket:
                await frame(socket)
                await in_thread(write)
                event = await frame(socket, 1)
                assert event["type"] == "meeting.changed"
                assert (event["sequence"], event["previous"]) == (before + 1, before)
                assert event["actor"] == str(side.coordinator.pk)
                assert event["at"] == "2026-11-20T08:00:00Z"
                assert event["object"]["title"] == "Another title"

        run(scenario())

    def test_members_are_not_sent_what_is_for_the_staff(self, server: Server, side: factories.Side) -> None:
        meeting = side.meetings[1]
        member, chair = ticket_for(side.representative, meeting), ticket_for(side.chair, meeting)
        before = last(meeting)

        def write() -> None:
            say(meeting, 1, audience=Audience.STAFF, text=CANARY)
            say(meeting, 1, audience=Audience.AUDIT, text=CANARY)
            with clock.at(meeting.intake_opens_at + timedelta(hours=1)):
                factories.proposal(side, CANARY, seat=3, meeting=meeting)
            say(meeting, 1, text="for all")

        async def scenario() -> None:
            async with server.watch(meeting.pk, member, after=before) as one, server.watch(meeting.pk, chair, after=before) as other:
                await frame(one)
                await frame(other)
                await in_thread(write)
                to_member, to_chair = await frame(one), await frames(other, 3)
                assert (to_member["object"]["text"], to_member["previous"]) == ("for all", before)
                assert [f["type"] for f in to_chair] == ["meeting.changed", "agenda_item.proposed", "meeting.changed"]
                assert [f["previous"] for f in to_chair] == [before, before + 1, before + 3]
                assert await silent(one, 0.3) and await silent(other, 0.3)
            async with server.watch(meeting.pk, member) as one, server.watch(meeting.pk, chair) as other:
                assert CANARY not in json.dumps(await join(one))
                assert CANARY in json.dumps(await join(other))
            async with server.watch(meeting.pk, member, after=before) as one:
                assert CANARY not in json.dumps(await frames(one, 2))

        run(scenario())

    def test_a_write_that_is_rolled_back_sends_nothing(self, server: Server, side: factories.Side) -> None:
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)

        def fail() -> None:
            with transaction.atomic():
                say(side.meeting, 3, text=CANARY)
                transaction.set_rollback(True)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=before) as socket:
                await frame(socket)
                await in_thread(fail)
                assert await silent(socket, 2.2)
                [written] = await in_thread(say, side.meeting)
                assert (await frame(socket))["sequence"] == written == before + 1

        run(scenario())

    def test_what_another_process_wrote_is_found(self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("meetings.events.listeners.nudge", lambda stream_id, sequence: None)
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket, after=before) as socket:
                await frame(socket)
                written = await in_thread(say, side.meeting, 3)
                assert [f["sequence"] for f in await frames(socket, 3, 2.5)] == written

        run(scenario())

    def test_fifty_sockets_get_two_hundred_events_in_order_while_they_join(self, server: Server, side: factories.Side) -> None:
        before, audiences = last(side.meeting), [side.observer, side.chair]
        tickets = [ticket_for(user, side.meeting) for user in audiences]

        async def one(n: int) -> None:
            await asyncio.sleep(n * 0.01)
            async with server.watch(side.meeting.pk, tickets[n % 2], after=before if n % 3 else None) as socket:
                known = (await frame(socket))["sequence"]
                seen = before
                while seen < before + 200:
                    got = await frame(socket, 20)
                    if got["type"] == "snapshot":
                        assert before <= got["sequence"] <= known
                    else:
                        assert got["previous"] == seen < got["sequence"]
                    seen = got["sequence"]
                assert seen == before + 200

        async def scenario() -> None:
            writing = asyncio.create_task(in_thread(say, side.meeting, 200))
            await asyncio.gather(*(one(n) for n in range(50)))
            await writing

        run(scenario())

    def test_a_heartbeat_is_answered(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)
                await socket.send('{"type":"heartbeat"}')
                assert await frame(socket) == {"type": "heartbeat"}

        run(scenario())


class TestWhoGetsIn:
    def test_other_pages_are_refused(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            for origin in ("https://evil.example", "null", None, "http://127.0.0.1:1", "file://", "http://[", "http://127.0.0.1/x"):
                with pytest.raises(InvalidStatus) as refused:
                    async with server.watch(side.meeting.pk, ticket, origin=origin):
                        pass
                assert refused.value.response.status_code == 403

        run(scenario())

    def refusal(self, server: Server, meeting_id: Any, ticket: str | None) -> int:
        found = 0

        async def scenario() -> None:
            nonlocal found
            async with server.watch(meeting_id, ticket) as socket:
                found, _reason = await closing(socket)

        run(scenario())
        return found

    def test_without_a_ticket(self, server: Server, side: factories.Side) -> None:
        for ticket in (None, "", "nonsense", "a:b:c", "%00", "x" * 3000):
            assert self.refusal(server, side.meeting.pk, ticket) == 4401

    def test_with_a_forged_ticket(self, server: Server, side: factories.Side) -> None:
        good = ticket_for(side.observer, side.meeting)
        assert self.refusal(server, side.meeting.pk, good[:-2] + ("AA" if good[-2:] != "AA" else "BB")) == 4401

    def test_with_an_expired_ticket(self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
        then = time.time() - 61
        with monkeypatch.context() as patch:
            patch.setattr("django.core.signing.time.time", lambda: then)
            ticket = ticket_for(side.observer, side.meeting)
        assert self.refusal(server, side.meeting.pk, ticket) == 4401

    def test_with_another_meetings_ticket(self, server: Server, side: factories.Side) -> None:
        assert self.refusal(server, side.meeting.pk, ticket_for(side.observer, side.meetings[1])) == 4401

    def test_another_networks_meeting_and_none_look_the_same(self, server: Server, side: factories.Side) -> None:
        away = factories.make_side("away", seats=3)
        ticket = ticket_for(side.coordinator, side.meeting)
        assert self.refusal(server, away.meeting.pk, ticket) == 4404
        assert self.refusal(server, "00000000-0000-4000-8000-000000000000", ticket) == 4404
        assert self.refusal(server, "not-a-meeting", ticket) == 4404

    def test_a_ticket_of_someone_removed_since(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)
        Membership.objects.filter(user=side.observer).delete()
        assert self.refusal(server, side.meeting.pk, ticket) == 4403

    def test_a_ticket_of_someone_whose_roles_changed(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.chair, side.meeting)
        Membership.objects.filter(user=side.chair).update(role="observer")
        assert self.refusal(server, side.meeting.pk, ticket) == 4401

    def test_a_ticket_of_a_session_that_has_ended(self, server: Server, side: factories.Side) -> None:
        assert self.refusal(server, side.meeting.pk, ticket_for(side.observer, side.meeting, session_key="gone")) == 4403


class TestWhoIsSentAway:
    def test_a_client_that_talks(self, server: Server, side: factories.Side) -> None:
        ticket, beat = ticket_for(side.observer, side.meeting), '{"type":"heartbeat"}'
        said: list[str | bytes] = [
            "{}",
            "hello",
            b"{}",
            '{"type":"vote"}',
            '{"type":"heartbeat","x":1}',
            "[" * 1000,
            beat + " " * 99,
            beat.encode(),
        ]

        async def scenario() -> None:
            for message in said:
                async with server.watch(side.meeting.pk, ticket) as socket:
                    await join(socket)
                    await socket.send(message)
                    assert (await closing(socket))[0] == 4400

        run(scenario())

    def test_a_client_that_beats_all_the_time(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)
                for _n in range(11):
                    await socket.send('{"type":"heartbeat"}')
                assert (await closing(socket))[0] == 4400

        run(scenario())

    def test_an_oversized_frame(self, server: Server, side: factories.Side) -> None:
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)
                await socket.send("x" * 100_000)
                assert (await closing(socket))[0] == 1009

        run(scenario())

    def ended_by(self, server: Server, side: factories.Side, user: Any, end: Any, **credential: Any) -> int:
        """The code a watching socket is closed with, within 2 s of `end()`; another person's stays open."""
        ticket, other = ticket_for(user, side.meeting, **credential), ticket_for(side.coordinator, side.meeting)
        code = 0

        async def scenario() -> None:
            nonlocal code
            async with server.watch(side.meeting.pk, ticket) as socket, server.watch(side.meeting.pk, other) as stays:
                await join(socket)
                await join(stays)
                await in_thread(end)
                started = time.monotonic()
                code, _reason = await closing(socket)
                assert time.monotonic() - started <= 2
                [written] = await in_thread(say, side.meeting)
                while (await frame(stays)).get("sequence") != written:
                    pass

        run(scenario())
        return code

    def test_membership_ended(self, server: Server, side: factories.Side) -> None:
        membership = Membership.objects.get(user=side.observer)
        yesterday = timezone.localdate() - timedelta(days=1)

        def end() -> None:
            Membership.objects.filter(pk=membership.pk).update(valid_until=yesterday)

        assert self.ended_by(server, side, side.observer, end) == 4403

    def test_person_disabled(self, server: Server, side: factories.Side) -> None:
        def end() -> None:
            side.observer.is_active = False
            side.observer.save()

        assert self.ended_by(server, side, side.observer, end) == 4403

    def test_roles_changed_asks_for_another_ticket(self, server: Server, side: factories.Side) -> None:
        def change() -> None:
            actor = actor_for(side.coordinator, side.network)
            network_services.add_membership(actor=actor, network=side.network, user=side.observer, role="auditor")

        assert self.ended_by(server, side, side.observer, change) == 4401

    def test_signed_out(self, server: Server, side: factories.Side) -> None:
        browser = Client()
        browser.force_login(side.observer, backend=BACKEND)
        key = browser.session.session_key
        assert self.ended_by(server, side, side.observer, browser.logout, session_key=key) == 4403

    def test_token_revoked(self, server: Server, side: factories.Side) -> None:
        from meetings.network.models import AccessToken  # noqa: PLC0415

        token = AccessToken.objects.create(
            user=side.observer, digest="d" * 64, created_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1)
        )

        def end() -> None:
            AccessToken.objects.update(revoked_at=timezone.now())

        assert self.ended_by(server, side, side.observer, end, token=token) == 4403

    def test_a_server_that_stops_says_when_to_come_back(self, side: factories.Side) -> None:
        server = start_server()
        tickets = [ticket_for(side.observer, side.meeting) for _n in range(5)]

        async def one(ticket: str) -> float:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)
                code, reason = await closing(socket)
                assert code == 1012
                return float(json.loads(reason)["retry_after"])

        async def scenario() -> None:
            watching = [asyncio.create_task(one(ticket)) for ticket in tickets]
            await asyncio.sleep(0.5)
            started = time.monotonic()
            await asyncio.to_thread(server.stop)
            assert time.monotonic() - started < 3
            waits = await asyncio.gather(*watching)
            assert all(0.5 <= wait <= 5 for wait in waits)
            assert len(set(waits)) > 1

        run(scenario())
