"""Reads of polls: what may be seen of them, how they are counted, and the same count out of the log alone."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery, Sum

from meetings.access import Actor, Permission, Role, abilities, can
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import found
from meetings.events.models import Event
from meetings.live.models import COUNTED, POLL_ACTIONS, POLL_TRANSITIONS, Ballot, Mark, Poll, PollState, RollEntry, Vote
from meetings.minutes import selectors as minutes
from meetings.network.models import Municipality, Network
from meetings.scheduling.models import Meeting

Tally = list[dict[str, Any]]
WITH_LISTS = (
    Prefetch("covers", queryset=AgendaItem.objects.only("id").order_by("id")),
    Prefetch("chosen", queryset=Municipality.objects.only("id").order_by("id")),
)
"""What `poll_as_object` lists, for many polls at once."""
_POLLS = Poll.objects.select_related("agenda_item__meeting__network")


def polls_of(meeting: Meeting, *, staff: bool = True) -> QuerySet[Poll]:
    """The meeting's polls; those still being drafted are the staff's."""
    rows = _POLLS.filter(agenda_item__meeting=meeting).order_by("created_at", "id")
    return rows if staff else rows.exclude(state=PollState.DRAFT)


def poll(actor: Actor, poll_id: Any) -> Poll:
    """Raises NotFound, for a draft to all but the staff too."""
    rows = _POLLS.filter(agenda_item__meeting__network=actor.network_id, pk=poll_id)
    return found((rows if actor.is_staff else rows.exclude(state=PollState.DRAFT)).first())


def network_of(poll_id: Any) -> Network:
    """The network a poll belongs to, to know who is asking. Raises NotFound."""
    return found(_POLLS.filter(pk=poll_id).first()).agenda_item.meeting.network


def consent_items(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The consent items still to be decided, in their order: what a block vote may cover."""
    rows = AgendaItem.objects.filter(meeting=meeting, kind=AgendaItem.Kind.CONSENT, state=ItemState.ACCEPTED)
    return rows.order_by("position", "id")


def poll_abilities(actor: Actor, row: Poll) -> list[str]:
    """Preparing, opening, closing, publishing; `vote` for whoever represents a seat, and by phone for the office (whether the seat is on
    the roll, the vote itself says); `take_out` of a block for any seat.
    """
    possible = POLL_TRANSITIONS.possible(row.state)
    if not row.is_secret:
        possible -= {"publish"}
    if "take_out" in possible and not row.covers.all():
        possible -= {"take_out"}
    by_seats = {"vote", "take_out"} if actor.seats else set()
    if can(actor, Permission.TAKE_PART_BY_PHONE) and not row.is_secret:
        by_seats.add("vote")
    return sorted({*abilities(actor, POLL_ACTIONS, possible - {"vote"}), *(by_seats & possible)})


# Counting


def tally(poll: Poll) -> Tally:
    """The count for each choice, in their order: in both keys, by the populations frozen on the roll; of a secret poll the municipalities
    alone, since population would say whose vote it was.
    """
    if poll.is_secret:
        ballots = dict(Ballot.objects.filter(poll=poll).order_by().values_list("choice").annotate(n=Count("id")))
        return [{"choice": choice["id"], "municipalities": ballots.get(choice["id"], 0)} for choice in poll.choices]
    population = RollEntry.objects.filter(poll=OuterRef("poll"), municipality=OuterRef("municipality")).values("population")
    votes = Vote.objects.filter(poll=poll).annotate(weight=Subquery(population)).values("choice")
    counted = {row["choice"]: (row["n"], row["weight_sum"]) for row in votes.annotate(n=Count("id"), weight_sum=Sum("weight")).order_by()}
    return [_count(choice["id"], *counted.get(choice["id"], (0, 0))) for choice in poll.choices]


def _count(choice: str, municipalities: int, population: int | None) -> dict[str, Any]:
    return {"choice": choice, "municipalities": municipalities, "population": population or 0}


def turnout(poll: Poll) -> int:
    """How many municipalities have voted so far (of silent assent: have objected)."""
    return (Mark if poll.is_secret else Vote).objects.filter(poll=poll).count()


def recount(poll: Poll) -> Tally:
    """The tally of a named poll out of the log alone: the last vote of each seat, weighed by the frozen roll."""
    populations = {str(pk): population for pk, population in poll.roll.values_list("municipality_id", "population")}
    last = {told["municipality"]: told["choice"] for told in _told(poll)}
    voted = {choice["id"]: [populations.get(seat, 0) for seat, chosen in last.items() if chosen == choice["id"]] for choice in poll.choices}
    return [_count(choice, len(weights), sum(weights)) for choice, weights in voted.items()]


