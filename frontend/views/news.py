"""The bell: what is new for me in this network, and what was."""

from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from frontend.views.base import Here, page, see_other
from meetings import clock
from meetings.news import selectors, services
from meetings.news.words import words

SEEN = "news_seen"
"""In the session: when the reader last said so, here. The bell's number of before is not kept beyond that (frontend/context.py)."""


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """Opening it changes nothing: the button, or the script in its place, marks as seen what is shown."""
    lines = [(line, words(line, here.network)) for line in selectors.news(here.actor, here.network)]
    shown = {"new": [line for line in lines if line[0].is_new], "earlier": [line for line in lines if not line[0].is_new]}
    return here.render("news/index.html", {**shown, "until": clock.now().isoformat()})


@require_POST
@page
def seen(here: Here) -> HttpResponse:
    """What was there when the page was opened is not new any more."""
    services.see(actor=here.actor, until=_instant(here.request.POST.get("until", "")))
    here.request.session[SEEN] = clock.now().isoformat()
    to = here.url("news")
    return HttpResponse(status=204) if here.request.headers.get("X-Seen") else see_other(to)


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is None or timezone.is_aware(found) else None
