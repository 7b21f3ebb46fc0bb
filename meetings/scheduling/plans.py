"""What a change of a series does to each of its meetings: computed here for the preview and for the act alike, from plain values.

Nobody's work is rewritten behind their back: a meeting that was set by hand keeps its own time, one that was cancelled by hand stays so,
and a meeting whose agenda is published, or whose time has passed, stays as it is. Rows are cancelled and restored, never deleted or made
twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from meetings.scheduling.recurrence import to_utc
from meetings.scheduling.schedules import Schedule, Slot, monday

What = Literal["moved", "cancelled", "restored", "stays"]
Why = Literal["", "published", "by_hand", "past", "holiday", "break", "ended", "rhythm"]
"""Why a meeting is left out, or left as it is."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """When a meeting is, and whether it is held."""

    local_start: str
    """Wall clock, 2026-11-26T10:00."""
    time_zone: str
    duration_minutes: int
    is_held: bool = True

    @property
    def starts_at(self) -> datetime:
        """Raises Invalid for a time that is refused or does not exist."""
        local = datetime.fromisoformat(self.local_start)
        return to_utc(local.date(), local.time(), self.time_zone)

    @property
    def day(self) -> date:
        return datetime.fromisoformat(self.local_start).date()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A meeting of the series as it is."""

    id: UUID
    number: int
    nominal_date: date | None
    """None for a further meeting, which has a time of its own as one that was moved."""
    state: str
    times: Times
    moved: bool
    cancelled_by_rule: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one meeting."""

    meeting: UUID
    number: int
    what: What
    before: Times
    after: Times
    why: Why = ""
    moved: bool = False
    """Whether it is now set on another time than its series gives."""

    @property
    def is_done(self) -> bool:
        return self.what != "stays"


@dataclass(frozen=True)
class Plan:
    changes: tuple[Change, ...] = ()
    made: tuple[Slot, ...] = ()

    @property
    def done(self) -> list[Change]:
        """The changes that change anything."""
        return [change for change in self.changes if change.is_done]


def plan(*, rows: Iterable[Row], old: Sequence[Slot], new: Sequence[Slot], schedule: Schedule, now: datetime) -> Plan:
    """What turning `old` into `new` (the slots of the same weeks) does to the meetings. `schedule` is the new one. Pure."""
    slots, before = {slot.week: slot for slot in new}, {slot.week: slot for slot in old}
    changes, known = [], set()
    for row in rows:
        week = monday(row.nominal_date) if row.nominal_date else date.min
        changes.append(_change(row, before.get(week), slots.get(week), schedule, now))
        known.add(week)
    made = [slot for slot in new if slot.is_held and slot.week not in known and slot.starts_at > now]
    return Plan(tuple(change for change in changes if change), tuple(made))


def _change(row: Row, old: Slot | None, new: Slot | None, schedule: Schedule, now: datetime) -> Change | None:
    if row.state == "cancelled":
        return _restored(row, new, schedule, now) if row.cancelled_by_rule else None
    if row.times.starts_at <= now or row.state not in ("scheduled", "agenda_published"):
        return None
    change = _by_hand(row, old, new, schedule) if row.moved else _by_rule(row, old, new, schedule, now)
    if change and row.state == "agenda_published":
        return _stays(row, "published") if change.is_done else change
    return change


def _by_hand(row: Row, old: Slot | None, new: Slot | None, schedule: Schedule) -> Change | None:
    """A meeting with a time of its own is held there, unless there is a break on that day or the series has ended."""
    day = row.times.day
    if schedule.has_ended(day):
        return _cancelled(row, "ended")
    if schedule.last.in_break(day):
        return _cancelled(row, "break")
    return _stays(row, "by_hand") if _held(old) != _held(new) else None


def _own(row: Row, schedule: Schedule) -> Times | None:
    out = schedule.has_ended(row.times.day) or schedule.last.in_break(row.times.day)
    return None if out else replace(row.times, is_held=True)


def _held(slot: Slot | None) -> Times | None:
    return times_of(slot) if slot and slot.is_held else None


def _by_rule(row: Row, old: Slot | None, new: Slot | None, schedule: Schedule, now: datetime) -> Change | None:
    if new is None:
        return _cancelled(row, "ended" if schedule.has_ended(row.times.day) else "rhythm")
    if not new.is_held:
        return _cancelled(row, new.occurrence.skipped_reason or "holiday")
    own_length = old is not None and row.times.duration_minutes != old.rule.duration_minutes
    after = times_of(new)
    after = replace(after, duration_minutes=row.times.duration_minutes) if own_length else after
    if after == row.times:
        return None
    if after.starts_at <= now:
        return _stays(row, "past")
    return Change(meeting=row.id, number=row.number, what="moved", before=row.times, after=after)


def _restored(row: Row, new: Slot | None, schedule: Schedule, now: datetime) -> Change | None:
    """A row that its series had left out comes back with its old id: at the series' time, or at its own when it was set by hand."""
    after = _own(row, schedule) if row.moved else _held(new)
    if after is None or after.starts_at <= now:
        return None
    return Change(meeting=row.id, number=row.number, what="restored", before=row.times, after=after, moved=row.moved)


def _cancelled(row: Row, why: Why) -> Change:
    after = replace(row.times, is_held=False)
    return Change(meeting=row.id, number=row.number, what="cancelled", before=row.times, after=after, why=why, moved=row.moved)


def _stays(row: Row, why: Why) -> Change:
    return Change(meeting=row.id, number=row.number, what="stays", before=row.times, after=row.times, why=why, moved=row.moved)


def times_of(slot: Slot) -> Times:
    """When the series holds the meeting of that week."""
    return Times(local_start=slot.local_start, time_zone=slot.rule.time_zone, duration_minutes=slot.rule.duration_minutes)


def as_object(change: Change) -> Mapping[str, Any]:
    """A change as REST and pages show it."""
    shown = {name: getattr(change, name) for name in ("meeting", "number", "what", "why")}
    return {**shown, "before": _times(change.before), "after": _times(change.after)}


def _times(times: Times) -> dict[str, Any]:
    names = ("local_start", "time_zone", "duration_minutes", "is_held")
    return {"starts_at": times.starts_at, **{name: getattr(times, name) for name in names}}
