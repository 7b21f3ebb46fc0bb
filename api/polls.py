"""`polls/`: votes of the seats on the roll."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.agenda_items import item_and_actor
from api.base import Rest, able
from api.fields import Thing, TwoKey, count, one_of, reference, text, whole
from api.live import seat_of
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.agenda import selectors as agenda
from meetings.live import poll_selectors as selectors
from meetings.live import polls
from meetings.live.models import Poll, PollState, Vote


class Choice(serializers.Serializer[Any]):
    id = text()
    label = text()  # type: ignore[assignment]


class Count(serializers.Serializer[Any]):
    choice = text()
    municipalities = count()
    population = serializers.IntegerField(required=False, help_text="left out of a secret vote: it would say whose it was")


class PollObject(Thing):
    id = reference()
    agenda_item = reference()
    question = text()
    choices = Choice(many=True)
    secrecy = one_of(Poll.Secrecy.values)
    roll_policy = one_of(Poll.RollPolicy.values)
    chosen = serializers.ListField(child=reference(), help_text="the municipalities of a roll made by hand")
    covers = serializers.ListField(child=reference(), help_text="the consent items that a block vote decides")
    advisory = serializers.BooleanField()
    silence_seconds = count()
    state = one_of(PollState.values)
    opened_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="of silent assent: an objection counts before this instant")
    closed_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    roll = TwoKey()
    roll_checksum = text()
    seats = TwoKey(help_text="all seats valid on the day: what shares are shares of")
    quorum = serializers.BooleanField(allow_null=True)
    tally = Count(
        many=True, help_text="as it stands now; of a secret vote empty until it is closed, and for all but the staff until published"
    )
    turnout = count()
    outcome = one_of(["", *Poll.Outcome.values])
    version = count()


class PollChanges(serializers.Serializer[Any]):
    question = serializers.CharField(required=False)
    choices = serializers.ListField(child=Choice(), required=False, max_length=polls.MOST_CHOICES)
    secrecy = one_of(Poll.Secrecy.values, required=False)
    roll_policy = one_of(Poll.RollPolicy.values, required=False)
    chosen = serializers.ListField(child=reference(), required=False)
    covers = serializers.ListField(child=reference(), required=False)
    advisory = serializers.BooleanField(required=False)
    silence_seconds = whole(required=False)


class PollBody(PollChanges):
    question = serializers.CharField()


class VoteBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    choice = serializers.CharField()
    confirm = serializers.CharField(required=False, help_text="for the office, of a caller by phone: what the first attempt answered")


class ItemOfBlock(serializers.Serializer[Any]):
    agenda_item = reference()


class Receipt(serializers.Serializer[Any]):
    """Proof of what was stored and when; of a secret vote only that it was cast."""

    id = reference()
    poll = reference()
    municipality = reference()
    at = serializers.DateTimeField(allow_null=True)
    digest = text()


class NamedVote(serializers.Serializer[Any]):
    municipality = reference()
    municipality_name = text()
    choice = text()
    by_phone = serializers.BooleanField()
    at = serializers.DateTimeField()


def poll_answer(actor: Actor, poll: Poll) -> dict[str, Any]:
    """Counts while the poll is open: at most one poll of a meeting is."""
    return able(selectors.as_it_stands(poll, staff=actor.is_staff), selectors.poll_abilities(actor, poll))


def poll_and_actor(view: Rest, id: UUID) -> tuple[Poll, Actor]:
    """A poll that the caller may know of. Raises NotFound."""
    actor = view.actor(selectors.network_of(id))
    return selectors.poll(actor, id), actor


def _named(vote: Vote) -> dict[str, Any]:
    seat = {"municipality": vote.municipality_id, "municipality_name": vote.municipality.name}
    return {**seat, "choice": vote.choice, "by_phone": vote.by_phone, "at": vote.at}


class Polls(Rest):
    @lists(PollObject)
    def list(self, request: Request, id: UUID) -> Response:
        actor = self.actor(agenda.item_network(id))
        item = agenda.item_alone(actor, id)
        rows = selectors.polls_of(item.meeting, staff=actor.is_staff).filter(agenda_item=item)
        return self.short_list(rows.prefetch_related(*selectors.WITH_LISTS), lambda row: poll_answer(actor, row))

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

    @writes(PollObject, takes=PollChanges, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Changes a draft; once it is open, nothing of it changes."""
        poll, actor = poll_and_actor(self, id)
        values, version = self.sent(PollChanges, partial=True), self.expected_version
        return self.write(lambda: poll_answer(actor, polls.edit(actor=actor, poll=poll, values=values, expected_version=version)))

    @writes(PollObject)
    def open(self, request: Request, id: UUID) -> Response:
        """Freezes the roll."""
        return self._act(id, polls.open_)

    @writes(PollObject)
    def close(self, request: Request, id: UUID) -> Response:
        """Counts. A carried block vote records the decisions of its items."""
        return self._act(id, polls.close)

    @writes(PollObject)
    def publish(self, request: Request, id: UUID) -> Response:
        """Shows everybody the result of a secret vote."""
        return self._act(id, polls.publish)

    @writes(PollObject, takes=ItemOfBlock)
    def take_out(self, request: Request, id: UUID) -> Response:
        """Any seat, until the vote is closed: this item leaves the block and is discussed instead."""
        poll, actor = poll_and_actor(self, id)
        item = agenda.item(actor, self.sent(ItemOfBlock)["agenda_item"])
        return self.write(lambda: poll_answer(actor, polls.take_out(actor=actor, poll=poll, item=item)))

    @writes(Receipt, takes=VoteBody)
    def vote(self, request: Request, id: UUID) -> Response:
        """One seat's vote. While a named vote is open a later one replaces it; a secret vote is final, and nothing of its body is kept.

        For a caller by phone the office sends it twice: the first answer is 409 `confirm_phone_vote` with what to read back.
        """
        poll, actor = poll_and_actor(self, id)
        values = self.sent(VoteBody)
        seat = seat_of(actor, values.pop("municipality", None))
        asked = (request.get_full_path(), str(seat.pk)) if poll.is_secret else ()
        return self.write(
            lambda: selectors.receipt_as_object(polls.vote(actor=actor, poll=poll, municipality=seat, **values)),
            asked=asked,
        )

    @lists(NamedVote)
    def votes(self, request: Request, id: UUID) -> Response:
        """Who voted what in a named vote, by municipality, once it is counted (for observers: once the minutes circulate)."""
        poll, actor = poll_and_actor(self, id)
        return self.short_list(selectors.named_votes(actor, poll), _named, key="municipality")

    def _act(self, id: UUID, service: Callable[..., Poll]) -> Response:
        poll, actor = poll_and_actor(self, id)
        return self.write(lambda: poll_answer(actor, service(actor=actor, poll=poll)))
