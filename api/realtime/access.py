"""Who may watch: read for whole networks at a time, so that a thousand joins ask the database as often as one."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from api.realtime import codes
from api.realtime.tickets import Ticket, credential_of, roles_digest, session_digest
from meetings.access import Actor, Grant, Role
from meetings.network.models import AccessToken, Network
from meetings.network.selectors import memberships

NOT_NAMED = (Role.OBSERVER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do in one network, and as whom the others see them."""

    roles: str
    is_staff: bool
    person: str
    municipality: UUID | None
    municipality_name: str
    is_named: bool
    """Observers and auditors are counted among those present, and not named."""


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of everybody in some networks, and every sign-in that is still good, at one instant."""

    networks: Mapping[UUID, Mapping[UUID, Rights]] = field(default_factory=dict)
    credentials: Collection[str] = frozenset()
    read_at: float = float("-inf")

    def rights(self, ticket: Ticket) -> Rights | None:
        return self.networks.get(ticket.network, {}).get(ticket.user)

    def objection(self, ticket: Ticket) -> int | None:
        """The code to close with: access has ended, or other roles ask for another ticket. None when all is well."""
        rights = self.rights(ticket)
        if rights is None or (ticket.credential and ticket.credential not in self.credentials):
            return codes.ACCESS_ENDED
        return None if rights.roles == ticket.roles else codes.TICKET


def load(network_ids: Iterable[UUID]) -> Access:
    """Reads it all, in two queries and one more for each network."""
    read_at, wanted = time.monotonic(), list(network_ids)
    found = {network.pk: _rights_in(network) for network in Network.objects.filter(pk__in=wanted)}
    return Access({key: dict[UUID, Rights]() for key in wanted} | found, _sessions() | _tokens(), read_at)


def _rights_in(network: Network) -> dict[UUID, Rights]:
    rows = memberships(network).filter(user__is_active=True).order_by("municipality__name", "municipality")
    columns = rows.values_list("user_id", "user__name", "role", "municipality_id", "municipality__name", "zone_id")
    held: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for user, *row in columns:
        held[user].append(tuple(row))
    return {user: _rights(network.pk, rows) for user, rows in held.items()}


def _rights(network_id: UUID, rows: list[tuple[Any, ...]]) -> Rights:
    grants = [Grant(Role(role), municipality, zone) for _name, role, municipality, _municipality_name, zone in rows]
    seat, seat_name = next(((row[2], row[3]) for row in rows if row[2]), (None, ""))
    named = any(grant.role not in NOT_NAMED for grant in grants)
    return Rights(roles_digest(grants), Actor(network_id, grants=grants).is_staff, rows[0][0], seat, seat_name, named)


def _sessions() -> set[str]:
    keys = Session.objects.filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True)
    return {f"session:{session_digest(key)}" for key in keys}


def _tokens() -> set[str]:
    return {
        credential_of(None, token)
        for token in AccessToken.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).only("pk")
    }
