"""Agenda items: proposing, one item's page, and what may be done with it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.agenda_items import (
    AcceptForm,
    DeclineForm,
    FileForm,
    ItemForm,
    ProposalForm,
    ReturnForm,
    SubmitForm,
    TimeBoxForm,
    initial,
)
from frontend.forms.base import ActionForm
from frontend.views.base import Here, page
from meetings import clock
from meetings.access import Permission, require
from meetings.agenda import attachments, selectors, services
from meetings.agenda.models import ACTIONS, AgendaItem, ItemState
from meetings.errors import NotAllowed
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import intake_is_open


class Act(NamedTuple):
    """Something that may be done with an item: its form, its service call, and its words."""

    form: Callable[[Here, AgendaItem], ActionForm]
    do: Callable[[Here, AgendaItem, Mapping[str, Any]], object]
    title: Callable[[], str]
    done: Callable[[], str]
    back: str = "item"


def _late(item: AgendaItem) -> bool:
    return clock.now() > item.meeting.intake_closes_at


ACTS: Mapping[str, Act] = {
    "submit": Act(
        lambda here, item: SubmitForm(here.posted, late=_late(item), initial={"motive": item.motive}),
        lambda here, item, values: services.submit(actor=here.actor, item=item, motive=values.get("motive", "")),
        lambda: _("Hand in"),
        lambda: _("The proposal is handed in. You will find the answer here."),
    ),
    "withdraw": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.withdraw(actor=here.actor, item=item),
        lambda: _("Withdraw"),
        lambda: _("The proposal is withdrawn."),
    ),
    "accept": Act(
        lambda here, item: AcceptForm(here.posted, initial={"duration_minutes": item.duration_minutes}),
        lambda here, item, values: services.accept(actor=here.actor, item=item, duration_minutes=values["duration_minutes"]),
        lambda: _("Accept"),
        lambda: _("The item is on the agenda."),
        "agenda",
    ),
    "return": Act(
        lambda here, item: ReturnForm(here.posted),
        lambda here, item, values: services.return_(actor=here.actor, item=item, reason=values["answer"]),
        lambda: _("Return"),
        lambda: _("The proposal went back with your request."),
        "agenda",
    ),
    "decline": Act(
        lambda here, item: DeclineForm(here.posted),
        lambda here, item, values: services.decline(actor=here.actor, item=item, answer=values["answer"]),
        lambda: _("Decline"),
        lambda: _("The proposal is declined, with your answer."),
        "agenda",
    ),
}


@require_safe
@page
def show(here: Here, item_id: UUID) -> HttpResponse:
    """One item: its text, files, state and answer, and what the reader may do with it."""
    return _show(here, selectors.item(here.actor, item_id))


def _show(here: Here, item: AgendaItem, form: ActionForm | None = None, status: int = 200) -> HttpResponse:
    able = selectors.item_abilities(here.actor, item)
    attaching = "edit" in able or "revise" in able
    decides = sorted({"accept", "return", "decline"} & set(able))
    context = {
        "item": item,
        "meeting": item.meeting,
        "abilities": able,
        "late": _late(item),
        "open": intake_is_open(item.meeting),
        "submit_form": SubmitForm(late=_late(item), initial={"motive": item.motive}) if "submit" in able else None,
        "file_form": form or (FileForm() if attaching else None),
        "decides": decides,
        "withdraws": "withdraw" in able and (not decides or item.proposer_id is None or item.proposer_id in here.actor.seats),
        "origin": item.origin if item.origin_id else None,
    }
    return here.render("agenda_items/show.html", context, status)


@page
def propose(here: Here, meeting_id: UUID) -> HttpResponse:
    """A new draft for a meeting, of a seat of the reader's or of the office."""
    meeting = here.meeting(meeting_id)
    form = _proposal_form(here)
    if not (form.seats or here.may(Permission.PROPOSE)):
        raise NotAllowed("not_allowed", _("You represent no municipality that could propose something."))

    def save() -> AgendaItem:
        return services.draft(
            actor=here.actor, meeting=meeting, proposer=form.proposer, values=form.item(), co_proposers=form.cleaned_data["co_proposers"]
        )

    return here.form(
        form,
        "agenda_items/propose.html",
        {"meeting": meeting, **_deadline(meeting)},
        save=save,
        done=_("The draft is kept. Attach files if you need to, then hand it in."),
        to=lambda item: here.url("item", item.pk),
    )


