"""The demo's network: real municipalities, invented people, one representative for each."""

import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from meetings.access import Actor, Role
from meetings.demo.matter import FIRST_NAMES, LAST_NAMES
from meetings.errors import Invalid
from meetings.network import imports, services
from meetings.network.models import Membership, Municipality, Network, User
from meetings.network.people import get_or_create_user
from meetings.network.selectors import actor_for, municipalities, system_actor

BUILT_IN = Path(__file__).resolve().parent.parent / "network" / "data" / "turin.csv"
SLUG, NAME = "torino", "Città metropolitana di Torino"
HOLIDAYS = ("IT", "TO")
DOMAIN = "raccordo.example"


@dataclass(frozen=True)
class Cast:
    """Who plays: the network, its seats by name, and an actor for each part."""

    network: Network
    seats: tuple[Municipality, ...]
    coordinator: Actor
    chair: Actor
    representatives: dict[UUID, Actor]


def gather(csv: bytes | None, chance: random.Random) -> Cast:
    """Builds the network from a CSV of municipalities (the built-in one of Turin when none is given). Raises Invalid on a bad file."""
    network = services.create_network(
        slug=SLUG,
        name=NAME,
        coordinator_email=f"coordinamento@{DOMAIN}",
        coordinator_name="Giulia Ferrero",
        languages=["it", "en", "fr"],
        values={"holiday_country": HOLIDAYS[0], "holiday_subdivision": HOLIDAYS[1]},
    )
    system = system_actor(network.pk)
    report = imports.import_municipalities(actor=system, network=network, data=BUILT_IN.read_bytes() if csv is None else csv)
    if report.refused or not report.created:
        reasons = [f"{line}: {reason}" for line, reason in report.refused]
        raise Invalid("bad_file", _("This file cannot be taken: each line is a municipality."), {"network": reasons})
    seats = tuple(municipalities(network))
    representatives = {seat.pk: _representative(system, network, seat, chance) for seat in seats}
    chair = _member(system, network, Role.CHAIR, "Marco Chiaberge", "presidenza")
    _member(system, network, Role.OBSERVER, "Elena Osservatrice", "osservatorio")
    _member(system, network, Role.AUDITOR, "Piero Revisore", "revisione")
    _spokespersons(system, network, seats)
    coordinator = Membership.objects.get(network=network, role=Role.COORDINATOR).user
    actors = {pk: actor_for(user, network) for pk, user in representatives.items()}
    return Cast(network, seats, actor_for(coordinator, network), actor_for(chair, network), actors)


def _member(system: Actor, network: Network, role: Role, name: str, address: str) -> User:
    user = get_or_create_user(email=f"{address}@{DOMAIN}", name=name, language="it")
    services.add_membership(actor=system, network=network, user=user, role=role)
    return user


def _representative(system: Actor, network: Network, seat: Municipality, chance: random.Random) -> User:
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    user = get_or_create_user(email=f"sindaco.{_plain(seat.name)}@{DOMAIN}", name=name, language="it")
    services.add_membership(actor=system, network=network, user=user, role=Role.REPRESENTATIVE, municipality=seat, office="mayor")
    return user


def _spokespersons(system: Actor, network: Network, seats: tuple[Municipality, ...]) -> None:
    """Each zone is spoken for by the mayor of its largest municipality."""
    for zone in network.zones.all():
        largest = max((seat for seat in seats if seat.zone_id == zone.pk), key=lambda seat: seat.population, default=None)
        if largest:
            mayor = Membership.objects.get(network=network, municipality=largest).user
            services.add_membership(actor=system, network=network, user=mayor, role=Role.SPOKESPERSON, zone=zone)


def _plain(name: str) -> str:
    """A municipality's name as part of an address."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(c if c.isalnum() else "-" for c in ascii_only).strip("-")
