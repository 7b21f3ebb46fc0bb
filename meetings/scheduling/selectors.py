"""Reads of series, meetings and answers."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Max, Q, QuerySet, When
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Permission, abilities, can
from meetings.errors import found
from meetings.network.models import Municipality, Network, valid_on
from meetings.network.selectors import municipalities, place_of, today
from meetings.scheduling import holidays, schedules
from meetings.scheduling.models import ACTIONS, ANNOUNCED, TRANSITIONS, Meeting, MeetingSeries, MeetingState, Response
from meetings.scheduling.plans import Times
from meetings.scheduling.recurrence import Rule

_MEETINGS = Meeting.objects.select_related("network__seat", "series", "stream")


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


def meeting_in(network_id: Any, meeting_id: Any) -> Meeting:
    """A meeting of the network. Raises NotFound."""
    return found(_MEETINGS.filter(network_id=network_id, pk=meeting_id).first())


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
    to_come = Q(state__in=ANNOUNCED, starts_at__gt=clock.now() - timedelta(hours=12))
    live_first = Case(When(state=MeetingState.IN_SESSION, then=0), default=1)
    rows = _MEETINGS.filter(Q(state=MeetingState.IN_SESSION) | to_come, network=network)
    return rows.order_by(live_first, "starts_at", "id").first()


def next_meeting_as_fact(network: Network) -> dict[str, Any] | None:
    """What an invitation to the network says of its next meeting."""
    meeting = next_meeting(network)
    return {"title": meeting.title, "starts_at": meeting.starts_at, "time_zone": meeting.time_zone} if meeting else None


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


def schedule_of(series: MeetingSeries) -> schedules.Schedule:
    """The series' dates with what held before and what will hold later. Raises Invalid when they make no sense."""
    rule = rule_of(series)
    return schedules.from_json(series.rules, rule) if series.rules else schedules.only(rule)


def slot_of(meeting: Meeting) -> schedules.Slot | None:
    """What the series has in the meeting's week; none for an extra meeting, or when it no longer meets in that week."""
    if meeting.series is None or meeting.nominal_date is None:
        return None
    day = meeting.nominal_date
    week = schedules.monday(day)
    slots = schedule_of(meeting.series).slots(since=week, until=week + timedelta(days=6), holidays=closed_days(meeting.network))
    return slots[0] if slots and slots[0].is_held else None


def has_own_time(meeting: Meeting, times: Times | None = None) -> bool:
    """Whether the meeting (at `times`, when given) is at another time than its series holds it. An extra one has none but its own."""
    slot, now = slot_of(meeting), times
    if now is None:
        now = Times(local_start=meeting.local_start, time_zone=meeting.time_zone, duration_minutes=meeting.duration_minutes)
    return slot is None or (slot.local_start, slot.rule.time_zone) != (now.local_start, now.time_zone)


def last_number(network: Network, series: MeetingSeries | None) -> int:
    """The highest number of the series' meetings, or of those of the network that belong to none."""
    return Meeting.objects.filter(network=network, series=series).aggregate(last=Max("number"))["last"] or 0


def closed_days(network: Network) -> Callable[[date], bool]:
    """Whether the network's offices are closed on a day: a public holiday, or the patron's day of the town they are in."""
    return lambda day: bool(closed_day_name(network, day))


def closed_day_name(network: Network, day: date) -> str:
    """Why the network's offices are closed that day; empty when they are open."""
    country, region = network.holiday_country, network.holiday_subdivision or None
    public = holidays.holiday_name(day, country, region) if country else ""
    seat = network.seat
    if public or seat is None or seat.patron_day != f"{day:%m-%d}":
        return public
    return seat.patron_name or _("Patron's day of %(town)s") % {"town": seat.name}


def closed_days_to_come(network: Network) -> list[tuple[date, str]]:
    """The days of the next twelve months on which the offices are closed, and why."""
    start = today(network)
    days = (start + timedelta(days=n) for n in range(365))
    return [(day, name) for day in days if (name := closed_day_name(network, day))]


def patron_towns(network: Network, days: Collection[date]) -> dict[date, int]:
    """In how many of the network's municipalities it is the patron's day, for the days on which it is in any."""
    wanted = {f"{day:%m-%d}": day for day in days}
    rows = municipalities(network).filter(patron_day__in=wanted).order_by().values_list("patron_day").annotate(n=Count("id"))
    return {wanted[day]: n for day, n in rows}


def intake_is_open(meeting: Meeting) -> bool:
    """Whether a proposal made now is on time: at the deadline itself it is, a millisecond later it is not."""
    return meeting.intake_opens_at <= clock.now() <= meeting.intake_closes_at


def responses(meeting: Meeting) -> QuerySet[Response]:
    return Response.objects.filter(meeting=meeting).select_related("municipality__zone").order_by("municipality__name")


def every_response(meeting: Meeting) -> QuerySet[Response]:
    """With those taken back, whose answer is empty: what somebody who follows the log knows."""
    return Response.every.filter(meeting=meeting).select_related("municipality__zone").order_by("municipality__name")


def response_counts(meeting: Meeting) -> dict[str, int]:
    """How many municipalities gave each answer, by answer."""
    rows = Response.objects.filter(meeting=meeting).values_list("answer").annotate(n=Count("id"))
    return dict(rows)


def answers_by_zone(meeting: Meeting) -> list[dict[str, Any]]:
    """Per zone: the municipalities that have a seat on the day, attending, regrets, substitute, silent."""
    here = valid_on(meeting.local.date(), "municipalities__")
    given = here & Q(municipalities__responses__meeting=meeting)
    answered = {
        answer: Count("municipalities", filter=given & Q(municipalities__responses__answer=answer), distinct=True)
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
        "source": response.source,
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
        "intake_opens_hours intake_closes_hours reminder_hours join_url phone phone_pin video_provider video_room rules version"
    )
    plain = {name: getattr(series, name) for name in names.split()}
    return {"id": series.pk, **plain, "local_start": series.local_start.strftime("%H:%M")}


def meeting_as_object(meeting: Meeting) -> dict[str, Any]:
    """The meeting as programs see it; `last_event` stands apart (see `with_last_event`), since an event cannot carry its own number."""
    names = (
        "number title starts_at local_start time_zone duration_minutes state state_before reason intake_opens_at intake_closes_at "
        "agenda_published_at opened_at closed_at join_url phone phone_pin video_provider video_room recording_url version"
    )
    plain = {name: getattr(meeting, name) for name in names.split()}
    references = {"id": meeting.pk, "series": meeting.series_id, "current_item": meeting.current_item_id}
    now = {name: getattr(meeting, name) for name in ("current_item_since", "current_item_extra_minutes")}
    return {**references, **plain, **now}


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
