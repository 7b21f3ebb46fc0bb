"""A real server on a loopback port, in a thread of this process, over the test database; and clients of it."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from django.db import connections
from pytest_django import Settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.realtime import tickets
from api.realtime.consumer import Receive, Scope
from api.realtime.hub import Hub
from api.realtime.nudges import Publisher
from api.realtime.rooms import Send
from api.realtime.routing import Sockets
from coordination.asgi import application
from meetings.events import listeners
from meetings.management.serving import LARGEST_FRAME
from meetings.network.models import User
from meetings.network.selectors import actor_for
from meetings.scheduling.models import Meeting
from tests import factories
from tests.realtime.own_redis import OwnRedis
from tests.remembered import remembered

COMPANY = ("presence", "editing")


@dataclass
class Server:
    """`ws://…` of a running server."""

    uvicorn: uvicorn.Server
    thread: threading.Thread
    port: int
    loop: asyncio.AbstractEventLoop | None = None

    def watch(
        self, meeting_id: UUID, ticket: str | None = None, after: Any = None, origin: str | None = "ours", at: str | None = None
    ) -> AbstractAsyncContextManager[ClientConnection]:
        """A connection as a browser on our page opens it."""
        asked = {"ticket": ticket, "after": after, "at": at}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        headers = {"Origin": f"http://127.0.0.1:{self.port}" if origin == "ours" else origin} if origin else {}
        url = f"ws://127.0.0.1:{self.port}/ws/v1/meetings/{meeting_id}/?{query}"
        return connect(url, additional_headers=headers, proxy=None, compression=None, ping_interval=None, max_queue=None)

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(15)


def start_server(app: Any = application) -> Server:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        loop="uvloop",
        ws="api.realtime.protocol:Protocol",
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline and thread.is_alive()
        time.sleep(0.01)
    return Server(server, thread, server.servers[0].sockets[0].getsockname()[1])


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    running = start_server()
    yield running
    running.stop()
    assert not running.thread.is_alive()


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[OwnRedis]:
    """The settings of the scaled-out form, over a Redis to be maltreated."""
    own = OwnRedis(tmp_path)
    backend, prefix = "channels_redis.pubsub.RedisPubSubChannelLayer", "raccordo."
    hosts = [{"address": own.url, "socket_timeout": 5, "socket_connect_timeout": 2}]
    settings.REDIS_URL = own.url
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts, "prefix": prefix}}}
    yield own
    own.close()


@pytest.fixture
def publisher(own_redis: OwnRedis) -> Iterator[Publisher]:
    """What tells the hubs of the writes of a process that has none."""
    made = Publisher()
    listeners.register(made.notify)
    yield made
    listeners.unregister(made.notify)
    made.close()


def start_hub() -> Server:
    """A hub that hears of nothing but what it reads and what comes through Redis, as if the writes were another process's."""
    hub = Hub()
    sockets, loops = Sockets(hub), []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await sockets(scope, receive, send)
            return
        await receive()
        loops.append(asyncio.get_running_loop())
        await hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await hub.stop()
        await send({"type": "lifespan.shutdown.complete"})

    server = start_server(app)
    server.loop = loops[0]
    return server


@pytest.fixture
def hubs(transactional_db: None, own_redis: OwnRedis, publisher: Publisher) -> Iterator[list[Server]]:
    """Two hubs, each in a thread and on an event loop of its own."""
    running = [start_hub(), start_hub()]
    yield running
    for server in running:
        server.stop()
        assert not server.thread.is_alive()


@pytest.fixture
def side(transactional_db: None, now: None) -> factories.Side:
    """One network with people of every role and an agenda published."""
    return remembered("side with a published agenda", _published)


def _published() -> factories.Side:
    made = factories.make_side("home")
    factories.agenda_published(made)
    return made


def ticket_for(user: User, meeting: Meeting, **more: Any) -> str:
    return tickets.issue(user=user, actor=actor_for(user, meeting.network), meeting=meeting, **more)


async def any_frame(socket: ClientConnection, seconds: float = 3) -> dict[str, Any]:
    """The next frame."""
    found: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), seconds))
    return found


async def frame(socket: ClientConnection, seconds: float = 3) -> dict[str, Any]:
    """The next frame that does not say who is there."""
    while (found := await any_frame(socket, seconds))["type"] in COMPANY:
        pass
    return found


async def company(socket: ClientConnection, kind: str = "presence", seconds: float = 5) -> dict[str, Any]:
    """The next frame that says who is there, or who is editing what; what comes before is passed over."""
    while (found := await any_frame(socket, seconds))["type"] != kind:
        pass
    return found


async def frames(socket: ClientConnection, count: int, seconds: float = 5) -> list[dict[str, Any]]:
    return [await frame(socket, seconds) for _n in range(count)]


async def closing(socket: ClientConnection, seconds: float = 5) -> tuple[int, str]:
    """The code and reason the server closes with; what it still says before is passed over."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), seconds)
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return closed.rcvd.code, closed.rcvd.reason


async def silent(socket: ClientConnection, seconds: float) -> bool:
    """Whether nothing comes for so long, but who is there."""
    try:
        async with asyncio.timeout(seconds):
            await frame(socket)
    except TimeoutError:
        return True
    return False


async def in_thread(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A write in a thread of its own, whose database connection does not outlive it."""

    def done() -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


def run(work: Awaitable[None]) -> None:
    async def main() -> None:
        await work

    asyncio.run(main())
