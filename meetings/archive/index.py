"""The index of words, kept by the database itself: whatever writes a row, in whatever way, its words follow in the same statement.

The table `meetings_search` has a row for each that can be found: its id, its kind and its words, those of the title apart. SQLite keeps
it with FTS5, PostgreSQL as `tsvector` with a GIN index. It belongs to no model: no backup, export or sweep reads it, since the triggers
make it from the rows. Who may see what it knows is no matter of its own: `sources` asks the selectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection, connections, transaction
from django.db.models.expressions import RawSQL

from meetings.archive.kinds import Kind
from meetings.archive.words import ACCENTED, CAPITALS, LONGEST_WORD, SEPARATORS, SMALL

TABLE = "meetings_search"


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table whose rows can be found by the words in `title` and `body`: SQL of both databases over the columns named in braces."""

    kind: Kind
    table: str
    columns: tuple[str, ...]
    title: str
    body: str = "''"

    def words(self, row: str) -> tuple[str, str]:
        """(title, body) of the row that SQL knows by this name, such as NEW."""
        columns = {column: f"{row}.{column}" for column in self.columns}
        return self.title.format(**columns), self.body.format(**columns)

    @property
    def changed(self) -> str:
        """Whether an update touches what can be found."""
        differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
        return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in ("id", *self.columns))


INDEXED = (
    Indexed(Kind.MEETING, "meetings_meeting", ("title", "reason"), "{title}", "{reason}"),
    Indexed(Kind.AGENDA_ITEM, "meetings_agendaitem", ("title", "text", "answer"), "{title}", "{text} || ' ' || {answer}"),
    Indexed(Kind.DECISION, "meetings_decision", ("number", "year", "text"), "{number} || '/' || {year}", "{text}"),
    Indexed(Kind.MINUTES, "meetings_minutes", ("introduction", "edition_reason"), "''", "{introduction} || ' ' || {edition_reason}"),
    Indexed(Kind.NOTE, "meetings_note", ("text",), "''", "{text}"),
    Indexed(Kind.ACTION_ITEM, "meetings_actionitem", ("title", "text", "person"), "{title}", "{text} || ' ' || {person}"),
    Indexed(Kind.QUESTION, "meetings_question", ("text", "answer"), "{text}", "{answer}"),
    Indexed(Kind.ANNOUNCEMENT, "meetings_announcement", ("title", "text"), "{title}", "{text}"),
    Indexed(Kind.ATTACHMENT, "meetings_attachment", ("name",), "{name}"),
)
TITLED = frozenset(source.kind for source in INDEXED if source.title != "''")

# SQLite

_GONE = f"DELETE FROM {TABLE} WHERE rowid IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH 'key : \"' || OLD.id || '\"')"  # noqa: S608 - our own names


def _sqlite_triggers(source: Indexed) -> list[tuple[str, str]]:
    title, body = source.words("NEW")
    come = f"INSERT INTO {TABLE} (key, kind, title, body) VALUES (NEW.id, '{source.kind}', {title}, {body})"  # noqa: S608 - our own names
    acts = {
        "insert": ("AFTER INSERT", f"{come};"),
        "update": ("AFTER UPDATE", f"{_GONE}; {come};"),
        "delete": ("AFTER DELETE", f"{_GONE};"),
    }
    return [
        (
            f"search_{source.kind}_{name}",
            f"CREATE TRIGGER search_{source.kind}_{name} {when} ON {source.table} "
            f"{'WHEN ' + source.changed if name == 'update' else ''} BEGIN {act} END",
        )
        for name, (when, act) in acts.items()
    ]


# PostgreSQL

_FOLD = f"""
    CREATE OR REPLACE FUNCTION search_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
        SELECT regexp_replace(
            normalize(
                translate(lower(regexp_replace(normalize($1, NFD), '{ACCENTED}', '\\1', 'g') COLLATE "C"), '{CAPITALS}', '{SMALL}'), NFC
            ), '[{SEPARATORS}]+', ' ', 'g')
    $fold$"""


def _vector(source: Indexed, row: str) -> str:
    """The words of a row and, as one that no text has, its kind: then the GIN index finds both at once."""
    title, body = source.words(row)
    plain = f"setweight(to_tsvector('simple', search_fold({title})), 'A') || to_tsvector('simple', search_fold({body}))"
    return f"{plain} || '#{source.kind}'::tsvector"


def _postgres_keeper(source: Indexed) -> str:
    """What the triggers of the table call: as a row comes, changes, goes, or all go at once."""
    come = f"INSERT INTO {TABLE} (key, kind, words) VALUES (NEW.id, '{source.kind}', {_vector(source, 'NEW')})"  # noqa: S608
    return f"""
        CREATE OR REPLACE FUNCTION search_keep_{source.kind}() RETURNS trigger LANGUAGE plpgsql AS $keep$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN DELETE FROM {TABLE} WHERE kind = '{source.kind}'; RETURN NULL; END IF;
                IF TG_OP IN ('UPDATE', 'DELETE') THEN DELETE FROM {TABLE} WHERE key = OLD.id; END IF;
                IF TG_OP IN ('INSERT', 'UPDATE') THEN {come}; END IF;
                RETURN NULL;
            END $keep$"""  # noqa: S608 - our own names


