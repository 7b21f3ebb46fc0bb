"""Writes of networks, zones, municipalities and memberships; those of people and their tokens are in people.py.

Rows that others refer to are locked with `no_key`: a writer who holds the stream and adds a row that refers to them need not wait.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, Role, require
from meetings.errors import Conflict, Invalid, NotFound
from meetings.events.services import lock_stream, open_stream, record
from meetings.events.types import (
    MembershipChanged,
    MembershipCreated,
    MembershipEnded,
    MembershipRestored,
    MunicipalityChanged,
    MunicipalityCreated,
    NetworkChanged,
    NetworkCreated,
    ZoneChanged,
    ZoneCreated,
)
from meetings.network import selectors
from meetings.network.models import Membership, Municipality, Network, User, Zone
from meetings.network.people import LANGUAGES, get_or_create_user

NETWORK_FIELDS = frozenset(
    {
        "name",
        "time_zone",
        "languages",
        "base_url",
        "sender_address",
        "threshold_municipalities",
        "threshold_population",
        "correction_days",
        "holiday_country",
        "holiday_subdivision",
        "seat",
    }
)
LONGEST_CORRECTION = 60  # days
RESERVED_SLUGS = frozenset({"me", "accounts", "invitation", "privacy", "offline", "accessibility", "styleguide"})
"""Where a network's pages would stand, there are others already."""
MUNICIPALITY_FIELDS = frozenset({"name", "zone", "population", "patron_day", "patron_name", "valid_from", "valid_until"})
PATRONS: Mapping[str, Mapping[str, str]] = {"001272": {"patron_day": "06-24", "patron_name": "San Giovanni Battista"}}
"""What a municipality begins with unless told otherwise. Only what is certain stands here; the rest is entered."""
MEMBERSHIP_FIELDS = frozenset({"office", "order", "valid_from", "valid_until"})


@transaction.atomic
def create_network(
    *,
    slug: str,
    name: str,
    coordinator_email: str,
    coordinator_name: str = "",
    time_zone: str = "Europe/Rome",
    languages: Sequence[str] = ("it", "en", "fr"),
    values: Mapping[str, Any] | None = None,
) -> Network:
    """A new network with its first coordinator; no page leads here, only commands. `values`: further fields of it.

    Raises Conflict `slug_taken`, Invalid.
    """
    network = Network()
    validation.apply(network, {"slug": slug.lower()})
    if network.slug in RESERVED_SLUGS:
        raise validation.invalid("slug", _("“%(slug)s” is the address of another page: choose another name.") % {"slug": network.slug})
    _set_network(network, {**(values or {}), "name": name, "time_zone": time_zone, "languages": list(languages)})
    if Network.objects.filter(slug=network.slug).exists():
        raise Conflict("slug_taken", _("There is already a network “%(slug)s”.") % {"slug": network.slug})
    network.save()
    open_stream(network_id=network.pk)
    system = selectors.system_actor(network.pk)
    record(system, NetworkCreated(selectors.network_as_object(network)))
    coordinator = get_or_create_user(email=coordinator_email, name=coordinator_name, language=network.languages[0])
    add_membership(actor=system, network=network, user=coordinator, role=Role.COORDINATOR)
    return network


@transaction.atomic
def change_network(*, actor: Actor, network: Network, values: Mapping[str, Any], expected_version: int | None = None) -> Network:
    """Settings of the network (NETWORK_FIELDS); thresholds are fractions such as "1/3". Raises Invalid, StaleVersion."""
    lock_stream(network_id=network.pk)
    network = Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    require(actor, Permission.CONFIGURE, network_id=network.pk)
    versions.check(network, expected_version, lambda: selectors.network_as_object(network))
    changed = _set_network(network, values)
    if changed:
        network.version += 1
        network.save(update_fields=[*changed, "version"])
        record(actor, NetworkChanged(selectors.network_as_object(network)))
    return network


