"""Sending what lies in the outbox. Any number of workers may do it at once, and each may be killed at any moment.

A worker takes a batch under a lease. Just before it hands a mail's text to the server it commits `handed_at`, and `sent` after it. So of a
worker that died, a mail without `handed_at` was certainly not sent and waits again; one with it may have arrived: it becomes `uncertain`,
is listed for the coordinators, and nobody repeats it but they.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from meetings import clock
from meetings.notifications.letters import KINDS
from meetings.notifications.models import MailState, OutgoingEmail, Unsubscription
from meetings.notifications.rendering import compose
from meetings.notifications.transport import Lost, Refused, Server, Unreachable, pack

log = logging.getLogger(__name__)

BATCH = 25
"""Mails under one lease and one connection."""
LEASE = timedelta(minutes=5)
"""Far longer than a mail takes, however slow the server: each step of the wire ends after EMAIL_TIMEOUT."""
MOST_ATTEMPTS = 30
"""With the pauses below: almost four days."""
FIRST_PAUSE, FIRST_PAUSE_IF_URGENT, LONGEST_PAUSE = timedelta(minutes=1), timedelta(seconds=5), timedelta(hours=4)
KEPT = timedelta(days=90)
"""How long one may look up whom a mail went to, and what of."""

_S = MailState


def deliver_due(go_on: Callable[[], bool] = lambda: True) -> int:
    """Sends every mail that is due, urgent ones first, until none is left or `go_on` says no; how many were sent."""
    if not _waiting().exists():  # a read: a worker looks every second, and on SQLite the lock is everybody's
        return 0
    reap()
    sent = 0
    while go_on() and (batch := claim()):
        done, reached = _deliver(batch, go_on)
        sent += done
        if not reached:
            break
    return sent


def _waiting() -> "QuerySet[OutgoingEmail]":
    """What is due, and what a worker that is gone has left."""
    now = clock.now()
    return OutgoingEmail.objects.filter(Q(state=_S.QUEUED, not_before__lte=now) | Q(state=_S.SENDING, leased_until__lt=now))


def reap() -> int:
    """Leases that have run out: what was not handed over waits again, what was is uncertain. How many there were."""
    past = OutgoingEmail.objects.filter(state=_S.SENDING, leased_until__lt=clock.now())
    if not past.exists():
        return 0
    again = past.filter(handed_at__isnull=True).update(state=_S.QUEUED, lease="", leased_until=None)
    return again + past.filter(handed_at__isnull=False).update(state=_S.UNCERTAIN, leased_until=None, error="interrupted")


def claim() -> list[OutgoingEmail]:
    """Takes the next due mails under a lease of their own."""
    now = clock.now()
    due = OutgoingEmail.objects.filter(state=_S.QUEUED, not_before__lte=now)
    if not due.exists():
        return []
    urgent = [kind.name for kind in KINDS.values() if kind.urgent]
    first = Case(When(kind__in=urgent, then=Value(0)), default=Value(1), output_field=IntegerField())
    order, lease = ("first", "not_before", "created_at", "id"), str(uuid4())
    with transaction.atomic():
        rows = due.select_for_update(of=("self",), no_key=True, skip_locked=True).annotate(first=first).order_by(*order)
        ids = [row.pk for row in rows[:BATCH]]
        taken = {"state": _S.SENDING, "lease": lease, "leased_until": now + LEASE, "handed_at": None, "error": ""}
        OutgoingEmail.objects.filter(pk__in=ids).update(**taken)
    mine = OutgoingEmail.objects.filter(lease=lease, state=_S.SENDING).select_related("network", "user")
    return list(mine.annotate(first=first).order_by(*order))


def _deliver(batch: Sequence[OutgoingEmail], go_on: Callable[[], bool]) -> tuple[int, bool]:
    """(how many were sent, whether the server was reached). What is left of the batch waits again."""
    server, refused, sent = Server(), _refused(batch), 0
    try:
        for place, row in enumerate(batch):
            if not go_on():
                _release(batch[place:])
                break
            try:
                sent += _send(server, row, refused)
            except Unreachable as error:
                log.warning("the mail server cannot be reached: %s", error)
                for left in batch[place:]:
                    _retry(left, f"unreachable: {error}")
                return sent, False
    finally:
        server.close()
    return sent, True


def _send(server: Server, row: OutgoingEmail, refused: set[tuple[Any, str]]) -> bool:
    """One mail; whether the server took it. Raises Unreachable."""
    if reason := _pointless(row, refused):
        _end(row, _S.DROPPED, reason)
        return False
    try:
        parcel = pack(compose(row))
    except Exception as error:
        log.exception("the mail %s (%s) cannot be written", row.pk, row.kind)
        _end(row, _S.UNDELIVERABLE, f"unwritten: {type(error).__name__}")
        return False
    try:
        server.announce(parcel)
        if not _mark_handed(row):
            server.withdraw()
            return False
        server.hand_over(parcel)
    except Refused as error:
        _refuse(row, error)
        return False
    except Lost as error:
        _end(row, _S.UNCERTAIN, f"lost: {error}")
        return False
    _end(row, _S.SENT)
    return True


def _pointless(row: OutgoingEmail, refused: set[tuple[Any, str]]) -> str:
    """Why the mail is not to be sent any more; nothing when it is."""
    kind = KINDS.get(row.kind)
    if kind is not None and kind.life is not None and clock.now() > row.created_at + kind.life:
        return "too_late"
    if row.user is not None and not row.user.is_active:
        return "no_access"
    return "unsubscribed" if (row.user_id, row.kind) in refused else ""


def _refused(batch: Sequence[OutgoingEmail]) -> set[tuple[Any, str]]:
    """(user, kind) of those who have unsubscribed since the mail was written."""
    kinds = [row.kind for row in batch if row.kind in KINDS and KINDS[row.kind].label]
    rows = Unsubscription.objects.filter(kind__in=set(kinds), user__in={row.user_id for row in batch})
    return set(rows.values_list("user_id", "kind")) if kinds else set()


def _mine(row: OutgoingEmail) -> Any:
    """The row while nobody else has taken it over; one that has become uncertain meanwhile is still ours to settle."""
    return OutgoingEmail.objects.filter(pk=row.pk, lease=row.lease, state__in=(_S.SENDING, _S.UNCERTAIN))


def _mark_handed(row: OutgoingEmail) -> bool:
    """Commits that the text is about to be handed over; no when the lease has run out."""
    now = clock.now()
    still = OutgoingEmail.objects.filter(pk=row.pk, lease=row.lease, state=_S.SENDING)
    return bool(still.update(handed_at=now, leased_until=now + LEASE, attempts=F("attempts") + 1))


def _end(row: OutgoingEmail, state: str, error: str = "") -> None:
    done: dict[str, Any] = {"state": state, "error": error[:500], "leased_until": None}
    if state == _S.SENT:
        done["sent_at"] = clock.now()
    if row.kind in KINDS and _needs_no_secret(row, state):
        done["context"] = KINDS[row.kind].public(row.context)
    _mine(row).update(**done)


def _needs_no_secret(row: OutgoingEmail, state: str) -> bool:
    """A coordinator may have a network's mail sent again, then as it was; the demo shows at /dev/mail/ what was sent."""
    again = row.network_id is not None and state in (_S.UNCERTAIN, _S.UNDELIVERABLE)
    return not again and not settings.DEMO


