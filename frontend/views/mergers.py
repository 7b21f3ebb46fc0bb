"""A merger of municipalities: what would happen is shown in words first."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.people import MergerForm
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.action_items.selectors import open_things_of
from meetings.errors import DomainError
from meetings.network.mergers import Merger, Newcomer, merge_municipalities
from meetings.network.models import Municipality
from meetings.network.selectors import seats_to_name


@page
def merge(here: Here) -> HttpResponse:
    """The form; its first sending shows what it would do, the second, with `confirmed`, does it."""
    require(here.actor, Permission.MANAGE_PEOPLE, network_id=here.network.pk)
    form = MergerForm(here.posted, network=here.network, towns=seats_to_name(here.network))
    if here.is_post and "confirmed" not in here.request.POST and form.is_valid():
        return _preview(here, form)
    return here.submit(
        form,
        save=lambda: _merge(here, form),
        done=_("The merger is settled."),
        to=lambda merger: here.url("municipality", merger.successor.pk),
        show=lambda status: here.render("network/merge.html", {"form": form}, status),
    )


def _merge(here: Here, form: MergerForm, *, dry_run: bool = False) -> Merger:
    values = form.cleaned_data
    successor: Municipality | Newcomer = values["successor"] or Newcomer(values["istat_code"], values["name"], values["zone"])
    sources = [row for row in values["sources"] if row != successor]
    return merge_municipalities(
        actor=here.actor, network=here.network, sources=sources, successor=successor, on=values["on"], dry_run=dry_run
    )


def _preview(here: Here, form: MergerForm) -> HttpResponse:
    try:
        merger = _merge(here, form, dry_run=True)
    except DomainError as error:
        form.refuse(error)
        form.renew()
        return here.render("network/merge.html", {"form": form}, error.status)
    proposals, action_items = open_things_of(merger.ended)
    context: dict[str, Any] = {"form": form, "merger": merger, "proposals": proposals, "action_items": action_items}
    return here.render("network/merge_preview.html", {**context, "fields": _sent(here, form)})


def _sent(here: Here, form: MergerForm) -> list[tuple[str, str]]:
    """What was filled in, to be sent again as it is."""
    data = here.request.POST
    return [(name, value) for name in form.fields if name != "idempotency_key" for value in data.getlist(name)]
