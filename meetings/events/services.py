"""Writing the log. `record()` is the third step of every write in Raccordo.

Locks are taken in one order, so that nobody waits in a circle: the networks' streams, people, series, one meeting, what belongs to it,
the network's row (for a number or the mails of a day), the meeting's stream, mails. Whatever is about the network, or about more than one
meeting, locks the network's stream first; a meeting alone does not need it.
"""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Permission, require
from meetings.errors import Conflict
from meetings.events import hashing, listeners, triggers
from meetings.events.models import Audience, Event, EventStream
from meetings.events.types import EventRedacted, EventType


def open_stream(*, network_id: UUID, meeting_id: UUID | None = None) -> EventStream:
    """Begins a stream, for a new network or a new meeting."""
    return EventStream.objects.create(network_id=network_id, meeting_id=meeting_id)


def lock_stream(*, network_id: UUID, meeting_id: UUID | None = None) -> EventStream:
    """The stream's row, locked until the transaction ends: whoever holds it writes alone. The network's comes before any other lock."""
    return EventStream.objects.select_for_update(no_key=True).get(network=network_id, meeting=meeting_id)


@transaction.atomic(savepoint=False)
def record(actor: Actor, event: EventType, *, meeting_id: UUID | None = None, audience: Audience | None = None) -> Event:
    """Appends `event` to the meeting's stream (the network's without one) in the caller's transaction; nudges on commit."""
    stream = lock_stream(network_id=actor.network_id, meeting_id=meeting_id)
    row = _append(stream, event, actor_id=actor.user_id, audience=audience or event.audience)
    EventStream.objects.filter(pk=stream.pk).update(last_sequence=row.sequence, head=row.hash)
    transaction.on_commit(partial(listeners.nudge, stream.pk, row.sequence))
    return row


def _append(stream: EventStream, event: EventType, *, actor_id: UUID | None, audience: Audience) -> Event:
    payload, salt, at, sequence = hashing.canonical(event.object), hashing.new_salt(), clock.now(), stream.last_sequence + 1
    digest = hashing.payload_digest(salt, payload)
    sealed = hashing.chain(
        previous=stream.head, sequence=sequence, type=event.name, actor_id=actor_id, at=at, audience=audience, digest=digest
    )
    return Event.objects.create(
        stream=stream,
        sequence=sequence,
        type=event.name,
        actor_id=actor_id,
        at=at,
        audience=audience,
        payload=payload,
        salt=salt,
        payload_digest=digest,
        previous_hash=stream.head,
        hash=sealed,
    )


@transaction.atomic
def redact(*, actor: Actor, event: Event, reason: str) -> Event:
    """Empties an event's payload and salt (GDPR art. 17) and records that it was done; the chain still verifies.

    Raises Conflict `redaction_stays` for the record of a redaction, NotFound for another network's event, NotAllowed.
    """
    require(actor, Permission.CONFIGURE, network_id=event.stream.network_id)
    if event.type == EventRedacted.name:
        raise Conflict("redaction_stays", _("The record of a redaction cannot be redacted."))
    triggers.empty_payload(event.pk)
    done = EventRedacted(
        {"id": f"{event.stream_id}:{event.sequence}", "stream": event.stream_id, "sequence": event.sequence, "reason": reason}
    )
    record(actor, done, meeting_id=event.stream.meeting_id)
    event.refresh_from_db()
    return event