def _postgres_triggers(source: Indexed) -> list[tuple[str, str]]:
    name, act = f"search_{source.kind}", f"EXECUTE FUNCTION search_keep_{source.kind}()"
    return [
        (f"{name}_row", f"CREATE TRIGGER {name}_row AFTER INSERT OR DELETE ON {source.table} FOR EACH ROW {act}"),
        (f"{name}_update", f"CREATE TRIGGER {name}_update AFTER UPDATE ON {source.table} FOR EACH ROW WHEN ({source.changed}) {act}"),
        (f"{name}_truncate", f"CREATE TRIGGER {name}_truncate AFTER TRUNCATE ON {source.table} FOR EACH STATEMENT {act}"),
    ]


# Both


def _fill(source: Indexed) -> list[str]:
    """The words of all rows of a table anew."""
    title, body = source.words(source.table)
    columns, values = ("title, body", f"{title}, {body}") if connection.vendor == "sqlite" else ("words", _vector(source, source.table))
    return [
        f"DELETE FROM {TABLE} WHERE kind = '{source.kind}'",  # noqa: S608 - our own names
        f"INSERT INTO {TABLE} (key, kind, {columns}) SELECT id, '{source.kind}', {values} FROM {source.table}",  # noqa: S608
    ]


def _triggers(source: Indexed) -> list[tuple[str, str]]:
    return _sqlite_triggers(source) if connection.vendor == "sqlite" else _postgres_triggers(source)


def rebuild(using: str = "default") -> None:
    """Makes the index anew, with its triggers, one table after the other: none is locked longer than its own rows take."""
    sqlite = connections[using].vendor == "sqlite"
    if not sqlite:
        _run([_FOLD], using)
    for source in INDEXED:
        suffix = "" if sqlite else f" ON {source.table}"
        triggers = _triggers(source)
        with transaction.atomic(using):
            _run([f"DROP TRIGGER IF EXISTS {name}{suffix}" for name, _create in triggers], using)
            _run([] if sqlite else [_postgres_keeper(source)], using)
            _run([create for _name, create in triggers], using)
            _run(_fill(source), using)


def installed(using: str = "default") -> bool:
    """Whether every trigger is in place."""
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connections[using].vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(catalogue)
        found = {row[0] for row in cursor.fetchall()}
    return found >= {name for source in INDEXED for name, _create in _triggers(source)}


def after_migrate(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Signal handler of `post_migrate`: SQLite remakes a table to alter it and silently drops its triggers, and what was written then."""
    if TABLE in connections[using].introspection.table_names() and not installed(using):
        rebuild(using)


def check_installed(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """System check, run when a database is named (`serve`, `migrate`, `check --database`)."""
    problems: list[CheckMessage] = []
    for using in databases or ():
        try:
            if TABLE in connections[using].introspection.table_names() and not installed(using):
                problems.append(Error("The search's triggers are missing.", hint="Run `manage.py migrate`.", id="raccordo.E003"))
        except DatabaseError as error:
            problems.append(Error(f"The database does not answer: {error}", id="raccordo.E004"))
    return problems


def compact() -> None:
    """What was deleted leaves SQLite's index for good: until then it is marked as gone, and stays in the file."""
    if connection.vendor == "sqlite":
        _run([f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')"], "default")  # noqa: S608 - our own names


def _run(statements: Sequence[str], using: str) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def found(kind: Kind, words: Sequence[str], *, in_title: bool = False) -> RawSQL:
    """The ids of the rows of this kind that have all these words (in their title alone), the last as the beginning of one.

    `words`: from `words_of`, which leaves nothing but letters and digits; they are parameters all the same.
    """
    if connection.vendor == "sqlite":
        terms = " AND ".join(f'"{word}"{" *" if begins else ""}' for word, begins in _terms(words))
        asked = f'kind : "{kind}" AND {{{"title" if in_title else "title body"}}} : ({terms})'
        return RawSQL(f"SELECT key FROM {TABLE} WHERE {TABLE} MATCH %s", (asked,))  # noqa: S608, S611
    weight = "A" if in_title else ""
    asked = " & ".join(f"{word}:{'*' if begins else ''}{weight}" if begins or weight else word for word, begins in _terms(words))
    sql = f"SELECT key FROM {TABLE} WHERE words @@ (to_tsquery('simple', %s) && %s::tsquery)"  # noqa: S608 - our own names
    return RawSQL(sql, (asked, f"'#{kind}'"))  # noqa: S611 - of parameters


def _terms(words: Sequence[str]) -> list[tuple[str, bool]]:
    last = len(words) - 1
    return [(word, n == last or len(word) == LONGEST_WORD) for n, word in enumerate(words)]
