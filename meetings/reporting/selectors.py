"""Participation: who took part in the meetings of a period, by meeting, by zone and by municipality; and who may see which of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, can
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import NotAllowed
from meetings.live.attendance_selectors import TwoKey
from meetings.live.models import COUNTED, Attendance, Poll, SpeakerRequest, SpeakerState, Vote
from meetings.network.models import Municipality, Network, Zone
from meetings.network.selectors import today
from meetings.reporting import counting
from meetings.reporting.counting import Acts, Facts, Quorum
from meetings.reporting.figures import Figures, MeetingFigures, OwnMeeting, OwnReport, Period, Report, SeatFigures, ZoneFigures
from meetings.scheduling.models import Meeting, MeetingState, Response

YEAR, MOST_DAYS = 365, 5 * 366


def period(network: Network, since: date | None = None, until: date | None = None) -> Period:
    """The days asked for; by default the twelve months that end today. Raises Invalid when they make none, or more than five years."""
    until = until or max(today(network), since or today(network))
    since = since or until - timedelta(days=YEAR)
    if since > until:
        raise validation.invalid("to", _("The last day must not be before the first."))
    if (until - since).days > MOST_DAYS:
        raise validation.invalid("from", _("Choose five years at most."))
    return Period(since, until)


def held(network: Network, days: Period) -> QuerySet[Meeting]:
    """The meetings of the period that were held and closed, by start: what a report counts."""
    begins = datetime.combine(days.since, time.min, network.zone)
    ends = datetime.combine(days.until + timedelta(days=1), time.min, network.zone)
    rows = Meeting.objects.filter(network=network, state=MeetingState.CLOSED, starts_at__gte=begins, starts_at__lt=ends)
    return rows.order_by("starts_at", "id")


def participation(network: Network, days: Period, zone: Zone | None = None) -> Report:
    """The report, in five queries. Seats that have ended stand in it for as long as they were valid."""
    meetings = held(network, days)
    facts, acts = counting.facts(meetings, zone), counting.acts(meetings, zone)
    quorums = counting.quorums(meetings, network)
    towns = Municipality.objects.filter(network=network).select_related("zone").order_by("name", "valid_from", "id")
    seats = [SeatFigures(town, _figures(("seat", town.pk), facts, acts)) for town in towns if ("seat", town.pk) in facts]
    return Report(
        period=days,
        zone=zone,
        meetings=[_of_meeting(row, facts, acts, quorums.get(row.pk, Quorum())) for row in meetings],
        zones=by_zone(seats),
        municipalities=seats,
        figures=Figures.total(row.figures for row in seats),
        made_at=clock.now(),
    )


def _figures(key: counting.Key, facts: dict[counting.Key, Facts], acts: dict[str, dict[counting.Key, Acts]]) -> Figures:
    found = facts.get(key, Facts())
    done = {act: rows.get(key, Acts()).times for act, rows in acts.items()}
    return Figures(
        invited=found.invited,
        attending=found.attending,
        substitute=found.substitute,
        regrets=found.regrets,
        present=found.present,
        excused=found.excused,
        speeches=done.get("speech", 0),
        votes=done.get("vote", 0),
        proposals=done.get("proposal", 0),
    )


def _of_meeting(
    meeting: Meeting, facts: dict[counting.Key, Facts], acts: dict[str, dict[counting.Key, Acts]], quorum: Quorum
) -> MeetingFigures:
    key, found = ("meeting", meeting.pk), facts.get(("meeting", meeting.pk), Facts())
    return MeetingFigures(
        meeting=meeting,
        figures=_figures(key, facts, acts),
        seats=TwoKey(found.invited, found.population),
        present=TwoKey(found.present, found.present_population),
        most=quorum.most,
        quorum=quorum.reached,
        speakers=acts.get("speech", {}).get(key, Acts()).seats,
        polls=acts.get("poll", {}).get(key, Acts()).times,
    )


def by_zone(seats: Iterable[SeatFigures]) -> list[ZoneFigures]:
    """By the zone's number."""
    found: dict[UUID, list[SeatFigures]] = {}
    for row in seats:
        found.setdefault(row.municipality.zone_id, []).append(row)
    zones = [ZoneFigures(rows[0].municipality.zone, len(rows), Figures.total(row.figures for row in rows)) for rows in found.values()]
    return sorted(zones, key=lambda row: row.zone.number)


# Who may see it


def sees_all_seats(actor: Actor) -> bool:
    """The staff and the auditor; to everybody else the figures of single municipalities are those of their own."""
    return actor.is_staff or can(actor, Permission.AUDIT)


def sees_seat(actor: Actor, municipality: Municipality) -> bool:
    """The staff and the auditor any, a zone's spokesperson the zone's, a representative the own and what has merged into it."""
    return sees_all_seats(actor) or municipality.pk in actor.open_seats or municipality.zone_id in actor.zones


