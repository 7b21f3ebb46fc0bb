"""Writes of polls: opening one on a frozen roll, voting, closing, publishing. Preparing one is in poll_drafts.py, secret ballots are in
ballots.py, votes by phone in phone_votes.py, the consent agenda in blocks.py.
"""

import hashlib
from datetime import timedelta
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from meetings import clock, validation
from meetings.access import Actor, Permission, can, require
from meetings.errors import Conflict, NotAllowed
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.live import attendance_selectors as attendance
from meetings.live import ballots, blocks, phone_votes
from meetings.live.attendance_selectors import TwoKey
from meetings.live.blocks import take_out
from meetings.live.models import POLL_ACTIONS, POLL_TRANSITIONS, Mark, Poll, PollState, RollEntry, Vote
from meetings.live.poll_drafts import MOST_CHOICES, draft, edit
from meetings.live.poll_selectors import poll_as_object, receipt_as_object, tally, turnout
from meetings.live.taking_part import require_not_suspended
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities, place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import MeetingState

__all__ = ["MOST_CHOICES", "close", "draft", "edit", "open_", "publish", "take_out", "vote"]


def _locked(poll: Poll) -> Poll:
    return Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting__network").get(pk=poll.pk)


@transaction.atomic
def open_(*, actor: Actor, poll: Poll) -> Poll:
    """Opens the vote on the roll as it is at this instant, which is frozen with its populations.

    Raises Conflict `wrong_state`, `poll_open` (one at a time), `roll_too_small` for a secret vote, `nothing_to_decide` for a block, and
    `no_quorum` unless the poll is advisory.
    """
    meeting = scheduling.locked(poll.agenda_item.meeting)
    poll = _locked(poll)
    require(actor, POLL_ACTIONS["open"], network_id=meeting.network_id)
    poll.state = POLL_TRANSITIONS.target("open", poll.state)
    _require_possible(poll)
    poll.quorum = attendance.has_quorum(meeting)
    if not poll.quorum and not poll.advisory:
        raise Conflict("no_quorum", _("There is no quorum: the vote can only be opened as advisory."), current=poll_as_object(poll))
    blocks.freeze(poll)
    _freeze_roll(poll)
    poll.opened_at = clock.now()
    if poll.is_silent:
        poll.until = poll.opened_at + timedelta(seconds=poll.silence_seconds)
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
        seats = seats.filter(attendance__meeting=meeting, attendance__left_at__isnull=True, attendance__struck_at__isnull=True)
    elif poll.roll_policy == Poll.RollPolicy.CHOSEN:
        seats = seats.filter(pk__in=poll.chosen.values("pk"))
    roll = [RollEntry(poll=poll, municipality=seat, population=seat.population) for seat in seats]
    if poll.is_secret and len(roll) < ballots.FEWEST:
        detail = _("A secret vote needs at least %(n)s municipalities on the roll: with fewer, everybody would know who voted what.")
        raise Conflict("roll_too_small", detail % {"n": ballots.FEWEST}, current=poll_as_object(poll))
    RollEntry.objects.bulk_create(roll)
    lines = sorted(f"{entry.municipality_id}:{entry.population}" for entry in roll)
    poll.roll_checksum = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    poll.roll_municipalities, poll.roll_population = len(roll), sum(entry.population for entry in roll)
    poll.seats_municipalities, poll.seats_population = attendance.seats(meeting)


@sensitive_variables("choice")
@transaction.atomic
def vote(*, actor: Actor, poll: Poll, municipality: Municipality, choice: str, confirm: str = "") -> Vote | Mark:
    """One seat's vote. While a named poll is open a later one of the same seat replaces it; a secret vote is final.

    The office votes for a caller by phone in two steps: see phone_votes.py (`confirm`: what the first one answered).
    Raises NotAllowed for another's seat, one not on the roll or one for which somebody else is in (`suspended`), Conflict when the poll
    is not open (any more), for a second secret vote (`already_voted`) and to read a phone vote back; Invalid for no such choice.
    """
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting").get(pk=poll.pk)
    meeting = poll.agenda_item.meeting
    by_phone = _by_phone(actor, poll, municipality)
    require_not_suspended(actor, meeting, municipality)
    POLL_TRANSITIONS.target("vote", poll.state)
    if choice not in {known["id"] for known in poll.choices}:
        raise validation.invalid("choice", _("This is not one of the choices."))
    if poll.until and clock.now() >= poll.until:
        raise Conflict("too_late", _("The time to object is over."), current=poll_as_object(poll))
    if not RollEntry.objects.filter(poll=poll, municipality=municipality).exists():
        raise NotAllowed("not_on_the_roll", _("This municipality is not on the roll of this vote."))
    if by_phone:
        phone_votes.require_confirmed(actor, poll, municipality, choice, confirm)
    if poll.is_secret:
        return ballots.cast(actor, poll, municipality, choice)
    found = Vote.objects.filter(poll=poll, municipality=municipality).first() or Vote(poll=poll, municipality=municipality)
    found.choice, found.by_id, found.by_phone, found.at = choice, actor.user_id, by_phone, clock.now()
    found.save()
    told = {**receipt_as_object(found), "choice": choice, "by_phone": by_phone}
    record(actor, types.VoteCast(told), meeting_id=meeting.pk)
    return found


