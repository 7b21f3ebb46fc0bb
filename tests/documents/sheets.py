"""A reader of workbooks of its own: cells by sheet, with what kind they are."""

import io
import re
import zipfile
from typing import NamedTuple
from xml.etree import ElementTree

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Cell(NamedTuple):
    """`kind`: "s" a text, "" a number; `style` is the number format's."""

    kind: str
    value: str
    formula: bool
    format: int


class Sheet(NamedTuple):
    name: str
    rows: list[dict[str, Cell]]
    frozen: bool
    filtered: str

    @property
    def texts(self) -> list[list[str]]:
        return [[cell.value for cell in row.values()] for row in self.rows]


def read(data: bytes) -> list[Sheet]:
    """Fails on what is no well-formed workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        names = [one.attrib["name"] for one in _xml(book, "xl/workbook.xml").iter(f"{SPACE}sheet")]
        shared = [_text(one) for one in _xml(book, "xl/sharedStrings.xml")] if "xl/sharedStrings.xml" in book.namelist() else []
        formats = [int(one.attrib["numFmtId"]) for one in _xml(book, "xl/styles.xml").find(f"{SPACE}cellXfs") or []]
        return [_sheet(name, _xml(book, f"xl/worksheets/sheet{n}.xml"), shared, formats) for n, name in enumerate(names, start=1)]


def _xml(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(name))  # noqa: S314 - made by ourselves a moment ago


def _text(element: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{SPACE}t"))


def _sheet(name: str, xml: ElementTree.Element, shared: list[str], formats: list[int]) -> Sheet:
    rows = [{_column(cell): _cell(cell, shared, formats) for cell in row} for row in xml.iter(f"{SPACE}row")]
    pane, filtered = xml.find(f".//{SPACE}pane"), xml.find(f"{SPACE}autoFilter")
    frozen = pane is not None and pane.attrib.get("state") == "frozen" and pane.attrib.get("ySplit") == "1"
    return Sheet(name, rows, frozen, filtered.attrib["ref"] if filtered is not None else "")


def _column(cell: ElementTree.Element) -> str:
    return re.sub(r"[0-9]", "", cell.attrib["r"])


def _cell(cell: ElementTree.Element, shared: list[str], formats: list[int]) -> Cell:
    kind, value = cell.attrib.get("t", ""), cell.find(f"{SPACE}v")
    text = value.text or "" if value is not None else ""
    style = formats[int(cell.attrib.get("s", 0))]
    return Cell(kind, shared[int(text)] if kind == "s" else text, cell.find(f"{SPACE}f") is not None, style)
