"""The tracker as CSV: parsed back by the csv module, no cell a formula."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.documents import action_tracker_csv
from meetings.documents import content as c
from tests.documents import samples

FORMULA = st.one_of(st.text(), st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", " =", "\0="]), st.text()))


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_every_row_is_there_overdue_first() -> None:
    content = samples.tracker()
    header, *rows = rows_of(action_tracker_csv.render(content))
    assert header == ["Number", "Action", "Municipality", "Zone", "Person", "Due", "State", "Overdue", "Last progress", "From"]
    assert sorted(row[0] for row in rows) == sorted(row.number for row in content.rows)
    marks = [row[7] for row in rows]
    assert marks == sorted(marks, reverse=True)
    assert set(marks) == {"yes", "no"}


def test_a_row_in_full() -> None:
    row = samples.actions(2)[1]
    cells = rows_of(action_tracker_csv.render(samples.tracker(rows=(row,))))[1]
    assert cells == [
        "A-2",
        row.title,
        row.municipality,
        row.zone,
        row.person,
        "2026-11-13",
        "In progress",
        "yes",
        row.progress,
        "Meeting 46/2026, item 3",
    ]


def test_it_starts_with_a_byte_order_mark_and_ends_lines_with_crlf() -> None:
    data = action_tracker_csv.render(samples.tracker(rows=()))
    assert data.startswith(b"\xef\xbb\xbfNumber,")
    assert data.endswith(b",From\r\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝"])
def test_formulas_get_an_apostrophe(start: str) -> None:
    assert action_tracker_csv.neutralised(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "2026-11-19", "'quoted", 'Città, "di" Torino'])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert action_tracker_csv.neutralised(cell) == cell


@settings(deadline=None)
@given(FORMULA, FORMULA)
def test_no_cell_is_ever_a_formula_and_no_text_adds_a_row(title: str, person: str) -> None:
    row = replace(samples.actions(1)[0], title=title, person=person, state=c.ActionState.OPEN)
    rows = rows_of(action_tracker_csv.render(samples.tracker(rows=(row,))))
    assert len(rows) == 2
    assert len(rows[1]) == 10
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in rows[1])
    expected = title.replace("\0", "").encode("utf-8", "replace").decode()
    assert rows[1][1].removeprefix("'") == expected.removeprefix("'")
