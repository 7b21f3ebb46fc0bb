"""`networks/`: the caller's networks and their zones."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, TimeZone, count, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.network import selectors, services
from meetings.network.models import Network, Zone


class Thresholds(serializers.Serializer[Any]):
    """The shares of all seats that a count must reach, as fractions such as 1/3."""

    municipalities = serializers.CharField(required=False)
    population = serializers.CharField(required=False)


class NetworkObject(Thing):
    id = reference()
    slug = serializers.SlugField()
    name = text()
    time_zone = text()
    languages = serializers.ListField(child=serializers.CharField())
    thresholds = Thresholds()
    seat = reference(allow_null=True, help_text="the town of the office, whose patron's day closes it")
    sender_address = serializers.CharField(allow_blank=True, help_text="what mails of the network are sent from; empty: the installation's")
    correction_days = serializers.IntegerField(help_text="how long corrections of circulating minutes can be asked for")
    version = count()


class NetworkChange(serializers.Serializer[Any]):
    name = serializers.CharField()
    time_zone = TimeZone()
    languages = serializers.ListField(child=serializers.CharField(), max_length=10)
    thresholds = Thresholds()
    seat = reference(allow_null=True)
    sender_address = text()
    correction_days = whole(services.LONGEST_CORRECTION, 1)


class ZoneObject(Thing):
    id = reference()
    number = count()
    name = text()


class ZoneBody(serializers.Serializer[Any]):
    number = whole()
    name = serializers.CharField()


def network_answer(actor: Actor, network: Network) -> dict[str, Any]:
    return able(selectors.network_as_object(network), abilities(actor, {"edit": Permission.CONFIGURE}, {"edit"}))


def zone_answer(actor: Actor, zone: Zone) -> dict[str, Any]:
    return able(selectors.zone_as_object(zone), abilities(actor, {"edit": Permission.MANAGE_PEOPLE}, {"edit"}))


class Networks(Rest):
    @lists(NetworkObject)
    def list(self, request: Request) -> Response:
        actors = selectors.actors_of(self.user)
        return self.page(selectors.networks_of(self.user), lambda row: network_answer(actors[row.pk], row), by=("name", "id"))

    @reads(NetworkObject)
    def retrieve(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.read(network_answer(actor, network))

    @writes(NetworkObject, takes=NetworkChange, edit=True)
    def partial_update(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        version, values = self.expected_version, self.sent(NetworkChange, partial=True)
        if values.get("seat"):
            values["seat"] = selectors.municipality_in(network.pk, values["seat"])
        values |= {f"threshold_{key}": share for key, share in values.pop("thresholds", {}).items()}
        return self.write(
            lambda: network_answer(actor, services.change_network(actor=actor, network=network, values=values, expected_version=version))
        )


class Zones(Rest):
    @lists(ZoneObject)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(selectors.zones(network), lambda row: zone_answer(actor, row), by=("number",))

    @writes(ZoneObject, takes=ZoneBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """Makes the zone with that number, or gives it another name."""
        network, actor = self.network(slug)
        values = self.sent(ZoneBody)
        return self.write(lambda: zone_answer(actor, services.ensure_zone(actor=actor, network=network, **values)), status=201)
