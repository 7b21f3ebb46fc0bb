"""Tables for spreadsheets: a header and rows of plain values, as CSV or as a workbook. No cell is ever a formula."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

Cell = str | int | float | date | bool | None
BYTE_ORDER_MARK = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST = 32_767
"""What a cell of a workbook holds."""
_LATER_START = re.compile(r"""(?<![;,\s"])([^\S\t\r\n]*+[;,\t\r\n"][;,\s"]*+)(?=[=+\-@＝＋－＠])""")
"""Where a formula would begin if the file were split elsewhere: with a comma in their decimals, spreadsheets expect semicolons."""
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold (XML 1.0, 2.2)."""


@dataclass(frozen=True, slots=True)
class Table:
    """`widths`: of the columns, in characters. Cells: texts, numbers, dates, yes or no; None is empty. `shares`: columns of percentages,
    0 to 1.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]
    shares: Sequence[int] = ()


def neutralised(cell: str) -> str:
    """The cell as text for a spreadsheet, whatever it starts with; NUL, which CSV readers refuse, is left out."""
    cell = _LATER_START.sub(r"\1'", cell.replace("\0", ""))
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def csv_file(table: Table) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets know it; dates in ISO 8601, shares as 0.25."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerows([[_written(cell) for cell in row] for row in (table.header, *table.rows)])
    return (BYTE_ORDER_MARK + output.getvalue()).encode("utf-8", "replace")


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return _("yes") if cell else _("no")
        case float():
            return f"{cell:.4f}"
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case _:
            return neutralised(cell)


def workbook(tables: Sequence[Table], *, created: datetime) -> bytes:
    """One sheet a table, with its header frozen and filters on every column. Real dates and numbers; texts that never calculate.

    `created` is what the file says of itself, so that the same tables give the same bytes.
    """
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(output, options) as book:
        book.set_properties({"created": created.replace(tzinfo=None), "author": "Raccordo"})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}),
            "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        for table in tables:
            _fill(book.add_worksheet(_SHEET_NAME.sub(" ", table.title).strip()[:31] or None), table, formats)
    return output.getvalue()


def _fill(sheet: Any, table: Table, formats: dict[str, Any]) -> None:
    for column, (name, width) in enumerate(zip(table.header, table.widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, formats["head"])
    for number, row in enumerate(table.rows, start=1):
        for column, cell in enumerate(row):
            _put(sheet, number, column, cell, formats, column in table.shares)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.header) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _put(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any], share: bool) -> None:
    match cell:
        case None | "":
            return
        case bool() | str():
            text = _CONTROL.sub("", _written(cell))
            sheet.write_string(row, column, text[:LONGEST], formats["text"])
        case date():
            sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), formats["day"])  # noqa: DTZ001 - a day, no instant
        case _:
            sheet.write_number(row, column, cell, formats["share" if share else "text"])
