"""Identities at another server (OpenID Connect) that a person signs in with: the key is (issuer, subject), never an address.

docs/adr/0028-passkeys-and-oidc.md says why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from meetings.errors import Conflict, Invalid
from meetings.network import addresses
from meetings.network.models import User
from meetings.network.own_notices import tell

LINKED = "identity_linked"
LONGEST_ISSUER = 200
LONGEST_SUBJECT = 191
"""As the columns of allauth's table are; OpenID Connect allows 255 characters, and what is longer is refused."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One that is linked, as its owner sees it."""

    id: int
    issuer: str
    linked_at: datetime
    used_at: datetime


def identities_of(user: User) -> list[Identity]:
    rows = SocialAccount.objects.filter(user=user.pk).order_by("date_joined", "pk")
    return [Identity(row.pk, row.provider, row.date_joined, row.last_login) for row in rows]


@transaction.atomic
def link(*, user: User, issuer: str, subject: str) -> bool:
    """From now on this subject of this issuer is the person; whether that is new. The person is told by mail.

    Raises Conflict `identity_taken` when it is somebody else, `identity_exists` when another subject of the issuer is the person.
    """
    if not subject or len(subject) > LONGEST_SUBJECT or len(issuer) > LONGEST_ISSUER:
        raise Invalid("invalid", _("This account cannot be used here."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = SocialAccount.objects.filter(provider=issuer, uid=subject).first()
    if known is not None and known.user_id == user.pk:
        return False
    if known is not None:
        raise Conflict("identity_taken", _("This account opens somebody else’s access already."))
    if SocialAccount.objects.filter(provider=issuer, user=user.pk).exists():
        raise Conflict("identity_exists", _("You sign in with another account there already: remove that one first."))
    try:
        with transaction.atomic():
            SocialAccount(user=user, provider=issuer, uid=subject, extra_data={}).save()
    except IntegrityError:  # linked at this very moment by somebody else
        raise Conflict("identity_taken", _("This account opens somebody else’s access already.")) from None
    tell(LINKED, user, key=str(uuid4()), context={"issuer": issuer})
    return True


def unlink(*, user: User, identity_id: int) -> None:
    """It opens nothing from now on. Doing it again changes nothing."""
    SocialAccount.objects.filter(user=user.pk, pk=identity_id).delete()


def person_to_link(issuer: str, address: Any) -> User | None:
    """Who has exactly this address, which the issuer has verified, and no other identity there. Look-alikes are nobody.

    Whoever has one there already signs in with that: an address that was given to another person opens nothing.
    """
    known = addresses.canonical(address) if isinstance(address, str) else None
    user = User.objects.filter(email=known, is_active=True).first() if known else None
    taken = user is not None and SocialAccount.objects.filter(provider=issuer, user=user.pk).exists()
    return None if taken else user
