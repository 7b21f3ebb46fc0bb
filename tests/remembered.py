"""What most tests start from is built once by the services, and put back row by row after that: a tenth of the time.

The same holds for the stages that a meeting is brought to from there (`stage`), as long as a test has changed nothing before.
"""

import functools
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import get_language

from meetings import clock

T = TypeVar("T")
Step = TypeVar("Step", bound=Callable[..., Any])
Table = tuple[list[str], list[tuple[Any, ...]]]
Rows = dict[str, Table]

_built: dict[str, tuple[bytes, Rows]] = {}
_stages: dict[tuple[Any, ...], tuple[bytes, Rows, Rows]] = {}
_last: tuple[str, datetime] = ("", datetime.min)  # noqa: DTZ901 - none yet
"""What was put back last, and at which instant."""


def remembered(name: str, build: Callable[[], T]) -> T:
    """What `build` makes in an empty database: called once in a process, later its rows and its answer come back as they were."""
    global _last
    _last = name, clock.now()
    if name not in _built:
        made = build()
        _built[name] = pickle.dumps(made), dict(_tables())
        return made
    answer, rows = _built[name]
    with transaction.atomic():
        _put_back(rows)
    return pickle.loads(answer)  # type: ignore[no-any-return]  # noqa: S301 - our own, a moment ago


def stage(step: Step) -> Step:
    """For a step of a side's next meeting: done once in a process from each remembered beginning, and later the rows that it changed
    come back. Only where nothing but that beginning is in the database, and where nobody waits for a commit to hear of it.
    """

    @functools.wraps(step)
    def taken(side: Any, meeting: Any = None) -> Any:
        name, at = _last
        if meeting is not None or not connection.in_atomic_block or clock.now() != at or not _untouched(name):
            return step(side, meeting) if meeting is not None else step(side)
        key = (name, at, get_language(), side.network.pk, step.__name__)
        if key not in _stages:
            made = step(side)
            _stages[key] = pickle.dumps(made), *_difference(_built[name][1], dict(_tables()))
            return made
        answer, gone, come = _stages[key]
        with transaction.atomic():
            _take_away(gone)
            _put_back(come)
        return pickle.loads(answer)  # noqa: S301 - our own, a moment ago

    return taken  # type: ignore[return-value]


def _models() -> Iterator[Any]:
    for label in ("meetings", "mfa", "socialaccount"):
        yield from apps.get_app_config(label).get_models(include_auto_created=True)


def _tables() -> Iterator[tuple[str, Table]]:
    """The rows of all our tables."""
    with connection.cursor() as cursor:
        for model in _models():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - names of our own tables
            columns = [column[0] for column in cursor.description]
            yield model._meta.db_table, (columns, [tuple(map(_plain, row)) for row in cursor.fetchall()])


def _untouched(name: str) -> bool:
    """Whether the database holds what was remembered under that name, and nothing else."""
    return name in _built and all(_built[name][1][table] == found for table, found in _tables())


def _difference(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """The rows that went and those that came; one that was changed does both."""
    gone, come = {}, {}
    for table, (columns, rows) in after.items():
        old, new = set(before[table][1]), set(rows)
        gone[table] = columns, [row for row in before[table][1] if row not in new]
        come[table] = columns, [row for row in rows if row not in old]
    return gone, come


def _plain(value: Any) -> Any:
    """SQLite's driver gives a time but takes none."""
    return str(value) if isinstance(value, time) else value


def _take_away(rows: Rows) -> None:
    keys = {model._meta.db_table: model._meta.pk.column for model in _models()}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, (columns, values) in rows.items():
            if values:
                place = columns.index(keys[table])
                cursor.executemany(f"DELETE FROM {quote(table)} WHERE {quote(keys[table])} = %s", [(row[place],) for row in values])  # noqa: S608


def _put_back(rows: Rows) -> None:
    """Foreign keys are checked at the end of the transaction, so the order of the tables does not matter."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, (columns, values) in rows.items():
            if values:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {quote(table)} ({', '.join(map(quote, columns))}) VALUES ({marks})", values)  # noqa: S608
