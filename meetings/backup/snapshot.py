"""One consistent view of the database while others go on writing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections, transaction

SNAPSHOT = "snapshot"


@contextmanager
def snapshot(folder: Path) -> Iterator[str]:
    """The alias of a database that stands still for the block. `folder`: where SQLite's copy may lie meanwhile.

    SQLite: `VACUUM INTO` (a copy of the file misses what is in the write-ahead log). PostgreSQL: a REPEATABLE READ transaction.
    """
    if connection.vendor == "sqlite":
        with _copy(folder) as alias:
            yield alias
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield "default"


@contextmanager
def _copy(folder: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".raccordo-") as private:
        file = Path(private) / "snapshot.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        second = connection.copy(alias=SNAPSHOT)
        second.settings_dict["NAME"] = str(file)
        connections[SNAPSHOT] = second
        try:
            yield SNAPSHOT
        finally:
            second.close()
            del connections[SNAPSHOT]
