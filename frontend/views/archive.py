"""The archive: what was said and decided, found by its words; without words the meetings that were held, year by year."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from frontend.forms.archive import SearchForm
from frontend.templatetags.texts import KINDS
from frontend.views.base import Here, page
from meetings.archive import held
from meetings.archive.kinds import Kind
from meetings.archive.selectors import Asked, Hit, Results
from meetings.archive.words import LONGEST_QUERY
from meetings.network.selectors import municipalities

ON_A_PAGE = 20
NAMES = {
    Kind.MEETING: _("Meetings"),
    Kind.AGENDA_ITEM: _("Agenda items"),
    Kind.DECISION: _("Decisions"),
    Kind.MINUTES: _("Minutes"),
    Kind.NOTE: _("Notes"),
    Kind.ACTION_ITEM: _("Action items"),
    Kind.QUESTION: _("Questions"),
    Kind.ANNOUNCEMENT: _("Announcements"),
    Kind.ATTACHMENT: _("Files"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something found, and where it is read."""

    hit: Hit
    url: str
    day: date


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind to look at alone, with what was found of it; "" for all."""

    value: str
    label: str
    count: int
    is_current: bool


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """With words in the address what was found, without them what there is."""
    query = here.request.GET.get("q", "").replace("\0", "")[:LONGEST_QUERY].strip()
    form = SearchForm(here.request.GET, seats=municipalities(here.network))
    context = {"query": query, "form": form, **(_found(here, form, query) if query else _browsed(here))}
    return here.render("archive/index.html", context)


def _found(here: Here, form: SearchForm, query: str) -> dict[str, Any]:
    town = form.chosen("municipality")
    asked = Asked(
        query=query,
        zone=here.network.zone,
        kind=form.chosen("kind") or "",
        since=form.chosen("from"),
        until=form.chosen("to"),
        state=form.chosen("state") or "" if "state" in form.fields else "",
        municipality=town.pk if town else None,
    )
    results = Results(here.actor, asked)
    found: Page[Hit] = Paginator(results, ON_A_PAGE).get_page(here.request.GET.get("page"))  # type: ignore[arg-type]
    lines = [Line(hit, address(here, hit), hit.at.astimezone(here.network.zone).date()) for hit in found.object_list]
    return {"page_obj": found, "lines": lines, "kinds": _kinds(results, asked), "filtered": form.is_filtering or bool(asked.kind)}


def _kinds(results: Results, asked: Asked) -> list[Choice]:
    found = {kind: count for kind, count in results.counts.items() if count or kind == asked.kind}
    return [Choice(str(kind), str(NAMES[kind]), count, kind == asked.kind) for kind, count in found.items()]


def _browsed(here: Here) -> dict[str, Any]:
    years = held.years(here.actor)
    chosen = here.request.GET.get("year", "")
    year = int(chosen) if chosen.isdecimal() and len(chosen) == 4 else 0
    year = year if year in years else (years[0] if years else 0)
    rows = [_Row(row, held.minutes_word(row.minutes_state), KINDS.get(row.minutes_state, "")) for row in held.held(here.actor, year)]  # type: ignore[attr-defined]
    return {"years": years, "year": year, "rows": rows}


@dataclass(frozen=True, slots=True)
class _Row:
    """A meeting that was held, with the state of its minutes in words and as a badge."""

    meeting: Any
    minutes: str
    badge: str


def address(here: Here, hit: Hit) -> str:
    """Where what was found is read, down to its place on the page."""
    minutes = here.url("minutes", hit.meeting) if hit.on_minutes else ""
    item = here.url("item", hit.item) if hit.item else ""
    match hit.kind:
        case Kind.MEETING:
            return here.url("meeting", hit.id)
        case Kind.AGENDA_ITEM:
            return item
        case Kind.DECISION:
            return f"{minutes or item}#decision-{hit.id}"
        case Kind.MINUTES:
            return minutes
        case Kind.NOTE:
            return f"{minutes}#note-{hit.id}" if minutes else here.url("room_notes", hit.meeting, hit.item)
        case Kind.ACTION_ITEM:
            return here.url("action", hit.id)
        case Kind.QUESTION:
            return f"{here.url('questions', hit.meeting)}#question-{hit.id}"
        case Kind.ANNOUNCEMENT:
            return here.url("announcement", hit.id)
        case Kind.ATTACHMENT:
            return f"{item}#file-{hit.id}"
