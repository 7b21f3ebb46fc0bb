"""The log in words: for each type of event what was done, as a sentence whose subject stands beside it, and what it was done with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

Payload = Mapping[str, Any]
LONGEST = 120

SENTENCES: Mapping[str, Any] = {
    "network.created": _("Began the network “%(thing)s”."),
    "network.changed": _("Changed the settings of the network."),
    "zone.created": _("Added the zone “%(thing)s”."),
    "zone.changed": _("Changed the zone “%(thing)s”."),
    "municipality.created": _("Added the municipality %(thing)s."),
    "municipality.changed": _("Changed the entry of the municipality %(thing)s."),
    "municipality.merged": _("Ended the municipality %(thing)s by a merger."),
    "membership.created": _("Added %(thing)s to the people of the network."),
    "membership.changed": _("Changed the role of %(thing)s."),
    "membership.ended": _("Ended the role of %(thing)s."),
    "membership.restored": _("Took back the end of the role of %(thing)s."),
    "announcement.sent": _("Sent the announcement “%(thing)s”."),
    "invitation.sent": _("Invited %(thing)s to sign in."),
    "invitation.accepted": _("Accepted the invitation to %(thing)s."),
    "invitation.revoked": _("Revoked the invitation to %(thing)s."),
    "token.created": _("Made an access token for programs."),
    "token.revoked": _("Revoked an access token."),
    "calendar_feed.created": _("Made a private calendar address."),
    "calendar_feed.revoked": _("Revoked a private calendar address."),
    "outgoing_email.sent_again": _("Had a mail sent again."),
    "outgoing_email.settled": _("Settled a mail of which it was not known whether it had arrived."),
    "event.redacted": _("Erased the content of entry no. %(thing)s of this record."),
    "privacy_policy.changed": _("Changed the privacy notice and its terms."),
    "retention.applied": _("Deleted what had been kept for its term."),
    "erasure_request.asked": _("Recorded the wish of %(thing)s to be erased."),
    "erasure_request.settled": _("Settled the wish of %(thing)s to be erased."),
    "person.erased": _("Erased a person’s data."),
    "series.created": _("Began the series “%(thing)s”."),
    "series.changed": _("Changed the series “%(thing)s”."),
    "meeting.scheduled": _("Scheduled the meeting “%(thing)s”."),
    "meeting.changed": _("Changed the meeting “%(thing)s”."),
    "meeting.intake_opened": _("Opened the proposals for the meeting “%(thing)s”."),
    "meeting.intake_closed": _("Closed the proposals for the meeting “%(thing)s”."),
    "meeting.reminded": _("Reminded those who had not answered for the meeting “%(thing)s”."),
    "meeting.agenda_published": _("Published the agenda of the meeting “%(thing)s”."),
    "meeting.moved": _("Moved the meeting “%(thing)s” to another time."),
    "meeting.cancelled": _("Cancelled the meeting “%(thing)s”."),
    "meeting.restored": _("Restored the cancelled meeting “%(thing)s”."),
    "meeting.opened": _("Opened the session “%(thing)s”."),
    "meeting.moved_on": _("Moved the session on to another item."),
    "meeting.item_extended": _("Gave more time to the item under discussion."),
    "meeting.closed": _("Closed the session “%(thing)s”."),
    "meeting.reopened": _("Opened the closed session “%(thing)s” again."),
    "response.given": _("Answered the invitation for %(thing)s."),
    "response.withdrawn": _("Took back the answer of %(thing)s."),
    "delegation.named": _("Named a substitute for %(thing)s."),
    "delegation.confirmed": _("Confirmed the substitute of %(thing)s."),
    "delegation.moved": _("Moved the days of the substitute of %(thing)s with the meeting."),
    "delegation.revoked": _("Revoked the substitute of %(thing)s."),
    "delegation.ended": _("Ended the delegation of %(thing)s."),
    "absence.declared": _("Declared days away for %(thing)s."),
    "absence.withdrawn": _("Withdrew days away of %(thing)s."),
    "agenda_item.proposed": _("Handed in the proposal “%(thing)s”."),
    "agenda_item.changed": _("Changed the item “%(thing)s”."),
    "agenda_item.withdrawn": _("Withdrew the item “%(thing)s”."),
    "agenda_item.accepted": _("Accepted the item “%(thing)s” for the agenda."),
    "agenda_item.returned": _("Returned the proposal “%(thing)s” to be changed."),
    "agenda_item.declined": _("Declined the proposal “%(thing)s”."),
    "agenda_item.deferred": _("Deferred the item “%(thing)s”."),
    "agenda_item.merged": _("Merged the proposal “%(thing)s” with another."),
    "agenda_item.reinstated": _("Made the item “%(thing)s” again what it was before."),
    "agenda_item.ordered": _("Gave the item “%(thing)s” another place in the running order."),
    "running_order.changed": _("Changed the running order."),
    "agenda_item.carried_over": _("Carried the item “%(thing)s” over to this meeting."),
    "agenda_item.published": _("Published the item “%(thing)s” with the agenda."),
    "agenda_item.discussed": _("Ended the discussion of the item “%(thing)s”."),
    "agenda_item.not_reached": _("Left the item “%(thing)s” for the next meeting, as there was no time."),
    "agenda_item.postponed": _("Postponed the item “%(thing)s”."),
    "attendance.joined": _("Recorded that %(thing)s is there."),
    "attendance.left": _("Recorded that %(thing)s has left."),
    "attendance.corrected": _("Corrected the presence of %(thing)s."),
    "floor.changed": _("Changed how the list of speakers is kept."),
    "speaker_request.requested": _("Asked for the floor for %(thing)s."),
    "speaker_request.given": _("Gave the floor to %(thing)s."),
    "speaker_request.ended": _("Ended the contribution of %(thing)s."),
    "speaker_request.withdrawn": _("Took %(thing)s off the list of speakers."),
    "speaker_request.undone": _("Took back the last step on the list of speakers, of %(thing)s."),
    "poll.drafted": _("Prepared a vote on the item “%(thing)s”."),
    "poll.changed": _("Changed a vote on the item “%(thing)s”."),
    "poll.opened": _("Opened the vote “%(thing)s”."),
    "poll.closed": _("Closed the vote “%(thing)s”."),
    "poll.counted": _("Counted a secret vote on the item “%(thing)s”."),
    "poll.published": _("Published the result of the vote “%(thing)s”."),
    "vote.cast": _("Cast the vote of %(thing)s."),
    "question.asked": _("Asked the question “%(thing)s”."),
    "question.supported": _("Changed who supports the question “%(thing)s”."),
    "question.answered": _("Answered the question “%(thing)s”."),
    "question.carried": _("Carried the question “%(thing)s” to the next meeting."),
    "question.withdrawn": _("Withdrew the question “%(thing)s”."),
    "note.written": _("Wrote a note on the item “%(thing)s”."),
    "note.published": _("Circulated a note on the item “%(thing)s” with the minutes."),
    "decision.recorded": _("Recorded the decision no. %(thing)s."),
    "decision.changed": _("Changed the decision no. %(thing)s."),
    "action_item.created": _("Recorded the action item “%(thing)s”."),
    "action_item.changed": _("Changed the action item “%(thing)s”."),
    "action_item.progressed": _("Reported on the action item “%(thing)s”."),
    "minutes.drafted": _("Began the minutes."),
    "minutes.changed": _("Changed the minutes."),
    "minutes.circulated": _("Circulated the minutes for corrections."),
    "minutes.correction_extended": _("Gave more time for corrections of the minutes."),
    "minutes.correction_closed": _("Ended the time for corrections of the minutes."),
    "minutes.amended": _("Began another edition of the minutes."),
    "minutes.approved": _("Approved and sealed the minutes."),
    "minutes.published": _("Published the minutes."),
    "correction.asked": _("Asked for a correction of the minutes."),
    "correction.accepted": _("Accepted a correction of the minutes."),
    "correction.rejected": _("Rejected a correction of the minutes."),
}

KINDS: Mapping[str, Any] = {
    "network": _("the network"),
    "zone": _("zones"),
    "municipality": _("municipalities"),
    "membership": _("people and roles"),
    "announcement": _("announcements"),
    "invitation": _("invitations"),
    "token": _("access tokens"),
    "calendar_feed": _("calendar addresses"),
    "outgoing_email": _("mails"),
    "event": _("entries of the log"),
    "privacy_policy": _("privacy notice"),
    "retention": _("retention"),
    "erasure_request": _("requests to be erased"),
    "person": _("erased people"),
    "series": _("series"),
    "meeting": _("meetings"),
    "response": _("answers to the invitation"),
    "delegation": _("delegations"),
    "absence": _("days away"),
    "agenda_item": _("agenda items"),
    "running_order": _("running order"),
    "attendance": _("attendance"),
    "floor": _("list of speakers: rules"),
    "speaker_request": _("list of speakers"),
    "poll": _("votes held"),
    "vote": _("votes cast"),
    "question": _("questions"),
    "note": _("notes"),
    "decision": _("decisions"),
    "action_item": _("action items"),
    "minutes": _("minutes"),
    "correction": _("corrections of the minutes"),
}
"""The part of a type's name before the dot, in words."""


