"""Servers to measure, each a process: `python -m tests.benchmarks.tools.servers KIND SOCKET`.

bare           an ASGI application that sends a frame to one socket after the other: what this server can do
stock          Channels' own `group_send`, over the layer that LAYER names (memory, or Redis' core layer)
hub            Raccordo itself
raw            no server at all: frames written to the bare sockets, to know what the clients can take

`GET /fire?n=` makes n events at once and says when each began its way; `GET /usage` says what the process has used.
"""

import asyncio
import json
import os
import resource
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import uvicorn

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PAD = 60
"""Makes a frame of about 245 bytes."""


def text(sequence: int) -> str:
    """A frame as Raccordo sends it."""
    known = {"type": "speaker_request.requested", "sequence": sequence, "previous": sequence - 1, "at": "2026-11-26T09:00:00.000000Z"}
    return json.dumps({**known, "actor": None, "object": {"id": "0" * 36, "pad": "x" * PAD}}, separators=(",", ":"))


def usage() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * resource.getpagesize()
    return {"cpu": used.ru_utime + used.ru_stime, "resident": resident}


class Bare:
    """Every socket is sent the same, one after the other. `naive`: each join is told to everybody who is there, at once."""

    def __init__(self, *, naive: bool = False) -> None:
        self.sends: list[Send] = []
        self.naive, self.sequence, self.frames = naive, 0, 0

    async def watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"type":"hello","sequence":0,"heartbeat":20}'})
        self.sends.append(send)
        if self.naive:
            await self._tell(json.dumps({"type": "presence", "joined": [len(self.sends)], "left": [], "count": len(self.sends)}))
        while (await receive())["type"] == "websocket.receive":
            pass
        self.sends.remove(send)

    async def _tell(self, line: str) -> None:
        message = {"type": "websocket.send", "text": line}
        for send in self.sends:
            await send(message)
            self.frames += 1

    async def fire(self, count: int) -> list[float]:
        begun = []
        for _n in range(count):
            self.sequence += 1
            begun.append(time.monotonic())
            await self._tell(text(self.sequence))
        return begun


class Stock:
    """A consumer and a group, as Channels' tutorial has them."""

    def __init__(self, layer: dict[str, Any]) -> None:
        from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: PLC0415 - settings come first
        from channels.layers import get_channel_layer  # noqa: PLC0415
        from django.conf import settings  # noqa: PLC0415

        settings.CHANNEL_LAYERS = {"default": layer}

        class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
            async def connect(self) -> None:
                await self.channel_layer.group_add("meeting", self.channel_name)
                await self.accept()
                await self.send(text_data='{"type":"hello","sequence":0,"heartbeat":20}')

            async def event(self, message: dict[str, Any]) -> None:
                await self.send(text_data=message["text"])

        self.watch: Any = Consumer.as_asgi()
        self._layer = get_channel_layer
        self.sequence, self.frames = 0, 0

    async def fire(self, count: int) -> list[float]:
        begun = []
        for _n in range(count):
            self.sequence += 1
            begun.append(time.monotonic())
            await self._layer().group_send("meeting", {"type": "event", "text": text(self.sequence)})
        return begun


class Hub:
    """Raccordo; `fire` commits events in a thread, and their way begins when the commit is done."""

    frames = 0

    def __init__(self) -> None:
        from coordination import asgi  # noqa: PLC0415 - settings come first
        from meetings.events import listeners  # noqa: PLC0415

        self.application: Any = asgi.application
        self.watch = self.application
        self.meeting = UUID(os.environ["MEETING"])
        self._begun: list[float] = []
        listeners.register(self._note)

    def _note(self, stream: UUID, sequence: int) -> None:
        self._begun.append(time.monotonic())

    async def fire(self, count: int, meeting: UUID | None = None) -> list[float]:
        self._begun = []
        await asyncio.to_thread(self._write, count, meeting or self.meeting)
        return self._begun

    def _write(self, count: int, meeting_id: UUID) -> None:
        from django.db import connections  # noqa: PLC0415 - settings come first

        from meetings.events import types  # noqa: PLC0415
        from meetings.events.services import record  # noqa: PLC0415
        from meetings.network.selectors import system_actor  # noqa: PLC0415
        from meetings.scheduling.models import Meeting  # noqa: PLC0415

        actor = system_actor(Meeting.objects.get(pk=meeting_id).network_id)
        for _n in range(count):
            record(actor, types.SpeakerRequested({"id": "0" * 36, "pad": "x" * PAD}), meeting_id=meeting_id)
        connections.close_all()


_CORE = {"address": os.environ.get("BENCH_REDIS", ""), "socket_timeout": None, "max_connections": 10_000}
"""With redis-py's own defaults the layer's readers die after five seconds of silence, and a hundred connections are all it may have."""
LAYERS = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "core": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_CORE]}},
}


def application(kind: str) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of that kind, with the two pages beside it."""
    from tests.benchmarks.tools import variants  # noqa: PLC0415 - settings come first

    variants.apply(os.environ.get("VARIANT", ""))
    made: Any = {"bare": Bare, "naive": lambda: Bare(naive=True), "stock": lambda: Stock(LAYERS[os.environ["LAYER"]]), "hub": Hub}[kind]()

    async def answer(scope: Scope, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())
        if scope["path"] == "/fire":
            more = {"meeting": UUID(query["meeting"][0])} if "meeting" in query else {}
            value: Any = await made.fire(int(query["n"][0]), **more)
        else:
            value = {**usage(), "frames": made.frames}
        body = json.dumps(value).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in ("/fire", "/usage"):
            await answer(scope, send)
        elif scope["type"] == "websocket":
            await made.watch(scope, receive, send)
        elif hasattr(made, "application"):
            await made.application(scope, receive, send)
        else:
            await _lifespan(receive, send)

    return serve


async def _lifespan(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


def raw(listener: socket.socket) -> None:
    """Accepts sockets, and writes a frame to each when asked to."""
    lines: list[socket.socket] = []
    sequence = 0
    while True:
        line = listener.accept()[0]
        head = line.recv(65_536)
        if b"/fire" not in head.split(b"\r\n", 1)[0]:
            line.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x10" + b'{"type":"hello"}')
            line.setblocking(False)
            lines.append(line)
            continue
        sequence += 1
        payload = text(sequence).encode()
        frame = b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload
        begun = time.monotonic()
        for other in lines:
            other.send(frame)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps([begun]).encode())
        line.close()


def main(kind: str, number: str) -> None:
    listener = socket.socket(fileno=int(number))
    if kind == "raw":
        raw(listener)
        return
    config = uvicorn.Config(
        application(kind),
        loop="uvloop",
        http="httptools",
        ws="api.realtime.protocol:Protocol",
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the clients answer none
        lifespan="on",
        log_level="error",
        access_log=False,
        backlog=4096,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
