"""The embedded form: one process that serves HTTP and websockets, and one child that is the worker."""

import contextlib
import hashlib
import signal
import socket
import subprocess
import sys
import threading
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import uvicorn
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

LARGEST_FRAME = 1024
"""Bytes a websocket client may send at once. It has nothing to say, so this is ample."""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """The address, taken before anything else is done. Raises CommandError with one clear line."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        hint = f"Stop what uses it, or choose another: make run PORT={port + 1}" if port else ""
        raise CommandError(f"Raccordo cannot start: {host} port {port}: {error.strerror}. {hint}".strip()) from error
    return listener


def pending_migrations() -> bool:
    """Raises CommandError when the database does not answer."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        raise CommandError(f"Raccordo cannot start: the database does not answer: {str(error).splitlines()[0]}") from error


def refuse_on_errors() -> None:
    """The system checks, the database's too. Raises CommandError with what is wrong; warnings are for `manage.py check`."""
    serious = [found for found in checks.run_checks(databases=["default"]) if found.is_serious()]
    if serious:
        raise CommandError("\n".join(["Raccordo cannot start:", *(f"  {found.msg} {found.hint or ''}".rstrip() for found in serious)]))


def collect_static() -> bool:
    """Collects the static files when they have changed since the last time; whether they had."""
    stamp = Path(settings.STATIC_ROOT).parent / "static.stamp"
    present = _static_digest()
    if stamp.exists() and stamp.read_text() == present and Path(settings.STATIC_ROOT).is_dir():
        return False
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(present)
    return True


def _static_digest() -> str:
    found = sorted((path, Path(storage.path(path)).stat()) for finder in get_finders() for path, storage in finder.list([]))
    lines = (f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Worker(threading.Thread):
    """Keeps a `run_worker` running: starts it again when it ends, and ends it with `stop()`."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(daemon=True, name="worker")
        self._environment, self._stopping = environment, threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """A child of its own session: a Ctrl-C is for us, and we tell it."""
        pause = 1.0  # at first: let the server come up
        while not self._stopping.wait(pause):
            command = [sys.executable, sys.argv[0], "run_worker", "--attached"]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, env=self._environment, start_new_session=True)  # noqa: S603
            with self._child:
                self._child.wait()
            pause = min(pause * 2, 30)

    def stop(self) -> None:
        """The child finishes what it is doing; after 10 s it is killed."""
        self._stopping.set()
        if self._child is not None:
            with contextlib.suppress(OSError):
                self._child.terminate()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self.join(5)


def serve(listener: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM: then sockets are told to come back, and requests under way are finished."""
    signal.signal(signal.SIGTERM, _end)
    config = uvicorn.Config(
        "coordination.asgi:application",
        loop="uvloop",
        http="coordination.limits:Http",
        ws="api.realtime.protocol:Protocol",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        lifespan="on",
        proxy_headers=not settings.DEMO,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker ends within seconds: a second Ctrl-C need not tear that apart


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
