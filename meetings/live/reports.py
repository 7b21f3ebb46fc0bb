"""Reading the attendance reports of video services: Zoom's and Teams', in English, Italian or French, columns in any order.

Nothing here touches the database. A report is a table somewhere in the file, found by its header; what the header's language is says how
dates are written. Times are the wall clock of the zone given, unless they carry an offset of their own.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.errors import Invalid
from meetings.live.report_headers import EMAILS, FIRST_JOINED, JOINED, LAST_LEFT, LEFT, NAMES, WAITING, YES
from meetings.validation import clean_line

LARGEST = 1_000_000
"""Bytes: 315 participants who each reconnect three times take about 100,000."""
MOST_LINES = 10_000
LONGEST = 150
MOST_TOLD = 20
NEAR = timedelta(days=1)

_OFFSET = r"(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_TIME = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp])?\.?\s?(?:(?<=[AaPp. ])[Mm]\.?)?"
_DATE = r"(?:(?P<iso>\d{4}-\d{1,2}-\d{1,2})|(?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})[/.\-](?P<year>\d{4}|\d{2}))"
MOMENT = re.compile(rf"{_DATE}(?:,?\s+(?:alle |ore |à |at )?|T){_TIME}\s*{_OFFSET}")


class Stay(NamedTuple):
    """One line: from when until when (None: it does not say) somebody was in the call."""

    line: int
    name: str
    email: str
    joined: datetime
    left: datetime | None


class Wrong(Exception):
    """A cell that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where which column is, and in which language."""

    line: int
    language: str
    width: int
    name: int
    joined: int
    left: int
    email: int | None = None
    waiting: int | None = None
    overall: bool = False
    """Whether the times are a participant's first and last, so that what lies between is not told."""


def read(data: bytes, zone: ZoneInfo, near: date) -> list[Stay]:
    """Every stay that the report tells of. `near`: the day of the meeting, which decides between 5/11 and 11/5 where the language's order
    leads elsewhere. Raises Invalid `invalid_report`, which names the lines at fault.
    """
    try:
        lines = list(_lines(_decoded(data)))
    except Wrong as wrong:
        raise refused([(0, str(wrong))]) from None
    except csv.Error as error:
        raise refused([(0, _("This is no CSV file: %(error)s.") % {"error": error})]) from None
    header = _header(lines)
    if header is None:
        problem = _("There is no table with a name, a join time and a leave time, as Zoom and Teams export it.")
        raise refused([(0, problem)])
    body = list(_body(lines, header))
    if not body:
        raise refused([(header.line, _("The table has a header and nothing else."))])
    return _stays(body, header, zone, near)


def refused(problems: Sequence[tuple[int, str]]) -> Invalid:
    """The refusal of a whole file, with the first lines at fault; line 0 is the file itself."""
    texts = [_("Line %(line)s: %(problem)s") % {"line": line, "problem": problem} if line else problem for line, problem in problems]
    if len(texts) > MOST_TOLD:
        texts = [*texts[:MOST_TOLD], _("and %(n)s more") % {"n": len(texts) - MOST_TOLD}]
    return Invalid("invalid_report", _("The report cannot be read. Nothing was changed."), {"file": texts})


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise Wrong(_("The file is larger than %(most)s MB.") % {"most": LARGEST // 1_000_000})
    text = None
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text or any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text[:4000]):
        raise Wrong(_("This is no CSV file."))
    if not text.strip():
        raise Wrong(_("The file is empty."))
    return text.lstrip("\ufeff")


def _encodings(data: bytes) -> tuple[str, ...]:
    """As byte order marks say; UTF-16 without one has a zero in every second byte of what is Latin."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = data[:400]
    if len(head) > 3 and head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    if len(head) > 3 and head[::2].count(0) > len(head) // 4:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line's cells with its number in the file; empty ones too, since they end a table."""
    counted = {delimiter: text.count(delimiter) for delimiter in "\t;,"}
    delimiter = "\t" if counted["\t"] else ";" if counted[";"] > counted[","] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for cells in reader:
        yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1
        if begins > MOST_LINES:
            raise Wrong(_("The file has more than %(most)s lines.") % {"most": MOST_LINES})


def _key(cell: str) -> str:
    """A header's words without case, accents, signs and what stands in brackets."""
    bare = re.sub(r"\([^)]*\)", " ", cell.casefold())
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z]+", plain))


def _header(lines: Iterable[tuple[int, list[str]]]) -> Header | None:
    """The last table of single stays; without one, the last of first and last times."""
    found = [header for line, cells in lines if (header := _header_in(line, cells))]
    return next(iter(sorted(found, key=lambda one: (one.overall, -one.line))), None)


