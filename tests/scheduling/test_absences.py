"""Out of office: what is answered by itself, when it is taken back, and what never leaves the coordinators."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network.models import Membership, User
from meetings.scheduling import absences, delegations, seats, selectors, services
from meetings.scheduling.models import Meeting, OutOfOffice, Response
from tests import factories
from tests.factories import COORDINATOR, NOW, Side

FIRST, LAST = date(2026, 11, 23), date(2026, 12, 4)
"""Two meetings lie within: 26 November and 3 December."""


def deputy(side: Side, order: int = 2) -> User:
    return factories.add_member(
        side.network, f"Dina Deputy {order}", "representative", municipality=side.seats[0], office="deputy_mayor", order=order
    )


def away(side: Side, who: User | None = None, **values: Any) -> OutOfOffice:
    actor = side.actor(who or side.representative)
    return absences.declare_absence(
        actor=actor, network=side.network, **{"valid_from": FIRST, "valid_until": LAST, "note": "a secret journey", **values}
    )


def answers(side: Side) -> list[tuple[str, str, str]]:
    """(date, answer, substitute) of seat 0."""
    rows = Response.objects.filter(municipality=side.seats[0]).select_related("meeting").order_by("meeting__starts_at")
    return [(row.meeting.local_start[:10], row.answer, row.substitute_name) for row in rows]


def respond(side: Side, actor: Actor, **values: Any) -> Response:
    return services.respond(actor=actor, meeting=side.meeting, municipality=side.seats[0], **values)


def test_the_next_in_order_becomes_the_substitute(side: Side) -> None:
    deputy(side, 3), deputy(side, 2)
    away(side)

    assert answers(side) == [("2026-11-26", "substitute", "Dina Deputy 2"), ("2026-12-03", "substitute", "Dina Deputy 2")]
    assert {row.source for row in Response.objects.all()} == {"absence"}


def test_nobody_left_sends_regrets_with_the_note_as_reason(side: Side) -> None:
    away(side)

    assert answers(side) == [("2026-11-26", "regrets", ""), ("2026-12-03", "regrets", "")]
    assert {row.reason for row in Response.objects.all()} == {"a secret journey"}


def test_the_note_stands_in_no_event(side: Side) -> None:
    absence = away(side)
    absences.withdraw_absence(actor=side.actor(side.representative), absence=absence)

    assert Event.objects.filter(type__startswith="absence.").count() == 2
    assert not Event.objects.filter(payload__contains="secret journey").exists()
    absence.refresh_from_db()
    assert absence.note == ""


def test_when_the_substitute_is_away_too_the_answer_follows(side: Side) -> None:
    second = deputy(side)
    first = away(side)
    also = away(side, second, valid_until=date(2026, 11, 27))
    assert answers(side) == [("2026-11-26", "regrets", ""), ("2026-12-03", "substitute", "Dina Deputy 2")]

    absences.withdraw_absence(actor=side.actor(second), absence=also)
    assert answers(side) == [("2026-11-26", "substitute", "Dina Deputy 2"), ("2026-12-03", "substitute", "Dina Deputy 2")]
    absences.withdraw_absence(actor=side.actor(side.representative), absence=first)
    assert answers(side) == []


def test_a_substitute_who_is_away_changes_nothing_while_the_first_comes(side: Side) -> None:
    away(side, deputy(side))

    assert answers(side) == []


def test_a_delegate_goes_before_the_next_in_order(side: Side) -> None:
    deputy(side)
    delegations.name_delegate(
        actor=side.actor(side.representative),
        municipality=side.seats[0],
        name="Elia Delegate",
        email="elia@example.org",
        valid_from=FIRST,
        valid_until=LAST,
    )
    away(side)

    assert {name for _day, _answer, name in answers(side)} == {"Elia Delegate"}


def test_an_answer_given_by_hand_is_left_alone(side: Side) -> None:
    mine = side.actor(side.representative)
    respond(side, mine, answer="attending")
    absence = away(side)
    assert answers(side) == [("2026-11-26", "attending", ""), ("2026-12-03", "regrets", "")]

    absences.withdraw_absence(actor=mine, absence=absence)
    assert answers(side) == [("2026-11-26", "attending", "")]


def test_an_automatic_answer_that_is_changed_by_hand_stays(side: Side) -> None:
    mine, absence = side.actor(side.representative), away(side)
    respond(side, mine, answer="attending")
    absences.withdraw_absence(actor=mine, absence=absence)

    assert answers(side) == [("2026-11-26", "attending", "")]


def test_what_was_taken_back_counts_as_silent_everywhere(side: Side) -> None:
    absences.withdraw_absence(actor=side.actor(side.representative), absence=away(side))
    meeting = factories.fresh(side.meeting)

    assert list(selectors.responses(meeting)) == list(meeting.responses.all()) == []
    assert selectors.response_counts(meeting) == {}
    assert sum(row["silent"] for row in selectors.answers_by_zone(meeting)) == 10
    assert [row.answer for row in selectors.every_response(meeting)] == [""]


def test_the_worker_answers_what_comes_into_the_days_later(side: Side) -> None:
    """A new meeting, or one moved there: at the worker's next step, once, and again after a pause of three days."""
    away(side, valid_until=date(2026, 11, 25), note="")
    assert answers(side) == []
    _set_start(side.meeting, datetime.fromisoformat("2026-11-25T09:00:00+00:00"))

    assert absences.answer_for_the_absent() == 1
    assert absences.answer_for_the_absent() == 0
    assert answers(side)[0][1:] == ("regrets", "")
    _set_start(side.meeting, datetime.fromisoformat("2026-11-27T09:00:00+00:00"))
    with clock.at(NOW + timedelta(days=3)):
        assert absences.answer_for_the_absent() == 1
    assert answers(side) == []


