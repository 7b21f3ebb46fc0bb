"""`municipalities/`: the seats."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, count, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.network import selectors, services
from meetings.network.models import Municipality

LARGEST_POPULATION = 2_000_000_000


class MunicipalityObject(Thing):
    id = reference()
    istat_code = text()
    name = text()
    zone = reference()
    zone_name = text()
    population = count()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    version = count()


class MunicipalityChange(serializers.Serializer[Any]):
    name = serializers.CharField()
    zone = reference()
    population = whole(LARGEST_POPULATION)
    valid_from = Day(required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)


class MunicipalityBody(MunicipalityChange):
    istat_code = serializers.CharField(help_text="six digits")


def municipality_answer(actor: Actor, municipality: Municipality) -> dict[str, Any]:
    return able(selectors.municipality_as_object(municipality), abilities(actor, {"edit": Permission.MANAGE_PEOPLE}, {"edit"}))


class Municipalities(Rest):
    @lists(MunicipalityObject)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(selectors.municipalities(network), lambda row: municipality_answer(actor, row), by=("name", "id"))

    @writes(MunicipalityObject, takes=MunicipalityBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        values = self.sent(MunicipalityBody)
        values["zone"] = selectors.zone_in(network.pk, values["zone"])
        return self.write(
            lambda: municipality_answer(actor, services.create_municipality(actor=actor, network=network, **values)), status=201
        )

    @reads(MunicipalityObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        municipality = selectors.municipality(id)
        return self.read(municipality_answer(self.actor(municipality.network), municipality))

    @writes(MunicipalityObject, takes=MunicipalityChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        municipality = selectors.municipality(id)
        actor, version = self.actor(municipality.network), self.expected_version
        values = self.sent(MunicipalityChange, partial=True)
        if "zone" in values:
            values["zone"] = selectors.zone_in(municipality.network_id, values["zone"])

        def act() -> dict[str, Any]:
            changed = services.change_municipality(actor=actor, municipality=municipality, values=values, expected_version=version)
            return municipality_answer(actor, changed)

        return self.write(act)
