"""Meetings: the calendar, and one meeting's page."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from frontend.forms.series import MeetingForm, meeting_initial
from frontend.views.base import Here, page, page_of
from frontend.views.responses import by_zone, replies
from meetings import clock
from meetings.access import Permission, holds, require
from meetings.action_items import selectors as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda import selectors as items
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.live.question_selectors import question_counts, takes_questions
from meetings.minutes.selectors import visible_minutes
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling import selectors, services
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState, Response


class Row(NamedTuple):
    """A line of a running order: the item, when it begins, and whether it is the first of a block of consent items."""

    item: AgendaItem
    starts_at: Any
    opens_block: bool


class Due(NamedTuple):
    """An open action item, how many days old it is on the meeting's day, and for how many it has been due."""

    row: ActionItem
    age: int
    overdue: int


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The calendar: what is to come, or with `?past=1` what was, the latest first."""
    past = here.request.GET.get("past") == "1"
    now = clock.now()
    rows = selectors.meetings(here.network, until=now).reverse() if past else selectors.meetings(here.network, since=now)
    live = [] if past else list(selectors.meetings(here.network, until=now, state=MeetingState.IN_SESSION))
    return here.render(
        "meetings/index.html", {"past": past, "live": live, "page": page_of(here, rows), "may_schedule": here.may(Permission.SCHEDULE)}
    )


@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    """One meeting: reply first, then the agenda, documents and who comes."""
    meeting = here.meeting(meeting_id)
    given = {response.municipality_id: response for response in selectors.responses(meeting)}
    seats = list(municipalities(here.network, meeting.local.date()))
    known = items.items_of(here.actor, meeting, successors=False)
    order = [item for item in known if item.state in ON_THE_AGENDA or item.struck_at]
    context = {
        "meeting": meeting,
        "abilities": selectors.meeting_abilities(here.actor, meeting),
        "day_notes": _day_notes(meeting, seats),
        "replies": replies(meeting, [seat for seat in seats if seat.pk in here.actor.seats], given),
        "order": _timed(meeting, order),
        "in_order": meeting.agenda_published_at is not None or here.may(Permission.SEE_PROPOSALS),
        "others": [item for item in known if item not in order],
        "due": _due(here, meeting),
        "planned": items.minutes_planned(order),
        "minutes": visible_minutes(here.actor).filter(meeting=meeting).first() if meeting.opened_at else None,
        "counts": _counts(given.values(), len(seats)),
        "zones": by_zone(seats, given),
        "may_propose": _may_propose(here, meeting),
        "may_ask": meeting.state in ANNOUNCED and items.may_ask_to_discuss(here.actor),
        "intake_open": selectors.intake_is_open(meeting),
        "intake_past": clock.now() > meeting.intake_closes_at,
        "may_triage": here.may(Permission.TRIAGE),
        "may_remind": holds(here.actor, Permission.REMIND) and meeting.state in ANNOUNCED and clock.now() < meeting.starts_at,
        "asked": question_counts(meeting),
        "may_question": takes_questions(meeting) and (bool(here.actor.seats) or here.may(Permission.TAKE_PART_BY_PHONE)),
        "may_record": meeting.state == MeetingState.CLOSED and here.may(Permission.SCHEDULE),
        "may_answer_all": here.may(Permission.ANSWER) and meeting.state in ANNOUNCED,
    }
    return here.render("meetings/show.html", context)


def _day_notes(meeting: Meeting, seats: list[Municipality]) -> list[str]:
    """That the day is a holiday somewhere, as long as it matters."""
    if meeting.state not in ANNOUNCED:
        return []
    day = meeting.local.date()
    name = selectors.closed_day_name(meeting.network, day)
    towns = sum(seat.patron_day == f"{day:%m-%d}" for seat in seats)
    text = ngettext("Patron’s day in one municipality.", "Patron’s day in %(n)s municipalities.", towns) % {"n": towns}
    return [*([_("Holiday: %(name)s.") % {"name": name}] if name else []), *([text] if towns else [])]


def _timed(meeting: Meeting, order: list[AgendaItem]) -> list[Row]:
    starts = items.starts(meeting, order)
    consent = [item.kind == AgendaItem.Kind.CONSENT for item in order]
    return [Row(item, starts[item.pk], consent[n] and not (n and consent[n - 1])) for n, item in enumerate(order)]


def _due(here: Here, meeting: Meeting) -> list[Due]:
    """The open action items that are due by the meeting, each with its age on that day."""
    if meeting.state not in (*ANNOUNCED, MeetingState.IN_SESSION):
        return []
    day = meeting.local.date()
    rows = action_items.due_by(here.actor, day)
    return [Due(row, (day - row.created_at.astimezone(meeting.zone).date()).days, (day - row.due_on).days) for row in rows if row.due_on]


def _counts(responses: Iterable[Response], seats: int) -> dict[str, int]:
    given = Counter(response.answer for response in responses)
    return {**{answer: given[answer] for answer in Response.Answer.values}, "silent": seats - given.total(), "seats": seats}


def _may_propose(here: Here, meeting: Meeting) -> bool:
    return meeting.state in ANNOUNCED and holds(here.actor, Permission.PROPOSE)


@page
def edit(here: Here, meeting_id: UUID) -> HttpResponse:
    """A change to one meeting by a coordinator."""
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.SCHEDULE, network_id=here.network.pk)
    form = MeetingForm(here.posted, initial=meeting_initial(meeting), version=meeting.version)
    return here.form(
        form,
        "meetings/edit.html",
        {"meeting": meeting},
        save=lambda: services.change_meeting(actor=here.actor, meeting=meeting, values=form.values(), expected_version=form.version),
        done=_("The meeting is changed."),
        to=here.url("meeting", meeting.pk),
    )
