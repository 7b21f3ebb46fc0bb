"""The live room: the page that keeps itself up to date, and its buttons. Each button is a form of its own; what is typed has a page."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ActionForm, ButtonForm
from frontend.forms.speakers import LeaveForm
from frontend.views.base import Here, page, see_other
from frontend.views.room_state import Room, meeting_and_last_event
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import running_order
from meetings.errors import NotFound
from meetings.live import presence, services
from meetings.network.models import Municipality
from meetings.network.selectors import municipality_in
from meetings.scheduling.models import Meeting

PROVED_EVERY = timedelta(seconds=30)
"""How often a page that reloads itself, which says so in its address, proves that its reader is there still."""


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
    if here.request.method == "GET" and here.request.GET.get("refresh") == "1":
        presence.prove(meeting.pk, [here.user.pk], every=PROVED_EVERY)
    request = {"still": "still" in here.request.GET, "frame": "room/bare.html" if "X-Live-Refresh" in here.request.headers else "base.html"}
    return here.render("room/show.html", {"room": room, "meeting": meeting, "form": form, "texts": _texts(), **request}, status)


def _texts() -> dict[str, str]:
    """What is announced to who does not see the page change, by event type; the rest is in room/says.html and room/turn.html."""
    return {
        "meeting.opened": _("The session is open."),
        "meeting.closed": _("The session is closed."),
        "poll.closed": _("The vote is closed."),
        "poll.published": _("The result of the secret vote is published."),
        "speaker_request.given": _("The floor is given to the next speaker."),
        "decision.recorded": _("A decision is recorded."),
    }


class Question(NamedTuple):
    """What a button asks before it acts, and what it is called. The page's script asks it at once (`data-confirm`), and says `sure`."""

    text: str
    yes: str


def press(
    here: Here, meeting_id: UUID, save: Callable[[Meeting], object], *, at: str = "", done: str = "", question: Question | None = None
) -> HttpResponse:
    """A button of the room. `at`: the part of the room to come back to."""
    meeting = here.meeting(meeting_id)
    back = here.url("room", meeting_id) + (f"#{at}" if at else "")
    if not here.is_post:
        return see_other(back)
    form = ButtonForm(here.posted)
    if question and not form.is_sure:
        return _asked(here, form, question, back)
    return here.submit(form, save=lambda: save(meeting), done=done, to=back, show=lambda status: shown(here, meeting_id, status, form))


def _asked(here: Here, form: ButtonForm, question: Question, back: str) -> HttpResponse:
    """The question on a page of its own. 409, so that nothing takes the press for done."""
    words = {"title": question.yes, "words": [question.text], "submit": question.yes, "safe": True, "sure": True}
    return here.render("confirm.html", {**words, "form": form, "back": back}, 409)


@page
def open_session(here: Here, meeting_id: UUID) -> HttpResponse:
    return press(here, meeting_id, lambda meeting: services.open_session(actor=here.actor, meeting=meeting), done=_("The session is open."))


@page
def discuss(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Goes to that item."""

    def go(meeting: Meeting, confirmed: bool) -> object:
        return services.move_on(actor=here.actor, meeting=meeting, item=on_the_agenda(meeting, item_id), confirmed=confirmed)

    return _leave(here, meeting_id, go, at="current-item")


@page
def postpone(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Puts the item off to the next meeting."""

    def put_off(meeting: Meeting, confirmed: bool) -> object:
        return services.postpone(actor=here.actor, meeting=meeting, item=on_the_agenda(meeting, item_id), confirmed=confirmed)

    question = Question(_("Put this item off to the next meeting?"), _("Postpone this item"))
    return _leave(here, meeting_id, put_off, at="running-order", question=question)


def _leave(
    here: Here, meeting_id: UUID, save: Callable[[Meeting, bool], object], *, at: str, question: Question | None = None
) -> HttpResponse:
    """A button that may leave the item under discussion: asked about on a page of its own while somebody speaks there or waits."""
    meeting, back = here.meeting(meeting_id), here.url("room", meeting_id)
    if not here.is_post:
        return see_other(f"{back}#{at}")
    form = LeaveForm(here.posted)
    if question and not form.is_sure:
        return _asked(here, form, question, f"{back}#{at}")

    def show(status: int) -> HttpResponse:
        if not form.is_asked_about:
            return shown(here, meeting_id, status, form)
        return here.render("room/leave.html", {"form": form, "meeting": meeting, "back": back}, status)

    return here.submit(form, save=lambda: save(meeting, form.cleaned_data["confirmed"]), done="", to=f"{back}#{at}", show=show)


@page
def extend(here: Here, meeting_id: UUID) -> HttpResponse:
    """Five minutes more for the item under discussion."""
    return press(here, meeting_id, lambda meeting: services.extend_item(actor=here.actor, meeting=meeting), at="current-item")


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
        take_over = "take_over" in here.request.POST
        return presence.join(actor=here.actor, meeting=meeting, municipality=seat(here, municipality_id), take_over=take_over)

    return press(here, meeting_id, be_there, at="mine")


@page
def leave(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    def go(meeting: Meeting) -> object:
        return presence.leave(actor=here.actor, meeting=meeting, municipality=seat(here, municipality_id))

    return press(here, meeting_id, go, at="mine")
