"""Gathers each slice's models for Django; nothing else."""

from meetings.action_items.models import ActionItem, ProgressUpdate
from meetings.agenda.models import AgendaItem, Attachment
from meetings.calendar_feed.models import CalendarFeed
from meetings.events.models import Event, EventStream, IdempotencyKey
from meetings.live.models import Attendance, Poll, RollEntry, SpeakerRequest, Vote
from meetings.minutes.models import Decision, Minutes, Note, SealedDocument
from meetings.network.models import AccessToken, Membership, Municipality, Network, User, Zone
from meetings.scheduling.models import Meeting, MeetingSeries, Response

__all__ = [
    "AccessToken",
    "ActionItem",
    "AgendaItem",
    "Attachment",
    "Attendance",
    "CalendarFeed",
    "Decision",
    "Event",
    "EventStream",
    "IdempotencyKey",
    "Meeting",
    "MeetingSeries",
    "Membership",
    "Minutes",
    "Municipality",
    "Network",
    "Note",
    "Poll",
    "ProgressUpdate",
    "Response",
    "RollEntry",
    "SealedDocument",
    "SpeakerRequest",
    "User",
    "Vote",
    "Zone",
]
