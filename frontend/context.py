"""What every template may use."""

from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from frontend.forms.base import new_key
from frontend.views.base import Here
from frontend.views.first_steps import next_url
from frontend.views.news import SEEN
from meetings.access import Permission
from meetings.news.selectors import count_new

WITHOUT_COUNT = ("room", "news_seen")
"""Pages whose bell has no number: the live room is asked for again at every event."""

COUNT_KEPT = 20
"""Seconds for which the bell's number is kept: it takes a query over eleven sources, a third of the work of many a page."""


class Entry(NamedTuple):
    """A link of the main navigation."""

    label: str
    url: str
    current: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `new_key` (a fresh idempotency key at each use); on a network's pages also `network`, `nav`, `home_url`,
    `news_count`, `guide_next`.
    """
    found: dict[str, Any] = {"demo": settings.DEMO, "new_key": new_key}
    here = getattr(request, "here", None)
    if not isinstance(here, Here):
        return found
    shown = {"here": here, "network": here.network, "nav": _navigation(here), "home_url": here.url("dashboard")}
    return {**found, **shown, "guide_next": lambda: next_url(here), "news_count": lambda: _news_count(here)}


def _news_count(here: Here) -> int | None:
    """How much is new, counted when the header is rendered; none where the page lives on events and counts its own queries."""
    match = here.request.resolver_match
    if match and match.url_name in WITHOUT_COUNT:
        return None
    key = f"news-{here.user.pk}-{here.network.pk}-{here.request.session.get(SEEN, '')}"
    return cache.get_or_set(key, lambda: count_new(here.actor, here.network), COUNT_KEPT)


def _navigation(here: Here) -> list[Entry]:
    names = [("dashboard", _("Dashboard")), ("meetings", _("Meetings")), ("actions", _("Action items")), ("directory", _("Municipalities"))]
    names.append(("announcements", _("Announcements")))
    names.append(("archive", _("Archive")))
    names.append(("participation", _("Participation")))
    if here.may(Permission.AUDIT):
        names.append(("audit", _("Audit log")))
    if here.may(Permission.MANAGE_PEOPLE):
        names.append(("people", _("People")))
    if here.may(Permission.SCHEDULE):
        names.append(("series_list", _("Series")))
    if here.may(Permission.CONFIGURE):
        names.append(("settings", _("Settings")))
    return [_entry(here, name, label) for name, label in names]


def _entry(here: Here, name: str, label: str) -> Entry:
    url, path = here.url(name), here.request.path
    below = [url, here.url("dashboard") + "agenda-items/"] if name == "meetings" else [url]
    return Entry(label, url, path == url or (name != "dashboard" and path.startswith(tuple(below))))
