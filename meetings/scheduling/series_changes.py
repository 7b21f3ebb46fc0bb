"""Writes that change a whole series from a day on: what is asked is planned first (`asked_…`), for the preview and the act alike.

What becomes of the agenda items of meetings that it cancels or restores is `agenda.series`'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.events.services import lock_stream, record
from meetings.events.types import SeriesChanged
from meetings.network.models import Network
from meetings.network.selectors import today
from meetings.scheduling import acts, calendar, plans, schedules, selectors, services, telling
from meetings.scheduling.models import Meeting, MeetingSeries, MeetingState
from meetings.scheduling.plans import Change, Plan
from meetings.scheduling.previews import Preview, preview
from meetings.scheduling.schedules import Schedule
from meetings.scheduling.telling import News


@dataclass(frozen=True)
class Asked:
    """A change of a series: its columns as they will be, the schedule that they make, and what that does."""

    series: MeetingSeries
    plan: Plan
    schedule: Schedule
    columns: Mapping[str, Any] = field(default_factory=dict)
    by_hand: bool = False
    """Whether the meetings that are cancelled stay so whatever the rule says later."""


@dataclass(frozen=True)
class Done:
    """What a change of a series has done to its meetings."""

    series: MeetingSeries
    cancelled: Sequence[Meeting]
    restored: Sequence[Meeting]


def asked_skip(*, actor: Actor, series: MeetingSeries, day: date) -> Asked:
    """A single date is left out: a meeting that was announced is cancelled, any other date becomes a break of one day.

    Raises Invalid for a day on which the series does not meet or that has passed, Conflict once the meeting has begun.
    """
    _require(actor, series)
    on_day = series.meetings.filter(local_start__startswith=day.isoformat()).exclude(state=MeetingState.CANCELLED)
    announced = [row for row in on_day.order_by("starts_at", "id") if row.announced_at is not None or telling.is_near(row)]
    for row in announced:
        acts.require_to_come(row)
    if changes := [change for row in announced for change in calendar.cancel_plan(actor=actor, meeting=row).changes]:
        return Asked(series, Plan(tuple(changes)), selectors.schedule_of(series), by_hand=True)
    dates = [slot for slot in _slots(series, selectors.schedule_of(series), day) if slot.is_held and slot.occurrence.local_date == day]
    if day < today(series.network) or not (dates or on_day.exists()):
        raise validation.invalid("date", _("The series does not meet on that day."))
    return asked_breaks(actor=actor, series=series, breaks=[*series.breaks, {"from": day.isoformat(), "until": day.isoformat()}])


def asked_breaks(*, actor: Actor, series: MeetingSeries, breaks: Sequence[Mapping[str, str]], holiday_policy: str = "") -> Asked:
    """Other breaks, and another policy for holidays, from now on; holidays that have come to be known meanwhile count too."""
    columns = {"breaks": list(breaks), "holiday_policy": holiday_policy or series.holiday_policy}
    changed = _with(actor, series, columns)
    rule = selectors.rule_of(changed)
    schedule = selectors.schedule_of(series).whole(breaks=rule.breaks, holiday_policy=rule.holiday_policy)
    return _asked(changed, series, schedule, columns, _lately(series))


def asked_end(*, actor: Actor, series: MeetingSeries, ends_on: date | None) -> Asked:
    """Another last day, later (the old rows return) or earlier (they are cancelled); none for no end."""
    columns = {"ends_on": ends_on}
    changed = _with(actor, series, columns)
    selectors.rule_of(changed)
    schedule = replace(selectors.schedule_of(series), ends_on=ends_on)
    return _asked(changed, series, schedule, columns, _lately(series))


def asked_change(*, actor: Actor, series: MeetingSeries, since: date, changes: Mapping[str, Any]) -> Asked:
    """Another weekday, start, zone, length or interval (CHANGEABLE) from the first date on or after `since`. Raises Invalid by field."""
    _require(actor, series)
    if since < today(series.network):
        raise validation.invalid("from", _("What has passed does not change: choose today or a later day."))
    changes = {name: value for name, value in changes.items() if name in schedules.CHANGEABLE and value is not None}
    schedule = selectors.schedule_of(series).changed_from(since, changes)
    last = {name: getattr(schedule.last, name) for name in schedules.CHANGEABLE}
    changed = _with(actor, series, last)
    return _asked(changed, series, schedule, {**last, "rules": schedule.as_json()}, selectors.schedule_of(series).week_of(since))


def _require(actor: Actor, series: MeetingSeries) -> None:
    require(actor, Permission.SCHEDULE, network_id=series.network_id)


def _with(actor: Actor, series: MeetingSeries, columns: Mapping[str, Any]) -> MeetingSeries:
    """The series as it would be, validated. Raises Invalid by field."""
    _require(actor, series)
    changed = MeetingSeries.objects.select_related("network__seat").get(pk=series.pk)
    services.set_columns(changed, columns)
    return changed


def _lately(series: MeetingSeries) -> date:
    """From where on dates may still lie ahead: one shifted by a holiday is held within an interval of its own."""
    return today(series.network) - timedelta(weeks=series.interval_weeks)


def _asked(changed: MeetingSeries, series: MeetingSeries, schedule: Schedule, columns: Mapping[str, Any], since: date) -> Asked:
    week = schedules.monday(since)
    old, new = (_slots(series, rules, week) for rules in (selectors.schedule_of(series), schedule))
    rows = [_row(row) for row in series.meetings.order_by("starts_at", "id")]
    rows = [row for row in rows if (row.nominal_date or date.min) >= week or (row.moved and row.times.day >= since)]
    plan = plans.plan(rows=rows, old=old, new=new, schedule=schedule, now=clock.now())
    return Asked(changed, plan, schedule, columns)


def _slots(series: MeetingSeries, schedule: Schedule, since: date) -> list[schedules.Slot]:
    until = today(series.network) + services.AHEAD
    return schedule.slots(since=since, until=until, holidays=selectors.closed_days(series.network))


def _row(meeting: Meeting) -> plans.Row:
    return plans.Row(
        id=meeting.pk,
        number=meeting.number,
        nominal_date=meeting.nominal_date,
        state=meeting.state,
        times=acts.times_of(meeting),
        moved=meeting.moved or meeting.nominal_date is None,
        cancelled_by_rule=meeting.cancelled_by_rule,
    )


def preview_series(actor: Actor, asked: Asked) -> Preview:
    """What the change would do."""
    return preview(actor=actor, network=asked.series.network, plan=asked.plan)


def locked_series(series: MeetingSeries, expected_version: int | None = None) -> MeetingSeries:
    """The series as it now is, locked until the transaction ends, and the network's stream before it. Raises StaleVersion."""
    lock_stream(network_id=series.network_id)
    series = MeetingSeries.objects.select_for_update(of=("self",), no_key=True).select_related("network__seat").get(pk=series.pk)
    versions.check(series, expected_version, lambda: selectors.series_as_object(series))
    return series


