"""A report of participation for spreadsheets: meetings, zones and municipalities, each a table."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.documents import sheets
from meetings.documents.sheets import Cell, Table
from meetings.reporting.figures import Figures, Report

TABLES = ("meetings", "zones", "municipalities")
COUNTED = ("invited", "present", "excused", "absent", "attending", "substitute", "regrets", "silent", "speeches", "votes", "proposals")


def csv_file(report: Report, table: str, language: str) -> bytes:
    """One table, of TABLES, as CSV."""
    with override(language):
        return sheets.csv_file(_table(report, table))


def workbook(report: Report, language: str) -> bytes:
    """All three, each a sheet.."""
    with override(language):
        return sheets.workbook([_table(report, name) for name in TABLES], created=report.made_at)


def _table(report: Report, name: str) -> Table:
    match name:
        case "meetings":
            return _meetings(report)
        case "zones":
            return _zones(report)
        case _:
            return _municipalities(report)


def _figure_names() -> list[str]:
    return [
        _("Invited"),
        _("Present"),
        _("Absent with regrets"),
        _("Absent without notice"),
        _("Answered: attending"),
        _("Answered: a substitute"),
        _("Answered: regrets"),
        _("No answer"),
        _("Contributions"),
        _("Named votes cast"),
        _("Proposals"),
    ]


def _figures(figures: Figures) -> list[Cell]:
    return [getattr(figures, name) for name in COUNTED]


def _made(title: str, names: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int], shares: Sequence[int]) -> Table:
    """`names` and `widths`: of the columns before the figures."""
    return Table(title, [*names, *_figure_names()], rows, [*widths, *[12] * len(COUNTED)], shares)


def _meetings(report: Report) -> Table:
    names = [_("Date"), _("Number"), _("Meeting"), _("Share of the municipalities"), _("Share of the population")]
    names += [_("Most municipalities at once"), _("Quorum"), _("Municipalities that spoke"), _("Votes held")]
    rows = [
        [
            row.meeting.local.date(),
            row.meeting.number,
            row.meeting.title,
            float(row.figures.share),
            float(row.population_share),
            row.most,
            row.quorum,
            row.speakers,
            row.polls,
            *_figures(row.figures),
        ]
        for row in report.meetings
    ]
    return _made(_("Meetings"), names, rows, (12, 8, 32, 12, 12, 12, 10, 12, 10), (3, 4))


def _zones(report: Report) -> Table:
    names = [_("Zone"), _("Name"), _("Municipalities"), _("Presence")]
    rows = [[row.zone.number, row.zone.name, row.seats, float(row.figures.share), *_figures(row.figures)] for row in report.zones]
    return _made(_("Zones"), names, rows, (8, 28, 12, 12), (3,))


def _municipalities(report: Report) -> Table:
    names = [_("ISTAT code"), _("Municipality"), _("Zone"), _("Population"), _("Until"), _("Presence")]
    rows = [
        [
            row.municipality.istat_code,
            row.municipality.name,
            f"{row.municipality.zone.number} · {row.municipality.zone.name}",
            row.municipality.population,
            row.municipality.valid_until,
            float(row.figures.share),
            *_figures(row.figures),
        ]
        for row in report.municipalities
    ]
    return _made(_("Municipalities"), names, rows, (12, 28, 28, 12, 12, 12), (5,))
