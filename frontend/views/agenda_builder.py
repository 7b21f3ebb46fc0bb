"""The agenda builder: the running order, the proposals to answer in their lanes, and the backlog."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.agenda_items import (
    AcceptForm,
    DeclineForm,
    DeferForm,
    MergeForm,
    OrderForm,
    ReturnForm,
    TakeUpForm,
    TimeBoxForm,
    item_choices,
    meeting_choices,
)
from frontend.forms.base import ActionForm
from frontend.views.base import Here, page, page_of
from frontend.views.scripts import answered, is_script
from meetings import clock
from meetings.access import Permission, require
from meetings.agenda import selectors as items
from meetings.agenda import services
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem, ItemState
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState

CHOICES = 12
"""How many meetings a proposal is offered to be put off to."""
Choices = Sequence[tuple[str, str]]


@require_safe
@page
def agenda(here: Here, meeting_id: UUID) -> HttpResponse:
    """The agenda builder."""
    return _builder(here, _triaged(here, meeting_id))


@page
def order(here: Here, meeting_id: UUID) -> HttpResponse:
    """The whole running order at once, as the up and down buttons and the page's script (src/agenda-sort.ts) send it."""
    meeting = _triaged(here, meeting_id)
    form = OrderForm(here.posted, version=meeting.running_order_version)

    def save() -> list[AgendaItem]:
        return services.order(actor=here.actor, meeting=meeting, item_ids=form.cleaned_data["items"], expected_version=form.version)

    def to(_saved: object) -> str:
        """Back to the item that was moved, so that it can be moved on."""
        moved = form.cleaned_data["moved"]
        return here.url("agenda", meeting.pk) + (f"#item-{moved}" if moved else "")

    if is_script(here):
        return answered(here, form, lambda: _as_saved(here, meeting_id, save()))
    return here.submit(form, save=save, done="", to=to, show=lambda status: _builder(here, here.meeting(meeting_id), form, status))


def _as_saved(here: Here, meeting_id: UUID, order: list[AgendaItem]) -> dict[str, Any]:
    """The version that the order has now, and when each item begins: as an instant and on the meeting's clocks."""
    meeting = here.meeting(meeting_id)
    begins = items.starts(meeting, order)
    starts = {str(pk): [at.isoformat(timespec="minutes"), f"{at:%H:%M}"] for pk, at in begins.items()}
    return {"version": meeting.running_order_version, "starts": starts}


@page
def publish(here: Here, meeting_id: UUID) -> HttpResponse:
    """Publishing: the page says what it means, the button does it."""
    meeting = _triaged(here, meeting_id)
    form = ActionForm(here.posted)
    return here.submit(
        form,
        save=lambda: services.publish(actor=here.actor, meeting=meeting),
        done=_("The agenda is published."),
        to=here.url("meeting", meeting.pk),
        show=lambda status: _builder(here, here.meeting(meeting_id), form, status),
    )


@require_safe
@page
def backlog(here: Here) -> HttpResponse:
    """What was put off and goes on nowhere yet; a coordinator takes it up from here."""
    rows = page_of(here, items.backlog(here.actor))
    choices = meeting_choices(items.collecting(here.network)[:CHOICES]) if here.may(Permission.TRIAGE) else []
    forms = {item.pk: TakeUpForm(meetings=choices, auto_id=f"id_{item.pk}_%s") for item in rows} if choices else {}
    return here.render("agenda_items/backlog.html", {"page": rows, "forms": forms, "may_triage": here.may(Permission.TRIAGE)})


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
    defer: DeferForm
    merge: MergeForm | None


def _builder(here: Here, meeting: Meeting, form: ActionForm | None = None, status: int = 200) -> HttpResponse:
    known = items.items_of(here.actor, meeting, successors=False)
    order = [item for item in known if item.state in ON_THE_AGENDA or item.struck_at]
    planned = items.minutes_planned(order)
    proposed = [item for item in known if item.state == ItemState.PROPOSED]
    waiting = _waiting(here, meeting, proposed, order)
    context = {
        "meeting": meeting,
        "form": form,
        "mine": _order_of(form, order),
        "steps": _steps(meeting, order),
        "on_time": [row for row in waiting if not row.item.late],
        "late": [row for row in waiting if row.item.late],
        "unanswered": proposed,
        "merged": [item for item in known if item.state == ItemState.MERGED],
        "planned": planned,
        "left": meeting.duration_minutes - planned,
        "over": planned - meeting.duration_minutes,
        "frozen": meeting.state != MeetingState.SCHEDULED,
        "collecting": meeting.state in ANNOUNCED,
        "intake_open": clock.now() <= meeting.intake_closes_at,
        "in_backlog": items.backlog(here.actor).count(),
    }
    return here.render("meetings/agenda.html", context, status)


def _order_of(form: ActionForm | None, order: list[AgendaItem]) -> list[AgendaItem]:
    """The order that was asked for when somebody else had moved something meanwhile, as far as it still names these items."""
    if not isinstance(form, OrderForm) or not form.is_bound:
        return []
    by_id = {item.pk: item for item in order}
    asked = form.cleaned_data.get("items", [])
    return [by_id[pk] for pk in asked] if set(asked) == set(by_id) else []


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


def _waiting(here: Here, meeting: Meeting, proposed: list[AgendaItem], order: list[AgendaItem]) -> list[Waiting]:
    """The forms of each proposal; the meetings to choose from are read once for all."""
    later = items.collecting(here.network).exclude(pk=meeting.pk)[:CHOICES] if proposed else []
    meetings = meeting_choices(later)
    mergeable = [] if meeting.state != MeetingState.SCHEDULED else [*order, *proposed]
    return [_answers(item, meetings, item_choices(row for row in mergeable if row.pk != item.pk)) for item in proposed]


def _answers(item: AgendaItem, meetings: Choices, others: Choices) -> Waiting:
    names = {kind: f"id_{item.pk}_{kind}_%s" for kind in ("accept", "return", "decline", "defer", "merge")}
    return Waiting(
        item,
        AcceptForm(initial={"duration_minutes": item.duration_minutes}, auto_id=names["accept"]),
        ReturnForm(auto_id=names["return"]),
        DeclineForm(auto_id=names["decline"]),
        DeferForm(meetings=meetings, auto_id=names["defer"]),
        MergeForm(others=others, auto_id=names["merge"]) if others else None,
    )
