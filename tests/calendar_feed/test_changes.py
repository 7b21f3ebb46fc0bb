"""The feed follows the calendar: old UIDs, a growing SEQUENCE, and of cancelled meetings those that somebody was told of."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from meetings import clock
from meetings.agenda.series import change_series
from meetings.agenda.services import cancel_meeting, restore_meeting
from meetings.calendar_feed import delivery
from meetings.calendar_feed.services import create_feed
from meetings.scheduling import calendar, series_changes, services
from meetings.scheduling.models import Meeting
from tests.factories import COORDINATOR, NOW, Side


def feed_of(side: Side, **values: Any) -> Callable[[], dict[str, Any]]:
    """The feed's events by UID, whenever asked."""
    _feed, token = create_feed(actor=side.actor(side.representative), network=side.network, **values)

    def events() -> dict[str, Any]:
        delivery.cache.clear()
        delivery._rendered.cache_clear()  # tests begin from the same log, and so from the same stamps
        found = delivery.published(token)
        assert found
        return {str(event["uid"]): event for event in Calendar.from_ical(found.body).walk("VEVENT")}

    return events


def summary(event: Any) -> tuple[int, str, str]:
    return int(event["sequence"]), str(event["status"]), str(event["transp"])


def test_cancelled_and_restored_counts_up_and_keeps_the_uid(side: Side) -> None:
    events, actor, uid = feed_of(side, alarm_minutes=15), side.actor(COORDINATOR), str(side.meeting.pk)
    shown = [events()[uid]]
    with clock.at(NOW + timedelta(minutes=1)):
        cancel_meeting(actor=actor, meeting=side.meeting, reason="Snow")
        shown.append(events()[uid])
    with clock.at(NOW + timedelta(minutes=2)):
        restore_meeting(actor=actor, meeting=side.meeting)
        shown.append(events()[uid])
    assert [summary(event) for event in shown] == [(0, "CONFIRMED", "OPAQUE"), (1, "CANCELLED", "TRANSPARENT"), (2, "CONFIRMED", "OPAQUE")]
    assert [str(event["summary"]).startswith("Cancelled: ") for event in shown] == [False, True, False]
    assert [len(event.subcomponents) for event in shown] == [1, 0, 1]
    assert len({event.decoded("dtstamp") for event in shown}) == 3


def test_a_moved_meeting_is_the_same_event_elsewhere(side: Side) -> None:
    events, uid = feed_of(side), str(side.meeting.pk)
    for sequence, start in enumerate(("2027-03-29T10:00", "2026-12-03T18:00", "2026-11-26T10:00"), start=1):
        with clock.at(NOW + timedelta(minutes=sequence)):
            calendar.move(actor=side.actor(COORDINATOR), meeting=Meeting.objects.get(pk=uid), values={"local_start": start})
        event = events()[uid]
        assert f"{event.decoded('dtstart'):%Y-%m-%dT%H:%M}" == start and event["sequence"] == sequence
        assert event["dtstart"].params["TZID"] == "Europe/Rome"


def test_a_title_alone_makes_new_bytes_and_no_sequence(side: Side) -> None:
    events, uid = feed_of(side), str(side.meeting.pk)
    before = events()[uid].to_ical()
    services.change_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"title": "Renamed"})
    after = events()[uid]
    assert after["sequence"] == 0 and after.to_ical() != before


def test_what_nobody_was_told_of_disappears_and_comes_back_with_its_uid(side: Side) -> None:
    events, actor = feed_of(side), side.actor(COORDINATOR)

    def end(ends_on: date) -> None:
        change_series(actor=actor, series=side.series, ask=lambda row: series_changes.asked_end(actor=actor, series=row, ends_on=ends_on))

    end(date(2027, 4, 30))
    far = side.series.meetings.get(nominal_date=date(2027, 4, 29))
    assert str(far.pk) in events()
    end(date(2026, 12, 4))
    shown = events()
    assert str(far.pk) not in shown
    assert summary(shown[str(side.meetings[3].pk)]) == (1, "CANCELLED", "TRANSPARENT")
    end(date(2027, 4, 30))
    assert summary(events()[str(far.pk)]) == (2, "CONFIRMED", "OPAQUE")


@pytest.mark.parametrize("hide", [True, False])
def test_who_wants_none_of_the_cancelled_gets_none(side: Side, hide: bool) -> None:
    events = feed_of(side, hide_cancelled=hide)
    cancel_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, reason="Snow")
    assert (str(side.meeting.pk) in events()) is not hide
