"""Meetings: the calendar, one meeting's page, and the agenda builder."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.agenda_items import AcceptForm, DeclineForm, OrderForm, ReturnForm, TimeBoxForm
from frontend.forms.base import ActionForm
from frontend.forms.series import MeetingForm, meeting_initial
from frontend.views.base import Here, page, page_of
from frontend.views.responses import by_zone, replies
from meetings import clock
from meetings.access import Permission, holds, require
from meetings.agenda import selectors as items
from meetings.agenda import services as agenda_services
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem, ItemState
from meetings.minutes.selectors import visible_minutes
from meetings.network.selectors import municipalities
from meetings.scheduling import selectors, services
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState, Response


class Row(NamedTuple):
    """A line of a running order: the item and when it begins."""

    item: AgendaItem
    starts_at: Any


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The calendar: what is to come, or with `?past=1` what was, the latest first."""
    past = here.request.GET.get("past") == "1"
    now = clock.now()
    rows = selectors.meetings(here.network, until=now).reverse() if past else selectors.meetings(here.network, since=now)
    live = [] if past else list(selectors.meetings(here.network, until=now, state=MeetingState.IN_SESSION))
    return here.render("meetings/index.html", {"past": past, "live": live, "page": page_of(here, rows)})


@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    """One meeting: reply first, then the agenda, documents and who comes."""
    meeting = here.meeting(meeting_id)
    given = {response.municipality_id: response for response in selectors.responses(meeting)}
    seats = list(municipalities(here.network, meeting.local.date()))
    known = items.items_of(here.actor, meeting)
    order = [item for item in known if item.state in ON_THE_AGENDA]
    context = {
        "meeting": meeting,
        "abilities": selectors.meeting_abilities(here.actor, meeting),
        "replies": replies(meeting, [seat for seat in seats if seat.pk in here.actor.seats], given),
        "order": _timed(meeting, order),
        "others": [item for item in known if item.state not in ON_THE_AGENDA],
        "planned": items.minutes_planned(order),
        "minutes": visible_minutes(here.actor).filter(meeting=meeting).first(),
        "counts": _counts(given.values(), len(seats)),
        "zones": by_zone(seats, given),
        "may_propose": _may_propose(here, meeting),
        "intake_open": selectors.intake_is_open(meeting),
        "intake_past": clock.now() > meeting.intake_closes_at,
        "may_triage": here.may(Permission.TRIAGE),
        "may_answer_all": here.may(Permission.ANSWER) and meeting.state in ANNOUNCED,
    }
    return here.render("meetings/show.html", context)


def _timed(meeting: Meeting, order: list[AgendaItem]) -> list[Row]:
    starts = items.starts(meeting, order)
    return [Row(item, starts[item.pk]) for item in order]


def _counts(responses: Iterable[Response], seats: int) -> dict[str, int]:
    given = Counter(response.answer for response in responses)
    return {**{answer: given[answer] for answer in Response.Answer.values}, "silent": seats - given.total(), "seats": seats}


def _may_propose(here: Here, meeting: Meeting) -> bool:
    return meeting.state == MeetingState.SCHEDULED and holds(here.actor, Permission.PROPOSE)


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


@require_safe
@page
def agenda(here: Here, meeting_id: UUID) -> HttpResponse:
    """The agenda builder."""
    return _builder(here, _triaged(here, meeting_id))


@page
def order(here: Here, meeting_id: UUID) -> HttpResponse:
    """The whole running order at once, as the up and down buttons send it."""
    meeting = _triaged(here, meeting_id)
    form = OrderForm(here.posted, version=meeting.running_order_version)

    def save() -> object:
        return agenda_services.order(actor=here.actor, meeting=meeting, item_ids=form.cleaned_data["items"], expected_version=form.version)

    def to(_saved: object) -> str:
        """Back to the item that was moved, so that it can be moved on."""
        moved = form.cleaned_data["moved"]
        return here.url("agenda", meeting.pk) + (f"#item-{moved}" if moved else "")

    return here.submit(form, save=save, done="", to=to, show=lambda status: _builder(here, here.meeting(meeting_id), form, status))


@page
def publish(here: Here, meeting_id: UUID) -> HttpResponse:
    """Publishing: the page says what it means, the button does it."""
    meeting = _triaged(here, meeting_id)
    form = ActionForm(here.posted)
    return here.submit(
        form,
        save=lambda: agenda_services.publish(actor=here.actor, meeting=meeting),
        done=_("The agenda is published."),
        to=here.url("meeting", meeting.pk),
        show=lambda status: _builder(here, here.meeting(meeting_id), form, status),
    )


def _triaged(here: Here, meeting_id: UUID) -> Meeting:
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.TRIAGE, network_id=here.network.pk)
    return meeting


class Step(NamedTuple):
    """A line of the builder: the item, when it begins, and the orders that the up and down buttons send."""

    item: AgendaItem
    starts_at: Any
    up: str
    down: str
    time_box: TimeBoxForm


class Waiting(NamedTuple):
    """A proposal to decide on, with a form for each answer."""

    item: AgendaItem
    accept: AcceptForm
    return_: ReturnForm
    decline: DeclineForm


def _builder(here: Here, meeting: Meeting, form: ActionForm | None = None, status: int = 200) -> HttpResponse:
    known = items.items_of(here.actor, meeting)
    order = [item for item in known if item.state in ON_THE_AGENDA]
    waiting = [item for item in known if item.state == ItemState.PROPOSED]
    planned = items.minutes_planned(order)
    context = {
        "meeting": meeting,
        "form": form,
        "steps": _steps(meeting, order),
        "waiting": [_waiting(item) for item in waiting],
        "planned": planned,
        "left": meeting.duration_minutes - planned,
        "over": planned - meeting.duration_minutes,
        "frozen": meeting.state != MeetingState.SCHEDULED,
        "intake_open": clock.now() <= meeting.intake_closes_at,
    }
    return here.render("meetings/agenda.html", context, status)


def _steps(meeting: Meeting, order: list[AgendaItem]) -> list[Step]:
    ids, starts = [str(item.pk) for item in order], items.starts(meeting, order)
    return [Step(item, starts[item.pk], _swapped(ids, n - 1), _swapped(ids, n), _time_box(item)) for n, item in enumerate(order)]


def _time_box(item: AgendaItem) -> TimeBoxForm:
    return TimeBoxForm(initial={"duration_minutes": item.duration_minutes}, version=item.version, auto_id=f"id_{item.pk}_box_%s")


def _swapped(ids: list[str], n: int) -> str:
    """The order with the `n`th and the next exchanged; empty when there is no such pair."""
    if not 0 <= n < len(ids) - 1:
        return ""
    return ",".join([*ids[:n], ids[n + 1], ids[n], *ids[n + 2 :]])


def _waiting(item: AgendaItem) -> Waiting:
    names = {kind: f"id_{item.pk}_{kind}_%s" for kind in ("accept", "return", "decline")}
    accept = AcceptForm(initial={"duration_minutes": item.duration_minutes}, auto_id=names["accept"])
    return Waiting(item, accept, ReturnForm(auto_id=names["return"]), DeclineForm(auto_id=names["decline"]))
