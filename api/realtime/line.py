"""A hub's line to the other processes, through Redis: kept up by itself, and believed only while the hub hears its own voice.

Channels' pubsub layer does not say when its subscription has died (4.3 never calls its callbacks for it). So every few seconds a hub sends
itself a beat; when none has come back for a while it begins anew, and looks at all its streams.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from channels.layers import channel_layers

from api.realtime.nudges import GROUP, PATIENCE, Seldom, shut

BEAT_EVERY = 2.0
DEAF_AFTER = 5.0
LONGEST_PAUSE = 5.0
GOODBYE = 0.5
MOST_WAITING = 1000
"""Messages kept while one is on its way; more are dropped, and mended by the next that says everything."""
log = logging.getLogger(__name__)

Message = Mapping[str, Any]


class Deaf(Exception):
    """Our own beats do not come back."""


class Line:
    """`hear` takes what another process, or this one's nudges, have said; `opened` is called each time the line is up (again)."""

    def __init__(self, hear: Callable[[Message], None], opened: Callable[[], None]) -> None:
        self.process = uuid4().hex
        self._hear, self._opened = hear, opened
        self._outbox: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)
        self._is_up, self._heard = False, 0.0
        self._layer: Any = None
        self._trouble = Seldom("the line to the other processes is down")

    def say(self, message: Message) -> None:
        """To all the others. Dropped while the line is down."""
        if self._is_up:
            with suppress(asyncio.QueueFull):
                self._outbox.put_nowait({**message, "from": self.process})

    async def say_goodbye(self) -> None:
        """The others need not wait until this process is silent for long."""
        if self._is_up:
            with suppress(Exception):
                await asyncio.wait_for(self._layer.group_send(GROUP, {"type": "gone", "from": self.process}), GOODBYE)

    async def keep_up(self) -> None:
        """For ever: opens the line, and again after a pause whenever it breaks."""
        pause = 0.1
        while True:
            started = time.monotonic()
            try:
                await self._hold()
            except Exception as error:  # noqa: BLE001 - whatever it is, the line is tried again
                self._trouble.warn(log, error)
            pause = 0.1 if time.monotonic() - started > 2 * DEAF_AFTER else pause
            pause = await backed_off(pause)

    async def _hold(self) -> None:
        """Until the line breaks; raises what broke it."""
        layer = await self._fresh_layer()
        tasks: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(PATIENCE):
                channel = await layer.new_channel("hub.")
                await layer.group_add(GROUP, channel)
            self._is_up, self._heard, self._outbox = True, time.monotonic(), asyncio.Queue(MOST_WAITING)
            self._opened()
            tasks = [asyncio.create_task(work) for work in (self._listen(layer, channel), self._speak(layer), self._beat())]
            done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._is_up = False
            await shut(layer)  # before the listening is cancelled: it would unsubscribe, and wait for a Redis that is away
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _fresh_layer(self) -> Any:
        """The layer without connections; another when this one cannot rid itself of its own."""
        if self._layer is not None:
            try:
                await asyncio.wait_for(self._layer.flush(), PATIENCE)
            except TimeoutError:
                raise
            except Exception:  # noqa: BLE001 - its reader has died of it, and cannot be restarted
                self._layer = None
        self._layer = self._layer or channel_layers.make_backend("default")
        return self._layer

    async def _listen(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message.get("from") != self.process:
                self._take(message)
            elif message["type"] == "beat":
                self._heard = time.monotonic()

    def _take(self, message: Message) -> None:
        try:
            self._hear(message)
        except (KeyError, TypeError, ValueError, AttributeError):
            log.warning("another process says what makes no sense: %.200r", message)

    async def _speak(self, layer: Any) -> None:
        while True:
            message = await self._outbox.get()
            await asyncio.wait_for(layer.group_send(GROUP, message), PATIENCE)

    async def _beat(self) -> None:
        while time.monotonic() - self._heard <= DEAF_AFTER:
            self.say({"type": "beat"})
            await asyncio.sleep(BEAT_EVERY)
        raise Deaf("its own messages do not come back")


async def backed_off(pause: float) -> float:
    """Waits about `pause` seconds; gives the next pause."""
    await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, keeps no secret
    return min(pause * 2, LONGEST_PAUSE)
