"""A person's private calendar addresses in one network."""

from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.forms.calendar_feeds import FeedForm
from frontend.views.base import Here, page
from frontend.views.secrets import shown_once
from meetings.calendar_feed import services
from meetings.calendar_feed.selectors import feed_of, feeds_of
from meetings.network.models import Network


@page
def index(here: Here) -> HttpResponse:
    """The list and the form that makes one; the address is shown in the answer to that form alone."""
    form = FeedForm(here.posted)

    def show(status: int, **more: Any) -> HttpResponse:
        feeds = feeds_of(here.user).filter(network=here.network)
        return here.render("calendar_feeds/index.html", {"form": form, "feeds": feeds, **more}, status)

    return shown_once(
        here,
        form,
        make=lambda: services.create_feed(actor=here.actor, network=here.network, **form.values()),
        reveal=lambda token: show(200, addresses=addresses(here.network, token), form=FeedForm()),
        to=here.url("calendar_feeds"),
        show=show,
    )


@page
def revoke(here: Here, feed_id: UUID) -> HttpResponse:
    """Asks in words, then ends it."""
    feed = here.own(feed_of(here.user, feed_id))
    words = _("Calendars that use “%(label)s” stop receiving meetings at once. This cannot be undone; you can create another address.")
    back = here.url("calendar_feeds")
    shown = {"title": _("Revoke this calendar address?"), "words": [words % {"label": feed.label or _("without a name")}]}
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {**shown, "submit": _("Revoke"), "back": back},
        save=lambda: services.revoke_feed(actor=here.actor, feed=feed),
        done=_("The calendar address is revoked."),
        to=back,
    )


def addresses(network: Network, token: str) -> dict[str, str]:
    """The secret address as programs want it: plain, webcal, and links that open Google's and Outlook's own dialogue."""
    base = network.base_url.rstrip("/") or settings.BASE_URL
    plain = base + reverse("calendar_feed", args=[token])
    webcal = plain.replace(f"{urlsplit(plain).scheme}://", "webcal://", 1)
    google = f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}"
    outlook = f"https://outlook.office.com/calendar/0/addfromweb?url={quote(plain, safe='')}&name={quote(network.name)}"
    return {"plain": plain, "webcal": webcal, "google": google, "outlook": outlook}
