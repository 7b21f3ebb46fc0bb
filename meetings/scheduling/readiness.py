"""What the office wants to know of a meeting to come: what Raccordo will do by itself and when, and who was asked last."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max

from meetings import clock
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState
from meetings.scheduling.reminders import reminders_at

INTAKE_OPENS, INTAKE_CLOSES, REMINDER = "intake_opens", "intake_closes", "reminder"


class Coming(NamedTuple):
    """An instant, and what Raccordo does at it."""

    at: datetime
    what: str


class Asked(NamedTuple):
    """The last day on which the silent were asked about the meeting: the instant of its last mail, and how many were asked that day."""

    at: datetime
    people: int


def coming_up(meeting: Meeting) -> list[Coming]:
    """What the worker will do for this meeting before it begins, in order. Needs `series` selected."""
    found = []
    if meeting.state == MeetingState.SCHEDULED:
        found += [Coming(meeting.intake_opens_at, INTAKE_OPENS), Coming(meeting.intake_closes_at, INTAKE_CLOSES)]
    if meeting.state in ANNOUNCED:
        found += [Coming(at, REMINDER) for at in reminders_at(meeting)]
    return sorted(row for row in found if row.at > clock.now())


def last_asked(meeting: Meeting) -> Asked | None:
    """When silent municipalities were last asked to answer, if ever."""
    rows = OutgoingEmail.objects.filter(kind="reminder", about=str(meeting.pk), network=meeting.network_id)
    row = rows.values("chase_day").annotate(at=Max("created_at"), people=Count("pk")).order_by("-chase_day").first()
    return Asked(row["at"], row["people"]) if row else None
