"""The fourth step of a write: telling people. A mail is a row of the write's own transaction; the worker sends it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from meetings import clock
from meetings.notifications.letters import KINDS
from meetings.notifications.models import TRANSITIONS, MailState, OutgoingEmail, Unsubscription

LONGEST_KEY = 200
LONGEST_SETTLING = 3
"""How many settling times a mail waits at most while edits go on."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, and what of the mail is theirs alone. `user_id` is none for somebody without an account."""

    address: str
    name: str
    language: str
    user_id: UUID | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic(savepoint=False)
def notify(
    kind: str,
    recipients: Iterable[Recipient],
    *,
    key: str,
    network_id: UUID | None,
    about: str = "",
    context: Mapping[str, Any] | None = None,
    chase_day: date | None = None,
) -> int:
    """Puts a mail of this kind into the outbox for each recipient, once for each `key`; how many were put there or changed.

    Who has refused the kind gets none. For a kind that chases, `chase_day` is the day on the network's clock: who was chased on it already
    gets none. For a kind that settles, a mail about the same thing that still waits takes the new context instead, keeping what its
    `before` said, and waits on.
    """
    rule, now = KINDS[kind], clock.now()
    if rule.chase != (chase_day is not None):
        raise ValueError(f"{kind}: chase_day is for kinds that chase")
    everybody = {row.address: row for row in recipients}
    refused = set(Unsubscription.objects.filter(kind=kind).values_list("user_id", flat=True)) if rule.label else set()
    wanted = {address: row for address, row in everybody.items() if row.user_id is None or row.user_id not in refused}
    joined = _join_waiting(kind, about, wanted, context or {}) if rule.settle else set()
    new = [
        OutgoingEmail(
            network_id=network_id,
            user_id=row.user_id,
            address=row.address,
            name=row.name,
            language=row.language,
            kind=kind,
            about=about,
            key=_key(kind, key, row),
            context=_plain({**(context or {}), **row.context}),
            chase_day=chase_day,
            created_at=now,
            not_before=now + rule.settle,
        )
        for row in sorted(wanted.values(), key=lambda row: row.address)  # in one order, whoever else tells the same people
        if row.address not in joined
    ]
    OutgoingEmail.objects.bulk_create(new, ignore_conflicts=True)  # a key that is known, somebody chased today: each is one mail too many
    return OutgoingEmail.objects.filter(pk__in=[row.pk for row in new]).count() + len(joined)


def _key(kind: str, key: str, row: Recipient) -> str:
    """What makes the mail the only one. It is kept for good, hence no address in it."""
    whole = f"{kind}:{key}:{row.user_id or sha256(row.address.encode()).hexdigest()[:32]}"
    return whole if len(whole) <= LONGEST_KEY else f"{kind}:{sha256(whole.encode()).hexdigest()}"


def _join_waiting(kind: str, about: str, wanted: Mapping[str, Recipient], context: Mapping[str, Any]) -> set[str]:
    """The addresses whose waiting mail about the same thing now says the new state of it."""
    now, settle, joined = clock.now(), KINDS[kind].settle, set()
    rows = OutgoingEmail.objects.select_for_update(of=("self",), no_key=True)
    for row in rows.filter(kind=kind, about=about, state=MailState.QUEUED, address__in=wanted).order_by("pk"):
        before = {"before": row.context["before"]} if "before" in row.context else {}
        row.context = _plain({**context, **wanted[row.address].context, **before})
        row.not_before = min(now + settle, row.created_at + settle * LONGEST_SETTLING)
        row.save(update_fields=["context", "not_before"])
        joined.add(row.address)
    return joined


def _plain(context: Mapping[str, Any]) -> Any:
    """JSON as the column takes it: UUIDs, dates and instants as text."""
    encoder = DjangoJSONEncoder()
    return {name: _encoded(value, encoder) for name, value in context.items()}


def _encoded(value: Any, encoder: DjangoJSONEncoder) -> Any:
    if isinstance(value, Mapping):
        return {name: _encoded(inner, encoder) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(inner, encoder) for inner in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else encoder.default(value)


def drop(*, kind: str, about: str, users: Collection[UUID] | None = None, states: Collection[str] = (MailState.QUEUED,)) -> int:
    """Takes back mails of this kind about a thing that still wait, since what they tell is no longer so; how many.

    `users`: theirs alone. `states`: those that wait for a coordinator too.
    """
    taken_back: dict[str, Any] = {"state": MailState.DROPPED, "chase_day": None, **({"context": {}} if KINDS[kind].secrets else {})}
    whose = {} if users is None else {"user__in": users}
    return OutgoingEmail.objects.filter(kind=kind, about=about, state__in=states, **whose).update(**taken_back)


def requeue(row: OutgoingEmail) -> None:
    """A new attempt at a mail, as many times again as at first. It keeps its Message-ID, by which readers' programs know it again."""
    row.state, row.not_before = TRANSITIONS.target("send_again", row.state), clock.now()
    row.attempts, row.lease, row.leased_until, row.handed_at, row.error = 0, "", None, None, ""
    row.save(update_fields=["state", "not_before", "attempts", "lease", "leased_until", "handed_at", "error"])


def settle(row: OutgoingEmail) -> None:
    """Nothing more is done about a mail: an uncertain one counts as sent, an undeliverable one as not sent."""
    arrived = row.state == MailState.UNCERTAIN
    TRANSITIONS.target("settle", row.state)
    row.state, row.sent_at = (MailState.SENT, row.handed_at) if arrived else (MailState.DROPPED, None)
    row.lease, row.leased_until = "", None
    if row.kind in KINDS:
        row.context = KINDS[row.kind].public(row.context)
    row.save(update_fields=["state", "sent_at", "lease", "leased_until", "context"])
