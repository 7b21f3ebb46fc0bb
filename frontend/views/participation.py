"""Participation: who took part in the meetings of a period, as pictures and as tables; and one municipality's own line."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from frontend.forms.participation import ParticipationForm, PeriodForm
from frontend.views.base import Here, page
from frontend.views.participation_charts import chart, strip
from meetings.network.selectors import municipality_in, seats_of, zones
from meetings.reporting import selectors
from meetings.reporting.figures import Period, SeatFigures

FILES = "/api/v1/networks/{slug}/reports/participation.{ending}?{query}"


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """Meeting by meeting, zone by zone, and the municipalities that the reader may see."""
    whole = selectors.sees_all_seats(here.actor) or bool(here.actor.zones)
    form = ParticipationForm(here.request.GET, network=here.network, zones=zones(here.network), ordered=whole)
    days, zone = form.days, form.chosen("zone")
    report = selectors.participation_for(here.actor, here.network, days, zone)
    filters = {**_days(days), **({"zone": zone.pk} if zone else {})}
    context = {
        "form": form,
        "report": report,
        "chart": chart(report.meetings, here.network, whole=zone is None),
        "municipalities": _ordered(report.municipalities, form.chosen("order") if whole else None),
        "sees_all": whole,
        "filtered": any(here.request.GET.get(name) for name in form.fields),
        "days": urlencode(_days(days)),
        "xlsx": _file(here, "xlsx", filters),
        "csvs": [(table, _file(here, "csv", {**filters, "table": table})) for table in ("meetings", "zones", "municipalities")],
    }
    return here.render("participation/index.html", context)


def _days(days: Period) -> dict[str, date]:
    return {"from": days.since, "to": days.until}


def _file(here: Here, ending: str, query: Mapping[str, object]) -> str:
    return FILES.format(slug=here.network.slug, ending=ending, query=urlencode(query))


def _ordered(rows: list[SeatFigures], order: str | None) -> list[SeatFigures]:
    match order:
        case "zone":
            return sorted(rows, key=lambda row: row.municipality.zone.number)
        case "least":
            return sorted(rows, key=lambda row: row.figures.share)
        case "most":
            return sorted(rows, key=lambda row: row.figures.share, reverse=True)
        case _:
            return rows


@require_safe
@page
def municipality(here: Here, municipality_id: UUID) -> HttpResponse:
    """One municipality's meetings, each with what became of its invitation. Raises NotAllowed for another's."""
    town = municipality_in(here.network.pk, municipality_id)
    form = PeriodForm(here.request.GET, network=here.network)
    own = selectors.of_municipality(here.actor, town, form.days)
    others = [seat for seat in seats_of(here.actor) if seat != town]
    context = {
        "municipality": town,
        "form": form,
        "own": own,
        "strip": strip(own.meetings),
        "others": others,
        "filtered": any(here.request.GET.get(name) for name in form.fields),
        "days": urlencode(_days(own.period)),
    }
    return here.render("participation/municipality.html", context)
