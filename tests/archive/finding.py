"""Asking as somebody, in one line."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from meetings.access import Actor
from meetings.archive.selectors import Asked, Hit, counts, hits

ZONE = ZoneInfo("Europe/Rome")


def ask(query: str, **filters: Any) -> Asked:
    return Asked(query=query, zone=ZONE, **filters)


def find(actor: Actor, query: str, **filters: Any) -> list[Hit]:
    """All that is found; what is counted is as much."""
    found = hits(actor, ask(query, **filters), size=1000)
    counted = counts(actor, ask(query, **filters))
    assert sum(counted.values()) == len(found) or "kind" in filters
    return found


def kinds(actor: Actor, query: str, **filters: Any) -> list[str]:
    """Of what kinds it is, one for each that is found."""
    return sorted(str(hit.kind) for hit in find(actor, query, **filters))


def titles(found: Iterable[Hit]) -> list[str]:
    return ["".join(piece.text for piece in hit.title) for hit in found]


def indexed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM meetings_search")
        return int(cursor.fetchone()[0])