def _set_start(meeting: Meeting, starts_at: datetime) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at)


def test_what_has_begun_is_answered_no_more(side: Side) -> None:
    with clock.at(side.meeting.starts_at):
        away(side, valid_from=date(2026, 11, 26))
        absences.answer_for_the_absent()

    assert [day for day, *_rest in answers(side)] == ["2026-12-03"]


def test_when_the_seat_changes_hands_the_worker_takes_the_answer_back(side: Side) -> None:
    away(side)
    Membership.objects.filter(user=side.representative).update(valid_until=date(2026, 11, 22))
    deputy(side)

    assert absences.answer_for_the_absent() == 2
    assert answers(side) == []


def test_who_is_away_does_not_act(side: Side) -> None:
    second = deputy(side)
    away(side)

    assert seats.acting_for(side.meeting)[side.seats[0].pk].user == second
    away(side, second)
    assert side.seats[0].pk not in seats.acting_for(side.meeting)


def test_a_coordinator_records_it_for_somebody(side: Side) -> None:
    row = away(side, side.coordinator, user=side.representative)

    assert row.user == side.representative
    assert len(answers(side)) == 2


@pytest.mark.parametrize("who", ["observer", "chair", "coordinator", "auditor", "spokesperson"])
def test_who_represents_nobody_is_not_away(side: Side, who: str) -> None:
    with pytest.raises(NotAllowed):
        away(side, getattr(side, who))


def test_nobody_records_it_for_somebody_else(side: Side) -> None:
    with pytest.raises(NotAllowed):
        away(side, side.other_representative, user=side.representative)


def test_another_persons_days_are_not_seen_and_not_taken_back(home: Side, away_actor: Actor) -> None:
    row = away(home)
    for actor in (home.actor(home.other_representative), home.actor("chair"), away_actor):
        with pytest.raises(NotFound):
            absences.withdraw_absence(actor=actor, absence=row)
    assert list(seats.absences(home.actor(home.other_representative), home.network)) == []
    assert list(seats.absences(home.actor(COORDINATOR), home.network)) == [row]


@pytest.fixture
def away_actor(away: Side) -> Actor:
    return away.actor(COORDINATOR)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_until": date(2026, 11, 22)}, "valid_until"),
        ({"valid_from": date(2026, 11, 1), "valid_until": date(2026, 11, 19)}, "valid_until"),
        ({"valid_until": date(2028, 1, 1)}, "valid_until"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_bad_input_is_refused_by_field(side: Side, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        away(side, **values)
    assert field in refused.value.errors


def test_days_are_recorded_once(side: Side) -> None:
    away(side)
    with pytest.raises(Conflict) as refused:
        away(side, valid_from=LAST, valid_until=LAST)
    assert refused.value.code == "already_away"
