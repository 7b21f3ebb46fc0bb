"""What pages show of votes: how they stand or came out, a seat's own ballots, and the receipts of what it has voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language

from meetings.live.models import Mark, Poll, PollState, Vote
from meetings.live.poll_drafts import objection, usual_choices
from meetings.live.poll_selectors import Tally, receipt_as_object, tally, turnout
from meetings.live.selectors import TwoKey
from meetings.network.models import Municipality, Network


@dataclass(frozen=True, slots=True)
class Count:
    """One choice of a poll and its votes in both keys, with what share of all seats that is. Of a secret one `population` is 0."""

    label: str
    votes: TwoKey
    seats: TwoKey

    @property
    def municipalities_percent(self) -> float:
        return _percent(Fraction(self.votes.municipalities, self.seats.municipalities or 1))

    @property
    def population_percent(self) -> float:
        return _percent(Fraction(self.votes.population, self.seats.population or 1))


@dataclass(frozen=True, slots=True)
class Result:
    """A poll as far as it is counted and may be shown. `cast`: all votes; `needed`: what carries the motion; `hidden`: the reader sees the
    turnout alone.
    """

    poll: Poll
    counts: list[Count]
    cast: TwoKey
    needed: TwoKey
    lines: tuple[float, float]
    """Where the thresholds stand on the bars, in percent."""
    turnout: int
    hidden: bool

    @property
    def choices(self) -> list[dict[str, str]]:
        return choices_of(self.poll)

    @property
    def turnout_percent(self) -> float:
        return _percent(Fraction(self.turnout, self.poll.roll_municipalities or 1))

    @property
    def is_block(self) -> bool:
        """Needs `blocks` annotated."""
        return bool(getattr(self.poll, "blocks", False))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves that a seat has voted. `choice` is empty for a secret vote."""

    poll: Poll
    municipality: Municipality
    choice: str
    at: datetime | None
    digest: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """A seat of the reader's on the roll of the open poll, and its receipt when it has voted."""

    municipality: Municipality
    receipt: Receipt | None


def _percent(share: Fraction) -> float:
    return round(float(min(share, Fraction(1)) * 100), 2)


@cache
def _usual(language: str) -> dict[str, str]:
    """In a language, the words of the choices that nobody has to write."""
    return {choice["id"]: choice["label"] for choice in (*usual_choices(language), *objection(language))}


def label_of(choice: Mapping[str, str]) -> str:
    """A choice's words: of a usual one, kept in the network's language, those of the reader's; of any other what was written."""
    name, written = choice["id"], choice["label"]
    is_usual = any(_usual(code).get(name) == written for code, _name in settings.LANGUAGES)
    return _usual(get_language() or settings.LANGUAGE_CODE)[name] if is_usual else written


def choices_of(poll: Poll) -> list[dict[str, str]]:
    """The poll's choices with the words that the reader sees."""
    return [{"id": choice["id"], "label": label_of(choice)} for choice in poll.choices]


def labels_of(poll: Poll) -> dict[str, str]:
    """The same by id."""
    return {choice["id"]: choice["label"] for choice in choices_of(poll)}


def needed(seats: TwoKey, network: Network) -> TwoKey:
    """The least counts that reach the network's thresholds: at least the one share, more than the other."""
    enough, more_than = network.thresholds
    return TwoKey(ceil(enough * seats.municipalities), floor(more_than * seats.population) + 1)


def result_of(poll: Poll, network: Network, *, staff: bool) -> Result:
    """As it was counted, or while it is open as it stands now: of a secret one nobody sees more than the turnout."""
    is_open = poll.state == PollState.OPEN
    hidden = poll.is_secret and (is_open or (poll.awaits_publication and not staff))
    counted: Tally = [] if hidden else tally(poll) if is_open else poll.tally
    labels = labels_of(poll)
    seats = TwoKey(poll.seats_municipalities, poll.seats_population)
    counts = [Count(labels[row["choice"]], TwoKey(row["municipalities"], row.get("population", 0)), seats) for row in counted]
    cast = TwoKey(sum(count.votes.municipalities for count in counts), sum(count.votes.population for count in counts))
    voted = turnout(poll) if hidden and is_open else poll.turnout or cast.municipalities
    enough, more_than = network.thresholds
    return Result(poll, counts, cast, needed(seats, network), (_percent(enough), _percent(more_than)), voted, hidden)


def receipt_of(vote: Vote | Mark, poll: Poll) -> Receipt:
    """Needs `municipality` at hand."""
    shown: dict[str, Any] = receipt_as_object(vote)
    labels = labels_of(poll)
    choice = labels.get(vote.choice, vote.choice) if isinstance(vote, Vote) else ""
    return Receipt(poll, vote.municipality, choice, shown["at"], shown["digest"])


def receipts_of(votes: Sequence[Vote | Mark], polls: Sequence[Poll]) -> dict[tuple[UUID, UUID], Receipt]:
    """By poll and municipality."""
    by_id = {poll.pk: poll for poll in polls}
    return {(row.poll_id, row.municipality_id): receipt_of(row, by_id[row.poll_id]) for row in votes if row.poll_id in by_id}
