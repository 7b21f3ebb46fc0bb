"""A person's own address: changed by who is signed in and shows, by a link sent there, that the new one is theirs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.errors import Conflict, nothing_here
from meetings.network import addresses
from meetings.network.models import User
from meetings.network.people import locked, record_person
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.services import Recipient, notify

KIND = "own_address"
SALT = "meetings.network.own_address"
LIFE = timedelta(hours=2)
MOST_A_DAY = 5


@transaction.atomic
def ask(*, user: User, email: str) -> str:
    """Sends a link to the new address, which it returns; nothing changes yet, and nothing is said of who has it already.

    Raises Invalid, Conflict `too_many`.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    address = addresses.checked(email)
    if address == user.email:
        raise validation.invalid("email", _("This is the address that there is already."))
    since = clock.now() - timedelta(days=1)
    if OutgoingEmail.objects.filter(kind=KIND, user=user, created_at__gt=since).count() >= MOST_A_DAY:
        raise Conflict("too_many", _("Enough for today: try again tomorrow."))
    until = clock.now() + LIFE
    token = signing.dumps({"user": str(user.pk), "from": user.email, "to": address, "until": until.isoformat()}, salt=SALT)
    notify(KIND, [Recipient(address, user.name, user.language, user.pk, {"token": token})], key=str(uuid4()), network_id=None)
    return address


def asked(user: User, token: str) -> str:
    """The new address that the link is for. Raises NotFound for anybody else's, a former, an expired or an invented one."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise nothing_here() from None
    current = (found["user"], found["from"]) == (str(user.pk), user.email)
    if not current or clock.now() >= datetime.fromisoformat(found["until"]):
        raise nothing_here()
    return str(found["to"])


@transaction.atomic
def confirm(*, user: User, token: str) -> User:
    """Makes it the address that one signs in with; the link is used up by that. Raises NotFound, Conflict `address_taken`."""
    user = locked(user)
    address = asked(user, token)
    if User.objects.filter(email=address).exists():
        raise Conflict("address_taken", _("Somebody else signs in with this address already."))
    user.email = address
    user.save(update_fields=["email"])
    record_person(None, user)
    return user