def participation_for(actor: Actor, network: Network, days: Period, zone: Zone | None = None) -> Report:
    """The report as this actor may see it: meetings, zones and totals whole, of the municipalities those of `sees_seat`."""
    report = participation(network, days, zone)
    shown = [row for row in report.municipalities if sees_seat(actor, row.municipality)]
    return replace(report, municipalities=shown)


# One municipality


def of_municipality(actor: Actor, municipality: Municipality, days: Period) -> OwnReport:
    """A municipality's line and its meetings. Needs `network` selected. Raises NotAllowed for another's."""
    if not sees_seat(actor, municipality):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    invited = [row for row in held(municipality.network, days) if _is_valid(municipality, row.local.date())]
    ids = [row.pk for row in invited]
    of: dict[str, Any] = {"municipality": municipality, "meeting__in": ids}
    there = set(Attendance.objects.filter(**of).values_list("meeting_id", flat=True))
    answers = dict(Response.objects.filter(**of).values_list("meeting_id", "answer"))
    spoken = _by_meeting(SpeakerRequest.objects.filter(**of, state=SpeakerState.SPOKEN), "meeting_id")
    named = Q(poll__secrecy=Poll.Secrecy.NAMED, poll__state__in=COUNTED, poll__agenda_item__meeting__in=ids)
    voted = _by_meeting(Vote.objects.filter(named, municipality=municipality), "poll__agenda_item__meeting_id")
    proposals = AgendaItem.objects.filter(meeting__in=ids, proposer=municipality, origin__isnull=True)
    proposed = _by_meeting(proposals.exclude(state__in=(ItemState.DRAFT, ItemState.WITHDRAWN)), "meeting_id")
    rows = [OwnMeeting(row, answers.get(row.pk, ""), row.pk in there, spoken[row.pk], voted[row.pk], proposed[row.pk]) for row in invited]
    return OwnReport(municipality, days, _added_up(rows), rows)


def _is_valid(municipality: Municipality, day: date) -> bool:
    begun = municipality.valid_from is None or municipality.valid_from <= day
    return begun and (municipality.valid_until is None or municipality.valid_until >= day)


def _by_meeting(rows: QuerySet[Any], field: str) -> Counter[UUID]:
    return Counter(dict(rows.order_by().values_list(field).annotate(n=Count("pk"))))


def _added_up(rows: list[OwnMeeting]) -> Figures:
    answers = Counter(row.answer for row in rows)
    return Figures(
        invited=len(rows),
        attending=answers["attending"],
        substitute=answers["substitute"],
        regrets=answers["regrets"],
        present=sum(row.present for row in rows),
        excused=sum(row.outcome == "excused" for row in rows),
        speeches=sum(row.speeches for row in rows),
        votes=sum(row.votes for row in rows),
        proposals=sum(row.proposals for row in rows),
    )


# Objects


def figures_as_object(figures: Figures) -> dict[str, int]:
    names = "invited attending substitute regrets silent present excused absent speeches votes proposals"
    return {name: getattr(figures, name) for name in names.split()}


def report_as_object(report: Report) -> dict[str, Any]:
    """As REST gives it."""
    return {
        "from": report.period.since,
        "to": report.period.until,
        "zone": report.zone.pk if report.zone else None,
        "totals": {**figures_as_object(report.figures), "meetings": len(report.meetings), "with_quorum": report.with_quorum},
        "meetings": [_meeting_as_object(row) for row in report.meetings],
        "zones": [_zone_as_object(row) for row in report.zones],
        "municipalities": [_seat_as_object(row) for row in report.municipalities],
    }


def _meeting_as_object(row: MeetingFigures) -> dict[str, Any]:
    return {
        "id": row.meeting.pk,
        **{name: getattr(row.meeting, name) for name in ("number", "title", "starts_at", "local_start", "time_zone")},
        "seats": row.seats._asdict(),
        "present_seats": row.present._asdict(),
        "most_at_once": row.most,
        "quorum": row.quorum,
        "speakers": row.speakers,
        "polls": row.polls,
        **figures_as_object(row.figures),
    }


def _zone_as_object(row: ZoneFigures) -> dict[str, Any]:
    zone = row.zone
    return {"id": zone.pk, "number": zone.number, "name": zone.name, "municipalities": row.seats, **figures_as_object(row.figures)}


def _seat_as_object(row: SeatFigures) -> dict[str, Any]:
    town = row.municipality
    return {
        "id": town.pk,
        **{name: getattr(town, name) for name in ("name", "istat_code", "population", "valid_from", "valid_until")},
        "zone": town.zone_id,
        "zone_name": town.zone.name,
        **figures_as_object(row.figures),
    }
