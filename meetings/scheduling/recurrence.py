"""When a series meets: pure dates, no tables.

A meeting's date and wall time are what people agreed on; the UTC instant follows from them. Ten o'clock therefore stays
ten o'clock on both sides of a change of the clocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from meetings.errors import Invalid

HolidayPolicy = Literal["skip", "shift"]
SkippedReason = Literal["holiday", "break"]

FIRST_WEEKEND_DAY = 5
LONGEST_MEETING = 24 * 60  # minutes
LONGEST_INTERVAL = 52  # weeks
YEARS = range(2000, 2201)
REFUSED_HOUR = 2  # in the European Union the clocks jump over, or repeat, the hour from 02:00 once a year


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The recurrence of a series. Raises Invalid, with the errors by field, when it makes no sense."""

    weekday: int
    """0 is Monday."""
    local_start: time
    time_zone: str
    duration_minutes: int
    starts_on: date
    """The series begins on the first such weekday on or after this day; two-weekly series count from there."""
    ends_on: date | None = None
    """No meeting is held after this day."""
    interval_weeks: int = 1
    holiday_policy: HolidayPolicy = "skip"
    breaks: tuple[tuple[date, date], ...] = ()
    """First and last day of each pause, both included."""

    def __post_init__(self) -> None:
        errors = {field: messages for field, messages in _rule_errors(self).items() if messages}
        if errors:
            raise Invalid("invalid_recurrence", _("This series cannot be scheduled."), errors)

    @property
    def first_date(self) -> date:
        return self.starts_on + timedelta(days=(self.weekday - self.starts_on.weekday()) % 7)

    @property
    def interval(self) -> timedelta:
        return timedelta(weeks=self.interval_weeks)

    def in_break(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.breaks)

    def has_ended(self, day: date) -> bool:
        return self.ends_on is not None and day > self.ends_on


@dataclass(frozen=True)
class Occurrence:
    """One date of a series; ``nominal_date`` is the rule's own and identifies it even when the meeting is shifted."""

    nominal_date: date
    local_date: date
    """The day it is held; the nominal one when it is not held at all."""
    skipped_reason: SkippedReason | None = None

    @property
    def is_held(self) -> bool:
        return self.skipped_reason is None

    @property
    def is_shifted(self) -> bool:
        return self.local_date != self.nominal_date


def occurrences(rule: Rule, *, since: date, until: date, holidays: Callable[[date], bool]) -> list[Occurrence]:
    """Every nominal date from ``since`` to ``until``, both included, in order; those not held carry the reason.

    A date in a break is skipped whatever the policy. A holiday is skipped or shifted to the next working day (Monday to
    Friday, no holiday, in no break), provided that day comes before the next nominal date and within the series.
    """
    return [_occurrence(rule, day, holidays) for day in _nominal_dates(rule, since, until)]


def is_nominal_date(rule: Rule, day: date) -> bool:
    """Whether the rule, breaks and holidays apart, falls on this day."""
    return next(_nominal_dates(rule, day, day), None) is not None


def to_utc(local_date: date, local_time: time, time_zone: str) -> datetime:
    """The instant of a local date and wall time.

    Raises Invalid: ``refused_local_time`` for a start from 02:00 to 02:59, ``nonexistent_local_time`` for one the clocks
    jump over in a zone that changes at another hour, ``unknown_time_zone``. Of a repeated hour the first one is meant.
    """
    check_start(local_time)
    local = datetime.combine(local_date, local_time, zone(time_zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise _invalid("nonexistent_local_time", "local_start", _("The clocks jump over this time on that day."))
    return instant


def check_start(local_time: time) -> None:
    """Refuse a start from 02:00 to 02:59 local: Invalid(``refused_local_time``)."""
    if local_time.hour == REFUSED_HOUR:
        raise _invalid("refused_local_time", "local_start", _refused_hour())


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid(``unknown_time_zone``)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder's or an over-long name is an OSError
        raise _invalid("unknown_time_zone", "time_zone", _unknown_zone()) from error


def deadline(starts_at: datetime, hours_before: int) -> datetime:
    """The instant that many elapsed hours before an aware start, in UTC.

    Elapsed and not wall-clock hours, so that "48 hours before" is the same length of time for everyone: in the week the
    clocks change the deadline's wall time is an hour off the meeting's, which is why it is always shown with date, time
    and zone. Raises ValueError for a naive start.
    """
    if starts_at.tzinfo is None:
        raise ValueError("a deadline needs an aware start")
    return starts_at.astimezone(UTC) - timedelta(hours=hours_before)


def _nominal_dates(rule: Rule, since: date, until: date) -> Iterator[date]:
    # Counting days from the first date, and not ISO weeks, keeps the rhythm through a week 53.
    intervals_before = max(0, -((rule.first_date - since) // rule.interval))
    day = rule.first_date + intervals_before * rule.interval
    while day <= until and not rule.has_ended(day):
        yield day
        day += rule.interval


def _occurrence(rule: Rule, day: date, holidays: Callable[[date], bool]) -> Occurrence:
    if rule.in_break(day):
        return Occurrence(day, day, "break")
    if not holidays(day):
        return Occurrence(day, day)
    shifted = _next_working_day(rule, day, holidays) if rule.holiday_policy == "shift" else None
    return Occurrence(day, shifted) if shifted else Occurrence(day, day, "holiday")


def _next_working_day(rule: Rule, day: date, holidays: Callable[[date], bool]) -> date | None:
    following = (day + timedelta(days=n) for n in range(1, rule.interval.days))
    working = (d for d in following if d.weekday() < FIRST_WEEKEND_DAY and not rule.in_break(d) and not holidays(d))
    shifted = next(working, None)
    return None if shifted is None or rule.has_ended(shifted) else shifted


def _rule_errors(rule: Rule) -> dict[str, list[str]]:
    return {
        "weekday": [] if 0 <= rule.weekday <= 6 else [_("Choose a day of the week.")],
        "local_start": _start_errors(rule.local_start),
        "time_zone": _zone_errors(rule.time_zone),
        "duration_minutes": _range_errors(rule.duration_minutes, LONGEST_MEETING),
        "interval_weeks": _range_errors(rule.interval_weeks, LONGEST_INTERVAL),
        "holiday_policy": [] if rule.holiday_policy in ("skip", "shift") else [_("Choose to skip or to shift.")],
        "starts_on": [] if rule.starts_on.year in YEARS else [_("Choose a year from 2000 to 2200.")],
        "ends_on": [_ends_before_start()] if rule.has_ended(rule.starts_on) else [],
        "breaks": [_ends_before_start()] if any(last < first for first, last in rule.breaks) else [],
    }


def _start_errors(local_start: time) -> list[str]:
    if local_start.tzinfo is not None:
        return [_("Give the local wall time, without a zone.")]
    return [_refused_hour()] if local_start.hour == REFUSED_HOUR else []


def _zone_errors(name: str) -> list[str]:
    try:
        zone(name)
    except Invalid:
        return [_unknown_zone()]
    return []


def _range_errors(value: int, most: int) -> list[str]:
    return [] if 1 <= value <= most else [_("Choose a number from 1 to %(most)s.") % {"most": most}]


def _invalid(code: str, field: str, detail: str) -> Invalid:
    return Invalid(code, detail, {field: [detail]})


def _refused_hour() -> str:
    return _("A meeting cannot start between 02:00 and 02:59: once a year the clocks jump over that hour or repeat it.")


def _unknown_zone() -> str:
    return _("This time zone is not known.")


def _ends_before_start() -> str:
    return _("The last day comes before the first.")
