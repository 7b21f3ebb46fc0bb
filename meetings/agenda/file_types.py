"""What a file is, told by its content and never by its name alone. Nothing is unpacked but two small parts of an office file."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_ZIP = b"PK\x03\x04"
MOST_PARTS = 5_000
LARGEST_DIRECTORY = 2_000_000
MOST_UNPACKED = 300_000_000
"""Bytes that all parts of an office file may have unpacked, as they themselves say."""
MOST_TIMES = 150
"""How many times as large a file may be unpacked; XML of spreadsheets packs 20 to 60 times."""
_READ_AT_MOST = 500_000
_END = struct.Struct("<4s4H2LH")
"""The end of a zip's central directory (APPNOTE 6.3.10, 4.3.16)."""


@dataclass(frozen=True, slots=True)
class FileType:
    """`magic`: what such a file begins with. `part`: the zip's part that says what it is, and `says`: what must stand in it."""

    content_type: str
    magic: bytes
    part: str = ""
    says: bytes = b""


def _office(kind: str, main: str) -> FileType:
    says = f'ContentType="{_OFFICE}{kind}.{main}.main+xml"'
    return FileType(_OFFICE + kind + "." + main, _ZIP, "[Content_Types].xml", says.encode())


def _open(kind: str) -> FileType:
    return FileType(_OPEN + kind, _ZIP, "mimetype", (_OPEN + kind).encode())


TYPES: Mapping[str, FileType] = {
    ".pdf": FileType("application/pdf", b"%PDF-"),
    ".png": FileType("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": FileType("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": FileType("image/jpeg", b"\xff\xd8\xff"),
    ".docx": _office("wordprocessingml", "document"),
    ".xlsx": _office("spreadsheetml", "sheet"),
    ".pptx": _office("presentationml", "presentation"),
    ".odt": _open("text"),
    ".ods": _open("spreadsheet"),
    ".odp": _open("presentation"),
}
"""What may be attached, by the name's ending."""


def is_what_it_says(kind: FileType, file: IO[bytes]) -> bool:
    """Whether the content is of this kind. Reads little of it, and unpacks at most a few small parts; leaves the file at its beginning."""
    begun = file.read(len(kind.magic))
    file.seek(0)
    if begun != kind.magic:
        return False
    try:
        return not kind.part or _is_office_file(kind, file)
    finally:
        file.seek(0)


def _is_office_file(kind: FileType, file: IO[bytes]) -> bool:
    size = file.seek(0, 2)
    if not _directory_is_small(file, size):
        return False
    try:
        with zipfile.ZipFile(file) as parts:
            return _is_no_bomb(parts.infolist(), size) and _says(parts, kind)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, OSError, struct.error):
        return False


def _directory_is_small(file: IO[bytes], size: int) -> bool:
    """Looked at before `zipfile` reads the directory whole. One of zip64, which may say something else, is no office file of 20 MB."""
    tail = min(size, _END.size + 65_535)
    file.seek(size - tail)
    end = file.read(tail)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(end) or b"PK\x06\x07" in end[max(0, at - 20) : at]:
        return False
    _magic, _disk, _start, _here, parts, length, _offset, _comment = _END.unpack_from(end, at)
    return bool(0 < parts <= MOST_PARTS and length <= LARGEST_DIRECTORY)


def _is_no_bomb(parts: list[zipfile.ZipInfo], size: int) -> bool:
    """Parts that overlap are packed larger than the file; others would fill a disk when they are opened."""
    packed, unpacked = sum(part.compress_size for part in parts), sum(part.file_size for part in parts)
    return len(parts) <= MOST_PARTS and packed <= size and unpacked <= min(MOST_UNPACKED, MOST_TIMES * size)


def _says(parts: zipfile.ZipFile, kind: FileType) -> bool:
    names = {name.lower() for name in parts.namelist()}
    if any(name.startswith("/") or ".." in name.split("/") or name.endswith("vbaproject.bin") for name in names):
        return False
    with parts.open(kind.part) as part:
        content = part.read(_READ_AT_MOST)
    return content == kind.says if kind.part == "mimetype" else kind.says in content
