"""`reports/participation/`: who took part in the meetings of a period."""

from typing import Any

from django.http import FileResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.documents import download, language_of
from api.fields import Day, Thing, TwoKey, count, one_of, reference, text
from api.schema import gives_file, reads
from meetings.access import Actor
from meetings.documents import services
from meetings.documents.participation_tables import TABLES
from meetings.network.models import Network, Zone
from meetings.network.people import LANGUAGES
from meetings.network.selectors import zone_in
from meetings.reporting import selectors
from meetings.reporting.figures import Period


class PeriodQuery(serializers.Serializer[Any]):
    zone = reference(required=False)

    def get_fields(self) -> dict[str, Any]:
        days = {"from": "The first day; a year before the last unless given.", "to": "The last day; today unless given."}
        fields = {name: Day(required=False, help_text=words) for name, words in days.items()}
        return {**fields, **super().get_fields()}


class FileQuery(PeriodQuery):
    language = one_of(LANGUAGES, required=False)


class TableQuery(FileQuery):
    table = one_of(TABLES, required=False)


class Counts(serializers.Serializer[Any]):
    """Each invitation stands once among the answers and once among present, excused and absent."""

    invited = count()
    attending = count()
    substitute = count()
    regrets = count()
    silent = count()
    present = count()
    excused = serializers.IntegerField(help_text="not there, regrets sent")
    absent = serializers.IntegerField(help_text="not there, and no regrets sent")
    speeches = count()
    votes = serializers.IntegerField(help_text="in named votes that are counted")
    proposals = count()


class Totals(Counts):
    meetings = count()
    with_quorum = count()


class MeetingCounts(Counts):
    id = reference()
    number = count()
    title = text()
    starts_at = serializers.DateTimeField()
    local_start = text()
    time_zone = text()
    seats = TwoKey(help_text="valid that day")
    present_seats = TwoKey(help_text="there at some time")
    most_at_once = count()
    quorum = serializers.BooleanField(help_text="at some moment those there reached both thresholds")
    speakers = serializers.IntegerField(help_text="municipalities that spoke")
    polls = count()


class ZoneCounts(Counts):
    id = reference()
    number = count()
    name = text()
    municipalities = count()


class SeatCounts(Counts):
    id = reference()
    name = text()
    istat_code = text()
    population = count()
    zone = reference()
    zone_name = text()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class Participation(Thing):
    zone = reference(allow_null=True)
    totals = Totals()
    meetings = MeetingCounts(many=True)
    zones = ZoneCounts(many=True)
    municipalities = SeatCounts(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class Reports(Rest):
    @reads(Participation, query=PeriodQuery)
    def participation(self, request: Request, slug: str) -> Response:
        """Of the meetings held; single municipalities as far as the caller may see them."""
        network, actor, days, zone = self._wanted(slug, self.query(PeriodQuery))
        report = selectors.participation_for(actor, network, days, zone)
        return self.read(able(selectors.report_as_object(report), []))

    @gives_file(["text/csv"], query=TableQuery)
    def participation_csv(self, request: Request, slug: str) -> FileResponse:
        """One of its tables: the meetings unless another is named."""
        asked = self.query(TableQuery)
        network, actor, days, zone = self._wanted(slug, asked)
        table, language = asked.get("table", TABLES[0]), language_of(asked)
        return download(services.participation_csv(actor=actor, network=network, language=language, days=days, zone=zone, table=table))

    @gives_file([services.XLSX], query=FileQuery)
    def participation_xlsx(self, request: Request, slug: str) -> FileResponse:
        """Each of its tables a sheet."""
        asked = self.query(FileQuery)
        network, actor, days, zone = self._wanted(slug, asked)
        return download(services.participation_xlsx(actor=actor, network=network, language=language_of(asked), days=days, zone=zone))

    def _wanted(self, slug: str, asked: dict[str, Any]) -> tuple[Network, Actor, Period, Zone | None]:
        network, actor = self.network(slug)
        zone = zone_in(network.pk, asked["zone"]) if "zone" in asked else None
        return network, actor, selectors.period(network, asked.get("from"), asked.get("to")), zone
