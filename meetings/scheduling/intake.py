"""When proposals open and close: said in the log and by mail. Whether a proposal is on time, its own instant alone decides.

A meeting holds the instants; the worker says that they have passed, however late it comes. A deadline that is moved passes anew.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from meetings import clock
from meetings.access import Role
from meetings.events.services import record
from meetings.events.types import EventType, MeetingIntakeClosed, MeetingIntakeOpened
from meetings.network.selectors import memberships, recipients, system_actor
from meetings.notifications.services import notify
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import meeting_as_object
from meetings.scheduling.services import locked

PAST = timedelta(days=30)
"""How long after a meeting its log is still completed: longer than any pause of the worker, shorter than an old installation's history."""
PROPOSERS = (Role.REPRESENTATIVE, Role.SPOKESPERSON)
"""Who is told that proposals are open; the office knows."""


def open_intakes() -> int:
    """Records once for each meeting that proposals have opened; how many."""
    return _each(_passed("intake_opens_at__lte", "intake_opened_at"), _opened)


def close_intakes() -> int:
    """Records once for each meeting, and each deadline it is given, that proposals have closed; how many."""
    return _each(_passed("intake_closes_at__lt", "intake_closed_at"), _closed)


def tell_of_intakes() -> int:
    """Mails once for each meeting that its proposals are open, while they are; of a series' meetings the next alone; how many mails."""
    return _each(_untold, _tell)


def _passed(due: str, said: str) -> Callable[[datetime], "QuerySet[Meeting]"]:
    """The meetings whose instant `due` (with how it is compared) has passed, and not been said since."""

    def rows(now: datetime) -> "QuerySet[Meeting]":
        unsaid = Q(**{f"{said}__isnull": True}) | Q(**{f"{said}__lt": F(due.partition("__")[0])})
        begun = Meeting.objects.filter(unsaid, **{due: now}, starts_at__gt=now - PAST)
        return begun.exclude(state=MeetingState.CANCELLED)

    return rows


def _untold(now: datetime) -> "QuerySet[Meeting]":
    taking = Meeting.objects.filter(state=MeetingState.SCHEDULED, intake_opens_at__lte=now, intake_closes_at__gte=now)
    earlier = taking.filter(series=OuterRef("series"), starts_at__lt=OuterRef("starts_at"))
    return taking.filter(~Exists(earlier), intake_told_at__isnull=True)


def _each(rows: Callable[[datetime], "QuerySet[Meeting]"], act: Callable[[Meeting, datetime], int]) -> int:
    """Does it for each meeting in a transaction of its own, once it is locked and if it is still to be done."""
    found = list(rows(clock.now()).order_by("starts_at", "pk").values_list("pk", flat=True))
    return sum(_one(rows, act, pk) for pk in found)


@transaction.atomic
def _one(rows: Callable[[datetime], "QuerySet[Meeting]"], act: Callable[[Meeting, datetime], int], pk: UUID) -> int:
    meeting, now = locked(Meeting(pk=pk)), clock.now()
    return act(meeting, now) if rows(now).filter(pk=pk).exists() else 0


def _opened(meeting: Meeting, now: datetime) -> int:
    return _say(meeting, "intake_opened_at", MeetingIntakeOpened, now)


def _closed(meeting: Meeting, now: datetime) -> int:
    return _say(meeting, "intake_closed_at", MeetingIntakeClosed, now)


def _say(meeting: Meeting, said: str, event: type[EventType], now: datetime) -> int:
    """What the log is told is no edit: the meeting's version stays."""
    Meeting.objects.filter(pk=meeting.pk).update(**{said: now})
    record(system_actor(meeting.network_id), event(meeting_as_object(meeting)), meeting_id=meeting.pk)
    return 1


def _tell(meeting: Meeting, now: datetime) -> int:
    Meeting.objects.filter(pk=meeting.pk).update(intake_told_at=now)
    proposers = memberships(meeting.network).filter(role__in=PROPOSERS)
    context = {
        "meeting": meeting.pk,
        "title": meeting.title,
        "starts_at": meeting.starts_at,
        "closes_at": meeting.intake_closes_at,
        "time_zone": meeting.time_zone,
    }
    return notify(
        "intake_open",
        recipients(proposers),
        key=str(meeting.pk),
        network_id=meeting.network_id,
        about=str(meeting.pk),
        context=context,
    )
