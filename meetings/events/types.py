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


class MunicipalityMerged(EventType):
    """It ends, and its successor sees to what it left open."""

    name = "municipality.merged"


class MembershipCreated(StaffEvent):
    name = "membership.created"


class MembershipChanged(StaffEvent):
    name = "membership.changed"


class MembershipEnded(StaffEvent):
    name = "membership.ended"


class AnnouncementSent(EventType):
    """One to a zone alone is for the staff."""

    name = "announcement.sent"


class MembershipRestored(StaffEvent):
    """Its end was taken back."""

    name = "membership.restored"


class InvitationSent(AuditEvent):
    """Sent, or sent again."""

    name = "invitation.sent"


class InvitationAccepted(AuditEvent):
    name = "invitation.accepted"


class InvitationRevoked(AuditEvent):
    name = "invitation.revoked"


class TokenCreated(AuditEvent):
    name = "token.created"


class TokenRevoked(AuditEvent):
    name = "token.revoked"


class CalendarFeedCreated(AuditEvent):
    name = "calendar_feed.created"


class CalendarFeedRevoked(AuditEvent):
    name = "calendar_feed.revoked"


class OutgoingEmailSentAgain(AuditEvent):
    """Carries neither the address nor what the mail says."""

    name = "outgoing_email.sent_again"


class OutgoingEmailSettled(AuditEvent):
    name = "outgoing_email.settled"


class EventRedacted(AuditEvent):
    name = "event.redacted"


class PrivacyPolicyChanged(AuditEvent):
    name = "privacy_policy.changed"


class RetentionApplied(AuditEvent):
    """How many rows of which kind were deleted, and never what they held."""

    name = "retention.applied"


class ErasureAsked(AuditEvent):
    name = "erasure_request.asked"


class ErasureSettled(AuditEvent):
    """Withdrawn, declined or carried out."""

    name = "erasure_request.settled"


class PersonErased(AuditEvent):
    name = "person.erased"


class SeriesCreated(EventType):
    name = "series.created"


class SeriesChanged(EventType):
    name = "series.changed"


class MeetingScheduled(EventType):
    name = "meeting.scheduled"


class MeetingChanged(EventType):
    name = "meeting.changed"


class MeetingIntakeOpened(EventType):
    """Proposals are open. Said by the worker, perhaps late; the instant in the meeting decides."""

    name = "meeting.intake_opened"


class MeetingIntakeClosed(EventType):
    name = "meeting.intake_closed"


class MeetingReminded(StaffEvent):
    """Those who had not answered were asked to."""

    name = "meeting.reminded"


class MeetingAgendaPublished(EventType):
    name = "meeting.agenda_published"


class MeetingMoved(EventType):
    name = "meeting.moved"


class MeetingCancelled(EventType):
    name = "meeting.cancelled"


class MeetingRestored(EventType):
    name = "meeting.restored"


class MeetingOpened(EventType):
    name = "meeting.opened"


class MeetingMovedOn(EventType):
    """The session moved to another agenda item."""

    name = "meeting.moved_on"


class MeetingItemExtended(EventType):
    """The item under discussion has more time."""

    name = "meeting.item_extended"


class MeetingClosed(EventType):
    name = "meeting.closed"


class ResponseGiven(EventType):
    """Carries the answer, never its reason."""

    name = "response.given"


class ResponseWithdrawn(EventType):
    """The seat has no answer any more; the object's is empty."""

    name = "response.withdrawn"


class DelegationNamed(StaffEvent):
    name = "delegation.named"


class DelegationConfirmed(StaffEvent):
    name = "delegation.confirmed"


class DelegationMoved(StaffEvent):
    """Its meeting was moved, and its days with it."""

    name = "delegation.moved"


class DelegationRevoked(StaffEvent):
    name = "delegation.revoked"


class DelegationEnded(StaffEvent):
    name = "delegation.ended"


class AbsenceDeclared(StaffEvent):
    """Carries the days, never the note."""

    name = "absence.declared"


class AbsenceWithdrawn(StaffEvent):
    name = "absence.withdrawn"


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


class AgendaItemDeferred(StaffEvent):
    """It goes on at a later meeting, or lies in the backlog."""

    name = "agenda_item.deferred"


class AgendaItemMerged(StaffEvent):
    name = "agenda_item.merged"


class AgendaItemReinstated(StaffEvent):
    """It is again what it was: a carry-over, a cancellation or a merger was undone."""

    name = "agenda_item.reinstated"


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


class AttendanceCorrected(EventType):
    """By the office: an interval added, changed or struck."""

    name = "attendance.corrected"


class FloorChanged(EventType):
    """How the list of speakers is kept."""

    name = "floor.changed"


class SpeakerRequested(EventType):
    name = "speaker_request.requested"


class SpeakerGiven(EventType):
    name = "speaker_request.given"


class SpeakerEnded(EventType):
    name = "speaker_request.ended"


class SpeakerWithdrawn(EventType):
    name = "speaker_request.withdrawn"


class SpeakerUndone(EventType):
    """The last act on it is taken back."""

    name = "speaker_request.undone"


class PollDrafted(StaffEvent):
    name = "poll.drafted"


class PollChanged(StaffEvent):
    name = "poll.changed"


class PollOpened(EventType):
    name = "poll.opened"


class PollClosed(EventType):
    name = "poll.closed"


class PollCounted(StaffEvent):
    """The result of a secret poll, before it is published."""

    name = "poll.counted"


class PollPublished(EventType):
    name = "poll.published"


class VoteCast(AuditEvent):
    name = "vote.cast"


class QuestionAsked(EventType):
    name = "question.asked"


class QuestionSupported(EventType):
    """A municipality supports it, or no longer does."""

    name = "question.supported"


class QuestionAnswered(EventType):
    name = "question.answered"


class QuestionCarried(EventType):
    """To the next meeting, where it is another question with this one as its origin."""

    name = "question.carried"


class QuestionWithdrawn(EventType):
    name = "question.withdrawn"


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


class MeetingReopened(EventType):
    name = "meeting.reopened"


class MinutesDrafted(StaffEvent):
    name = "minutes.drafted"


class MinutesChanged(StaffEvent):
    name = "minutes.changed"


class MinutesCirculated(EventType):
    name = "minutes.circulated"


class MinutesCorrectionExtended(EventType):
    name = "minutes.correction_extended"


class MinutesCorrectionClosed(EventType):
    name = "minutes.correction_closed"


class MinutesAmended(EventType):
    name = "minutes.amended"


class CorrectionAsked(EventType):
    name = "correction.asked"


class CorrectionAccepted(EventType):
    name = "correction.accepted"


class CorrectionRejected(EventType):
    name = "correction.rejected"


class MinutesApproved(EventType):
    name = "minutes.approved"


class MinutesPublished(EventType):
    name = "minutes.published"


def all_types() -> dict[str, type[EventType]]:
    """Every concrete event class by its name."""
    concrete = [*EventType.__subclasses__(), *StaffEvent.__subclasses__(), *AuditEvent.__subclasses__()]
    return {cls.name: cls for cls in concrete if hasattr(cls, "name")}
