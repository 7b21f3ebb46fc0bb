"""Agenda items: proposing, one item's page, and what may be done with it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.agenda_items import (
    AcceptForm,
    DeclineForm,
    DeferForm,
    FileForm,
    ItemForm,
    MergeForm,
    ProposalForm,
    ReturnForm,
    SubmitForm,
    TakeUpForm,
    TimeBoxForm,
    initial,
    item_choices,
    meeting_choices,
)
from frontend.forms.base import ActionForm
from frontend.views.base import Here, page
from meetings import clock
from meetings.access import Permission, require
from meetings.agenda import attachments, selectors, services
from meetings.agenda.models import ACTIONS, AgendaItem, ItemState
from meetings.errors import DomainError, NotAllowed
from meetings.events.idempotency import Answer, once
from meetings.minutes.selectors import minutes_abilities, minutes_on_agenda
from meetings.network.selectors import municipalities
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState
from meetings.scheduling.selectors import intake_is_open

CHOICES = 12
"""How many meetings an item is offered to be put off to."""


class Act(NamedTuple):
    """Something that may be done with an item: its form, its service call, and its words."""

    form: Callable[[Here, AgendaItem], ActionForm]
    do: Callable[[Here, AgendaItem, Mapping[str, Any]], object]
    title: Callable[[], str]
    done: Callable[[], str]
    back: str = "item"


def _late(item: AgendaItem) -> bool:
    return selectors.would_be_late(item.meeting)


def _defer_form(here: Here, item: AgendaItem) -> ActionForm:
    choices = meeting_choices(selectors.collecting(here.network).exclude(pk=item.meeting_id)[:CHOICES])
    return TakeUpForm(here.posted, meetings=choices) if selectors.in_backlog(item) else DeferForm(here.posted, meetings=choices)


def _chosen(here: Here, meeting_id: str) -> Meeting | None:
    return here.meeting(UUID(meeting_id)) if meeting_id else None


def _mergeable(here: Here, item: AgendaItem) -> list[AgendaItem]:
    known = selectors.items_of(here.actor, item.meeting)
    return [row for row in known if row.pk != item.pk and row.state in (ItemState.PROPOSED, ItemState.ACCEPTED)]


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
    "move": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.move(actor=here.actor, item=item),
        lambda: _("Move to the next meeting"),
        lambda: _("The draft is now one for the next meeting that takes proposals."),
        "result",
    ),
    "defer": Act(
        lambda here, item: _defer_form(here, item),
        lambda here, item, values: services.defer(
            actor=here.actor, item=item, to=_chosen(here, values["meeting"]), answer=values.get("answer", "")
        ),
        lambda: _("Put off"),
        lambda: _("The item is put off, with your answer."),
    ),
    "merge": Act(
        lambda here, item: MergeForm(here.posted, others=item_choices(_mergeable(here, item))),
        lambda here, item, values: services.merge(actor=here.actor, item=item, into=selectors.item(here.actor, values["into"])),
        lambda: _("Merge"),
        lambda: _("The two are one item now. Its text can be edited."),
        "agenda",
    ),
    "separate": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.separate(actor=here.actor, item=item),
        lambda: _("Separate again"),
        lambda: _("It is a proposal of its own again."),
        "agenda",
    ),
    "discuss_instead": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.discuss_instead(actor=here.actor, item=item),
        lambda: _("Ask for a discussion"),
        lambda: _("The item will be discussed."),
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
    open_to_act = {"defer": "defer" in able and not decides, "merge": "merge" in able and not decides}
    minutes = minutes_on_agenda(here.actor, item)
    context = {
        "item": item,
        "meeting": item.meeting,
        "minutes": minutes,
        "approves": minutes and item.meeting.state == MeetingState.IN_SESSION and "approve" in minutes_abilities(here.actor, minutes),
        "abilities": able,
        "late": _late(item),
        "open": intake_is_open(item.meeting),
        "submit_form": SubmitForm(late=_late(item), initial={"motive": item.motive}) if "submit" in able else None,
        "file_form": form or (FileForm() if attaching else None),
        "decides": decides,
        "withdraws": "withdraw" in able and (not decides or item.proposer_id is None or item.proposer_id in here.actor.open_seats),
        "origin": item.origin if item.origin_id else None,
        "successor": _known(here, item.successor.pk) if item.successor else None,
        "into": _known(here, item.merged_into_id) if item.merged_into_id else None,
        "merged": list(selectors.visible_items(here.actor).filter(merged_into=item)),
        "in_backlog": selectors.in_backlog(item),
        "next_meeting": selectors.next_collecting(item.meeting) if "move" in able else None,
        "acts": [name for name, possible in open_to_act.items() if possible],
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

    if _is_autosave(here):
        return _autosaved(here, form, save)
    return here.form(
        form,
        "agenda_items/propose.html",
        {"meeting": meeting, "autosave": True, **_deadline(meeting)},
        save=save,
        done=_("The draft is kept. Attach files if you need to, then hand it in."),
        to=lambda item: here.url("item", item.pk),
    )


def _proposal_form(here: Here) -> ProposalForm:
    towns = municipalities(here.network)
    mine = towns if here.may(Permission.PROPOSE) else towns.filter(pk__in=here.actor.seats) | towns.filter(zone__in=here.actor.zones)
    office = here.may(Permission.PROPOSE)
    return ProposalForm(here.posted, municipalities=towns, seats=list(mine), office=office, own=here.actor.seats)


def _is_autosave(here: Here) -> bool:
    """Whether the form's script (src/autosave.ts) sends it, not its button."""
    return here.posted is not None and here.posted.get("autosave") == "1"


