"""The consent agenda in one vote: a poll that covers several consent items, and decides each of them when it is carried."""

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.access import Actor, require
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import may_ask_to_discuss
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.live.models import POLL_ACTIONS, POLL_TRANSITIONS, Poll, PollState
from meetings.live.poll_selectors import consent_items, poll_as_object
from meetings.minutes import services as minutes
from meetings.scheduling import services as scheduling

LONGEST = 10_000
"""Characters of a decision's text."""


@transaction.atomic
def take_out(*, actor: Actor, poll: Poll, item: AgendaItem) -> Poll:
    """An item that somebody wants discussed leaves the block, before or while it is voted. Any seat may ask it.

    Raises NotAllowed, Conflict `wrong_state`, `not_in_the_block`, `last_of_the_block`.
    """
    scheduling.locked(poll.agenda_item.meeting)
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting__network").get(pk=poll.pk)
    if not may_ask_to_discuss(actor):
        require(actor, POLL_ACTIONS["take_out"], network_id=poll.agenda_item.meeting.network_id)
    POLL_TRANSITIONS.target("take_out", poll.state)
    covered = set(poll.covers.values_list("pk", flat=True))
    if item.pk not in covered:
        raise Conflict("not_in_the_block", _("This item is not in the block."), current=poll_as_object(poll))
    if len(covered) == 1:
        raise Conflict("last_of_the_block", _("This is the last item of the block: object to the vote instead."))
    agenda.discuss_instead(actor=actor, item=item, until_voted=True)
    poll.covers.remove(item)
    return tell(actor, poll)


def tell(actor: Actor, poll: Poll) -> Poll:
    """Saves a change of a poll; of an open one everybody is told."""
    poll.version += 1
    poll.save()
    audience = Audience.STAFF if poll.state == PollState.DRAFT else Audience.MEMBERS
    record(actor, types.PollChanged(poll_as_object(poll)), meeting_id=poll.agenda_item.meeting_id, audience=audience)
    return poll


def freeze(poll: Poll) -> None:
    """At opening: what of the block is still to be decided. Raises Conflict `nothing_to_decide`."""
    covered = set(poll.covers.values_list("pk", flat=True))
    if not covered:
        return
    left = list(consent_items(poll.agenda_item.meeting).filter(pk__in=covered))
    if not left:
        raise Conflict("nothing_to_decide", _("None of the items of this block is still to be decided."), current=poll_as_object(poll))
    poll.covers.set(left)


def decide(actor: Actor, poll: Poll) -> None:
    """A carried block: each item counts as discussed, and its decision is recorded in the words in which it was proposed."""
    meeting = poll.agenda_item.meeting
    covered = list(consent_items(meeting).filter(covered_by=poll).select_related("meeting__network"))
    if covered:
        minutes.lock_network(meeting.network_id)
    for item in covered:
        minutes.record_decision(actor=actor, item=item, text=_as_proposed(item), poll=poll)
        agenda.mark(actor=actor, item=item, action="discuss")


def _as_proposed(item: AgendaItem) -> str:
    return f"{item.title}\n\n{item.text}".strip()[:LONGEST]
