"""The audit log: what happened in the network, in words, with filters, a file, and the proof that nobody has changed it."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from frontend.forms.audit import FilterForm, VerifyForm
from frontend.streaming import streamed
from frontend.views.base import Here, page
from meetings import clock
from meetings.documents.audit_csv import portions
from meetings.reporting import audit
from meetings.reporting.audit import Entry
from meetings.reporting.sentences import KINDS
from meetings.reporting.verifying import Checked, verify_meeting, verify_network
from meetings.scheduling.models import Meeting

SOON = timedelta(weeks=8)
PAGES: Mapping[str, str] = {
    "meeting": "meeting",
    "series": "series",
    "municipality": "municipality",
    "agenda_item": "item",
    "action_item": "action",
    "announcement": "announcement",
    "delegation": "delegation",
    "membership": "person",
    "erasure_request": "erasure",
}
"""The page of a thing, by its collection: named by its id."""
OF_MEETING: Mapping[str, str] = {
    "response": "responses",
    "attendance": "attendance",
    "question": "questions",
    "running_order": "agenda",
    "speaker_request": "room",
    "floor": "room",
    "poll": "room",
    "vote": "room",
    "minutes": "minutes",
    "correction": "minutes",
    "note": "minutes",
    "decision": "minutes",
}
"""The page on which a thing of a meeting stands."""
OFFICE_ALONE = frozenset({"membership", "erasure_request", "response", "attendance", "running_order", "delegation", "series"})
"""Whose page the auditor may not open."""


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The entries that the filters leave, the latest first."""
    audit.require_reader(here.actor, here.network)
    form = FilterForm(here.request.GET, meetings=_meetings(here))
    entries = audit.page(here.actor, here.network, form.asked, before=_cursor(here, "before"), after=_cursor(here, "after"))
    context = {
        "form": form,
        "entries": [(entry, _address(here, entry), KINDS.get(entry.kind, entry.kind)) for entry in entries.rows],
        "newer": entries.newer,
        "older": entries.older,
        "filtered": any(here.request.GET.get(name) for name in form.fields),
        "extent": audit.extent(here.network),
    }
    return here.render("audit/index.html", context)


def _meetings(here: Here) -> QuerySet[Meeting]:
    """Those that have something in the log that people look for: the past ones and the next weeks', the latest first."""
    rows = Meeting.objects.filter(network=here.network, starts_at__lt=clock.now() + SOON)
    return rows.only("title", "starts_at", "time_zone").order_by("-starts_at", "id")


def _cursor(here: Here, name: str) -> int | None:
    """A place in the log; one that makes no sense is none."""
    text = here.request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _address(here: Here, entry: Entry) -> str:
    """Where the thing can be looked at; empty where it has no page, or none for this reader."""
    if entry.kind in OFFICE_ALONE and not here.actor.is_staff:
        return ""
    if entry.kind in PAGES and entry.object_id:
        return here.url(PAGES[entry.kind], UUID(entry.object_id))
    return here.url(OF_MEETING[entry.kind], entry.meeting.pk) if entry.kind in OF_MEETING and entry.meeting else ""


@require_safe
@page
def file(here: Here) -> HttpResponse:
    """The entries that the filters leave as CSV, at most a hundred thousand."""
    audit.require_reader(here.actor, here.network)
    form = FilterForm(here.request.GET, meetings=_meetings(here))
    rows = audit.every(here.actor, here.network, form.asked)
    written = portions(rows, here.network, get_language() or "it")
    answer = StreamingHttpResponse(streamed(here.request, written), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{here.network.slug}-audit-log.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]


@page
def verify(here: Here) -> HttpResponse:
    """What the check found, or the form that begins one. A check changes nothing, so its answer is shown at once."""
    audit.require_reader(here.actor, here.network)
    form = VerifyForm(here.posted, meetings=_meetings(here))
    checked: Checked | None = None
    if here.is_post and form.is_valid():
        checked = _checked(here, form)
        form = VerifyForm(meetings=_meetings(here))
    context = {"form": form, "checked": checked, "extent": audit.extent(here.network)}
    return here.render("audit/verify.html", context, 422 if here.is_post and checked is None else 200)


def _checked(here: Here, form: VerifyForm) -> Checked:
    match form.cleaned_data["what"]:
        case "all":
            return verify_network(here.actor, here.network, so_far=form.so_far)
        case "meeting":
            return verify_meeting(here.actor, here.network, form.cleaned_data["meeting"])
        case _:
            return verify_meeting(here.actor, here.network, None)