def _refuse(row: OutgoingEmail, error: Refused) -> None:
    if error.lasting:
        _end(row, _S.UNDELIVERABLE, f"refused: {error}")
    else:
        _retry(row, f"refused: {error}")


def _retry(row: OutgoingEmail, error: str) -> None:
    """Waits for another attempt, each time longer, until there have been enough."""
    attempts = row.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        _end(row, _S.UNDELIVERABLE, error)
        return
    kind = KINDS.get(row.kind)
    first = FIRST_PAUSE_IF_URGENT if kind is not None and kind.urgent else FIRST_PAUSE
    pause = min(first * 2 ** (attempts - 1), LONGEST_PAUSE)
    waiting = {"state": _S.QUEUED, "lease": "", "leased_until": None, "handed_at": None}
    _mine(row).update(**waiting, attempts=attempts, not_before=clock.now() + pause, error=error[:500])


def _release(rows: Sequence[OutgoingEmail]) -> None:
    """Gives back what was not begun."""
    mine = OutgoingEmail.objects.filter(pk__in=[row.pk for row in rows], lease=rows[0].lease, state=_S.SENDING, handed_at__isnull=True)
    mine.update(state=_S.QUEUED, lease="", leased_until=None)


def count_as_sent() -> int:
    """What is due counts as sent at its time, and is not sent: a rehearsal of past weeks reaches nobody. How many there were."""
    due = OutgoingEmail.objects.filter(state=_S.QUEUED, not_before__lte=clock.now())
    return due.update(state=_S.SENT, attempts=1, handed_at=F("not_before"), sent_at=F("not_before"))


def hold_back() -> int:
    """After a restore: what waited when the backup was made may have been sent since, so coordinators decide. How many there were.

    Sign-in mail, which is nobody's to decide on, is dropped.
    """
    waiting = OutgoingEmail.objects.filter(state__in=(_S.QUEUED, _S.SENDING))
    nobodys = waiting.filter(network__isnull=True).update(state=_S.DROPPED, context={}, error="restored", leased_until=None)
    return nobodys + waiting.update(state=_S.UNCERTAIN, error="restored", handed_at=F("created_at"), leased_until=None)


def forget_old_mail() -> int:
    """Of what has been over for 90 days it stays known that there was a mail, not to whom or what it said. How many were emptied."""
    ended = ~Q(state__in=(_S.QUEUED, _S.SENDING)) & Q(created_at__lt=clock.now() - KEPT)
    old = OutgoingEmail.objects.filter(ended).exclude(address="")
    if not old.exists():
        return 0
    old.filter(state__in=(_S.UNCERTAIN, _S.UNDELIVERABLE)).update(state=_S.DROPPED)
    return old.update(address="", name="", user=None, context={}, error="", chase_day=None)
