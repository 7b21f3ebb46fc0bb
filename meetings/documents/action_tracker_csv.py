"""The action tracker as CSV for spreadsheets."""

import csv
import io
import re

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.documents import wording
from meetings.documents.action_groups import by_owner, overdue
from meetings.documents.content import ActionRow, ActionTrackerContent

BYTE_ORDER_MARK = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LATER_START = re.compile(r"""([;,\t\r\n"][\s"]*)(?=[=+\-@＝＋－＠])""")
"""Where a formula would begin if the file were split elsewhere: with a comma in their decimals, spreadsheets expect semicolons."""


def render(content: ActionTrackerContent) -> bytes:
    """UTF-8 with a byte order mark, a header row, one row per action item: overdue first, then by zone and municipality.

    Dates are ISO 8601. A cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    with override(content.language):
        rows = [_header(), *map(_cells, [*overdue(content.rows), *(row for row in by_owner(content.rows) if not row.overdue)])]
    output = io.StringIO(newline="")
    csv.writer(output, lineterminator="\r\n").writerows([[neutralised(cell) for cell in row] for row in rows])
    return (BYTE_ORDER_MARK + output.getvalue()).encode("utf-8", "replace")


def neutralised(cell: str) -> str:
    """The cell as text for a spreadsheet, whatever it starts with; NUL, which CSV readers refuse, is left out."""
    cell = _LATER_START.sub(r"\1'", cell.replace("\0", ""))
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def _header() -> list[str]:
    return [
        _("Number"),
        _("Action"),
        _("Municipality"),
        _("Zone"),
        _("Person"),
        _("Due"),
        _("State"),
        _("Overdue"),
        _("Last progress"),
        _("From"),
    ]


def _cells(row: ActionRow) -> list[str]:
    return [
        row.number,
        row.title,
        row.municipality,
        row.zone,
        row.person,
        row.due_on.isoformat() if row.due_on else "",
        wording.word(row.state),
        _("yes") if row.overdue else _("no"),
        row.progress,
        row.origin,
    ]
