"""Meeting series: the weekly rule and the meetings it makes."""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.series import NewSeriesForm, SeriesForm, initial
from frontend.views.base import Here, page
from meetings import clock
from meetings.access import Permission, require
from meetings.network.selectors import today
from meetings.scheduling import recurrence, selectors, services
from meetings.scheduling.models import MeetingSeries

SHOWN = 10
THURSDAY = 3


def _coordinator(here: Here) -> None:
    require(here.actor, Permission.SCHEDULE, network_id=here.network.pk)


@require_safe
@page
def index(here: Here) -> HttpResponse:
    _coordinator(here)
    return here.render("series/index.html", {"series": selectors.series_of(here.network)})


@require_safe
@page
def show(here: Here, series_id: UUID) -> HttpResponse:
    """The rule, its next meetings, and the dates it leaves out with the reason."""
    _coordinator(here)
    series = selectors.series_in(here.network.pk, series_id)
    meetings = selectors.meetings(here.network, since=clock.now()).filter(series=series)
    context = {
        "series": series,
        "made": series.meetings.count(),
        "meetings": meetings[:SHOWN],
        "exceptions": exceptions(series),
        "stretches": selectors.schedule_of(series).stretches,
    }
    return here.render("series/show.html", context)


def exceptions(series: MeetingSeries) -> list[recurrence.Occurrence]:
    """The dates from today on that are skipped or held on another day."""
    since, until = max(series.starts_on, today(series.network)), series.materialised_until
    if until is None:
        return []
    slots = selectors.schedule_of(series).slots(since=since, until=until, holidays=selectors.closed_days(series.network))
    days = [slot.occurrence for slot in slots if slot.occurrence.nominal_date >= since]
    return [day for day in days if not day.is_held or day.is_shifted]


@page
def new(here: Here) -> HttpResponse:
    """A new series; its meetings are made at once."""
    _coordinator(here)
    usual = {"title": _("Weekly coordination"), "starts_on": _next_thursday(today(here.network))}
    form = NewSeriesForm(here.posted, initial=usual)
    return here.form(
        form,
        "series/form.html",
        save=lambda: services.create_series(actor=here.actor, network=here.network, values=form.values()),
        done=_("The series is made. These are its meetings, and the dates that were left out."),
        to=lambda series: here.url("series", series.pk),
    )


def _next_thursday(day: date) -> date:
    """The Thursday after `day`, so that there is time to propose something."""
    return day + timedelta(days=(THURSDAY - day.weekday() - 1) % 7 + 1)


@page
def edit(here: Here, series_id: UUID) -> HttpResponse:
    """A change of what does not move meetings that stand in calendars; those to come take it over."""
    _coordinator(here)
    series = selectors.series_in(here.network.pk, series_id)
    form = SeriesForm(here.posted, initial=initial(series), version=series.version)
    return here.form(
        form,
        "series/form.html",
        {"series": series},
        save=lambda: services.change_series(actor=here.actor, series=series, values=form.values(), expected_version=form.version),
        done=_("The series is changed."),
        to=here.url("series", series.pk),
    )
