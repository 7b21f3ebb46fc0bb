"""Votes through the service from many threads, on the database that the environment names; prints what came of it as JSON."""

import json
import sys
import time
from collections import Counter

from meetings.agenda import services as agenda
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify
from meetings.live import polls, services
from meetings.live.models import Poll, Vote
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

SEATS, ATTEMPTS, THREADS = 315, 64, 40
VOTES = 3000
CHOICES = ("yes", "no", "abstain")


def open_poll(slug: str) -> tuple[Side, Poll]:
    """A vote of all seats."""
    side = factories.make_side(slug, seats=SEATS)
    factories.accepted(side, seat=None)
    meeting = agenda.publish(actor=side.actor(COORDINATOR), meeting=side.meeting)
    meeting = services.open_session(actor=side.actor(CHAIR), meeting=meeting)
    poll = polls.draft(actor=side.actor(CHAIR), item=factories.items(meeting)[0], question="All of us?", roll_policy="all", advisory=True)
    return side, polls.open_(actor=side.actor(CHAIR), poll=poll)


def cast(side: Side, poll: Poll, votes: int, threads: int) -> dict[str, float]:
    """So many votes, seat after seat: how many were refused, how many the log lacks, how many rows there are, and votes a second."""
    actors = [side.actor(user) for user in side.representatives]

    def vote(number: int) -> Vote:
        seat = number % SEATS
        return polls.vote(actor=actors[seat], poll=poll, municipality=side.seats[seat], choice=CHOICES[number % 3])

    begun = time.monotonic()
    answers = side_by_side([(lambda number=number: vote(number)) for number in range(votes)], threads=threads)
    took = time.monotonic() - begun
    failed = Counter(f"{type(answer).__name__}: {answer}" for answer in answers if isinstance(answer, Exception))
    logged = Event.objects.filter(type="vote.cast", stream__network=side.network).count()
    broken = int(verify(EventStream.objects.get(meeting=side.meeting)) is not None)
    rows = Vote.objects.filter(poll=poll).count()
    print(*(f"  {count} × {what[:150]}" for what, count in failed.items()), sep="\n", end="", flush=True, file=sys.stderr)
    return {"failed": failed.total(), "lost": votes - failed.total() - logged, "rows": rows, "broken": broken, "rate": votes / took}


def main() -> None:
    once = cast(*open_poll("once"), SEATS * ATTEMPTS, ATTEMPTS)
    many = cast(*open_poll("many"), VOTES, THREADS)
    print(json.dumps({"once": once, "many": many}))


if __name__ == "__main__":
    main()
