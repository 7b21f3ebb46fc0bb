"""Who may watch: read for whole networks at a time, so that a thousand joins ask the database as often as one."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from api.realtime import codes
from api.realtime.tickets import Ticket, credential_of, roles_digest, session_digest
from meetings.access import Actor, Grant, Role
from meetings.network.models import AccessToken, Network
from meetings.network.selectors import memberships


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do in one network."""

    roles: str
    is_staff: bool


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

    def is_fresh(self, seconds: float) -> bool:
        return time.monotonic() - self.read_at <= seconds


def load(network_ids: Iterable[UUID]) -> Access:
    """Reads it all, in two queries and one more for each network."""
    read_at = time.monotonic()
    networks = {network.pk: _rights_in(network) for network in Network.objects.filter(pk__in=list(network_ids))}
    return Access(networks, _sessions() | _tokens(), read_at)


def _rights_in(network: Network) -> dict[UUID, Rights]:
    grants: dict[UUID, list[Grant]] = defaultdict(list)
    rows = memberships(network).filter(user__is_active=True).order_by().values_list("user_id", "role", "municipality_id", "zone_id")
    for user, role, municipality, zone in rows:
        grants[user].append(Grant(Role(role), municipality, zone))
    return {user: _rights(network.pk, held) for user, held in grants.items()}


def _rights(network_id: UUID, grants: list[Grant]) -> Rights:
    return Rights(roles_digest(grants), Actor(network_id, grants=grants).is_staff)


def _sessions() -> set[str]:
    keys = Session.objects.filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True)
    return {f"session:{session_digest(key)}" for key in keys}


def _tokens() -> set[str]:
    return {
        credential_of(None, token)
        for token in AccessToken.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).only("pk")
    }
