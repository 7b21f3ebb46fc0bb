"""The office's corrections, and who was there at any instant."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.live import attendance, presence, selectors, services
from meetings.live.attendance_selectors import attendance_of, before_correction, rows_of_seat, there_at
from meetings.live.models import Attendance
from meetings.minutes import selectors as minutes_selectors
from meetings.minutes.models import Minutes
from meetings.network.models import User
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side

MINUTE = timedelta(minutes=1)
LATER = NOW + 60 * MINUTE


def shown(meeting: Meeting, side: Side, seat: int = 0) -> dict[str, Any]:
    return next((one for one in attendance_of(meeting) if one["id"] == side.seats[seat].pk), {"intervals": []})


def correct(side: Side, meeting: Meeting, *spans: tuple[int, int | None], seat: int = 0, who: User | str = COORDINATOR, **more: Any) -> Any:
    intervals = [{"from": NOW + begins * MINUTE, "until": None if ends is None else NOW + ends * MINUTE, **more} for begins, ends in spans]
    known = shown(meeting, side, seat)["intervals"]
    with clock.at(LATER):
        return attendance.correct(actor=side.actor(who), meeting=meeting, municipality=side.seats[seat], intervals=intervals, known=known)


def spans(meeting: Meeting, side: Side, seat: int = 0) -> list[tuple[int, int | None]]:
    rows = rows_of_seat(meeting.pk, side.seats[seat].pk)
    return [((row.joined_at - NOW) // MINUTE, None if row.left_at is None else (row.left_at - NOW) // MINUTE) for row in rows]


def last_event(meeting: Meeting) -> Event:
    return Event.objects.filter(stream__meeting=meeting, type="attendance.corrected").latest("sequence")


@pytest.fixture
def meeting(side: Side) -> Meeting:
    return factories.in_session(side)


def test_a_correction_replaces_the_intervals_and_keeps_what_was_struck(side: Side, meeting: Meeting) -> None:
    row = correct(side, meeting, (-10, 5), (20, 40), person="Bea B.", office="councillor", source="declared")
    assert spans(meeting, side) == [(-10, 5), (20, 40)]
    assert (row["person"], row["office"], row["source"], row["present"]) == ("Bea B.", "councillor", "declared", False)
    assert Attendance.every.filter(municipality=side.seats[0], struck_at=LATER).count() == 1
    assert row == shown(meeting, side)
    assert '"attendance.corrected"' not in last_event(meeting).payload and "Bea B." in last_event(meeting).payload


def test_what_stays_the_same_keeps_its_row_and_to_change_nothing_is_no_event(side: Side, meeting: Meeting) -> None:
    before, count = rows_of_seat(meeting.pk, side.seats[0].pk), Event.objects.count()
    known = shown(meeting, side)["intervals"]
    as_json = [{**one, "from": one["from"].replace(microsecond=0)} for one in known]
    attendance.correct(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], intervals=as_json, known=as_json)
    assert rows_of_seat(meeting.pk, side.seats[0].pk) == before
    assert Event.objects.count() == count


def test_all_struck_is_nobody_there(side: Side, meeting: Meeting) -> None:
    present = selectors.present(meeting)
    row = correct(side, meeting)
    assert (row["intervals"], row["present"], row["person"]) == ([], False, "")
    assert row == shown(meeting, side)
    assert selectors.present(meeting) == (present.municipalities - 1, present.population - 1000)
    assert selectors.has_quorum(meeting) == selectors.reaches(selectors.present(meeting), selectors.seats(meeting), meeting.network)


def test_a_correction_is_taken_back_by_another(side: Side, meeting: Meeting) -> None:
    before = shown(meeting, side)
    assert before_correction(meeting, side.seats[0].pk) is None
    correct(side, meeting)
    undo = before_correction(meeting, side.seats[0].pk)
    assert undo is not None
    with clock.at(LATER):
        attendance.correct(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], intervals=undo, known=[])
    assert shown(meeting, side) == before
    [row] = rows_of_seat(meeting.pk, side.seats[0].pk)
    assert (row.user_id, row.seen_at) == (side.representative.pk, LATER), "whose it is, and the lease, go on"
    assert before_correction(meeting, side.seats[0].pk) == []


def test_a_seat_that_never_came_can_be_added(side: Side, meeting: Meeting) -> None:
    row = correct(side, meeting, (0, 30), seat=9)
    assert (row["person"], row["office"], row["source"]) == (side.representatives[9].name, "mayor", "declared")
    assert len(attendance_of(meeting)) == 9


def test_who_corrects_over_a_newer_state_is_shown_it(side: Side, meeting: Meeting) -> None:
    known = shown(meeting, side)["intervals"]
    presence.leave(actor=side.actor(side.representative), meeting=meeting, municipality=side.seats[0])
    with pytest.raises(Conflict) as refused:
        attendance.correct(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[0], intervals=[], known=known)
    assert refused.value.code == "attendance_changed" and refused.value.current == shown(meeting, side)


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ([(0, 20), (10, 30)], "intervals.0"),
        ([(10, 30), (0, 20)], "intervals.1"),
        ([(20, 10)], "intervals.0"),
        ([(-61, 10)], "intervals.0"),
        ([(0, 61)], "intervals.0"),
        ([(0, None), (20, 30)], "intervals.0"),
    ],
)
def test_intervals_make_sense(side: Side, meeting: Meeting, wrong: list[tuple[int, int | None]], at: str) -> None:
    before = shown(meeting, side)
    with pytest.raises(Invalid) as refused:
        correct(side, meeting, *wrong)
    assert list(refused.value.errors) == [at]
    assert shown(meeting, side) == before


def test_after_the_close_every_interval_has_an_end_that_the_close_bounds(side: Side) -> None:
    meeting = factories.closed(side)
    for wrong in ((0, None), (-5, 1)):
        with pytest.raises(Invalid):
            correct(side, meeting, wrong)
    correct(side, meeting, (-5, 0))
    assert spans(meeting, side) == [(-5, 0)]


def test_the_coordinator_alone_corrects(home: Side, away: Side) -> None:
    meeting = factories.in_session(home)
    for who in (home.chair, home.representative, home.observer, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            correct(home, meeting, who=who)
        assert not attendance.may_correct(home.actor(who), meeting)
    with pytest.raises(NotFound):
        attendance.correct(actor=away.actor(COORDINATOR), meeting=meeting, municipality=home.seats[0], intervals=[], known=[])
    with pytest.raises(Invalid):
        attendance.correct(actor=home.actor(COORDINATOR), meeting=meeting, municipality=away.seats[0], intervals=[], known=[])
    assert attendance.may_correct(home.actor(COORDINATOR), meeting)


def test_from_the_agenda_s_publication_until_the_minutes_are_approved(side: Side) -> None:
    row = factories.circulated(side)
    correct(side, row.meeting)
    Minutes.objects.filter(pk=row.pk).update(state="approved")
    with pytest.raises(Conflict) as refused:
        correct(side, row.meeting)
    assert refused.value.code == "minutes_approved"
    for state in (MeetingState.SCHEDULED, MeetingState.CANCELLED):
        Meeting.objects.filter(pk=row.meeting_id).update(state=state)
        with pytest.raises(Conflict) as refused:
            correct(side, row.meeting)
        assert refused.value.code == "wrong_state"


def test_a_struck_presence_did_not_attend(side: Side) -> None:
    """Not for corrections of the minutes either."""
    row = factories.circulated(side)
    actor = side.actor(side.representative)
    assert minutes_selectors.may_correct(actor, row)
    correct(side, row.meeting)
    assert not minutes_selectors.may_correct(actor, row)


def test_who_was_there_at_an_instant(side: Side, meeting: Meeting) -> None:
    correct(side, meeting, (0, 10), (20, 30), seat=9)
    rows = list(selectors.attendance_rows(meeting))

    def there(minutes: int) -> bool:
        return side.seats[9].pk in {row.municipality_id for row in there_at(rows, NOW + minutes * MINUTE)}

    assert [there(n) for n in (-1, 0, 10, 11, 19, 20, 30, 31)] == [False, True, True, False, False, True, True, False]
    assert selectors.present_at(rows, NOW + 10 * MINUTE).municipalities == 9


def test_the_session_closes_over_corrected_intervals(side: Side, meeting: Meeting) -> None:
    correct(side, meeting, (0, None), person="Bea B.")
    with clock.at(LATER):
        services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    assert spans(meeting, side) == [(0, 60)]
    ended: list[datetime | None] = list(Attendance.objects.filter(meeting=meeting).values_list("left_at", flat=True))
    assert None not in ended
