"""Workbooks: parsed back by a reader of our own; dates are dates, no cell a formula, any text a text."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.documents import action_tracker_csv
from meetings.documents import sheets as made
from tests.documents import samples, sheets
from tests.documents.test_action_tracker_csv import FORMULA, rows_of

CREATED = datetime(2026, 11, 20, 8, tzinfo=UTC)


def table(*rows: tuple[made.Cell, ...]) -> made.Table:
    return made.Table("Any", ["A", "B", "C"], rows, (10, 10, 10), shares=(2,))


def test_the_tracker_as_a_workbook_says_what_the_csv_says() -> None:
    content = samples.tracker()
    [sheet] = sheets.read(action_tracker_csv.workbook(content))
    header, *rows = rows_of(action_tracker_csv.render(content))
    assert sheet.name == "Action items"
    assert [cell.value for cell in sheet.rows[0].values()] == header
    assert [row["A"].value for row in sheet.rows[1:]] == [row[0] for row in rows]
    assert [row["B"].value for row in sheet.rows[1:]] == [row[1] for row in rows]
    assert (sheet.frozen, sheet.filtered) == (True, f"A1:J{len(rows) + 1}")


def test_a_due_date_is_a_date_and_not_a_text() -> None:
    row = replace(samples.actions(1)[0], due_on=date(2026, 11, 13))
    [sheet] = sheets.read(action_tracker_csv.workbook(samples.tracker(rows=(row,))))
    due = sheet.rows[1]["F"]
    assert (due.kind, int(due.value)) == ("", (date(2026, 11, 13) - date(1899, 12, 30)).days)
    assert due.format >= 164, "with a format of its own"


def test_numbers_shares_truth_and_nothing() -> None:
    [sheet] = sheets.read(made.workbook([table((1, True, 0.25), (None, "", 1.0))], created=CREATED))
    first, second = sheet.rows[1:]
    assert [(cell.kind, cell.value) for cell in first.values()] == [("", "1"), ("s", "yes"), ("", "0.25")]
    assert first["A"].format != first["C"].format
    assert list(second) == ["C"]
    assert rows_of(made.csv_file(table((1, True, 0.25), (None, "", 1.0)))) == [["A", "B", "C"], ["1", "yes", "0.2500"], ["", "", "1.0000"]]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert action_tracker_csv.workbook(samples.tracker()) == action_tracker_csv.workbook(samples.tracker())


@pytest.mark.parametrize("title", ["[a]:b*c?d/e\\f'", "x" * 60, "''", ""])
def test_any_title_names_a_sheet(title: str) -> None:
    [sheet] = sheets.read(made.workbook([replace(table(), title=title)], created=CREATED))
    assert 1 <= len(sheet.name) <= 31


@settings(deadline=None, max_examples=60)
@given(FORMULA, FORMULA, st.text(max_size=40))
def test_no_cell_is_ever_a_formula_or_a_link(first: str, second: str, third: str) -> None:
    texts = (first, second, f"https://{third}")
    [sheet] = sheets.read(made.workbook([table(texts)], created=CREATED))
    for cell in (cell for row in sheet.rows[1:] for cell in row.values()):
        assert (cell.kind, cell.formula) == ("s", False)
        assert not cell.value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_what_no_workbook_can_hold_is_left_out() -> None:
    [sheet] = sheets.read(made.workbook([table(("a\x00b\x07\ud800c", "x" * 200_000, "\U0001f600"))], created=CREATED))
    row = sheet.rows[1]
    assert (row["A"].value, len(row["B"].value), row["C"].value) == ("abc", made.LONGEST, "\U0001f600")
