"""The event log as people read it: who did what when, filtered, in pages; and whether the chain is whole.

Who reads: the coordinator and the auditor. The staff sees what the entries say; the auditor all but what holds contacts, and what the
staff has not yet given out. Who is away is known to the office alone: to the auditor somebody is. Whose vote was which stands on the vote's
own page, once it is counted, and never here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from meetings.access import Actor, Permission, can, require
from meetings.agenda.models import AgendaItem
from meetings.events.models import Audience, Event, EventStream
from meetings.events.types import all_types
from meetings.network.models import Municipality, Network, User
from meetings.reporting.sentences import Names, collection, sentence
from meetings.scheduling.models import Meeting

CONTACTS = frozenset({"membership", "invitation", "delegation", "outgoing_email", "person"})
"""Collections whose objects hold addresses."""
AWAY = "absence"
NOT_GIVEN_OUT = frozenset({"note", "minutes", "poll"})
"""Collections that are the staff's until they are given out to all."""
NOT_NAMED = "…"
LEFT_OUT = {"vote": ("choice",)}
"""Fields that are never shown here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries. `person`: a part of the name of who did it; `kind`: a collection, such as poll."""

    since: date | None = None
    until: date | None = None
    person: str = ""
    kind: str = ""
    meeting: Meeting | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`by` is empty for Raccordo itself. `details`: None where this reader may not see them."""

    event: Event
    by: str
    text: str
    details: list[tuple[str, str]] | None
    object_id: str
    redacted: bool

    @property
    def kind(self) -> str:
        return collection(self.event.type)

    @property
    def meeting(self) -> Meeting | None:
        return self.event.stream.meeting


class Entries(NamedTuple):
    """A page, the latest first. The cursors are None where there is no further page."""

    rows: list[Entry]
    newer: int | None
    older: int | None


def require_reader(actor: Actor, network: Network) -> None:
    """Raises NotAllowed."""
    require(actor, Permission.AUDIT, network_id=network.pk)


def kinds() -> list[str]:
    """Every collection that the log knows."""
    return sorted({collection(name) for name in all_types()})


def events(actor: Actor, network: Network, asked: Asked) -> QuerySet[Event]:
    """The network's entries that are asked for, the latest first. To ask by person does not tell the actor who is away either."""
    rows = Event.objects.filter(stream__network=network).select_related("stream__meeting")
    if asked.since:
        rows = rows.filter(at__gte=datetime.combine(asked.since, time.min, network.zone))
    if asked.until:
        rows = rows.filter(at__lt=datetime.combine(asked.until + timedelta(days=1), time.min, network.zone))
    if asked.person:
        people = User.objects.filter(memberships__network=network, name__icontains=asked.person)
        rows = rows.filter(actor_id__in=people.values("pk"))
        rows = rows if _knows_who_is_away(actor) else rows.exclude(type__startswith=f"{AWAY}.")
    if asked.kind:
        rows = rows.filter(type__startswith=f"{asked.kind}.")
    if asked.meeting:
        rows = rows.filter(stream__meeting=asked.meeting)
    return rows.order_by("-pk")


def page(actor: Actor, network: Network, asked: Asked, *, before: int | None = None, after: int | None = None, size: int = 50) -> Entries:
    """The entries next to a cursor: older than `before`, or newer than `after`; else the latest. Raises NotAllowed."""
    require_reader(actor, network)
    rows = events(actor, network, asked)
    newer: int | None
    older: int | None
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        newer, older = (found[0].pk if more else None), (found[-1].pk if found else after + 1)
    else:
        found = list((rows.filter(pk__lt=before) if before is not None else rows)[: size + 1])
        more, found = len(found) > size, found[:size]
        newer = None if before is None else found[0].pk if found else before - 1
        older = found[-1].pk if more else None
    return Entries(read(actor, network, found), newer, older)


def every(actor: Actor, network: Network, asked: Asked, *, size: int = 500, most: int = 100_000) -> Iterator[Entry]:
    """All that are asked for, the latest first, read in portions. Raises NotAllowed."""
    require_reader(actor, network)
    cursor: int | None = None
    rows, left = events(actor, network, asked), most
    while left > 0:
        portion = list((rows.filter(pk__lt=cursor) if cursor else rows)[: min(size, left)])
        if not portion:
            return
        yield from read(actor, network, portion)
        cursor, left = portion[-1].pk, left - len(portion)


