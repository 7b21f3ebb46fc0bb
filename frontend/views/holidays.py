"""Holidays: in which town the office is, and when the municipalities have their patron's day."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import ActionForm
from frontend.forms.calendar import PatronForm, SeatForm
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.network import services
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling import selectors


@page
def index(here: Here) -> HttpResponse:
    """The town whose patron's day closes the office."""
    form = SeatForm(here.posted, initial={"seat": here.network.seat_id}, version=here.network.version, network=here.network)

    def save() -> object:
        return services.change_network(actor=here.actor, network=here.network, values=form.values(), expected_version=form.version)

    done = _("Saved. Meetings that are made already change with the breaks of their series.")
    return here.submit(form, save=save, done=done, to=here.url("holidays"), show=lambda status: _page(here, status, seat=form))


@page
def patron(here: Here) -> HttpResponse:
    """One municipality's patron's day."""
    form = PatronForm(here.posted, network=here.network)

    def save() -> object:
        values = form.values()
        town: Municipality = values.pop("municipality")
        return services.change_municipality(actor=here.actor, municipality=town, values=values)

    return here.submit(form, save=save, done=_("Saved."), to=here.url("holidays"), show=lambda status: _page(here, status, patron=form))


def _page(here: Here, status: int, *, seat: ActionForm | None = None, patron: ActionForm | None = None) -> HttpResponse:
    require(here.actor, Permission.CONFIGURE, network_id=here.network.pk)
    current = {"initial": {"seat": here.network.seat_id}, "version": here.network.version}
    context: dict[str, Any] = {
        "seat": seat or SeatForm(network=here.network, **current),
        "patron": patron or PatronForm(network=here.network),
        "towns": municipalities(here.network).exclude(patron_day="").order_by("patron_day", "name"),
        "to_come": selectors.closed_days_to_come(here.network),
    }
    return here.render("settings/holidays.html", context, status)
