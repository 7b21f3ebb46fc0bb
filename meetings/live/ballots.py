"""Secret ballots: that a seat has voted is one row, what was voted another, and nothing joins them (ADR 20)."""

import secrets

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from meetings.access import Actor
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live.models import Ballot, Mark, Poll
from meetings.live.poll_selectors import receipt_as_object
from meetings.network.models import Municipality

FEWEST = 3
"""On the roll of a secret vote: with fewer a voter would know how the other voted."""


@sensitive_variables("choice")
def cast(actor: Actor, poll: Poll, municipality: Municipality, choice: str) -> Mark:
    """Marks that the seat has voted and puts its ballot among the others. Raises Conflict `already_voted` with the receipt."""
    if known := Mark.objects.filter(poll=poll, municipality=municipality).first():
        detail = _("This municipality has already voted. A secret vote is final: nobody could say which ballot to take back.")
        raise Conflict("already_voted", detail, current=receipt_as_object(known))
    mark = Mark.objects.create(poll=poll, municipality=municipality)
    Ballot.objects.create(poll=poll, choice=choice)
    record(actor, types.VoteCast(receipt_as_object(mark)), meeting_id=poll.agenda_item.meeting_id)
    return mark


def shuffle(poll: Poll) -> None:
    """Writes all ballots anew, under new ids and in an order that chance makes: neither ids nor rows tell in which order they came."""
    choices = list(Ballot.objects.filter(poll=poll).values_list("choice", flat=True))
    secrets.SystemRandom().shuffle(choices)
    Ballot.objects.filter(poll=poll).delete()
    Ballot.objects.bulk_create(Ballot(poll=poll, choice=choice) for choice in choices)