def _by_phone(actor: Actor, poll: Poll, municipality: Municipality) -> bool:
    """Whether the office votes for somebody else's seat. Raises NotFound, and NotAllowed for who neither represents it nor may do that."""
    network_id = poll.agenda_item.meeting.network_id
    by_phone = can(actor, Permission.TAKE_PART_BY_PHONE) and municipality.pk not in actor.seats
    if by_phone:
        require(actor, Permission.TAKE_PART_BY_PHONE, network_id=network_id)
    else:
        require(actor, Permission.TAKE_PART, network_id=network_id, place=place_of(municipality))
    return by_phone


@transaction.atomic
def close(*, actor: Actor, poll: Poll) -> Poll:
    """Closes the vote and counts it; a closed poll never changes, but that a secret one is published. A carried block is decided.

    Raises Conflict `wrong_state`, and `too_early` while nobody has objected and there is still time to.
    """
    scheduling.locked(poll.agenda_item.meeting)
    poll = _locked(poll)
    require(actor, POLL_ACTIONS["close"], network_id=poll.agenda_item.meeting.network_id)
    poll.state = POLL_TRANSITIONS.target("close", poll.state)
    poll.closed_at, poll.turnout = clock.now(), turnout(poll)
    if poll.until and poll.closed_at < poll.until and not poll.turnout:
        raise Conflict("too_early", _("There is still time to object. Close the vote when it is over."), current=poll_as_object(poll))
    if poll.is_secret:
        ballots.shuffle(poll)
    poll.tally = tally(poll)
    carried = _carried(poll)
    poll.outcome = Poll.Outcome.CARRIED if carried else Poll.Outcome.NOT_CARRIED
    if carried:
        blocks.decide(actor, poll)
    return _save(actor, poll, types.PollClosed)


def _carried(poll: Poll) -> bool:
    """By the thresholds of the network; without objections; of a secret vote by the municipalities' share of all seats alone."""
    motion, network = poll.tally[0], poll.agenda_item.meeting.network
    if poll.is_silent:
        return not poll.turnout
    if poll.is_secret:
        return Fraction(motion["municipalities"], poll.seats_municipalities) >= network.thresholds[0]
    in_favour = TwoKey(motion["municipalities"], motion["population"])
    return attendance.reaches(in_favour, TwoKey(poll.seats_municipalities, poll.seats_population), network)


@transaction.atomic
def publish(*, actor: Actor, poll: Poll) -> Poll:
    """Shows everybody the result of a secret vote. Raises Conflict for one that is not closed, or was never secret."""
    scheduling.locked(poll.agenda_item.meeting)
    poll = _locked(poll)
    require(actor, POLL_ACTIONS["publish"], network_id=poll.agenda_item.meeting.network_id)
    state = POLL_TRANSITIONS.target("publish", poll.state)
    if not poll.is_secret:
        raise Conflict("not_secret", _("Only the result of a secret vote is published: this one is known."), current=poll_as_object(poll))
    poll.state, poll.published_at = state, clock.now()
    return _save(actor, poll, types.PollPublished)


def _save(actor: Actor, poll: Poll, event: type[types.EventType]) -> Poll:
    """Everybody is told what everybody may know; of a secret count, the staff the rest."""
    poll.version += 1
    poll.save()
    meeting_id = poll.agenda_item.meeting_id
    record(actor, event(poll_as_object(poll, staff=False)), meeting_id=meeting_id, audience=Audience.MEMBERS)
    if poll.awaits_publication:
        record(actor, types.PollCounted(poll_as_object(poll)), meeting_id=meeting_id)
    return poll