def _header_in(line: int, cells: Sequence[str]) -> Header | None:
    keys = [_key(cell) for cell in cells]
    name, email, waiting = (_place(keys, words) for words in (NAMES, EMAILS, WAITING))
    for overall, joins, leaves in ((False, JOINED, LEFT), (True, FIRST_JOINED, LAST_LEFT)):
        for language, words in joins.items():
            joined, left = _place(keys, words), _place(keys, leaves[language])
            if name is not None and joined is not None and left is not None:
                return Header(line, language, len(cells), name, joined, left, email, waiting, overall)
    return None


def _place(keys: Sequence[str], words: Sequence[str]) -> int | None:
    """Where the first of the words is; those that come first mean it best."""
    return next((keys.index(word) for word in words if word in keys), None)


def _body(lines: Iterable[tuple[int, list[str]]], header: Header) -> Iterator[tuple[int, list[str]]]:
    """The lines of the table: until an empty one, or the title of another section."""
    for line, cells in lines:
        if line <= header.line:
            continue
        if not any(cells) or (header.width > 1 and len(cells) == 1):
            return
        yield line, cells


def _stays(body: Sequence[tuple[int, list[str]]], header: Header, zone: ZoneInfo, near: date) -> list[Stay]:
    """In the order of dates that the language writes, or in the other when only that one makes sense near the meeting's day."""
    own = header.language == "en"
    readings = [_reading(body, header, zone, month_first) for month_first in (own, not own)]
    good = [stays for stays, problems in readings if not problems]
    close = [stays for stays in good if all(abs(stay.joined.astimezone(zone).date() - near) <= NEAR for stay in stays)]
    if not good:
        raise refused(readings[0][1])
    return (close or good)[0]


def _reading(
    body: Sequence[tuple[int, list[str]]], header: Header, zone: ZoneInfo, month_first: bool
) -> tuple[list[Stay], list[tuple[int, str]]]:
    stays, problems = [], []
    for line, cells in body:
        try:
            stay = _stay(line, cells, header, zone, month_first)
        except Wrong as wrong:
            problems.append((line, str(wrong)))
        else:
            stays += [stay] if stay else []
    return stays, problems


def _stay(line: int, cells: Sequence[str], header: Header, zone: ZoneInfo, month_first: bool) -> Stay | None:
    """None for who only waited to be let in. Raises Wrong."""
    if len(cells) <= max(header.name, header.joined, header.left):
        raise Wrong(_("%(found)s cells instead of %(width)s.") % {"found": len(cells), "width": header.width})
    if header.waiting is not None and len(cells) > header.waiting and _key(cells[header.waiting]) in YES:
        return None
    joined = moment(cells[header.joined], zone, month_first)
    left = moment(cells[header.left], zone, month_first) if cells[header.left] else None
    if left is not None and left < joined:
        left = _second_time(left, zone)
    if left is not None and left < joined:
        raise Wrong(_("It ends before it begins."))
    email = cells[header.email] if header.email is not None and header.email < len(cells) else ""
    return Stay(line, clean_line(cells[header.name])[:LONGEST], email if "@" in email else "", joined, left)


def moment(text: str, zone: ZoneInfo, month_first: bool) -> datetime:
    """An instant, in UTC, from how a person writes it. Raises Wrong."""
    found = MOMENT.fullmatch(" ".join(text.replace("\u202f", " ").replace("\u200e", "").split()))
    problem = _("“%(text)s” is no date and time.") % {"text": clean_line(text)[:40]}
    if found is None:
        raise Wrong(problem)
    try:
        if found["iso"]:
            year, month, day = map(int, found["iso"].split("-"))
        else:
            first, second, year = int(found["a"]), int(found["b"]), int(found["year"])
            month, day = (first, second) if month_first else (second, first)
            year += 2000 if year < 100 else 0
        here = _offset(found["offset"]) or zone
        return datetime(year, month, day, _hour(found), int(found["minute"]), int(found["second"] or 0), tzinfo=here).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(problem) from None


def _hour(found: "re.Match[str]") -> int:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half and hour <= 12:
        return hour % 12 + (12 if half == "p" else 0)
    return hour


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _second_time(at: datetime, zone: ZoneInfo) -> datetime:
    """The same wall clock an hour later, in the hour that clocks have twice."""
    return at.astimezone(zone).replace(fold=1).astimezone(UTC)


def merged(stays: Iterable[Stay], grace: timedelta) -> list[Stay]:
    """By beginning; who was away no longer than `grace` was not away."""
    found: list[Stay] = []
    for stay in sorted(stays, key=lambda one: (one.joined, one.line)):
        last = found[-1] if found else None
        if last and (last.left is None or stay.joined - last.left <= grace):
            ends = None if last.left is None or stay.left is None else max(last.left, stay.left)
            found[-1] = last._replace(left=ends)
        else:
            found.append(stay)
    return found
