"""What is expected of somebody who represents a municipality, the most urgent first, each with the page that does it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontend.views.base import Here
from meetings import clock
from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem, ItemState
from meetings.minutes.models import Minutes
from meetings.minutes.selectors import window_is_open
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState
from meetings.scheduling.selectors import intake_is_open

SOON = timedelta(days=14)
"""An action item is spoken of here that many days before it is due."""


class Task(NamedTuple):
    """One thing to do: in words, until when (None: now), where, and by which button."""

    words: str
    until: datetime | None
    url: str
    button: str
    icon: str
    overdue: bool = False
    optional: bool = False


def tasks(here: Here, meeting: Meeting | None, found: dict[str, Any]) -> list[Task]:
    """`found`: what the dashboard has read already; no query of its own."""
    rows = [
        *_session(here, meeting),
        *_answers(here, meeting, found["replies"]),
        *_delegates(here, found["to_confirm"]),
        *_proposals(here, meeting, found["proposals"]),
        *_action_items(here, found["actions"]),
        *_minutes(here, found["to_check"]),
    ]
    now = clock.now()
    return sorted(rows, key=lambda task: (task.until is not None, not task.overdue, task.optional, task.until or now))


def _session(here: Here, meeting: Meeting | None) -> Iterator[Task]:
    if meeting and meeting.state == MeetingState.IN_SESSION:
        yield Task(_("The meeting is going on"), None, here.url("room", meeting.pk), _("To the live room"), "hearing")


def _answers(here: Here, meeting: Meeting | None, replies: Iterable[Any]) -> Iterator[Task]:
    for reply in replies:
        if meeting and reply.response is None:
            words = _("Say whether %(seat)s takes part") % {"seat": reply.seat.name}
            yield Task(words, meeting.starts_at, f"#reply-{reply.seat.pk}", _("Answer now"), "calendar")


def _delegates(here: Here, n: int) -> Iterator[Task]:
    if n:
        words = ngettext("One delegate waits to be confirmed", "%(n)s delegates wait to be confirmed", n) % {"n": n}
        yield Task(words, None, here.url("delegations"), _("Confirm"), "user")


def _proposals(here: Here, meeting: Meeting | None, proposals: Iterable[AgendaItem]) -> Iterator[Task]:
    """Drafts to hand in, what came back to be changed, and, when there is none of one's own yet, that one may propose."""
    mine = list(proposals)
    for item in mine:
        if item.state == ItemState.DRAFT and item.meeting.state in ANNOUNCED:
            came_back = item.submitted_at is not None
            words = _("“%(title)s” came back to you: change it and hand it in again") if came_back else _("Hand in your draft “%(title)s”")
            until = item.meeting.intake_closes_at
            button = _("Change") if came_back else _("Hand in")
            yield Task(words % {"title": item.title}, until, here.url("item", item.pk), button, "pencil", until < clock.now())
    if meeting and _may_propose(meeting) and not any(item.meeting_id == meeting.pk for item in mine):
        words = _("Propose what the meeting should talk about, if you like")
        yield Task(words, meeting.intake_closes_at, here.url("propose", meeting.pk), _("Propose an item"), "plus", optional=True)


def _may_propose(meeting: Meeting) -> bool:
    return meeting.state == MeetingState.SCHEDULED and intake_is_open(meeting)


def _action_items(here: Here, rows: Iterable[ActionItem]) -> Iterator[Task]:
    for row in rows:
        if row.due_on is None:
            continue
        until = datetime.combine(row.due_on, time(23, 59), here.network.zone)
        if until < clock.now() + SOON:
            words = _("Action item: %(title)s") % {"title": row.title}
            yield Task(words, until, here.url("action", row.pk), _("Report progress"), "check-circle", until < clock.now())


def _minutes(here: Here, rows: Iterable[Minutes]) -> Iterator[Task]:
    for row in rows:
        if window_is_open(row):
            words = _("Check the minutes of %(title)s no. %(number)s") % {"title": row.meeting.title, "number": row.meeting.number}
            yield Task(words, row.correction_until, here.url("minutes", row.meeting_id), _("Read the minutes"), "files")
