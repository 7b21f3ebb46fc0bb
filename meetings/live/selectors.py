"""Reads of the session: the state that the live room shows, and its parts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from meetings.access import Actor, abilities
from meetings.action_items import selectors as action_items
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.agenda.selectors import WITH_SUCCESSOR, item_as_object, running_order_as_object
from meetings.errors import found
from meetings.live.models import (
    POLL_ACTIONS,
    POLL_TRANSITIONS,
    SPEAKER_ACTIONS,
    SPEAKER_TRANSITIONS,
    Attendance,
    Poll,
    RollEntry,
    SpeakerRequest,
    SpeakerState,
    Vote,
)
from meetings.minutes import selectors as minutes
from meetings.minutes.models import Correction, Minutes, MinutesState, Note
from meetings.network.models import Network
from meetings.network.selectors import place_of, seats_total
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import every_response, meeting_as_object, response_as_object


class TwoKey(NamedTuple):
    """A count in both keys: municipalities, and the population they represent."""

    municipalities: int
    population: int


def attendance_rows(meeting: Meeting) -> QuerySet[Attendance]:
    return Attendance.objects.filter(meeting=meeting).select_related("municipality__zone").order_by("municipality__name", "joined_at", "id")


def attendance_of(meeting: Meeting) -> list[dict[str, Any]]:
    """One object per municipality that was or is present, by name."""
    grouped: dict[UUID, list[Attendance]] = defaultdict(list)
    for row in attendance_rows(meeting):
        grouped[row.municipality_id].append(row)
    return [attendance_as_object(rows) for rows in grouped.values()]


def attendance_as_object(rows: Iterable[Attendance]) -> dict[str, Any]:
    """A municipality's intervals as one object, under the municipality's id. Needs `municipality` selected."""
    rows = list(rows)
    last = rows[-1]
    return {
        "id": last.municipality_id,
        "meeting": last.meeting_id,
        "municipality": last.municipality_id,
        "municipality_name": last.municipality.name,
        "person": last.person,
        "office": last.office,
        "source": last.source,
        "present": last.left_at is None,
        "intervals": [{"from": row.joined_at, "until": row.left_at} for row in rows],
    }


def present(meeting: Meeting) -> TwoKey:
    """Who is there now."""
    there = Attendance.objects.filter(meeting=meeting, left_at__isnull=True)
    count = there.aggregate(municipalities=Count("id"), population=Sum("municipality__population"))
    return TwoKey(count["municipalities"], count["population"] or 0)


def seats(meeting: Meeting) -> TwoKey:
    """All seats valid on the day of the meeting: what every share is a share of."""
    return TwoKey(*seats_total(meeting.network, meeting.local.date()))


def reaches(count: TwoKey, of: TwoKey, network: Network) -> bool:
    """Both keys, in exact fractions: at least the one share of all municipalities and more than the other of the population."""
    if not of.municipalities or not of.population:
        return False
    enough, more_than = network.thresholds
    return Fraction(count.municipalities, of.municipalities) >= enough and Fraction(count.population, of.population) > more_than


def has_quorum(meeting: Meeting) -> bool:
    """Whether those present now reach both thresholds. Needs `network` selected."""
    return reaches(present(meeting), seats(meeting), meeting.network)


def present_at(rows: Iterable[Attendance], at: datetime) -> TwoKey:
    """Who was there at an instant; both ends of an interval belong to it. Needs `municipality` selected."""
    there = {
        row.municipality_id: row.municipality.population
        for row in rows
        if row.joined_at <= at and (row.left_at is None or row.left_at >= at)
    }
    return TwoKey(len(there), sum(there.values()))


def quorum_over_time(rows: Iterable[Attendance]) -> list[tuple[datetime, TwoKey]]:
    """How many were present from each instant at which that changed. Needs `municipality` selected."""
    changes: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for at, sign in ((row.joined_at, 1), (row.left_at, -1)):
            if at:
                changes[at][0] += sign
                changes[at][1] += sign * row.municipality.population
    count, readings = TwoKey(0, 0), []
    for at in sorted(changes):
        count = TwoKey(count.municipalities + changes[at][0], count.population + changes[at][1])
        readings.append((at, count))
    return readings


def speakers_of(meeting: Meeting) -> list[SpeakerRequest]:
    """The list of speakers in its order: who speaks, points of order, then first come first; those done come last."""
    rows = SpeakerRequest.objects.filter(meeting=meeting).select_related("municipality__zone", "agenda_item", "meeting__network")
    return sorted(rows, key=_speaking_order)


_STATE_ORDER = {SpeakerState.SPEAKING: 0, SpeakerState.WAITING: 1, SpeakerState.SPOKEN: 2, SpeakerState.WITHDRAWN: 3}


def _speaking_order(row: SpeakerRequest) -> tuple[int, bool, datetime, str]:
    return _STATE_ORDER[SpeakerState(row.state)], row.kind != SpeakerRequest.Kind.POINT_OF_ORDER, row.requested_at, str(row.pk)


def speaker(actor: Actor, speaker_id: Any) -> SpeakerRequest:
    """Raises NotFound."""
    rows = SpeakerRequest.objects.select_related("meeting__network", "municipality__zone", "agenda_item")
    return found(rows.filter(meeting__network=actor.network_id, pk=speaker_id).first())


def speaker_abilities(actor: Actor, row: SpeakerRequest) -> list[str]:
    """Its own seat withdraws; the chair gives the floor and takes it back."""
    return abilities(actor, SPEAKER_ACTIONS, SPEAKER_TRANSITIONS.possible(row.state), place_of(row.municipality))


def speaker_as_object(row: SpeakerRequest) -> dict[str, Any]:
    """Needs `municipality` selected."""
    names = ("person", "kind", "state", "requested_at", "given_at", "ended_at")
    references = {"id": row.pk, "meeting": row.meeting_id, "agenda_item": row.agenda_item_id, "municipality": row.municipality_id}
    return {**references, "municipality_name": row.municipality.name, **{name: getattr(row, name) for name in names}}


_POLLS = Poll.objects.select_related("agenda_item__meeting__network")


def polls_of(meeting: Meeting, *, staff: bool = True) -> QuerySet[Poll]:
    """The meeting's polls; those still being drafted are the staff's."""
    rows = _POLLS.filter(agenda_item__meeting=meeting).order_by("created_at", "id")
    return rows if staff else rows.exclude(state="draft")


def poll(actor: Actor, poll_id: Any) -> Poll:
    """Raises NotFound, for a draft to all but the staff too."""
    rows = _POLLS.filter(agenda_item__meeting__network=actor.network_id, pk=poll_id)
    return found((rows if actor.is_staff else rows.exclude(state="draft")).first())


def network_of(model: type[Poll] | type[SpeakerRequest], pk: Any) -> Network:
    """The network a row belongs to, to know who is asking. Raises NotFound."""
    path = "agenda_item__meeting__network" if model is Poll else "meeting__network"
    row: Any = found(model._default_manager.filter(pk=pk).select_related(path).first())
    meeting: Meeting = row.agenda_item.meeting if model is Poll else row.meeting
    return meeting.network


def poll_abilities(actor: Actor, row: Poll) -> list[str]:
    """Opening and closing; `vote` for whoever represents a seat (whether on the roll, the vote itself says)."""
    possible = POLL_TRANSITIONS.possible(row.state)
    running = set(abilities(actor, POLL_ACTIONS, possible - {"vote"}))
    return sorted(running | ({"vote"} & possible if actor.seats else set()))


def tally(poll: Poll) -> list[dict[str, Any]]:
    """The count in both keys for each choice, in their order, by the populations frozen on the roll."""
    population = RollEntry.objects.filter(poll=OuterRef("poll"), municipality=OuterRef("municipality")).values("population")
    votes = Vote.objects.filter(poll=poll).annotate(weight=Subquery(population)).values("choice")
    counted: dict[str, dict[str, Any]] = {
        row["choice"]: dict(row) for row in votes.annotate(n=Count("id"), weight_sum=Sum("weight")).order_by()
    }
    return [_count(choice["id"], counted.get(choice["id"])) for choice in poll.choices]


def _count(choice: str, row: dict[str, Any] | None) -> dict[str, Any]:
    return {"choice": choice, "municipalities": row["n"] if row else 0, "population": (row["weight_sum"] or 0) if row else 0}


def votes_of(poll: Poll) -> QuerySet[Vote]:
    """The named votes, by municipality."""
    return Vote.objects.filter(poll=poll).select_related("municipality").order_by("municipality__name")


def votes_in(meeting: Meeting) -> QuerySet[Vote]:
    """All named votes of a meeting, by poll and municipality."""
    rows = Vote.objects.filter(poll__agenda_item__meeting=meeting).select_related("municipality")
    return rows.order_by("poll_id", "municipality__name")


def own_votes(actor: Actor, meeting: Meeting) -> dict[tuple[UUID, UUID], str]:
    """What the actor's seats have voted: (poll, municipality) → choice."""
    rows = votes_in(meeting).filter(municipality__in=actor.seats)
    return {(row.poll_id, row.municipality_id): row.choice for row in rows}


