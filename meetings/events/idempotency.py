"""A write that is sent twice is done once: the first answer is kept in the write's own transaction (interfaces.md)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.errors import Conflict, Invalid
from meetings.events.models import IdempotencyKey

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered: the status and the text (a JSON body, or the address to go on to)."""

    status: int
    text: str
    replayed: bool = False


def fingerprint(*parts: str | bytes) -> str:
    """A digest of what was asked, to tell a retry from another request under the same key."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


def once(*, user_id: UUID, key: str, asked: str, act: Callable[[], Answer]) -> Answer:
    """Runs `act` and keeps its answer; with the same key and the same `asked` returns the first answer instead.

    Raises Conflict `idempotency_key_reused` for another request under the key. Whatever `act` raises undoes all of it.
    """
    if not key:
        with transaction.atomic():
            return act()
    if len(key) > 200 or not key.isprintable():
        raise Invalid("idempotency_key", _("The idempotency key must be at most 200 printable characters."))
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(user_id=user_id, key=key, fingerprint=asked, created_at=clock.now())
            answer = act()
            IdempotencyKey.objects.filter(pk=row.pk).update(status=answer.status, answer=answer.text)
            return answer
    except IntegrityError:
        first = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
        if first is None:
            raise
    return _first_answer(first, asked)


def _first_answer(first: IdempotencyKey, asked: str) -> Answer:
    if first.fingerprint != asked:
        raise Conflict("idempotency_key_reused", _("This key was used for another request."))
    return Answer(first.status, first.answer, replayed=True)


def forget_old() -> int:
    """Deletes keys older than a week; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
