"""When a series meets although its rule has changed: pure dates, no tables.

A series' rule holds from a week on until the next one does. The week is what a meeting keeps when weekday or hour change: the meeting of
that week is still the meeting of that week, so its row, its UUID and what was proposed for it stay.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from meetings.errors import Invalid
from meetings.scheduling.recurrence import Occurrence, Rule, occurrences, to_utc

WEEK = timedelta(weeks=1)
FAR = timedelta(weeks=2 * 53)
"""How far ahead a series' first date after a day is looked for: its longest interval, twice."""
CHANGEABLE = ("weekday", "local_start", "time_zone", "duration_minutes", "interval_weeks")
"""What may be different from a week on."""


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


class Stretch(NamedTuple):
    """A rule and the Monday of the first week that it holds for."""

    week: date
    since: date
    """The day that was asked for: a later change from the same day is a change of the same weeks."""
    rule: Rule
    """Begins on the Monday of a week in which it meets, so that a two-weekly rhythm counts from there."""

    @property
    def rhythm(self) -> tuple[Any, ...]:
        """What makes two stretches the same: the rule, whatever week it is counted from."""
        phase = (self.rule.starts_on - date.min).days // 7 % self.rule.interval_weeks
        return (*(getattr(self.rule, name) for name in CHANGEABLE), phase)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """What a series has in one of its weeks."""

    occurrence: Occurrence
    rule: Rule

    @property
    def week(self) -> date:
        return monday(self.occurrence.nominal_date)

    @property
    def is_held(self) -> bool:
        return self.occurrence.is_held

    @property
    def local_start(self) -> str:
        """Wall clock, 2026-11-26T10:00."""
        return wall(self.occurrence.local_date, self.rule.local_start)

    @property
    def starts_at(self) -> datetime:
        return to_utc(self.occurrence.local_date, self.rule.local_start, self.rule.time_zone)


def wall(day: date, start: time) -> str:
    """A local date and time as meetings keep them."""
    return f"{day.isoformat()}T{start:%H:%M}"


@dataclass(frozen=True)
class Schedule:
    """The rules of a series, the earliest first; each has the series' breaks and holiday policy, none its end."""

    stretches: tuple[Stretch, ...]
    ends_on: date | None = None

    def slots(self, *, since: date, until: date, holidays: Callable[[date], bool]) -> list[Slot]:
        """What the series has in each of its weeks from that of `since` to `until`, skipped dates too.

        A holiday is not shifted to or beyond the next week's date, also where another rule gives that one.
        """
        found = list(self._slots(monday(since), until + FAR, holidays))
        too_far = {slot.week for slot, after in pairwise(found) if slot.occurrence.local_date >= after.occurrence.nominal_date}
        within = [_unshifted(slot) if slot.week in too_far else slot for slot in found if slot.occurrence.nominal_date <= until]
        return [_unshifted(slot) if self.has_ended(slot.occurrence.local_date) else slot for slot in within]

    def has_ended(self, day: date) -> bool:
        return self.ends_on is not None and day > self.ends_on

    def _slots(self, since: date, until: date, holidays: Callable[[date], bool]) -> Iterator[Slot]:
        ends = [stretch.week - timedelta(days=1) for stretch in self.stretches[1:]]
        for stretch, end in zip(self.stretches, [*ends, date.max], strict=True):
            for occurrence in occurrences(stretch.rule, since=max(since, stretch.week), until=min(until, end), holidays=holidays):
                if self.has_ended(occurrence.nominal_date):
                    return
                yield Slot(occurrence=occurrence, rule=stretch.rule)

    def changed_from(self, day: date, changes: Mapping[str, Any]) -> "Schedule":
        """The same with `changes` (CHANGEABLE) from the week of the first date on or after `day`, also where another rule holds later on.

        Raises Invalid by field, and for a day after the last date.
        """
        week = self.week_of(day)
        before = [stretch for stretch in self.stretches if stretch.week < week]
        here = max((stretch for stretch in self.stretches if stretch.week <= week), key=lambda stretch: stretch.week)
        after = [stretch for stretch in self.stretches if stretch.week > week]
        changed = [_changed(stretch, changes, week) for stretch in (here._replace(week=week, since=day), *after)]
        return replace(self, stretches=tuple(_merged([*before, *changed])))

    def week_of(self, day: date) -> date:
        """The Monday of the week in which a change from `day` on takes hold. Raises Invalid for a day after the last date."""
        for stretch in self.stretches:
            if stretch.since == day:
                return stretch.week
        dates = self._slots(monday(day), day + FAR, lambda _day: False)
        first = next((slot for slot in dates if slot.occurrence.nominal_date >= day), None)
        if first is None:
            detail = _("The series has no date on or after that day.")
            raise Invalid("no_date", detail, {"from": [detail]})
        return first.week

    def whole(self, **changes: Any) -> "Schedule":
        """The same with `changes` to breaks, policy or duration throughout."""
        return replace(self, stretches=tuple(stretch._replace(rule=replace(stretch.rule, **changes)) for stretch in self.stretches))

    @property
    def last(self) -> Rule:
        """What holds in the end."""
        return self.stretches[-1].rule

    def as_json(self) -> list[dict[str, Any]]:
        """As the series' row keeps it."""
        return [
            {
                "week": stretch.week.isoformat(),
                "since": stretch.since.isoformat(),
                "counts_from": stretch.rule.starts_on.isoformat(),
                **{name: getattr(stretch.rule, name) for name in CHANGEABLE},
                "local_start": f"{stretch.rule.local_start:%H:%M}",
            }
            for stretch in self.stretches
        ]


def only(rule: Rule) -> Schedule:
    """The schedule of a series whose rule has never changed."""
    week = monday(rule.first_date)
    return Schedule((Stretch(week, rule.starts_on, replace(rule, starts_on=week, ends_on=None)),), rule.ends_on)


def from_json(rows: Sequence[Mapping[str, Any]], rule: Rule) -> Schedule:
    """What `as_json` wrote; end, breaks and policy are those of `rule`."""
    return Schedule(tuple(_stretch(row, rule) for row in rows), rule.ends_on)


def _stretch(row: Mapping[str, Any], rule: Rule) -> Stretch:
    values = {name: row[name] for name in CHANGEABLE} | {"local_start": time.fromisoformat(row["local_start"])}
    week, since, counts_from = (date.fromisoformat(row[name]) for name in ("week", "since", "counts_from"))
    return Stretch(week, since, replace(rule, starts_on=counts_from, ends_on=None, **values))


def _changed(stretch: Stretch, changes: Mapping[str, Any], week: date) -> Stretch:
    """Another interval counts from the week of the change."""
    another = changes.get("interval_weeks", stretch.rule.interval_weeks) != stretch.rule.interval_weeks
    return stretch._replace(rule=replace(stretch.rule, starts_on=week if another else stretch.rule.starts_on, **changes))


def _merged(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for stretch in stretches:
        if last is None or stretch.rhythm != last.rhythm:
            yield stretch
            last = stretch


def _unshifted(slot: Slot) -> Slot:
    day = slot.occurrence.nominal_date
    return replace(slot, occurrence=Occurrence(day, day, "holiday")) if slot.occurrence.is_shifted else slot
