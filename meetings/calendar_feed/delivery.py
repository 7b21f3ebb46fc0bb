"""A feed ready to send. Calendar programs ask every hour and mostly for what they have: that must cost next to nothing.

Rendered bytes are kept by their stamp, which every write moves, so all members with the same settings share them. Whose an
address is, is kept for a second: long enough for a burst, and short enough for a revocation to hold on every process.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django.core.cache import cache
from django.utils import translation

from meetings.calendar_feed import ics, tokens
from meetings.calendar_feed.selectors import Stamp, calendar, live_feed

ADDRESS_SECONDS = 1
BODIES = 64


@dataclass(frozen=True, slots=True)
class Published:
    body: bytes
    etag: str
    last_modified: datetime


def published(token: str) -> Published | None:
    """The calendar at that secret address; None for an unknown and a revoked one alike.

    No query while the address is warm, one while the bytes are kept, three more to render them.
    """
    stamp = _stamp(token)
    return _rendered(stamp) if stamp else None


def address_key(token: str) -> str:
    """Where the answer for an address is kept for a second; the token itself is in no cache."""
    return f"calendar-address:{tokens.digest(token)}"


def _stamp(token: str) -> Stamp | None:
    key = address_key(token)
    stamp: Stamp | None = cache.get(key)
    if stamp is None:
        found = live_feed(token)
        stamp = found.stamp if found else None
        if stamp:
            cache.set(key, stamp, ADDRESS_SECONDS)
    return stamp


@lru_cache(maxsize=BODIES)
def _rendered(stamp: Stamp) -> Published:
    with translation.override(stamp.language):
        shown = calendar(stamp)
    body = ics.render(shown)
    changes = [meeting.last_modified.astimezone(UTC) for meeting in shown.meetings]
    return Published(body, ics.etag(body), max([stamp.since, *changes]))
