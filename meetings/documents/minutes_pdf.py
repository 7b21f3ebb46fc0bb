"""The minutes of a meeting as PDF."""

from django.utils.translation import gettext as _
from django.utils.translation import override
from reportlab.platypus import Flowable

from meetings.documents import minutes_annexes, minutes_items, wording
from meetings.documents.content import (
    ActionRow,
    CarriedOverItem,
    CorrectionRecord,
    EditionRecord,
    MinutedItem,
    MinutesContent,
    Presence,
    QuorumReading,
    ZoneAttendance,
)
from meetings.documents.furnishing import finish, joined, quiet
from meetings.documents.pdf import canvas, design, flowables, markdown
from meetings.documents.pdf.flowables import Column
from meetings.documents.pdf.text import Typesetter
from meetings.typography import pair


def render(content: MinutesContent) -> bytes:
    """The minutes as PDF, in the content's language. The same content gives the same bytes."""
    with override(content.language):
        typesetter = Typesetter()
        story = [
            *_head(typesetter, content),
            *_attendance_summary(typesetter, content),
            *_quorum(typesetter, content),
            *_agenda(typesetter, content),
            *_introduction(typesetter, content),
            *(flowable for item in content.items for flowable in minutes_items.item(typesetter, item)),
            *_actions(typesetter, content),
            *_carried_over(typesetter, content),
            *_corrections(typesetter, content),
            *_editions(typesetter, content),
            *_approval(typesetter, content),
            *minutes_annexes.attendance(typesetter, content.attendance, content.network.time_zone),
            *minutes_annexes.named_votes(typesetter, content.items),
        ]
        return finish(typesetter, story, _furniture(content), generated_at=content.generated_at, zone=content.network.time_zone)


def _edition(content: MinutesContent) -> str:
    return joined([_("Edition %(number)s") % {"number": content.edition}, wording.word(content.state)])


def _furniture(content: MinutesContent) -> canvas.Furniture:
    meeting = content.meeting
    named = joined([meeting.title, meeting.number, wording.local_date(meeting.starts_at, content.network.time_zone)])
    return canvas.Furniture(
        title=pair(_("Minutes"), named),
        author=content.network.name,
        language=content.language,
        page_label=_("Page %(page)s of %(total)s"),
        header_left=joined([content.network.name, _("Minutes")]),
        header_right=_edition(content),
        footer_right=named,
    )


