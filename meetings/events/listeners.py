"""Who is told, after a commit, that a stream has grown. The hub registers itself here; the database stays the truth."""

import logging
from collections.abc import Callable
from uuid import UUID

Listener = Callable[[UUID, int], None]

_listeners: list[Listener] = []
log = logging.getLogger(__name__)


def register(listener: Listener) -> None:
    """From now on call `listener(stream_id, sequence)` after each commit. It must return at once."""
    _listeners.append(listener)


def unregister(listener: Listener) -> None:
    _listeners.remove(listener)


def nudge(stream_id: UUID, sequence: int) -> None:
    """Tells every listener. A listener that fails never reaches the write: that is committed, and says so."""
    for listener in list(_listeners):
        try:
            listener(stream_id, sequence)
        except Exception:
            log.exception("a listener failed at %s of stream %s", sequence, stream_id)
