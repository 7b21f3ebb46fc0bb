"""The directory: zones, municipalities and who represents them."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from frontend.views.base import Here, page
from meetings.access import Permission, Role
from meetings.network.models import Membership, Municipality, Zone
from meetings.network.selectors import (
    former_municipalities,
    may_see_contacts,
    memberships,
    municipalities,
    municipality_in,
    predecessors,
    standing,
)
from meetings.reporting.selectors import sees_seat

LONGEST_NAME = 100


class Person(NamedTuple):
    """Somebody in the directory; the address only for who may see it."""

    membership: Membership
    email: str
    phone: str


class Entry(NamedTuple):
    municipality: Municipality
    people: list[Person]


class ZoneEntries(NamedTuple):
    zone: Zone
    people: list[Person]
    entries: list[Entry]

    @property
    def population(self) -> int:
        return sum(entry.municipality.population for entry in self.entries)


@require_safe
@page
def directory(here: Here) -> HttpResponse:
    """Every municipality by zone; `?name=` keeps those whose name, or a representative's, contains it."""
    sought = here.request.GET.get("name", "").replace("\0", "").strip()[:LONGEST_NAME]
    people = [_person(here, row) for row in memberships(here.network)]
    seats: dict[UUID, list[Person]] = defaultdict(list)
    for person in people:
        if person.membership.municipality_id:
            seats[person.membership.municipality_id].append(person)
    entries = [Entry(town, seats[town.pk]) for town in municipalities(here.network)]
    found = [entry for entry in entries if _matches(entry, sought.casefold())]
    context = {
        "sought": sought,
        "zones": _by_zone(found, people),
        "found": len(found),
        "total": len(entries),
        "office": [person for person in people if person.membership.role in (Role.CHAIR, Role.COORDINATOR)],
        "former": [] if sought else former_municipalities(here.network),
        "manages": here.may(Permission.MANAGE_PEOPLE),
    }
    return here.render("network/directory.html", context)


def _person(here: Here, membership: Membership) -> Person:
    shown = may_see_contacts(here.actor, membership)
    return Person(membership, membership.user.email if shown else "", membership.user.phone if shown else "")


def _matches(entry: Entry, sought: str) -> bool:
    return sought in entry.municipality.name.casefold() or any(sought in p.membership.user.name.casefold() for p in entry.people)


def _by_zone(entries: Iterable[Entry], people: list[Person]) -> list[ZoneEntries]:
    ordered = sorted(entries, key=lambda entry: (entry.municipality.zone.number, entry.municipality.name))
    grouped = groupby(ordered, key=lambda entry: entry.municipality.zone)
    return [ZoneEntries(zone, [p for p in people if p.membership.zone_id == zone.pk], list(rows)) for zone, rows in grouped]


@require_safe
@page
def municipality(here: Here, municipality_id: UUID) -> HttpResponse:
    """One municipality and its people."""
    town = municipality_in(here.network.pk, municipality_id)
    rows = memberships(here.network).filter(Q(municipality=town) | Q(zone=town.zone_id)).order_by("-role", "order", "id")
    manages = here.may(Permission.MANAGE_PEOPLE)
    lasting = standing(town) if manages else []
    context = {
        "municipality": town,
        "people": [_person(here, row) for row in rows],
        "predecessors": predecessors(town),
        "manages": manages,
        "in_order": lasting if len(lasting) > 1 else [],
        "ids": " ".join(str(row.pk) for row in lasting),
        "sees_participation": sees_seat(here.actor, town),
    }
    return here.render("network/municipality.html", context)