def _head(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    network, meeting = content.network, content.meeting
    pairs = [
        (_("Date"), wording.local_date(meeting.starts_at, network.time_zone)),
        (_("Time"), wording.meeting_times(meeting, network.time_zone)),
        (_("Place"), _("online meeting")),
        (_("Chair"), content.chair),
        (_("Secretary"), content.secretary),
        (_("Edition"), _edition(content)),
        (_("Why this edition"), content.edition_reason),
        (_("Content digest"), content.content_digest),
        (_("Log head"), content.log_head),
    ]
    subtitle = joined([meeting.title, meeting.number])
    return [
        *flowables.title_block(typesetter, owner=network.name, arms=network.arms, title=_("Minutes"), subtitle=subtitle),
        *flowables.key_values(typesetter, pairs),
        *_translation_note(typesetter, content),
    ]


def _translation_note(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    if content.sealed_language in ("", content.language):
        return []
    note = _("This is a translation. The sealed edition is the one in this language: %(language)s.")
    return [quiet(typesetter, note % {"language": wording.language_name(content.sealed_language)})]


def _attendance_summary(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    heading = flowables.h2(typesetter, _("Attendance"))
    words = [f"{wording.shape(status)} {wording.word(status)}" for status in Presence]
    columns = [Column(_("Zone"), 40, design.CELL_STRONG), *(Column.of_numbers(text, 12) for text in words), Column.of_numbers(_("all"), 12)]
    rows = [_summary_row(minutes_annexes.zone_title(zone), [zone]) for zone in content.attendance]
    rows.append(_summary_row(_("All zones"), content.attendance))
    note = _("The annex lists every municipality.")
    return [*heading, *flowables.table(typesetter, columns, rows), flowables.gap(), quiet(typesetter, note)]


def _summary_row(title: str, zones: "tuple[ZoneAttendance, ...] | list[ZoneAttendance]") -> list[str]:
    seats = [seat for zone in zones for seat in zone.seats]
    return [title, *map(wording.number, minutes_annexes.counts(seats)), wording.number(len(seats))]


def _quorum(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    quorum, zone = content.quorum, content.network.time_zone
    needed = _("Quorum: %(thresholds)s, out of %(seats)s.") % {
        "thresholds": wording.thresholds(quorum.thresholds),
        "seats": wording.two_keys(quorum.seats),
    }
    columns = [
        Column(_("Time"), 9),
        Column(_("Occasion"), 29),
        Column(_("Municipalities present"), 23),
        Column(_("Population represented"), 27),
        Column(_("Quorum"), 14, design.CELL_STRONG),
    ]
    rows = [_reading(content, reading, zone) for reading in quorum.readings]
    return [*flowables.h2(typesetter, _("Quorum")), quiet(typesetter, needed), *flowables.table(typesetter, columns, rows)]


def _reading(content: MinutesContent, reading: QuorumReading, zone: str) -> list[str]:
    seats = content.quorum.seats
    return [
        wording.clock_time(reading.at, zone),
        reading.occasion,
        wording.share(reading.present.municipalities, seats.municipalities),
        wording.share(reading.present.population or 0, seats.population or 0),
        _("● reached") if reading.reached else _("○ not reached"),
    ]


def _agenda(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    heading = flowables.h2(typesetter, _("Agenda"))
    if not content.items:
        return [*heading, quiet(typesetter, _("There were no items."))]
    columns = [
        Column(_("No."), 7),
        Column(_("Item"), 45, design.CELL_STRONG),
        Column(_("Proposed by"), 22),
        Column(_("Kind"), 12),
        Column(_("State"), 14),
    ]
    return [*heading, *flowables.table(typesetter, columns, map(_agenda_row, content.items))]


def _agenda_row(item: MinutedItem) -> tuple[str, ...]:
    return (item.number, item.title, ", ".join(item.proposers), wording.word(item.kind), wording.word(item.state))


def _introduction(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    paragraphs = markdown.paragraphs(typesetter, content.introduction, design.BODY)
    return [*flowables.h2(typesetter, _("Introduction")), *paragraphs] if paragraphs else []


def _actions(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    heading = flowables.h2(typesetter, _("Action items"))
    if not content.actions:
        return [*heading, quiet(typesetter, _("There are no action items."))]
    columns = [
        Column(_("No."), 9),
        Column(_("Action"), 39, design.CELL_STRONG),
        Column(_("Owner"), 26),
        Column(_("Due"), 12),
        Column("", 3, design.CELL_SHAPE),
        Column(_("State"), 14),
    ]
    return [*heading, *flowables.table(typesetter, columns, map(_action_row, content.actions))]


def _action_row(row: ActionRow) -> tuple[str, ...]:
    due = wording.short_date(row.due_on) if row.due_on else ""
    state = wording.word(row.state)
    sign = wording.OVERDUE_SHAPE if row.overdue else wording.shape(row.state)
    words = _("Overdue, %(state)s") % {"state": state.lower()} if row.overdue else state
    return (row.number, row.title, joined([row.municipality, row.person]), due, sign, words)


def _carried_over(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    if not content.carried_over:
        return []
    columns = [
        Column(_("No."), 7),
        Column(_("Item"), 41, design.CELL_STRONG),
        Column(_("State"), 14),
        Column(_("Goes to"), 20),
        Column(_("Deferrals"), 18),
    ]
    rows = map(_carried_row, content.carried_over)
    return [*flowables.h2(typesetter, _("Carried over")), *flowables.table(typesetter, columns, rows)]


def _carried_row(item: CarriedOverItem) -> tuple[str, ...]:
    return (item.number, item.title, wording.word(item.state), item.meeting or _("the backlog"), wording.deferrals(item.deferrals))


def _corrections(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    if not content.corrections:
        return []
    columns = [
        Column(_("Item"), 7),
        Column(_("Asked for by"), 19, design.CELL_STRONG),
        Column(_("What was wrong"), 27),
        Column(_("What it should say"), 27),
        Column(_("Outcome"), 20),
    ]
    return [*flowables.h2(typesetter, _("Corrections")), *flowables.table(typesetter, columns, map(_correction_row, content.corrections))]


def _correction_row(row: CorrectionRecord) -> tuple[str, ...]:
    return (row.item_number, row.asked_by, row.text, row.proposed, joined([wording.word(row.state), row.answer]))


def _editions(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    """What this edition takes the place of; the sealed files are kept as they were."""
    if not content.earlier:
        return []
    columns = [
        Column(_("Edition"), 9),
        Column(_("Sealed on"), 25, design.CELL_STRONG),
        Column(_("Why this edition"), 26),
        Column(_("SHA-256 of the sealed file"), 40, design.DENSE),
    ]
    rows = [(str(row.number), _sealed(row, content.network.time_zone), row.reason, row.digest) for row in content.earlier]
    return [*flowables.h2(typesetter, _("Earlier editions")), *flowables.table(typesetter, columns, rows)]


def _sealed(row: EditionRecord, zone: str) -> str:
    return wording.date_and_time(row.sealed_at, zone) if row.sealed_at else ""


def _approval(typesetter: Typesetter, content: MinutesContent) -> list[Flowable]:
    people = [(_("The chair"), content.chair), (_("The secretary"), content.secretary)]
    return [
        *flowables.h2(typesetter, _("Approval")),
        typesetter.line(_approval_line(content), design.BODY),
        *flowables.signatures(typesetter, people),
    ]


def _approval_line(content: MinutesContent) -> str:
    approval = content.approval
    if approval is None:
        return _("These minutes are not approved: %(state)s.") % {"state": wording.word(content.state)}
    moment = wording.date_and_time(approval.approved_at, content.network.time_zone)
    line = _("Approved on %(moment)s by %(name)s.") % {"moment": moment, "name": approval.approved_by}
    meeting = _("Meeting: %(meeting)s.") % {"meeting": approval.meeting}
    return f"{line} {meeting}" if approval.meeting else line
