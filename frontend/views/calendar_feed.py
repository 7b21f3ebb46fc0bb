"""The address a calendar program subscribes to: ``/calendar/{token}.ics``."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from meetings.calendar_feed.delivery import Published, published


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar, or 304 when the program has it; the same 404 for an unknown and a revoked address."""
    calendar = published(token)
    return _discreet(_answer(request, calendar) if calendar else _not_found())


def _answer(request: HttpRequest, calendar: Published) -> HttpResponseBase:
    response = HttpResponse(calendar.body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = calendar.etag
    response["Last-Modified"] = http_date(calendar.last_modified.timestamp())
    response["Content-Disposition"] = 'inline; filename="raccordo.ics"'  # without it the token becomes a file's name
    # Dates have whole seconds and there may be two edits in one: only the tag decides, If-Modified-Since does not.
    return get_conditional_response(request, etag=calendar.etag, response=response) or response


def _not_found() -> HttpResponseBase:
    return HttpResponseNotFound("There is no such calendar.\n", content_type="text/plain; charset=utf-8")


def _discreet(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-cache" if response.status_code != 404 else "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
