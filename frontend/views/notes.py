"""What is written down of an item while it is discussed and after: notes, decisions, action items.

A note being typed is kept by the page's script (src/notes-editor.ts) as a draft that nobody else sees; saving it, and going on to another
page, make the note.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from frontend.forms.minutes import DecisionEditForm, DecisionForm, NoteEditForm, NoteForm
from frontend.views import action_items
from frontend.views.base import Here, page, see_other
from frontend.views.room import on_the_agenda
from frontend.views.room_pages import after
from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.errors import DomainError, NotAllowed
from meetings.events.models import EventStream
from meetings.live.models import COUNTED, Poll
from meetings.live.selectors import polls_of
from meetings.minutes import drafts, selectors, services
from meetings.minutes.models import Note, NoteDraft
from meetings.scheduling.models import Meeting, MeetingState


def _require_recorder(here: Here) -> None:
    """Who may never write anything down gets no form. Raises NotAllowed."""
    if not here.may(Permission.RECORD):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


@page
def notes(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """The notes on an item and the form for another."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require_recorder(here)
    here_again = here.url("room_notes", meeting.pk, item.pk)
    if kept := _kept(here, item, None, here_again):
        return kept
    draft = drafts.draft_of(here.actor, item)
    form = NoteForm(here.posted, initial={"text": draft.text if draft else ""})
    shown = {"item": item, "meeting": meeting, "notes": selectors.notes_of(here.actor, meeting).filter(agenda_item=item)}
    return here.form(
        form,
        "room/notes.html",
        {**shown, **_editor(meeting, draft, item.pk), "back": after(here, meeting), "others": drafts.others_typing(here.actor, item)},
        save=lambda: services.write_note(actor=here.actor, item=item, text=form.values()["text"]),
        done=_("The note is saved."),
        to=here_again,
    )


@page
def edit_note(here: Here, note_id: UUID) -> HttpResponse:
    """Edits a note; who saved meanwhile is shown with both texts."""
    note = selectors.note(here.actor, note_id)
    item, meeting = note.agenda_item, note.agenda_item.meeting
    _require_editable(here, meeting)
    back = _back(here, meeting, here.url("room_notes", meeting.pk, item.pk))
    if kept := _kept(here, item, note, here.url("note_edit", note.pk)):
        return kept
    draft = drafts.draft_of(here.actor, item, note)
    opened = {"text": draft.text, "base": draft.base} if draft else {"text": note.text, "base": note.text}
    form = NoteEditForm(here.posted, initial=opened, version=draft.based_on if draft else note.version)
    return here.form(
        form,
        "room/note.html",
        {"meeting": meeting, "item": item, "note": note, "back": back, **_editor(meeting, draft, note.pk)},
        save=lambda: services.edit_note(actor=here.actor, note=note, expected_version=form.version, **form.values()),
        done=_("The note is saved."),
        to=back,
    )


def _editor(meeting: Meeting, draft: NoteDraft | None, at: UUID) -> dict[str, Any]:
    """What the editor's script is told. `at`: the note, or for a new one the item, by which those who write the same find each other."""
    last = EventStream.objects.filter(meeting=meeting).values_list("last_sequence", flat=True).get()
    return {"draft": draft, "at": at, "last_event": last}


def _kept(here: Here, item: AgendaItem, note: Note | None, again: str) -> HttpResponse | None:
    """The answer to the script that keeps what is typed, and to the button that discards it; None for everything else."""
    posted = here.request.POST
    if posted.get("discard") == "1":
        drafts.discard(actor=here.actor, item=item, note=note)
        return see_other(again)
    if posted.get("autosave") != "1":
        return None
    try:
        draft = _keep(here.request, here, item, note)
    except DomainError as error:
        return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status)
    return JsonResponse({"kept": draft is not None, "version": note.version if note else 0})


def _keep(request: HttpRequest, here: Here, item: AgendaItem, note: Note | None) -> NoteDraft | None:
    text, base, version = (request.POST.get(name, "") for name in ("text", "base", "version"))
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return drafts.keep(actor=here.actor, item=item, note=note, text=text, base=base, based_on=number)


@page
def decision(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Records a decision on an item."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require_recorder(here)
    closed = _closed_polls(meeting).filter(agenda_item=item)
    form = DecisionForm(here.posted, polls=closed, initial=_proposed(closed, here.request.GET.get("poll", "")))
    return here.form(
        form,
        "room/form.html",
        {"title": _("Record a decision"), "lead": item.title, "meeting": meeting, "back": after(here, meeting)},
        save=lambda: services.record_decision(actor=here.actor, item=item, **form.values()),
        done=_("The decision is recorded."),
        to=after(here, meeting, "decisions"),
    )


def _closed_polls(meeting: Meeting) -> "QuerySet[Poll]":
    return polls_of(meeting).filter(state__in=COUNTED)


def _proposed(closed: "QuerySet[Poll]", poll_id: str) -> dict[str, Any]:
    """The poll that the address names, and its question as the words to begin with."""
    poll = next((poll for poll in closed if str(poll.pk) == poll_id), None)
    return {"poll": poll.pk, "text": poll.question} if poll else {}


@page
def edit_decision(here: Here, decision_id: UUID) -> HttpResponse:
    """Edits the words of a decision; who saved meanwhile is shown with both texts."""
    decision = selectors.decision(here.actor, decision_id)
    meeting = decision.agenda_item.meeting
    _require_editable(here, meeting)
    form = DecisionEditForm(here.posted, initial={"text": decision.text, "base": decision.text}, version=decision.version)
    back = _back(here, meeting, here.url("room", meeting.pk))
    shown = {"title": _("Edit decision %(number)s") % {"number": decision}, "meeting": meeting, "back": back}
    return here.form(
        form,
        "minutes/form.html",
        {**shown, "agenda_item": decision.agenda_item},
        save=lambda: services.edit_decision(actor=here.actor, decision=decision, expected_version=form.version, **form.values()),
        done=_("The decision is saved."),
        to=back,
    )


@page
def action_item(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Records an action item out of an item."""
    meeting = here.meeting(meeting_id)
    return action_items.add(here, on_the_agenda(meeting, item_id), after(here, meeting, "action-items"))


def _require_editable(here: Here, meeting: Meeting) -> None:
    """Raises NotAllowed once the minutes are approved, and to who never may."""
    if "edit" not in selectors.text_abilities(here.actor, meeting):
        raise NotAllowed("not_allowed", _("This is not possible now, or not yours to do."))


def _back(here: Here, meeting: Meeting, room: str) -> str:
    """Where one came from: the room while the session goes on, the minutes afterwards."""
    return room if meeting.state == MeetingState.IN_SESSION else here.url("minutes", meeting.pk)
