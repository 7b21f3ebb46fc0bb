"""Guards around every request: the demo stays on this machine, forms are UTF-8, and a refusal becomes a page."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join

from frontend.views.errors import error_page, refused
from meetings.errors import DomainError

Handler = Callable[[HttpRequest], HttpResponse]
PROXIES = {"HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP"}
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
BARE = (400, 403, 404, 405, 413)
LOCAL = {"127.0.0.1", "localhost", "[::1]", "testserver"}
Told = Mapping[str, str]
"""By language: these refusals come before anything knows which one the reader speaks."""
HERE_ALONE: Told = {
    "it": "La dimostrazione risponde solo sul computer su cui è avviata.",
    "en": "The demo answers on this machine alone.",
    "fr": "La démonstration ne répond que sur l’ordinateur où elle tourne.",
}
IN_UTF8: Told = {
    "it": "I moduli si leggono solo in UTF-8. Usare un navigatore aggiornato.",
    "en": "Forms are read in UTF-8 alone. Use an up-to-date browser.",
    "fr": "Les formulaires ne sont lus qu’en UTF-8. Utilisez un navigateur à jour.",
}

PAGE = (
    '<!doctype html><html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Raccordo</title>'
    "</head><body><main><h1>Raccordo</h1>{}</main></body></html>"
)


def told(request: HttpRequest, status: int, texts: Told) -> HttpResponse:
    """In all languages, as a page for who reads pages and as plain text for programs."""
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(texts["en"] + "\n", status=status, content_type="text/plain; charset=utf-8")
    lines = format_html_join("", '<p lang="{}">{}</p>', texts.items())
    return HttpResponse(format_html(PAGE, lines), status=status)


class DemoGuard:
    """The demo lets anyone sign in as anyone: it serves nobody but this machine. A proxy looks like loopback, hence the headers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and not self._local(request):
            return told(request, 403, HERE_ALONE)
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
            return told(request, 400, IN_UTF8)
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
        return refused(request, error)


class BareAnswers:
    """A refusal without a page, such as that of a method an address does not know, becomes one for whoever reads pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = response.status_code in BARE and not response.streaming and not response.content.strip()
        if not bare or request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = error_page(request, response.status_code)
        if "Allow" in response:
            page["Allow"] = response["Allow"]
        return page
