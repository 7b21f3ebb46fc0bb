"""A person's passkeys: keys in their devices that open the door instead of a mailed code (docs/adr/0028-passkeys-and-oidc.md).

The ceremony itself belongs to the browser and the session (frontend/views/passkeys.py); here stands what is kept of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import validation
from meetings.errors import Conflict, found
from meetings.network.models import User
from meetings.network.own_notices import tell

MOST_PASSKEYS = 20  # of one person
LONGEST_NAME = 80
ADDED = "passkey_added"


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key as its owner sees it; `used_at` is none for one that has never opened anything."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def _own(user: User) -> Any:
    return Authenticator.objects.filter(user=user.pk, type=Authenticator.Type.WEBAUTHN)


def _shown(row: Any) -> Passkey:
    return Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at)


def passkeys_of(user: User) -> list[Passkey]:
    """The person's, the oldest first."""
    return [_shown(row) for row in _own(user).order_by("created_at", "pk")]


def passkey(user: User, passkey_id: int) -> Passkey:
    """One of the person's own. Raises NotFound."""
    return _shown(found(_own(user).filter(pk=passkey_id).first()))


@transaction.atomic
def add(*, user: User, name: str, credential: Mapping[str, Any]) -> Passkey:
    """Keeps what a device has made, once its answer was checked, and tells the person by mail.

    Raises Invalid, and Conflict `too_many_passkeys`.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if _own(user).count() >= MOST_PASSKEYS:
        raise Conflict("too_many_passkeys", _("You have %(most)s passkeys already: remove one first.") % {"most": MOST_PASSKEYS})
    row = Authenticator(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": _name(name), "credential": dict(credential)})
    row.save()
    tell(ADDED, user, key=str(uuid4()), context={"passkey": row.data["name"]})
    return _shown(row)


@transaction.atomic
def rename(*, user: User, passkey_id: int, name: str) -> Passkey:
    """Raises Invalid, NotFound."""
    row = found(_own(user).select_for_update(no_key=True).filter(pk=passkey_id).first())
    row.data["name"] = _name(name)
    row.save(update_fields=["data"])
    return _shown(row)


def remove(*, user: User, passkey_id: int) -> None:
    """It opens nothing from now on; the code by mail goes on doing so. Doing it again changes nothing."""
    _own(user).filter(pk=passkey_id).delete()


def _name(text: str) -> str:
    name = validation.clean_line(text)
    if not name:
        raise validation.invalid("name", _("Give it a name, such as the device it is in."))
    if len(name) > LONGEST_NAME:
        raise validation.invalid("name", _("At most %(most)s characters; this has %(count)s.") % {"most": LONGEST_NAME, "count": len(name)})
    return name
