"""A participant's program: writes over HTTP until it is told that it is done, and watches as frontend/src/socket.ts does.

Nothing here knows how the server is run; an address is all it takes.
"""

import asyncio
import json
import random
import re
import ssl
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

Event = dict[str, Any]
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
HELLO_TIMEOUT = 15.0
SILENT_BEATS = 2.5
LATER, FINAL = (1012, 1013), (4403, 4404)
CSRF = "f" * 32
LOST = (httpx.TransportError, ConnectionError, TimeoutError)


class AccessEnded(Exception):
    """Signed out, removed, or no such meeting."""


class Person:
    """Somebody signed in by the session `session` at the site `address`."""

    def __init__(self, address: str, session: str = "", tls: ssl.SSLContext | None = None, *, staff: bool = False) -> None:
        self.address, self.tls, self.staff = address, tls, staff
        self.http = httpx.AsyncClient(
            base_url=address,
            verify=tls or ssl.create_default_context(),
            cookies={"csrftoken": CSRF, **({"sessionid": session} if session else {})},
            headers={"X-CSRFToken": CSRF, "Referer": f"{address}/", "Accept-Language": "en"},
            timeout=10,
            trust_env=False,
        )

    async def get(self, path: str) -> dict[str, Any]:
        """The object at a path of the REST interface. Raises httpx.HTTPStatusError."""
        answer = await self.http.get(path if path.startswith(("/", "http")) else f"/api/v1/{path}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def list(self, path: str) -> list[Event]:
        """All pages of a list."""
        found: list[Event] = []
        following: str | None = path
        while following:
            page = await self.get(following)
            found, following = [*found, *page["results"]], page["next"]
        return found

    async def write(self, path: str, body: Any = None, *, method: str = "POST", seconds: float = 120) -> "Written":
        """Sends until the server acknowledges it, always with the same idempotency key. Raises TimeoutError, AssertionError if refused."""
        written, pause, key = Written(), 0.05, str(uuid.uuid4())
        async with asyncio.timeout(seconds):
            while True:
                written.tries += 1
                with suppress(*LOST):
                    answer = await self.http.request(method, f"/api/v1/{path}", json=body or {}, headers={"Idempotency-Key": key})
                    if answer.is_success:
                        written.object, written.replayed = answer.json(), "Idempotent-Replayed" in answer.headers
                        return written
                    assert answer.status_code >= 500 or answer.status_code == 429, f"{answer.status_code}: {answer.text[:500]}"
                await asyncio.sleep(pause * random.uniform(0.5, 1))
                pause = min(pause * 2, 2)

    async def ticket(self, meeting: str) -> str:
        """Raises AccessEnded, httpx.HTTPStatusError, or what of LOST."""
        answer = await self.http.post(f"/api/v1/meetings/{meeting}/live-ticket/", json={})
        if answer.status_code in (401, 403, 404):
            raise AccessEnded(answer.text)
        answer.raise_for_status()
        return str(answer.json()["ticket"])

    def watch(self, meeting: str, *, after: int | None = None) -> "Watcher":
        return Watcher(self, meeting, after)

    async def close(self) -> None:
        await self.http.aclose()


@dataclass
class Written:
    """What became of a write: the answer, and how often it had to be sent."""

    object: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    replayed: bool = False


class Watcher:
    """One page that shows a meeting: `async with person.watch(meeting) as watcher`. It comes back whatever happens to the line.

    `events` is all it was told after `base`, where its last snapshot (or `after`) stood.
    """

    def __init__(self, person: Person, meeting: str, after: int | None) -> None:
        self.person, self.meeting = person, meeting
        self.last = after
        self.base = after or 0
        self.events: list[Event] = []
        self.connections = self.snapshots = 0
        self.closings: list[tuple[int, str]] = []
        self.ended = False
        self.on_event: Callable[[Event], None] = lambda event: None
        self._attempt = 0
        self._told = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Watcher":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, holds: Callable[["Watcher"], bool], seconds: float = 90) -> None:
        """Waits until something holds of it. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._told:
            await self._told.wait_for(lambda: holds(self))

    async def reaches(self, sequence: int, seconds: float = 90) -> None:
        await self.until(lambda watcher: watcher.last is not None and watcher.last >= sequence, seconds)

    async def opens(self, seconds: float = 90, *, times: int = 1) -> None:
        """Waits for the connection, for another one with `times`."""
        await self.until(lambda watcher: watcher.connections >= times and watcher.last is not None, seconds)

    async def _run(self) -> None:
        while not self.ended:
            try:
                delay = await self._connection()
            except AccessEnded:
                self.ended = True
                return
            except (*LOST, httpx.HTTPStatusError, InvalidHandshake, WebSocketException):
                delay = None
            ceiling = min(FIRST_DELAY * 2**self._attempt, LONGEST_DELAY)
            self._attempt += 1
            await asyncio.sleep(ceiling * random.uniform(0.5, 1) if delay is None else delay)

    async def _connection(self) -> float | None:
        """Lives through one connection; how many seconds the server wants it to wait before the next, if it says so."""
        ticket = await self.person.ticket(self.meeting)
        query = f"ticket={ticket}" + (f"&after={self.last}" if self.last is not None else "")
        url = f"{self.person.address.replace('http', 'ws', 1)}/ws/v1/meetings/{self.meeting}/?{query}"
        options: dict[str, Any] = {"proxy": None, "compression": None, "ping_interval": None, "max_size": None, "max_queue": None}
        async with connect(url, origin=self.person.address, ssl=self.person.tls, open_timeout=10, **options) as socket:  # type: ignore[arg-type]
            beating: list[asyncio.Task[None]] = []
            try:
                await self._listen(socket, beating)
            finally:
                for task in beating:
                    task.cancel()
        code, reason = socket.close_code or 1006, socket.close_reason or ""
        self.closings.append((code, reason))
        self.ended = code in FINAL
        return retry_after(reason) if code in LATER else None

    async def _listen(self, socket: ClientConnection, beating: list[asyncio.Task[None]]) -> None:
        """Until the line closes, is silent, or misses something."""
        patience = HELLO_TIMEOUT
        with suppress(WebSocketException, TimeoutError):
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), patience))
                if frame["type"] == "hello":
                    patience = SILENT_BEATS * frame["heartbeat"]
                    beating.append(asyncio.create_task(_beat(socket, frame["heartbeat"])))
                    self.connections += 1
                elif not self._take(frame):
                    return
                async with self._told:
                    self._told.notify_all()

    def _take(self, frame: Event) -> bool:
        """False when a frame before this one went missing."""
        if frame["type"] == "snapshot":
            self.last = self.base = frame["sequence"]
            self.events, self.snapshots, self._attempt = [], self.snapshots + 1, 0
        elif "sequence" in frame:
            if self.last is None or frame["previous"] > self.last:
                return False
            if frame["sequence"] > self.last:
                self.last, self._attempt = frame["sequence"], 0
                self.events.append(frame)
                self.on_event(frame)
        return True


async def _beat(socket: ClientConnection, seconds: float) -> None:
    with suppress(WebSocketException):
        while True:
            await asyncio.sleep(seconds)
            await socket.send('{"type":"heartbeat"}')


def retry_after(reason: str) -> float | None:
    """Seconds, from the reason of a 1012 close."""
    found = re.search(r"\d+(?:\.\d+)?", reason)
    return min(float(found[0]), LONGEST_DELAY) if found else None


async def hold_the_history(watchers: list[Watcher], seconds: float = 90) -> None:
    """Waits until every watcher is as far as the log was, and compares what it was told with the log. They began at the same place or later
    than the first, and nobody writes meanwhile.
    """
    for group in ([w for w in watchers if w.person.staff], [w for w in watchers if not w.person.staff]):
        if not group:
            continue
        first = min(group, key=lambda watcher: watcher.base)
        log = await first.person.list(f"meetings/{first.meeting}/events/?after={first.base}")
        for watcher in group:
            expected = [event for event in log if event["sequence"] > watcher.base]
            await watcher.reaches(expected[-1]["sequence"] if expected else watcher.base, seconds)
            assert watcher.events == expected
