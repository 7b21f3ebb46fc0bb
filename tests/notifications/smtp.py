"""A real mail server on loopback for the tests: it keeps what it was given, and refuses or breaks off as it is told."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE | re.IGNORECASE)
Answer = Callable[[str, Envelope], str | None]
"""The command (RCPT, DATA) and what is known of the mail: the reply, or none for yes; `CUT` and `CUT_AFTER` break the connection."""
CUT, CUT_AFTER = "cut", "cut after"


class Inbox:
    """aiosmtpd's handler. `ids` and `mails`: what was accepted, in order; `sessions`: how many connections there were."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.ids: list[str] = []
        self.sessions = 0
        self.answer: Answer = lambda command, envelope: None

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, name: str, responses: list[str]) -> list[str]:
        self.sessions += 1
        session.host_name = name
        return responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self._reply(server, "RCPT", envelope) or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self._reply(server, "DATA", envelope)
        if reply is None or reply == CUT_AFTER:
            content = bytes(envelope.content or b"")
            self.mails.append(content)
            self.ids += [found.decode() for found in ID.findall(content)[:1]]
        return "250 OK" if reply in (None, CUT_AFTER) else str(reply)

    def _reply(self, server: SMTP, command: str, envelope: Envelope) -> str | None:
        reply = self.answer(command, envelope)
        transport: Any = server.transport
        if reply in (CUT, CUT_AFTER):
            transport.abort()
        return reply


@contextmanager
def running(inbox: Inbox) -> Iterator[int]:
    """The port it listens on, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(inbox, loop), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _listen(inbox: Inbox, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
    return await loop.create_server(lambda: SMTP(inbox, hostname="localhost", loop=loop), "127.0.0.1", 0)


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
