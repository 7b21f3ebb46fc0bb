"""The list of speakers in the live room: its buttons, and the pages on which something is typed."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.room import CallerForm, FloorForm
from frontend.forms.speakers import ListForm
from frontend.views.base import Here, page
from frontend.views.room import press, seat
from meetings.access import Permission
from meetings.errors import NotAllowed, NotFound
from meetings.live import floor, presence, speaker_selectors, speakers
from meetings.live.models import Attendance
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting


def _speaker(here: Here, meeting_id: UUID, speaker_id: UUID, act: Callable[..., object]) -> HttpResponse:
    def pressed(meeting: Meeting) -> object:
        row = speaker_selectors.speaker(here.actor, speaker_id)
        if row.meeting_id != meeting.pk:
            raise NotFound("not_found", _("There is nothing here."))
        return act(actor=here.actor, speaker=row)

    return press(here, meeting_id, pressed, at="speakers")


@page
def give(here: Here, meeting_id: UUID, speaker_id: UUID) -> HttpResponse:
    return _speaker(here, meeting_id, speaker_id, speakers.give)


@page
def end(here: Here, meeting_id: UUID, speaker_id: UUID) -> HttpResponse:
    return _speaker(here, meeting_id, speaker_id, speakers.end)


@page
def withdraw(here: Here, meeting_id: UUID, speaker_id: UUID) -> HttpResponse:
    return _speaker(here, meeting_id, speaker_id, speakers.withdraw)


@page
def undo(here: Here, meeting_id: UUID, speaker_id: UUID) -> HttpResponse:
    """Takes back the list's last act."""
    return _speaker(here, meeting_id, speaker_id, speakers.undo)


@page
def ask(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    """Asks for the floor for one of the reader's seats."""
    meeting, municipality = here.meeting(meeting_id), seat(here, municipality_id)
    if municipality.pk not in here.actor.seats:
        raise NotAllowed("not_allowed", _("You do not represent this municipality."))
    form = FloorForm(here.posted)
    return here.form(
        form,
        "room/form.html",
        {"title": _("Ask for the floor"), "lead": municipality.name, "meeting": meeting, "back": _room(here, meeting)},
        save=lambda: speakers.request(actor=here.actor, meeting=meeting, municipality=municipality, **form.values()),
        done=_("You are on the list of speakers."),
        to=_room(here, meeting),
    )


@page
def caller(here: Here, meeting_id: UUID) -> HttpResponse:
    """The office marks a municipality that called by phone as present, and puts it on the list of speakers when it asks."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.TAKE_PART_BY_PHONE)
    form = CallerForm(here.posted, seats=municipalities(here.network, meeting.local.date()))

    def save() -> None:
        called = form.values()
        presence.join(actor=here.actor, meeting=meeting, municipality=called["municipality"], source=Attendance.Source.PHONE)
        if called["kind"]:
            speakers.request(actor=here.actor, meeting=meeting, **called)

    return here.form(
        form,
        "room/form.html",
        {"title": _("Somebody calls by phone"), "meeting": meeting, "back": _room(here, meeting)},
        save=save,
        done=_("The caller is added."),
        to=_room(here, meeting),
    )


@page
def rules(here: Here, meeting_id: UUID) -> HttpResponse:
    """Order, protected places and time limit."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.RUN_SESSION)
    row = speaker_selectors.floor_or_default(meeting)
    shown = {name: getattr(row, name) for name in ("order_rule", "protected_places", "limit_seconds")}
    form = ListForm(here.posted, initial=shown, version=row.version)
    return here.form(
        form,
        "room/form.html",
        {"title": _("How the list of speakers is kept"), "meeting": meeting, "back": _room(here, meeting)},
        save=lambda: floor.change(actor=here.actor, meeting=meeting, values=form.values(), expected_version=form.version),
        done=_("The list of speakers is kept so from now on."),
        to=_room(here, meeting),
    )


def _require(here: Here, permission: Permission) -> None:
    """Who may never do it gets no form. Raises NotAllowed."""
    if not here.may(permission):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


def _room(here: Here, meeting: Meeting) -> str:
    return here.url("room", meeting.pk) + ("#mine" if here.actor.seats else "#speakers")
