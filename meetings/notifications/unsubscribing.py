"""Refusing a kind of mail: by the signed address in the mail itself (RFC 8058), or by choice on one's profile."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.errors import nothing_here
from meetings.notifications.letters import KINDS, Kind
from meetings.notifications.models import Unsubscription
from meetings.validation import invalid

SALT = "meetings.notifications.unsubscribe"


def token_for(user_id: UUID, kind: str) -> str:
    """What the mail's address carries: who refuses what. It never expires, since old mails are found again."""
    return signing.Signer(salt=SALT).sign_object([user_id.hex, kind])


def told_by(token: str) -> tuple[UUID, Kind]:
    """Who refuses which kind. Raises NotFound for what is none of our tokens, or a kind that cannot be refused."""
    try:
        user, name = signing.Signer(salt=SALT).unsign_object(token)
        kind, user_id = KINDS[name], UUID(hex=user)
    except (signing.BadSignature, KeyError, ValueError, TypeError, AttributeError):
        raise nothing_here() from None
    if not kind.label:
        raise nothing_here()
    return user_id, kind


def refusable() -> list[Kind]:
    """The kinds that people may refuse, by their words."""
    return sorted((kind for kind in KINDS.values() if kind.label), key=lambda kind: str(kind.label))


def refused_by(user_id: UUID) -> set[str]:
    """The kinds that the person does not want."""
    return set(Unsubscription.objects.filter(user=user_id, kind__in=[kind.name for kind in refusable()]).values_list("kind", flat=True))


def refuse(user_id: UUID, kind: Kind) -> None:
    """From now on the person gets no mail of this kind; doing it again changes nothing."""
    Unsubscription.objects.get_or_create(user_id=user_id, kind=kind.name, defaults={"at": clock.now()})


def want(user_id: UUID, kind: Kind) -> None:
    """The person gets mail of this kind again."""
    Unsubscription.objects.filter(user=user_id, kind=kind.name).delete()


@transaction.atomic
def choose(*, user_id: UUID, wanted: Collection[str]) -> None:
    """The person's choice among all kinds: those not in `wanted` are refused. Raises Invalid for a kind that cannot be."""
    kinds = refusable()
    if set(wanted) - {kind.name for kind in kinds}:
        raise invalid("wanted", _("There is no such kind of mail."))
    for kind in kinds:
        (want if kind.name in wanted else refuse)(user_id, kind)


def choices_as_object(user_id: UUID) -> dict[str, Any]:
    """Every kind that may be refused, and whether the person wants it."""
    refused = refused_by(user_id)
    return {"kinds": [{"kind": kind.name, "label": str(kind.label), "wanted": kind.name not in refused} for kind in refusable()]}
