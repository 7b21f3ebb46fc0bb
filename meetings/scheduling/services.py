"""Writes of series, meetings and answers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.errors import Conflict, Invalid
from meetings.events.services import open_stream, record
from meetings.events.types import MeetingAgendaPublished, MeetingChanged, MeetingScheduled, ResponseGiven, SeriesChanged, SeriesCreated
from meetings.network.models import Municipality, Network
from meetings.network.selectors import place_of, system_actor, today
from meetings.scheduling import recurrence, selectors
from meetings.scheduling.models import ACTIONS, ANNOUNCED, TRANSITIONS, Meeting, MeetingSeries, MeetingState, Response

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
    series = MeetingSeries(network=network, time_zone=network.time_zone)
    _set(series, {**REQUIRED, **values})
    if series.starts_on < today(network) - LONGEST_PAST:
        raise validation.invalid("starts_on", _("A series begins at most a year back: is this the right year?"))
    series.save()
    record(actor, SeriesCreated(selectors.series_as_object(series)))
    materialise(actor=actor, series=series)
    return series


EDITABLE = ("title", "duration_minutes", "intake_opens_hours", "intake_closes_hours", "join_url", "phone", "phone_pin")
"""What can change while the meetings stand in people's calendars."""


@transaction.atomic
def change_series(*, actor: Actor, series: MeetingSeries, values: Mapping[str, Any], expected_version: int | None = None) -> MeetingSeries:
    """Changes title, length, intake and join link, also of the meetings still to come. Raises Invalid by field, StaleVersion."""
    series = MeetingSeries.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=series.pk)
    require(actor, Permission.SCHEDULE, network_id=series.network_id)
    versions.check(series, expected_version, lambda: selectors.series_as_object(series))
    if fixed := [name for name in values if name not in EDITABLE and getattr(series, name, None) != values[name]]:
        detail = _("This cannot change once the meetings stand in people's calendars. Begin another series instead.")
        raise Invalid("invalid", detail, {name: [detail] for name in fixed})
    _set(series, {name: value for name, value in values.items() if name in EDITABLE})
    series.version += 1
    series.save()
    record(actor, SeriesChanged(selectors.series_as_object(series)))
    for meeting in series.meetings.filter(state=MeetingState.SCHEDULED, starts_at__gt=clock.now()):
        _follow(actor, series, meeting)
    return series


