"""Signed addresses with which a representative answers an invitation without signing in: one for each meeting, seat and person.

Nothing of them is stored. A membership is a person in a seat, so a link ends with it; every use asks whether it is still valid.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer

from meetings.network.models import Membership
from meetings.scheduling.models import Meeting

SALT = "raccordo.reply"
SEPARATOR = "."
ID_BYTES = 16
LONGEST = 120  # characters of a token; ours have 87


class Named(NamedTuple):
    """The ids that a token names. Whether anything comes of them, `replies.opened` says."""

    membership: UUID
    meeting: UUID


def reply_path(membership: Membership | UUID | str, meeting: Meeting | UUID | str) -> str:
    """`/reply/<token>` for this person, seat and meeting, for letters: ids as they stand in a context will do."""
    return f"/reply/{token_for(_id(membership), _id(meeting))}"


def token_for(membership: UUID, meeting: UUID) -> str:
    """The two ids and an HMAC-SHA-256 of them (256 bits) under the installation's key."""
    ids = urlsafe_b64encode(membership.bytes + meeting.bytes).decode().rstrip("=")
    return _signer().sign(ids)


def read_token(token: str) -> Named | None:
    """What a token names; None for one that we did not sign."""
    if len(token) > LONGEST:
        return None
    try:
        ids = urlsafe_b64decode(_signer().unsign(token) + "=")
    except (BadSignature, ValueError):
        return None
    return Named(UUID(bytes=ids[:ID_BYTES]), UUID(bytes=ids[ID_BYTES:]))


def _signer() -> Signer:
    return Signer(salt=SALT, sep=SEPARATOR)


def _id(thing: Membership | Meeting | UUID | str) -> UUID:
    return thing.pk if isinstance(thing, Membership | Meeting) else UUID(str(thing))
