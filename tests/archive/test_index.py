"""The index follows the rows, whatever writes them, and holds nothing that is no more in them."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.archive import index
from meetings.backup.services import restore_backup, write_backup
from meetings.minutes.models import Note
from meetings.privacy import services as privacy
from meetings.privacy.retention import apply_retention
from meetings.scheduling.models import Meeting
from tests import factories
from tests.archive.finding import find, indexed, kinds
from tests.factories import CHAIR, COORDINATOR, Side, World
from tests.privacy.conftest import ADDRESS, NAME, Traced

SQLITE = connection.vendor == "sqlite"


def contents() -> dict[str, str]:
    """Every row of the index as text, by its key."""
    columns = "title || ' ' || body" if SQLITE else "words::text"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, kind || ' ' || {columns} FROM meetings_search")  # noqa: S608
        return {str(key): text for key, text in cursor.fetchall()}


def terms() -> bytes:
    """What the index holds of words, as it lies in the file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM meetings_search_data" if SQLITE else "SELECT words::text FROM meetings_search")
        return b"\n".join(block if isinstance(block, bytes) else bytes(str(block), "utf-8") for (block,) in cursor.fetchall())


def rows() -> int:
    found = 0
    for source in index.INDEXED:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {source.table}")  # noqa: S608
            found += cursor.fetchone()[0]
    return found


def test_every_row_is_in_it_once(world: World) -> None:
    factories.circulated(world.home)
    assert indexed() == rows() > 15


def test_it_is_what_a_rebuild_makes(world: World) -> None:
    factories.circulated(world.home)
    before = contents()
    index.rebuild()
    assert contents() == before
    assert index.installed()


def test_it_follows_whatever_writes(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    item = factories.accepted(side, "Before")
    AgendaItem.objects.filter(pk=item.pk).update(title="Afterwards")
    assert (kinds(actor, "before"), kinds(actor, "afterwards")) == ([], ["agenda_item"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_agendaitem SET text = 'By hand' WHERE title = 'Afterwards'")
    assert kinds(actor, "by hand") == ["agenda_item"]
    note = Note.objects.create(agenda_item=item, text="Remark", created_at=factories.NOW)
    assert kinds(actor, "remark") == ["note"]
    note.delete()
    assert kinds(actor, "remark") == []


def test_what_is_rolled_back_was_never_there(side: Side) -> None:
    item = factories.accepted(side, "Kept")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        AgendaItem.objects.filter(pk=item.pk).update(title="Lost")
        assert kinds(side.actor(COORDINATOR), "lost") == ["agenda_item"]
        raise ZeroDivisionError
    assert (kinds(side.actor(COORDINATOR), "lost"), kinds(side.actor(COORDINATOR), "kept")) == ([], ["agenda_item"])


def test_an_update_of_something_else_leaves_it_alone(side: Side) -> None:
    factories.accepted(side, "Still")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM meetings_search")
    AgendaItem.objects.update(duration_minutes=25)
    assert indexed() == 0
    AgendaItem.objects.update(title="Moved")
    assert indexed() == 1


def test_erasure_empties_it(traced: Traced) -> None:
    actor = traced.side.actor(CHAIR)
    assert find(actor, ADDRESS) and find(actor, NAME)
    [request] = privacy.ask_erasure(user=traced.user)
    privacy.carry_out_erasure(actor=traced.side.actor(COORDINATOR), request=request)
    assert find(actor, ADDRESS) == find(actor, NAME) == []
    assert not any(word in text.casefold() for text in contents().values() for word in ("canary", "carola", "càrola"))
    assert b"canary" not in terms() and b"carola" not in terms()


def test_retention_empties_it(side: Side) -> None:
    item = factories.draft(side, "Neverhandedin")
    Meeting.objects.filter(pk=item.meeting_id).update(state="cancelled")
    assert any("neverhandedin" in text.casefold() for text in contents().values())
    with clock.at(factories.NOW + timedelta(days=3000)):
        apply_retention()
    assert not AgendaItem.objects.filter(pk=item.pk).exists()
    assert not any("neverhandedin" in text.casefold() for text in contents().values())
    assert b"neverhandedin" not in terms()


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    @pytest.fixture(autouse=True)
    def _connection(self) -> Iterator[None]:
        yield
        connection.close()

    def test_a_restore_brings_it_back(
        self,
        installation: World,
        emptied: Callable[[], None],
        tmp_path: Path,
    ) -> None:
        before = contents()
        write_backup(tmp_path / "b.zip")
        emptied()
        assert contents() == {}
        restore_backup(tmp_path / "b.zip")
        assert contents() == before
        assert find(installation.home.actor(CHAIR), "operators") != []

    @pytest.mark.skipif(not SQLITE, reason="SQLite's own")
    def test_a_copy_of_the_file_is_whole(self, installation: World, tmp_path: Path) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(tmp_path / "copy.sqlite3")])
        copy = sqlite3.connect(tmp_path / "copy.sqlite3")
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("INSERT INTO meetings_search(meetings_search) VALUES ('integrity-check')")
        [(number,)] = copy.execute("SELECT COUNT(*) FROM meetings_search WHERE meetings_search MATCH 'operators'").fetchall()
        assert number > 0
        copy.close()

    def test_back_to_the_version_before_and_forth(self, installation: World) -> None:
        """Who goes back writes on without it; who comes again finds what was written meanwhile."""
        before = [("meetings", "0001_squashed_0004_news")]
        latest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "meetings"]
        item = factories.items(installation.home.meeting)[0]
        try:
            MigrationExecutor(connection).migrate(before)
            assert "meetings_search" not in connection.introspection.table_names()
            AgendaItem.objects.filter(pk=item.pk).update(title="Meanwhile")
        finally:
            MigrationExecutor(connection).migrate(latest)
            call_command("migrate", verbosity=0)
        assert index.installed()
        assert indexed() == rows()
        assert kinds(installation.home.actor(CHAIR), "meanwhile") == ["agenda_item"]

    def test_a_table_that_was_remade_is_read_again(self, installation: World) -> None:
        """As SQLite does to alter one: its triggers are gone, and what was written then is not in the index."""
        name = index._triggers(index.INDEXED[1])[1][0]
        suffix = "" if SQLITE else " ON meetings_agendaitem"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{suffix}")
        AgendaItem.objects.update(title="Remade")
        assert kinds(installation.home.actor(CHAIR), "remade") == []
        assert [problem.id for problem in index.check_installed(databases=["default"])] == ["raccordo.E003"]
        call_command("migrate", verbosity=0)
        assert kinds(installation.home.actor(CHAIR), "remade") != []
        assert index.check_installed(databases=["default"]) == []
