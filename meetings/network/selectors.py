"""Reads of the network: actors, people, municipalities."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Grant, Permission, Place, Role, can
from meetings.errors import NotFound
from meetings.network import addresses
from meetings.network.models import AccessToken, Membership, Municipality, Network, User, Zone, valid_on
from meetings.notifications.services import Recipient


def today(network: Network) -> date:
    """The date on the network's clocks."""
    return clock.now().astimezone(network.zone).date()


def current_memberships(user: User, day: date | None = None) -> QuerySet[Membership]:
    """A person's memberships that are valid on `day`: today, on each network's own clock, when none is given."""
    mine = Membership.objects.filter(user=user).select_related("network", "municipality", "zone")
    if day is not None:
        return mine.filter(valid_on(day))
    zones_of_mine = set(mine.values_list("network__time_zone", flat=True).order_by())
    now = Q(pk__in=())
    for zone in zones_of_mine:
        now |= Q(network__time_zone=zone) & valid_on(clock.now().astimezone(ZoneInfo(zone)).date())
    return mine.filter(now)


def _grants(rows: QuerySet[Membership]) -> dict[UUID, list[Grant]]:
    """What the memberships give, by network: what they say themselves, and the open things of municipalities that merged into the seat."""
    return _held_by(_with_predecessors(rows))


def _with_predecessors(rows: QuerySet[Membership]) -> Any:
    return rows.annotate(has_predecessors=Exists(Municipality.objects.filter(merged_into=OuterRef("municipality"))))


def _held_by(rows: Iterable[Any]) -> dict[UUID, list[Grant]]:
    grants: dict[UUID, list[Grant]] = {}
    for row in rows:
        held = grants.setdefault(row.network_id, [])
        held.append(Grant(Role(row.role), row.municipality_id, row.zone_id))
        if row.has_predecessors and row.municipality:
            held += [Grant(Role.REPRESENTATIVE, one.pk, inherited=True) for one in predecessors(row.municipality)]
    return grants


def predecessors(municipality: Municipality) -> list[Municipality]:
    """Whatever has merged into it, directly or by a municipality that did, by name."""
    merged = Municipality.objects.filter(network=municipality.network_id, merged_into__isnull=False).select_related("zone").order_by("name")
    rows, found, heirs = list(merged), [], {municipality.pk}
    while more := [row for row in rows if row.merged_into_id in heirs and row not in found]:
        found += more
        heirs |= {row.pk for row in more}
    return sorted(found, key=lambda row: (row.name, row.pk.hex))


def actor_for(user: User, network: Network) -> Actor:
    """The person acting in `network`. Raises NotFound when they have no part in it: to them it does not exist."""
    grants = _grants(current_memberships(user, today(network)).filter(network=network)) if user.is_active else {}
    if not grants:
        raise NotFound("not_found", _("There is nothing here."))
    return Actor(network_id=network.pk, user_id=user.pk, name=user.name, grants=tuple(grants[network.pk]))


def signed_in(user_id: Any) -> User | None:
    """The person with that id, and in the same query what `acting_in` needs."""
    rows = list(_with_predecessors(Membership.objects.filter(user=user_id)).select_related("user", "network", "municipality", "zone"))
    user = rows[0].user if rows else User.objects.filter(pk=user_id).first()
    if user is not None:
        user.memberships_read = rows
    return user


def acting_in(user: User, slug: str) -> tuple[Network, Actor]:
    """The network of that name and the person acting in it, in one query at most. Raises NotFound as `actor_for` does."""
    rows = _memberships_in(user, slug) if user.is_active else []
    valid = [row for row in rows if row.is_valid_on(today(row.network))]
    if not valid:
        raise NotFound("not_found", _("There is nothing here."))
    network = valid[0].network
    return network, Actor(network_id=network.pk, user_id=user.pk, name=user.name, grants=tuple(_held_by(valid)[network.pk]))


def _memberships_in(user: User, slug: str) -> list[Membership]:
    if user.memberships_read is not None:
        return [row for row in user.memberships_read if row.network.slug == slug]
    mine = Membership.objects.filter(user=user, network__slug=slug).select_related("network", "municipality", "zone")
    return list(_with_predecessors(mine))


