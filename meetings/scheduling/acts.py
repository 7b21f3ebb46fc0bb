"""What becomes of one meeting's row: made, moved, cancelled, restored. Each bumps SEQUENCE, records its event, and says what to tell.

Whoever calls has locked the row, and has asked who may.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor
from meetings.errors import Conflict
from meetings.events.services import open_stream, record
from meetings.events.types import MeetingCancelled, MeetingMoved, MeetingRestored, MeetingScheduled
from meetings.scheduling import delegations, selectors, telling
from meetings.scheduling.models import TRANSITIONS, Meeting, MeetingSeries, MeetingState
from meetings.scheduling.plans import Times
from meetings.scheduling.recurrence import deadline
from meetings.scheduling.telling import News


def touch(meeting: Meeting, *fields: str) -> None:
    """Saves the fields and the version together."""
    meeting.version += 1
    meeting.changed_at = clock.now()
    meeting.save(update_fields=[*fields, "version", "changed_at"])


def intake(series: MeetingSeries, starts_at: datetime) -> dict[str, datetime]:
    """When proposals open and close, as instants."""
    return {
        "intake_opens_at": deadline(starts_at, series.intake_opens_hours),
        "intake_closes_at": deadline(starts_at, series.intake_closes_hours),
    }


def make(actor: Actor, times: Times, values: Mapping[str, Any]) -> Meeting:
    """A new meeting with its stream. `values`: every other column that a meeting is made with."""
    meeting = Meeting.objects.create(
        **values,
        local_start=times.local_start,
        time_zone=times.time_zone,
        starts_at=times.starts_at,
        duration_minutes=times.duration_minutes,
        changed_at=clock.now(),
    )
    open_stream(network_id=meeting.network_id, meeting_id=meeting.pk)
    record(actor, MeetingScheduled(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def tell_new(meeting: Meeting, reason: str = "") -> list[News]:
    """What to tell of a meeting that was made."""
    if not telling.announce(meeting):
        return []
    meeting.save(update_fields=["announced_at"])
    return [telling.news(meeting, None, reason)]


def move(actor: Actor, meeting: Meeting, times: Times, *, moved: bool, reason: str = "") -> list[News]:
    """Another time; the state stays. Raises Conflict `wrong_state`."""
    TRANSITIONS.target("move", meeting.state)
    before, near = telling.shown(meeting), telling.announce(meeting)
    fields = _set_times(meeting, times)
    meeting.moved = moved
    meeting.calendar_sequence += 1
    told = telling.announce(meeting) or near
    touch(meeting, *fields, "moved", "calendar_sequence", "announced_at")
    record(actor, MeetingMoved(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    delegations.follow(actor=actor, meeting=meeting)
    return [telling.news(meeting, before, reason)] if told else []


def _set_times(meeting: Meeting, times: Times) -> list[str]:
    """Sets the time and, where it is still to close, the intake; the names of what may have changed.

    The intake keeps its distance to the start, which is the series' own; one that has opened does not shut again, and none closes in the
    past.
    """
    now, starts_at = clock.now(), times.starts_at
    if meeting.intake_closes_at > now:
        opens_at, closes_at = _intake(meeting, starts_at)
        meeting.intake_opens_at = min(meeting.intake_opens_at, opens_at) if meeting.intake_opens_at <= now else opens_at
        meeting.intake_closes_at = max(closes_at, now)
    meeting.starts_at, meeting.local_start = starts_at, times.local_start
    meeting.time_zone, meeting.duration_minutes = times.time_zone, times.duration_minutes
    return ["starts_at", "local_start", "time_zone", "duration_minutes", "intake_opens_at", "intake_closes_at"]


def _intake(meeting: Meeting, starts_at: datetime) -> tuple[datetime, datetime]:
    if meeting.series is not None:
        found = intake(meeting.series, starts_at)
        return found["intake_opens_at"], found["intake_closes_at"]
    later = starts_at - meeting.starts_at
    return meeting.intake_opens_at + later, meeting.intake_closes_at + later


def cancel(actor: Actor, meeting: Meeting, reason: str, *, by_rule: bool = False) -> list[News]:
    """Not held, and what it was is kept. Raises Conflict `wrong_state`, Invalid for a reason that is too long."""
    target = TRANSITIONS.target("cancel", meeting.state)
    before, told = telling.shown(meeting), telling.announce(meeting)
    changed = validation.apply(meeting, {"reason": reason})
    meeting.state_before, meeting.state, meeting.cancelled_by_rule = meeting.state, target, by_rule
    meeting.calendar_sequence += 1
    touch(meeting, *changed, "state", "state_before", "cancelled_by_rule", "calendar_sequence", "announced_at")
    record(actor, MeetingCancelled(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    delegations.follow(actor=actor, meeting=meeting)
    return [telling.news(meeting, before, meeting.reason)] if told else []


def restore(actor: Actor, meeting: Meeting, times: Times | None = None, *, moved: bool = False, reason: str = "") -> list[News]:
    """Held after all, at another time when one is given. Raises Conflict `wrong_state`."""
    TRANSITIONS.target("restore", meeting.state)
    before, near = telling.shown(meeting), telling.announce(meeting)
    fields = _set_times(meeting, times) if times else []
    meeting.state, meeting.state_before, meeting.reason = meeting.state_before or MeetingState.SCHEDULED, "", ""
    meeting.cancelled_by_rule, meeting.moved = False, moved
    meeting.calendar_sequence += 1
    told = telling.announce(meeting) or near
    touch(meeting, *fields, "state", "state_before", "reason", "cancelled_by_rule", "moved", "calendar_sequence", "announced_at")
    record(actor, MeetingRestored(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    delegations.follow(actor=actor, meeting=meeting)
    return [telling.news(meeting, before, reason)] if told else []


def times_of(meeting: Meeting) -> Times:
    """When the meeting is."""
    return Times(
        local_start=meeting.local_start,
        time_zone=meeting.time_zone,
        duration_minutes=meeting.duration_minutes,
        is_held=meeting.state != MeetingState.CANCELLED,
    )


def require_to_come(meeting: Meeting) -> None:
    """Raises Conflict `meeting_past` once the meeting's time has come."""
    if meeting.starts_at <= clock.now():
        detail = _("The time of this meeting has passed: nothing can be changed about it.")
        raise Conflict("meeting_past", detail, current=selectors.meeting_as_object(meeting))


def line(reason: str) -> str:
    """A reason on one line. Raises Invalid when it is too long."""
    holder = Meeting()
    validation.apply(holder, {"reason": reason})
    return holder.reason
