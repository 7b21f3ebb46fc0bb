"""Proving that sealed minutes are what was approved: the file, its digest, and what the log says of it."""

import hashlib
import json
from collections.abc import Iterator
from uuid import UUID

from meetings.events.models import Event
from meetings.minutes.models import Minutes, MinutesState, SealedDocument

SEALED_STATES = (MinutesState.APPROVED, MinutesState.PUBLISHED)


def broken_seals(network_id: UUID | None = None) -> Iterator[str]:
    """What is wrong with sealed minutes, one line each (of one network, or of all)."""
    approved = Minutes.objects.filter(state__in=SEALED_STATES).order_by("pk")
    if network_id:
        approved = approved.filter(meeting__network=network_id)
    for minutes in approved.iterator():
        if problem := _problem(minutes):
            yield f"minutes {minutes.pk}: {problem}"


def sealed_count(network_id: UUID | None = None) -> int:
    """How many sealed documents there are (of one network, or of all)."""
    seals = SealedDocument.objects.all()
    return (seals.filter(minutes__meeting__network=network_id) if network_id else seals).count()


def _problem(minutes: Minutes) -> str | None:
    seals = list(minutes.sealed.order_by("edition"))
    if not seals:
        return "the sealed document is missing"
    if any(hashlib.sha256(bytes(seal.pdf)).hexdigest() != seal.sha256 for seal in seals):
        return "the sealed document was changed"
    if minutes.file_digest != seals[-1].sha256:
        return "the digest is not that of the sealed document"
    recorded = _recorded_digests(minutes)
    if recorded and minutes.file_digest not in recorded:
        return "the log names another document"
    return None


def _recorded_digests(minutes: Minutes) -> set[str]:
    """The digests that the log names; none once its events are redacted."""
    events = Event.objects.filter(stream__meeting=minutes.meeting_id, type="minutes.approved").exclude(payload="")
    return {json.loads(event.payload).get("file_digest", "") for event in events}