def unended_on(day: date) -> Q:
    """Rows that are valid on `day` or later."""
    return Q(valid_until__isnull=True) | Q(valid_until__gte=day)


def system_actor(network_id: UUID) -> Actor:
    """Raccordo itself, for what no person does."""
    return Actor(network_id=network_id, name="Raccordo", system=True)


def networks_of(user: User) -> QuerySet[Network]:
    """The networks a person has a part in today, each by its own clock."""
    return Network.objects.filter(pk__in=current_memberships(user).values("network")).order_by("name", "id")


def network_by_slug(user: User, slug: str) -> Network:
    """One of the person's networks. Raises NotFound."""
    found = networks_of(user).filter(slug=slug).first()
    if found is None:
        raise NotFound("not_found", _("There is nothing here."))
    return found


def municipalities(network: Network, day: date | None = None) -> QuerySet[Municipality]:
    """The seats of the network that are valid on `day` (today when none is given), by name."""
    return Municipality.objects.filter(valid_on(day or today(network)), network=network).select_related("zone").order_by("name", "id")


def seats_to_name(network: Network) -> QuerySet[Municipality]:
    """The seats that people can be named for: those of today or to come, without those whose end by a merger is settled."""
    rows = Municipality.objects.filter(unended_on(today(network)), network=network, merged_into__isnull=True)
    return rows.select_related("zone").order_by("name", "id")


def former_municipalities(network: Network) -> QuerySet[Municipality]:
    """The seats that have ended, the latest first."""
    rows = Municipality.objects.filter(network=network, valid_until__lt=today(network))
    return rows.select_related("zone", "merged_into").order_by("-valid_until", "name", "id")


def seats_total(network: Network, day: date) -> tuple[int, int]:
    """(municipalities, population) of all seats valid on `day`: the denominators of every share."""
    seats = Municipality.objects.filter(valid_on(day), network=network)
    return seats.count(), seats.aggregate(total=Sum("population"))["total"] or 0


def place_of(municipality: Municipality | None) -> Place:
    """Where a municipality's things belong, for `access`."""
    return Place(municipality.pk, municipality.zone_id) if municipality else Place()


def municipality_in(network_id: UUID, municipality_id: UUID | str | None) -> Municipality:
    """A municipality of the network. Raises NotFound, for what is no id at all too."""
    rows = Municipality.objects.filter(network_id=network_id).select_related("network", "zone", "merged_into")
    try:
        return rows.get(pk=UUID(str(municipality_id)))
    except (ValueError, Municipality.DoesNotExist) as error:
        raise NotFound("not_found", _("There is no such municipality.")) from error


def seats_of(actor: Actor) -> QuerySet[Municipality]:
    """The municipalities the actor represents."""
    return Municipality.objects.filter(pk__in=actor.seats).select_related("zone").order_by("name")


def zones(network: Network) -> QuerySet[Zone]:
    return Zone.objects.filter(network=network).order_by("number")


def office_named(value: str) -> str:
    """An office in the reader's language; a free text stays as it is."""
    return str(dict(Membership.Office.choices).get(value, value)) if value else ""


def memberships(network: Network, day: date | None = None) -> QuerySet[Membership]:
    """Who takes part in the network on `day`, by role, seat and order."""
    found = Membership.objects.filter(valid_on(day or today(network)), network=network)
    return found.select_related("network", "user", "municipality__zone", "zone").order_by("role", "municipality__name", "order", "id")


def representatives(municipality: Municipality, day: date) -> list[Membership]:
    """Who represents the municipality on `day`, in order: the first is the titular."""
    rows = Membership.objects.filter(valid_on(day), municipality=municipality, role=Role.REPRESENTATIVE).select_related("user")
    return list(rows.order_by("order", "id"))


def standing(municipality: Municipality) -> list[Membership]:
    """Its titular and substitutes of today, in order, without who is delegated for some days. Needs `network` selected."""
    return [row for row in representatives(municipality, today(municipality.network)) if not row.by_delegation]


def other_roles(membership: Membership, day: date) -> QuerySet[Membership]:
    """What else the person is in the network on `day`."""
    rows = Membership.objects.filter(valid_on(day), network=membership.network_id, user=membership.user_id)
    return rows.exclude(pk=membership.pk).select_related("municipality", "zone")


