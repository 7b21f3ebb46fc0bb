"""A backup that somebody has changed is refused, and refusing leaves the database and the folder as empty as they were."""

import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from meetings.backup import archive
from meetings.backup.services import restore_backup, write_backup
from meetings.errors import Conflict, DomainError, Invalid

from .conftest import empty_database, everything, make_installation, members, write

Parts = dict[str, bytes]
EVENTS, STREAMS, TOWNS = "data/meetings.event.jsonl", "data/meetings.eventstream.jsonl", "data/meetings.municipality.jsonl"


@pytest.fixture(scope="module")
def good(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A good backup, made once: that takes longer than all the rest."""
    folder = tmp_path_factory.mktemp("good")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=str(folder / "media")):
        make_installation()
        write_backup(folder / "b.zip")
        empty_database()
    return (folder / "b.zip").read_bytes()


@pytest.fixture
def backup(good: bytes, db: None, tmp_path: Path) -> Path:
    """A good backup, and nothing but it."""
    (tmp_path / "b.zip").write_bytes(good)
    return tmp_path / "b.zip"


@pytest.fixture(autouse=True)
def _nothing_is_left(good: bytes, db: None, media: Path) -> Iterator[None]:
    yield
    assert not any(everything().values())
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert not (media.parent / "evil").exists()


def refused(path: Path, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as refusal:
        restore_backup(path)
    assert refusal.value.code == "backup_broken"


def without_last_line(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


def with_manifest(parts: Parts, **changes: Any) -> Parts:
    return {**parts, "manifest.json": json.dumps({**json.loads(parts["manifest.json"]), **changes}).encode()}


def media_of(parts: Parts) -> str:
    return next(name for name in parts if name.startswith("media/"))


def first_row(data: bytes, **changes: Any) -> bytes:
    first, *rest = data.splitlines(keepends=True)
    return json.dumps({**json.loads(first), **changes}).encode() + b"\n" + b"".join(rest)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: {**p, TOWNS: p[TOWNS].replace(b"1000", b"9000", 1)}, "was changed"),
        (lambda p: {**p, media_of(p): p[media_of(p)] + b"x"}, "was changed"),
        (lambda p: {**p, "data/more.jsonl": b""}, "members are not those"),
        (lambda p: {name: data for name, data in p.items() if name != TOWNS}, "members are not those"),
        (lambda p: {name: data for name, data in p.items() if name != "manifest.json"}, "no manifest"),
        (lambda p: {**p, "manifest.json": b"{"}, "cannot be read"),
        (lambda p: {**p, "manifest.json": b"[" * 100_000}, "cannot be read"),
        (lambda p: {**p, "manifest.json": b"[]"}, "not a backup"),
        (lambda p: with_manifest(p, version=2), "not a backup"),
        (lambda p: with_manifest(p, tables=[]), "cannot be read"),
        (lambda p: with_manifest(p, members={name: 1 for name in p if name != "manifest.json"}), "cannot be read"),
    ],
)
def test_what_does_not_match_its_manifest(backup: Path, change: Callable[[Parts], Parts], reason: str) -> None:
    write(backup, change(members(backup)), honest=False)
    refused(backup, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: {**p, EVENTS: p[EVENTS].replace(b"network.created", b"network.changed", 1)}, "the log of stream"),
        (lambda p: {**p, EVENTS: without_last_line(p[EVENTS])}, "number of rows"),
        (lambda p: {**p, STREAMS: first_row(p[STREAMS], head="0" * 64)}, "heads"),
        (lambda p: {**p, TOWNS: without_last_line(p[TOWNS])}, "refers to|number of rows"),
        (lambda p: {**p, TOWNS: p[TOWNS] + b"{}\n"}, "line 21: the columns"),
        (lambda p: {**p, TOWNS: p[TOWNS] + p[TOWNS].splitlines(keepends=True)[0]}, "line 21"),
        (lambda p: {**p, TOWNS: first_row(p[TOWNS], population="many")}, "line 1"),
        (lambda p: {**p, TOWNS: first_row(p[TOWNS], population=None)}, "line 1"),
        (lambda p: {**p, TOWNS: first_row(p[TOWNS], zone_id="00000000-0000-0000-0000-000000000000")}, "refers to"),
        (lambda p: {**p, TOWNS: first_row(p[TOWNS], surprise=1)}, "line 1: the columns"),
        (lambda p: {**p, TOWNS: b"\xff\n" + p[TOWNS]}, "line 1"),
        (lambda p: {**p, "data/more.jsonl": b""}, "tables are not those"),
        (lambda p: {**p, "media/attachments/more": b"x"}, "files are not those"),
        (lambda p: {name: data for name, data in p.items() if not name.startswith("media/")}, "files are not those"),
        (lambda p: with_manifest(p, tables={**json.loads(p["manifest.json"])["tables"], "meetings.user": 1}), "number of rows"),
        (lambda p: with_manifest(p, streams={}), "heads"),
    ],
)
def test_what_was_forged_with_its_digests(backup: Path, change: Callable[[Parts], Parts], reason: str) -> None:
    write(backup, change(members(backup)), honest=True)
    refused(backup, reason)


@pytest.mark.parametrize(
    "name",
    [
        "media/../../evil",
        "../evil",
        "/evil",
        "media/a/../../../evil",
        "media\\..\\evil",
        "C:/evil",
        "evil",
        "media/./evil",
        "media//evil",
        "media/evil/",
    ],
)
def test_a_member_that_would_leave_its_folder(backup: Path, name: str) -> None:
    write(backup, {**members(backup), name: b"x"}, honest=True)
    refused(backup, "not one of a backup|members are not those|files are not those")


def test_a_link(backup: Path) -> None:
    info = zipfile.ZipInfo("media/attachments/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(backup, "a") as zipped:
        zipped.writestr(info, "/etc/passwd")
    refused(backup, "not one of a backup")


def test_a_bomb(backup: Path) -> None:
    write(backup, {**members(backup), "media/bomb": b"\0" * 30_000_000}, honest=True)
    refused(backup, "not one of a backup")


def test_too_much_of_everything(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, reason in (("MOST_MEMBERS", "too many"), ("MOST_BYTES", "unpacks to more"), ("LARGEST_MANIFEST", "too large")):
        with monkeypatch.context() as patch:
            patch.setattr(archive, limit, 10)
            refused(backup, reason)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice(backup: Path) -> None:
    with zipfile.ZipFile(backup, "a") as zipped:
        zipped.writestr(EVENTS, b"")
    refused(backup, "one twice")


def test_what_is_no_zip(backup: Path) -> None:
    whole = backup.read_bytes()
    for data in (b"", b"PK", whole[: len(whole) // 2], b"\0" * 1000):
        backup.write_bytes(data)
        refused(backup, "not a zip")


def test_every_byte_counts(backup: Path) -> None:
    """A flipped bit anywhere is found, or lies where nothing is read."""
    whole, before = backup.read_bytes(), members(backup)
    for place in range(0, len(whole), max(len(whole) // 150, 1)):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            restored = members(backup)
        except Exception:  # noqa: BLE001 - not even zipfile can read it
            restored = {}
        if restored == before:
            continue
        with pytest.raises(DomainError):
            restore_backup(backup)


def test_another_version(backup: Path) -> None:
    parts = members(backup)
    write(backup, with_manifest(parts, migrations=[*json.loads(parts["manifest.json"])["migrations"], "meetings.9999_later"]), honest=True)
    with pytest.raises(Conflict, match=re.escape("another version")):
        restore_backup(backup)
