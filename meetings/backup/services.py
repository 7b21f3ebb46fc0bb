"""Writing a backup and restoring one."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.backup import contents
from meetings.backup.archive import Archive, broken
from meetings.backup.contents import Table
from meetings.backup.snapshot import snapshot
from meetings.errors import Conflict
from meetings.events.models import EventStream
from meetings.events.selectors import verify
from meetings.notifications.delivery import hold_back

CHUNK = 1024 * 1024


@dataclass(slots=True)
class Done:
    """What a backup or a restore covered: rows by table, files, and the media files that were named but missing."""

    rows: Mapping[str, int]
    files: int = 0
    missing: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def write_backup(path: Path) -> Done:
    """Writes the whole installation to `path` (0600), consistent while others write; an older file is replaced at the end.

    Raises OSError. Nothing is left behind by a failure.
    """
    folder = path.resolve().parent
    with NamedTemporaryFile(dir=folder, prefix=f".{path.name}-", delete=False) as file:  # made with mode 0600
        try:
            with snapshot(folder) as using, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                done = _write(archive, using)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return done


def _write(archive: zipfile.ZipFile, using: str) -> Done:
    members: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    counts = {}
    for model in contents.tables():
        counted = _Counted(contents.rows(model, using), contents.file_fields(model), names)
        members[contents.member_of(model)] = add(archive, contents.member_of(model), map(contents.as_line, counted))
        counts[model._meta.label_lower] = counted.count
    missing = sorted(name for name in names if not default_storage.exists(name))
    for name in sorted(names - set(missing)):
        members[f"media/{name}"] = add(archive, f"media/{name}", chunks(name))
    manifest = {
        "format": contents.FORMAT,
        "version": contents.FORMAT_VERSION,
        "created_at": clock.now().isoformat(),
        "migrations": contents.migrations(using),
        "tables": counts,
        "streams": _heads(using),
        "members": members,
        "missing": missing,
    }
    archive.writestr(contents.MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    return Done(rows=counts, files=len(names) - len(missing), missing=missing)


class _Counted:
    """Rows on their way into the archive: counted, their files noted."""

    def __init__(self, rows: Iterable[dict[str, Any]], file_fields: list[str], names: set[str]) -> None:
        self.rows, self.file_fields, self.names, self.count = rows, file_fields, names, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            self.count += 1
            self.names.update(str(row[column]) for column in self.file_fields if row[column])
            yield row


def add(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as member:
        for part in parts:
            member.write(part)
            digest.update(part)
            size += len(part)
    return {"size": size, "sha256": digest.hexdigest()}


def chunks(name: str) -> Iterator[bytes]:
    with default_storage.open(name, "rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def _heads(using: str) -> dict[str, dict[str, Any]]:
    streams = EventStream.objects.using(using).order_by("pk")
    return {str(stream.pk): {"sequence": stream.last_sequence, "head": stream.head} for stream in streams}


def restore_backup(path: Path) -> Done:
    """Loads a backup into an empty, migrated database, in one transaction: all of it, proved against its manifest, or nothing.

    Raises Conflict `not_empty` and `other_version`, Invalid `backup_broken`, OSError.
    """
    with Archive(path) as archive:
        archive.check()
        _require_empty(archive)
        written: list[str] = []
        try:
            with transaction.atomic():
                _load(archive)
                _reset_sequences()
                _prove(archive)
                hold_back()
                _restore_media(archive, written)
        except BaseException:
            for name in written:
                default_storage.delete(name)
            raise
        return Done(rows=archive.counts, files=len(archive.media), missing=archive.missing)


def _require_empty(archive: Archive) -> None:
    if archive.migrations != contents.migrations("default"):
        raise Conflict("other_version", _("The backup was made by another version of Raccordo: restore it with that one."))
    for model in contents.tables():
        if model._base_manager.exists():
            raise Conflict("not_empty", _("The database is not empty: restore into a new one."))


def _load(archive: Archive) -> None:
    for model in contents.tables():
        name = contents.member_of(model)
        with archive.open(name) as member:
            _load_table(model, name, member)
    try:
        connection.check_constraints()
    except DatabaseError as error:
        raise broken(_("a row refers to one that is not there: %(error)s") % {"error": error}) from error


def _load_table(model: Table, name: str, lines: Iterable[bytes]) -> None:
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            contents.as_row(model, line).save_base(raw=True, force_insert=True)
        except (ValueError, DatabaseError) as error:
            raise broken(_("%(name)s, line %(line)s: %(error)s") % {"name": name, "line": number, "error": error}) from error


def _reset_sequences() -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), contents.tables()):
            cursor.execute(statement)


def _prove(archive: Archive) -> None:
    """Row counts, each stream's head as the manifest has it, and each stream's hash chain."""
    counts = {model._meta.label_lower: model._base_manager.count() for model in contents.tables()}
    if counts != archive.counts:
        raise broken(_("the number of rows is not that of the manifest"))
    if _heads("default") != archive.streams:
        raise broken(_("the log's heads are not those of the manifest"))
    for stream in EventStream.objects.order_by("pk"):
        if finding := verify(stream):
            values = {"stream": finding.stream, "sequence": finding.sequence, "problem": finding.problem}
            raise broken(_("the log of stream %(stream)s at %(sequence)s: %(problem)s") % values)


def _restore_media(archive: Archive, written: list[str]) -> None:
    if _named_files() != set(archive.media) | set(archive.missing):
        raise broken(_("the files are not those that the rows name"))
    for name in archive.media:
        if default_storage.exists(name):
            raise Conflict("not_empty", _("There is a file %(name)s already: restore into an empty folder.") % {"name": name})
        with archive.open(f"media/{name}") as member:
            written.append(_save(name, member))


def _named_files() -> set[str]:
    names: set[str] = set()
    for model in contents.tables():
        for column in contents.file_fields(model):
            names |= {str(name) for name in model._base_manager.values_list(column, flat=True) if name}
    return names


def _save(name: str, member: IO[bytes]) -> str:
    saved = default_storage.save(name, File(member, name))
    if saved != name:
        default_storage.delete(saved)
        raise broken(_("the file %(name)s cannot be stored under its name") % {"name": name})
    return saved
