"""The frames of the socket as ASGI messages, each encoded once for all who are sent it (docs: the websocket protocol)."""

from typing import Any
from uuid import UUID

from meetings.events.hashing import canonical
from meetings.events.models import Event

Message = dict[str, Any]

BEAT = 20
"""Seconds between two heartbeats of a client."""


def _frame(text: str) -> Message:
    return {"type": "websocket.send", "text": text}


HEARTBEAT = _frame('{"type":"heartbeat"}')


def hello(sequence: int) -> Message:
    """The first frame: the last sequence of the audience, and how often to beat."""
    return _frame(f'{{"type":"hello","sequence":{sequence},"heartbeat":{BEAT}}}')


def snapshot(sequence: int, state: dict[str, Any]) -> Message:
    """The whole state, at least as new as `sequence`."""
    return _frame(f'{{"type":"snapshot","sequence":{sequence},"state":{canonical(state)}}}')


def event(row: Event, previous: int) -> Message:
    """One event; `previous` is the sequence of the frame before it for the same audience. A redacted one has no object."""
    at = row.at.isoformat().replace("+00:00", "Z")
    actor = f'"{row.actor_id}"' if row.actor_id else "null"
    known = f'"type":"{row.type}","sequence":{row.sequence},"previous":{previous},"at":"{at}","actor":{actor}'
    return _frame(f'{{{known},"object":{row.payload or "null"}}}')


def tally(poll_id: UUID, counts: list[dict[str, Any]]) -> Message:
    """How an open poll stands: per choice the municipalities and their population."""
    return _frame(canonical({"type": "tally", "poll": poll_id, "tally": counts}))


def close(code: int, reason: str = "") -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason}
