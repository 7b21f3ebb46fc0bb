"""What a change of the calendar would do, before it is done: the plan that the act uses too, who is told, and what to think of first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import clock
from meetings.access import Actor
from meetings.network.models import Network
from meetings.scheduling import plans, selectors, telling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.plans import Change, Plan, Times
from meetings.scheduling.recurrence import FIRST_WEEKEND_DAY, LONGEST_MEETING
from meetings.typography import date_in_words

SHORT_NOTICE = timedelta(hours=24)


@dataclass(frozen=True)
class Caution:
    """Something to think of first. `code` is stable, `text` in the reader's language."""

    code: str
    text: str
    meeting: UUID | None = None
    """Which meeting it is about; none for one that is not made yet."""


@dataclass(frozen=True)
class Preview:
    changes: Sequence[Change]
    made: int
    told: int
    """How many people are mailed."""
    warnings: Sequence[Caution]
    made_at: Sequence[Times] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the act would change nothing."""
        return not self.made and not any(change.is_done for change in self.changes)


@dataclass(frozen=True)
class Target:
    """When something is going to be held that is not held then now."""

    meeting: UUID | None
    number: int | None
    times: Times
    before: Times | None = None


def preview(*, actor: Actor, network: Network, plan: Plan, series_id: UUID | None = None) -> Preview:
    """What the plan comes to. Two or three queries, however many meetings."""
    made = [Target(None, None, plans.times_of(slot)) for slot in plan.made]
    held = [Target(change.meeting, change.number, change.after, change.before) for change in plan.done if change.after.is_held]
    warnings = [*_warnings(network, [*held, *made]), *_short_notice(plan)]
    return Preview(plan.changes, len(plan.made), _told(actor, network, plan), warnings, [target.times for target in made])


def _told(actor: Actor, network: Network, plan: Plan) -> int:
    known = set(Meeting.objects.filter(pk__in=[c.meeting for c in plan.done], announced_at__isnull=False).values_list("pk", flat=True))
    near = [change for change in plan.done if change.meeting in known or _near(change.before) or _near(change.after)]
    if near or any(_near(plans.times_of(slot)) for slot in plan.made):
        return len({person.address for person in telling.members(network, besides=actor.user_id)})
    return 0


def _near(times: Times) -> bool:
    return times.starts_at <= clock.now() + telling.TOLD_AHEAD


def _short_notice(plan: Plan) -> list[Caution]:
    soon = clock.now() + SHORT_NOTICE
    text = _("Meeting no. %(number)s: less than 24 hours’ notice.")
    found = [change for change in plan.done if change.before.starts_at <= soon or change.after.starts_at <= soon]
    return [Caution("short_notice", text % {"number": change.number}, change.meeting) for change in found]


def _warnings(network: Network, targets: Sequence[Target]) -> list[Caution]:
    """About the days and times at which something is going to be held."""
    days = {target.times.day for target in targets}
    towns = selectors.patron_towns(network, days)
    closed = {day: name for day in days if (name := selectors.closed_day_name(network, day))}
    others = _others(network, targets)
    found: list[Caution] = []
    for target in targets:
        found += _of_day(target, closed.get(target.times.day, ""), towns.get(target.times.day, 0))
        found += _of_neighbours(target, others)
    return found


def _of_day(target: Target, closed: str, towns: int) -> Iterable[Caution]:
    day = {"day": date_in_words(target.times.day, "j F Y")}
    if closed:
        yield Caution("holiday", _("%(day)s is a holiday: %(name)s.") % {**day, "name": closed}, target.meeting)
    if towns:
        text = ngettext(
            "%(day)s is the patron’s day in one municipality.", "%(day)s is the patron’s day in %(n)s municipalities.", towns
        ) % {**day, "n": towns}
        yield Caution("patron_day", text, target.meeting)
    if target.times.day.weekday() >= FIRST_WEEKEND_DAY:
        yield Caution("weekend", _("%(day)s is at the weekend.") % day, target.meeting)


def _others(network: Network, targets: Sequence[Target]) -> list[Meeting]:
    """The network's meetings near the targets that stay where they are, in one query."""
    if not targets:
        return []
    starts = [target.times.starts_at for target in targets] + [target.before.starts_at for target in targets if target.before]
    reach = timedelta(minutes=LONGEST_MEETING)
    rows = Meeting.objects.filter(network=network, starts_at__gte=min(starts) - reach, starts_at__lte=max(starts) + reach)
    rows = rows.exclude(Q(state=MeetingState.CANCELLED) | Q(pk__in=[target.meeting for target in targets if target.meeting]))
    return list(rows.order_by("starts_at"))


def _of_neighbours(target: Target, others: Sequence[Meeting]) -> Iterable[Caution]:
    start = target.times.starts_at
    end = start + timedelta(minutes=target.times.duration_minutes)
    for other in others:
        names = {"title": other.title, "number": other.number, "day": date_in_words(other.local, "j F Y, H:i")}
        if other.starts_at < end and start < other.ends_at:
            yield Caution("overlap", _("This overlaps with “%(title)s” no. %(number)s of %(day)s.") % names, target.meeting)
        elif other.local.date() == target.times.day:
            yield Caution("same_day", _("There is “%(title)s” no. %(number)s on the same day.") % names, target.meeting)
        elif target.before and _passed(target.before.starts_at, start, other.starts_at):
            yield Caution("passes", _("It passes “%(title)s” no. %(number)s of %(day)s.") % names, target.meeting)


def _passed(before: datetime, after: datetime, other: datetime) -> bool:
    return before < other < after or after < other < before


def as_object(found: Preview) -> Mapping[str, Any]:
    return {
        "changes": [plans.as_object(change) for change in found.changes],
        "made": found.made,
        "told": found.told,
        "warnings": [{"code": warning.code, "text": warning.text, "meeting": warning.meeting} for warning in found.warnings],
    }