def _set_network(network: Network, values: Mapping[str, Any]) -> list[str]:
    _only(values, NETWORK_FIELDS)
    values = dict(values)
    if "time_zone" in values and not _is_zone(values["time_zone"]):
        raise validation.invalid("time_zone", _("“%(zone)s” is no time zone; an example: Europe/Rome.") % {"zone": values["time_zone"]})
    if "languages" in values:
        values["languages"] = _languages(values["languages"])
    for threshold in ("threshold_municipalities", "threshold_population"):
        if threshold in values:
            values[threshold] = _fraction(threshold, values[threshold])
    if not 1 <= int(values.get("correction_days", 7)) <= LONGEST_CORRECTION:
        raise validation.invalid("correction_days", _("From 1 to %(most)s days.") % {"most": LONGEST_CORRECTION})
    if (seat := values.get("seat")) is not None and seat.network_id != network.pk:
        raise validation.invalid("seat", _("There is no such municipality."))
    if values.get("base_url") and urlsplit(str(values["base_url"])).scheme not in ("http", "https"):
        raise validation.invalid("base_url", _("The address must begin with https:// or http://."))
    return validation.apply(network, values)


def _only(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if unknown := sorted(set(values) - allowed):
        raise Invalid("invalid", _("Some of what you entered is not right."), {name: [_("This cannot be changed.")] for name in unknown})


def _is_zone(name: object) -> bool:
    try:
        return isinstance(name, str) and "/" in name and ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):
        return False


def _languages(codes: object) -> list[str]:
    chosen = list(dict.fromkeys(codes)) if isinstance(codes, (list, tuple)) and all(isinstance(c, str) for c in codes) else []
    if not chosen or not set(chosen) <= set(LANGUAGES):
        raise validation.invalid("languages", _("Choose one or more of: %(languages)s.") % {"languages": ", ".join(LANGUAGES)})
    return chosen


def _fraction(field: str, text: object) -> str:
    """A share of all seats as a fraction in lowest terms: more than nothing, at most all."""
    parts = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", str(text).strip())
    if not parts or not 0 < int(parts[1]) <= int(parts[2]):
        raise validation.invalid(field, _("Give a fraction between 0 and 1, such as 1/3."))
    value = Fraction(int(parts[1]), int(parts[2]))
    return f"{value.numerator}/{value.denominator}"


@transaction.atomic
def ensure_zone(*, actor: Actor, network: Network, number: int, name: str) -> Zone:
    """The zone with this number, made or renamed as needed. Raises Invalid."""
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    zone = Zone.objects.filter(network=network, number=number).first()
    known = zone is not None
    zone = zone or Zone(network=network)
    if validation.apply(zone, {"number": number, "name": name}):
        zone.save()
        record(actor, (ZoneChanged if known else ZoneCreated)(selectors.zone_as_object(zone)))
    return zone


