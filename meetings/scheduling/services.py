"""Writes of series, meetings and answers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.errors import Conflict, Invalid
from meetings.events.services import lock_stream, record
from meetings.events.types import MeetingAgendaPublished, MeetingChanged, SeriesChanged, SeriesCreated
from meetings.network.models import Municipality, Network
from meetings.network.selectors import place_of, system_actor, today
from meetings.scheduling import acts, answers, delegations, recurrence, schedules, selectors, telling
from meetings.scheduling.acts import touch as touch
from meetings.scheduling.models import (
    ACTIONS,
    ANNOUNCED,
    LONGEST_REMINDER,
    MOST_REMINDERS,
    TRANSITIONS,
    Meeting,
    MeetingSeries,
    MeetingState,
    Response,
)
from meetings.scheduling.plans import times_of
from meetings.scheduling.schedules import Slot
from meetings.scheduling.telling import News

MONTHS_AHEAD = 18
AHEAD = timedelta(days=MONTHS_AHEAD * 366 // 12)
LONGEST_INTAKE = 366 * 24  # hours
LONGEST_PAST = timedelta(days=366)
REQUIRED: Mapping[str, Any] = {"title": "", "weekday": None, "local_start": None, "starts_on": None}
"""What a series cannot be without, as it is when left out."""


@transaction.atomic
def create_series(*, actor: Actor, network: Network, values: Mapping[str, Any]) -> MeetingSeries:
    """A new weekly series, its meetings materialised 18 months ahead. Raises Invalid by field."""
    require(actor, Permission.SCHEDULE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    series = MeetingSeries(network=network, time_zone=network.time_zone)
    set_columns(series, {**REQUIRED, **values})
    if series.starts_on < today(network) - LONGEST_PAST:
        raise validation.invalid("starts_on", _("A series begins at most a year back: is this the right year?"))
    series.save()
    record(actor, SeriesCreated(selectors.series_as_object(series)))
    materialise(actor=actor, series=series)
    return series


FOLLOWED = ("title", "duration_minutes", "join_url", "phone", "phone_pin", "video_provider", "video_room")
"""What meetings take over from their series."""
EDITABLE = (*FOLLOWED, "intake_opens_hours", "intake_closes_hours", "reminder_hours")
"""What can change of all meetings to come; the dates change from a day on (`series_changes`)."""


@transaction.atomic
def change_series(*, actor: Actor, series: MeetingSeries, values: Mapping[str, Any], expected_version: int | None = None) -> MeetingSeries:
    """Changes title, length, intake and join link, also of the meetings still to come. Raises Invalid by field, StaleVersion."""
    lock_stream(network_id=series.network_id)
    series = MeetingSeries.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=series.pk)
    require(actor, Permission.SCHEDULE, network_id=series.network_id)
    versions.check(series, expected_version, lambda: selectors.series_as_object(series))
    if fixed := [name for name in values if name not in EDITABLE and getattr(series, name, None) != values[name]]:
        detail = _("This changes from a day on: choose from which.")
        raise Invalid("invalid", detail, {name: [detail] for name in fixed})
    old = {name: getattr(series, name) for name in FOLLOWED}
    set_columns(series, {name: value for name, value in values.items() if name in EDITABLE})
    if series.rules:
        series.rules = selectors.schedule_of(series).whole(duration_minutes=series.duration_minutes).as_json()
    series.version += 1
    series.save()
    record(actor, SeriesChanged(selectors.series_as_object(series)))
    to_come = series.meetings.filter(state=MeetingState.SCHEDULED, starts_at__gt=clock.now()).order_by("pk")
    to_come = to_come.select_for_update(of=("self",), no_key=True)
    news = [change for meeting in to_come for change in _follow(actor, series, meeting, old)]
    telling.tell(actor=actor, network=series.network, series_id=series.pk, changes=news)
    return series


def _follow(actor: Actor, series: MeetingSeries, meeting: Meeting, old: Mapping[str, Any]) -> list[News]:
    """A meeting still to come takes over what changed in its series, unless it has one of its own; an open intake keeps its deadline."""
    kept = {name: getattr(series, name) for name in FOLLOWED if getattr(meeting, name) == old[name]}
    values: dict[str, Any] = kept | (acts.intake(series, meeting.starts_at) if meeting.intake_opens_at > clock.now() else {})
    changed = [name for name, value in values.items() if getattr(meeting, name) != value]
    if not changed:
        return []
    before, told = telling.shown(meeting), telling.announce(meeting)
    for name in changed:
        setattr(meeting, name, values[name])
    meeting.calendar_sequence += "duration_minutes" in changed
    touch(meeting, *changed, "calendar_sequence", "announced_at")
    record(actor, MeetingChanged(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    return [telling.news(meeting, before)] if told else []


def set_columns(series: MeetingSeries, values: Mapping[str, Any]) -> None:
    """Sets columns of the series, validated together. Raises Invalid by field."""
    validation.apply(series, values)
    if series.intake_opens_hours <= series.intake_closes_hours:
        raise validation.invalid("intake_opens_hours", _("Proposals must open before they close."))
    if reason := reminders_refused(series.reminder_hours):
        raise validation.invalid("reminder_hours", reason)
    series.reminder_hours = sorted(set(series.reminder_hours), reverse=True)
    if series.intake_opens_hours > LONGEST_INTAKE:
        raise validation.invalid("intake_opens_hours", _("Proposals open at most a year before the meeting."))
    try:
        selectors.rule_of(series)
    except (KeyError, TypeError, ValueError) as error:
        raise validation.invalid("breaks", _("Give each break as its first and last day.")) from error


def reminders_refused(hours: Any) -> str:
    """Why these are no hours before the start at which to remind; empty when they are."""
    if not isinstance(hours, list) or len(hours) > MOST_REMINDERS:
        return _("At most %(most)s reminders for a meeting.") % {"most": MOST_REMINDERS}
    if any(type(row) is not int or not 1 <= row <= LONGEST_REMINDER for row in hours):
        return _("Give whole hours before the start, from 1 to %(most)s.") % {"most": LONGEST_REMINDER}
    return ""


@transaction.atomic
def materialise(*, actor: Actor | None = None, series: MeetingSeries) -> list[Meeting]:
    """Makes the rows of the meetings due within 18 months; doing it again makes none twice."""
    lock_stream(network_id=series.network_id)  # the numbers go on, whoever makes a meeting
    series = MeetingSeries.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=series.pk)
    actor = actor or system_actor(series.network_id)
    require(actor, Permission.SCHEDULE, network_id=series.network_id)
    until = today(series.network) + AHEAD
    known = set(series.meetings.filter(nominal_date__isnull=False).values_list("nominal_date", flat=True))
    weeks = {schedules.monday(day) for day in known if day}
    closed = selectors.closed_days(series.network)
    slots = selectors.schedule_of(series).slots(since=series.starts_on, until=until, holidays=closed)
    missing = [slot for slot in slots if slot.is_held and slot.week not in weeks]
    if series.materialised_until is not None:  # only a series that is new may reach back
        missing = [slot for slot in missing if slot.starts_at > clock.now()]
    made = make_meetings(actor, series, missing)
    MeetingSeries.objects.filter(pk=series.pk).update(materialised_until=until)
    return made


def make_meetings(actor: Actor, series: MeetingSeries, slots: Sequence[Slot]) -> list[Meeting]:
    """The rows of these dates, their numbers going on."""
    number = selectors.last_number(series.network, series)
    return [_make(actor, series, slot, number + place) for place, slot in enumerate(slots, start=1)]


def _make(actor: Actor, series: MeetingSeries, slot: Slot, number: int) -> Meeting:
    values = {
        "network": series.network,
        "series": series,
        "nominal_date": slot.occurrence.nominal_date,
        "number": number,
        **acts.intake(series, slot.starts_at),
        **{name: getattr(series, name) for name in FOLLOWED if name != "duration_minutes"},
    }
    return acts.make(actor, times_of(slot), values)


def locked(meeting: Meeting) -> Meeting:
    """The meeting as it now is, locked until the transaction ends, with its network and series."""
    return Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("network", "series").get(pk=meeting.pk)


def locked_alone(meeting: Meeting) -> Meeting:
    """The same without them: for what hundreds do in the same minute."""
    return Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)


def locked_with_network(meeting: Meeting) -> Meeting:
    """The same, the network's stream before it: for whatever concerns other meetings, delegations or mails about the calendar too."""
    lock_stream(network_id=meeting.network_id)
    return locked(meeting)


