"""Writes of polls: a named two-key vote on a frozen roll."""

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock, validation
from meetings.access import Actor, Permission, require
from meetings.agenda import services as agenda
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict, NotAllowed
from meetings.events import types
from meetings.events.services import record
from meetings.live import selectors
from meetings.live.models import POLL_ACTIONS, POLL_TRANSITIONS, Poll, PollState, RollEntry, Vote
from meetings.live.selectors import TwoKey, poll_as_object, receipt_as_object
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities, place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import MeetingState

MOST_CHOICES = 10


def usual_choices(language: str) -> list[dict[str, str]]:
    """In favour, against, abstaining; the first is the motion."""
    with override(language):
        return [{"id": "yes", "label": _("In favour")}, {"id": "no", "label": _("Against")}, {"id": "abstain", "label": _("Abstaining")}]


@transaction.atomic
def draft(
    *,
    actor: Actor,
    item: AgendaItem,
    question: str,
    choices: Sequence[dict[str, str]] | None = None,
    roll_policy: str = Poll.RollPolicy.PRESENT,
    advisory: bool = False,
) -> Poll:
    """Prepares a question on an item; the first choice is the motion. Raises Conflict, Invalid by field."""
    item = agenda.locked(item)
    meeting = item.meeting
    require(actor, POLL_ACTIONS["open"], network_id=meeting.network_id)
    if item.state not in ON_THE_AGENDA:
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    if meeting.state not in (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION):
        raise Conflict("wrong_state", _("Votes are prepared between the publication of the agenda and the end of the session."))
    poll = Poll(
        agenda_item=item, created_at=clock.now(), advisory=advisory, choices=_checked(choices or usual_choices(meeting.network.language))
    )
    validation.apply(poll, {"question": question, "roll_policy": roll_policy})
    poll.save()
    record(actor, types.PollDrafted(poll_as_object(poll)), meeting_id=meeting.pk)
    return poll


def _checked(choices: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    cleaned = [
        {"id": validation.clean_line(c.get("id", ""))[:20].rstrip(), "label": validation.clean_line(c.get("label", ""))[:80].rstrip()}
        for c in choices
    ]
    names = {choice["id"] for choice in cleaned}
    if not 2 <= len(cleaned) <= MOST_CHOICES or len(names) != len(cleaned) or not all(c["id"] and c["label"] for c in cleaned):
        raise validation.invalid("choices", _("Give from 2 to %(most)s different choices, each with a label.") % {"most": MOST_CHOICES})
    return cleaned


def _locked(poll: Poll) -> Poll:
    return Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting__network").get(pk=poll.pk)


@transaction.atomic
def open_(*, actor: Actor, poll: Poll) -> Poll:
    """Opens the vote on the roll as it is at this instant, which is frozen with its populations.

    Raises Conflict `wrong_state`, `poll_open` (one at a time), `no_quorum` unless the poll is advisory.
    """
    meeting = scheduling.locked(poll.agenda_item.meeting)
    poll = _locked(poll)
    require(actor, POLL_ACTIONS["open"], network_id=meeting.network_id)
    poll.state = POLL_TRANSITIONS.target("open", poll.state)
    _require_possible(poll)
    poll.quorum = selectors.has_quorum(meeting)
    if not poll.quorum and not poll.advisory:
        raise Conflict("no_quorum", _("There is no quorum: the vote can only be opened as advisory."), current=poll_as_object(poll))
    _freeze_roll(poll)
    poll.opened_at = clock.now()
    return _save(actor, poll, types.PollOpened)


def _require_possible(poll: Poll) -> None:
    meeting = poll.agenda_item.meeting
    if meeting.state != MeetingState.IN_SESSION:
        raise Conflict("wrong_state", _("Votes are taken while the session is open."))
    if Poll.objects.filter(agenda_item__meeting=meeting, state=PollState.OPEN).exists():
        raise Conflict("poll_open", _("Another vote is open. Close it first."))


def _freeze_roll(poll: Poll) -> None:
    meeting = poll.agenda_item.meeting
    seats = municipalities(meeting.network, meeting.local.date())
    if poll.roll_policy == Poll.RollPolicy.PRESENT:
        seats = seats.filter(attendance__meeting=meeting, attendance__left_at__isnull=True)
    roll = [RollEntry(poll=poll, municipality=seat, population=seat.population) for seat in seats]
    RollEntry.objects.bulk_create(roll)
    lines = sorted(f"{entry.municipality_id}:{entry.population}" for entry in roll)
    poll.roll_checksum = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    poll.roll_municipalities, poll.roll_population = len(roll), sum(entry.population for entry in roll)
    poll.seats_municipalities, poll.seats_population = selectors.seats(meeting)


@transaction.atomic
def vote(*, actor: Actor, poll: Poll, municipality: Municipality, choice: str) -> Vote:
    """One seat's vote; while the poll is open a later one of the same seat replaces it.

    Raises NotAllowed for another's seat or one not on the roll, Conflict when the poll is not open, Invalid for no such choice.
    """
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting").get(pk=poll.pk)
    require(actor, Permission.TAKE_PART, network_id=poll.agenda_item.meeting.network_id, place=place_of(municipality))
    POLL_TRANSITIONS.target("vote", poll.state)
    if choice not in {known["id"] for known in poll.choices}:
        raise validation.invalid("choice", _("This is not one of the choices."))
    if not RollEntry.objects.filter(poll=poll, municipality=municipality).exists():
        raise NotAllowed("not_on_the_roll", _("This municipality is not on the roll of this vote."))
    found = Vote.objects.filter(poll=poll, municipality=municipality).first() or Vote(poll=poll, municipality=municipality)
    found.choice, found.by_id, found.at = choice, actor.user_id, clock.now()
    found.save()
    record(actor, types.VoteCast({**receipt_as_object(found), "choice": choice}), meeting_id=poll.agenda_item.meeting_id)
    return found


@transaction.atomic
def close(*, actor: Actor, poll: Poll) -> Poll:
    """Closes the vote and counts it in both keys; a closed poll never changes. Raises Conflict."""
    poll = _locked(poll)
    require(actor, POLL_ACTIONS["close"], network_id=poll.agenda_item.meeting.network_id)
    poll.state = POLL_TRANSITIONS.target("close", poll.state)
    poll.closed_at = clock.now()
    poll.tally = selectors.tally(poll)
    poll.outcome = Poll.Outcome.CARRIED if _carried(poll) else Poll.Outcome.NOT_CARRIED
    return _save(actor, poll, types.PollClosed)


def _carried(poll: Poll) -> bool:
    motion = poll.tally[0]
    in_favour = TwoKey(motion["municipalities"], motion["population"])
    seats = TwoKey(poll.seats_municipalities, poll.seats_population)
    return selectors.reaches(in_favour, seats, poll.agenda_item.meeting.network)


def _save(actor: Actor, poll: Poll, event: type[types.EventType]) -> Poll:
    poll.version += 1
    poll.save()
    record(actor, event(poll_as_object(poll)), meeting_id=poll.agenda_item.meeting_id)
    return poll
