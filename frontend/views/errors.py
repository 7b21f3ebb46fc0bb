"""Pages for what goes wrong: each says what happened, what to do, and shows again what was typed."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontend.typed import typed_in
from frontend.views.base import Here
from meetings.errors import DomainError, NotFound
from meetings.network.models import User
from meetings.network.selectors import acting_in

MINUTE = 60  # seconds: what allauth's limits are counted by
Words = tuple[str, str]
"""What happened, as a heading, and what to do."""


def _words(status: int) -> Words:
    pages: Mapping[int, Callable[[], Words]] = {
        400: lambda: (_("This request could not be understood"), _("Go back, reload the page and try again.")),
        401: lambda: (_("You are not signed in"), _("Sign in, and go on where you were.")),
        403: lambda: (_("You may not do this"), _("If you think you should, ask the coordinators of your network.")),
        404: lambda: (_("There is no such page"), _("The address may be mistyped, or the page is not for you.")),
        405: lambda: (_("There is nothing to see at this address"), _("It only takes a form. Go back to the page with the form.")),
        409: lambda: (_("This is no longer possible"), _("Go back and reload the page: it shows how things stand now.")),
        412: lambda: (_("Somebody has saved meanwhile"), _("Go back and reload the page: it shows what the others have saved.")),
        413: lambda: (_("This is too much at once"), _("Send less text, or a smaller file: files may have 20 MB.")),
        422: lambda: (_("Something you entered is not right"), _("Go back, correct it and send it again.")),
        429: lambda: (_("Too many attempts in a short time"), _("Nothing is lost. Wait a little, then try again.")),
        503: lambda: (_("Raccordo is busy"), _("Try again in a moment.")),
    }
    return pages.get(status, pages[400])()


def error_page(request: HttpRequest, status: int, *, detail: str = "", wait: int = 0, advice: str = "") -> HttpResponse:
    """The page for a status. `detail`: more precisely what happened; `advice`: instead of the usual; `wait`: for how many seconds."""
    title, what_to_do = _words(status)
    typed, files = typed_in(request) if _typed_here(request) else ([], False)
    shown: dict[str, Any] = {"title": title, "detail": detail, "advice": advice or what_to_do, "status": status}
    shown |= {"typed": typed, "files": files, "wait": _in_words(wait) if wait else ""}
    response = render(request, "error.html", shown, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _typed_here(request: HttpRequest) -> bool:
    """Whether the form came from a page of ours: what another site sends is not shown as if the reader had typed it.

    A form whose token was right did. Of any other the browser says where it comes from; one that says nothing is believed where
    Django believes it too, without HTTPS.
    """
    if getattr(request, "csrf_processing_done", False):
        return True
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is None:
        return not request.is_secure()
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin == f"{request.scheme}://{_host(request)}" or origin in settings.CSRF_TRUSTED_ORIGINS


def _host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        return ""


def _in_words(seconds: int) -> str:
    minutes = max(1, -(-seconds // MINUTE))
    return ngettext("You can try again in %(n)s minute.", "You can try again in %(n)s minutes.", minutes) % {"n": minutes}


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A DomainError that no view turned into a form's."""
    return error_page(request, error.status, detail=error.detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old to be accepted; what was typed is shown again, to be copied. Or another site has sent it: then nothing is."""
    if not _typed_here(request):
        text = _("This form did not come from a page of Raccordo’s, so nothing was done.")
        advice = _("If another site has led you here, leave it. Else reload the page and try again.")
        return error_page(request, 403, detail=text, advice=advice)
    text = _("This page was open for too long. Go back, reload it and send the form again: what you typed is shown below.")
    return error_page(request, 403, detail=text, advice=_("It happens when one signs in or out in another window, too."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_large = isinstance(exception, (RequestDataTooBig, TooManyFilesSent, UnreadablePostError))
    return error_page(request, 413 if too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """With the navigation of the network that the address begins with, for who belongs there; for others there is no such network."""
    parts = request.path.split("/")
    user = getattr(request, "user", None)
    if len(parts) > 2 and isinstance(user, User) and not hasattr(request, "here"):
        with suppress(NotFound):
            network, actor = acting_in(user, parts[2])
            request.here = Here(request, user, network, actor)  # type: ignore[attr-defined]
    return error_page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth's limits, which are counted by the minute."""
    return error_page(request, 429, wait=MINUTE)