def _told(poll: Poll) -> Iterator[dict[str, Any]]:
    """What the log says of the poll's votes, in the order they were cast; an emptied event says nothing."""
    events = Event.objects.filter(stream__meeting=poll.agenda_item.meeting_id, type="vote.cast", payload__contains=str(poll.pk))
    for payload in events.order_by("sequence").values_list("payload", flat=True):
        told = json.loads(payload)
        if told["poll"] == str(poll.pk):
            yield told


def miscounted(network_id: UUID | None = None) -> Iterator[str]:
    """The counted polls that say something else than the log, in words; not those of a meeting of whose votes some were redacted."""
    rows = _POLLS.filter(state__in=COUNTED).order_by("pk")
    for row in rows.filter(agenda_item__meeting__network=network_id) if network_id else rows:
        emptied = Event.objects.filter(stream__meeting=row.agenda_item.meeting_id, type="vote.cast", payload="").exists()
        if not emptied and (problem := _difference(row)):
            yield f"poll {row.pk}: {problem}"


def _difference(poll: Poll) -> str:
    if not poll.is_secret:
        return "" if recount(poll) == poll.tally else "the log gives another count"
    voted = {told["municipality"] for told in _told(poll)}
    counted = sum(row["municipalities"] for row in poll.tally)
    if len(voted) == counted == poll.turnout and tally(poll) == poll.tally:
        return ""
    return "the log, the ballots and the count differ"


# Whose vote


def named_votes(actor: Actor, poll: Poll) -> QuerySet[Vote]:
    """Who voted what, by municipality, once it is counted; observers see it with the minutes."""
    observes = all(grant.role is Role.OBSERVER for grant in actor.grants)
    shown = poll.state in COUNTED and not (observes and not minutes.circulates(poll.agenda_item.meeting))
    return votes_of(poll) if shown else votes_of(poll).none()


def votes_of(poll: Poll) -> QuerySet[Vote]:
    """The named votes, by municipality."""
    return Vote.objects.filter(poll=poll).select_related("municipality").order_by("municipality__name")


def votes_in(meeting: Meeting) -> QuerySet[Vote]:
    """All named votes of a meeting, by poll and municipality."""
    rows = Vote.objects.filter(poll__agenda_item__meeting=meeting).select_related("municipality")
    return rows.order_by("poll_id", "municipality__name")


def own_votes(actor: Actor, meeting: Meeting) -> list[Vote | Mark]:
    """What the actor's seats have voted, or of secret polls that they have."""
    if not actor.seats:
        return []
    own = {"poll__agenda_item__meeting": meeting, "municipality__in": actor.seats}
    marks = Mark.objects.filter(**own).select_related("municipality")
    return [*votes_in(meeting).filter(municipality__in=actor.seats), *marks]


def roll_of(poll: Poll) -> QuerySet[RollEntry]:
    """The seats that may vote, by name."""
    return RollEntry.objects.filter(poll=poll).select_related("municipality").order_by("municipality__name")


# Objects


def poll_as_object(poll: Poll, *, staff: bool = True) -> dict[str, Any]:
    """The tally is the final one: while the poll is open it is empty, and `tally()` counts. The result of a secret poll is the staff's
    until it is published. Two queries unless WITH_LISTS was prefetched.
    """
    names = (
        "question choices secrecy roll_policy advisory silence_seconds state opened_at until closed_at published_at "
        "roll_checksum quorum tally turnout outcome version"
    )
    return {
        "id": poll.pk,
        "agenda_item": poll.agenda_item_id,
        **{name: getattr(poll, name) for name in names.split()},
        **({} if staff or not poll.awaits_publication else {"tally": [], "outcome": ""}),
        "covers": _ids(poll.covers.all()),
        "chosen": _ids(poll.chosen.all()),
        "roll": {"municipalities": poll.roll_municipalities, "population": poll.roll_population},
        "seats": {"municipalities": poll.seats_municipalities, "population": poll.seats_population},
    }


def _ids(rows: Iterable[AgendaItem | Municipality]) -> list[UUID]:
    return sorted(row.pk for row in rows)


def as_it_stands(poll: Poll, *, staff: bool) -> dict[str, Any]:
    """The object, of an open poll with what is counted so far: of a secret one the turnout alone."""
    shown = poll_as_object(poll, staff=staff)
    if poll.state == PollState.OPEN:
        shown |= {"turnout": turnout(poll)} if poll.is_secret else {"turnout": turnout(poll), "tally": tally(poll)}
    return shown


def receipt_as_object(vote: Vote | Mark) -> dict[str, Any]:
    """What the voter gets: proof of what was stored and when. Of a secret vote it proves that it was cast, and neither what nor when."""
    at = vote.at if isinstance(vote, Vote) else None
    whole = f"{vote.pk}:{vote.poll_id}:{vote.municipality_id}"
    if isinstance(vote, Vote):
        whole += f":{vote.choice}:{vote.at.isoformat()}"
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return {"id": vote.pk, "poll": vote.poll_id, "municipality": vote.municipality_id, "at": at, "digest": digest}
