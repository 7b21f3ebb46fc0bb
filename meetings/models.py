"""Gathers each slice's models for Django; nothing else."""

from meetings.action_items.models import ActionItem, ProgressUpdate
from meetings.agenda.models import AgendaItem, Attachment
from meetings.announcements.models import Announcement
from meetings.calendar_feed.models import CalendarFeed
from meetings.events.models import Event, EventStream, IdempotencyKey
from meetings.live.models import Attendance, Ballot, Floor, Mark, Poll, Question, RollEntry, SpeakerRequest, Support, Vote
from meetings.minutes.models import Correction, Decision, Minutes, Note, SealedDocument
from meetings.network.models import AccessToken, Invitation, Membership, Municipality, Network, User, Zone
from meetings.news.models import NewsMark
from meetings.notifications.models import OutgoingEmail, Unsubscription
from meetings.privacy.models import ErasureRequest, PrivacyPolicy
from meetings.scheduling.models import Delegation, Meeting, MeetingSeries, OutOfOffice, Response

__all__ = [
    "AccessToken",
    "ActionItem",
    "AgendaItem",
    "Announcement",
    "Attachment",
    "Attendance",
    "Ballot",
    "CalendarFeed",
    "Correction",
    "Decision",
    "Delegation",
    "ErasureRequest",
    "Event",
    "EventStream",
    "Floor",
    "IdempotencyKey",
    "Invitation",
    "Mark",
    "Meeting",
    "MeetingSeries",
    "Membership",
    "Minutes",
    "Municipality",
    "Network",
    "NewsMark",
    "Note",
    "OutOfOffice",
    "OutgoingEmail",
    "Poll",
    "PrivacyPolicy",
    "ProgressUpdate",
    "Question",
    "Response",
    "RollEntry",
    "SealedDocument",
    "SpeakerRequest",
    "Support",
    "Unsubscription",
    "User",
    "Vote",
    "Zone",
]
