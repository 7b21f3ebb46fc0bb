"""Writes of the list of speakers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, require
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live.models import SPEAKER_ACTIONS, SPEAKER_TRANSITIONS, SpeakerRequest, SpeakerState
from meetings.live.speaker_selectors import can_be_undone, floor_of, speaker_as_object
from meetings.live.taking_part import require_not_suspended, require_part
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.seats import acting_for

Undoable = SpeakerRequest.Undoable


@transaction.atomic
def request(
    *, actor: Actor, meeting: Meeting, municipality: Municipality, kind: str = SpeakerRequest.Kind.NEW_POINT, person: str = ""
) -> SpeakerRequest:
    """Asks for the floor on the current item; asking again gives the place one has. `person` names a caller by phone.

    Raises NotAllowed for another's seat and `suspended`, Conflict `no_current_item`, Invalid.
    """
    meeting = scheduling.locked(meeting)
    require_part(actor, meeting, municipality)
    require_not_suspended(actor, meeting, municipality)
    if meeting.state != MeetingState.IN_SESSION or meeting.current_item_id is None:
        raise Conflict("no_current_item", _("No item is under discussion now."))
    same = {"agenda_item": meeting.current_item, "municipality": municipality, "kind": kind}
    waiting = SpeakerRequest.objects.filter(**same, state=SpeakerState.WAITING).select_related("municipality__zone", "meeting").first()
    if waiting:
        return waiting
    row = SpeakerRequest(meeting=meeting, agenda_item=meeting.current_item, municipality=municipality, requested_at=clock.now())
    validation.apply(row, {"kind": kind, "person": _person(actor, meeting, municipality, person)})
    row.by_phone = municipality.pk not in actor.seats
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
    """Gives the floor; whoever has it is done. Raises Conflict `wrong_state`, `not_under_discussion`."""
    speaker = _locked(speaker)
    require(actor, SPEAKER_ACTIONS["give"], network_id=speaker.meeting.network_id)
    target = SPEAKER_TRANSITIONS.target("give", speaker.state)
    if speaker.agenda_item_id != speaker.meeting.current_item_id:
        raise Conflict("not_under_discussion", _("The floor is given on the item under discussion."), current=speaker_as_object(speaker))
    at = clock.now()
    _begin_act(speaker.meeting)
    if had := _speaking(speaker.meeting):
        _end(actor, had, at, Undoable.TAKEN)
    speaker.given_at, speaker.deadline, speaker.undoable = at, _deadline(speaker.meeting, at), Undoable.GIVE
    return _save(actor, speaker, target, types.SpeakerGiven)


def _deadline(meeting: Meeting, at: datetime) -> datetime | None:
    """By the limit as it now is: a change of it does not touch who speaks already."""
    floor = floor_of(meeting)
    return at + timedelta(seconds=floor.limit_seconds) if floor and floor.limit_seconds else None


@transaction.atomic
def end(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Takes the floor back. Raises Conflict."""
    speaker = _locked(speaker)
    require(actor, SPEAKER_ACTIONS["end"], network_id=speaker.meeting.network_id)
    SPEAKER_TRANSITIONS.target("end", speaker.state)
    _begin_act(speaker.meeting)
    return _end(actor, speaker, clock.now(), Undoable.END)


def _end(actor: Actor, speaker: SpeakerRequest, at: datetime, undoable: str) -> SpeakerRequest:
    speaker.ended_at, speaker.undoable = at, undoable
    return _save(actor, speaker, SPEAKER_TRANSITIONS.target("end", speaker.state), types.SpeakerEnded)


