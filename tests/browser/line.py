"""A line between a browser and the server that can fail: `with line_to(address) as line`, then visit `line.address`."""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from threading import Lock, Thread
from urllib.parse import urlsplit


class State(Enum):
    WELL = auto()
    CUT = auto()
    DEAF = auto()
    """What the browser sends arrives; the answers do not."""
    SLOW = auto()
    """The answers take their time."""


SLOWNESS = 2.0
"""Seconds that an answer takes on a slow line."""


class Line:
    """Carries bytes between a port of its own and the server, as long as it is well."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._state, self._lock = State.WELL, Lock()
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        Thread(target=self._let_in, daemon=True).start()

    def cut(self) -> None:
        """Nothing goes through, and what was open is closed."""
        self._set(State.CUT)

    def lose_answers(self) -> None:
        """Connections are cut where the server answers: it has read, and nobody hears of it."""
        self._set(State.DEAF)

    def slow_down(self) -> None:
        self._set(State.SLOW)

    def mend(self) -> None:
        self._set(State.WELL)

    def close(self) -> None:
        self.cut()
        self._door.close()

    def _set(self, state: State) -> None:
        with self._lock:
            self._state = state
            ended, self._open = self._open, set()
        for one in ended:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _let_in(self) -> None:
        while True:
            try:
                browser, _ = self._door.accept()
            except OSError:
                return
            Thread(target=self._carry, args=(browser,), daemon=True).start()

    def _carry(self, browser: socket.socket) -> None:
        if self._state is State.CUT:
            browser.close()
            return
        with browser, socket.create_connection(self._server) as server, suppress(OSError):
            with self._lock:
                self._open |= {browser, server}
            while self._pass_on(browser, server):
                pass
        with self._lock:
            self._open -= {browser, server}

    def _pass_on(self, browser: socket.socket, server: socket.socket) -> bool:
        for ready in select.select([browser, server], [], [])[0]:
            data = ready.recv(65536)
            if not data or self._state is State.CUT or (ready is server and self._state is State.DEAF):
                return False
            if ready is server and self._state is State.SLOW:
                time.sleep(SLOWNESS)
            (server if ready is browser else browser).sendall(data)
        return True


@contextmanager
def line_to(address: str) -> Iterator[Line]:
    """A line to the server at `address`, closed with the block."""
    url = urlsplit(address)
    assert url.hostname
    assert url.port
    line = Line((url.hostname, url.port))
    try:
        yield line
    finally:
        line.close()
