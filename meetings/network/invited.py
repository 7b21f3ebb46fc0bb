"""Reads of invitations: who has been invited to a network, and what came of it. One row stands for one person."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextChoices, UUIDField, Value, When
from django.utils.translation import gettext_lazy as _

from meetings import clock
from meetings.errors import found, nothing_here
from meetings.network.models import Invitation, Membership, Network, valid_on
from meetings.network.selectors import digest, today, unended_on
from meetings.notifications.models import MailState, OutgoingEmail

KIND = "invitation"
"""The kind of mail."""


class Invited(TextChoices):
    """`accepted` is also who has signed in: their address is proven."""

    NOT_INVITED = "not_invited", _("not invited")
    SENT = "sent", _("invited")
    ACCEPTED = "accepted", _("invitation accepted")
    EXPIRED = "expired", _("link expired")
    UNDELIVERABLE = "undeliverable", _("undeliverable")
    REVOKED = "revoked", _("invitation taken back")


WITHOUT_ANSWER = (Invited.SENT, Invited.EXPIRED)
"""Whom a second mail may move."""


def people(network: Network) -> QuerySet[Any]:
    """Everybody who has a part in the network or will have: one membership each, the seat before other roles.

    Each row knows `invitation_state` (Invited), `invitation_id` (the latest, or None) and `mail_state` of its mail.
    """
    present = Membership.objects.filter(unended_on(today(network)), network=network, user__is_active=True, by_delegation=False)
    by_seat = (F("municipality__name").asc(nulls_last=True), "order", "id")
    first = present.filter(user=OuterRef("user")).order_by(*by_seat).values("pk")[:1]
    rows = present.filter(pk=Subquery(first)).select_related("network", "user", "municipality__zone", "zone")
    return _with_state(rows).order_by("user__name", "id")


def _with_state(rows: QuerySet[Membership]) -> QuerySet[Any]:
    mine = Invitation.objects.filter(membership__network=OuterRef("network"), membership__user=OuterRef("user"))
    latest = mine.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-id")
    mails = OutgoingEmail.objects.filter(network=OuterRef("network"), address=OuterRef("user__email"), kind=KIND)
    mails = mails.exclude(state=MailState.DROPPED).order_by("-created_at", "-id")
    annotated = rows.annotate(
        invitation_id=Subquery(latest.values("pk")[:1], output_field=UUIDField()),
        invitation_expires=Subquery(latest.values("expires_at")[:1], output_field=DateTimeField()),
        invitation_revoked=Subquery(latest.values("revoked_at")[:1], output_field=DateTimeField()),
        mail_state=Subquery(mails.values("state")[:1], output_field=CharField()),
        has_accepted=Exists(mine.filter(accepted_at__isnull=False)),
    )
    return annotated.annotate(
        invitation_state=Case(
            When(Q(has_accepted=True) | Q(user__last_login__isnull=False), then=Value(Invited.ACCEPTED)),
            When(invitation_id__isnull=True, then=Value(Invited.NOT_INVITED)),
            When(invitation_revoked__isnull=False, then=Value(Invited.REVOKED)),
            When(mail_state=MailState.UNDELIVERABLE, then=Value(Invited.UNDELIVERABLE)),
            When(invitation_expires__lte=clock.now(), then=Value(Invited.EXPIRED)),
            default=Value(Invited.SENT),
            output_field=CharField(),
        )
    )


def invitations_of(rows: Iterable[Any]) -> dict[UUID, Invitation]:
    """The latest invitations of rows of `people`, by id."""
    wanted = [row.invitation_id for row in rows if row.invitation_id]
    return {row.pk: row for row in Invitation.objects.filter(pk__in=wanted)}


def with_people(ids: Any) -> list[Invitation]:
    """These invitations, ready to be sent."""
    rows = Invitation.objects.select_related("membership__user", "membership__municipality", "membership__zone")
    return list(rows.filter(pk__in=ids).order_by("created_at", "id"))


def person(network: Network, membership_id: UUID | str) -> Any:
    """The row of `people` of whoever holds this membership. Raises NotFound."""
    held = found(Membership.objects.filter(network=network, pk=membership_id).first())
    return found(people(network).filter(user=held.user_id).first())


def invitation(invitation_id: UUID | str) -> Invitation:
    """With its network. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    rows = Invitation.objects.select_related("membership__network", "membership__user", "membership__municipality__zone")
    return found(rows.filter(pk=invitation_id).first())


def by_token(token: str) -> Invitation:
    """The invitation that a link is of, whatever has become of it. Raises NotFound."""
    rows = Invitation.objects.select_related("membership__network", "membership__user", "membership__municipality", "invited_by")
    found_by_digest = rows.filter(digest=digest(token)).first()
    if found_by_digest is None:
        raise nothing_here()
    return found_by_digest


def state_of(invitation: Invitation) -> Invited:
    """What has become of the link itself."""
    if invitation.accepted_at:
        return Invited.ACCEPTED
    if invitation.revoked_at:
        return Invited.REVOKED
    return Invited.EXPIRED if invitation.expires_at <= clock.now() else Invited.SENT


def still_there(invitation: Invitation) -> bool:
    """Whether the person still has a part in the network, by this membership or another. Needs `membership__network` selected."""
    network = invitation.membership.network
    rows = Membership.objects.filter(valid_on(today(network)), network=network, user=invitation.membership.user_id, user__is_active=True)
    return rows.exists()


def as_object(row: Any, invitation: Invitation | None) -> dict[str, Any]:
    """A row of `people` with its latest invitation. Needs `user` and `municipality` selected; never the token."""
    return {
        "id": invitation.pk if invitation else None,
        "membership": row.pk,
        "user": {"id": row.user_id, "name": row.user.name, "email": row.user.email},
        "role": row.role,
        "municipality": row.municipality_id,
        "municipality_name": row.municipality.name if row.municipality else None,
        "state": row.invitation_state,
        "address": invitation.address if invitation else None,
        "sent_count": invitation.sent_count if invitation else 0,
        "sent_at": invitation.sent_at if invitation else None,
        "expires_at": invitation.expires_at if invitation else None,
        "accepted_at": invitation.accepted_at if invitation else None,
        "revoked_at": invitation.revoked_at if invitation else None,
    }


def recorded(invitation: Invitation) -> dict[str, Any]:
    """An invitation as the log carries it: neither the token nor its digest."""
    names = ("id", "membership_id", "address", "sent_count", "sent_at", "expires_at", "accepted_at", "revoked_at")
    return {name.removesuffix("_id"): getattr(invitation, name) for name in names}