def own_roll(actor: Actor, meeting: Meeting) -> set[tuple[UUID, UUID]]:
    """On which rolls the actor's seats stand: (poll, municipality)."""
    rows = RollEntry.objects.filter(poll__agenda_item__meeting=meeting, municipality__in=actor.seats)
    return set(rows.values_list("poll_id", "municipality_id"))


def poll_as_object(poll: Poll) -> dict[str, Any]:
    """The tally is the final one: while the poll is open it is empty, and `tally()` counts."""
    names = "question choices secrecy roll_policy advisory state opened_at closed_at roll_checksum quorum tally outcome version"
    return {
        "id": poll.pk,
        "agenda_item": poll.agenda_item_id,
        **{name: getattr(poll, name) for name in names.split()},
        "roll": {"municipalities": poll.roll_municipalities, "population": poll.roll_population},
        "seats": {"municipalities": poll.seats_municipalities, "population": poll.seats_population},
    }


def with_tally(poll: Poll) -> dict[str, Any]:
    """The same with the count as it stands now."""
    return {**poll_as_object(poll), "tally": poll.tally or tally(poll)}


def receipt_as_object(vote: Vote) -> dict[str, Any]:
    """What the voter gets: proof of what was stored and when."""
    whole = f"{vote.pk}:{vote.poll_id}:{vote.municipality_id}:{vote.choice}:{vote.at.isoformat()}"
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return {"id": vote.pk, "poll": vote.poll_id, "municipality": vote.municipality_id, "at": vote.at, "digest": digest}


