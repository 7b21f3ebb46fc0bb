"""Looking for a word in everything that is stored: each text, each JSON value, each event, the sessions, and a backup's every byte."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection

from meetings.backup.services import write_backup


def places(word: str) -> set[str]:
    """Where the word stands, as table.column, whatever its case."""
    return {place for place, value in _values() if word.casefold() in value.casefold()}


def _values() -> Iterator[tuple[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        columns = [field.column for field in model._meta.concrete_fields]
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608 - names of our own tables
            named = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
            for row in cursor.fetchall():
                values = dict(zip(named, row, strict=True))
                yield from ((f"{model._meta.label}.{column}", _text(values[column])) for column in columns)
    for session in Session.objects.all():
        yield "sessions.Session.data", str(session.get_decoded())


def _text(value: Any) -> str:
    """As people would read it: SQLite keeps JSON with its letters escaped."""
    text = bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def in_backup(word: str, folder: Path) -> list[str]:
    """The members of a fresh backup in which the word stands."""
    file = folder / "fresh.zip"
    write_backup(file)
    with zipfile.ZipFile(file) as archive:
        return [name for name in archive.namelist() if word.casefold().encode() in archive.read(name).lower()]
