"""Whatever is named, confirmed, revoked, moved or declared in whatever order: one person at most acts for a seat, and nobody has a right
whom no titular and no coordinator has confirmed. The expectation is worked out anew from what was done, apart from the services.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings import clock
from meetings.access import Role
from meetings.agenda import services as agenda
from meetings.errors import DomainError, NotFound
from meetings.network.models import Membership, User
from meetings.network.selectors import actor_for, today
from meetings.scheduling import absences, delegations, seats, services
from meetings.scheduling import calendar as meeting_calendar
from meetings.scheduling.models import Delegation, DelegationState, Meeting, MeetingState, OutOfOffice, Response
from tests import factories
from tests.factories import COORDINATOR, NOW, Side

PEOPLE = ("ada", "bruno", "carla")
HORIZON = 30  # days that are looked at
STEPS = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(["titular", "deputy", COORDINATOR]), st.sampled_from(PEOPLE), st.integers(0, 2)),
    st.tuples(st.just("period"), st.sampled_from(["titular", "deputy"]), st.sampled_from(PEOPLE), st.integers(0, 20), st.integers(0, 9)),
    st.tuples(st.just("link"), st.sampled_from(PEOPLE), st.integers(0, 2)),
    st.tuples(st.just("confirm"), st.sampled_from(["titular", "deputy", COORDINATOR]), st.integers(0, 9)),
    st.tuples(st.just("revoke"), st.sampled_from(["titular", "deputy", COORDINATOR]), st.integers(0, 9)),
    st.tuples(st.just("answer"), st.sampled_from(["titular", "deputy"]), st.sampled_from(["attending", "regrets"]), st.integers(0, 2)),
    st.tuples(st.just("away"), st.sampled_from(["titular", "deputy"]), st.integers(0, 20), st.integers(0, 9)),
    st.tuples(st.just("back"), st.integers(0, 5)),
    st.tuples(st.just("move"), st.integers(0, 2), st.integers(-3, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 2)),
    st.tuples(st.just("restore"), st.integers(0, 2)),
    st.tuples(st.just("wait"), st.integers(1, 4)),
)


class Play:
    """One seat's story."""

    def __init__(self, side: Side) -> None:
        self.side, self.seat, self.now = side, side.seats[0], NOW
        self.people: dict[str, User] = {"titular": side.representative, COORDINATOR: side.coordinator}
        self.people["deputy"] = factories.add_member(side.network, "Dina Deputy", "representative", municipality=self.seat, order=2)

    def meeting(self, n: int) -> Meeting:
        return factories.fresh(self.side.meetings[n])

    def nth(self, rows: Any, n: int) -> Any:
        found = list(rows)
        return found[n % len(found)] if found else None

    def do(self, step: tuple[Any, ...]) -> None:
        kind, *values = step
        if kind == "wait":
            self.now += timedelta(days=values[0])
            return
        with clock.at(self.now), suppress(DomainError), transaction.atomic():
            getattr(self, kind)(*values)

    def name(self, who: str, whom: str, n: int) -> None:
        delegations.name_delegate(actor=self.actor(who), municipality=self.seat, meeting=self.meeting(n), **_person(whom))

    def period(self, who: str, whom: str, begin: int, length: int) -> None:
        first = NOW.date() + timedelta(days=begin)
        days = {"valid_from": first, "valid_until": first + timedelta(days=length)}
        delegations.name_delegate(actor=self.actor(who), municipality=self.seat, **days, **_person(whom))

    def link(self, whom: str, n: int) -> None:
        services.respond(
            actor=self.actor("titular"),
            meeting=self.meeting(n),
            municipality=self.seat,
            answer="substitute",
            substitute=_person(whom),
            source=Response.Source.MAILED_LINK,
        )

    def confirm(self, who: str, n: int) -> None:
        if row := self.nth(Delegation.objects.order_by("named_at", "id"), n):
            delegations.confirm(actor=self.actor(who), delegation=row)

    def revoke(self, who: str, n: int) -> None:
        if row := self.nth(Delegation.objects.order_by("named_at", "id"), n):
            delegations.revoke(actor=self.actor(who), delegation=row)

    def answer(self, who: str, answer: str, n: int) -> None:
        services.respond(actor=self.actor(who), meeting=self.meeting(n), municipality=self.seat, answer=answer)

    def away(self, who: str, begin: int, length: int) -> None:
        first = NOW.date() + timedelta(days=begin)
        last = first + timedelta(days=length)
        absences.declare_absence(actor=self.actor(who), network=self.side.network, valid_from=first, valid_until=last)

    def back(self, n: int) -> None:
        if row := self.nth(OutOfOffice.objects.order_by("declared_at", "id"), n):
            absences.withdraw_absence(actor=self.actor(COORDINATOR), absence=row)

    def move(self, n: int, days: int) -> None:
        meeting = self.meeting(n)
        later = datetime.fromisoformat(meeting.local_start) + timedelta(days=days)
        values = {"local_start": later.isoformat(timespec="minutes")}
        meeting_calendar.move(actor=self.actor(COORDINATOR), meeting=meeting, values=values, reason="So it is")

    def cancel(self, n: int) -> None:
        agenda.cancel_meeting(actor=self.actor(COORDINATOR), meeting=self.meeting(n), reason="So it is")

    def restore(self, n: int) -> None:
        agenda.restore_meeting(actor=self.actor(COORDINATOR), meeting=self.meeting(n))

    def actor(self, who: str) -> Any:
        return self.side.actor(self.people[who])

    # --- what must hold ---

    def check(self) -> None:
        with clock.at(self.now):
            self.rights_are_just_those_confirmed()
            for n in range(3):
                self.one_acts(self.meeting(n))

    def rights_are_just_those_confirmed(self) -> None:
        first = today(self.side.network)
        for whom in PEOPLE:
            user = User.objects.filter(email=_person(whom)["email"]).first()
            given = self.confirmed_days(whom)
            assert user is not None or not given
            if user is None:
                continue
            rows = list(Membership.objects.filter(user=user, role=Role.REPRESENTATIVE).values_list("valid_from", "valid_until"))
            for day in (first + timedelta(days=n) for n in range(HORIZON)):
                assert sum(begin <= day <= end for begin, end in rows) == (day in given), (whom, day)
            assert (self.seat.pk in _seats(user, self.side)) == (first in given)

    def confirmed_days(self, whom: str) -> set[date]:
        rows = Delegation.objects.filter(email=_person(whom)["email"], state=DelegationState.CONFIRMED).select_related("meeting")
        held = [row for row in rows if row.meeting is None or row.meeting.state != MeetingState.CANCELLED]
        for row in held:
            assert row.confirmed_by_id in (self.people["titular"].pk, self.people[COORDINATOR].pk)
            if row.meeting:
                assert row.valid_from == row.meeting.local.date()
        return {row.valid_from + timedelta(days=n) for row in held for n in range((row.valid_until - row.valid_from).days + 1)}

    def one_acts(self, meeting: Meeting) -> None:
        acting = seats.acting_for(meeting).get(self.seat.pk)
        if acting is None:
            return
        day = meeting.local.date()
        assert acting.user_id not in seats.absent_on(self.side.network.pk, day)
        own = {self.people["titular"].pk, self.people["deputy"].pk}
        confirmed = {row.user_id for row in Delegation.objects.filter(state=DelegationState.CONFIRMED)}
        assert acting.user_id in own | confirmed
        assert Delegation.objects.filter(meeting=meeting, municipality=self.seat, state__in=["announced", "confirmed"]).count() <= 1


def _person(name: str) -> dict[str, str]:
    return {"name": name.title(), "email": f"{name}@example.org", "office": "clerk"}


def _seats(user: User, side: Side) -> Any:
    try:
        return actor_for(user, side.network).seats
    except NotFound:
        return frozenset()


@pytest.mark.one_database
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=14))
def test_one_person_acts_and_nobody_unconfirmed_has_a_right(transaction_undone: Any, steps: list[tuple[Any, ...]]) -> None:
    with transaction_undone() as side:
        play = Play(side)
        for step in steps:
            play.do(step)
            play.check()
        with clock.at(play.now):
            delegations.end_delegations()
            absences.answer_for_the_absent()
            assert absences.answer_for_the_absent() == delegations.end_delegations() == 0
        play.check()


@pytest.fixture
def transaction_undone(side: Side) -> Any:
    """The same beginning for every example."""

    @contextmanager
    def undone() -> Iterator[Side]:
        with transaction.atomic():
            yield side
            transaction.set_rollback(True)

    return undone
