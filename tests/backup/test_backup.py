"""The restore drill: all of it comes back as it was, from either database, also when the backup was made while others wrote."""

import json
import os
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from meetings.agenda.models import Attachment
from meetings.backup.services import restore_backup, write_backup
from meetings.events import triggers
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify_all
from meetings.minutes.models import SealedDocument
from meetings.minutes.seals import broken_seals
from meetings.network import selectors, services
from meetings.notifications.models import OutgoingEmail
from tests import factories
from tests.notifications.mails import mail

from .conftest import FILE, PDF, everything, members

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_of_it_comes_back(installation: factories.World, emptied: Callable[[], None], tmp_path: Path) -> None:
    before = everything()
    filled = "event agendaitem agendaitem_co_proposers sealeddocument attachment poll rollentry vote decision actionitem attendance note"
    assert all(before[f"meetings.{table}"] for table in filled.split())
    written = write_backup(tmp_path / "b.zip")
    emptied()
    assert not any(everything().values())
    restored = restore_backup(tmp_path / "b.zip")
    assert everything() == before
    assert restored.rows == written.rows == {table: len(rows) for table, rows in before.items()}
    assert list(verify_all()) == []
    assert list(broken_seals()) == []
    assert triggers.installed()
    assert bytes(SealedDocument.objects.get().pdf) == PDF
    with Attachment.objects.get().file.open() as file:
        assert file.read() == FILE
    assert (written.files, restored.files) == (1, 1)


def test_mail_that_waited_may_have_been_sent_since(installation: factories.World, emptied: Callable[[], None], tmp_path: Path) -> None:
    waiting, sent = mail(installation.home), mail(installation.home, "sent")
    write_backup(tmp_path / "b.zip")
    emptied()
    restore_backup(tmp_path / "b.zip")
    assert OutgoingEmail.objects.get(pk=waiting.pk).state == "uncertain"
    assert OutgoingEmail.objects.get(pk=sent.pk).state == "sent"


def test_life_goes_on_after_a_restore(installation: factories.World, emptied: Callable[[], None], tmp_path: Path) -> None:
    """The sequences of PostgreSQL stand behind the restored rows."""
    write_backup(tmp_path / "b.zip")
    emptied()
    restore_backup(tmp_path / "b.zip")
    last = Event.objects.order_by("-id").values_list("id", flat=True)[0]
    network = installation.home.network
    services.change_network(actor=selectors.system_actor(network.pk), network=network, values={"name": "After"})
    assert Event.objects.order_by("-id").values_list("id", flat=True)[0] > last
    assert list(verify_all()) == []


def test_the_file_is_private_and_whole(installation: factories.World, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_text("an older one")
    path.chmod(0o644)
    write_backup(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert zipfile.ZipFile(path).testzip() is None
    assert [name for name in os.listdir(tmp_path) if name != "media"] == ["b.zip"]


def test_a_failure_leaves_the_older_one_and_nothing_else(
    installation: factories.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.zip"
    path.write_text("an older one")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("meetings.backup.services._heads", full)
    with pytest.raises(OSError, match="No space"):
        write_backup(path)
    assert path.read_text() == "an older one"
    assert [name for name in os.listdir(tmp_path) if name != "media"] == ["b.zip"]
    assert not connection.in_atomic_block


def test_a_file_that_is_missing_is_named(installation: factories.World, emptied: Callable[[], None], tmp_path: Path) -> None:
    name = str(Attachment.objects.get().file.name)
    default_storage.delete(name)
    assert write_backup(tmp_path / "b.zip").missing == [name]
    emptied()
    restored = restore_backup(tmp_path / "b.zip")
    assert (restored.missing, restored.files, Attachment.objects.get().file.name) == ([name], 0, name)


def test_sessions_are_left_out(installation: factories.World, client: object, tmp_path: Path) -> None:
    write_backup(tmp_path / "b.zip")
    assert not [name for name in members(tmp_path / "b.zip") if "session" in name or "contenttype" in name]


def test_consistent_while_others_write(installation: factories.World, tmp_path: Path) -> None:
    network = installation.away.network
    town, actor = installation.away.seats[0], selectors.system_actor(network.pk)
    stop, acknowledged, failures = threading.Event(), [0], []

    def writer() -> None:
        try:
            while not stop.is_set():
                acknowledged[0] += 1
                services.change_municipality(actor=actor, municipality=town, values={"population": 5000 + acknowledged[0]})
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must say so
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        counts = []
        for number in range(4):
            before = acknowledged[0]
            write_backup(tmp_path / f"{number}.zip")
            counts.append(acknowledged[0] - before)
            _assert_consistent(tmp_path / f"{number}.zip", str(EventStream.objects.get(network=network, meeting=None).pk), str(town.pk))
    finally:
        stop.set()
        thread.join()
    assert not failures
    assert sum(counts) > 0  # nobody had to wait for the backup


def _assert_consistent(path: Path, stream: str, town: str) -> None:
    """The log's head, its last event and the row it speaks of are of one and the same moment."""
    parts = members(path)
    events = [json.loads(line) for line in parts["data/meetings.event.jsonl"].splitlines()]
    last = max((event for event in events if event["stream_id"] == stream), key=lambda event: event["sequence"])
    head = json.loads(parts["manifest.json"])["streams"][stream]
    assert (head["sequence"], head["head"]) == (last["sequence"], last["hash"])
    row = next(json.loads(line) for line in parts["data/meetings.municipality.jsonl"].splitlines() if town in line.decode())
    spoken_of = [
        json.loads(event["payload"]) for event in events if event["stream_id"] == stream and event["type"] == "municipality.changed"
    ]
    assert not spoken_of or (spoken_of[-1]["population"], spoken_of[-1]["version"]) == (row["population"], row["version"])


def test_it_is_portable(installation: factories.World, tmp_path: Path) -> None:
    """What this database holds, SQLite takes in and gives back byte for byte, by the commands alone."""
    write_backup(tmp_path / "b.zip")
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path / "var"),
        "MEDIA_ROOT": str(tmp_path / "other-media"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/var/other.sqlite3",
    }

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments, "--skip-checks"]
        done = subprocess.run(command, cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    manage("migrate", "--verbosity=0")
    assert "Restored and verified" in manage("restore", str(tmp_path / "b.zip"))
    assert "Intact" in manage("verify_log")
    manage("backup", str(tmp_path / "again.zip"))
    first, second = members(tmp_path / "b.zip"), members(tmp_path / "again.zip")
    manifests = [json.loads(parts.pop("manifest.json")) for parts in (first, second)]
    assert first == second
    assert manifests[0]["streams"] == manifests[1]["streams"]


def test_the_commands(installation: factories.World, emptied: Callable[[], None], tmp_path: Path) -> None:
    out, path = StringIO(), str(tmp_path / "b.zip")
    call_command("backup", path, stdout=out)
    assert "1 files" in out.getvalue()
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", path)
    emptied()
    call_command("restore", path, stdout=out)
    assert "Restored and verified" in out.getvalue()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "none" / "b.zip"))
    with pytest.raises(CommandError, match="cannot be restored"):
        call_command("restore", str(tmp_path / "none.zip"))