def _follow(actor: Actor, series: MeetingSeries, meeting: Meeting) -> None:
    """A meeting still to come takes over what changed in its series; an intake that has opened keeps its deadline."""
    values: dict[str, Any] = {name: getattr(series, name) for name in ("title", "duration_minutes", "join_url", "phone", "phone_pin")}
    if meeting.intake_opens_at > clock.now():
        values |= _intake(series, meeting.starts_at)
    changed = [name for name, value in values.items() if getattr(meeting, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(meeting, name, values[name])
    meeting.calendar_sequence += "duration_minutes" in changed
    touch(meeting, *changed, "calendar_sequence")
    record(actor, MeetingChanged(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)


def _intake(series: MeetingSeries, starts_at: datetime) -> dict[str, datetime]:
    """When proposals open and close, as instants."""
    return {
        "intake_opens_at": recurrence.deadline(starts_at, series.intake_opens_hours),
        "intake_closes_at": recurrence.deadline(starts_at, series.intake_closes_hours),
    }


def _set(series: MeetingSeries, values: Mapping[str, Any]) -> None:
    validation.apply(series, values)
    if series.intake_opens_hours <= series.intake_closes_hours:
        raise validation.invalid("intake_opens_hours", _("Proposals must open before they close."))
    if series.intake_opens_hours > LONGEST_INTAKE:
        raise validation.invalid("intake_opens_hours", _("Proposals open at most a year before the meeting."))
    try:
        selectors.rule_of(series)
    except (KeyError, TypeError, ValueError) as error:
        raise validation.invalid("breaks", _("Give each break as its first and last day.")) from error


@transaction.atomic
def materialise(*, actor: Actor | None = None, series: MeetingSeries) -> list[Meeting]:
    """Makes the rows of the meetings due within 18 months; doing it again makes none twice."""
    series = MeetingSeries.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=series.pk)
    actor = actor or system_actor(series.network_id)
    require(actor, Permission.SCHEDULE, network_id=series.network_id)
    until = today(series.network) + AHEAD
    known = set(series.meetings.values_list("nominal_date", flat=True))
    dates = recurrence.occurrences(
        selectors.rule_of(series), since=series.starts_on, until=until, holidays=selectors.closed_days(series.network)
    )
    number = series.meetings.aggregate(last=Max("number"))["last"] or 0
    missing = [date for date in dates if date.is_held and date.nominal_date not in known]
    made = [_schedule(actor, series, occurrence, number + place) for place, occurrence in enumerate(missing, start=1)]
    MeetingSeries.objects.filter(pk=series.pk).update(materialised_until=until)
    return made


def _schedule(actor: Actor, series: MeetingSeries, occurrence: recurrence.Occurrence, number: int) -> Meeting:
    starts_at = recurrence.to_utc(occurrence.local_date, series.local_start, series.time_zone)
    meeting = Meeting.objects.create(
        network=series.network,
        series=series,
        nominal_date=occurrence.nominal_date,
        number=number,
        title=series.title,
        local_start=f"{occurrence.local_date.isoformat()}T{series.local_start:%H:%M}",
        time_zone=series.time_zone,
        starts_at=starts_at,
        duration_minutes=series.duration_minutes,
        **_intake(series, starts_at),
        join_url=series.join_url,
        phone=series.phone,
        phone_pin=series.phone_pin,
        changed_at=clock.now(),
    )
    open_stream(network_id=series.network_id, meeting_id=meeting.pk)
    record(actor, MeetingScheduled(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def locked(meeting: Meeting) -> Meeting:
    """The meeting as it now is, locked until the transaction ends."""
    return Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("network", "series").get(pk=meeting.pk)


def touch(meeting: Meeting, *fields: str) -> None:
    """Saves the fields and the version together."""
    meeting.version += 1
    meeting.changed_at = clock.now()
    meeting.save(update_fields=[*fields, "version", "changed_at"])


@transaction.atomic
def change_meeting(*, actor: Actor, meeting: Meeting, values: Mapping[str, Any], expected_version: int | None = None) -> Meeting:
    """Title, duration, join link, phone and recording. Raises Conflict `wrong_state`, Invalid, StaleVersion."""
    meeting = locked(meeting)
    require(actor, ACTIONS["edit"], network_id=meeting.network_id)
    versions.check(meeting, expected_version, lambda: selectors.meeting_as_object(meeting))
    if set(values) - {"recording_url"}:
        TRANSITIONS.target("edit", meeting.state)
    changed = validation.apply(meeting, values)
    if not 1 <= meeting.duration_minutes <= recurrence.LONGEST_MEETING:
        raise validation.invalid("duration_minutes", _("A meeting lasts from 1 minute to 24 hours."))
    if "duration_minutes" in changed:
        meeting.calendar_sequence += 1
    touch(meeting, *changed, "calendar_sequence")
    record(actor, MeetingChanged(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def agenda_published(*, actor: Actor, meeting: Meeting) -> Meeting:
    """The meeting's part of publishing the agenda (`agenda.services.publish` is the whole of it). Raises Conflict."""
    require(actor, ACTIONS["publish_agenda"], network_id=meeting.network_id)
    meeting.state = TRANSITIONS.target("publish_agenda", meeting.state)
    meeting.agenda_published_at = clock.now()
    touch(meeting, "state", "agenda_published_at")
    record(actor, MeetingAgendaPublished(selectors.meeting_as_object(meeting)), meeting_id=meeting.pk)
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
) -> Response:
    """A municipality's answer to the invitation; a later one replaces it until the session opens.

    Raises NotAllowed for another's seat, Conflict `wrong_state` once it has begun, Invalid by field.
    """
    meeting = locked(meeting)
    require(actor, Permission.ANSWER, network_id=meeting.network_id, place=place_of(municipality))
    if meeting.state not in ANNOUNCED:
        raise Conflict("wrong_state", _("This meeting no longer takes answers."), current=selectors.meeting_as_object(meeting))
    require_seat(meeting, municipality)
    response = Response.objects.filter(meeting=meeting, municipality=municipality).first() or Response(
        meeting=meeting, municipality=municipality
    )
    named = (substitute or {}) if answer == Response.Answer.SUBSTITUTE else {}
    values = {"answer": answer, "reason": "" if answer == Response.Answer.ATTENDING else reason}
    validation.apply(response, values | {f"substitute_{part}": named.get(part) or "" for part in ("name", "email", "office")})
    if answer == Response.Answer.SUBSTITUTE and not response.substitute_name:
        raise validation.invalid("substitute_name", _("Say who comes instead."))
    response.answered_at, response.answered_by_id = clock.now(), actor.user_id
    response.save()
    record(actor, ResponseGiven(selectors.response_as_object(response)), meeting_id=meeting.pk)
    return response


def require_seat(meeting: Meeting, municipality: Municipality) -> None:
    """Municipalities merge: one that has no seat on the meeting's day takes no part in it. Raises Invalid `no_seat`."""
    if municipality.network_id != meeting.network_id or not _valid(municipality, meeting.local.date()):
        raise Invalid("no_seat", _("This municipality has no seat on that day."), {"municipality": [_("It has no seat on that day.")]})


def _valid(municipality: Municipality, day: date) -> bool:
    begun = municipality.valid_from is None or municipality.valid_from <= day
    return begun and (municipality.valid_until is None or municipality.valid_until >= day)
