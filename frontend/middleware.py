"""Guards around every request: the demo stays on this machine, forms are UTF-8, and a refusal becomes a page or a problem."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from meetings.errors import DomainError

Handler = Callable[[HttpRequest], HttpResponse]
PROXIES = {"HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP"}
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
LOCAL = {"127.0.0.1", "localhost", "[::1]", "testserver"}


class DemoGuard:
    """The demo lets anyone sign in as anyone: it serves nobody but this machine. A proxy looks like loopback, hence the headers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and not self._local(request):
            return HttpResponseForbidden("The demo answers on this machine alone.\n", content_type="text/plain")
        return self.get_response(request)

    def _local(self, request: HttpRequest) -> bool:
        host = request.META.get("HTTP_HOST", request.META.get("SERVER_NAME", ""))
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        peer = request.META.get("REMOTE_ADDR", "")
        return name in LOCAL and peer in ("127.0.0.1", "::1") and not any(map(_is_forwarding, request.META))


def _is_forwarding(header: str) -> bool:
    return header in PROXIES or header.startswith("HTTP_X_FORWARDED")


class FormsInUtf8:
    """A form says no other charset than its pages'. The name of any other of Python's codecs would end in an error of ours."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if request.content_type in FORMS and charset.strip("\"'").lower() not in ("utf-8", "utf8"):
            return HttpResponseBadRequest("Forms are read in UTF-8 alone.\n", content_type="text/plain")
        return self.get_response(request)


class DomainErrors:
    """A DomainError that no view turned into a form error becomes the page for its status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        response = render(request, "error.html", {"error": error, "status": error.status}, status=error.status)
        patch_cache_control(response, private=True, no_cache=True)
        return response
