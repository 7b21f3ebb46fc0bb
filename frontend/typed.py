"""What somebody typed into a form that could not be taken: shown to them again, or kept until they have signed in."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

_SECRET = {"csrfmiddlewaretoken", "password", "choice", "code", "credential"}
_NOT_TYPED = {"idempotency_key", "version", "next", "autosave", "confirm", "until"}
NOT_REPEATED = frozenset(_SECRET | _NOT_TYPED)
"""What no page repeats: secrets, among them a vote, and what nobody has typed."""
KEY = "typed"
MOST = 40_000
"""Characters that are kept for somebody who is not signed in: the longest minutes and a half."""
Typed = list[tuple[str, str]]


def typed_in(request: HttpRequest) -> tuple[Typed, bool]:
    """(the texts of the form that was sent, by the names of its fields; whether files came with it)."""
    if request.method != "POST":
        return [], False
    try:
        fields, files = request.POST.lists(), bool(request.FILES)
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return [], False
    return _texts(fields), files


def _texts(fields: Iterable[tuple[str, list[Any]]]) -> Typed:
    found = ((name.rpartition("-")[2].replace("_", " "), value) for name, values in fields if name not in NOT_REPEATED for value in values)
    return [(name, value) for name, value in found if isinstance(value, str) and value.strip()]


def keep(request: HttpRequest) -> None:
    """For the page of the sign-in, which shows it once: whoever sees that page has sent the form."""
    typed, files = typed_in(request)
    if (typed or files) and sum(len(value) for _name, value in typed) <= MOST:
        request.session[KEY] = {"typed": typed, "files": files}


def kept(request: HttpRequest) -> dict[str, Any]:
    """What was kept, and nothing the next time."""
    found: dict[str, Any] = request.session.pop(KEY, {})
    return found
