"""What a backup holds: which tables in which order, and a row as a line of JSON and back."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

FORMAT = "raccordo-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
LEFT_OUT = {"auth", "contenttypes", "sessions"}  # made by migrate, or ended by a restore: everybody signs in anew
Table = type[models.Model]


def tables() -> list[Table]:
    """Every table of the backup, each after those it refers to as far as their circles allow."""
    remaining = [
        model for model in apps.get_models(include_auto_created=True) if model._meta.app_label not in LEFT_OUT and model._meta.managed
    ]
    remaining = sorted((model for model in remaining if not model._meta.proxy), key=lambda model: model._meta.label_lower)
    ordered: list[Table] = []
    while remaining:
        ready = [model for model in remaining if not _refers_to(model) & (set(remaining) - {model})]
        chosen = ready or remaining[:1]  # a circle: its constraints are deferred to the end of the transaction anyway
        ordered += chosen
        remaining = [model for model in remaining if model not in chosen]
    return ordered


def _refers_to(model: Table) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation and not field.null}


def way_to(model: Table, target: Table) -> str:
    """The shortest path of references from a row to one of `target`, as filters spell it; empty when there is none."""
    ways: list[tuple[Any, str]] = [(model, "")]
    seen = {model}
    for current, path in ways:
        for field in current._meta.concrete_fields:
            step = f"{path}__{field.name}".removeprefix("__")
            if field.related_model is target:
                return step
            if field.is_relation and field.related_model not in seen:
                seen.add(field.related_model)
                ways.append((field.related_model, step))
    return ""


def member_of(model: Table) -> str:
    """The name of a table's member in the zip."""
    return f"data/{model._meta.label_lower}.jsonl"


def columns(model: Table) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def file_fields(model: Table) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if isinstance(field, models.FileField)]


def rows(model: Table, using: str) -> Iterator[dict[str, Any]]:
    """A table's rows by primary key, as stored."""
    names = columns(model)
    for values in model._base_manager.using(using).order_by("pk").values_list(*names).iterator(chunk_size=1000):
        yield dict(zip(names, values, strict=True))


def migrations(using: str) -> list[str]:
    """The names of the applied migrations of the tables' apps: a backup is restored by the version that made it.

    One that stands for several others is not named: they are recorded as applied beside it.
    """
    labels = {model._meta.app_label for model in tables()}
    known = MigrationLoader(None, replace_migrations=False).disk_migrations
    applied = MigrationRecorder(connections[using]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in labels and not ((app, name) in known and known[app, name].replaces))


def as_line(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON; nothing is rounded."""
    return json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes() | memoryview() | bytearray():
            return base64.b64encode(bytes(value)).decode()
        case _:
            return value


def as_row(model: Table, line: bytes) -> models.Model:
    """A line as an unsaved row. Raises ValueError for what is none."""
    values = json.loads(line)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    if not isinstance(values, dict) or set(values) != set(fields):
        raise ValueError("the columns are not those of the table")
    try:
        return model(**{name: _typed(fields[name], value) for name, value in values.items()})
    except (ValidationError, TypeError, binascii.Error) as error:
        raise ValueError("a value is not of its column's kind") from error


def _typed(field: Any, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value, validate=True)
    return field.to_python(value)
