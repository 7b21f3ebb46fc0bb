"""A person who has left a trace wherever a person can."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from meetings.action_items import services as action_items
from meetings.agenda import services as agenda
from meetings.calendar_feed import services as feeds
from meetings.live import services as live
from meetings.live import speakers
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes
from meetings.network import people
from meetings.network.models import Membership, User
from meetings.notifications.services import Recipient, notify
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, OutOfOffice
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side

ADDRESS = "canary.address@example.org"
NAME = "Càrola Canary"
PHONE = "+39 011 5550123"


@dataclass
class Traced:
    """The titular of `side.seats[0]` under the canary's name, with an approved meeting behind and another one before its minutes."""

    side: Side
    user: User
    meeting: Meeting
    approved: bool


def make_canary(side: Side) -> User:
    """Renames the titular of the first seat, before anything else is done with them."""
    user = side.representatives[0]
    User.objects.filter(pk=user.pk).update(email=ADDRESS)
    user = people.change_profile(user=User.objects.get(pk=user.pk), values={"name": NAME, "phone": PHONE})
    side.representatives[0] = user
    return user


def leave_traces(side: Side) -> Meeting:
    """Lives through a meeting with the canary in every part of it."""
    user = make_canary(side)
    actor, seat = side.actor(user), side.seats[0]
    scheduling.respond(actor=actor, meeting=side.meetings[1], municipality=seat, answer="regrets", reason="Canary reason")
    OutOfOffice.objects.create(
        network=side.network, user=user, valid_from="2026-12-01", valid_until="2026-12-05", note="Canary absence", declared_at=NOW
    )
    factories.draft(side, "Draft", meeting=side.meetings[1], text=f"Write to {ADDRESS} or ring {PHONE}")
    people.create_token(user=user, label="canary")
    feeds.create_feed(actor=actor, network=side.network)
    person = Recipient(address=ADDRESS, name=NAME, language="en", user_id=user.pk)
    office = Recipient(address=side.coordinator.email, name="Office", language="en", user_id=side.coordinator.pk)
    context = {"request": "x", "from": f"{NAME} <{ADDRESS}>"}
    notify("erasure_asked", [person, office], key="canary", network_id=side.network.pk, context=context)
    meeting = factories.in_session(side)
    given = speakers.request(actor=actor, meeting=meeting, municipality=seat)
    speakers.end(actor=side.actor(CHAIR), speaker=speakers.give(actor=side.actor(CHAIR), speaker=given))
    item = factories.items(meeting)[0]
    minutes.write_note(actor=side.actor(CHAIR), item=item, text=f"Ask {ADDRESS}")
    values = {"title": "Write a letter", "person": NAME}
    action_items.create(actor=side.actor(CHAIR), meeting=meeting, values=values, owner=seat, agenda_item=item)
    live.leave(actor=actor, meeting=meeting, municipality=seat)
    meeting = live.close_session(actor=side.actor(CHAIR), meeting=meeting)
    record = Minutes.objects.get(meeting=meeting)
    minutes.edit_minutes(actor=side.actor(COORDINATOR), minutes=record, values={"chaired_by": NAME})
    return factories.fresh(meeting)


@pytest.fixture
def traced(side: Side) -> Traced:
    meeting = leave_traces(side)
    return Traced(side, side.representatives[0], meeting, approved=False)


@pytest.fixture
def signed_in(browser_of: Callable[[User | None], Client]) -> Callable[[User], Client]:
    return browser_of


def membership_of(user: User) -> Membership:
    return Membership.objects.get(user=user)


__all__ = ["ADDRESS", "NAME", "PHONE", "Any", "Traced", "agenda", "leave_traces", "make_canary", "membership_of"]
