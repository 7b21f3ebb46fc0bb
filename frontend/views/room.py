"""The live room: the page that keeps itself up to date, and its buttons. Each button is a form of its own; what is typed has a page."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ActionForm, ButtonForm
from frontend.views.base import Here, page, see_other
from frontend.views.room_state import Room, meeting_and_last_event
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import running_order
from meetings.errors import NotFound
from meetings.live import polls, selectors, services, speakers
from meetings.live.models import Poll
from meetings.network.models import Municipality
from meetings.network.selectors import municipality_in
from meetings.scheduling.models import Meeting


@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    return shown(here, meeting_id, 200, None)


def shown(here: Here, meeting_id: UUID, status: int, form: ActionForm | None) -> HttpResponse:
    """The room; `form` holds what went wrong with a button."""
    meeting, last_event = meeting_and_last_event(meeting_id)
    if meeting is None:
        raise NotFound("not_found", _("There is nothing here."))
    room = Room(here.actor, here.own(meeting), last_event)
    request = {"still": "still" in here.request.GET, "frame": "room/bare.html" if "X-Live-Refresh" in here.request.headers else "base.html"}
    return here.render("room/show.html", {"room": room, "meeting": meeting, "form": form, "texts": _texts(), **request}, status)


def _texts() -> dict[str, str]:
    """What is announced to who does not see the page change, by event type."""
    return {
        "meeting.opened": _("The session is open."),
        "meeting.moved_on": _("The session has moved to another item."),
        "meeting.closed": _("The session is closed."),
        "poll.opened": _("A vote is open."),
        "poll.closed": _("The vote is closed."),
        "speaker_request.given": _("The floor is given to the next speaker."),
        "decision.recorded": _("A decision is recorded."),
    }


def _press(here: Here, meeting_id: UUID, save: Callable[[Meeting], object], *, at: str = "", done: str = "") -> HttpResponse:
    """A button of the room. `at`: the part of the room to come back to."""
    meeting = here.meeting(meeting_id)
    back = here.url("room", meeting_id) + (f"#{at}" if at else "")
    if not here.is_post:
        return see_other(back)
    form = ButtonForm(here.posted)
    return here.submit(form, save=lambda: save(meeting), done=done, to=back, show=lambda status: shown(here, meeting_id, status, form))


@page
def open_session(here: Here, meeting_id: UUID) -> HttpResponse:
    return _press(
        here, meeting_id, lambda meeting: services.open_session(actor=here.actor, meeting=meeting), done=_("The session is open.")
    )


@page
def discuss(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Goes to that item."""

    def go(meeting: Meeting) -> object:
        return services.move_on(actor=here.actor, meeting=meeting, item=on_the_agenda(meeting, item_id))

    return _press(here, meeting_id, go, at="current-item")


@page
def postpone(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Puts the item off to the next meeting."""

    def put_off(meeting: Meeting) -> object:
        return services.postpone(actor=here.actor, meeting=meeting, item=on_the_agenda(meeting, item_id))

    return _press(here, meeting_id, put_off, at="running-order")


def on_the_agenda(meeting: Meeting, item_id: UUID) -> AgendaItem:
    """An item in the meeting's running order. Raises NotFound."""
    item = running_order(meeting).filter(pk=item_id).first()
    if item is None or meeting.agenda_published_at is None:
        raise NotFound("not_found", _("There is nothing here."))
    return item


def seat(here: Here, municipality_id: UUID) -> Municipality:
    return municipality_in(here.network.pk, municipality_id)


@page
def join(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    def be_there(meeting: Meeting) -> object:
        return services.join(actor=here.actor, meeting=meeting, municipality=seat(here, municipality_id))

    return _press(here, meeting_id, be_there, at="mine")


@page
def leave(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    def go(meeting: Meeting) -> object:
        return services.leave(actor=here.actor, meeting=meeting, municipality=seat(here, municipality_id))

    return _press(here, meeting_id, go, at="mine")


def _speaker(here: Here, meeting_id: UUID, speaker_id: UUID, act: Callable[..., object]) -> HttpResponse:
    def pressed(meeting: Meeting) -> object:
        row = selectors.speaker(here.actor, speaker_id)
        if row.meeting_id != meeting.pk:
            raise NotFound("not_found", _("There is nothing here."))
        return act(actor=here.actor, speaker=row)

    return _press(here, meeting_id, pressed, at="speakers")


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
def open_poll(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return _press(here, meeting_id, lambda meeting: polls.open_(actor=here.actor, poll=poll_in(here, meeting, poll_id)), at="vote")


@page
def close_poll(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return _press(here, meeting_id, lambda meeting: polls.close(actor=here.actor, poll=poll_in(here, meeting, poll_id)), at="closed-polls")


def poll_in(here: Here, meeting: Meeting, poll_id: UUID) -> Poll:
    """A poll of this meeting that the reader may know of. Raises NotFound."""
    found = selectors.poll(here.actor, poll_id)
    if found.agenda_item.meeting_id != meeting.pk:
        raise NotFound("not_found", _("There is nothing here."))
    return found