def spokespersons(zone: Zone, day: date) -> list[Membership]:
    """Who speaks for the zone on `day`: the spokesperson, then the deputy."""
    rows = Membership.objects.filter(valid_on(day), zone=zone, role=Role.SPOKESPERSON).select_related("user")
    return list(rows.order_by("order", "id"))


def titulars(network: Network, day: date) -> dict[UUID, Membership]:
    """The first representative of each municipality, by municipality id."""
    rows = memberships(network, day).filter(role=Role.REPRESENTATIVE).order_by("municipality_id", "-order", "-id")
    return {row.municipality_id: row for row in rows if row.municipality_id}


def recipients(rows: Iterable[Membership]) -> list[Recipient]:
    """The people of these memberships, each once, as mail is addressed to them. Needs `user` selected."""
    people = {row.user_id: row.user for row in rows if row.user.is_active}
    return [Recipient(address=user.email, name=user.name, language=user.language, user_id=user.pk) for user in people.values()]


def digest(token: str) -> str:
    """How a token is stored: its SHA-256 (the token itself has 256 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def access_token(token: str) -> AccessToken | None:
    """The live access token that `token` is, with its user; None for an unknown, expired or revoked one alike."""
    live = AccessToken.objects.filter(digest=digest(token), revoked_at__isnull=True, expires_at__gt=clock.now(), user__is_active=True)
    return live.select_related("user").first()


def network_as_object(network: Network) -> dict[str, Any]:
    thresholds = {"municipalities": network.threshold_municipalities, "population": network.threshold_population}
    return {
        "id": network.pk,
        "slug": network.slug,
        "name": network.name,
        "time_zone": network.time_zone,
        "languages": network.languages,
        "thresholds": thresholds,
        "seat": network.seat_id,
        "sender_address": network.sender_address,
        "correction_days": network.correction_days,
        "version": network.version,
    }


def token_as_object(token: AccessToken) -> dict[str, Any]:
    """What may be shown and recorded of a token: never its digest."""
    return {
        "id": token.pk,
        "user": token.user_id,
        "label": token.label,
        "scope": token.scope,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def tokens_of(user: User) -> QuerySet[AccessToken]:
    """A person's tokens that are not revoked, the newest first."""
    return AccessToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-created_at", "id")


def me_as_object(user: User) -> dict[str, Any]:
    """A person to themselves."""
    mine = current_memberships(user).select_related("network", "user", "municipality", "zone").order_by("network__name", "order", "id")
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "phone": user.phone,
        "language": user.language,
        "memberships": [{**membership_as_object(row), "network": row.network.slug, "network_name": row.network.name} for row in mine],
    }


def zone_as_object(zone: Zone) -> dict[str, Any]:
    return {"id": zone.pk, "number": zone.number, "name": zone.name}


def municipality_as_object(municipality: Municipality) -> dict[str, Any]:
    """Needs `zone` selected."""
    return {
        "id": municipality.pk,
        "istat_code": municipality.istat_code,
        "name": municipality.name,
        "zone": municipality.zone_id,
        "zone_name": municipality.zone.name,
        "population": municipality.population,
        "patron_day": municipality.patron_day,
        "patron_name": municipality.patron_name,
        "valid_from": municipality.valid_from,
        "valid_until": municipality.valid_until,
        "merged_into": municipality.merged_into_id,
        "version": municipality.version,
    }


def membership_as_object(membership: Membership, *, contacts: bool = True) -> dict[str, Any]:
    """Needs `user` and `municipality` selected. `contacts`: whether the reader may see addresses."""
    user = {"id": membership.user_id, "name": membership.user.name, "email": membership.user.email if contacts else None}
    return {
        "id": membership.pk,
        "user": user,
        "role": membership.role,
        "municipality": membership.municipality_id,
        "municipality_name": membership.municipality.name if membership.municipality else None,
        "zone": membership.zone_id,
        "office": membership.office,
        "order": membership.order,
        "valid_from": membership.valid_from,
        "valid_until": membership.valid_until,
        "version": membership.version,
    }


def person(address: str) -> User:
    """The active person with this e-mail address; one that merely looks like it is nobody's. Raises NotFound."""
    found = User.objects.filter(email=addresses.canonical(address) or "", is_active=True).first()
    if found is None:
        raise NotFound("not_found", _("Nobody has the address %(address)s.") % {"address": address[:80]})
    return found


