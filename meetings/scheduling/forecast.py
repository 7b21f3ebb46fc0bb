"""Who will be there, as far as the answers to the invitation say: by zone, in municipalities and in the population they stand for."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, Response

SILENT = "silent"
COMING = (Response.Answer.ATTENDING, Response.Answer.SUBSTITUTE)
KINDS = (*COMING, Response.Answer.REGRETS, SILENT)
"""What a municipality may have answered, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class ZoneForecast:
    """A zone's municipalities that have a seat on the day, by what they have answered (one of KINDS)."""

    id: UUID
    number: int
    name: str
    seats: dict[str, int] = field(default_factory=dict)
    population: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.seats.values())

    @property
    def silent(self) -> int:
        return self.seats.get(SILENT, 0)


def by_zone(meeting: Meeting) -> list[ZoneForecast]:
    """The zones that have a seat on the day, by number, in one query."""
    given = Response.objects.filter(meeting=meeting, municipality=OuterRef("pk")).values("answer")[:1]
    seats = municipalities(meeting.network, meeting.local.date()).order_by().annotate(kind=Coalesce(Subquery(given), Value(SILENT)))
    rows = seats.values_list("zone_id", "zone__number", "zone__name", "kind").annotate(n=Count("pk"), people=Sum("population"))
    zones: dict[UUID, ZoneForecast] = {}
    for pk, number, name, kind, n, people in rows:
        zone = zones.setdefault(pk, ZoneForecast(pk, number, name))
        zone.seats[kind], zone.population[kind] = n, people
    return sorted(zones.values(), key=lambda zone: zone.number)


def coming(zones: list[ZoneForecast]) -> tuple[int, int]:
    """(municipalities, population) of those who come themselves or send a substitute."""
    seats = sum(zone.seats.get(kind, 0) for zone in zones for kind in COMING)
    return seats, sum(zone.population.get(kind, 0) for zone in zones for kind in COMING)


def invited(zones: list[ZoneForecast]) -> tuple[int, int]:
    """(municipalities, population) of all."""
    return sum(zone.total for zone in zones), sum(sum(zone.population.values()) for zone in zones)
