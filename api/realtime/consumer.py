"""One websocket, as a bare ASGI application: who it is, what it may watch, and that it says nothing."""

import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from api.realtime import codes, frames, origins, tickets
from api.realtime.codes import Refused
from api.realtime.frames import Message
from api.realtime.hub import Hub
from api.realtime.rooms import Send, Socket

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

LONGEST_HEARTBEAT = 100
"""Characters."""
PLACE = re.compile(r"[a-z_]+:[0-9a-f-]{36}")
LONGEST_PLACE = 60
MOST_BEATS = 10
"""Heartbeats allowed within the time in which one is due."""


async def watch(hub: Hub, meeting_id: UUID | None, scope: Scope, receive: Receive, send: Send) -> None:
    """The life of a socket. A stranger's page is refused with HTTP 403; else the socket is accepted, and closed with a code if need be:
    browsers would otherwise see 1006 whatever the reason.
    """
    await receive()
    if not origins.is_ours(scope):
        await send(frames.close(codes.ACCESS_ENDED))
        return
    await send({"type": "websocket.accept"})
    try:
        socket = await _join(hub, meeting_id, scope, send)
    except Refused as refusal:
        await send(frames.close(refusal.code))
        return
    try:
        await _listen(receive, socket)
    finally:
        hub.unregister(socket)


async def _join(hub: Hub, meeting_id: UUID | None, scope: Scope, send: Send) -> Socket:
    if meeting_id is None:
        raise Refused(codes.NO_SUCH_MEETING)
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        ticket = tickets.read(query.get("ticket", [""])[-1])
    except tickets.BadTicket as error:
        raise Refused(codes.TICKET) from error
    after, place = _number(query.get("after", [""])[-1]), _place(query.get("at", [""])[-1])
    return await hub.register(meeting_id, send=send, ticket=ticket, after=after, place=place)


def _number(text: str) -> int | None:
    """A sequence; None for what is none, so that a snapshot mends it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _place(text: str) -> str:
    """What is being edited, such as `note:<uuid>`; nothing for what is none."""
    return text if len(text) <= LONGEST_PLACE and PLACE.fullmatch(text) else ""


async def _listen(receive: Receive, socket: Socket) -> None:
    """Until the line closes. Whoever says anything but heartbeats, or too many of those, is closed."""
    since, beats = time.monotonic(), 0
    while (message := await receive())["type"] == "websocket.receive":
        if time.monotonic() - since > frames.BEAT:
            since, beats = time.monotonic(), 0
        beats += 1
        if _is_heartbeat(message) and beats <= MOST_BEATS:
            socket.beat()
        else:
            socket.end(codes.PROTOCOL)


def _is_heartbeat(message: Message) -> bool:
    text = message.get("text") or ""
    try:
        return len(text) <= LONGEST_HEARTBEAT and json.loads(text) == {"type": "heartbeat"}
    except (ValueError, RecursionError):
        return False
