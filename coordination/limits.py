"""How much one request may bring before anything has looked at it. A proxy has limits of its own; the embedded form has these."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Coroutine[Any, Any, None]]

LARGEST_HEAD = 262_144
"""Bytes of a request that are no body: its address, headers, and how chunks are framed."""
TOO_LARGE = b"This is too much at once.\n"
PAGE = Path(__file__).resolve().parent.parent / "frontend" / "templates" / "413.html"
"""The same for who reads pages, in all languages: nothing has looked at the request yet, so nobody knows the reader's."""


def largest_body() -> int:
    """Bytes. Twice a file's limit, so that most files that are too large are refused by a page and not by this."""
    return 2 * settings.ATTACHMENT_MAX_BYTES


class Http(HttpToolsProtocol):
    """uvicorn's protocol, which by itself keeps a head of any length in memory (`uvicorn --http coordination.limits:Http`)."""

    head = 0

    def data_received(self, data: bytes) -> None:
        self.head += len(data)
        super().data_received(data)
        if self.head > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("This request has too many headers.")

    def on_message_begin(self) -> None:
        self.head = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self.head -= len(body)
        super().on_body(body)


class Cut(FileUploadHandler):
    """Lets no more of a request's files reach memory and disk than shows that they are too large, whatever length they claim."""

    taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        piece = raw_data[: max(0, settings.ATTACHMENT_MAX_BYTES + 1 - self.taken)]
        self.taken += len(piece)
        return piece or None

    def file_complete(self, file_size: int) -> None:
        return None


class Counted:
    """A request's body as it comes in. Once it is too large it ends as if the line had been closed."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._size = receive, 0

    @property
    def is_too_large(self) -> bool:
        return self._size > largest_body()

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_large else message


def bounded(app: App) -> App:
    """The application behind a limit: Django writes a whole body to the disk before it asks who sends it."""

    async def within(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = Counted(receive)
        if not _says_too_large(scope):
            await app(scope, body, send)
            if not body.is_too_large:
                return
        kind, text = (b"text/html; charset=utf-8", PAGE.read_bytes()) if _reads_pages(scope) else (b"text/plain", TOO_LARGE)
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": text})

    return within


def _reads_pages(scope: dict[str, Any]) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _says_too_large(scope: dict[str, Any]) -> bool:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return any(length.isdigit() and int(length[:20]) > largest_body() for length in lengths)
