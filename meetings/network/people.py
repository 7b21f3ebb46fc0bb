"""Writes of people: who they are, what they change of their own, and the tokens their programs use."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, require
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import EventStream
from meetings.events.services import lock_stream, record
from meetings.events.types import EventType, MembershipChanged, TokenCreated, TokenRevoked
from meetings.network import addresses, selectors
from meetings.network.models import AccessToken, Invitation, Membership, Network, User

LANGUAGES = ("it", "en", "fr")
TOKEN_PREFIX = "rct_"  # noqa: S105 - lets secret scanners and log filters recognise one
TOKEN_BYTES = 32  # 256 bits
LONGEST_LIFE = 366  # days
MOST_TOKENS = 20  # live ones of one person


@transaction.atomic
def get_or_create_user(*, email: str, name: str = "", language: str = "", phone: str = "") -> User:
    """The person with this address. One already known is returned as they are: what is theirs, others do not overwrite.

    Raises Invalid.
    """
    address = addresses.checked(email)
    if known := User.objects.filter(email=address).first():
        return known
    user = User(email=address)
    validation.apply(user, {"name": name or address.partition("@")[0], "phone": phone, "language": _language(language or LANGUAGES[0])})
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # the same person, added at this very moment by somebody else
        return User.objects.get(email=address)
    return user


def locked(user: User) -> User:
    """The person as they now are, locked until the transaction ends; first the streams of their networks, where it is recorded."""
    mine = Membership.objects.filter(user=user.pk).values("network")
    list(EventStream.objects.select_for_update(no_key=True).filter(meeting__isnull=True, network__in=mine).order_by("pk"))
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _language(code: object) -> str:
    if code not in LANGUAGES:
        raise validation.invalid("language", _("Choose one of: %(languages)s.") % {"languages": ", ".join(LANGUAGES)})
    return str(code)


@transaction.atomic
def change_person(*, actor: Actor, network: Network, user: User, values: Mapping[str, Any]) -> bool:
    """Name and phone as the office knows them, for a person of this network alone; whether anything changed.

    Of somebody who also belongs to another network nothing is changed. Raises Invalid, and NotFound for a stranger.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not Membership.objects.filter(user=user, network=network).exists():
        raise NotFound("not_found", _("There is no such person."))
    return belongs_only_to(user, network) and _set_person(actor, user, values, ("name", "phone"))


@transaction.atomic
def change_address(*, actor: Actor, network: Network, user: User, email: str) -> User:
    """Another address for a person of this network alone who has neither signed in nor accepted an invitation: nobody has proven it yet.

    Raises Conflict `address_is_theirs` for anybody else's, `address_taken`, Invalid, NotFound for a stranger.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not Membership.objects.filter(user=user, network=network).exists():
        raise NotFound("not_found", _("There is no such person."))
    if not may_correct_address(user, network):
        text = _("This person has signed in, or belongs to another network too: the address is theirs to change.")
        raise Conflict("address_is_theirs", text)
    address = addresses.checked(email)
    if address == user.email:
        raise validation.invalid("email", _("This is the address that there is already."))
    if User.objects.filter(email=address).exists():
        raise Conflict("address_taken", _("Somebody else has this address already: end this membership and add that person."))
    user.email = address
    user.save(update_fields=["email"])
    record_person(actor, user)
    return user


def may_correct_address(user: User, network: Network) -> bool:
    """Whether the office may still correct the address."""
    proven = user.last_login is not None or Invitation.objects.filter(membership__user=user, accepted_at__isnull=False).exists()
    return not proven and belongs_only_to(user, network)


def belongs_only_to(user: User, network: Network) -> bool:
    """Whether the person never had a part in another network: then the office may correct their name."""
    return not Membership.objects.filter(user=user).exclude(network=network).exists()


@transaction.atomic
def change_profile(*, user: User, values: Mapping[str, Any]) -> User:
    """What a person may change of their own: name, phone, language. Raises Invalid."""
    user = locked(user)
    if "language" in values:
        _language(values["language"])
    _set_person(None, user, values, ("name", "phone", "language"))
    return user


def _set_person(actor: Actor | None, user: User, values: Mapping[str, Any], allowed: tuple[str, ...]) -> bool:
    if unknown := sorted(set(values) - set(allowed)):
        raise Invalid("invalid", _("Some of what you entered is not right."), {name: [_("This cannot be changed.")] for name in unknown})
    changed = validation.apply(user, values)
    if changed:
        user.save(update_fields=changed)
    if "name" in changed:
        record_person(actor, user)
    return bool(changed)


def record_person(actor: Actor | None, user: User) -> None:
    """Name and address stand in the person's memberships, in every network they have a part in."""
    mine = selectors.current_memberships(user).select_related("network", "user", "municipality", "zone")
    streams = dict(EventStream.objects.filter(meeting__isnull=True, network__memberships__in=mine).values_list("network_id", "pk"))
    for membership in sorted(mine, key=lambda row: (streams[row.network_id].hex, row.pk.hex)):
        by = actor or Actor(network_id=membership.network_id, user_id=user.pk, name=user.name)
        record(by, MembershipChanged(selectors.membership_as_object(membership)))


@transaction.atomic
def create_token(*, user: User, scope: str = AccessToken.Scope.READ, days: int = 90, label: str = "") -> tuple[AccessToken, str]:
    """A key for a program that acts in the person's name for `days` (at most 366), and its text, shown this once.

    Raises Invalid, Conflict `too_many_tokens`, and NotAllowed to who has a part in no network.
    """
    if not 1 <= days <= LONGEST_LIFE:
        raise validation.invalid("days", _("A token lives from 1 to %(most)s days.") % {"most": LONGEST_LIFE})
    locked(user)
    now = clock.now()
    if AccessToken.objects.filter(user=user, revoked_at__isnull=True, expires_at__gt=now).count() >= MOST_TOKENS:
        raise Conflict("too_many_tokens", _("You have %(most)s tokens already: revoke one first.") % {"most": MOST_TOKENS})
    text = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = AccessToken(user=user, digest=selectors.digest(text), created_at=now, expires_at=now + timedelta(days=days))
    validation.apply(token, {"scope": scope, "label": label})
    token.save()
    _record_everywhere(user, TokenCreated(selectors.token_as_object(token)))
    return token, text


@transaction.atomic
def revoke_token(*, user: User, token: AccessToken) -> AccessToken:
    """Ends one of the person's own tokens at once; doing it again changes nothing. Raises NotFound."""
    locked(user)
    found = AccessToken.objects.select_for_update(no_key=True).filter(pk=token.pk, user=user).first()
    if found is None:
        raise NotFound("not_found", _("There is no such token."))
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        found.save(update_fields=["revoked_at"])
        _record_everywhere(user, TokenRevoked(selectors.token_as_object(found)))
    return found


def _record_everywhere(user: User, event: EventType) -> None:
    """In the log of each network the token opens, in the order of the streams' ids."""
    networks = list(selectors.networks_of(user))
    if not networks:
        raise NotAllowed("not_allowed", _("You have a part in no network."))
    for stream in EventStream.objects.filter(meeting__isnull=True, network__in=networks).order_by("pk"):
        record(Actor(network_id=stream.network_id, user_id=user.pk, name=user.name), event)
