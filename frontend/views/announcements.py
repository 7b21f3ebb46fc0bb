"""Announcements: what was told to everybody or to one's zone, and telling more."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.announcements import AnnouncementForm
from frontend.views.base import Here, page, page_of
from meetings.access import Permission, holds
from meetings.announcements import selectors, services
from meetings.errors import Invalid, NotAllowed


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The latest first."""
    rows = page_of(here, selectors.announcements(here.actor))
    return here.render("announcements/index.html", {"page_obj": rows, "may_announce": holds(here.actor, Permission.ANNOUNCE)})


@require_safe
@page
def show(here: Here, announcement_id: UUID) -> HttpResponse:
    return here.render("announcements/show.html", {"announcement": selectors.announcement(here.actor, announcement_id)})


@page
def new(here: Here) -> HttpResponse:
    """The form; then the announcement as it will go out, with how many people it reaches; then it is sent."""
    if not holds(here.actor, Permission.ANNOUNCE):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    form = AnnouncementForm(
        here.posted,
        zones=selectors.zones_to_tell(here.actor, here.network),
        to_all=here.may(Permission.ANNOUNCE),
        initial=_asked_zone(here),
    )
    if here.is_post and form.is_valid() and not form.cleaned_data["confirmed"]:
        return _preview(here, form)
    return here.form(
        form,
        "announcements/form.html",
        save=lambda: services.announce(actor=here.actor, network=here.network, zone=form.where, values=form.values()),
        done=_("The announcement is on its way."),
        to=lambda row: here.url("announcement", row.pk),
    )


def _preview(here: Here, form: AnnouncementForm) -> HttpResponse:
    """Nothing is sent yet. With “Change” the form comes back as it was filled in."""
    if here.request.POST.get("change"):
        form.renew()
        return here.render("announcements/form.html", {"form": form})
    try:
        row = services.prepare(actor=here.actor, network=here.network, zone=form.where, values=form.values())
    except Invalid as error:
        form.refuse(error)
        return here.render("announcements/form.html", {"form": form}, 422)
    return here.render("announcements/confirm.html", {"form": form, "announcement": row})


def _asked_zone(here: Here) -> dict[str, str]:
    return {"zone": here.request.GET["zone"]} if here.request.GET.get("zone") else {}
