"""`municipalities/`: the seats."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, TwoKey, count, optional_text, reference, text, whole
from api.schema import lists, reads, writes
from meetings import validation
from meetings.access import Actor, Permission, abilities
from meetings.action_items.selectors import open_things_of
from meetings.network import mergers, selectors, services
from meetings.network.mergers import Merger, Newcomer
from meetings.network.models import Municipality, Network

LARGEST_POPULATION = 2_000_000_000
MOST_MERGING = 50


class MunicipalityObject(Thing):
    id = reference()
    istat_code = text()
    name = text()
    zone = reference()
    zone_name = text()
    population = count()
    patron_day = text(help_text="month and day, such as 06-24; empty when it is not known")
    patron_name = text()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    merged_into = reference(allow_null=True)
    version = count()


class MunicipalityChange(serializers.Serializer[Any]):
    name = serializers.CharField()
    zone = reference()
    population = whole(LARGEST_POPULATION)
    patron_day = optional_text()
    patron_name = optional_text()
    valid_from = Day(required=False, allow_null=True)
    valid_until = Day(required=False, allow_null=True)


class MunicipalityBody(MunicipalityChange):
    istat_code = serializers.CharField(help_text="six digits")


def municipality_answer(actor: Actor, municipality: Municipality) -> dict[str, Any]:
    return able(selectors.municipality_as_object(municipality), abilities(actor, {"edit": Permission.MANAGE_PEOPLE}, {"edit"}))


class MunicipalityFilter(serializers.Serializer[Any]):
    on = Day(required=False, help_text="the seats of that day; today's when it is left out")


class MergerBody(serializers.Serializer[Any]):
    """Into `successor`, one that there is, or into a new one: then `istat_code`, `name` and `zone`."""

    sources = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_MERGING)
    successor = reference(required=False, allow_null=True)
    istat_code = serializers.CharField(required=False, help_text="six digits")
    name = serializers.CharField(required=False)
    zone = reference(required=False, allow_null=True)
    on = Day(help_text="the successor's first day; tomorrow at the earliest")
    dry_run = serializers.BooleanField(required=False)


class MergerObject(serializers.Serializer[Any]):
    """What the merger did or, with `dry_run`, would do. `before` and `after`: the seats of the day before it and of its first day."""

    on = serializers.DateField()
    dry_run = serializers.BooleanField()
    successor = MunicipalityObject()
    ended = MunicipalityObject(many=True)
    representatives = serializers.ListField(child=serializers.CharField(), help_text="who goes with it, in order")
    before = TwoKey()
    after = TwoKey()
    proposals = count()
    action_items = count()


def merger_answer(actor: Actor, merger: Merger, open_things: tuple[int, int]) -> dict[str, Any]:
    return {
        "on": merger.on,
        "dry_run": merger.dry_run,
        "successor": municipality_answer(actor, merger.successor),
        "ended": [municipality_answer(actor, row) for row in merger.ended],
        "representatives": [row.user.name for row in merger.moved],
        "before": dict(zip(("municipalities", "population"), merger.before, strict=True)),
        "after": dict(zip(("municipalities", "population"), merger.after, strict=True)),
        "proposals": open_things[0],
        "action_items": open_things[1],
    }


class Municipalities(Rest):
    @lists(MunicipalityObject, query=MunicipalityFilter)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        rows = selectors.municipalities(network, self.query(MunicipalityFilter).get("on"))
        return self.page(rows, lambda row: municipality_answer(actor, row), by=("name", "id"))

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

    @writes(MergerObject, takes=MergerBody)
    def merge(self, request: Request, slug: str) -> Response:
        """Several seats end, and one with the population of all begins on the day; the past stays as it was."""
        network, actor = self.network(slug)
        values = self.sent(MergerBody)

        def act() -> dict[str, Any]:
            sources = [selectors.municipality_in(network.pk, pk) for pk in values["sources"]]
            passing = open_things_of([*sources, *_taking_in(network, values)])
            merger = mergers.merge_municipalities(
                actor=actor,
                network=network,
                sources=sources,
                successor=next(iter(_taking_in(network, values)), None) or _newcomer(network, values),
                on=values["on"],
                dry_run=values.get("dry_run", False),
            )
            return merger_answer(actor, merger, passing)

        return self.write(act)


def _taking_in(network: Network, values: dict[str, Any]) -> list[Municipality]:
    return [selectors.municipality_in(network.pk, values["successor"])] if values.get("successor") else []


def _newcomer(network: Network, values: dict[str, Any]) -> Newcomer:
    if not (values.get("istat_code") and values.get("name") and values.get("zone")):
        text = _("Choose the municipality that takes in the others, or give code, name and zone of a new one.")
        raise validation.invalid("successor", text)
    return Newcomer(values["istat_code"], values["name"], selectors.zone_in(network.pk, values["zone"]))
