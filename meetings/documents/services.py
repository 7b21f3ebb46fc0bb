"""Documents as programs and people get them: bytes with a name and a type. Approved minutes are stored and never rebuilt."""

from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.access import Actor, require
from meetings.action_items.selectors import Wanted
from meetings.agenda import services as agenda_items
from meetings.agenda.models import AgendaItem
from meetings.documents import action_tracker_csv, action_tracker_pdf, agenda_pdf, minutes_pdf, participation_tables, selectors, tracking
from meetings.errors import Conflict, NotFound, found
from meetings.events.services import lock_stream
from meetings.minutes import services as minutes
from meetings.minutes.models import ACTIONS, Minutes, SealedDocument
from meetings.minutes.selectors import minutes_of
from meetings.network.models import Network, Zone
from meetings.reporting.figures import Period
from meetings.reporting.selectors import participation_for, period
from meetings.scheduling.models import Meeting, MeetingState

Kind = Literal["agenda", "minutes", "tracker", "tracker_csv", "tracker_xlsx", "participation_csv", "participation_xlsx"]
PDF, CSV, XLSX = "application/pdf", "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """Minutes ready to be sealed."""

    pdf: bytes
    content_digest: str
    language: str


def agenda(*, actor: Actor, meeting: Meeting, language: str) -> Document:
    """The agenda. Raises NotFound to all but the staff before it is published."""
    if meeting.agenda_published_at is None and not actor.is_staff:
        raise NotFound("not_found", _("The agenda is not published yet."))
    body = agenda_pdf.render(selectors.agenda(meeting, language=language))
    return Document(_name(meeting, language, _("agenda")), PDF, body)


def minutes_document(*, actor: Actor, meeting: Meeting, language: str, edition: int | None = None) -> Document:
    """The minutes: the sealed file once approved (in the language of the seal), else as they stand; or the sealed file of an earlier
    `edition`, as it was. Raises NotFound.
    """
    record = minutes_of(actor, meeting)
    name = _name(meeting, language, _("minutes"))
    sealed = SealedDocument.objects.filter(minutes=record, edition=edition or record.edition).first()
    if sealed and (edition or sealed.language == language):
        return Document(name, PDF, bytes(sealed.pdf))
    if edition and edition != record.edition:
        raise NotFound("not_found", _("There is no such edition."))
    shown = selectors.minutes(record, actor=actor, language=language, sealed_language=sealed.language if sealed else "")
    return Document(name, PDF, minutes_pdf.render(shown))


def tracker(*, actor: Actor, network: Network, language: str, wanted: Wanted = tracking.EVERYTHING) -> Document:
    """The action items that are wanted as PDF."""
    body = action_tracker_pdf.render(tracking.tracker(actor, network, language=language, wanted=wanted))
    return Document(f"{network.slug}-action-items.pdf", PDF, body)


def tracker_csv(*, actor: Actor, network: Network, language: str, wanted: Wanted = tracking.EVERYTHING) -> Document:
    """The same as CSV, with no live formula in it."""
    body = action_tracker_csv.render(tracking.tracker(actor, network, language=language, wanted=wanted))
    return Document(f"{network.slug}-action-items.csv", CSV, body)


def tracker_xlsx(*, actor: Actor, network: Network, language: str, wanted: Wanted = tracking.EVERYTHING) -> Document:
    """The same as a workbook."""
    body = action_tracker_csv.workbook(tracking.tracker(actor, network, language=language, wanted=wanted))
    return Document(f"{network.slug}-action-items.xlsx", XLSX, body)


def participation_csv(
    *, actor: Actor, network: Network, language: str, days: Period, zone: Zone | None = None, table: str = "meetings"
) -> Document:
    """One table of the report as CSV: meetings, zones or municipalities, as the actor may see it."""
    body = participation_tables.csv_file(participation_for(actor, network, days, zone), table, language)
    return Document(f"{network.slug}-participation-{table}-{days.since}-{days.until}.csv", CSV, body)


def participation_xlsx(*, actor: Actor, network: Network, language: str, days: Period, zone: Zone | None = None) -> Document:
    """All its tables as a workbook."""
    body = participation_tables.workbook(participation_for(actor, network, days, zone), language)
    return Document(f"{network.slug}-participation-{days.since}-{days.until}.xlsx", XLSX, body)


def render(kind: Kind, *, actor: Actor, language: str, meeting: Meeting | None = None, network: Network | None = None) -> Document:
    """The document of that kind, as the web serves it. Raises NotFound when there is none, or none that the actor may see."""
    match kind, meeting, network:
        case "agenda", Meeting(), _:
            return agenda(actor=actor, meeting=meeting, language=language)
        case "minutes", Meeting(), _:
            return minutes_document(actor=actor, meeting=meeting, language=language)
        case "tracker", _, Network():
            return tracker(actor=actor, network=network, language=language)
        case "tracker_csv", _, Network():
            return tracker_csv(actor=actor, network=network, language=language)
        case "tracker_xlsx", _, Network():
            return tracker_xlsx(actor=actor, network=network, language=language)
        case "participation_csv", _, Network():
            return participation_csv(actor=actor, network=network, language=language, days=period(network))
        case "participation_xlsx", _, Network():
            return participation_xlsx(actor=actor, network=network, language=language, days=period(network))
    raise NotFound("not_found", "There is no such document.")


def _name(meeting: Meeting, language: str, what: str) -> str:
    with override(language):
        return f"{meeting.network.slug}-{meeting.local:%Y-%m-%d}-{what}.pdf"


def approve_minutes(*, actor: Actor, minutes_record: Minutes, meeting: Meeting | None = None) -> Minutes:
    """Approves the minutes and seals them in the network's first language. `meeting`: the one that has approved them.

    Raises NotAllowed, Conflict `wrong_state` and, while a correction waits for an answer, `corrections_open`.
    """
    language = minutes_record.meeting.network.language

    def sealed(record: Minutes) -> Rendered:
        shown = selectors.minutes(record, actor=actor, language=language, sealed_language=language)
        return Rendered(minutes_pdf.render(shown), shown.content_digest, language)

    return minutes.approve(actor=actor, minutes=minutes_record, render=sealed, meeting=meeting)


@transaction.atomic
def approve_on_agenda(*, actor: Actor, item: AgendaItem) -> Minutes:
    """Approves the minutes that an item of the session going on is about, and records the decision on it.

    Raises NotAllowed, NotFound when the item is about no minutes, Conflict as `approve_minutes` and outside the session.
    """
    record = found(
        Minutes.objects.filter(meeting=item.approves_minutes_of_id).select_related("meeting__network", "meeting__stream").first()
    )
    require(actor, ACTIONS["approve"], network_id=item.meeting.network_id)
    lock_stream(network_id=item.meeting.network_id)
    record = approve_minutes(actor=actor, minutes_record=record, meeting=item.meeting)
    if agenda_items.locked(item).meeting.state != MeetingState.IN_SESSION:
        raise Conflict("wrong_state", _("Minutes are approved on the agenda while the session goes on."))
    of = record.meeting
    with override(of.network.language):
        text = _("The minutes of meeting no. %(number)s of %(date)s are approved.") % {"number": of.number, "date": f"{of.local:%d/%m/%Y}"}
    minutes.record_decision(actor=actor, item=item, text=text)
    return record
