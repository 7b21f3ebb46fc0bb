"""What the service worker has to know of a page: whose it is, and whether it may be kept (docs/adr/0025-critical-css-and-offline.md)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

Handler = Callable[[HttpRequest], HttpResponse]
HEADER = "X-Offline"
NOBODY = "nobody"
NOT_KEPT = {"invitation", "own_address", "own_address_confirm", "tokens", "calendar_feeds", "my_data", "offline"}
"""Pages that show a secret, lead on from one, or are about nothing but what is happening now."""
LIVE = b"data-live-url"
"""What a page says that follows a session."""


class Kept:
    """Every page says in X-Offline whose it is: `<key of the session>`, or `nobody`. The worker throws away all it kept for another.

    Beside it stands `keep` on a page that may be read offline, or `live` on one that is worth nothing while there is a line.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
        if is_page and not 300 <= response.status_code < 400 and hasattr(request, "user"):  # no worker sees a redirect's headers
            response[HEADER] = f"{owner(request)}; {_use(request, response)}".removesuffix("; ")
        if getattr(request, "has_signed_out", False):
            response["Clear-Site-Data"] = '"cache"'
        return response


def owner(request: HttpRequest) -> str:
    """Another one for each session, and of no use to anybody who reads it."""
    if not request.user.is_authenticated or request.session.session_key is None:
        return NOBODY
    return salted_hmac("raccordo.offline", request.session.session_key, algorithm="sha256").hexdigest()[:24]


def _use(request: HttpRequest, response: HttpResponse) -> str:
    match = request.resolver_match
    asked = request.method == "GET" and response.status_code == 200 and request.user.is_authenticated
    if not asked or match is None or match.namespaces[:1] != ["frontend"] or match.url_name in NOT_KEPT:
        return ""
    if "no-store" in response.get("Cache-Control", ""):
        return ""
    return "live" if LIVE in response.content else "keep"


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None, **_more: Any) -> None:
    if request is not None:
        request.has_signed_out = True  # type: ignore[attr-defined]  # for Kept, once the answer is there
