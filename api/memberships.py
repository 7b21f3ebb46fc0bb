"""`memberships/`: who takes part in a network, as what, and for which seat."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, count, one_of, optional_text, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.network import people, selectors, services
from meetings.network.models import Membership, Network

ACTIONS = dict.fromkeys(("edit", "end", "restore"), Permission.MANAGE_PEOPLE)


class Person(serializers.Serializer[Any]):
    id = reference()
    name = text()
    email = serializers.EmailField(allow_null=True, help_text="null to those who may not see contacts")


class MembershipObject(Thing):
    id = reference()
    user = Person()
    role = one_of(Membership.Role.values)
    municipality = reference(allow_null=True)
    municipality_name = text(allow_null=True)
    zone = reference(allow_null=True)
    office = one_of(Membership.Office.values)
    order = count()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    version = count()


class MembershipChange(serializers.Serializer[Any]):
    office = one_of(Membership.Office.values, required=False)
    order = whole(least=1, required=False)
    valid_from = Day(required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)


class MembershipEnd(serializers.Serializer[Any]):
    last_day = Day(required=False, allow_null=True, help_text="today counts; none: yesterday was the last")


class MembershipBody(MembershipChange):
    email = serializers.CharField()
    name = optional_text()
    language = one_of(people.LANGUAGES, required=False)
    role = one_of(Membership.Role.values)
    municipality = reference(required=False, allow_null=True)
    zone = reference(required=False, allow_null=True)


def membership_answer(actor: Actor, membership: Membership) -> dict[str, Any]:
    found = selectors.membership_as_object(membership, contacts=selectors.may_see_contacts(actor, membership))
    return able(found, abilities(actor, ACTIONS, selectors.possible_with(membership)))


class Memberships(Rest):
    @lists(MembershipObject)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(selectors.memberships(network), lambda row: membership_answer(actor, row), by=("id",))

    @writes(MembershipObject, takes=MembershipBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        values = self.sent(MembershipBody)
        return self.write(lambda: membership_answer(actor, _add(actor, network, values)), status=201)

    @reads(MembershipObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        membership = selectors.membership(id)
        return self.read(membership_answer(self.actor(membership.network), membership))

    @writes(MembershipObject, takes=MembershipChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        membership = selectors.membership(id)
        actor, version, values = self.actor(membership.network), self.expected_version, self.sent(MembershipChange, partial=True)

        def act() -> dict[str, Any]:
            changed = services.change_membership(actor=actor, membership=membership, values=values, expected_version=version)
            return membership_answer(actor, changed)

        return self.write(act)

    @writes(MembershipObject)
    def destroy(self, request: Request, id: UUID) -> Response:
        """Ends it at once: pages, files, feeds, tokens and sockets with it."""
        membership = selectors.membership(id)
        actor = self.actor(membership.network)
        return self.write(lambda: membership_answer(actor, services.end_membership(actor=actor, membership=membership)))

    @writes(MembershipObject, takes=MembershipEnd)
    def end(self, request: Request, id: UUID) -> Response:
        """Ends it with a last day, or at once."""
        membership = selectors.membership(id)
        actor, values = self.actor(membership.network), self.sent(MembershipEnd)
        return self.write(lambda: membership_answer(actor, services.end_membership(actor=actor, membership=membership, **values)))

    @writes(MembershipObject)
    def restore(self, request: Request, id: UUID) -> Response:
        """Takes back an end that is still to come, or of today."""
        membership = selectors.membership(id)
        actor = self.actor(membership.network)
        return self.write(lambda: membership_answer(actor, services.restore_membership(actor=actor, membership=membership)))


def _add(actor: Actor, network: Network, values: dict[str, Any]) -> Membership:
    values = dict(values)
    for name, found_in in (("municipality", selectors.municipality_in), ("zone", selectors.zone_in)):
        if values.get(name):
            values[name] = found_in(network.pk, values[name])
    return services.add_member(actor=actor, network=network, **values)
