"""Writes of the list of speakers."""

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, require
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live.models import SPEAKER_ACTIONS, SPEAKER_TRANSITIONS, SpeakerRequest, SpeakerState
from meetings.live.selectors import speaker_as_object
from meetings.live.taking_part import require_part
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.seats import acting_for


@transaction.atomic
def request(
    *, actor: Actor, meeting: Meeting, municipality: Municipality, kind: str = SpeakerRequest.Kind.NEW_POINT, person: str = ""
) -> SpeakerRequest:
    """Asks for the floor on the current item; asking again gives the place one has. `person` names a caller by phone.

    Raises NotAllowed for another's seat, Conflict `no_current_item`, Invalid.
    """
    meeting = scheduling.locked(meeting)
    require_part(actor, meeting, municipality)
    if meeting.state != MeetingState.IN_SESSION or meeting.current_item_id is None:
        raise Conflict("no_current_item", _("No item is under discussion now."))
    same = {"agenda_item": meeting.current_item, "municipality": municipality, "kind": kind}
    waiting = SpeakerRequest.objects.filter(**same, state=SpeakerState.WAITING).select_related("municipality").first()
    if waiting:
        return waiting
    row = SpeakerRequest(meeting=meeting, agenda_item=meeting.current_item, municipality=municipality, requested_at=clock.now())
    validation.apply(row, {"kind": kind, "person": _person(actor, meeting, municipality, person)})
    row.save()
    record(actor, types.SpeakerRequested(speaker_as_object(row)), meeting_id=meeting.pk)
    return row


def _person(actor: Actor, meeting: Meeting, municipality: Municipality, named: str) -> str:
    if municipality.pk in actor.seats:
        return actor.name
    acting = acting_for(meeting, [municipality.pk]).get(municipality.pk)
    return named or (acting.user.name if acting else municipality.name)


@transaction.atomic
def give(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Gives the floor; whoever has it is done. Raises Conflict."""
    speaker = _locked(speaker)
    require(actor, SPEAKER_ACTIONS["give"], network_id=speaker.meeting.network_id)
    target = SPEAKER_TRANSITIONS.target("give", speaker.state)
    end_current(actor=actor, meeting=speaker.meeting)
    speaker.given_at = clock.now()
    return _save(actor, speaker, target, types.SpeakerGiven)


@transaction.atomic
def end(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Takes the floor back. Raises Conflict."""
    speaker = _locked(speaker)
    require(actor, SPEAKER_ACTIONS["end"], network_id=speaker.meeting.network_id)
    target = SPEAKER_TRANSITIONS.target("end", speaker.state)
    speaker.ended_at = clock.now()
    return _save(actor, speaker, target, types.SpeakerEnded)


@transaction.atomic
def withdraw(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Leaves the list: by its own seat, or by the chair. Raises NotAllowed, Conflict."""
    speaker = _locked(speaker)
    if not actor.is_staff:
        require(actor, SPEAKER_ACTIONS["withdraw"], network_id=speaker.meeting.network_id, place=place_of(speaker.municipality))
    else:
        require(actor, SPEAKER_ACTIONS["give"], network_id=speaker.meeting.network_id)
    target = SPEAKER_TRANSITIONS.target("withdraw", speaker.state)
    return _save(actor, speaker, target, types.SpeakerWithdrawn)


def end_current(*, actor: Actor, meeting: Meeting) -> None:
    """Whoever has the floor is done."""
    row = SpeakerRequest.objects.filter(meeting=meeting, state=SpeakerState.SPEAKING).first()
    if row:
        end(actor=actor, speaker=row)


def withdraw_waiting(*, actor: Actor, meeting: Meeting) -> None:
    """The session is over: nobody waits any longer."""
    for row in SpeakerRequest.objects.filter(meeting=meeting, state=SpeakerState.WAITING):
        withdraw(actor=actor, speaker=row)


def _locked(speaker: SpeakerRequest) -> SpeakerRequest:
    scheduling.locked(speaker.meeting)
    rows = SpeakerRequest.objects.select_for_update(of=("self",), no_key=True).select_related("meeting__network", "municipality__zone")
    return rows.get(pk=speaker.pk)


def _save(actor: Actor, speaker: SpeakerRequest, state: str, event: type[types.EventType]) -> SpeakerRequest:
    speaker.state = state
    speaker.save(update_fields=["state", "given_at", "ended_at"])
    record(actor, event(speaker_as_object(speaker)), meeting_id=speaker.meeting_id)
    return speaker