@transaction.atomic
def change_meeting(*, actor: Actor, meeting: Meeting, values: Mapping[str, Any], expected_version: int | None = None) -> Meeting:
    """Title, duration, join link, phone, video room and recording. Raises Conflict `wrong_state`, Invalid, StaleVersion."""
    meeting = locked_with_network(meeting)
    require(actor, ACTIONS["edit"], network_id=meeting.network_id)
    versions.check(meeting, expected_version, lambda: selectors.meeting_as_object(meeting))
    if set(values) - {"recording_url"}:
        TRANSITIONS.target("edit", meeting.state)
    before, told = telling.shown(meeting), telling.announce(meeting)
    changed = validation.apply(meeting, values)
    if not 1 <= meeting.duration_minutes <= recurrence.LONGEST_MEETING:
        raise validation.invalid("duration_minutes", _("A meeting lasts from 1 minute to 24 hours."))
    if "duration_minutes" in changed:
        meeting.calendar_sequence += 1
    touch(meeting, *changed, "calendar_sequence", "announced_at")
    record(actor, MeetingChanged(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    if "duration_minutes" in changed:
        delegations.follow(actor=actor, meeting=meeting)
    if told and meeting.state in ANNOUNCED:
        tell(actor, meeting, [telling.news(meeting, before)])
    return meeting


def tell(actor: Actor, meeting: Meeting, news: Sequence[News]) -> None:
    """Mails what has become of one meeting."""
    telling.tell(actor=actor, network=meeting.network, series_id=meeting.series_id, changes=news)


def agenda_published(*, actor: Actor, meeting: Meeting) -> Meeting:
    """The meeting's part of publishing the agenda (`agenda.services.publish` is the whole of it). Raises Conflict."""
    require(actor, ACTIONS["publish_agenda"], network_id=meeting.network_id)
    meeting.state = TRANSITIONS.target("publish_agenda", meeting.state)
    meeting.agenda_published_at = clock.now()
    touch(meeting, "state", "agenda_published_at")
    record(actor, MeetingAgendaPublished(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def cancelled(*, actor: Actor, meeting: Meeting, reason: str) -> Meeting:
    """The meeting's part of cancelling it (`agenda.services.cancel_meeting` is the whole of it).

    Raises Conflict `wrong_state`, Invalid without a reason.
    """
    require(actor, ACTIONS["cancel"], network_id=meeting.network_id)
    if not validation.clean_line(reason):
        raise validation.invalid("reason", _("Say why: everybody who takes part is told."))
    tell(actor, meeting, acts.cancel(actor, meeting, reason))
    return meeting


def restored(*, actor: Actor, meeting: Meeting) -> Meeting:
    """The meeting's part of taking a cancellation back (`agenda.services.restore_meeting` is the whole of it).

    Raises Conflict `wrong_state`, `meeting_past` when its time has passed.
    """
    require(actor, ACTIONS["restore"], network_id=meeting.network_id)
    TRANSITIONS.target("restore", meeting.state)
    acts.require_to_come(meeting)
    tell(actor, meeting, acts.restore(actor, meeting, moved=selectors.has_own_time(meeting)))
    return meeting


@transaction.atomic
def respond(
    *,
    actor: Actor,
    meeting: Meeting,
    municipality: Municipality,
    answer: str,
    reason: str = "",
    substitute: Mapping[str, str] | None = None,
    source: str = Response.Source.SIGNED_IN,
) -> Response:
    """A municipality's answer to the invitation; a later one replaces it until the session opens.

    A substitute with an address is a delegate for that meeting, at once on the titular's word, else when confirmed; another answer takes
    that back. Raises NotAllowed for another's seat, Conflict `wrong_state` once it has begun, Invalid by field.
    """
    with_network = delegations.lock_for_answer(meeting, municipality, answer)
    meeting = locked_alone(meeting)
    require(actor, Permission.ANSWER, network_id=meeting.network_id, place=place_of(municipality))
    if meeting.state not in ANNOUNCED:
        raise Conflict("wrong_state", _("This meeting no longer takes answers."), current=selectors.meeting_as_object(meeting))
    require_seat(meeting, municipality)
    named = (substitute or {}) if answer == Response.Answer.SUBSTITUTE else {}
    if answer == Response.Answer.SUBSTITUTE and not validation.clean_line(named.get("name") or ""):
        raise validation.invalid("substitute_name", _("Say who comes instead."))
    response = answers.write(
        actor=actor,
        meeting=meeting,
        municipality=municipality,
        answer=answer,
        reason="" if answer == Response.Answer.ATTENDING else reason,
        substitute=named,
        source=source,
    )
    if not with_network:
        delegations.require_none(meeting, municipality)
        return response
    delegations.follow_answer(actor=actor, response=response, through_link=source == Response.Source.MAILED_LINK)
    return response


def require_seat(meeting: Meeting, municipality: Municipality) -> None:
    """Municipalities merge: one that has no seat on the meeting's day takes no part in it. Raises Invalid `no_seat`."""
    if municipality.network_id != meeting.network_id or not _valid(municipality, meeting.local.date()):
        raise Invalid("no_seat", _("This municipality has no seat on that day."), {"municipality": [_("It has no seat on that day.")]})


def _valid(municipality: Municipality, day: date) -> bool:
    begun = municipality.valid_from is None or municipality.valid_from <= day
    return begun and (municipality.valid_until is None or municipality.valid_until >= day)