def _autosaved(here: Here, form: ActionForm, save: Callable[[], AgendaItem]) -> HttpResponse:
    """The same writing with an answer that the script reads: where the draft is saved from now on, and at which version."""

    def act() -> Answer:
        item = save()
        return Answer(200, json.dumps({"action": here.url("item_edit", item.pk), "version": item.version}))

    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    try:
        answer = once(user_id=here.user.pk, key=form.cleaned_data["idempotency_key"], asked=here.asked(), act=act)
    except DomainError as error:
        return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status)
    return HttpResponse(answer.text, content_type="application/json")


def _known(here: Here, item_id: UUID) -> AgendaItem | None:
    """Another item, when the reader may know of it."""
    return selectors.visible_items(here.actor).filter(pk=item_id).first()


def _deadline(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": intake_is_open(meeting),
        "past": clock.now() > meeting.intake_closes_at,
        "published": meeting.state == MeetingState.AGENDA_PUBLISHED,
        "closed": meeting.state not in ANNOUNCED,
    }


def _item(here: Here, item_id: UUID, action: str) -> AgendaItem:
    """The item, when the reader may know of it and do this with it, be it possible now or not. Raises NotFound, NotAllowed."""
    item = selectors.item(here.actor, item_id)
    if action == "discuss_instead" and selectors.may_ask_to_discuss(here.actor):
        return item
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

    if _is_autosave(here):
        return _autosaved(here, form, save)
    context = {"item": item, "meeting": item.meeting, "autosave": item.submitted_at is None, **_deadline(item.meeting)}
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
        to=lambda done: _back(here, todo, item, done),
    )


def _back(here: Here, todo: Act, item: AgendaItem, done: Any) -> str:
    match todo.back:
        case "agenda":
            return here.url("agenda", item.meeting_id)
        case "result":
            return here.url("item", done.pk)
        case _:
            return here.url("item", item.pk)


@page
def remove_file(here: Here, attachment_id: UUID) -> HttpResponse:
    """Taking a file away, asked once more in words."""
    file = selectors.attachment(here.actor, attachment_id)
    item = _item(here, file.agenda_item_id, "edit")
    words = [_("The file “%(name)s” is removed from “%(title)s”.") % {"name": file.name, "title": item.title}]
    return here.form(
        ActionForm(here.posted),
        "confirm.html",
        {"title": _("Remove the file?"), "words": words, "submit": _("Remove"), "back": here.url("item", item.pk)},
        save=lambda: attachments.remove(actor=here.actor, attachment=file),
        done=_("The file is removed."),
        to=here.url("item", item.pk),
    )
