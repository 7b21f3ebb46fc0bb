"""Reading a backup that may have been tampered with: nothing is believed before its digest, its name and its size are checked."""

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any, Self
from zlib import error as ZlibError

from django.utils.translation import gettext as _

from meetings.backup import contents
from meetings.errors import Invalid

MOST_MEMBERS = 200_000
MOST_BYTES = 50 * 1024**3  # unpacked, all together
LARGEST_MANIFEST = 64 * 1024**2
MOST_RATIO = 500  # unpacked to packed: the rows of a real network stay below 50
SMALL = 1024**2  # bytes below which the ratio says nothing
CHUNK = 1024**2
_SHA256 = re.compile(r"[0-9a-f]{64}")


def broken(problem: str) -> Invalid:
    """The refusal of a backup that cannot be trusted."""
    return Invalid("backup_broken", _("The backup is damaged, and nothing was restored: %(problem)s.") % {"problem": problem})


class Archive:
    """An opened backup. `check()` first; then `open(name)` gives bytes that are those of the manifest."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError) as error:
            raise broken(_("it is not a zip file")) from error
        self.counts: dict[str, int] = {}
        self.streams: dict[str, dict[str, Any]] = {}
        self.migrations: list[str] = []
        self.media: list[str] = []
        self.missing: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)

    def check(self) -> None:
        """Checks the members' names, kinds and sizes, then the manifest, then every digest. Raises Invalid `backup_broken`."""
        self._check_directory()
        manifest = self._manifest()
        self._take(manifest)
        members = manifest["members"]
        if set(members) != {info.filename for info in self._zip.infolist()} - {contents.MANIFEST}:
            raise broken(_("the members are not those of the manifest"))
        tables = {contents.member_of(model) for model in contents.tables()}
        if {name for name in members if name.startswith("data/")} != tables:
            raise broken(_("the tables are not those of this version"))
        for name, expected in members.items():
            self._check_member(name, expected)

    def _check_directory(self) -> None:
        members = self._zip.infolist()
        names = [info.filename for info in members]
        if len(names) > MOST_MEMBERS or len(set(names)) != len(names):
            raise broken(_("it has too many members, or one twice"))
        if sum(info.file_size for info in members) > MOST_BYTES:
            raise broken(_("it unpacks to more than %(most)s bytes") % {"most": MOST_BYTES})
        for info in members:
            if not _is_safe(info):
                raise broken(_("the member “%(name)s” is not one of a backup") % {"name": info.filename[:100]})

    def _manifest(self) -> dict[str, Any]:
        try:
            if self._zip.getinfo(contents.MANIFEST).file_size > LARGEST_MANIFEST:
                raise broken(_("its manifest is too large"))
            manifest = json.loads(self._zip.read(contents.MANIFEST))
        except KeyError as error:
            raise broken(_("it has no manifest")) from error
        except (ValueError, RecursionError, zipfile.BadZipFile, ZlibError, EOFError, OSError, NotImplementedError) as error:
            raise broken(_("its manifest cannot be read")) from error
        if not isinstance(manifest, dict) or (manifest.get("format"), manifest.get("version")) != (
            contents.FORMAT,
            contents.FORMAT_VERSION,
        ):
            raise broken(_("it is not a backup of this kind"))
        return manifest

    def _take(self, manifest: Mapping[str, Any]) -> None:
        kinds = {"tables": dict, "streams": dict, "migrations": list, "members": dict, "missing": list}
        if not all(isinstance(manifest.get(name), kind) for name, kind in kinds.items()):
            raise broken(_("its manifest cannot be read"))
        self.counts, self.streams, self.migrations = manifest["tables"], manifest["streams"], manifest["migrations"]
        self.missing = [str(name) for name in manifest["missing"]]
        self.media = sorted(name.removeprefix("media/") for name in manifest["members"] if name.startswith("media/"))

    def _check_member(self, name: str, expected: Any) -> None:
        if not isinstance(expected, dict) or not _SHA256.fullmatch(str(expected.get("sha256"))):
            raise broken(_("its manifest cannot be read"))
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while part := member.read(CHUNK):
                    size += len(part)
                    digest.update(part)
        except (zipfile.BadZipFile, ZlibError, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise broken(_("“%(name)s” cannot be unpacked") % {"name": name}) from error
        if (size, digest.hexdigest()) != (expected.get("size"), expected["sha256"]):
            raise broken(_("“%(name)s” was changed") % {"name": name})


def _is_safe(info: zipfile.ZipInfo) -> bool:
    """A plain file of a backup that stays in its folder and does not unpack to a multiple that no backup has."""
    name, mode = info.filename, info.external_attr >> 16
    path = PurePosixPath(name)
    plain = not info.is_dir() and not info.flag_bits & 0x1 and stat.S_IFMT(mode) in (0, stat.S_IFREG)
    inside = not path.is_absolute() and ".." not in path.parts and str(path) == name and not set(name) & set("\\:\0\n\r")
    known = name == contents.MANIFEST or path.parts[0] in ("data", "media")
    ratio = info.file_size <= SMALL or info.file_size <= MOST_RATIO * max(info.compress_size, 1)
    return plain and inside and known and ratio
