"""The agenda of a meeting as PDF."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from reportlab.platypus import Flowable

from meetings.documents import wording
from meetings.documents.content import AgendaContent, AgendaEntry, CarriedOverMark
from meetings.documents.furnishing import finish, joined, quiet
from meetings.documents.pdf import canvas, design, flowables, markdown
from meetings.documents.pdf.flowables import Column
from meetings.documents.pdf.text import Typesetter
from meetings.typography import pair


def render(content: AgendaContent) -> bytes:
    """The agenda as PDF, in the content's language. The same content gives the same bytes."""
    with override(content.language):
        typesetter = Typesetter()
        story = [
            *_head(typesetter, content),
            *_overview(typesetter, content),
            *_details(typesetter, content),
        ]
        return finish(typesetter, story, _furniture(content), generated_at=content.generated_at, zone=content.network.time_zone)


def _title(content: AgendaContent) -> str:
    return _("Agenda") if content.published_at else _("Provisional agenda")


def _furniture(content: AgendaContent) -> canvas.Furniture:
    meeting, zone = content.meeting, content.network.time_zone
    named = joined([meeting.title, meeting.number, wording.local_date(meeting.starts_at, zone)])
    return canvas.Furniture(
        title=pair(_title(content), named),
        author=content.network.name,
        language=content.language,
        page_label=_("Page %(page)s of %(total)s"),
        header_left=content.network.name,
        header_right=_title(content),
        footer_right=named,
    )


def _head(typesetter: Typesetter, content: AgendaContent) -> list[Flowable]:
    network, meeting = content.network, content.meeting
    closes = content.intake_closes_at
    published = content.published_at
    pairs = [
        (_("Date"), wording.local_date(meeting.starts_at, network.time_zone)),
        (_("Time"), wording.meeting_times(meeting, network.time_zone)),
        (_("Join online"), content.join_url),
        (_("By phone"), joined([content.phone, _("PIN %(pin)s") % {"pin": content.phone_pin} if content.phone_pin else ""])),
        (_("Proposals until"), wording.date_and_time(closes, network.time_zone) if closes else ""),
        (_("Published"), wording.date_and_time(published, network.time_zone) if published else _("not yet: this agenda may still change")),
    ]
    subtitle = joined([meeting.title, meeting.number])
    return [
        *flowables.title_block(typesetter, owner=network.name, arms=network.arms, title=_title(content), subtitle=subtitle),
        *flowables.key_values(typesetter, pairs),
    ]


def _overview(typesetter: Typesetter, content: AgendaContent) -> list[Flowable]:
    heading = flowables.h2(typesetter, _("Running order"))
    if not content.items:
        return [*heading, quiet(typesetter, _("There are no items yet."))]
    columns = [
        Column(_("Time"), 7),
        Column(_("No."), 6),
        Column(_("Item"), 44, design.CELL_STRONG),
        Column(_("Kind"), 13),
        Column(_("Proposed by"), 22),
        Column.of_numbers(_("Time box"), 9),
    ]
    rows = [_overview_row(entry, content.network.time_zone) for entry in content.items]
    total = sum(entry.minutes for entry in content.items)
    summary = ngettext("%(count)s item, %(minutes)s in all.", "%(count)s items, %(minutes)s in all.", len(content.items))
    words = summary % {"count": len(content.items), "minutes": wording.minutes(total)}
    struck = [quiet(typesetter, _("Struck by an addendum: %(item)s") % {"item": item}) for item in content.struck]
    return [*heading, *flowables.table(typesetter, columns, rows), flowables.gap(), quiet(typesetter, words), *struck]


def _overview_row(entry: AgendaEntry, zone: str) -> tuple[str, ...]:
    starts = wording.clock_time(entry.starts_at, zone) if entry.starts_at else ""
    title = joined([entry.title, _("addendum") if entry.addendum else "", _("carried over") if entry.carried_over else ""])
    by = ", ".join(entry.proposers) or _("The office")
    return (starts, entry.number, title, wording.word(entry.kind), by, wording.minutes(entry.minutes))


def _details(typesetter: Typesetter, content: AgendaContent) -> list[Flowable]:
    if not content.items:
        return []
    story = flowables.h2(typesetter, _("The items"))
    for entry in content.items:
        story += _entry(typesetter, entry, content.network.time_zone)
    return story


def _entry(typesetter: Typesetter, entry: AgendaEntry, zone: str) -> list[Flowable]:
    facts = joined(
        [
            wording.clock_time(entry.starts_at, zone) if entry.starts_at else "",
            wording.minutes(entry.minutes),
            wording.word(entry.kind),
            _("proposed by %(names)s") % {"names": ", ".join(entry.proposers)} if entry.proposers else "",
        ]
    )
    story: list[Flowable] = [*flowables.h3(typesetter, f"{entry.number}. {entry.title}"), quiet(typesetter, facts)]
    if entry.addendum:
        story.append(quiet(typesetter, _("Addendum: added after the agenda was published.")))
    if entry.carried_over:
        story.append(quiet(typesetter, _carried_over(entry.carried_over)))
    story += markdown.paragraphs(typesetter, entry.text, design.BODY)
    if entry.attachments:
        label = ngettext("Attachment", "Attachments", len(entry.attachments))
        story += [typesetter.line(label, design.LABEL), *(typesetter.line(name, design.CELL) for name in entry.attachments)]
    return story


def _carried_over(mark: CarriedOverMark) -> str:
    days = ngettext("%(count)s day ago", "%(count)s days ago", mark.days) % {"count": mark.days}
    origin = _("Carried over from %(meeting)s, %(days)s") % {"meeting": mark.meeting, "days": days}
    return joined([origin, wording.deferrals(mark.deferrals)])
