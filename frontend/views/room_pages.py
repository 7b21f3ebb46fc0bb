"""The pages beside the live room on which something is typed or chosen. They do not refresh, so that nothing typed is lost."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.forms.minutes import DecisionForm, NoteForm
from frontend.forms.room import CallerForm, FloorForm, PollForm, VoteForm
from frontend.views import action_items
from frontend.views.base import Here, page
from frontend.views.room import on_the_agenda, poll_in, seat
from meetings.access import Permission
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import NotAllowed
from meetings.live import polls, selectors, services, speakers
from meetings.live.models import Attendance, Poll, PollState
from meetings.minutes import services as minutes
from meetings.minutes.selectors import notes_of
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import following


def _require(here: Here, permission: Permission) -> None:
    """Who may never do it gets no form. Raises NotAllowed."""
    if not here.may(permission):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


def _require_seat(here: Here, municipality: Municipality) -> None:
    """Raises NotAllowed for who does not represent the municipality."""
    if municipality.pk not in here.actor.seats:
        raise NotAllowed("not_allowed", _("You do not represent this municipality."))


def _room(here: Here, meeting: Meeting, at: str = "") -> str:
    return here.url("room", meeting.pk) + (f"#{at}" if at else "")


def after(here: Here, meeting: Meeting, at: str = "") -> str:
    """Where one came from: the minutes once the session is closed, the room before."""
    return here.url("minutes", meeting.pk) if meeting.state == MeetingState.CLOSED else _room(here, meeting, at)


@page
def floor(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    """Asks for the floor for one of the reader's seats."""
    meeting, municipality = here.meeting(meeting_id), seat(here, municipality_id)
    _require_seat(here, municipality)
    form = FloorForm(here.posted)
    return here.form(
        form,
        "room/form.html",
        {"title": _("Ask for the floor"), "lead": municipality.name, "meeting": meeting, "back": _room(here, meeting)},
        save=lambda: speakers.request(actor=here.actor, meeting=meeting, municipality=municipality, **form.values()),
        done=_("You are on the list of speakers."),
        to=_room(here, meeting, "speakers"),
    )


@page
def caller(here: Here, meeting_id: UUID) -> HttpResponse:
    """The office marks a municipality that called by phone as present, and puts it on the list of speakers when it asks."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.TAKE_PART_BY_PHONE)
    form = CallerForm(here.posted, seats=municipalities(here.network, meeting.local.date()))

    def save() -> None:
        called = form.values()
        services.join(actor=here.actor, meeting=meeting, municipality=called["municipality"], source=Attendance.Source.PHONE)
        if called["kind"]:
            speakers.request(actor=here.actor, meeting=meeting, **called)

    return here.form(
        form,
        "room/form.html",
        {"title": _("Somebody calls by phone"), "meeting": meeting, "back": _room(here, meeting)},
        save=save,
        done=_("The caller is added."),
        to=_room(here, meeting, "speakers"),
    )


@page
def vote(here: Here, meeting_id: UUID, poll_id: UUID, municipality_id: UUID) -> HttpResponse:
    """One seat's vote."""
    meeting, municipality = here.meeting(meeting_id), seat(here, municipality_id)
    poll = poll_in(here, meeting, poll_id)
    _require_seat(here, municipality)
    cast = selectors.own_votes(here.actor, meeting).get((poll.pk, municipality.pk), "")
    form = VoteForm(here.posted, choices=poll.choices, initial={"choice": cast})
    return here.form(
        form,
        "room/vote.html",
        {"poll": poll, "municipality": municipality, "meeting": meeting, "back": _room(here, meeting)},
        save=lambda: polls.vote(actor=here.actor, poll=poll, municipality=municipality, **form.values()),
        done=_("Your vote for %(municipality)s is recorded.") % {"municipality": municipality.name},
        to=_room(here, meeting, "vote"),
    )