@dataclass(frozen=True, slots=True)
class Names:
    """What ids that stand in payloads are called, by kind of thing and id (as a text)."""

    municipalities: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)


def _title(told: Payload, names: Names) -> str:
    return str(told.get("title") or told.get("name") or "")


def _seat(told: Payload, names: Names) -> str:
    known = told.get("municipality_name") or names.municipalities.get(str(told.get("municipality")))
    return str(known or _("a municipality"))


def _person(told: Payload, names: Names) -> str:
    user = told.get("user")
    known = user.get("name") if isinstance(user, Mapping) else names.people.get(str(user))
    return str(known or told.get("user_name") or _("a person"))


def _item(told: Payload, names: Names) -> str:
    return names.items.get(str(told.get("agenda_item"))) or "…"


def _speaker(told: Payload, names: Names) -> str:
    return str(_("%(person)s (%(municipality)s)")) % {"person": told.get("person", ""), "municipality": _seat(told, names)}


THINGS: Mapping[str, Callable[[Payload, Names], str]] = {
    **dict.fromkeys(("network", "zone", "municipality", "announcement", "series", "meeting", "agenda_item", "action_item"), _title),
    **dict.fromkeys(("response", "delegation", "attendance", "vote"), _seat),
    **dict.fromkeys(("membership", "invitation", "absence", "erasure_request"), _person),
    "speaker_request": _speaker,
    "note": _item,
    "poll": lambda told, names: str(told.get("question", "")),
    "question": lambda told, names: str(told.get("text", "")),
    "decision": lambda told, names: f"{told.get('number', '')}/{told.get('year', '')}",
    "event": lambda told, names: str(told.get("sequence", "")),
}
OF_THE_ITEM = ("poll.drafted", "poll.changed", "poll.counted")
"""Votes that are the staff's alone are told by their item."""


def collection(type: str) -> str:
    return type.partition(".")[0]


def thing(type: str, told: Payload | None, names: Names) -> str:
    """What it was done with; `told` is None once the content was erased."""
    if told is None:
        return str(_("[erased]"))
    name = _item if type in OF_THE_ITEM else THINGS.get(collection(type))
    return str(Truncator(" ".join(name(told, names).split())).chars(LONGEST)) if name else ""


def sentence(type: str, told: Payload | None, names: Names) -> str:
    """What was done, in words. A type that has no words yet is told by its name."""
    words = SENTENCES.get(type)
    return str(words) % {"thing": thing(type, told, names)} if words else type
