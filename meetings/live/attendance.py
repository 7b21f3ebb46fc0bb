"""The office's corrections of presence: a municipality's intervals are replaced by what was. What was struck keeps its row, and the log
every step, so that a correction is taken back by another one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, can, require
from meetings.errors import Conflict, Invalid
from meetings.events import types
from meetings.events.services import record
from meetings.live.attendance_selectors import attendance_as_object, in_order, rows_of_seat
from meetings.live.models import Attendance
from meetings.live.presence import JOINED_IN
from meetings.minutes.models import Minutes, MinutesState
from meetings.network.models import Municipality
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.seats import acting_for
from meetings.scheduling.selectors import meeting_as_object

EARLIEST = timedelta(hours=1)
"""Before the meeting: who was there any sooner was not there for it."""
MOST = 50
"""Intervals of one municipality."""
CORRECTED_IN = (*JOINED_IN, MeetingState.CLOSED)
SEALED = (MinutesState.APPROVED, MinutesState.PUBLISHED)


class Interval(NamedTuple):
    """A stretch of one municipality's presence, as it is wanted."""

    joined_at: datetime
    left_at: datetime | None
    person: str
    office: str
    source: str


class Span(NamedTuple):
    """From when until when there was anything to be present at."""

    begins: datetime
    ends: datetime


def may_correct(actor: Actor, meeting: Meeting) -> bool:
    """Whether the actor may and it is still possible: from the agenda's publication until the minutes are approved."""
    return can(actor, Permission.TAKE_PART_BY_PHONE) and meeting.state in CORRECTED_IN and not _is_sealed(meeting)


def span_of(meeting: Meeting) -> Span:
    """From an hour before the start, or the opening when that was sooner, until the close, or now."""
    return Span(min(meeting.starts_at, meeting.opened_at or meeting.starts_at) - EARLIEST, meeting.closed_at or clock.now())


