"""Mergers of municipalities: several seats end on one day and one begins on the next; nothing that was is written anew (ADR 13).

Whatever took part keeps its row, its id and its past: minutes, attendance, votes and rolls refer to it as before. Who represents the
successor also sees to the open proposals and action items of all that merged (`access.INHERITED`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import validation
from meetings.access import Actor, Permission, Role, require
from meetings.errors import Conflict, NotFound
from meetings.events.services import lock_stream, record
from meetings.events.types import MembershipCreated, MembershipEnded, MunicipalityMerged
from meetings.network import selectors, services
from meetings.network.models import Membership, Municipality, Network, Zone

FARTHEST = 731  # days ahead


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A successor that is none of those that merge. `istat_code`: six digits; one of theirs may live on."""

    istat_code: str
    name: str
    zone: Zone
    patron_day: str = ""
    patron_name: str = ""


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merger did, or would do. Totals are (municipalities, population) of the last day before it and of its first."""

    on: date
    successor: Municipality
    ended: Sequence[Municipality]
    moved: Sequence[Membership]
    before: tuple[int, int]
    after: tuple[int, int]
    dry_run: bool = False


@transaction.atomic
def merge_municipalities(
    *, actor: Actor, network: Network, sources: Sequence[Municipality], successor: Municipality | Newcomer, on: date, dry_run: bool = False
) -> Merger:
    """Ends the sources on the day before `on` and begins one seat with the population of all on `on`; their representatives go with it.

    With an existing successor its own row ends too and the new one goes on under its code, name and zone: counts of past days stay right.
    `dry_run` does everything and undoes it. Raises Invalid by field, Conflict `merged` and `code_taken`, NotFound for another network's.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    with transaction.atomic():
        merger = _merge(actor, network, sources, successor, on, dry_run)
        if dry_run:
            transaction.set_rollback(True)
    return merger


def _merge(
    actor: Actor, network: Network, sources: Sequence[Municipality], successor: Municipality | Newcomer, on: date, dry_run: bool
) -> Merger:
    lock_stream(network_id=network.pk)
    _check_day(network, on)
    taking_in = successor if isinstance(successor, Municipality) else None
    ending = _locked(network, [row.pk for row in ([taking_in, *sources] if taking_in else sources)])
    if len(ending) < (2 if taking_in else 1):
        raise validation.invalid("sources", _("Choose the municipalities that merge."))
    for row in ending:
        _check_can_end(row, on)
    newcomer = _same(ending[0]) if isinstance(successor, Municipality) else _checked(network, successor)
    before = selectors.seats_total(network, on - timedelta(days=1))
    begun = _replace(actor, network, ending, newcomer, on)
    moved = _move_people(actor, ending, begun, on, keeps_office=taking_in)
    return Merger(on, begun, ending, moved, before, selectors.seats_total(network, on), dry_run)


def _checked(network: Network, newcomer: Newcomer) -> Newcomer:
    services.check_istat_code(newcomer.istat_code)
    if newcomer.zone.network_id != network.pk:
        raise NotFound("not_found", _("There is no such zone."))
    return newcomer


def _check_day(network: Network, on: date) -> None:
    today = selectors.today(network)
    if on <= today:
        raise validation.invalid("on", _("A merger begins tomorrow at the earliest: what has been held stays as it was."))
    if on > today + timedelta(days=FARTHEST):
        raise validation.invalid("on", _("This is more than two years ahead."))


def _locked(network: Network, ids: Sequence[UUID]) -> list[Municipality]:
    """The rows in the order they were named, each once. Raises NotFound for another network's."""
    rows = Municipality.objects.select_for_update(of=("self",), no_key=True).select_related("network", "zone", "merged_into")
    found = {row.pk: row for row in rows.filter(network=network, pk__in=ids)}
    if missing := [pk for pk in ids if pk not in found]:
        raise NotFound("not_found", _("There is no such municipality."), {"sources": [str(pk) for pk in missing]})
    return list({pk: found[pk] for pk in ids if pk in found}.values())


def _check_can_end(row: Municipality, on: date) -> None:
    if row.merged_into is not None:
        values = {"name": row.name, "successor": row.merged_into.name}
        raise Conflict("merged", _("%(name)s has merged into %(successor)s already.") % values)
    last = on - timedelta(days=1)
    if (row.valid_from and row.valid_from > last) or (row.valid_until and row.valid_until < last):
        raise validation.invalid("sources", _("%(name)s has no seat on the day before the merger.") % {"name": row.name})


def _same(row: Municipality) -> Newcomer:
    """A municipality that takes in others goes on under its own code, name, zone and patron."""
    return Newcomer(row.istat_code, row.name, row.zone, row.patron_day, row.patron_name)


def _replace(actor: Actor, network: Network, ending: Sequence[Municipality], newcomer: Newcomer, on: date) -> Municipality:
    """The old rows are marked first, so that the code of one of them is free. The database checks the reference at the end."""
    begun = Municipality(network=network, istat_code=newcomer.istat_code)
    for row in ending:
        row.merged_into, row.valid_until = begun, on - timedelta(days=1)
        row.version += 1
        Municipality.objects.filter(pk=row.pk).update(merged_into=begun.pk, valid_until=row.valid_until, version=row.version)
    own = {name: getattr(newcomer, name) for name in ("name", "zone", "patron_day", "patron_name")}
    values = {**own, "population": sum(row.population for row in ending), "valid_from": on}
    services.begin_municipality(actor=actor, municipality=begun, values=values)
    for row in ending:
        record(actor, MunicipalityMerged(selectors.municipality_as_object(row)))
    return begun


def _move_people(
    actor: Actor, ending: Sequence[Municipality], begun: Municipality, on: date, *, keeps_office: Municipality | None
) -> list[Membership]:
    """Each representative once: of who takes in the others first, then of the largest; an office ends with its municipality."""
    largest_first = sorted(ending, key=lambda row: (row != keeps_office, -row.population, row.name))
    place: dict[UUID | None, int] = {row.pk: n for n, row in enumerate(largest_first)}
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("network", "user", "municipality", "zone")
    unended = rows.filter(selectors.unended_on(on), municipality__in=ending, role=Role.REPRESENTATIVE)
    moved: dict[UUID, Membership] = {}
    for row in sorted(unended, key=lambda row: (row.by_delegation, place.get(row.municipality_id, 0), row.order, row.pk.hex)):
        if row.user_id not in moved and row.user.is_active and not row.by_delegation:
            office = row.office if keeps_office is not None and row.municipality_id == keeps_office.pk else ""
            moved[row.user_id] = _moved(row, begun, on, office=office, order=len(moved) + 1)
        _end(actor, row, on - timedelta(days=1))
    for row in moved.values():
        row.save()
        record(actor, MembershipCreated(selectors.membership_as_object(row)))
    return list(moved.values())


def _moved(row: Membership, begun: Municipality, on: date, *, office: str, order: int) -> Membership:
    begins = max(on, row.valid_from or on)
    places = {"network": row.network, "user": row.user, "role": row.role, "municipality": begun}
    return Membership(**places, office=office, order=order, valid_from=begins, valid_until=row.valid_until)


def _end(actor: Actor, row: Membership, last_day: date) -> None:
    row.valid_until, row.version = last_day, row.version + 1
    row.save(update_fields=["valid_until", "version"])
    record(actor, MembershipEnded(selectors.membership_as_object(row)))
