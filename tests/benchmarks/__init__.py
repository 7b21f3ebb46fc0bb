"""The benchmarks of `make bench`, each a module: `python -m tests.benchmarks.NAME [--json]`.

Importing the package sets Django up on a new, empty database that goes with the process: SQLite in a temporary folder, or with
BENCH_DATABASE=postgresql one there. The servers that a benchmark starts find its database in the environment.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import django
import psycopg
from django.core.management import call_command

POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
SET_UP = "RACCORDO_BENCHMARK"
"""Names the process whose database this is."""


def _postgresql() -> str:
    """The URL of a new, empty database, which goes with this process."""
    name = f"raccordo_bench_{os.getpid()}"
    server, _slash, _database = POSTGRESQL.rpartition("/")

    def do(statement: str) -> None:
        with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    do(f"CREATE DATABASE {name}")
    atexit.register(do, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return f"{server}/{name}"


def _set_up() -> None:
    folder = Path(tempfile.mkdtemp(prefix="raccordo-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.pop("REDIS_URL", None)
    os.environ |= {
        "VAR_DIR": str(folder),
        "DATABASE_URL": _postgresql() if os.environ.get("BENCH_DATABASE") == "postgresql" else f"sqlite:///{folder / 'bench.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "coordination.settings",
        "BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        SET_UP: str(os.getpid()),
    }


if SET_UP in os.environ:
    django.setup()
else:
    _set_up()
    django.setup()
    call_command("migrate", verbosity=0)
