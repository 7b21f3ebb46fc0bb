"""Hostile files: each is refused, and none is unpacked beyond a small bound."""

import io
import struct
import zipfile
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.agenda import file_types
from meetings.agenda.file_types import TYPES, is_what_it_says
from tests.agenda.files import office_file, zipped

OFFICE = [ending for ending, kind in TYPES.items() if kind.part]
MEGABYTE = 1_000_000


def judged(ending: str, content: bytes) -> bool:
    file = io.BytesIO(content)
    try:
        return is_what_it_says(TYPES[ending], file)
    finally:
        assert file.tell() == 0


@pytest.mark.parametrize("ending", OFFICE)
def test_an_office_file_is_told_by_what_is_in_it(ending: str) -> None:
    assert judged(ending, office_file(ending))
    assert not judged(ending, zipped(readme=b"a mere zip, renamed"))
    assert not any(judged(other, office_file(ending)) for other in OFFICE if other != ending)


@pytest.mark.parametrize("ending", OFFICE)
def test_what_an_office_file_never_has_is_refused(ending: str) -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "word/vbaProject.bin"):
        assert not judged(ending, _with(office_file(ending), name)), name


def _with(content: bytes, name: str) -> bytes:
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, b"x")
    return made.getvalue()


@pytest.mark.parametrize("ending", OFFICE)
def test_a_zip_bomb_is_refused_without_being_unpacked(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = office_file(ending, bomb=b"\0" * 50 * MEGABYTE)
    assert len(bomb) < MEGABYTE
    monkeypatch.setattr(zipfile.ZipFile, "open", _never)
    assert not judged(ending, bomb)


def _never(*_args: object, **_options: object) -> IO[bytes]:
    raise AssertionError("a part was unpacked")


def test_a_part_that_lies_about_its_length_is_read_no_further_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory says ten bytes and unpacks to millions: refused by reading no more than the bound."""
    packed = zipped(**{TYPES[".docx"].part: TYPES[".docx"].says + b"\0" * 20 * MEGABYTE})
    at = packed.rfind(b"PK\x01\x02")
    lying = packed[: at + 24] + struct.pack("<L", 10) + packed[at + 28 :]
    taken: list[int] = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: taken.append(n) or read(self, n))
    assert not judged(".docx", lying)
    assert all(0 <= n <= file_types._READ_AT_MOST for n in taken)


def test_a_directory_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped(**{f"part{n}": b"" for n in range(file_types.MOST_PARTS + 1)})
    monkeypatch.setattr(zipfile, "ZipFile", _never)
    assert not judged(".docx", many)
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, 0xFFFFFFFF, 0, 0)
    assert not judged(".docx", b"PK\x03\x04" + b"x" * 100 + end)
    assert not judged(".docx", b"PK\x03\x04" + b"PK\x06\x07" + b"\0" * 16 + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, 46, 0, 0))


def test_parts_that_overlap_are_refused() -> None:
    """The same packed bytes named a thousand times (a better zip bomb, D. Fifield 2019)."""
    packed = zipped(**{TYPES[".docx"].part: TYPES[".docx"].says, "kernel": bytes(range(256)) * 400})
    start = packed.find(b"PK\x01\x02")
    end = packed.rfind(b"PK\x05\x06")
    entries = packed[start:end]
    last = entries[entries.rfind(b"PK\x01\x02") :]
    directory = entries + last * 1000
    tail = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1002, 1002, len(directory), start, 0)
    assert not judged(".docx", packed[:start] + directory + tail)


@settings(max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(OFFICE))
def test_any_bytes_are_judged_and_none_breaks_it(noise: bytes, ending: str) -> None:
    good = office_file(ending)
    for content in (b"PK\x03\x04" + noise, good[:40] + noise + good[40:], good[: len(good) // 2] + noise, noise + good):
        assert judged(ending, content) in (True, False)
