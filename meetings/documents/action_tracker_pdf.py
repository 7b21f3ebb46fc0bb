"""The action tracker of a network as PDF: overdue first, then by zone and municipality."""

from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.platypus import Flowable

from meetings.documents import wording
from meetings.documents.action_groups import by_owner, overdue, tally
from meetings.documents.content import ActionRow, ActionTrackerContent
from meetings.documents.furnishing import finish, joined, quiet
from meetings.documents.pdf import canvas, design, flowables
from meetings.documents.pdf.flowables import Column
from meetings.documents.pdf.text import Typesetter
from meetings.typography import pair


def render(content: ActionTrackerContent) -> bytes:
    """The tracker as PDF, in the content's language. The same content gives the same bytes."""
    with override(content.language):
        typesetter = Typesetter()
        story = [*_head(typesetter, content), *_overdue(typesetter, content), *_by_zone(typesetter, content)]
        return finish(typesetter, story, _furniture(content), generated_at=content.generated_at, zone=content.network.time_zone)


def _furniture(content: ActionTrackerContent) -> canvas.Furniture:
    as_of = _("as of %(date)s") % {"date": wording.long_date(content.as_of)}
    return canvas.Furniture(
        title=pair(_("Action items"), joined([content.network.name, content.scope, as_of])),
        author=content.network.name,
        language=content.language,
        page_label=_("Page %(page)s of %(total)s"),
        header_left=content.network.name,
        header_right=_("Action items"),
        footer_right=joined([content.scope, as_of]),
    )


def _head(typesetter: Typesetter, content: ActionTrackerContent) -> list[Flowable]:
    network = content.network
    as_of = _("as of %(date)s") % {"date": wording.long_date(content.as_of)}
    counts = [(str(label), wording.number(count)) for label, count in tally(content.rows)]
    return [
        *flowables.title_block(
            typesetter, owner=network.name, arms=network.arms, title=_("Action items"), subtitle=joined([content.scope, as_of])
        ),
        *flowables.key_values(typesetter, counts, columns=2),
    ]


def _columns() -> list[Column]:
    return [
        Column(_("Owner"), 20, design.CELL_STRONG),
        Column(_("No."), 9),
        Column(_("Action"), 27),
        Column(_("Due"), 12.5),
        Column("", 3, design.CELL_SHAPE),
        Column(_("State"), 14),
        Column(_("Last progress"), 21),
        Column(_("From"), 13),
    ]


def _row(row: ActionRow) -> tuple[str, ...]:
    state = wording.word(row.state)
    return (
        joined([row.municipality, row.person]),
        row.number,
        row.title,
        wording.short_date(row.due_on) if row.due_on else "",
        wording.OVERDUE_SHAPE if row.overdue else wording.shape(row.state),
        _("Overdue, %(state)s") % {"state": state.lower()} if row.overdue else state,
        row.progress,
        row.origin,
    )


def _overdue(typesetter: Typesetter, content: ActionTrackerContent) -> list[Flowable]:
    rows = overdue(content.rows)
    heading = flowables.h2(typesetter, _("Overdue"))
    if not rows:
        return [*heading, quiet(typesetter, _("Nothing is overdue."))]
    return [*heading, *flowables.table(typesetter, _columns(), map(_row, rows))]


def _by_zone(typesetter: Typesetter, content: ActionTrackerContent) -> list[Flowable]:
    rows = by_owner(content.rows)
    if not rows:
        return [*flowables.h2(typesetter, _("By municipality")), quiet(typesetter, _("There are no action items."))]
    story: list[Flowable] = []
    for zone, of_zone in groupby(rows, key=lambda row: row.zone):
        story += flowables.h2(typesetter, zone or _("Without a zone"))
        story += flowables.table(typesetter, _columns(), map(_row, of_zone))
    return story
