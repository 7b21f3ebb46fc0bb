"""`delegations/` and `absences/`: who represents a municipality instead, and when its representatives are away."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, count, one_of, optional_text, reference, text
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, can
from meetings.errors import found
from meetings.network.models import Network
from meetings.network.selectors import municipality_in, today
from meetings.scheduling import absences, delegations, seats, selectors
from meetings.scheduling.models import Delegation, DelegationState, OutOfOffice


class Delegate(serializers.Serializer[Any]):
    name = text()
    email = text()
    office = text()


class DelegationObject(Thing):
    id = reference()
    municipality = reference()
    municipality_name = text()
    meeting = reference(allow_null=True)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()
    delegate = Delegate()
    state = one_of(DelegationState.values)
    named_by = reference(allow_null=True)
    named_by_name = text()
    named_at = serializers.DateTimeField()
    through_link = serializers.BooleanField(help_text="named through a mailed link, which may have been passed on")
    confirmed_by = reference(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    version = count()


class DelegationBody(serializers.Serializer[Any]):
    """A meeting, or the first and the last day."""

    municipality = reference()
    meeting = reference(required=False, allow_null=True)
    valid_from = Day(required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)
    name = serializers.CharField()
    email = serializers.CharField()
    office = optional_text()
    confirm = serializers.BooleanField(required=False, help_text="a coordinator confirms at once; nobody else's word changes by it")


class AbsenceObject(Thing):
    id = reference()
    user = reference()
    user_name = text()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()
    note = serializers.CharField(help_text="for the coordinators and the person")
    declared_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AbsenceBody(serializers.Serializer[Any]):
    valid_from = Day()
    valid_until = Day()
    note = optional_text()
    user = reference(required=False, allow_null=True, help_text="somebody else, for coordinators")


def delegation_answer(actor: Actor, row: Delegation, held: Collection[UUID] | None = None) -> dict[str, Any]:
    """Needs `network`, `municipality__zone` and `named_by` selected."""
    return able(seats.delegation_as_object(row), seats.delegation_abilities(actor, row, held))


def absence_answer(actor: Actor, row: OutOfOffice) -> dict[str, Any]:
    """Needs `user` selected."""
    open_ = row.withdrawn_at is None and (row.user_id == actor.user_id or can(actor, Permission.MANAGE_PEOPLE))
    return able(seats.absence_as_object(row, note=True), ["withdraw"] if open_ else [])


class Delegations(Rest):
    @lists(DelegationObject)
    def list(self, request: Request, slug: str) -> Response:
        """Those of one's own seats; everybody's for the office."""
        network, actor = self.network(slug)
        held = seats.titular_in(actor, network)
        return self.page(seats.delegations(actor, network), lambda row: delegation_answer(actor, row, held), by=("id",))

    @writes(DelegationObject, takes=DelegationBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """On the titular's word it stands at once; otherwise the titular is asked to confirm it."""
        network, actor = self.network(slug)
        values = self.sent(DelegationBody)
        return self.write(lambda: delegation_answer(actor, _name(actor, network, values)), status=201)

    @reads(DelegationObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        row, actor = self._found(id)
        return self.read(delegation_answer(actor, row))

    @writes(DelegationObject)
    def confirm(self, request: Request, id: UUID) -> Response:
        """Only the titular and the coordinators make somebody a delegate."""
        row, actor = self._found(id)
        return self.write(lambda: delegation_answer(actor, delegations.confirm(actor=actor, delegation=row)))

    @writes(DelegationObject)
    def revoke(self, request: Request, id: UUID) -> Response:
        """Ends it at once, with every right it gave."""
        row, actor = self._found(id)
        return self.write(lambda: delegation_answer(actor, delegations.revoke(actor=actor, delegation=row)))

    def _found(self, id: UUID) -> tuple[Delegation, Actor]:
        row = seats.delegation(id)
        actor = self.actor(row.network)
        return seats.visible_delegation(actor, row), actor


class Absences(Rest):
    @lists(AbsenceObject)
    def list(self, request: Request, slug: str) -> Response:
        """One's own; everybody's for the coordinators."""
        network, actor = self.network(slug)
        return self.page(seats.absences(actor, network), lambda row: absence_answer(actor, row), by=("id",))

    @writes(AbsenceObject, takes=AbsenceBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """Meetings of those days that are not answered yet are answered at once."""
        network, actor = self.network(slug)
        values = self.sent(AbsenceBody)
        return self.write(lambda: absence_answer(actor, _away(actor, network, values)), status=201)

    @writes(AbsenceObject)
    def destroy(self, request: Request, id: UUID) -> Response:
        """Takes back the automatic answers, and those alone."""
        row = seats.absence(id)
        actor = self.actor(row.network)
        found(row if seats.may_see_absence(actor, row) else None)
        return self.write(lambda: absence_answer(actor, absences.withdraw_absence(actor=actor, absence=row)))


def _name(actor: Actor, network: Network, values: dict[str, Any]) -> Delegation:
    values = dict(values)
    seat, meeting = municipality_in(network.pk, values.pop("municipality")), values.pop("meeting", None)
    if meeting:
        values["meeting"] = selectors.meeting_in(network.pk, meeting)
    return delegations.name_delegate(actor=actor, municipality=seat, **values)


def _away(actor: Actor, network: Network, values: dict[str, Any]) -> OutOfOffice:
    values = dict(values)
    if values.get("user"):
        values["user"] = found(seats.people_with_a_seat(network, today(network)).filter(pk=values["user"]).first())
    return absences.declare_absence(actor=actor, network=network, **values)
