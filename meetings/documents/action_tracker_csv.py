"""The action tracker for spreadsheets: as CSV and as a workbook."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.documents import sheets, wording
from meetings.documents.action_groups import by_owner, overdue
from meetings.documents.content import ActionRow, ActionTrackerContent
from meetings.documents.sheets import BYTE_ORDER_MARK, neutralised

__all__ = ["BYTE_ORDER_MARK", "neutralised", "render", "workbook"]

WIDTHS = (8, 40, 24, 24, 24, 12, 14, 10, 40, 26)


def render(content: ActionTrackerContent) -> bytes:
    """UTF-8 with a byte order mark, a header row, one row per action item: overdue first, then by zone and municipality.

    Dates are ISO 8601. A cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    with override(content.language):
        return sheets.csv_file(_table(content))


def workbook(content: ActionTrackerContent) -> bytes:
    """The same rows as an XLSX file, with dates that are dates."""
    with override(content.language):
        return sheets.workbook([_table(content)], created=content.generated_at)


def _table(content: ActionTrackerContent) -> sheets.Table:
    rows = [*overdue(content.rows), *(row for row in by_owner(content.rows) if not row.overdue)]
    return sheets.Table(_("Action items"), _header(), [_cells(row) for row in rows], WIDTHS)


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


def _cells(row: ActionRow) -> list[sheets.Cell]:
    return [
        row.number,
        row.title,
        row.municipality,
        row.zone,
        row.person,
        row.due_on,
        wording.word(row.state),
        row.overdue,
        row.progress,
        row.origin,
    ]
