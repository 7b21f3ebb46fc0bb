"""Writes of invitations: a mailed link to a membership that exists (ADR 13).

The token stands in the mail alone; here is its digest. It gives no right: who accepts must be signed in with the very address the mail
went to, and what they may do comes from their memberships.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Permission, Role, require
from meetings.errors import Conflict, nothing_here
from meetings.events.services import lock_stream, record
from meetings.events.types import InvitationAccepted, InvitationRevoked, InvitationSent
from meetings.network import invited, people, selectors
from meetings.network.invited import KIND, WITHOUT_ANSWER, Invited
from meetings.network.models import Invitation, Membership, Network, User
from meetings.notifications.models import MailState
from meetings.notifications.services import Recipient, drop, notify

LIFE = timedelta(days=30)
TOKEN_BYTES = 32  # 256 bits
Meeting = Mapping[str, Any]
"""What the mail says of the next meeting: `title`, `starts_at`, `time_zone`. (The network's slice knows no meetings.)"""


@transaction.atomic
def invite(*, actor: Actor, network: Network, memberships: Iterable[Membership], meeting: Meeting | None = None) -> list[Invitation]:
    """Sends a link to each of these people once; who holds one already, or has accepted one, is passed over.

    Raises NotFound for another network's.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    wanted = list(memberships)
    if any(row.network_id != network.pk for row in wanted):
        raise nothing_here()
    lock_stream(network_id=network.pk)
    rows = invited.people(network).filter(user__in={row.user_id for row in wanted}, has_accepted=False)
    return _begin(actor, network, list(rows.filter(Q(invitation_id=None) | Q(invitation_revoked__isnull=False))), meeting)


@transaction.atomic
def invite_all(*, actor: Actor, network: Network, meeting: Meeting | None = None) -> list[Invitation]:
    """Invites everybody who was not yet; who has signed in, and whose invitation was revoked, is left alone."""
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    return _begin(actor, network, list(invited.people(network).filter(invitation_state=Invited.NOT_INVITED)), meeting)


def _begin(actor: Actor, network: Network, rows: Sequence[Any], meeting: Meeting | None) -> list[Invitation]:
    now, tokens, new = clock.now(), {}, []
    for row in rows:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        invitation = Invitation(membership=row, address=row.user.email, digest=selectors.digest(token), invited_by_id=actor.user_id)
        invitation.created_at = invitation.sent_at = now
        invitation.expires_at = now + LIFE
        tokens[invitation.pk] = token
        new.append(invitation)
    Invitation.objects.bulk_create(new)
    _tell(actor, network, new, tokens, meeting)
    return new


@transaction.atomic
def resend(*, actor: Actor, invitation: Invitation, meeting: Meeting | None = None) -> Invitation:
    """A new link for the next 30 days; the former ends.

    Raises Conflict `sent_today` (unless that mail could not be delivered), `invitation_used`, `invitation_revoked`, `membership_ended`.
    """
    network = invitation.membership.network
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    found = _locked(invitation)
    _require_open(found)
    row = invited.people(network).filter(user=found.membership.user_id).first()
    undeliverable = row is not None and row.invitation_state == Invited.UNDELIVERABLE
    if _sent_today(found, network) and not undeliverable:
        raise Conflict("sent_today", _("This invitation was sent today already. Send it again tomorrow at the earliest."))
    return _again(actor, network, [found], meeting)[0]


@transaction.atomic
def resend_all(*, actor: Actor, network: Network, meeting: Meeting | None = None) -> list[Invitation]:
    """A new link to each of those who have not answered theirs, but to nobody twice in a day."""
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    return _again(actor, network, to_resend(network), meeting)


def to_resend(network: Network) -> list[Invitation]:
    """The open invitations that `resend_all` sends again."""
    rows = invited.people(network).filter(invitation_state__in=WITHOUT_ANSWER)
    known = invited.with_people([row.invitation_id for row in rows])
    return [row for row in known if not _sent_today(row, network)]


def _sent_today(invitation: Invitation, network: Network) -> bool:
    return invitation.sent_at.astimezone(network.zone).date() == selectors.today(network)


def _again(actor: Actor, network: Network, invitations: Sequence[Invitation], meeting: Meeting | None) -> list[Invitation]:
    now, tokens = clock.now(), {}
    for row in invitations:
        tokens[row.pk] = secrets.token_urlsafe(TOKEN_BYTES)
        row.digest, row.address, row.sent_count = selectors.digest(tokens[row.pk]), row.membership.user.email, row.sent_count + 1
        row.sent_at, row.expires_at = now, now + LIFE
    Invitation.objects.bulk_update(invitations, ["digest", "address", "sent_count", "sent_at", "expires_at"], batch_size=100)
    _take_back_mails(network, invitations)
    _tell(actor, network, invitations, tokens, meeting)
    return list(invitations)


@transaction.atomic
def revoke(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Ends the link at once; the membership stays. Doing it again changes nothing. Raises Conflict `invitation_used`."""
    network = invitation.membership.network
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    found = _locked(invitation)
    if found.revoked_at is not None:
        return found
    if found.accepted_at is not None:
        raise Conflict("invitation_used", _("This invitation was accepted already. End the membership instead."))
    found.revoked_at = clock.now()
    found.save(update_fields=["revoked_at"])
    record(actor, InvitationRevoked(invited.recorded(found)))
    _take_back_mails(network, [found])
    return found


@transaction.atomic
def accept(*, user: User, token: str) -> Invitation:
    """The person says yes, signed in with the very address the mail went to: to everybody else the link is unknown.

    Raises NotFound, Conflict `invitation_used`, `invitation_revoked`, `invitation_expired`, `membership_ended`.
    """
    invitation = invited.by_token(token)
    lock_stream(network_id=invitation.membership.network_id)
    found = _locked(invitation)
    if found.digest != selectors.digest(token) or found.membership.user_id != user.pk or found.address != user.email:
        raise nothing_here()
    _require_open(found)
    if found.expires_at <= clock.now():
        raise Conflict("invitation_expired", _("This invitation has expired. Ask the office for another one."))
    found.accepted_at = clock.now()
    found.save(update_fields=["accepted_at"])
    by = Actor(network_id=found.membership.network_id, user_id=user.pk, name=user.name)
    record(by, InvitationAccepted(invited.recorded(found)))
    return found


@transaction.atomic
def correct_address(*, actor: Actor, network: Network, user: User, email: str, meeting: Meeting | None = None) -> User:
    """Another address for somebody who has never shown that theirs is right; an open invitation goes there at once.

    Raises as `people.change_address`.
    """
    lock_stream(network_id=network.pk)
    user = people.change_address(actor=actor, network=network, user=user, email=email)
    held = Invitation.objects.filter(membership__network=network, membership__user=user, accepted_at=None, revoked_at=None)
    if open_ones := invited.with_people(held.values("pk")):
        _again(actor, network, open_ones, meeting)
    return user


def _take_back_mails(network: Network, rows: Sequence[Invitation]) -> None:
    """Their links no longer open anything."""
    users = [row.membership.user_id for row in rows]
    drop(kind=KIND, about=str(network.pk), users=users, states=(MailState.QUEUED, MailState.UNDELIVERABLE))


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",), no_key=True).select_related("membership__network", "membership__user")
    return rows.select_related("membership__municipality", "membership__zone").get(pk=invitation.pk)


def _require_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise Conflict("invitation_used", _("This invitation was accepted already."))
    if invitation.revoked_at is not None:
        raise Conflict("invitation_revoked", _("This invitation was taken back. Ask the office for another one."))
    if not invited.still_there(invitation):
        raise Conflict("membership_ended", _("This person no longer has a part in the network."))


def _tell(actor: Actor, network: Network, rows: Sequence[Invitation], tokens: Mapping[Any, str], meeting: Meeting | None) -> None:
    for row in rows:
        record(actor, InvitationSent(invited.recorded(row)))
    told = [_recipient(row, tokens[row.pk]) for row in rows]
    context = {"time_zone": network.time_zone, "meeting": meeting, **_office(actor, network)}
    notify(KIND, told, key=str(uuid4()), network_id=network.pk, about=str(network.pk), context=context)


def _office(actor: Actor, network: Network) -> dict[str, str]:
    """Who invites, and whom to ask: the same person where a coordinator does it."""
    coordinators = selectors.memberships(network).filter(role=Role.COORDINATOR, user__is_active=True)
    chosen = coordinators.filter(user=actor.user_id).first() or coordinators.first()
    user = chosen.user if chosen else None
    contact = {"office_name": user.name, "office_email": user.email, "office_phone": user.phone} if user else {}
    return {"invited_by": actor.name, **contact}


def _recipient(row: Invitation, token: str) -> Recipient:
    held = row.membership
    place = held.municipality or held.zone
    context = {"token": token, "expires_at": row.expires_at, "role": held.role, "office": held.office, "order": held.order}
    user = held.user
    return Recipient(user.email, user.name, user.language, user.pk, {**context, "place": place.name if place else ""})
