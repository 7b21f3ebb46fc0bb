"""Reading the log, and proving that nobody has changed it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from meetings.events import hashing
from meetings.events.models import Audience, Event, EventStream
from meetings.events.types import EventRedacted

AUDIENCES: dict[bool, tuple[Audience, ...]] = {False: (Audience.MEMBERS,), True: (Audience.MEMBERS, Audience.STAFF)}


def events_after(meeting_id: UUID, sequence: int, *, staff: bool) -> QuerySet[Event]:
    """A meeting's events past `sequence`, oldest first, that members (or also staff) are sent."""
    return Event.objects.filter(stream__meeting_id=meeting_id, sequence__gt=sequence, audience__in=AUDIENCES[staff]).order_by("sequence")


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where the log is broken: the stream, the sequence, and what is wrong there."""

    stream: UUID
    sequence: int
    problem: str


def verify(stream: EventStream) -> Finding | None:
    """The first broken place of a stream, or None: gaps, changed rows, a cut tail, a payload emptied without a record of it."""
    previous, last, emptied, recorded = "", 0, set(), set()
    for event in Event.objects.filter(stream=stream).order_by("sequence").iterator():
        if problem := _problem(event, previous, last):
            return Finding(stream.pk, event.sequence, problem)
        if _is_redacted(event):
            emptied.add(event.sequence)
        elif event.type == EventRedacted.name:
            recorded.add(json.loads(event.payload)["sequence"])
        previous, last = event.hash, event.sequence
    if (last, previous) != (stream.last_sequence, stream.head):
        return Finding(stream.pk, last, f"the stream's head says {stream.last_sequence}: the tail is cut or added to")
    if unrecorded := emptied - recorded:
        return Finding(stream.pk, min(unrecorded), "the payload was emptied without a record")
    return None


def _is_redacted(event: Event) -> bool:
    return event.payload == "" and event.salt == ""


def _problem(event: Event, previous: str, last: int) -> str | None:
    if event.sequence != last + 1:
        return f"events {last + 1} to {event.sequence - 1} are missing"
    if not _is_redacted(event) and hashing.payload_digest(event.salt, event.payload) != event.payload_digest:
        return "the payload was changed"
    expected = hashing.chain(
        previous=previous,
        sequence=event.sequence,
        type=event.type,
        actor_id=event.actor_id,
        at=event.at,
        audience=event.audience,
        digest=event.payload_digest,
    )
    return None if event.previous_hash == previous and event.hash == expected else "the hash does not follow"


def verify_all(network_slug: str | None = None) -> Iterator[Finding]:
    """The first broken place of each stream that has one."""
    streams = EventStream.objects.order_by("pk")
    if network_slug:
        streams = streams.filter(network__slug=network_slug)
    yield from (finding for stream in streams.iterator() if (finding := verify(stream)))
