"""Every kind of person at the socket's door: who gets in, and what never reaches whom."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.realtime import access
from api.realtime.tickets import credential_of
from meetings import clock
from meetings.access import Actor, Grant, Role
from meetings.events.models import Audience
from meetings.minutes import services as minutes
from meetings.network import people
from meetings.network.models import AccessToken, Membership, Municipality, User
from meetings.network.selectors import actor_for, memberships
from tests import factories
from tests.realtime.conftest import Server, closing, frame, in_thread, run, silent, ticket_for
from tests.realtime.test_socket import CANARY, join, last, say

STAFF, MEMBERS = ("chair", "coordinator"), ("representative", "other_representative", "spokesperson", "observer", "auditor")


def forged(user: User, side: factories.Side, *grants: Grant) -> str:
    """A ticket as if we had signed one for somebody who has no part in the network."""
    from api.realtime import tickets  # noqa: PLC0415

    return tickets.issue(user=user, actor=Actor(side.network.pk, user.pk, grants=grants), meeting=side.meeting)


class TestWhoWatches:
    def test_what_is_for_the_staff_reaches_no_member(self, server: Server, now: None, transactional_db: None) -> None:
        side = factories.make_side("home")
        meeting = factories.in_session(side)
        before = last(meeting)
        joining = {role: ticket_for(getattr(side, role), meeting) for role in (*STAFF, *MEMBERS)}

        def write() -> list[int]:
            with clock.at(factories.NOW):
                minutes.write_note(actor=side.actor(side.chair), item=factories.items(meeting)[0], text=CANARY)
            return [*say(meeting, text=CANARY, audience=Audience.STAFF), *say(meeting, text=CANARY, audience=Audience.AUDIT), *say(meeting)]

        async def everything(role: str, after: int | None, all_in: asyncio.Barrier) -> str:
            """All that the socket is sent until the event for all."""
            async with server.watch(meeting.pk, joining[role], after=after) as socket:
                heard = [await frame(socket)]
                await all_in.wait()
                while heard[-1].get("object") is None or heard[-1]["object"].get("text") != "":
                    heard.append(await frame(socket))
                return json.dumps(heard)

        async def scenario() -> None:
            all_in = asyncio.Barrier(2 * len(joining) + 1)
            watching = {(role, after): asyncio.create_task(everything(role, after, all_in)) for role in joining for after in (before, None)}
            await all_in.wait()
            await in_thread(write)
            for (role, _after), task in watching.items():
                assert (CANARY in await task) == (role in STAFF), role
            for role, ticket in joining.items():
                async with server.watch(meeting.pk, ticket) as socket:
                    assert (CANARY in json.dumps(await join(socket))) == (role in STAFF), role
                async with server.watch(meeting.pk, ticket, after=before) as socket:
                    replayed = [await frame(socket) for _n in range(4 if role in STAFF else 2)]
                    assert (CANARY in json.dumps(replayed)) == (role in STAFF), role

        run(scenario())

    def test_who_has_no_part_in_the_network_is_sent_away(self, server: Server, side: factories.Side) -> None:
        away = factories.make_side("away", seats=3)
        nobody = factories.make_user("Nina Nobody")
        removed, disabled = ticket_for(side.spokesperson, side.meeting), ticket_for(side.other_representative, side.meeting)
        Membership.objects.filter(user=side.spokesperson).update(valid_until=factories.NOW.date() - timedelta(days=9))
        User.objects.filter(pk=side.other_representative.pk).update(is_active=False)
        sent_away = {
            "another network's coordinator": (forged(away.coordinator, side, *actor_for(away.coordinator, away.network).grants), 4403),
            "another network's coordinator, as ours": (forged(away.coordinator, side, Grant(Role.COORDINATOR)), 4403),
            "nobody": (forged(nobody, side), 4403),
            "removed": (removed, 4403),
            "disabled": (disabled, 4403),
            "with more than they have": (forged(side.observer, side, Grant(Role.CHAIR)), 4401),
            "of another meeting there": (ticket_for(away.coordinator, away.meeting), 4404),
        }

        async def scenario() -> None:
            for who, (ticket, code) in sent_away.items():
                async with server.watch(side.meeting.pk, ticket) as socket:
                    assert (await closing(socket))[0] == code, who

        run(scenario())

    def test_a_seat_that_another_has_merged_into_gets_in(self, server: Server, side: factories.Side) -> None:
        """What a merger passes on is in what the person may do, and no reason to ask for another ticket for ever."""
        Municipality.objects.filter(pk=side.seats[1].pk).update(merged_into=side.seats[0], valid_until=factories.NOW.date())
        assert any(grant.inherited for grant in actor_for(side.representative, side.network).grants)
        ticket = ticket_for(side.representative, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)

        run(scenario())

    def test_how_each_is_named(self, side: factories.Side) -> None:
        found = access.load([side.network.pk], (), access.SignIns()).networks[side.network.pk]
        assert len(found) == len(set(memberships(side.network).values_list("user", flat=True)))
        assert {user for user, rights in found.items() if not rights.is_named} == {side.observer.pk, side.auditor.pk}
        rita = found[side.representative.pk]
        assert (rita.person, rita.municipality, rita.municipality_name) == (side.representative.name, side.seats[0].pk, side.seats[0].name)


class TestALateHub:
    def test_it_says_when_to_come_back_and_then_lets_in(
        self, server: Server, side: factories.Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.realtime.hub.LONGEST_JOIN", 0.2)
        load: Callable[..., Any] = access.load

        def slowly(*asked: Any) -> Any:
            time.sleep(0.5)
            return load(*asked)

        monkeypatch.setattr(access, "load", slowly)
        ticket = ticket_for(side.observer, side.meeting)

        async def scenario() -> None:
            async with server.watch(side.meeting.pk, ticket) as socket:
                code, reason = await closing(socket)
                assert code == 1013
                assert 0.5 <= json.loads(reason)["retry_after"] <= 5
            await asyncio.sleep(0.5)
            async with server.watch(side.meeting.pk, ticket) as socket:
                await join(socket)

        run(scenario())


class TestTheSignInsThatAreAskedAbout:
    def test_are_read_by_their_keys_and_no_others(self, db: None) -> None:
        keys = [f"session-{n:04}" for n in range(2000)]
        soon = timezone.now() + timedelta(days=1)
        Session.objects.bulk_create([Session(session_key=key, session_data="", expire_date=soon) for key in keys])
        connected = [credential_of(key, None) for key in keys[:300]]
        sign_ins = access.SignIns()
        assert set(sign_ins.good(connected).values()) == {True}
        Session.objects.filter(session_key__in=keys[:3]).delete()
        Session.objects.filter(session_key=keys[3]).update(expire_date=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            found = sign_ins.good(connected)
        assert [credential for credential, good in found.items() if not good] == connected[:4]
        assert len(asked) == 1 and "IN (" in asked[0]["sql"]
        with CaptureQueriesContext(connection) as asked:
            assert list(sign_ins.good([credential_of(key, None) for key in keys[4:1800]]).values()) == [True] * 1796
        assert len(asked) == 2

    def test_one_that_is_new_is_found_and_an_invented_one_is_not(self, db: None) -> None:
        sign_ins = access.SignIns()
        assert sign_ins.good(["", "session:invented"]) == {"session:invented": False}
        Session.objects.create(session_key="later", session_data="", expire_date=timezone.now() + timedelta(days=1))
        assert sign_ins.good([credential_of("later", None)]) == {credential_of("later", None): True}

    def test_tokens_are_asked_for_by_their_ids(self, side: factories.Side) -> None:
        live, revoked, other = (people.create_token(user=side.representative, days=90)[0] for _n in range(3))
        people.revoke_token(user=side.representative, token=revoked)
        AccessToken.objects.filter(pk__in=[live.pk, other.pk]).update(expires_at=timezone.now() + timedelta(days=1))
        wanted = [credential_of(None, live), credential_of(None, revoked)]
        with CaptureQueriesContext(connection) as asked:
            assert access.SignIns().good(wanted) == {wanted[0]: True, wanted[1]: False}
        assert len(asked) == 1 and other.pk.hex not in asked[0]["sql"].replace("-", "")

    def test_each_gets_in_by_a_session_and_is_sent_away_when_it_ends(self, server: Server, side: factories.Side) -> None:
        keys = [f"session-{n}" for n in range(12)]
        soon = timezone.now() + timedelta(days=1)
        Session.objects.bulk_create([Session(session_key=key, session_data="", expire_date=soon) for key in keys])
        with_session = [ticket_for(side.observer, side.meeting, session_key=key) for key in keys]

        async def scenario() -> None:
            async with AsyncExitStack() as stack:
                first = [await stack.enter_async_context(server.watch(side.meeting.pk, ticket)) for ticket in with_session[:4]]
                for socket in first:
                    await join(socket)
                rest = [stack.enter_async_context(server.watch(side.meeting.pk, ticket)) for ticket in with_session[4:]]
                await asyncio.gather(*map(join, await asyncio.gather(*rest)))
                await in_thread(Session.objects.filter(session_key=keys[1]).delete)
                assert (await closing(first[1]))[0] == 4403
                assert await silent(first[0], 1.6)

        run(scenario())