def read(actor: Actor, network: Network, rows: Sequence[Event]) -> list[Entry]:
    """These events in words, in four queries for any number."""
    told = [json.loads(row.payload) if row.payload else None for row in rows]
    names = _names(network, rows, [one for one in told if one is not None])
    return [_entry(actor, network, row, one, names) for row, one in zip(rows, told, strict=True)]


def _entry(actor: Actor, network: Network, row: Event, told: Mapping[str, Any] | None, names: Names) -> Entry:
    shown = told is not None and sees_details(actor, row)
    by = names.people.get(str(row.actor_id), NOT_NAMED) if row.actor_id else ""
    said = told
    if told is not None and collection(row.type) == AWAY and not _knows_who_is_away(actor):
        by = NOT_NAMED if told.get("user") == str(row.actor_id) else by
        said = {name: value for name, value in told.items() if name not in ("user", "user_name")}
    return Entry(
        event=row,
        by=by,
        text=sentence(row.type, said, names),
        details=_details(network, collection(row.type), told, names) if shown and told is not None else None,
        object_id=str(told.get("id", "")) if told is not None else "",
        redacted=told is None,
    )


def sees_details(actor: Actor, event: Event) -> bool:
    """Whether the reader may see what the entry says, beyond what was done."""
    kind = collection(event.type)
    if kind == AWAY:
        return _knows_who_is_away(actor)
    if actor.is_staff:
        return True
    return kind not in CONTACTS and (kind not in NOT_GIVEN_OUT or event.audience == Audience.MEMBERS)


def _knows_who_is_away(actor: Actor) -> bool:
    return can(actor, Permission.SEE_REASONS)


def _names(network: Network, rows: Iterable[Event], told: Iterable[Mapping[str, Any]]) -> Names:
    seats, people, items = set(), {str(row.actor_id) for row in rows if row.actor_id}, set()
    for one in told:
        seats |= {one.get("municipality"), one.get("asked_by"), one.get("owner"), one.get("proposer")}
        people |= {value for value in (one.get("user"), one.get("author"), one.get("recorded_by")) if isinstance(value, str)}
        items |= {one.get("agenda_item"), one.get("current_item")}
    of_network = {"network": network.pk, "pk__in": _ids(seats)}
    titles = AgendaItem.objects.filter(meeting__network=network, pk__in=_ids(items)).values_list("pk", "title")
    return Names(
        municipalities={str(pk): name for pk, name in Municipality.objects.filter(**of_network).values_list("pk", "name")},
        people={str(pk): name for pk, name in User.objects.filter(pk__in=_ids(people)).values_list("pk", "name")},
        items={str(pk): title for pk, title in titles},
    )


def _ids(values: Iterable[object]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(str(value)))
        except ValueError:
            continue
    return found


def _details(network: Network, kind: str, told: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    """The fields of the object as the interface names them; ids beside what they are called, times on the network's clocks."""
    left_out = LEFT_OUT.get(kind, ())
    return [(name, text) for name, value in told.items() if name not in left_out and (text := _plain(network, value, names))]


def _plain(network: Network, value: object, names: Names) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            return "; ".join(f"{name}: {text}" for name, one in value.items() if (text := _plain(network, one, names)))
        case list():
            return "\n".join(filter(None, (_plain(network, one, names) for one in value)))
        case str():
            known = names.municipalities.get(value) or names.people.get(value) or names.items.get(value)
            return f"{known} ({value})" if known else _instant(network, value)
        case _:
            return json.dumps(value)


def _instant(network: Network, text: str) -> str:
    """A time of the log on the network's clocks; any other text as it is."""
    if not (len(text) >= 20 and text[4:5] == "-" and text[10:11] == "T" and text.endswith(("Z", "+00:00"))):
        return text
    try:
        return f"{datetime.fromisoformat(text).astimezone(network.zone):%Y-%m-%d %H:%M:%S} ({network.time_zone})"
    except ValueError:
        return text


# The chain


class Extent(NamedTuple):
    """How much there is to verify, and the head of the network's own record: what a copy of it is compared with."""

    streams: int
    events: int
    head: str
    last_sequence: int


def extent(network: Network) -> Extent:
    streams = EventStream.objects.filter(network=network)
    counted = streams.aggregate(streams=Count("pk"), events=Sum("last_sequence"))
    own = streams.get(meeting=None)
    return Extent(counted["streams"], counted["events"] or 0, own.head, own.last_sequence)
