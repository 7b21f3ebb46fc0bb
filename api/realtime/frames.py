"""The frames of the socket as ASGI messages, each encoded once for all who are sent it (docs: the websocket protocol)."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from api.realtime import codes
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


def turnout(poll_id: UUID, municipalities: int) -> Message:
    """How many have voted in an open secret poll: all that is said of it until it closes."""
    return _frame(canonical({"type": "tally", "poll": poll_id, "turnout": municipalities}))


def presence(joined: Collection[Any], left: Collection[UUID], count: int, *, whole: bool = False) -> Message:
    """Who has come and who has gone since the last such frame, and how many people are connected. A `whole` one replaces all before it."""
    frame = {"type": "presence", "joined": joined, "left": left, "count": count}
    return _frame(canonical({**frame, "whole": True} if whole else frame))


def editing(place: str, people: Collection[Mapping[str, Any]]) -> Message:
    """Who is at something that is being edited: all of them, each time that changes."""
    return _frame(canonical({"type": "editing", "at": place, "people": people}))


def close(code: int) -> Message:
    return {"type": "websocket.close", "code": code, "reason": codes.reason(code)}
