"""A real server on a loopback port, in a thread of this process, over the test database; and clients of it."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from django.db import connections
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.realtime import tickets
from coordination.asgi import application
from meetings.network.models import User
from meetings.network.selectors import actor_for
from meetings.scheduling.models import Meeting
from tests import factories
from tests.remembered import remembered


@dataclass
class Server:
    """`ws://…` of a running server."""

    uvicorn: uvicorn.Server
    thread: threading.Thread
    port: int

    def watch(
        self, meeting_id: UUID, ticket: str | None = None, after: Any = None, origin: str | None = "ours"
    ) -> AbstractAsyncContextManager[ClientConnection]:
        """A connection as a browser on our page opens it."""
        asked = {"ticket": ticket, "after": after}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        headers = {"Origin": f"http://127.0.0.1:{self.port}" if origin == "ours" else origin} if origin else {}
        url = f"ws://127.0.0.1:{self.port}/ws/v1/meetings/{meeting_id}/?{query}"
        return connect(url, additional_headers=headers, proxy=None, compression=None, ping_interval=None, max_queue=None)

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(15)


def start_server() -> Server:
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        loop="uvloop",
        ws="api.realtime.protocol:Protocol",
        ws_per_message_deflate=False,
        ws_max_size=65_536,
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
def side(transactional_db: None, now: None) -> factories.Side:
    """One network with people of every role and an agenda published."""
    return remembered("side with a published agenda", _published)


def _published() -> factories.Side:
    made = factories.make_side("home")
    factories.agenda_published(made)
    return made


def ticket_for(user: User, meeting: Meeting, **more: Any) -> str:
    return tickets.issue(user=user, actor=actor_for(user, meeting.network), meeting=meeting, **more)


async def frame(socket: ClientConnection, seconds: float = 3) -> dict[str, Any]:
    """The next frame."""
    found: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), seconds))
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
    """Whether nothing comes for so long."""
    try:
        await asyncio.wait_for(socket.recv(), seconds)
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
