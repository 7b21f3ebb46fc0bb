"""Nudges to other processes, through Redis: “this stream is at 42 by now”. What they lose costs a hub no more than the time until it looks.

Every process that writes sends them, the WSGI workers, the worker and commands too; `line.py` is where a hub hears them.
"""

import asyncio
import atexit
import logging
import threading
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.layers import channel_layers

GROUP = "hubs"
PATIENCE = 2.0
"""Seconds that Redis has to take a message."""
log = logging.getLogger(__name__)


class Publisher:
    """A thread with an event loop of its own. While a message is on its way, of each stream only the latest sequence is kept."""

    def __init__(self) -> None:
        self._lock, self._news = threading.Lock(), threading.Event()
        self._latest: dict[UUID, int] = {}
        self._thread: threading.Thread | None = None
        self._closing = False
        self._trouble = Seldom("the other processes cannot be told of what is written, and find it by looking")

    def notify(self, stream_id: UUID, sequence: int) -> None:
        """The listener of the event log: returns at once, from any thread."""
        with self._lock:
            self._latest[stream_id] = max(sequence, self._latest.get(stream_id, 0))
            if self._thread is None or not self._thread.is_alive():  # not alive: the process has forked since
                self._thread = threading.Thread(target=self._work, name="nudges", daemon=True)
                self._thread.start()
                atexit.register(self.close)
        self._news.set()

    def close(self) -> None:
        """Sends what is left: a command that has written may end at once."""
        self._closing = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(2 * PATIENCE)

    def _work(self) -> None:
        with asyncio.Runner() as runner:
            layer = channel_layers.make_backend("default")
            while not self._closing or self._latest:
                self._news.wait()
                self._news.clear()
                if latest := self._take():
                    runner.run(self._send(layer, {"type": "nudge", "streams": latest}))
            runner.run(shut(layer))

    def _take(self) -> dict[str, int]:
        with self._lock:
            taken, self._latest = self._latest, {}
        return {stream.hex: sequence for stream, sequence in taken.items()}

    async def _send(self, layer: Any, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(layer.group_send(GROUP, message), PATIENCE)
        except Exception as error:  # noqa: BLE001 - whatever it is, the write is committed and the database has it
            self._trouble.warn(log, error)
            await shut(layer)


class Seldom:
    """A warning that is given at most once a minute."""

    EVERY = 60.0

    def __init__(self, text: str) -> None:
        self._text, self._next = text, float("-inf")

    def warn(self, logger: logging.Logger, error: BaseException | None = None) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self.EVERY
            logger.warning("%s: %s", self._text, error or "no answer")


async def shut(layer: Any) -> None:
    """Closes a channel layer's connections on this loop; used again it opens others."""
    with suppress(Exception):
        await asyncio.wait_for(layer.flush(), PATIENCE)
