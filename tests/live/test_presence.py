"""Leases of presence, one presence a seat, and what any sequence of it all leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings import clock
from meetings.access import Role
from meetings.errors import Conflict, DomainError, NotAllowed
from meetings.events.models import Event
from meetings.live import attendance, presence, selectors, services
from meetings.live.attendance_selectors import attendance_of, rows_of_seat
from meetings.live.models import Attendance
from meetings.live.presence import GRACE, LEASE
from meetings.live.taking_part import require_not_suspended
from meetings.network.models import Membership, User
from meetings.scheduling import delegations
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def substitute(side: Side, *, order: int = 2, seat: int = 0) -> User:
    return factories.add_member(
        side.network, f"Bruno {order}", Role.REPRESENTATIVE, municipality=side.seats[seat], office="councillor", order=order
    )


def join(side: Side, meeting: Meeting, who: User | str | None = None, **more: Any) -> Attendance:
    return presence.join(actor=side.actor(who or side.representative), meeting=meeting, municipality=side.seats[0], **more)


def leave(side: Side, meeting: Meeting, who: User | None = None) -> None:
    presence.leave(actor=side.actor(who or side.representative), meeting=meeting, municipality=side.seats[0])


def prove(meeting: Meeting, *users: User, **more: Any) -> int:
    return presence.prove(meeting.pk, [user.pk for user in users], **more)


def spans(meeting: Meeting, side: Side) -> list[tuple[timedelta, timedelta | None]]:
    """When the first seat was there, counted from the beginning of the test."""
    return [(row.joined_at - NOW, row.left_at and row.left_at - NOW) for row in rows_of_seat(meeting.pk, side.seats[0].pk)]


def events(meeting: Meeting) -> list[str]:
    return list(
        Event.objects.filter(stream__meeting=meeting, type__startswith="attendance.").order_by("sequence").values_list("type", flat=True)
    )


@pytest.fixture
def meeting(side: Side) -> Meeting:
    return factories.agenda_published(side)


# --- leases ---


def test_presence_that_nobody_proves_ends_at_its_last_proof(side: Side, meeting: Meeting) -> None:
    join(side, meeting)
    with clock.at(NOW + 2 * MINUTE):
        assert prove(meeting, side.representative) == 1
    with clock.at(NOW + 2 * MINUTE + LEASE):
        assert presence.end_lapsed() == 0
    with clock.at(NOW + 2 * MINUTE + LEASE + SECOND):
        assert presence.end_lapsed() == 1
        assert presence.end_lapsed() == 0
    assert spans(meeting, side) == [(timedelta(0), 2 * MINUTE)]
    assert selectors.present(meeting) == (0, 0)
    ended = Event.objects.filter(stream__meeting=meeting, type="attendance.left").get()
    assert ended.actor_id is None


def test_who_comes_back_within_the_grace_time_was_never_away(side: Side, meeting: Meeting) -> None:
    for way in (lambda: prove(meeting, side.representative), lambda: join(side, meeting)):
        with clock.at(NOW):
            join(side, meeting)
        with clock.at(NOW + LEASE + SECOND):
            presence.end_lapsed()
        with clock.at(NOW + GRACE):
            way()
            assert selectors.present(meeting).municipalities == 1
            assert spans(meeting, side) == [(timedelta(0), None)]
        Attendance.every.all().delete()
    assert events(meeting) == ["attendance.joined", "attendance.left", "attendance.joined"] * 2


def test_after_the_grace_time_one_comes_in_anew(side: Side, meeting: Meeting) -> None:
    join(side, meeting)
    with clock.at(NOW + GRACE + SECOND):
        assert prove(meeting, side.representative) == 0  # not even when no worker has looked yet
        presence.end_lapsed()
        assert prove(meeting, side.representative) == 0
        join(side, meeting)
    assert spans(meeting, side) == [(timedelta(0), timedelta(0)), (GRACE + SECOND, None)]


def test_who_leaves_on_purpose_has_left(side: Side, meeting: Meeting) -> None:
    """To leave the room for a vote means something: it is not smoothed over."""
    join(side, meeting)
    with clock.at(NOW + MINUTE):
        leave(side, meeting)
        assert prove(meeting, side.representative) == 0
    with clock.at(NOW + 2 * MINUTE):
        join(side, meeting)
    assert spans(meeting, side) == [(timedelta(0), MINUTE), (2 * MINUTE, None)]


def test_a_proof_is_renewed_no_sooner_than_asked_and_tells_nobody(side: Side, meeting: Meeting) -> None:
    join(side, meeting)
    with clock.at(NOW + 20 * SECOND):
        with CaptureQueriesContext(connection) as queries:
            assert prove(meeting, side.representative, every=30 * SECOND) == 0
        assert len(queries) == 1
        assert prove(meeting, side.representative) == 1
    assert prove(meeting, side.other_representative) == 0
    assert events(meeting) == ["attendance.joined"]


def test_only_presence_over_the_web_lapses(side: Side, meeting: Meeting) -> None:
    presence.join(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], source="phone")
    with clock.at(NOW + timedelta(hours=2)):
        assert presence.end_lapsed() == 0
        assert selectors.present(meeting).municipalities == 1


@pytest.mark.parametrize("state", [MeetingState.CLOSED, MeetingState.CANCELLED])
def test_nobody_is_continued_when_there_is_no_session(side: Side, meeting: Meeting, state: str) -> None:
    join(side, meeting)
    with clock.at(NOW + LEASE + SECOND):
        presence.end_lapsed()
        Meeting.objects.filter(pk=meeting.pk).update(state=state)
        assert prove(meeting, side.representative) == 0


def test_nobody_is_continued_who_holds_the_seat_no_longer(side: Side, meeting: Meeting) -> None:
    join(side, meeting)
    with clock.at(NOW + LEASE + SECOND):
        presence.end_lapsed()
        Membership.objects.filter(user=side.representative).update(valid_until=NOW.date() - timedelta(days=1))
        assert prove(meeting, side.representative) == 0


def test_the_close_ends_what_had_lapsed_at_its_last_proof(side: Side) -> None:
    meeting = factories.in_session(side)
    with clock.at(NOW + LEASE):
        prove(meeting, side.other_representative)
    with clock.at(NOW + LEASE + 2 * MINUTE):
        services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    ended = dict(Attendance.objects.filter(municipality__in=side.seats[:2]).values_list("municipality", "left_at"))
    assert ended == {side.seats[0].pk: NOW, side.seats[1].pk: NOW + LEASE + 2 * MINUTE}


# --- one presence a seat ---


def test_a_seat_has_one_presence(side: Side, meeting: Meeting) -> None:
    second = substitute(side)
    join(side, meeting, second)
    with pytest.raises(Conflict) as refused:
        join(side, meeting)
    assert refused.value.code == "seat_taken" and second.name in refused.value.detail
    assert refused.value.current and refused.value.current["person"] == second.name
    with pytest.raises(Conflict):
        leave(side, meeting)
    with clock.at(NOW + MINUTE):
        leave(side, meeting, second)
        join(side, meeting)
    assert [row.person for row in rows_of_seat(meeting.pk, side.seats[0].pk)] == [second.name, side.representative.name]


def test_who_goes_before_may_take_over(side: Side, meeting: Meeting) -> None:
    second, third = substitute(side), substitute(side, order=3)
    order = [third, second, side.representative]
    for n, who in enumerate(order):
        with clock.at(NOW + n * MINUTE):
            join(side, meeting, who, take_over=True)
    assert spans(meeting, side) == [(timedelta(0), MINUTE), (MINUTE, 2 * MINUTE), (2 * MINUTE, None)]
    for who in (second, third):
        with pytest.raises(Conflict):
            join(side, meeting, who, take_over=True)
    assert events(meeting).count("attendance.left") == 2
    assert attendance_of(meeting)[0]["person"] == side.representative.name


def test_a_confirmed_delegate_goes_before_the_other_substitutes_but_not_before_the_titular(side: Side, meeting: Meeting) -> None:
    second = substitute(side)
    named = {"name": "Dina Delegate", "email": "dina@example.org", "office": "councillor"}
    row = delegations.name_delegate(actor=side.actor(COORDINATOR), municipality=side.seats[0], meeting=meeting, **named)
    delegations.confirm(actor=side.actor(COORDINATOR), delegation=row)
    delegate = User.objects.get(email="dina@example.org")
    with clock.at(meeting.starts_at):
        join(side, meeting, second)
        join(side, meeting, delegate, take_over=True)
        with pytest.raises(Conflict):
            join(side, meeting, second, take_over=True)
        join(side, meeting, take_over=True)
        with pytest.raises(Conflict):
            join(side, meeting, delegate, take_over=True)


def test_who_lapsed_keeps_nobody_out_and_does_not_come_back_over_somebody(side: Side, meeting: Meeting) -> None:
    second = substitute(side)
    join(side, meeting)
    with clock.at(NOW + LEASE + SECOND):
        join(side, meeting, second)  # no worker has looked yet
        assert prove(meeting, side.representative) == 0
    assert spans(meeting, side) == [(timedelta(0), timedelta(0)), (LEASE + SECOND, None)]


def test_who_called_by_phone_and_then_comes_in_over_the_web_is_there_over_the_web(side: Side, meeting: Meeting) -> None:
    office = side.actor(COORDINATOR)
    presence.join(actor=office, meeting=meeting, municipality=side.seats[0], source="phone")
    with clock.at(NOW + MINUTE):
        row = join(side, meeting)
        assert (row.source, row.user_id) == ("web", side.representative.pk)
        assert presence.join(actor=office, meeting=meeting, municipality=side.seats[0], source="phone") == row
    assert spans(meeting, side) == [(timedelta(0), MINUTE), (MINUTE, None)]
    assert [one["source"] for one in attendance_of(meeting)[0]["intervals"]] == ["phone", "web"]


def test_the_right_of_the_others_rests_while_one_is_in(side: Side, meeting: Meeting) -> None:
    second, seat = substitute(side), side.seats[0]
    for who in (side.representative, second):
        require_not_suspended(side.actor(who), meeting, seat)
    join(side, meeting, second)
    require_not_suspended(side.actor(second), meeting, seat)
    require_not_suspended(side.actor(COORDINATOR), meeting, seat)
    with pytest.raises(NotAllowed) as refused:
        require_not_suspended(side.actor(side.representative), meeting, seat)
    assert refused.value.code == "suspended" and second.name in refused.value.detail
    with clock.at(NOW + LEASE + SECOND):
        require_not_suspended(side.actor(side.representative), meeting, seat)


# --- whatever happens ---

ACTS = ("join", "join", "take_over", "leave", "prove", "phone", "hang_up", "lapse", "correct", "clear")
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 400)), max_size=14)


@pytest.fixture
def session(side: Side) -> tuple[Meeting, list[User]]:
    """In session, and the three people who may sit in the first seat, in its order."""
    return factories.in_session(side), [side.representative, *(substitute(side, order=order) for order in (2, 3))]


@pytest.mark.one_database
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_happens_a_seat_has_one_open_interval_at_most_and_none_overlap(
    side: Side, session: tuple[Meeting, list[User]], steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        _live_through(side, *session, steps)
        transaction.set_rollback(True)


def _live_through(side: Side, meeting: Meeting, users: list[User], steps: list[tuple[str, int, int]]) -> None:
    at, seat, office = NOW, side.seats[0], side.actor(COORDINATOR)
    for act, who, seconds in steps:
        at += seconds * SECOND
        user = users[who]
        acts: dict[str, Callable[[], object]] = {
            "join": lambda user=user: join(side, meeting, user),
            "take_over": lambda user=user: join(side, meeting, user, take_over=True),
            "leave": lambda user=user: leave(side, meeting, user),
            "prove": lambda user=user: prove(meeting, user),
            "phone": lambda: presence.join(actor=office, meeting=meeting, municipality=seat, source="phone"),
            "hang_up": lambda: presence.leave(actor=office, meeting=meeting, municipality=seat),
            "lapse": presence.end_lapsed,
            "correct": lambda at=at, who=who: _corrected(side, meeting, [{"from": at - (who + 1) * MINUTE, "until": at - who * MINUTE}]),
            "clear": lambda: _corrected(side, meeting, []),
        }
        with clock.at(at):
            try:
                acts[act]()
            except DomainError as refused:
                assert refused.code in ("seat_taken", "invalid"), refused.code
        rows = rows_of_seat(meeting.pk, seat.pk)
        assert sum(row.left_at is None for row in rows) <= 1
        assert all(row.left_at is None or row.joined_at <= row.left_at <= at for row in rows)
        assert all(one.left_at is not None and one.left_at <= other.joined_at for one, other in pairwise(rows))
        [shown] = [one for one in attendance_of(meeting) if one["id"] == seat.pk]
        assert shown["present"] == any(row.left_at is None for row in rows)


def _corrected(side: Side, meeting: Meeting, more: list[dict[str, Any]]) -> object:
    """What is there with something more, or nothing at all."""
    [known] = [one["intervals"] for one in attendance_of(meeting) if one["id"] == side.seats[0].pk]
    intervals = [*known, *more] if more else []
    return attendance.correct(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], intervals=intervals, known=known)
