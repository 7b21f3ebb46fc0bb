"""What Raccordo does by itself from time to time. Every step may be done again at any time, by any number of workers at once."""

import logging
from collections.abc import Callable

from django.contrib.sessions.backends.db import SessionStore

from meetings.events.idempotency import forget_old
from meetings.network.selectors import today
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.services import AHEAD, materialise

log = logging.getLogger(__name__)


def materialise_due() -> None:
    """Makes the meetings that have come within the 18 months for which they are made ahead: for each series about once a day."""
    for series in MeetingSeries.objects.select_related("network").order_by("pk"):
        if series.materialised_until is None or series.materialised_until < today(series.network) + AHEAD:
            materialise(series=series)


STEPS: tuple[Callable[[], object], ...] = (materialise_due, forget_old, SessionStore.clear_expired)


def tick() -> bool:
    """Does every step; one that fails is logged, holds up no other, and is done at the next tick. Whether all went well."""
    return all([_done(step) for step in STEPS])


def _done(step: Callable[[], object]) -> bool:
    try:
        step()
    except Exception:
        log.exception("the worker's step %s failed", step.__name__)
        return False
    return True
