"""Corrections: asked for by who was there while the window is open, accepted or rejected by the staff with a reason."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, can, require
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict, NotAllowed
from meetings.events import types
from meetings.events.services import record
from meetings.minutes import services, telling
from meetings.minutes.models import CORRECTION_ACTIONS, CORRECTION_TRANSITIONS, Correction, Decision, Minutes, MinutesState, Note
from meetings.minutes.selectors import correction_as_object, minutes_as_object, seats_that_attended, window_is_open
from meetings.network.models import Municipality
from meetings.network.selectors import place_of

MOST_CORRECTIONS = 200  # of one meeting


@transaction.atomic
def ask(
    *,
    actor: Actor,
    minutes: Minutes,
    values: Mapping[str, Any],
    agenda_item: AgendaItem | None = None,
    municipality: Municipality | None = None,
) -> Correction:
    """Asks for a correction: `text` says what is wrong, `proposed` what it should say. A seat that attended asks through `municipality`,
    which may be left out by who represents only one such seat; the staff need none.

    Raises Conflict `window_closed`, NotAllowed to who was not there, Invalid by field.
    """
    minutes = services.locked(minutes)
    network_id = minutes.meeting.network_id
    municipality = municipality or _only_seat(actor, minutes)
    require(actor, Permission.ASK_CORRECTION, network_id=network_id, place=place_of(municipality))
    if municipality and not municipality.attendance.filter(meeting=minutes.meeting_id).exists():
        raise NotAllowed("did_not_attend", _("Corrections are asked for by the municipalities that were there."))
    if not window_is_open(minutes):
        raise Conflict("window_closed", _("The time to ask for corrections is over."), current=minutes_as_object(minutes))
    if agenda_item and (agenda_item.meeting_id != minutes.meeting_id or agenda_item.state not in ON_THE_AGENDA):
        raise validation.invalid("agenda_item", _("This item is not on the agenda of the meeting."))
    if minutes.corrections.count() >= MOST_CORRECTIONS:
        raise Conflict("too_many_corrections", _("There are too many corrections already. Write to the office."))
    correction = Correction(
        minutes=minutes, edition=minutes.edition, agenda_item=agenda_item, municipality=municipality, asked_by_id=actor.user_id
    )
    correction.asked_at = clock.now()
    validation.apply(correction, {"proposed": "", **values})
    if not correction.text:
        raise validation.invalid("text", _("Say what is wrong."))
    correction.save()
    return _tell(actor, correction, types.CorrectionAsked)


def _only_seat(actor: Actor, minutes: Minutes) -> Municipality | None:
    if can(actor, Permission.ASK_CORRECTION):
        return None
    seats = list(seats_that_attended(actor, minutes)[:2])
    if len(seats) > 1:
        raise validation.invalid("municipality", _("Say for which municipality."))
    return seats[0] if seats else None


@transaction.atomic
def accept(
    *,
    actor: Actor,
    correction: Correction,
    reason: str = "",
    note: Note | None = None,
    decision: Decision | None = None,
    text: str = "",
    expected_version: int | None = None,
) -> Correction:
    """Accepts it; with `note` or `decision`, that one says `text` from now on; with neither, the staff have seen to it themselves.

    `expected_version`: of the note or decision. Raises Conflict, Invalid by field, StaleVersion with the text saved meanwhile.
    """
    correction = _decided(actor, correction, "accept", reason)
    written = note or decision
    if written and written.agenda_item.meeting_id != correction.minutes.meeting_id:
        raise validation.invalid("text", _("This is not a text of these minutes."))
    if note:
        services.edit_note(actor=actor, note=note, text=text, expected_version=expected_version)
    elif decision:
        services.edit_decision(actor=actor, decision=decision, text=text, expected_version=expected_version)
    correction.save()
    return _answer(actor, correction, types.CorrectionAccepted)


@transaction.atomic
def reject(*, actor: Actor, correction: Correction, reason: str) -> Correction:
    """Rejects it, with a reason. Raises Conflict, Invalid without one."""
    correction = _decided(actor, correction, "reject", reason)
    if not correction.reason:
        raise validation.invalid("reason", _("Answer in writing: whoever asked is told why."))
    correction.save()
    return _answer(actor, correction, types.CorrectionRejected)


def _decided(actor: Actor, correction: Correction, action: str, reason: str) -> Correction:
    minutes = services.locked(correction.minutes)
    require(actor, CORRECTION_ACTIONS[action], network_id=minutes.meeting.network_id)
    correction = Correction.objects.select_for_update(of=("self",), no_key=True).get(pk=correction.pk)
    correction.minutes = minutes
    if minutes.state != MinutesState.IN_CORRECTION:
        raise Conflict("wrong_state", _("These minutes are not in correction."), current=minutes_as_object(minutes))
    correction.state = CORRECTION_TRANSITIONS.target(action, correction.state)
    validation.apply(correction, {"reason": reason})
    correction.decided_at, correction.decided_by_id = clock.now(), actor.user_id
    correction.version += 1
    return correction


def _answer(actor: Actor, correction: Correction, event: type[types.EventType]) -> Correction:
    correction = _tell(actor, correction, event)
    telling.answered(actor, correction)
    return correction


def _tell(actor: Actor, correction: Correction, event: type[types.EventType]) -> Correction:
    rows = Correction.objects.select_related("municipality", "asked_by", "decided_by", "agenda_item", "minutes__meeting__network")
    correction = rows.get(pk=correction.pk)
    record(actor, event(correction_as_object(correction)), meeting_id=correction.minutes.meeting_id)
    return correction
