"""Reads of the archive: what can be found by words, and the meetings that were held."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When

from meetings.access import Actor
from meetings.archive.index import TITLED, found
from meetings.archive.kinds import Kind
from meetings.archive.sources import SOURCES
from meetings.archive.words import Piece, excerpt, marked, words_of

ORDER = ("place", "-instant", "sort", "key")
"""What has all the words in its title first, then the latest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sought. `since` and `until`: days on the network's clocks, both within; an empty filter leaves everything."""

    query: str
    zone: ZoneInfo
    kind: str = ""
    since: date | None = None
    until: date | None = None
    state: str = ""
    municipality: UUID | None = None

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(self.query)


class Spot(NamedTuple):
    """A place in the order of what was found."""

    place: int
    instant: datetime
    kind: str
    id: UUID

    def as_cursor(self) -> str:
        return urlsafe_b64encode(f"{self.place} {self.instant.isoformat()} {self.kind} {self.id.hex}".encode()).decode()


def spot_of(cursor: str) -> Spot:
    """Raises ValueError for what is no cursor."""
    place, instant, kind, key = urlsafe_b64decode(cursor.encode()).decode().split(" ")
    at = datetime.fromisoformat(instant)
    if at.tzinfo is None or place not in ("0", "1"):
        raise ValueError("no spot of ours")
    return Spot(int(place), at, Kind(kind), UUID(key))


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, as far as the reader may see it. `on_minutes`: whether they may read the minutes of its meeting."""

    kind: Kind
    id: UUID
    at: datetime
    title: list[Piece]
    excerpt: list[Piece]
    state: str
    number: int
    year: int
    meeting: UUID | None
    meeting_title: str
    meeting_number: int
    item: UUID | None
    item_title: str
    on_minutes: bool
    spot: Spot

    def get_state_display(self) -> str:
        states = SOURCES[self.kind].states
        return str(states(self.state).label) if states and self.state else ""


def counts(actor: Actor, asked: Asked) -> dict[Kind, int]:
    """How many of each kind, whatever kind is asked for, in one query."""
    branches = [_sorted(_chosen(actor, asked, kind), kind).values_list("sort", "key") for kind in _kinds(replace(asked, kind=""))]
    if not branches:
        return {}
    sql, values = _together(branches).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sort, COUNT(*) FROM ({sql}) AS found GROUP BY sort", values)  # noqa: S608 - compiled by Django
        numbers = dict(cursor.fetchall())
    return {kind: int(numbers[kind]) for kind in SOURCES if kind in numbers}


def hits(actor: Actor, asked: Asked, *, size: int, start: int = 0, after: Spot | None = None) -> list[Hit]:
    """`size` of what was found, from the place `start`, or behind `after`: two queries, whatever the number of kinds."""
    branches = [_placed(actor, asked, kind, after) for kind in _kinds(asked)]
    if not branches:
        return []
    spots = _together(branches).order_by(*ORDER)[start : start + size]
    return _shown(actor, [Spot(place, instant, kind, pk) for place, instant, kind, pk in spots], asked.words)


def _kinds(asked: Asked) -> list[Kind]:
    """Where to look: nowhere without words, and only at kinds that have the state."""
    kinds = [Kind(asked.kind)] if asked.kind else list(SOURCES)
    return [kind for kind in kinds if asked.words and (not asked.state or _has_state(kind, asked.state))]


def _has_state(kind: Kind, state: str) -> bool:
    states = SOURCES[kind].states
    return states is not None and state in states.values


def _chosen(actor: Actor, asked: Asked, kind: Kind) -> QuerySet[Any]:
    """What the actor may see of the kind that has the words and passes the filters."""
    source = SOURCES[kind]
    rows: QuerySet[Any] = source.rows(actor).select_related(None).prefetch_related(None).order_by()
    rows = rows.filter(_within(asked, source.when), pk__in=found(kind, asked.words))
    if asked.state:
        rows = rows.filter(**{source.state: asked.state})
    if asked.municipality:
        rows = rows.filter(pk__in=rows.model.objects.filter(source.of_town(asked.municipality)).order_by().values("pk"))
    return rows


def _sorted(rows: QuerySet[Any], kind: Kind) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.annotate(sort=Value(str(kind), output_field=CharField()), key=F("pk"))
    return named


def _placed(actor: Actor, asked: Asked, kind: Kind, after: Spot | None) -> QuerySet[Any]:
    """The same with their places, behind `after`."""
    in_title = [When(pk__in=found(kind, asked.words, in_title=True), then=0)] if kind in TITLED else []
    place = Case(*in_title, default=1, output_field=IntegerField())
    rows = _sorted(_chosen(actor, asked, kind), kind).annotate(place=place, instant=F(SOURCES[kind].when))
    if after:
        rows = rows.filter(_behind(after, kind))
    placed: QuerySet[Any] = rows.values_list("place", "instant", "sort", "key")
    return placed


def _within(asked: Asked, when: str) -> Q:
    return Q(
        *([Q(**{f"{when}__gte": _midnight(asked.since, asked.zone)})] if asked.since else []),
        *([Q(**{f"{when}__lt": _midnight(asked.until + timedelta(days=1), asked.zone)})] if asked.until else []),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _behind(spot: Spot, kind: Kind) -> Q:
    """The rows of a kind that come after that place, as ORDER has them."""
    behind = Q(place__gt=spot.place) | Q(place=spot.place, instant__lt=spot.instant)
    if str(kind) > spot.kind:
        return behind | Q(place=spot.place, instant=spot.instant)
    return behind | Q(place=spot.place, instant=spot.instant, pk__gt=spot.id) if str(kind) == spot.kind else behind


def _together(branches: Iterable[QuerySet[Any]]) -> QuerySet[Any]:
    first, *others = branches
    together: QuerySet[Any] = first.union(*others, all=True) if others else first
    return together


def _shown(actor: Actor, spots: Sequence[Spot], words: Sequence[str]) -> list[Hit]:
    """What stands at these places, in their order."""
    if not spots:
        return []
    names: tuple[str, ...] = ()
    rows = []
    for kind in dict.fromkeys(spot.kind for spot in spots):
        source = SOURCES[Kind(kind)]
        columns = source.shown(actor)
        names = ("key", "sort", *columns)
        chosen = source.rows(actor).filter(pk__in=[spot.id for spot in spots if spot.kind == kind])
        chosen = chosen.annotate(key=F("pk"), sort=Value(kind, output_field=CharField()), **columns)
        rows.append(chosen.select_related(None).prefetch_related(None).order_by().values_list(*names))
    read = {(row[1], row[0]): dict(zip(names, row, strict=True)) for row in _together(rows)}
    return [_hit(spot, read[spot.kind, spot.id], words) for spot in spots if (spot.kind, spot.id) in read]


def _hit(spot: Spot, row: Mapping[str, Any], words: Sequence[str]) -> Hit:
    return Hit(
        kind=Kind(spot.kind),
        id=spot.id,
        at=spot.instant,
        title=marked(row["heading"], words),
        excerpt=excerpt((row["text_"], row["more"]), words),
        state=row["state_"],
        number=row["number_"],
        year=row["year_"],
        meeting=row["meeting_"],
        meeting_title=row["meeting_title"],
        meeting_number=row["meeting_number"],
        item=row["item_"],
        item_title=row["item_title"] or "",
        on_minutes=bool(row["on_minutes"]),
        spot=spot,
    )


class Results:
    """All that was found, of which a list in pages reads what it shows."""

    def __init__(self, actor: Actor, asked: Asked) -> None:
        self.actor, self.asked = actor, asked
        self.counts = counts(actor, asked)

    def __len__(self) -> int:
        return self.counts.get(Kind(self.asked.kind), 0) if self.asked.kind else sum(self.counts.values())

    def __getitem__(self, places: slice) -> list[Hit]:
        start = places.start or 0
        stop = len(self) if places.stop is None else places.stop
        return hits(self.actor, self.asked, start=start, size=stop - start) if len(self) else []

    def __iter__(self) -> Iterator[Hit]:
        return iter(self[:])
