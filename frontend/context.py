"""What every template may use."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from frontend.forms.base import new_key
from frontend.views.base import Here
from meetings.access import Permission


class Entry(NamedTuple):
    """A link of the main navigation."""

    label: str
    url: str
    current: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `new_key` (a fresh idempotency key at each use); on a network's pages also `network`, `nav` and `home_url`."""
    found: dict[str, Any] = {"demo": settings.DEMO, "new_key": new_key}
    here = getattr(request, "here", None)
    if not isinstance(here, Here):
        return found
    return {**found, "here": here, "network": here.network, "nav": _navigation(here), "home_url": here.url("dashboard")}


def _navigation(here: Here) -> list[Entry]:
    names = [("dashboard", _("Dashboard")), ("meetings", _("Meetings")), ("actions", _("Action items")), ("directory", _("Municipalities"))]
    names.append(("announcements", _("Announcements")))
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