@transaction.atomic
def correct(
    *,
    actor: Actor,
    meeting: Meeting,
    municipality: Municipality,
    intervals: Sequence[Mapping[str, Any]],
    known: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Replaces a municipality's intervals, each given as its object (`from`, `until`, `person`, `office`, `source`), and answers with its
    attendance as it then is. `known`: those that the correction was made from.

    Raises NotAllowed, Conflict `wrong_state`, `minutes_approved`, `attendance_changed` (with what stands now), and Invalid for what
    overlaps or lies outside the meeting.
    """
    meeting = locked_to_correct(actor, meeting, municipality)
    rows = rows_of_seat(meeting.pk, municipality.pk)
    if _instants(known) != [(_whole(row.joined_at), _whole(row.left_at)) for row in rows]:
        detail = _("The presence of %(municipality)s has changed meanwhile.") % {"municipality": municipality.name}
        raise Conflict("attendance_changed", detail, current=_now(meeting, municipality))
    ever = _ever(meeting, municipality)
    wanted = [_wanted(meeting, municipality, ever, values) for values in intervals]
    _check(meeting, rows, wanted)
    replace(actor, meeting, municipality, rows, wanted)
    return _now(meeting, municipality)


def locked_to_correct(actor: Actor, meeting: Meeting, municipality: Municipality | None = None) -> Meeting:
    """The meeting, locked, when the actor may correct its attendance. Raises NotFound, NotAllowed, Conflict, Invalid `no_seat`."""
    meeting = scheduling.locked(meeting)
    require(actor, Permission.TAKE_PART_BY_PHONE, network_id=meeting.network_id)
    if municipality:
        scheduling.require_seat(meeting, municipality)
    if meeting.state not in CORRECTED_IN:
        raise Conflict("wrong_state", _("Attendance begins when the agenda is published."), current=meeting_as_object(meeting))
    if _is_sealed(meeting):
        detail = _("The minutes are approved: attendance changes only with a new edition of them.")
        raise Conflict("minutes_approved", detail, current=meeting_as_object(meeting))
    return meeting


def _is_sealed(meeting: Meeting) -> bool:
    return Minutes.objects.filter(meeting=meeting, state__in=SEALED).exists()


def replace(
    actor: Actor, meeting: Meeting, municipality: Municipality, rows: Sequence[Attendance], wanted: Sequence[Interval]
) -> list[Attendance]:
    """Strikes what is not wanted and adds what is missing, with one event; what is the same keeps its row. Answers with the new rows."""
    missing = list(wanted)
    struck = [row for row in rows if not _take(missing, _interval(row))]
    if not struck and not missing:
        return []
    Attendance.every.filter(pk__in=[row.pk for row in struck]).update(struck_at=clock.now())
    ever = _ever(meeting, municipality)
    added = [_row(meeting, municipality, ever, interval) for interval in missing]
    Attendance.objects.bulk_create(added)
    record(actor, types.AttendanceCorrected(attendance_as_object([*ever, *added])), meeting_id=meeting.pk)
    return added


def _ever(meeting: Meeting, municipality: Municipality) -> list[Attendance]:
    """Also what is struck, the latest last."""
    return in_order(Attendance.every.filter(meeting=meeting, municipality=municipality).select_related("municipality"))


def _take(missing: list[Interval], interval: Interval) -> bool:
    if interval not in missing:
        return False
    missing.remove(interval)
    return True


def _interval(row: Attendance) -> Interval:
    return Interval(row.joined_at, row.left_at, row.person, row.office, row.source)


def _row(meeting: Meeting, municipality: Municipality, ever: Sequence[Attendance], interval: Interval) -> Attendance:
    """A new row; whose it is, is known of the same person's other ones. One that goes on over the web begins a lease."""
    row = Attendance(meeting=meeting, municipality=municipality, **interval._asdict())
    row.user_id = next((one.user_id for one in reversed(ever) if one.person == row.person and one.user_id), None)
    if row.left_at is None and row.source == Attendance.Source.WEB and row.user_id:
        row.seen_at = clock.now()
    return row


def _now(meeting: Meeting, municipality: Municipality) -> dict[str, Any]:
    empty = Attendance(meeting=meeting, municipality=municipality, struck_at=clock.now())
    return attendance_as_object(_ever(meeting, municipality) or [empty])


def _whole(at: datetime | None) -> datetime | None:
    """To the millisecond, which is what JSON carries."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000) if at else None


def _instants(intervals: Sequence[Mapping[str, Any]]) -> list[tuple[datetime | None, datetime | None]]:
    return [(_whole(one["from"]), _whole(one.get("until"))) for one in intervals]


def _wanted(meeting: Meeting, municipality: Municipality, rows: Sequence[Attendance], values: Mapping[str, Any]) -> Interval:
    """An instant that a row has already, to the millisecond, is that one. Raises Invalid."""
    exact = {_whole(at): at for row in rows for at in (row.joined_at, row.left_at) if at}
    source = values.get("source") or Attendance.Source.DECLARED
    person, office = str(values.get("person") or ""), str(values.get("office") or "")
    if not validation.clean_line(person):
        acting = acting_for(meeting, [municipality.pk]).get(municipality.pk)
        person, office = (acting.user.name, acting.office) if acting else (municipality.name, "")
    cleaned = Attendance()
    validation.apply(cleaned, {"person": person, "office": office, "source": source})
    begins, until = values["from"], values.get("until")
    return Interval(exact.get(_whole(begins), begins), exact.get(_whole(until), until), cleaned.person, cleaned.office, str(cleaned.source))


def _check(meeting: Meeting, rows: Sequence[Attendance], wanted: Sequence[Interval]) -> None:
    """Raises Invalid by the place of the interval: `intervals.0`."""
    if len(wanted) > MOST:
        raise validation.invalid("intervals", _("At most %(most)s intervals.") % {"most": MOST})
    standing, span, errors = {_interval(row)[:2] for row in rows}, span_of(meeting), {}
    places = sorted(range(len(wanted)), key=lambda place: (wanted[place].joined_at, wanted[place].left_at or span.ends))
    for place, following in zip_longest(places, places[1:]):
        next_one = wanted[following] if following is not None else None
        if problem := _problem(meeting, wanted[place], next_one) or _outside(span, wanted[place], standing):
            errors[f"intervals.{place}"] = [problem]
    if errors:
        raise Invalid("invalid", _("Some of what you entered is not right."), errors)


def _problem(meeting: Meeting, one: Interval, following: Interval | None) -> str:
    if one.left_at is None:
        last = following is None and meeting.state in JOINED_IN
        return "" if last else _("Say until when: only the last interval of a session that goes on has no end.")
    if one.left_at < one.joined_at:
        return _("It ends before it begins.")
    return _("It overlaps the next one.") if following and following.joined_at < one.left_at else ""


def _outside(span: Span, one: Interval, standing: Collection[tuple[Any, ...]]) -> str:
    """What stands already may stay, whenever it was."""
    inside = span.begins <= one.joined_at and max(one.joined_at, one.left_at or one.joined_at) <= span.ends
    return "" if inside or one[:2] in standing else _("It lies outside the meeting: from an hour before the start until the close, or now.")