DEMO_PEOPLE = {Role.COORDINATOR: 1, Role.CHAIR: 1, Role.REPRESENTATIVE: 3, Role.SPOKESPERSON: 1, Role.OBSERVER: 1, Role.AUDITOR: 1}


def demo_people() -> list[Membership]:
    """Whom the demo lets anyone be: of the oldest network, some of every role; the representatives of its largest municipalities."""
    network = Network.objects.order_by("created_at").first()
    if network is None:
        return []
    rows = memberships(network).filter(user__is_active=True, order=1)
    chosen: dict[UUID, Membership] = {}
    for role, count in DEMO_PEOPLE.items():
        others = rows.filter(role=role).exclude(user__in=list(chosen)).order_by("-municipality__population", "id")
        chosen |= {row.user_id: row for row in others[:count]}
    return list(chosen.values())


def network_for_commands(slug: str) -> Network:
    """Any network, for whoever operates the installation. Raises NotFound."""
    found = Network.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Network.objects.order_by("slug").values_list("slug", flat=True)[:10]) or _("none")
        raise NotFound("not_found", _("There is no network “%(slug)s”. There are: %(known)s.") % {"slug": slug, "known": known})
    return found


def may_see_contacts(actor: Actor, membership: Membership) -> bool:
    """Staff see all addresses, a spokesperson their zone's, who holds a seat or speaks for a zone the office's, everybody their own."""
    office = membership.role in (Role.CHAIR, Role.COORDINATOR) and bool(actor.seats or actor.zones)
    if office or membership.user_id == actor.user_id:
        return True
    return can(actor, Permission.SEE_CONTACTS, place_of(membership.municipality))


def actors_of(user: User) -> dict[UUID, Actor]:
    """The person as an actor in each of their networks, by network id."""
    grants = _grants(current_memberships(user))
    return {pk: Actor(network_id=pk, user_id=user.pk, name=user.name, grants=tuple(held)) for pk, held in grants.items()}


def zone_in(network_id: UUID, zone_id: UUID | str) -> Zone:
    """A zone of the network. Raises NotFound."""
    found = Zone.objects.filter(network_id=network_id, pk=zone_id).first()
    if found is None:
        raise NotFound("not_found", _("There is no such zone."))
    return found


def municipality(municipality_id: UUID | str) -> Municipality:
    """A municipality with its network. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    found = Municipality.objects.filter(pk=municipality_id).select_related("network", "zone", "merged_into").first()
    if found is None:
        raise NotFound("not_found", _("There is nothing here."))
    return found


def membership(membership_id: UUID | str) -> Membership:
    """A membership with its network. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    rows = Membership.objects.select_related("network", "user", "municipality__zone", "municipality__network", "zone")
    found = rows.filter(pk=membership_id).first()
    if found is None:
        raise NotFound("not_found", _("There is nothing here."))
    return found


def memberships_in(network_id: UUID, ids: Sequence[UUID]) -> list[Membership]:
    """Memberships of the network. Raises NotFound when any is none of its."""
    found = list(Membership.objects.filter(network_id=network_id, pk__in=ids).select_related("user"))
    if len(found) < len(set(ids)):
        raise NotFound("not_found", _("There is no such membership."))
    return found


def token_of(user: User, token_id: UUID | str) -> AccessToken:
    """One of the person's tokens. Raises NotFound."""
    found = tokens_of(user).filter(pk=token_id).first()
    if found is None:
        raise NotFound("not_found", _("There is no such token."))
    return found


def end_can_be_taken_back(membership: Membership) -> bool:
    """While its last day is not past, or on the day on which it was ended; a delegation's is confirmed anew instead. Needs `network`."""
    if membership.ended_at is None or membership.valid_until is None or membership.by_delegation:
        return False
    day = today(membership.network)
    return membership.valid_until >= day or membership.ended_at.astimezone(membership.network.zone).date() == day


def possible_with(membership: Membership) -> set[str]:
    """What can be done with the membership now, by whoever may. Needs `network` selected."""
    day = today(membership.network)
    over = membership.valid_until is not None and membership.valid_until < day
    return {"edit"} | (set() if over else {"end"}) | ({"restore"} if end_can_be_taken_back(membership) else set())