@transaction.atomic
def withdraw(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Leaves the list: by its own seat, or by the chair. Raises NotAllowed, Conflict."""
    speaker = _locked(speaker)
    if not actor.is_staff:
        require(actor, SPEAKER_ACTIONS["withdraw"], network_id=speaker.meeting.network_id, place=place_of(speaker.municipality))
    else:
        require(actor, SPEAKER_ACTIONS["give"], network_id=speaker.meeting.network_id)
    target = SPEAKER_TRANSITIONS.target("withdraw", speaker.state)
    _begin_act(speaker.meeting)
    speaker.ended_at, speaker.undoable = clock.now(), Undoable.WITHDRAW
    return _save(actor, speaker, target, types.SpeakerWithdrawn)


@transaction.atomic
def undo(*, actor: Actor, speaker: SpeakerRequest) -> SpeakerRequest:
    """Takes back the last act on the list, which must have been on this request: it waits again in its old place, or speaks on. When it had
    been given the floor, whoever lost it by that has it back.

    Raises Conflict `not_the_last`; `waits_again` when the municipality has asked anew meanwhile.
    """
    speaker = _locked(speaker)
    meeting = speaker.meeting
    require(actor, SPEAKER_ACTIONS["undo"], network_id=meeting.network_id)
    if not can_be_undone(speaker):
        detail = _("Only the last act on the list can be taken back, while its item is under discussion.")
        raise Conflict("not_the_last", detail, current=speaker_as_object(speaker))
    act, lost = speaker.undoable, _of(meeting).filter(undoable=Undoable.TAKEN).first()
    if act != Undoable.END:
        _require_free_place(speaker)
    _begin_act(meeting)
    speaker = _take_back(actor, speaker, act)
    if lost:
        _take_back(actor, lost, Undoable.END)
    return speaker


def _take_back(actor: Actor, speaker: SpeakerRequest, act: str) -> SpeakerRequest:
    target = SPEAKER_TRANSITIONS.target(f"undo_{act}", speaker.state)
    speaker.ended_at, speaker.undoable = None, ""
    if act == Undoable.GIVE:
        speaker.given_at = speaker.deadline = None
    return _save(actor, speaker, target, types.SpeakerUndone)


def _require_free_place(speaker: SpeakerRequest) -> None:
    """A municipality waits once for a thing."""
    same = {"agenda_item": speaker.agenda_item_id, "municipality": speaker.municipality_id, "kind": speaker.kind}
    if SpeakerRequest.objects.filter(**same, state=SpeakerState.WAITING).exists():
        detail = _("%(municipality)s has asked for the floor anew and waits already.") % {"municipality": speaker.municipality.name}
        raise Conflict("waits_again", detail, current=speaker_as_object(speaker))


def end_current(*, actor: Actor, meeting: Meeting) -> None:
    """Whoever has the floor is done."""
    row = _speaking(meeting)
    if row:
        end(actor=actor, speaker=row)


def withdraw_waiting(*, actor: Actor, meeting: Meeting) -> None:
    """The session is over: nobody waits any longer."""
    for row in SpeakerRequest.objects.filter(meeting=meeting, state=SpeakerState.WAITING):
        withdraw(actor=actor, speaker=row)


def require_silence(meeting: Meeting) -> None:
    """Nobody has the floor on the current item, nor waits for it. Raises Conflict `somebody_speaks`, which names them."""
    busy = (SpeakerState.SPEAKING, SpeakerState.WAITING)
    rows = _of(meeting).filter(agenda_item=meeting.current_item_id, state__in=busy).order_by("requested_at", "id")
    names = {state: ", ".join(row.municipality.name for row in rows if row.state == state) for state in busy}
    said = []
    if names[SpeakerState.SPEAKING]:
        said.append(_("%(name)s has the floor.") % {"name": names[SpeakerState.SPEAKING]})
    if names[SpeakerState.WAITING]:
        said.append(_("Still waiting for it: %(names)s.") % {"names": names[SpeakerState.WAITING]})
    if said:
        raise Conflict("somebody_speaks", " ".join(said))


def _locked(speaker: SpeakerRequest) -> SpeakerRequest:
    meeting = scheduling.locked(speaker.meeting)
    row = _of(meeting).select_for_update(of=("self",), no_key=True).get(pk=speaker.pk)
    row.meeting = meeting
    return row


def _of(meeting: Meeting) -> QuerySet[SpeakerRequest]:
    return SpeakerRequest.objects.filter(meeting=meeting).select_related("municipality__zone")


def _speaking(meeting: Meeting) -> SpeakerRequest | None:
    return _of(meeting).filter(state=SpeakerState.SPEAKING).first()


def _begin_act(meeting: Meeting) -> None:
    """From here on the act before can no longer be taken back."""
    SpeakerRequest.objects.filter(meeting=meeting).exclude(undoable="").update(undoable="")


def _save(actor: Actor, speaker: SpeakerRequest, state: str, event: type[types.EventType]) -> SpeakerRequest:
    speaker.state = state
    speaker.save(update_fields=["state", "given_at", "deadline", "ended_at", "undoable"])
    record(actor, event(speaker_as_object(speaker)), meeting_id=speaker.meeting_id)
    return speaker
