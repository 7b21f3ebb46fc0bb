"""Reads of presence: who was there when, and what that is in both keys."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum

from meetings import clock
from meetings.events.models import Event
from meetings.events.types import AttendanceCorrected
from meetings.live.models import Attendance
from meetings.network.models import Network
from meetings.network.selectors import seats_total
from meetings.scheduling.models import Meeting

LEASE = timedelta(minutes=3)
"""How long one proof of presence over the web holds."""


class TwoKey(NamedTuple):
    """A count in both keys: municipalities, and the population they represent."""

    municipalities: int
    population: int


def attendance_rows(meeting: Meeting) -> QuerySet[Attendance]:
    """The intervals that stand, by municipality and in their order."""
    return _ordered(Attendance.objects.filter(meeting=meeting))


def _ordered(rows: QuerySet[Attendance]) -> QuerySet[Attendance]:
    by_time = (F("joined_at").asc(), F("left_at").asc(nulls_last=True), F("id").asc())
    return rows.select_related("municipality__zone").order_by("municipality__name", *by_time)


def rows_of_seat(meeting_id: UUID, municipality_id: UUID) -> list[Attendance]:
    """One municipality's intervals that stand, in their order."""
    rows = Attendance.objects.filter(meeting=meeting_id, municipality=municipality_id).select_related("municipality")
    return in_order(rows)


def in_order(rows: Iterable[Attendance]) -> list[Attendance]:
    """By time; one that goes on comes last, also after one that began and ended in the same instant."""
    return sorted(rows, key=lambda row: (row.joined_at, row.left_at is None, row.left_at or row.joined_at, row.pk))


def attendance_of(meeting: Meeting) -> list[dict[str, Any]]:
    """One object per municipality that was or is present, by name; without intervals when the office has struck them all."""
    grouped: dict[UUID, list[Attendance]] = defaultdict(list)
    for row in _ordered(Attendance.every.filter(meeting=meeting)):
        grouped[row.municipality_id].append(row)
    return [attendance_as_object(rows) for rows in grouped.values()]


def attendance_as_object(rows: Iterable[Attendance]) -> dict[str, Any]:
    """A municipality's intervals as one object, under the municipality's id. Struck ones only tell whose it is. Needs `municipality`."""
    rows = list(rows)
    seat, standing = rows[0], in_order(row for row in rows if row.struck_at is None)
    last = standing[-1] if standing else Attendance(source=Attendance.Source.DECLARED)
    return {
        "id": seat.municipality_id,
        "meeting": seat.meeting_id,
        "municipality": seat.municipality_id,
        "municipality_name": seat.municipality.name,
        "person": last.person,
        "office": last.office,
        "source": last.source,
        "present": any(row.left_at is None for row in standing),
        "intervals": [interval_as_object(row) for row in standing],
    }


def interval_as_object(row: Attendance) -> dict[str, Any]:
    return {"from": row.joined_at, "until": row.left_at, "person": row.person, "office": row.office, "source": row.source}


def before_correction(meeting: Meeting, municipality_id: UUID) -> list[dict[str, Any]] | None:
    """A seat's intervals before the office's correction, when that was the last that happened to it; None: there is nothing to undo."""
    told = Event.objects.filter(stream__meeting=meeting, type__startswith="attendance.", payload__contains=str(municipality_id))
    latest = list(told.order_by("-sequence")[:2])
    before = latest[1:]
    if not latest or latest[0].type != AttendanceCorrected.name or any(not event.payload for event in before):
        return None
    return [
        {**one, "from": datetime.fromisoformat(one["from"]), "until": datetime.fromisoformat(one["until"]) if one["until"] else None}
        for event in before
        for one in json.loads(event.payload)["intervals"]
    ]


def in_person(meeting_id: UUID, municipality_id: UUID) -> Attendance | None:
    """Who is in for the seat over the web, proved within the lease."""
    rows = Attendance.objects.filter(meeting=meeting_id, municipality=municipality_id, left_at__isnull=True)
    return rows.filter(user__isnull=False, seen_at__gte=clock.now() - LEASE).select_related("municipality").first()


def present(meeting: Meeting) -> TwoKey:
    """Who is there now."""
    there = Attendance.objects.filter(meeting=meeting, left_at__isnull=True)
    count = there.aggregate(municipalities=Count("id"), population=Sum("municipality__population"))
    return TwoKey(count["municipalities"], count["population"] or 0)


def seats(meeting: Meeting) -> TwoKey:
    """All seats valid on the day of the meeting: what every share is a share of."""
    return TwoKey(*seats_total(meeting.network, meeting.local.date()))


def reaches(count: TwoKey, of: TwoKey, network: Network) -> bool:
    """Both keys, in exact fractions: at least the one share of all municipalities and more than the other of the population."""
    if not of.municipalities or not of.population:
        return False
    enough, more_than = network.thresholds
    return Fraction(count.municipalities, of.municipalities) >= enough and Fraction(count.population, of.population) > more_than


def has_quorum(meeting: Meeting) -> bool:
    """Whether those present now reach both thresholds. Needs `network` selected."""
    return reaches(present(meeting), seats(meeting), meeting.network)


def there_at(rows: Iterable[Attendance], at: datetime) -> list[Attendance]:
    """The intervals to which an instant belongs; both ends belong to an interval."""
    return [row for row in rows if row.joined_at <= at and (row.left_at is None or row.left_at >= at)]


def present_at(rows: Iterable[Attendance], at: datetime) -> TwoKey:
    """Who was there at an instant. Needs `municipality` selected."""
    there = {row.municipality_id: row.municipality.population for row in there_at(rows, at)}
    return TwoKey(len(there), sum(there.values()))


def quorum_over_time(rows: Iterable[Attendance]) -> list[tuple[datetime, TwoKey]]:
    """How many were present from each instant at which that changed. Needs `municipality` selected."""
    changes: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for at, sign in ((row.joined_at, 1), (row.left_at, -1)):
            if at:
                changes[at][0] += sign
                changes[at][1] += sign * row.municipality.population
    count, readings = TwoKey(0, 0), []
    for at in sorted(changes):
        count = TwoKey(count.municipalities + changes[at][0], count.population + changes[at][1])
        readings.append((at, count))
    return readings