def carry_out(*, actor: Actor, asked: Asked, reason: str = "") -> Done:
    """Does what was asked, within the transaction that has locked the series and asked it. Raises Invalid for a skip without a reason."""
    _require(actor, asked.series)
    series, reason = _saved(actor, asked), acts.line(reason)
    if asked.by_hand and not reason:
        raise validation.invalid("reason", _("Say why: everybody who takes part is told."))
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("network", "series")
    found = {row.pk: row for row in rows.filter(pk__in=[change.meeting for change in asked.plan.done]).order_by("pk")}
    news = [told for change in asked.plan.done for told in _do(actor, found[change.meeting], change, reason, by_rule=not asked.by_hand)]
    made = services.make_meetings(actor, series, asked.plan.made)
    news += [told for meeting in made for told in acts.tell_new(meeting, reason)]
    telling.tell(actor=actor, network=series.network, series_id=series.pk, changes=news)
    of = {what: [found[change.meeting] for change in asked.plan.done if change.what == what] for what in ("cancelled", "restored")}
    return Done(series, of["cancelled"], of["restored"])


def _saved(actor: Actor, asked: Asked) -> MeetingSeries:
    if not asked.columns:
        return asked.series
    series = asked.series
    if "rules" in asked.columns or series.rules:
        series.rules = asked.schedule.as_json()
    series.version += 1
    series.save()
    record(actor, SeriesChanged(selectors.series_as_object(series)))
    return series


def _do(actor: Actor, meeting: Meeting, change: Change, reason: str, *, by_rule: bool) -> list[News]:
    match change.what:
        case "moved":
            return acts.move(actor, meeting, change.after, moved=change.moved, reason=reason)
        case "cancelled":
            return acts.cancel(actor, meeting, reason or _because(change.why, meeting.network), by_rule=by_rule)
        case "restored":
            return acts.restore(actor, meeting, change.after, moved=change.moved, reason=reason)
    return []


def _because(why: str, network: Network) -> str:
    """The reason, where nobody has given one, in the network's language."""
    with override(network.language):
        reasons = {
            "break": _("The series has a break."),
            "holiday": _("It is a holiday."),
            "ended": _("The series ends before."),
            "rhythm": _("The series meets less often."),
        }
        return reasons.get(why, "")
