"""Proving that sealed minutes are what was approved: the file, its digest, and what the log says of it."""

import hashlib
import json
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from meetings.events.models import Event
from meetings.minutes.models import Minutes, MinutesState, SealedDocument

SEALED_STATES = (MinutesState.APPROVED, MinutesState.PUBLISHED)


def broken_seals(network_id: UUID | None = None) -> Iterator[str]:
    """What is wrong with sealed minutes, one line each (of one network, or of all): every edition is looked at."""
    sealed = Minutes.objects.filter(Q(state__in=SEALED_STATES) | Q(sealed__isnull=False) | Q(edition__gt=1)).distinct().order_by("pk")
    if network_id:
        sealed = sealed.filter(meeting__network=network_id)
    for minutes in sealed.iterator():
        if problem := _problem(minutes):
            yield f"minutes {minutes.pk}: {problem}"


def sealed_count(network_id: UUID | None = None) -> int:
    """How many sealed documents there are (of one network, or of all)."""
    seals = SealedDocument.objects.all()
    return (seals.filter(minutes__meeting__network=network_id) if network_id else seals).count()


def _problem(minutes: Minutes) -> str | None:
    seals = list(minutes.sealed.order_by("edition"))
    is_sealed = minutes.state in SEALED_STATES
    if [seal.edition for seal in seals] != list(range(1, minutes.edition + is_sealed)):
        return "the sealed document is missing"
    if any(hashlib.sha256(bytes(seal.pdf)).hexdigest() != seal.sha256 for seal in seals):
        return "the sealed document was changed"
    if is_sealed and minutes.file_digest != seals[-1].sha256:
        return "the digest is not that of the sealed document"
    recorded = _recorded_digests(minutes)
    if any(seal.edition in recorded and seal.sha256 not in recorded[seal.edition] for seal in seals):
        return "the log names another document"
    return None


def _recorded_digests(minutes: Minutes) -> dict[int, set[str]]:
    """The digests that the log names, by edition; none once its events are redacted."""
    events = Event.objects.filter(stream__meeting=minutes.meeting_id, type="minutes.approved").exclude(payload="")
    found: dict[int, set[str]] = {}
    for event in events:
        payload = json.loads(event.payload)
        found.setdefault(payload.get("edition", 1), set()).add(payload.get("file_digest", ""))
    return found
