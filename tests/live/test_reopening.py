"""A session closed by mistake goes on: what was carried over comes back, and is carried over exactly once when it is closed again."""

from datetime import timedelta

import pytest

from meetings import clock
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import Conflict, NotAllowed, NotFound
from meetings.live import services as live
from meetings.live.models import Attendance
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes, Note
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side


def half_done(side: Side) -> Meeting:
    """The first item discussed, the second postponed, the third not reached; closed."""
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    minutes.write_note(actor=chair, item=factories.items(meeting)[0], text="Heard.")
    live.postpone(actor=chair, meeting=meeting, item=factories.items(meeting)[1])
    return factories.fresh(live.close_session(actor=chair, meeting=meeting))


def here(side: Side) -> list[tuple[str, str]]:
    return [(item.title.split()[0], item.state) for item in factories.items(side.meeting)]


def there(side: Side) -> list[tuple[object, str, str]]:
    rows = AgendaItem.objects.filter(meeting=side.meetings[1]).order_by("pk")
    return [(row.pk, row.title.split()[0], row.state) for row in rows]


def test_it_goes_on_as_it_was_and_is_closed_again_with_the_same_copies(side: Side) -> None:
    meeting, chair = half_done(side), side.actor(CHAIR)
    carried, closed_at = there(side), meeting.closed_at
    assert len(carried) == 3 and {state for _pk, _title, state in carried} == {"accepted"}
    with clock.at(factories.NOW + timedelta(minutes=5)):
        meeting = live.reopen(actor=chair, meeting=meeting)
        assert (meeting.state, meeting.closed_at) == (MeetingState.IN_SESSION, None)
        assert [state for _title, state in here(side)] == ["discussed", "postponed", "accepted"]
        assert {state for _pk, _title, state in there(side)} == {"withdrawn"}
        assert factories.items(side.meetings[1]) == []
        assert not Attendance.objects.filter(meeting=meeting, left_at=None).exists()
        live.join(actor=side.actor(side.representative), meeting=meeting, municipality=side.seats[0])
        live.move_on(actor=chair, meeting=meeting, item=factories.items(meeting)[2])
        minutes.write_note(actor=chair, item=factories.items(meeting)[2], text="Heard too.")
        meeting = factories.fresh(live.close_session(actor=chair, meeting=meeting))
    assert meeting.closed_at == factories.NOW + timedelta(minutes=5) != closed_at
    again = {pk: state for pk, _title, state in there(side)}
    assert set(again) == {pk for pk, _title, _state in carried}
    assert sorted(again.values()) == ["accepted", "accepted", "withdrawn"]  # what has been discussed now stays here
    assert [item.approves_minutes_of_id is not None for item in factories.items(side.meetings[1])] == [True, False]
    assert Minutes.objects.filter(meeting=meeting).count() == 1
    assert Note.objects.filter(agenda_item__meeting=meeting).count() == 2


def test_who_may(home: Side, away: Side) -> None:
    meeting = factories.closed(home)
    for who in ("observer", "representative", "spokesperson", "auditor"):
        with pytest.raises(NotAllowed):
            live.reopen(actor=home.actor(getattr(home, who)), meeting=meeting)
    with pytest.raises(NotFound):
        live.reopen(actor=away.actor(CHAIR), meeting=meeting)
    assert live.reopen(actor=home.actor(COORDINATOR), meeting=meeting).state == MeetingState.IN_SESSION
    with pytest.raises(Conflict):
        live.reopen(actor=home.actor(CHAIR), meeting=meeting)


def test_minutes_that_circulate_end_it(side: Side) -> None:
    meeting = factories.circulated(side).meeting
    with pytest.raises(Conflict) as refused:
        live.reopen(actor=side.actor(CHAIR), meeting=meeting)
    assert refused.value.code == "minutes_circulate"
    assert {state for _pk, _title, state in there(side)} == {"accepted"}


def test_so_does_the_next_session(side: Side) -> None:
    meeting = factories.closed(side)
    published = agenda.publish(actor=side.actor(COORDINATOR), meeting=factories.fresh(side.meetings[1]))
    opened = live.open_session(actor=side.actor(CHAIR), meeting=published)
    with pytest.raises(Conflict) as refused:
        live.reopen(actor=side.actor(CHAIR), meeting=meeting)
    assert refused.value.code == "already_begun"
    assert factories.fresh(meeting).state == MeetingState.CLOSED
    assert AgendaItem.objects.get(meeting=opened, approves_minutes_of=meeting).state == ItemState.ACCEPTED


def test_a_published_next_agenda_says_what_was_struck_and_added(side: Side) -> None:
    meeting = half_done(side)
    agenda.publish(actor=side.actor(COORDINATOR), meeting=factories.fresh(side.meetings[1]))
    live.reopen(actor=side.actor(CHAIR), meeting=meeting)
    assert {state for _pk, _title, state in there(side)} == {"withdrawn"}
    live.close_session(actor=side.actor(CHAIR), meeting=factories.fresh(meeting))
    assert [state for _pk, _title, state in there(side)] == ["accepted"] * 3
