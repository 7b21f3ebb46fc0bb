"""A zone's VTIMEZONE with yearly rules (RFC 5545, section 3.6.5), the same bytes whatever the date it is written.

Calendar programs disagree about lists of single transitions, but all understand "the last Sunday of March, every year".
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

YEARS = range(2024, 2038)  # the rule must hold in all of them
EPOCH_YEAR = 1970
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class _Change:
    """The clocks change at ``local``, the wall time before the change."""

    local: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str

    @property
    def is_daylight(self) -> bool:
        return self.offset_to > self.offset_from  # not tm_isdst, which for Dublin depends on how the tables were built

    @property
    def nth_from_start(self) -> int:
        return (self.local.day - 1) // 7 + 1

    @property
    def is_last(self) -> bool:
        return (self.local + timedelta(days=7)).month != self.local.month


@lru_cache(maxsize=64)
def vtimezone(name: str) -> Timezone | None:
    """The component for an IANA zone, or None when its changes follow no yearly rule (Morocco's Ramadan, say).

    Treat it as read-only: it is shared. Raises ZoneInfoNotFoundError for an unknown zone.
    """
    zone = ZoneInfo(name)
    by_year = [_changes(zone, year) for year in YEARS]
    if not any(by_year):
        return _component(name, [_fixed(zone)])
    observances = [_observance(list(same)) for same in zip(*by_year, strict=False)]
    if len({len(changes) for changes in by_year}) > 1 or None in observances:
        return None
    return _component(name, [observance for observance in observances if observance is not None])


def _component(name: str, observances: list[TimezoneStandard | TimezoneDaylight]) -> Timezone:
    component = Timezone()
    component.add("tzid", name)
    for observance in observances:
        component.add_component(observance)
    return component


def _fixed(zone: tzinfo) -> TimezoneStandard:
    at = datetime(YEARS.start, 1, 1, tzinfo=zone)
    offset = at.utcoffset() or timedelta()
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(EPOCH_YEAR, 1, 1))  # noqa: DTZ001  local by definition
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    standard.add("tzname", at.tzname() or "UTC")
    return standard


def _observance(changes: list[_Change]) -> TimezoneStandard | TimezoneDaylight | None:
    """One yearly rule for the same change in every year, or None when there is none."""
    first = changes[0]
    if len({_signature(change) for change in changes}) > 1:
        return None
    nth = _common_nth(changes)
    if nth is None:
        return None
    observance = TimezoneDaylight() if first.is_daylight else TimezoneStandard()
    observance.add("dtstart", _first_of_rule(first, nth))
    observance.add("rrule", {"freq": "yearly", "bymonth": first.local.month, "byday": f"{nth}{WEEKDAYS[first.local.weekday()]}"})
    observance.add("tzoffsetfrom", first.offset_from)
    observance.add("tzoffsetto", first.offset_to)
    observance.add("tzname", first.name)
    return observance


def _signature(change: _Change) -> tuple[object, ...]:
    local = change.local
    return local.month, local.weekday(), local.time(), change.offset_from, change.offset_to, change.name, change.is_daylight


def _common_nth(changes: list[_Change]) -> int | None:
    if all(change.is_last for change in changes):
        return -1
    nths = {change.nth_from_start for change in changes}
    return nths.pop() if len(nths) == 1 else None


def _first_of_rule(change: _Change, nth: int) -> datetime:
    days = [change.local.replace(year=EPOCH_YEAR, day=1) + timedelta(days=n) for n in range(31)]
    matching = [d for d in days if d.month == change.local.month and d.weekday() == change.local.weekday()]
    return matching[nth if nth < 0 else nth - 1]


def _changes(zone: tzinfo, year: int) -> list[_Change]:
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(367)]
    found = [_change(zone, before, after) for before, after in pairwise(days) if _offset(zone, before) != _offset(zone, after)]
    return [change for change in found if change.local.year == year]


def _change(zone: tzinfo, before: datetime, after: datetime) -> _Change:
    offset = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
    first = after.replace(microsecond=0).astimezone(zone)
    return _Change(
        local=(first.astimezone(UTC) + offset).replace(tzinfo=None),
        offset_from=offset,
        offset_to=_offset(zone, after),
        name=first.tzname() or "",
    )


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