@transaction.atomic
def create_municipality(
    *,
    actor: Actor,
    network: Network,
    istat_code: str,
    name: str,
    zone: Zone,
    population: int,
    valid_from: date | None = None,
    valid_until: date | None = None,
    **patron: str,
) -> Municipality:
    """A new seat. `istat_code`: six digits; `patron`: patron_day and patron_name.

    Raises Conflict `code_taken`, Invalid, NotFound for another network's zone.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    check_istat_code(istat_code)
    values = {"name": name, "zone": zone, "population": population, "valid_from": valid_from, "valid_until": valid_until, **patron}
    municipality = Municipality(network=network, istat_code=istat_code)
    begin_municipality(actor=actor, municipality=municipality, values=values)
    return municipality


def begin_municipality(*, actor: Actor, municipality: Municipality, values: Mapping[str, Any]) -> None:
    """Writes a new row. A code is free again once whatever had it has merged into another. Raises as `create_municipality`."""
    lock_stream(network_id=municipality.network_id)
    same = Municipality.objects.filter(network=municipality.network_id, istat_code=municipality.istat_code, merged_into__isnull=True)
    if same.exists():
        raise Conflict("code_taken", _("There is already a municipality with the code %(code)s.") % {"code": municipality.istat_code})
    _set_municipality(municipality, {**PATRONS.get(municipality.istat_code, {}), **values})
    municipality.save()
    record(actor, MunicipalityCreated(selectors.municipality_as_object(municipality)))


def check_istat_code(istat_code: str) -> None:
    """Raises Invalid."""
    if not (len(istat_code) == 6 and istat_code.isascii() and istat_code.isdigit()):
        raise validation.invalid("istat_code", _("An ISTAT code has six digits, as 001272."))


@transaction.atomic
def change_municipality(
    *,
    actor: Actor,
    municipality: Municipality,
    values: Mapping[str, Any],
    expected_version: int | None = None,
    zone_renamed: bool = False,
) -> Municipality:
    """Name, zone, population, validity; `zone_renamed` records it although only its zone's name differs from before.

    Raises Invalid, StaleVersion, and NotFound for another network's zone.
    """
    lock_stream(network_id=municipality.network_id)
    municipality = Municipality.objects.select_for_update(of=("self",), no_key=True).select_related("zone").get(pk=municipality.pk)
    require(actor, Permission.MANAGE_PEOPLE, network_id=municipality.network_id)
    versions.check(municipality, expected_version, lambda: selectors.municipality_as_object(municipality))
    _keep_merger(municipality, values)
    changed = _set_municipality(municipality, values)
    if changed or zone_renamed:
        _touch_municipality(actor, municipality, changed)
    return municipality


def _keep_merger(municipality: Municipality, values: Mapping[str, Any]) -> None:
    """The day on which it merged, and whom it counted until then, are history."""
    fixed = [name for name in ("population", "valid_from", "valid_until") if name in values and values[name] != getattr(municipality, name)]
    if municipality.merged_into_id and fixed:
        raise Conflict("merged", _("This municipality has merged into another: what counted until then stays."))


def _touch_municipality(actor: Actor, municipality: Municipality, changed: Sequence[str]) -> None:
    municipality.version += 1
    municipality.save(update_fields=[*changed, "version"])
    record(actor, MunicipalityChanged(selectors.municipality_as_object(municipality)))


def _set_municipality(municipality: Municipality, values: Mapping[str, Any]) -> list[str]:
    _only(values, MUNICIPALITY_FIELDS)
    values = dict(values)
    zone = values.pop("zone", None)
    if zone is not None and zone.network_id != municipality.network_id:
        raise NotFound("not_found", _("There is no such zone."))
    changed = validation.apply(municipality, values)
    if municipality.patron_day and not _is_day_of_year(municipality.patron_day):
        raise validation.invalid("patron_day", _("Write month and day, such as 06-24."))
    if zone is not None and zone.pk != municipality.zone_id:
        municipality.zone = zone
        changed.append("zone")
    _in_order(municipality.valid_from, municipality.valid_until)
    return changed


def _is_day_of_year(text: str) -> bool:
    """Whether it is a month and a day, 02-29 too."""
    try:
        return date.fromisoformat(f"2000-{text}").isoformat() == f"2000-{text}"
    except ValueError:
        return False


def _in_order(valid_from: date | None, valid_until: date | None) -> None:
    if valid_from and valid_until and valid_until < valid_from:
        raise validation.invalid("valid_until", _("The last day is before the first."))


@transaction.atomic
def add_membership(
    *,
    actor: Actor,
    network: Network,
    user: User,
    role: str,
    municipality: Municipality | None = None,
    zone: Zone | None = None,
    office: str = "",
    order: int = 1,
    valid_from: date | None = None,
    valid_until: date | None = None,
    by_delegation: bool = False,
) -> Membership:
    """Gives a person a role, from today (or the municipality's first day) unless `valid_from` says otherwise; both days belong to it.

    Raises Conflict `already_member`, `merged` (beyond the last day of a municipality that has merged), Invalid, and NotFound for
    another network's municipality or zone.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    _check_place(network, role, municipality, zone)
    _check_not_merged(municipality, valid_until)
    membership = Membership(network=network, user=user, municipality=municipality, zone=zone, by_delegation=by_delegation)
    begins = max(selectors.today(network), (municipality and municipality.valid_from) or date.min)
    dates = {"valid_from": valid_from or begins, "valid_until": valid_until}
    validation.apply(membership, {"role": role, "office": office, "order": order, **dates})
    _in_order(membership.valid_from, membership.valid_until)
    lock_stream(network_id=network.pk)
    _check_not_doubled(membership)
    membership.save()
    record(actor, MembershipCreated(selectors.membership_as_object(membership)))
    return membership


@transaction.atomic
def add_member(*, actor: Actor, network: Network, email: str, name: str = "", language: str = "", **membership: Any) -> Membership:
    """Gives whoever has that address, known or new, a role: `membership` as in `add_membership`, and it raises the same."""
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)  # before the person, who may be added by somebody else at this very moment
    user = get_or_create_user(email=email, name=name, language=language)
    return add_membership(actor=actor, network=network, user=user, **membership)