def _proposal_form(here: Here) -> ProposalForm:
    towns = municipalities(here.network)
    mine = towns if here.may(Permission.PROPOSE) else towns.filter(pk__in=here.actor.seats) | towns.filter(zone__in=here.actor.zones)
    office = here.may(Permission.PROPOSE)
    return ProposalForm(here.posted, municipalities=towns, seats=list(mine), office=office, own=here.actor.seats)


def _deadline(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": intake_is_open(meeting),
        "past": clock.now() > meeting.intake_closes_at,
        "published": meeting.state != MeetingState.SCHEDULED,
    }


def _item(here: Here, item_id: UUID, action: str) -> AgendaItem:
    """The item, when the reader may know of it and do this with it, be it possible now or not. Raises NotFound, NotAllowed."""
    item = selectors.item(here.actor, item_id)
    needed = ACTIONS["revise" if action == "edit" and item.state == ItemState.ACCEPTED else action]
    require(here.actor, needed, network_id=here.network.pk, place=selectors.place(item))
    return item


@page
def edit(here: Here, item_id: UUID) -> HttpResponse:
    """A change to a proposal, or by the office to an accepted item."""
    item = _item(here, item_id, "edit")
    form = ItemForm(here.posted, initial=initial(item), version=item.version, municipalities=municipalities(here.network))

    def save() -> AgendaItem:
        co_proposers = form.cleaned_data["co_proposers"]
        return services.edit(actor=here.actor, item=item, values=form.item(), co_proposers=co_proposers, expected_version=form.version)

    context = {"item": item, "meeting": item.meeting, **_deadline(item.meeting)}
    return here.form(form, "agenda_items/edit.html", context, save=save, done=_("The changes are saved."), to=here.url("item", item.pk))


@page
def time_box(here: Here, item_id: UUID) -> HttpResponse:
    """Only the minutes, as the agenda builder changes them."""
    item = _item(here, item_id, "edit")
    form = TimeBoxForm(here.posted, initial={"duration_minutes": item.duration_minutes}, version=item.version)
    return here.form(
        form,
        "agenda_items/act.html",
        {"item": item, "meeting": item.meeting, "title": _("Time box")},
        save=lambda: services.edit(actor=here.actor, item=item, values=form.values(), expected_version=form.version),
        done="",
        to=here.url("agenda", item.meeting_id) if here.may(Permission.TRIAGE) else here.url("item", item.pk),
    )


@page
def attach(here: Here, item_id: UUID) -> HttpResponse:
    """A file for an item."""
    item = _item(here, item_id, "edit")
    form = FileForm(here.posted, here.request.FILES if here.is_post else None)

    def save() -> object:
        file = form.cleaned_data["file"]
        return attachments.attach(actor=here.actor, item=item, name=file.name, file=file)

    return here.submit(
        form,
        save=save,
        done=_("The file is attached."),
        to=here.url("item", item.pk),
        show=lambda status: _show(here, selectors.item(here.actor, item_id), form, status),
    )


@page
def act(here: Here, item_id: UUID, action: str) -> HttpResponse:
    """Handing in, withdrawing, deciding: each a small page of its own, so that wrong input comes back with what was typed."""
    item, todo = _item(here, item_id, action), ACTS[action]
    form = todo.form(here, item)
    return here.form(
        form,
        "agenda_items/act.html",
        {"item": item, "meeting": item.meeting, "action": action, "title": todo.title(), "late": _late(item)},
        save=lambda: todo.do(here, item, form.values()),
        done=todo.done(),
        to=here.url(todo.back, item.meeting_id if todo.back == "agenda" else item.pk),
    )
