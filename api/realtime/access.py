"""Who may watch: read for whole networks at a time, so that a thousand joins ask the database as often as one."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from api.realtime import codes
from api.realtime.tickets import SESSION, TOKEN, Ticket, credential_of, roles_digest
from meetings.access import Actor, Grant, Role
from meetings.network.models import AccessToken, Network
from meetings.network.selectors import memberships

T = TypeVar("T")
AT_A_TIME = 900
"""Keys in one query; SQLite may take no more than 999 parameters."""
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
    """The rights of everybody in some networks, and whether the sign-ins asked about are still good, at one instant."""

    networks: Mapping[UUID, Mapping[UUID, Rights]] = field(default_factory=dict)
    credentials: Mapping[str, bool] = field(default_factory=dict)
    read_at: float = float("-inf")

    def rights(self, ticket: Ticket) -> Rights | None:
        return self.networks.get(ticket.network, {}).get(ticket.user)

    def knows(self, credential: str) -> bool:
        """Whether it was asked about; a ticket without one needs none."""
        return not credential or credential in self.credentials

    def objection(self, ticket: Ticket) -> int | None:
        """The code to close with: access has ended, or other roles ask for another ticket. None when all is well."""
        rights = self.rights(ticket)
        if rights is None or not self.credentials.get(ticket.credential, True):
            return codes.ACCESS_ENDED
        return None if rights.roles == ticket.roles else codes.TICKET


class SignIns:
    """Asks for the rows of the sign-ins that it is asked about, and no others: there may be thousands beside them.

    A ticket names a session by a digest alone. So for one that is new all are looked through; what they are called is remembered.
    """

    def __init__(self) -> None:
        self._keys: Mapping[str, str] = {}

    def good(self, credentials: Collection[str]) -> dict[str, bool]:
        """Whether each is: in one query for sessions and one for tokens, or more for more than 900."""
        sessions = {credential for credential in credentials if credential.startswith(SESSION)}
        alive = self._sessions(sessions) | _tokens(set(credentials) - sessions - {""})
        return {credential: credential in alive for credential in credentials if credential}

    def _sessions(self, wanted: Set[str]) -> set[str]:
        live = Session.objects.filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True)
        if not wanted <= self._keys.keys():
            self._keys = {credential_of(key, None): key for key in live}
            return set(self._keys)
        return {credential_of(key, None) for keys in _portions(self._keys[one] for one in wanted) for key in live.filter(pk__in=keys)}


def _tokens(wanted: Set[str]) -> set[str]:
    live = AccessToken.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).only("pk")
    ids = (UUID(credential.removeprefix(TOKEN)) for credential in wanted)
    return {credential_of(None, token) for some in _portions(ids) for token in live.filter(pk__in=some)}


def _portions(values: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as SQLite takes parameters."""
    rest = iter(values)
    while portion := list(islice(rest, AT_A_TIME)):
        yield portion


def load(network_ids: Iterable[UUID], credentials: Collection[str], sign_ins: SignIns) -> Access:
    """Reads it all: in one query, one more for each network, and those of the sign-ins."""
    read_at, wanted = time.monotonic(), list(network_ids)
    found = {network.pk: _rights_in(network) for network in Network.objects.filter(pk__in=wanted)}
    return Access({key: dict[UUID, Rights]() for key in wanted} | found, sign_ins.good(credentials), read_at)


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
