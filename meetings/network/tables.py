"""Reading a CSV file as offices send them: UTF-8 with or without BOM, comma or semicolon, columns in any order.

Nothing here touches the database. Every problem is a Refusal with its line, so that a person can mend the file.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeVar

from django.utils.translation import gettext as _

LARGEST_FILE = 5_000_000  # bytes; 312 municipalities take 12 kB
LONGEST_CELL = 1000
Row = TypeVar("Row")


class Refusal(NamedTuple):
    """A line of the file that cannot be taken, and why. Line 1 is the header; 0 is the file as a whole."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do: names of what it creates, updates, leaves; lines it refuses. All or nothing."""

    created: Sequence[str] = ()
    updated: Sequence[str] = ()
    unchanged: Sequence[str] = ()
    refused: Sequence[Refusal] = ()
    dry_run: bool = False

    @property
    def accepted(self) -> bool:
        return not self.refused


@dataclass(slots=True)
class Table:
    """The lines of a file by number, each as column → text, and the lines that could not be read."""

    rows: dict[int, Mapping[str, str]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


class Wrong(Exception):
    """A cell that cannot be taken; the text says why."""


def read(data: bytes, required: Sequence[str], optional: Sequence[str] = (), prefixed: Sequence[str] = ()) -> Table:
    """The file as a Table. A `prefixed` column is any one whose name begins so (`population_2011`), known by the prefix."""
    try:
        lines = _lines(_decoded(data))
        line, header = next(lines, (1, []))
        columns = _columns(header, required, optional, prefixed)
    except Wrong as wrong:
        return Table(refused=[Refusal(0 if wrong.args[1:] else 1, str(wrong.args[0]))])
    except csv.Error as error:
        return Table(refused=[Refusal(1, str(error))])
    return _table(lines, columns, len(header), after=line)


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise Wrong(_("The file is larger than %(most)s MB.") % {"most": LARGEST_FILE // 1_000_000}, "file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Wrong(_("The file is not in UTF-8 (byte %(place)s): save it as “CSV UTF-8”.") % {"place": error.start}, "file") from error
    if "\0" in text:
        raise Wrong(_("The file holds NUL characters: save it as “CSV UTF-8”."), "file")
    if not text.strip():
        raise Wrong(_("The file is empty."), "file")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty with its number in the file."""
    first = text.lstrip().partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _columns(header: Sequence[str], required: Sequence[str], optional: Sequence[str], prefixed: Sequence[str]) -> dict[str, int]:
    names = [_known_as(cell.strip().lower(), prefixed) for cell in header]
    wanted = {*required, *optional, *prefixed}
    if doubled := sorted({name for name in names if name in wanted and names.count(name) > 1}):
        raise Wrong(_("The header names a column twice: %(columns)s.") % {"columns": ", ".join(doubled)})
    if missing := [name for name in (*required, *prefixed) if name not in names]:
        raise Wrong(_("The header lacks: %(columns)s.") % {"columns": ", ".join(missing)})
    return {name: place for place, name in enumerate(names) if name in wanted}


def _known_as(name: str, prefixed: Sequence[str]) -> str:
    return next((prefix for prefix in prefixed if name.startswith(prefix)), name)


def _table(lines: Iterator[tuple[int, list[str]]], columns: Mapping[str, int], width: int, after: int) -> Table:
    table, line = Table(), after
    try:
        for line, cells in lines:
            if len(cells) != width:
                table.refused.append(Refusal(line, _("%(found)s cells instead of %(width)s.") % {"found": len(cells), "width": width}))
            elif problem := _unfit(cells):
                table.refused.append(Refusal(line, problem))
            else:
                table.rows[line] = {name: unicodedata.normalize("NFC", cells[place].strip()) for name, place in columns.items()}
    except csv.Error as error:
        table.refused.append(Refusal(line + 1, _("This is not CSV from here on: %(error)s.") % {"error": error}))
    if not table.rows and not table.refused:
        table.refused.append(Refusal(0, _("The file has a header and nothing else.")))
    return table


def _unfit(cells: Iterable[str]) -> str | None:
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            return _("A cell is longer than %(most)s characters.") % {"most": LONGEST_CELL}
        if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp", "Cn") for character in cell.strip()):
            return _("A cell holds a control character or a line break.")
        if any(character in _DIRECTIONS for character in cell):
            return _("A cell holds an invisible character that turns the direction of writing.")
    return None


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def parse(table: Table, make: Callable[[int, Mapping[str, str]], Row]) -> tuple[list[Row], list[Refusal]]:
    """Each line as `make` turns it into a row; what it raises Wrong for joins the refused lines."""
    rows, refused = [], list(table.refused)
    for line, cells in table.rows.items():
        try:
            rows.append(make(line, cells))
        except Wrong as wrong:
            refused.append(Refusal(line, str(wrong)))
    return rows, sorted(refused)


def text(cells: Mapping[str, str], column: str, longest: int, *, required: bool = True) -> str:
    """A cell's text on one line. Raises Wrong when it is empty or too long."""
    value = " ".join(cells.get(column, "").split())
    if required and not value:
        raise Wrong(_("%(column)s is empty.") % {"column": column})
    if len(value) > longest:
        raise Wrong(_("%(column)s is longer than %(most)s characters.") % {"column": column, "most": longest})
    return value


def number(cells: Mapping[str, str], column: str, least: int, most: int) -> int:
    """A cell's whole number. Raises Wrong."""
    value = cells.get(column, "")
    if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
        problem = _("%(column)s must be a whole number from %(least)s to %(most)s, not “%(value)s”.")
        raise Wrong(problem % {"column": column, "least": least, "most": most, "value": value[:40]})
    return int(value)


def istat_code(cells: Mapping[str, str]) -> str:
    """A municipality's six digits. Raises Wrong."""
    value = cells.get("istat_code", "")
    if not re.fullmatch(r"[0-9]{6}", value):
        hint = _("An ISTAT code has six digits, as 001272 (spreadsheets drop leading zeros), not “%(value)s”.")
        raise Wrong(hint % {"value": value[:40]})
    return value


def day(cells: Mapping[str, str], column: str) -> date | None:
    """A cell's date as 2026-01-31, none when it is empty. Raises Wrong."""
    value = cells.get(column, "")
    if not value:
        return None
    problem = _("%(column)s must be a date such as 2026-01-31, not “%(value)s”.") % {"column": column, "value": value[:40]}
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise Wrong(problem)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Wrong(problem) from error
