"""A server in a process of its own over the test database, as a browser meets it: `with serving() as address`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from urllib.parse import urlsplit, urlunsplit

import django
import uvicorn
from django.conf import settings
from django.db import connection

STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

LONGEST_END = 15
"""Seconds that a server takes to end at most."""


@contextmanager
def serving(*, collected: bool = False) -> Iterator[str]:
    """The address of a server that ends with the block. `collected`: with the static files that `make build` has collected."""
    server, port = _starter(frozenset(environment().items())).start("collected" if collected else "built")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(server)


def _end(server: int) -> None:
    """Comes back when the process is gone: nobody else must write when the database is emptied."""
    os.kill(server, signal.SIGTERM)
    until = time.monotonic() + LONGEST_END
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.kill(server, 0)
            time.sleep(0.02)
        os.kill(server, signal.SIGKILL)


class Starter:
    """A process that has loaded the whole program and forks a server each time it is asked: that spares each of them its start."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "tests.browser.serving"]
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, static: str = "built") -> tuple[int, int]:
        """Its process id, and its port. `static`: files as they were “built” or “collected”."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{static}\n")
        self._process.stdin.flush()
        found = self._process.stdout.readline().split()
        assert len(found) == 2, "the server did not start"
        return int(found[0]), int(found[1])

    def close(self) -> None:
        """Starts no more; those under way go on."""
        self._process.communicate()


@cache
def _starter(environment: frozenset[tuple[str, str]]) -> Starter:
    """One for each environment; it ends with this process, whose end of the pipe it reads."""
    return Starter(dict(environment))


def environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {**inherited, "DATABASE_URL": _database(), "SECRET_KEY": settings.SECRET_KEY, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}


def _database() -> str:
    """The test database's address: the one that tests were given, under the name they gave it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def main() -> None:
    """For each line read forks a server: “built” serves static files as they were built, “collected” as they were collected."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
    django.setup()
    import_module(settings.ROOT_URLCONF)
    import_module("api.realtime.hub")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        listening = socket.create_server(("127.0.0.1", 0))
        server = os.fork()
        if server == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
            serve(listening, collected=line.strip() == "collected")
            os._exit(0)
        print(server, listening.getsockname()[1], flush=True)
        listening.close()


def serve(listening: socket.socket, *, collected: bool) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if not collected:
        settings.STORAGES = {**settings.STORAGES, **STATIC}
        settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    config = uvicorn.Config(
        "coordination.asgi:application",
        lifespan="on",
        log_level="warning",
        ws="api.realtime.protocol:Protocol",
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
