"""`invitations/`: who was invited to take part in a network, and what came of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, reference, text
from api.schema import lists, writes
from meetings import validation
from meetings.access import Actor, Permission, abilities, require
from meetings.network import invitations as services
from meetings.network import invited, selectors
from meetings.network.invited import Invited
from meetings.network.models import Invitation, Membership, Network
from meetings.scheduling.selectors import next_meeting_as_fact

ONE_REQUEST = 500
ACTIONS = {"invite": Permission.MANAGE_PEOPLE, "resend": Permission.MANAGE_PEOPLE, "revoke": Permission.MANAGE_PEOPLE}
POSSIBLE = {
    Invited.NOT_INVITED: {"invite"},
    Invited.REVOKED: {"invite"},
    Invited.SENT: {"resend", "revoke"},
    Invited.EXPIRED: {"resend", "revoke"},
    Invited.UNDELIVERABLE: {"resend", "revoke"},
}


class InvitedPerson(serializers.Serializer[Any]):
    id = reference()
    name = text()
    email = serializers.CharField()


class InvitationObject(Thing):
    """One person, by the membership that the invitation speaks of. Without an invitation `id` is null."""

    id = reference(allow_null=True)
    membership = reference()
    user = InvitedPerson()
    role = one_of(Membership.Role.values)
    municipality = reference(allow_null=True)
    municipality_name = text(allow_null=True)
    state = one_of(Invited.values)
    address = serializers.CharField(allow_null=True)
    sent_count = count()
    sent_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class InvitationFilter(serializers.Serializer[Any]):
    state = one_of(Invited.values, required=False)


class InvitationBody(serializers.Serializer[Any]):
    """Either some memberships, or everybody who was not invited yet."""

    memberships = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=ONE_REQUEST)
    all = serializers.BooleanField(required=False)


class InvitationsSent(serializers.Serializer[Any]):
    sent = count()
    invitations = serializers.ListField(child=serializers.UUIDField())


def answer(actor: Actor, row: Any, invitation: Invitation | None) -> dict[str, Any]:
    return able(invited.as_object(row, invitation), abilities(actor, ACTIONS, POSSIBLE.get(row.invitation_state, set())))


class Invitations(Rest):
    @lists(InvitationObject, query=InvitationFilter)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
        rows = invited.people(network)
        if state := self.query(InvitationFilter).get("state"):
            rows = rows.filter(invitation_state=state)
        page = self.page(rows, lambda row: {"row": row}, by=("id",))
        known = invited.invitations_of(entry["row"] for entry in page.data["results"])
        page.data["results"] = [answer(actor, one["row"], known.get(one["row"].invitation_id)) for one in page.data["results"]]
        return page

    @writes(InvitationsSent, takes=InvitationBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """Whoever has an invitation already, or has signed in, is passed over. The mails leave in the background."""
        network, actor = self.network(slug)
        values = self.sent(InvitationBody)
        return self.write(lambda: _sent(_invite(actor, network, values)), status=201)

    @writes(InvitationObject)
    def resend(self, request: Request, id: UUID) -> Response:
        """A new link for thirty days. Not twice in a day, unless the mail could not be delivered."""
        invitation = invited.invitation(id)
        network = invitation.membership.network
        actor = self.actor(network)
        return self._changed(
            actor, invitation, lambda: services.resend(actor=actor, invitation=invitation, meeting=next_meeting_as_fact(network))
        )

    @writes(InvitationObject)
    def revoke(self, request: Request, id: UUID) -> Response:
        invitation = invited.invitation(id)
        actor = self.actor(invitation.membership.network)
        return self._changed(actor, invitation, lambda: services.revoke(actor=actor, invitation=invitation))

    def _changed(self, actor: Actor, invitation: Invitation, act: Callable[[], Invitation]) -> Response:
        network = invitation.membership.network
        return self.write(lambda: _with_row(actor, network, act()))


def _with_row(actor: Actor, network: Network, invitation: Invitation) -> dict[str, Any]:
    return answer(actor, invited.person(network, invitation.membership_id), invitation)


def _invite(actor: Actor, network: Network, values: dict[str, Any]) -> list[Invitation]:
    if bool(values.get("all")) == bool(values.get("memberships")):
        raise validation.invalid("memberships", _("Name some memberships, or say all."))
    meeting = next_meeting_as_fact(network)
    if values.get("all"):
        return services.invite_all(actor=actor, network=network, meeting=meeting)
    rows = selectors.memberships_in(network.pk, values["memberships"])
    return services.invite(actor=actor, network=network, memberships=rows, meeting=meeting)


def _sent(invitations: list[Invitation]) -> dict[str, Any]:
    return {"sent": len(invitations), "invitations": [str(row.pk) for row in invitations]}
