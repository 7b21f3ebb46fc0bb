"""Every event there is, one frozen class each. `object` is the whole changed object, so a reader's rule is “replace by id”.

The part of a name before the dot is the collection that the object belongs to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from meetings.events.models import Audience


@dataclass(frozen=True, slots=True)
class EventType:
    """The base of all: a name, who is told unless the service says otherwise, and the object."""

    object: Mapping[str, Any]
    name: ClassVar[str]
    audience: ClassVar[Audience] = Audience.MEMBERS


class StaffEvent(EventType):
    audience = Audience.STAFF


class AuditEvent(EventType):
    audience = Audience.AUDIT


class NetworkCreated(EventType):
    name = "network.created"


class NetworkChanged(EventType):
    name = "network.changed"


class ZoneCreated(EventType):
    name = "zone.created"


class ZoneChanged(EventType):
    name = "zone.changed"


class MunicipalityCreated(EventType):
    name = "municipality.created"


class MunicipalityChanged(EventType):
    name = "municipality.changed"


class MembershipCreated(StaffEvent):
    name = "membership.created"


class MembershipChanged(StaffEvent):
    name = "membership.changed"


class MembershipEnded(StaffEvent):
    name = "membership.ended"


class TokenCreated(AuditEvent):
    name = "token.created"


class TokenRevoked(AuditEvent):
    name = "token.revoked"


class CalendarFeedCreated(AuditEvent):
    name = "calendar_feed.created"


class CalendarFeedRevoked(AuditEvent):
    name = "calendar_feed.revoked"


class EventRedacted(AuditEvent):
    name = "event.redacted"


class SeriesCreated(EventType):
    name = "series.created"


class SeriesChanged(EventType):
    name = "series.changed"


class MeetingScheduled(EventType):
    name = "meeting.scheduled"


class MeetingChanged(EventType):
    name = "meeting.changed"


class MeetingAgendaPublished(EventType):
    name = "meeting.agenda_published"


class MeetingOpened(EventType):
    name = "meeting.opened"


class MeetingMovedOn(EventType):
    """The session moved to another agenda item."""

    name = "meeting.moved_on"


class MeetingClosed(EventType):
    name = "meeting.closed"


class ResponseGiven(EventType):
    """Carries the answer, never its reason."""

    name = "response.given"


class AgendaItemProposed(StaffEvent):
    name = "agenda_item.proposed"


class AgendaItemChanged(StaffEvent):
    name = "agenda_item.changed"


class AgendaItemWithdrawn(StaffEvent):
    name = "agenda_item.withdrawn"


class AgendaItemAccepted(StaffEvent):
    name = "agenda_item.accepted"


class AgendaItemReturned(StaffEvent):
    name = "agenda_item.returned"


class AgendaItemDeclined(StaffEvent):
    name = "agenda_item.declined"


class AgendaItemOrdered(StaffEvent):
    name = "agenda_item.ordered"


class RunningOrderChanged(StaffEvent):
    name = "running_order.changed"


class AgendaItemCarriedOver(StaffEvent):
    name = "agenda_item.carried_over"


class AgendaItemPublished(EventType):
    name = "agenda_item.published"


class AgendaItemDiscussed(EventType):
    name = "agenda_item.discussed"


class AgendaItemNotReached(EventType):
    name = "agenda_item.not_reached"


class AgendaItemPostponed(EventType):
    name = "agenda_item.postponed"


class AttendanceJoined(EventType):
    name = "attendance.joined"


class AttendanceLeft(EventType):
    name = "attendance.left"


class SpeakerRequested(EventType):
    name = "speaker_request.requested"


class SpeakerGiven(EventType):
    name = "speaker_request.given"


class SpeakerEnded(EventType):
    name = "speaker_request.ended"


class SpeakerWithdrawn(EventType):
    name = "speaker_request.withdrawn"


class PollDrafted(StaffEvent):
    name = "poll.drafted"


class PollOpened(EventType):
    name = "poll.opened"


class PollClosed(EventType):
    name = "poll.closed"


class VoteCast(AuditEvent):
    name = "vote.cast"


class NoteWritten(StaffEvent):
    name = "note.written"


class NotePublished(EventType):
    """The minutes circulate, and the notes with them."""

    name = "note.published"


class DecisionRecorded(EventType):
    name = "decision.recorded"


class DecisionChanged(EventType):
    name = "decision.changed"


class ActionItemCreated(EventType):
    name = "action_item.created"


class ActionItemChanged(EventType):
    name = "action_item.changed"


class ActionItemProgressed(EventType):
    name = "action_item.progressed"


class MinutesDrafted(StaffEvent):
    name = "minutes.drafted"


class MinutesChanged(StaffEvent):
    name = "minutes.changed"


class MinutesCirculated(EventType):
    name = "minutes.circulated"


class MinutesApproved(EventType):
    name = "minutes.approved"


class MinutesPublished(EventType):
    name = "minutes.published"


def all_types() -> dict[str, type[EventType]]:
    """Every concrete event class by its name."""
    concrete = [*EventType.__subclasses__(), *StaffEvent.__subclasses__(), *AuditEvent.__subclasses__()]
    return {cls.name: cls for cls in concrete if hasattr(cls, "name")}
