"""Database triggers that keep the log append-only, on SQLite and on PostgreSQL.

They are put back after every migrate, because SQLite remakes a table to alter it and silently drops its triggers.
The one UPDATE they let pass empties `payload` and `salt` of one event and touches nothing else (see services.redact).
"""

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection, connections

NAMES = ("event_no_update", "event_no_delete")
_KEPT = ("id", "stream_id", "sequence", "type", "actor_id", "at", "audience", "payload_digest", "previous_hash", "hash")

_SQLITE_SAME = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT)
_SQLITE = (
    f"""CREATE TRIGGER IF NOT EXISTS event_no_update BEFORE UPDATE ON meetings_event
        WHEN NOT (NEW.payload = '' AND NEW.salt = '' AND {_SQLITE_SAME})
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS event_no_delete BEFORE DELETE ON meetings_event
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)
_POSTGRES_SAME = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _KEPT)
_POSTGRES = (
    f"""CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NEW.payload = '' AND NEW.salt = '' AND {_POSTGRES_SAME} THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION 'events are append-only';
        END $$""",
    """CREATE OR REPLACE TRIGGER event_no_update BEFORE UPDATE ON meetings_event
        FOR EACH ROW EXECUTE FUNCTION event_append_only()""",
    """CREATE OR REPLACE TRIGGER event_no_delete BEFORE DELETE ON meetings_event
        FOR EACH ROW EXECUTE FUNCTION event_append_only()""",
    """CREATE OR REPLACE TRIGGER event_no_truncate BEFORE TRUNCATE ON meetings_event
        FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()""",
)


def _run(statements: tuple[str, ...], using: str) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def install(using: str = "default") -> None:
    """Puts the triggers in place; harmless when they are."""
    _run(_SQLITE if connections[using].vendor == "sqlite" else _POSTGRES, using)


def remove(using: str = "default") -> None:
    """Takes the triggers off: for test teardown and `create_demo --reset` only."""
    names = NAMES if connections[using].vendor == "sqlite" else (*NAMES, "event_no_truncate")
    suffix = "" if connections[using].vendor == "sqlite" else " ON meetings_event"
    _run(tuple(f"DROP TRIGGER IF EXISTS {name}{suffix}" for name in names), using)


def installed(using: str = "default") -> bool:
    """Whether every trigger is in place."""
    sqlite = connections[using].vendor == "sqlite"
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'" if sqlite else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(catalogue)
        found = {row[0] for row in cursor.fetchall()}
    return found >= set(NAMES if sqlite else (*NAMES, "event_no_truncate"))


def empty_payload(event_id: int) -> None:
    """The one permitted update."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_event SET payload = '', salt = '' WHERE id = %s", [event_id])


def after_migrate(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Signal handler of `post_migrate`."""
    if "meetings_event" in connections[using].introspection.table_names():
        install(using)


def check_installed(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """System check, run when a database is named (`serve`, `migrate`, `check --database`)."""
    problems: list[CheckMessage] = []
    for using in databases or ():
        try:
            migrated = "meetings_event" in connections[using].introspection.table_names()
            if migrated and not installed(using):
                problems.append(Error("The log's triggers are missing.", hint="Run `manage.py migrate`.", id="raccordo.E001"))
        except DatabaseError as error:
            problems.append(Error(f"The database does not answer: {error}", id="raccordo.E002"))
    return problems