def _check_place(network: Network, role: str, municipality: Municipality | None, zone: Zone | None) -> None:
    if any(place is not None and place.network_id != network.pk for place in (municipality, zone)):
        raise NotFound("not_found", _("There is nothing here."))
    if (role == Role.REPRESENTATIVE) != (municipality is not None):
        raise validation.invalid("municipality", _("A representative, and nobody else, represents a municipality."))
    if (role == Role.SPOKESPERSON) != (zone is not None):
        raise validation.invalid("zone", _("A zone spokesperson, and nobody else, speaks for a zone."))


def _check_not_merged(municipality: Municipality | None, valid_until: date | None) -> None:
    if municipality is None or municipality.merged_into is None:
        return
    if valid_until is None or municipality.valid_until is None or valid_until > municipality.valid_until:
        values = {"name": municipality.name, "successor": municipality.merged_into.name}
        raise Conflict("merged", _("%(name)s has merged into %(successor)s: name its people there.") % values)


def _locked_membership(membership: Membership) -> Membership:
    """The membership as it now is; whoever holds the network's stream writes alone."""
    lock_stream(network_id=membership.network_id)
    rows = Membership.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("network", "user", "municipality__zone", "municipality__merged_into", "zone")
    return rows.get(pk=membership.pk)


@transaction.atomic
def change_membership(
    *, actor: Actor, membership: Membership, values: Mapping[str, Any], expected_version: int | None = None
) -> Membership:
    """Office, order, validity. Another role or seat is another membership.

    Raises Conflict `last_coordinator` and `already_member`, Invalid, StaleVersion.
    """
    membership = _locked_membership(membership)
    require(actor, Permission.MANAGE_PEOPLE, network_id=membership.network_id)
    versions.check(membership, expected_version, lambda: selectors.membership_as_object(membership))
    _only(values, MEMBERSHIP_FIELDS)
    changed = validation.apply(membership, values)
    _in_order(membership.valid_from, membership.valid_until)
    if changed:
        _keep_a_coordinator(membership)
        if "valid_until" in changed:
            _check_not_merged(membership.municipality, membership.valid_until)
        _check_not_doubled(membership)
        membership.version += 1
        membership.save(update_fields=[*changed, "version"])
        record(actor, MembershipChanged(selectors.membership_as_object(membership)))
    return membership


@transaction.atomic
def end_membership(*, actor: Actor, membership: Membership, last_day: date | None = None) -> Membership:
    """Ends it at once, or with `last_day`; pages, feeds, tokens and sockets go by what is valid, so they end with it.

    Raises Conflict `last_coordinator`, Invalid for a day before yesterday: who took part until now is history. Ending what has ended
    changes nothing.
    """
    membership = _locked_membership(membership)
    require(actor, Permission.MANAGE_PEOPLE, network_id=membership.network_id)
    yesterday = selectors.today(membership.network) - timedelta(days=1)
    until = last_day or yesterday
    if until < yesterday:
        raise validation.invalid("last_day", _("This day is past: who took part until now stays on record."))
    if membership.valid_until is not None and membership.valid_until <= until:
        return membership
    membership.ended_at, membership.ended_before, membership.valid_until = clock.now(), membership.valid_until, until
    _keep_a_coordinator(membership)
    membership.version += 1
    membership.save(update_fields=["valid_until", "ended_at", "ended_before", "version"])
    record(actor, MembershipEnded(selectors.membership_as_object(membership)))
    return membership


