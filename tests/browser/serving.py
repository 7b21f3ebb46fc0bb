"""A server in a process of its own over the test database, as a browser meets it: `with serving() as address`."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import uvicorn
from django.conf import settings
from django.db import connection

STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@contextmanager
def serving(*, collected: bool = False) -> Iterator[str]:
    """The address of a server that ends with the block. `collected`: with the static files that `make build` has collected."""
    command = [sys.executable, "-m", "tests.browser.serving", *(["collected"] if collected else [])]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        port = process.stdout.readline().strip()
        assert port.isdigit(), "the server did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()


def environment() -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": _database(), "SECRET_KEY": settings.SECRET_KEY, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}


def _database() -> str:
    """The test database's address: the one that tests were given, under the name they gave it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def main() -> None:
    """Serves on a free port, which it prints, pages with static files as they were built, or as they were collected."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
    if "collected" not in sys.argv:
        settings.STORAGES = {**settings.STORAGES, **STATIC}
        settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
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