@page
def new_poll(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Prepares a question; the button says whether it is opened at once."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require(here, Permission.RUN_SESSION)
    form = PollForm(here.posted)

    def save() -> None:
        poll = polls.draft(actor=here.actor, item=item, **form.values())
        if here.request.POST.get("then") == "open":
            polls.open_(actor=here.actor, poll=poll)

    return here.form(
        form,
        "room/poll_form.html",
        {"item": item, "meeting": meeting, "back": _room(here, meeting)},
        save=save,
        done=_("The vote is ready."),
        to=_room(here, meeting, "vote"),
    )


@page
def notes(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """The notes on an item and the form for another."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require(here, Permission.RECORD)
    form = NoteForm(here.posted)
    shown = {"item": item, "meeting": meeting, "notes": notes_of(here.actor, meeting).filter(agenda_item=item)}
    return here.form(
        form,
        "room/notes.html",
        {**shown, "back": after(here, meeting)},
        save=lambda: minutes.write_note(actor=here.actor, item=item, text=form.values()["text"]),
        done=_("The note is saved."),
        to=here.url("room_notes", meeting.pk, item.pk),
    )


@page
def decision(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Records a decision on an item."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require(here, Permission.RECORD)
    closed = _closed_polls(meeting).filter(agenda_item=item)
    form = DecisionForm(here.posted, polls=closed, initial=_proposed(closed, here.request.GET.get("poll", "")))
    return here.form(
        form,
        "room/form.html",
        {"title": _("Record a decision"), "lead": item.title, "meeting": meeting, "back": after(here, meeting)},
        save=lambda: minutes.record_decision(actor=here.actor, item=item, **form.values()),
        done=_("The decision is recorded."),
        to=after(here, meeting, "decisions"),
    )


def _closed_polls(meeting: Meeting) -> "QuerySet[Poll]":
    return selectors.polls_of(meeting).filter(state=PollState.CLOSED)


def _proposed(closed: "QuerySet[Poll]", poll_id: str) -> dict[str, Any]:
    """The poll that the address names, and its question as the words to begin with."""
    poll = next((poll for poll in closed if str(poll.pk) == poll_id), None)
    return {"poll": poll.pk, "text": poll.question} if poll else {}


@page
def action_item(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Records an action item out of an item."""
    meeting = here.meeting(meeting_id)
    return action_items.add(here, on_the_agenda(meeting, item_id), after(here, meeting, "action-items"))


@page
def close(here: Here, meeting_id: UUID) -> HttpResponse:
    """Says what closing will do, then does it."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.RUN_SESSION)
    return here.form(
        ButtonForm(here.posted),
        "room/close.html",
        {"meeting": meeting, "next_meeting": following(meeting), "left": _left(meeting), "back": _room(here, meeting)},
        save=lambda: services.close_session(actor=here.actor, meeting=meeting),
        done=_("The session is closed. The minutes are drafted."),
        to=here.url("minutes", meeting.pk),
    )


@page
def reopen(here: Here, meeting_id: UUID) -> HttpResponse:
    """Says what reopening will do, then does it."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.RUN_SESSION)
    words = [
        _("The session goes on where it was closed: for a session that was closed by mistake."),
        _("What was carried over to the next meeting is taken back, and returns there when this session is closed again."),
        _("Notes, decisions and votes stay as they are. Everybody joins anew."),
    ]
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {"title": _("Reopen the session?"), "words": words, "submit": _("Reopen"), "back": here.url("minutes", meeting.pk), "safe": True},
        save=lambda: services.reopen(actor=here.actor, meeting=meeting),
        done=_("The session goes on."),
        to=_room(here, meeting),
    )


def _left(meeting: Meeting) -> list[AgendaItem]:
    """What will be carried to the next meeting: the items not reached and those put off."""
    rows = meeting.agenda_items.filter(state__in=(ItemState.ACCEPTED, ItemState.POSTPONED)).order_by("position")
    return [row for row in rows if row.pk != meeting.current_item_id]
