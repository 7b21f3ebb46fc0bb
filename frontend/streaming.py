"""Files that are written while they are sent, so that a long one takes no memory."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest


def streamed(request: HttpRequest, portions: Iterator[bytes]) -> Iterator[bytes] | AsyncIterator[bytes]:
    """The portions in the form that the server takes one by one: of another, Django makes a list of them all first."""
    return _awaited(portions) if isinstance(request, ASGIRequest) else portions


async def _awaited(portions: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each portion is made in the request's thread, as pages are: it asks the database."""
    following = sync_to_async(lambda: next(portions, None))
    while (portion := await following()) is not None:
        yield portion
