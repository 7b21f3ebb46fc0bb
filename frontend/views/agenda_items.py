"""Agenda items: proposing, one item's page, and what may be done with it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.agenda_items import FileForm, ItemForm, ProposalForm, SubmitForm, TimeBoxForm, initial
from frontend.forms.base import ActionForm
from frontend.views.base import Here, page
from frontend.views.item_acts import ACTS, Act, is_late
from frontend.views.scripts import answered, is_script
from meetings import clock
from meetings.access import Permission, require
from meetings.agenda import attachments, selectors, services
from meetings.agenda.models import ACTIONS, AgendaItem, ItemState
from meetings.errors import NotAllowed
from meetings.minutes.selectors import decisions_of, minutes_abilities, minutes_on_agenda
from meetings.network.selectors import municipalities
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState
from meetings.scheduling.selectors import intake_is_open

AT_ONCE, HAND_IN = "at_once", "hand_in"


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
        "stable_link": f"/go/item/{item.pk}/",
        "minutes": minutes,
        "decisions": list(decisions_of(item.meeting).filter(agenda_item=item)) if item.meeting.opened_at else [],
        "approves": minutes and item.meeting.state == MeetingState.IN_SESSION and "approve" in minutes_abilities(here.actor, minutes),
        "abilities": able,
        "late": is_late(item),
        "open": intake_is_open(item.meeting),
        "submit_form": SubmitForm(late=is_late(item), initial={"motive": item.motive}) if "submit" in able else None,
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
    form = _proposal_form(here, meeting)
    if not (form.seats or here.may(Permission.PROPOSE)):
        raise NotAllowed("not_allowed", _("You represent no municipality that could propose something."))

    def save() -> AgendaItem:
        item = services.draft(
            actor=here.actor, meeting=meeting, proposer=form.proposer, values=form.item(), co_proposers=form.cleaned_data["co_proposers"]
        )
        return _finished(here, item, then)

    buttons = _buttons(here, meeting)
    then = _pressed(here, buttons)
    if is_script(here, "autosave"):
        return _autosaved(here, form, save)
    return here.form(
        form,
        "agenda_items/propose.html",
        {"meeting": meeting, "autosave": True, "buttons": buttons, **_deadline(meeting)},
        save=save,
        done=_done(then) or _("The draft is kept. Attach files if you need to, then hand it in."),
        to=lambda item: here.url("agenda", meeting.pk) if then == AT_ONCE else here.url("item", item.pk),
    )


def _buttons(here: Here, meeting: Meeting) -> dict[str, str]:
    """How what is written may end besides as a draft, in words: the office puts it on the agenda without deciding on its own proposal,
    all others hand it in as soon as proposals are taken.
    """
    now = clock.now()
    if here.may(Permission.TRIAGE) and meeting.state == MeetingState.SCHEDULED and now <= meeting.intake_closes_at:
        return {AT_ONCE: _("Put it on the agenda at once")}
    taken = meeting.state in ANNOUNCED and (now >= meeting.intake_opens_at or here.actor.is_staff)
    return {HAND_IN: _("Hand in")} if taken else {}


def _pressed(here: Here, buttons: Mapping[str, str]) -> str:
    """Which of them was; empty for the one that keeps a draft."""
    return next((name for name in buttons if here.posted is not None and name in here.posted), "")


def _finished(here: Here, item: AgendaItem, then: str) -> AgendaItem:
    """Called within the transaction that has written the item: what is refused leaves nothing behind."""
    submitted = services.submit(actor=here.actor, item=item) if then else item
    return services.accept(actor=here.actor, item=submitted) if then == AT_ONCE else submitted


def _done(then: str) -> str:
    words = {AT_ONCE: _("The item is on the agenda."), HAND_IN: _("The proposal is handed in. You will find the answer here.")}
    return words.get(then, "")


def _proposal_form(here: Here, meeting: Meeting) -> ProposalForm:
    towns = municipalities(here.network)
    mine = towns if here.may(Permission.PROPOSE) else towns.filter(pk__in=here.actor.seats) | towns.filter(zone__in=here.actor.zones)
    office = here.may(Permission.PROPOSE)
    late = selectors.would_be_late(meeting)
    return ProposalForm(here.posted, municipalities=towns, seats=list(mine), office=office, own=here.actor.seats, late=late)


def _autosaved(here: Here, form: ActionForm, save: Callable[[], AgendaItem]) -> HttpResponse:
    """For the form's script (src/autosave.ts): where the draft is saved from now on, and at which version."""

    def saved() -> dict[str, Any]:
        item = save()
        return {"action": here.url("item_edit", item.pk), "version": item.version}

    return answered(here, form, saved)


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
    late = item.state == ItemState.DRAFT and is_late(item)
    form = ItemForm(here.posted, initial=initial(item), version=item.version, municipalities=municipalities(here.network), late=late)

    buttons = _buttons(here, item.meeting) if item.state == ItemState.DRAFT else {}
    if item.submitted_at is not None:
        buttons.pop(AT_ONCE, "")
    then = _pressed(here, buttons)

    def save() -> AgendaItem:
        values, co_proposers = form.item(), form.cleaned_data["co_proposers"]
        saved = services.edit(actor=here.actor, item=item, values=values, co_proposers=co_proposers, expected_version=form.version)
        return _finished(here, saved, then)

    if is_script(here, "autosave"):
        return _autosaved(here, form, save)
    autosave = item.submitted_at is None
    context = {"item": item, "meeting": item.meeting, "autosave": autosave, "buttons": buttons, **_deadline(item.meeting)}
    to = here.url("agenda", item.meeting_id) if then == AT_ONCE else here.url("item", item.pk)
    return here.form(form, "agenda_items/edit.html", context, save=save, done=_done(then) or _("The changes are saved."), to=to)


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
        {"item": item, "meeting": item.meeting, "action": action, "title": todo.title(), "words": todo.words(), "late": is_late(item)},
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
