"""The index of the search, which belongs to no model; its triggers come after the migrations (meetings.archive.index)."""

from django.db import migrations

NAMES = "search!_%"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'")
            if cursor.fetchone() is None:
                raise RuntimeError("This SQLite has no FTS5, which the search needs: use another Python, or PostgreSQL.")
        schema_editor.execute(
            "CREATE VIRTUAL TABLE meetings_search USING fts5"
            "(key, kind, title, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
        )
        return
    schema_editor.execute("CREATE TABLE meetings_search (key uuid PRIMARY KEY, kind varchar(12) NOT NULL, words tsvector NOT NULL)")
    schema_editor.execute("CREATE INDEX meetings_search_words ON meetings_search USING gin (words)")


def drop(apps, schema_editor):
    """With the triggers, which would write into a table that is no more. The version before knows nothing of them."""
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s ESCAPE '!'", [NAMES])
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            schema_editor.execute(f"DROP TRIGGER {schema_editor.quote_name(name)}")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE %s ESCAPE '!'", [NAMES])
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            schema_editor.execute(f"DROP FUNCTION {name} CASCADE")
    schema_editor.execute("DROP TABLE meetings_search")


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0004_news"),
    ]

    operations = [
        migrations.RunPython(make, drop),
    ]
