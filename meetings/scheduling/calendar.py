"""Writes that move one meeting in the calendar, or put a further one there. Each can be looked at first.

Every act is planned by one function (`…_plan`), which the preview shows and the act carries out. What changes a whole series is in
`series_changes`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.events.services import lock_stream
from meetings.network.models import Network
from meetings.scheduling import acts, recurrence, schedules, selectors, services
from meetings.scheduling.models import ACTIONS, TRANSITIONS, Meeting, MeetingSeries
from meetings.scheduling.plans import Change, Plan, Times
from meetings.scheduling.previews import Preview, preview

INTAKE_HOURS = {"intake_opens_hours": 162, "intake_closes_hours": 48}
"""Of a meeting that belongs to no series."""


@transaction.atomic
def move(*, actor: Actor, meeting: Meeting, values: Mapping[str, Any], expected_version: int | None = None, reason: str = "") -> Meeting:
    """Another local time, zone or length (`local_start`, `time_zone`, `duration_minutes`); the state stays.

    An intake that is still to close moves along. Raises Conflict `wrong_state`, Invalid by field (a time that is past, from 02:00 to 02:59,
    or that the clocks jump over), StaleVersion.
    """
    meeting = services.locked_with_network(meeting)
    plan = move_plan(actor=actor, meeting=meeting, values=values, expected_version=expected_version)
    news = [told for change in plan.done for told in acts.move(actor, meeting, change.after, moved=change.moved, reason=acts.line(reason))]
    services.tell(actor, meeting, news)
    return meeting


def move_plan(*, actor: Actor, meeting: Meeting, values: Mapping[str, Any], expected_version: int | None = None) -> Plan:
    """What moving does; nothing when it is at that time already."""
    require(actor, ACTIONS["move"], network_id=meeting.network_id)
    versions.check(meeting, expected_version, lambda: selectors.meeting_as_object(meeting))
    TRANSITIONS.target("move", meeting.state)
    before = acts.times_of(meeting)
    after = _times(before, values)
    if after == before:
        return Plan()
    own = selectors.has_own_time(meeting, after)
    return Plan((Change(meeting=meeting.pk, number=meeting.number, what="moved", before=before, after=after, moved=own),))


def _times(before: Times, values: Mapping[str, Any]) -> Times:
    """The times asked for. Raises Invalid by field."""
    names = ("local_start", "time_zone", "duration_minutes")
    asked = {name: values[name] for name in names if values.get(name) is not None}
    if "local_start" in asked:
        asked["local_start"] = _wall(asked["local_start"])
    after = replace(before, **asked)
    if not 1 <= after.duration_minutes <= recurrence.LONGEST_MEETING:
        raise validation.invalid("duration_minutes", _("A meeting lasts from 1 minute to 24 hours."))
    if after.day.year not in recurrence.YEARS:
        raise validation.invalid("local_start", _("Choose a year from 2000 to 2200."))
    if after.starts_at <= clock.now():
        raise validation.invalid("local_start", _("This time has passed."))
    return after


def _wall(text: str) -> str:
    """A wall time as meetings keep it. Raises Invalid for what is none."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None:
        raise validation.invalid("local_start", _("Give the local date and time without a zone, such as 2026-11-26T10:00."))
    return schedules.wall(local.date(), local.time())


def cancel_plan(*, actor: Actor, meeting: Meeting) -> Plan:
    """What cancelling does (`agenda.services.cancel_meeting` does it)."""
    require(actor, ACTIONS["cancel"], network_id=meeting.network_id)
    TRANSITIONS.target("cancel", meeting.state)
    before = acts.times_of(meeting)
    after = replace(before, is_held=False)
    return Plan((Change(meeting=meeting.pk, number=meeting.number, what="cancelled", before=before, after=after, moved=meeting.moved),))


def restore_plan(*, actor: Actor, meeting: Meeting) -> Plan:
    """What restoring does (`agenda.services.restore_meeting` does it)."""
    require(actor, ACTIONS["restore"], network_id=meeting.network_id)
    TRANSITIONS.target("restore", meeting.state)
    acts.require_to_come(meeting)
    before = acts.times_of(meeting)
    after = replace(before, is_held=True)
    return Plan((Change(meeting=meeting.pk, number=meeting.number, what="restored", before=before, after=after),))


@transaction.atomic
def extra(*, actor: Actor, network: Network, series: MeetingSeries | None, values: Mapping[str, Any], reason: str = "") -> Meeting:
    """A further meeting, of a series (title, length, intake and join link are its own unless given) or of none; the numbers go on.

    `values`: local_start, and optionally title, time_zone, duration_minutes, and what says how to join. Raises Invalid by field.
    """
    times, columns = _extra(actor, network, series, values)
    lock_stream(network_id=network.pk)  # the number is the next one
    meeting = acts.make(actor, times, {**columns, "number": selectors.last_number(network, series) + 1})
    services.tell(actor, meeting, acts.tell_new(meeting, acts.line(reason)))
    return meeting


def _extra(actor: Actor, network: Network, series: MeetingSeries | None, values: Mapping[str, Any]) -> tuple[Times, dict[str, Any]]:
    """When it is and what it is made with, validated. Raises Invalid by field."""
    require(actor, Permission.SCHEDULE, network_id=network.pk)
    if series is not None and series.network_id != network.pk:
        raise validation.invalid("series", _("There is no such series."))
    plain: dict[str, Any] = dict.fromkeys(("title", "join_url", "phone", "phone_pin", "video_provider", "video_room"), "")
    plain |= {"duration_minutes": 90, "time_zone": network.time_zone}
    own = {name: getattr(series, name) for name in plain} if series else plain
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if "local_start" not in given:
        raise validation.invalid("local_start", _("Say when it begins."))
    start = Times(local_start="", time_zone=own.pop("time_zone"), duration_minutes=own.pop("duration_minutes"))
    times = _times(start, given)
    row = Meeting()
    validation.apply(row, {**own, **{name: value for name, value in given.items() if name in own}})
    columns = {name: getattr(row, name) for name in own}
    opens = acts.intake(series or MeetingSeries(**INTAKE_HOURS), times.starts_at)
    return times, {**columns, **opens, "network": network, "series": series}


def preview_extra(*, actor: Actor, network: Network, series: MeetingSeries | None, values: Mapping[str, Any]) -> Preview:
    """What a further meeting would meet with."""
    times, _columns = _extra(actor, network, series, values)
    slot = schedules.Slot(
        occurrence=recurrence.Occurrence(times.day, times.day),
        rule=recurrence.Rule(
            weekday=times.day.weekday(),
            local_start=datetime.fromisoformat(times.local_start).time(),
            time_zone=times.time_zone,
            duration_minutes=times.duration_minutes,
            starts_on=times.day,
        ),
    )
    return preview(actor=actor, network=network, plan=Plan((), (slot,)))
