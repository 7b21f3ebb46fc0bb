"""`series/`: the weekly rules that meetings are made by."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, TimeZone, count, one_of, optional_text, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.scheduling import selectors, services
from meetings.scheduling.models import MeetingSeries

MOST_BREAKS = 100
A_DAY = 24 * 60  # minutes
A_YEAR = 366 * 24  # hours


def breaks(**options: Any) -> serializers.Serializer[Any]:
    """`[{"from": day, "until": day}]`: both belong to the break."""
    return inline_serializer("Break", {"from": Day(), "until": Day()}, many=True, **options)


class SeriesObject(Thing):
    id = reference()
    title = text()
    weekday = serializers.IntegerField(help_text="0 = Monday")
    local_start = serializers.CharField(help_text="such as 10:00")
    time_zone = text()
    duration_minutes = count()
    interval_weeks = count()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    holiday_policy = one_of(MeetingSeries.HolidayPolicy.values)
    breaks = breaks()
    intake_opens_hours = serializers.IntegerField(help_text="before the start")
    intake_closes_hours = serializers.IntegerField(help_text="before the start")
    join_url = text()
    phone = text()
    phone_pin = text()
    version = count()


class SeriesBody(serializers.Serializer[Any]):
    title = serializers.CharField()
    weekday = whole(6, help_text="0 = Monday")
    local_start = serializers.TimeField()
    time_zone = TimeZone(required=False)
    duration_minutes = whole(A_DAY, 1, required=False)
    interval_weeks = whole(52, 1, required=False)
    starts_on = Day()
    ends_on = Day(required=False, allow_null=True)
    holiday_policy = one_of(MeetingSeries.HolidayPolicy.values, required=False)
    breaks = breaks(required=False, max_length=MOST_BREAKS)
    intake_opens_hours = whole(A_YEAR, required=False)
    intake_closes_hours = whole(A_YEAR, required=False)
    join_url = optional_text()
    phone = optional_text()
    phone_pin = optional_text()


def series_answer(actor: Actor, series: MeetingSeries) -> dict[str, Any]:
    return able(selectors.series_as_object(series), abilities(actor, {"edit": Permission.SCHEDULE}, {"edit"}))


def _values(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Breaks are kept as the text that they are in JSON."""
    values = dict(sent)
    if "breaks" in values:
        values["breaks"] = [{edge: day.isoformat() for edge, day in pause.items()} for pause in values["breaks"]]
    return values


class Series(Rest):
    @lists(SeriesObject)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(selectors.series_of(network), lambda row: series_answer(actor, row), by=("title", "id"))

    @writes(SeriesObject, takes=SeriesBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """A new series; its meetings are made 18 months ahead."""
        network, actor = self.network(slug)
        values = _values(self.sent(SeriesBody))
        return self.write(lambda: series_answer(actor, services.create_series(actor=actor, network=network, values=values)), status=201)

    @reads(SeriesObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        series = selectors.series(id)
        return self.read(series_answer(self.actor(series.network), series))

    @writes(SeriesObject, takes=SeriesBody, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Holds for meetings not made yet."""
        series = selectors.series(id)
        actor, version, values = self.actor(series.network), self.expected_version, _values(self.sent(SeriesBody, partial=True))

        def act() -> dict[str, Any]:
            return series_answer(actor, services.change_series(actor=actor, series=series, values=values, expected_version=version))

        return self.write(act)