@transaction.atomic
def restore_membership(*, actor: Actor, membership: Membership) -> Membership:
    """Takes back its end, while the last day is not past or on the day on which it was ended; it lasts again as it did before.

    Raises Conflict `too_late`, `already_member`, `merged`.
    """
    membership = _locked_membership(membership)
    require(actor, Permission.MANAGE_PEOPLE, network_id=membership.network_id)
    if not selectors.end_can_be_taken_back(membership):
        raise Conflict("too_late", _("This end can no longer be taken back: add the person again."))
    membership.valid_until, membership.ended_at, membership.ended_before = membership.ended_before, None, None
    _check_not_merged(membership.municipality, membership.valid_until)
    _check_not_doubled(membership)
    membership.version += 1
    membership.save(update_fields=["valid_until", "ended_at", "ended_before", "version"])
    record(actor, MembershipRestored(selectors.membership_as_object(membership)))
    return membership


@transaction.atomic
def order_representatives(*, actor: Actor, municipality: Municipality, membership_ids: Sequence[UUID]) -> list[Membership]:
    """Who is the titular and in which order the others stand in for them: `membership_ids` names all of today's but delegates,
    the titular first.

    Raises Conflict `people_changed` when somebody has come or gone meanwhile.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=municipality.network_id)
    lock_stream(network_id=municipality.network_id)
    rows = {row.pk: row for row in selectors.standing(municipality)}
    if sorted(rows, key=str) != sorted(membership_ids, key=str):
        raise Conflict("people_changed", _("Somebody has come or gone meanwhile. Please look again."))
    for place, pk in enumerate(membership_ids, start=1):
        change_membership(actor=actor, membership=rows[pk], values={"order": place})
    return selectors.standing(municipality)


def _keep_a_coordinator(membership: Membership) -> None:
    """The stream's lock, which the caller holds, keeps two coordinators from ending each other at the same moment."""
    if membership.role != Role.COORDINATOR or (membership.valid_until is None and _has_begun(membership)):
        return
    coordinators = selectors.memberships(membership.network).filter(role=Role.COORDINATOR, valid_until__isnull=True, user__is_active=True)
    if not coordinators.exclude(pk=membership.pk).exists():
        raise Conflict("last_coordinator", _("A network needs a coordinator: name another one first."))


def _has_begun(membership: Membership) -> bool:
    return membership.valid_from is None or membership.valid_from <= selectors.today(membership.network)


def _check_not_doubled(membership: Membership) -> None:
    """Nobody has the same role, seat or zone twice on one day; a delegation's days give way to what the office gives."""
    begun_before_its_end = Q()
    if membership.valid_until:
        begun_before_its_end = Q(valid_from__isnull=True) | Q(valid_from__lte=membership.valid_until)
    ended_after_its_begin = Q(valid_until__isnull=True)
    if membership.valid_from:
        ended_after_its_begin |= Q(valid_until__gte=membership.valid_from)
    same = Membership.objects.filter(
        begun_before_its_end,
        ended_after_its_begin,
        network=membership.network_id,
        user=membership.user_id,
        role=membership.role,
        municipality=membership.municipality_id,
        zone=membership.zone_id,
    )
    lasting = same.exclude(pk=membership.pk).exclude(valid_until__lt=F("valid_from"))  # one that ended before it began is none
    if (lasting if membership.by_delegation else lasting.filter(by_delegation=False)).exists():
        raise Conflict("already_member", _("This person has this role already."))
