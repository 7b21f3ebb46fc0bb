"""`polls/`: votes of the seats on the roll."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.agenda_items import item_and_actor
from api.base import Rest, able
from api.fields import Thing, TwoKey, count, one_of, reference, text
from api.live import seat_of
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.live import polls, selectors
from meetings.live.models import Poll, PollState


class Choice(serializers.Serializer[Any]):
    id = text()
    label = text()  # type: ignore[assignment]


class Count(TwoKey):
    choice = text()


class PollObject(Thing):
    id = reference()
    agenda_item = reference()
    question = text()
    choices = Choice(many=True)
    secrecy = one_of(Poll.Secrecy.values)
    roll_policy = one_of(Poll.RollPolicy.values)
    advisory = serializers.BooleanField()
    state = one_of(PollState.values)
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    roll = TwoKey()
    roll_checksum = text()
    seats = TwoKey(help_text="all seats valid on the day: what shares are shares of")
    quorum = serializers.BooleanField(allow_null=True)
    tally = Count(many=True, help_text="as it stands now")
    outcome = one_of(["", *Poll.Outcome.values])
    version = count()


class PollBody(serializers.Serializer[Any]):
    question = serializers.CharField()
    choices = serializers.ListField(child=Choice(), required=False, max_length=polls.MOST_CHOICES)
    roll_policy = one_of(Poll.RollPolicy.values, required=False)
    advisory = serializers.BooleanField(required=False)


class VoteBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    choice = serializers.CharField()


class Receipt(serializers.Serializer[Any]):
    """Proof of what was stored and when."""

    id = reference()
    poll = reference()
    municipality = reference()
    at = serializers.DateTimeField()
    digest = text()


def poll_answer(actor: Actor, poll: Poll) -> dict[str, Any]:
    """Counts while the poll is open: one query for the one poll of a meeting that may be."""
    shown = selectors.with_tally(poll) if poll.state == PollState.OPEN else selectors.poll_as_object(poll)
    return able(shown, selectors.poll_abilities(actor, poll))


def poll_and_actor(view: Rest, id: UUID) -> tuple[Poll, Actor]:
    """A poll that the caller may know of. Raises NotFound."""
    actor = view.actor(selectors.network_of(Poll, id))
    return selectors.poll(actor, id), actor


class Polls(Rest):
    @lists(PollObject)
    def list(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        rows = selectors.polls_of(item.meeting, staff=actor.is_staff).filter(agenda_item=item)
        return self.short_list(rows, lambda row: poll_answer(actor, row))

    @writes(PollObject, takes=PollBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """A draft. The first choice is the motion; left out, the choices are in favour, against, abstaining."""
        item, actor = item_and_actor(self, id)
        values = self.sent(PollBody)
        return self.write(lambda: poll_answer(actor, polls.draft(actor=actor, item=item, **values)), status=201)

    @reads(PollObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        poll, actor = poll_and_actor(self, id)
        return self.read(poll_answer(actor, poll))

    @writes(PollObject)
    def open(self, request: Request, id: UUID) -> Response:
        """Freezes the roll."""
        return self._act(id, polls.open_)

    @writes(PollObject)
    def close(self, request: Request, id: UUID) -> Response:
        return self._act(id, polls.close)

    @writes(Receipt, takes=VoteBody)
    def vote(self, request: Request, id: UUID) -> Response:
        """One seat's vote; while the poll is open a later one replaces it."""
        poll, actor = poll_and_actor(self, id)
        values = self.sent(VoteBody)
        seat, choice = seat_of(actor, values.get("municipality")), values["choice"]
        return self.write(lambda: selectors.receipt_as_object(polls.vote(actor=actor, poll=poll, municipality=seat, choice=choice)))

    def _act(self, id: UUID, service: Callable[..., Poll]) -> Response:
        poll, actor = poll_and_actor(self, id)
        return self.write(lambda: poll_answer(actor, service(actor=actor, poll=poll)))
