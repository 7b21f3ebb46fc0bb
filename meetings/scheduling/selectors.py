"""Reads of series, meetings and answers."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from meetings import clock
from meetings.access import Actor, Permission, abilities, can
from meetings.errors import found
from meetings.network.models import Municipality, Network
from meetings.network.selectors import place_of
from meetings.scheduling import holidays
from meetings.scheduling.models import ACTIONS, ANNOUNCED, TRANSITIONS, Meeting, MeetingSeries, MeetingState, Response
from meetings.scheduling.recurrence import Rule

_MEETINGS = Meeting.objects.select_related("network", "series", "stream")


def series_of(network: Network) -> QuerySet[MeetingSeries]:
    return MeetingSeries.objects.filter(network=network).order_by("title", "id")


def series_in(network_id: Any, series_id: Any) -> MeetingSeries:
    """A series of the network. Raises NotFound."""
    return found(MeetingSeries.objects.filter(network_id=network_id, pk=series_id).select_related("network").first())


def series(series_id: Any) -> MeetingSeries:
    """A series with its network. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    return found(MeetingSeries.objects.filter(pk=series_id).select_related("network").first())


def meeting(meeting_id: Any) -> Meeting:
    """A meeting with its network, series and stream. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    return found(_MEETINGS.filter(pk=meeting_id).first())


def meetings(network: Network, *, since: datetime | None = None, until: datetime | None = None, state: str = "") -> QuerySet[Meeting]:
    """The network's meetings that begin within [since, until), by start."""
    rows = _MEETINGS.filter(network=network)
    if since:
        rows = rows.filter(starts_at__gte=since)
    if until:
        rows = rows.filter(starts_at__lt=until)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("starts_at", "id")


def next_meeting(network: Network) -> Meeting | None:
    """The session going on, or else the first that is still to come."""
    live = _MEETINGS.filter(network=network, state=MeetingState.IN_SESSION).order_by("starts_at").first()
    to_come = _MEETINGS.filter(network=network, state__in=ANNOUNCED, starts_at__gt=clock.now() - timedelta(hours=12))
    return live or to_come.order_by("starts_at", "id").first()


def following(previous: Meeting) -> Meeting | None:
    """The next meeting of the same series that can still take items: where unreached items are carried to."""
    later = Meeting.objects.filter(series=previous.series_id, network=previous.network_id, starts_at__gt=previous.starts_at)
    return later.filter(state__in=ANNOUNCED).order_by("starts_at", "id").first()


def rule_of(series: MeetingSeries) -> Rule:
    """The series' dates as `recurrence` knows them. Raises Invalid when they make no sense."""
    pauses = tuple((date.fromisoformat(pause["from"]), date.fromisoformat(pause["until"])) for pause in series.breaks)
    return Rule(
        weekday=series.weekday,
        local_start=series.local_start,
        time_zone=series.time_zone,
        duration_minutes=series.duration_minutes,
        starts_on=series.starts_on,
        ends_on=series.ends_on,
        interval_weeks=series.interval_weeks,
        holiday_policy="shift" if series.holiday_policy == MeetingSeries.HolidayPolicy.SHIFT else "skip",
        breaks=pauses,
    )


def closed_days(network: Network) -> Callable[[date], bool]:
    """Whether the network's offices are closed on a day."""
    country, region = network.holiday_country, network.holiday_subdivision or None
    return lambda day: bool(country) and holidays.is_holiday(day, country, region)


def intake_is_open(meeting: Meeting) -> bool:
    """Whether a proposal made now is on time: at the deadline itself it is, a millisecond later it is not."""
    return meeting.intake_opens_at <= clock.now() <= meeting.intake_closes_at


def responses(meeting: Meeting) -> QuerySet[Response]:
    return Response.objects.filter(meeting=meeting).select_related("municipality__zone").order_by("municipality__name")


def response_counts(meeting: Meeting) -> dict[str, int]:
    """How many municipalities gave each answer, by answer."""
    rows = Response.objects.filter(meeting=meeting).values_list("answer").annotate(n=Count("id"))
    return dict(rows)


def answers_by_zone(meeting: Meeting) -> list[dict[str, Any]]:
    """Per zone: municipalities, attending, regrets, substitute, silent."""
    here = Q(municipalities__network=meeting.network_id)
    answered = {
        answer: Count(
            "municipalities", filter=Q(municipalities__responses__meeting=meeting, municipalities__responses__answer=answer), distinct=True
        )
        for answer in Response.Answer.values
    }
    zones = meeting.network.zones.annotate(total=Count("municipalities", filter=here, distinct=True), **answered)
    rows: list[dict[str, Any]] = [dict(row) for row in zones.order_by("number").values()]
    return [{**row, "silent": row["total"] - sum(row[answer] for answer in Response.Answer.values)} for row in rows]


def response_as_object(response: Response, *, reason: bool = False) -> dict[str, Any]:
    """Needs `municipality` selected. `reason`: only for who may see reasons, and never in an event."""
    substitute = {"name": response.substitute_name, "email": response.substitute_email, "office": response.substitute_office}
    shown: dict[str, Any] = {
        "id": response.pk,
        "meeting": response.meeting_id,
        "municipality": response.municipality_id,
        "municipality_name": response.municipality.name,
        "answer": response.answer,
        "substitute": {**substitute, "email": substitute["email"] if reason else ""} if response.substitute_name else None,
        "answered_at": response.answered_at,
    }
    return {**shown, "reason": response.reason} if reason else shown


def may_see_reason(actor: Actor, municipality: Municipality) -> bool:
    """Reasons are for coordinators, and for the seat that gave them."""
    return can(actor, Permission.SEE_REASONS) or municipality.pk in actor.seats


def series_as_object(series: MeetingSeries) -> dict[str, Any]:
    names = (
        "title weekday time_zone duration_minutes interval_weeks starts_on ends_on holiday_policy breaks "
        "intake_opens_hours intake_closes_hours join_url phone phone_pin version"
    )
    plain = {name: getattr(series, name) for name in names.split()}
    return {"id": series.pk, **plain, "local_start": series.local_start.strftime("%H:%M")}


def meeting_as_object(meeting: Meeting) -> dict[str, Any]:
    """The meeting as programs see it; `last_event` stands apart (see `with_last_event`), since an event cannot carry its own number."""
    names = (
        "number title starts_at local_start time_zone duration_minutes state intake_opens_at intake_closes_at "
        "agenda_published_at opened_at closed_at join_url phone phone_pin recording_url version"
    )
    plain = {name: getattr(meeting, name) for name in names.split()}
    references = {"id": meeting.pk, "series": meeting.series_id, "current_item": meeting.current_item_id}
    return {**references, **plain, "current_item_since": meeting.current_item_since}


def with_last_event(meeting: Meeting) -> dict[str, Any]:
    """Needs `stream` selected."""
    return {**meeting_as_object(meeting), "last_event": meeting.stream.last_sequence}


def meeting_abilities(actor: Actor, meeting: Meeting) -> list[str]:
    """What the actor may do with the meeting now."""
    return abilities(actor, ACTIONS, TRANSITIONS.possible(meeting.state))


def answer_abilities(actor: Actor, meeting: Meeting, municipality: Municipality) -> list[str]:
    """`["answer"]` while the municipality may still answer the invitation and the actor may do it."""
    possible = {"answer"} if meeting.state in ANNOUNCED else set()
    return abilities(actor, {"answer": Permission.ANSWER}, possible, place_of(municipality))
