"""Tickets: what lets a socket in. Asked for over HTTP, where the person is known, and checked without touching the database."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.core import signing
from django.utils.crypto import salted_hmac

from meetings.access import Actor, Grant
from meetings.network.models import AccessToken, User
from meetings.scheduling.models import Meeting

LIFE = 60
"""Seconds a ticket is good for."""
SESSION, TOKEN = "session:", "token:"
_SALT = "raccordo.live-ticket"


class BadTicket(Exception):
    """Missing, forged, expired, or none of ours."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who wants to watch which meeting, with which roles, signed in by which session or access token."""

    user: UUID
    network: UUID
    meeting: UUID
    roles: str
    credential: str


def issue(*, user: User, actor: Actor, meeting: Meeting, session_key: str | None = None, token: AccessToken | None = None) -> str:
    """A ticket for one connection within the next minute. It ends with the session or the token that asked for it.

    `actor` is `user` acting in the meeting's network: the caller has checked that they may see the meeting.
    """
    parts = [user.pk.hex, meeting.network_id.hex, meeting.pk.hex, roles_digest(actor.grants), credential_of(session_key, token)]
    return signing.dumps(parts, salt=_SALT)


def read(text: str) -> Ticket:
    """The ticket that `text` is. Raises BadTicket."""
    try:
        user, network, meeting, roles, credential = signing.loads(text, salt=_SALT, max_age=LIFE)
    except signing.BadSignature as error:
        raise BadTicket from error
    return Ticket(UUID(user), UUID(network), UUID(meeting), roles, credential)


def roles_digest(grants: Iterable[Grant]) -> str:
    """The same for the same memberships in a network, whatever their order. What a merger passes on comes and goes with the seat's own."""
    lines = sorted(f"{grant.role} {grant.municipality} {grant.zone}" for grant in grants if not grant.inherited)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def credential_of(session_key: str | None, token: AccessToken | None) -> str:
    """What the ticket says of how its holder signed in; a session's key itself never leaves the server."""
    if token is not None:
        return f"{TOKEN}{token.pk.hex}"
    return f"{SESSION}{session_digest(session_key)}" if session_key else ""


@lru_cache(maxsize=65_536)
def session_digest(session_key: str) -> str:
    return salted_hmac(_SALT, session_key, algorithm="sha256").hexdigest()[:32]