def state(actor: Actor, meeting: Meeting) -> dict[str, list[dict[str, Any]]]:
    """The whole state of a meeting as the actor's audience (members, or staff) sees it: by collection, objects in a stable order.

    Replaying the audience's events over an earlier state gives this one (tests/test_events.py).
    """
    staff = actor.is_staff
    return {
        "meeting": [meeting_as_object(meeting)],
        "running_order": [running_order_as_object(meeting)] if staff or meeting.agenda_published_at else [],
        "agenda_item": [item_as_object(row) for row in _items(meeting, staff)],
        "response": [response_as_object(row) for row in every_response(meeting)],
        "attendance": attendance_of(meeting),
        "speaker_request": [speaker_as_object(row) for row in speakers_of(meeting)],
        "poll": [poll_as_object(row) for row in polls_of(meeting, staff=staff)],
        "note": [minutes.note_as_object(row) for row in _notes(meeting, staff)],
        "decision": [minutes.decision_as_object(row) for row in minutes.decisions_of(meeting)],
        "action_item": [action_items.as_object(row) for row in action_items.action_items_of(meeting.pk)],
        "minutes": [minutes.minutes_as_object(row) for row in _minutes(meeting, staff)],
        "correction": [minutes.correction_as_object(row) for row in _corrections(meeting)],
    }


def _items(meeting: Meeting, staff: bool) -> QuerySet[AgendaItem]:
    rows = AgendaItem.objects.select_related("proposer").prefetch_related("co_proposers", "attachments", WITH_SUCCESSOR)
    rows = rows.filter(meeting=meeting)
    published = Q(state__in=ON_THE_AGENDA) | Q(struck_at__isnull=False) if meeting.agenda_published_at else Q(pk__in=[])
    seen = Q(submitted_at__isnull=False) if staff else published
    return rows.filter(seen).order_by(F("position").asc(nulls_last=True), "submitted_at", "id")


def _notes(meeting: Meeting, staff: bool) -> Iterable[Note]:
    if not staff and not minutes.circulates(meeting):
        return []
    return Note.objects.filter(agenda_item__meeting=meeting).select_related("author").order_by("created_at", "id")


def _corrections(meeting: Meeting) -> Iterable[Correction]:
    """Nobody can have asked for one before the minutes circulate: then everybody may read them."""
    rows = Correction.objects.filter(minutes__meeting=meeting).select_related("municipality", "asked_by", "decided_by")
    return rows.order_by("asked_at", "id")


def _minutes(meeting: Meeting, staff: bool) -> Iterable[Minutes]:
    rows = Minutes.objects.filter(meeting=meeting)
    return rows if staff else rows.exclude(state=MinutesState.DRAFT)
