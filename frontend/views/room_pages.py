"""The pages beside the live room on which something is typed or chosen. They do not refresh, so that nothing typed is lost."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.views.base import Here, page
from meetings.access import Permission
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import NotAllowed
from meetings.live import services
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import following


def _require(here: Here, permission: Permission) -> None:
    """Who may never do it gets no form. Raises NotAllowed."""
    if not here.may(permission):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


def _room(here: Here, meeting: Meeting, at: str = "") -> str:
    return here.url("room", meeting.pk) + (f"#{at}" if at else "")


def after(here: Here, meeting: Meeting, at: str = "") -> str:
    """Where one came from: the minutes once the session is closed, the room before."""
    return here.url("minutes", meeting.pk) if meeting.state == MeetingState.CLOSED else _room(here, meeting, at)


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
