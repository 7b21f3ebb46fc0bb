"""The live room as a projector shows it: big, dark, for everybody in the room at once, without anybody's buttons."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.views.base import Here, page
from frontend.views.room_state import Room, meeting_and_last_event
from meetings.access import Permission
from meetings.errors import NotAllowed, NotFound


@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    meeting, last_event = meeting_and_last_event(meeting_id)
    if meeting is None:
        raise NotFound("not_found", _("There is nothing here."))
    room = Room(here.actor, here.own(meeting), last_event)
    if not here.may(Permission.JOIN_ROOM):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    frame = "room/bare.html" if "X-Live-Refresh" in here.request.headers else "base.html"
    return here.render("room/screen.html", {"room": room, "meeting": meeting, "frame": frame})
