"""Handing a message to the mail server, in two steps, so that we know whether a mail that failed may yet have arrived."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

ACCEPTED = (250, 251)
CLOSING = 421
BROKEN = (smtplib.SMTPException, OSError)


class Unreachable(Exception):
    """There is no server to speak to, or it speaks to us not; nothing was handed over."""


class Refused(Exception):
    """The server has said no, or broke off before the text: it has certainly not taken the mail. `lasting`: nor will it later."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting


class Lost(Exception):
    """The connection broke after the text began: nobody can say whether the mail arrived."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready for the wire. Making it is what finds an address or a header that cannot be sent."""

    message: EmailMessage
    sender: str
    recipient: str
    content: bytes


def pack(message: EmailMessage) -> Parcel:
    """Raises ValueError (BadHeaderError is one) for an address or a header that cannot be sent."""
    [recipient] = message.to
    sender = sanitize_address(message.from_email, "utf-8")
    content = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's messages take it
    return Parcel(message, sender, sanitize_address(recipient, "utf-8"), content)


class Server:
    """One connection for many mails, opened when first needed and again after it broke."""

    def __init__(self) -> None:
        self._backend: Any = None

    def announce(self, parcel: Parcel) -> None:
        """Says from whom and to whom: the server may refuse it already. Raises Refused, Unreachable."""
        smtp = self._open()
        if smtp is None:
            return
        try:
            _expect(smtp.mail(parcel.sender), smtp)
            _expect(smtp.rcpt(parcel.recipient), smtp)
        except BROKEN as error:
            self.close()
            raise Refused(_said(error), lasting=False) from error
        except Refused:
            self.withdraw()
            raise

    def hand_over(self, parcel: Parcel) -> None:
        """The text. Raises Refused, and Lost when nobody can know."""
        smtp = self._open()
        try:
            if smtp is None:
                self._backend.send_messages([parcel.message])
            else:
                _expect(smtp.data(parcel.content), smtp)
        except Refused:
            self.withdraw()
            raise
        except smtplib.SMTPDataError as error:  # the answer to DATA itself: the text was not sent
            self.withdraw()
            raise Refused(_said(error), lasting=error.smtp_code >= 500) from error
        except BROKEN as error:
            self.close()
            if smtp is None:
                raise Refused(_said(error), lasting=False) from error
            raise Lost(_said(error)) from error

    def withdraw(self) -> None:
        """Forgets what was announced; a server that will not is left."""
        smtp = getattr(self._backend, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            try:
                smtp.rset()
            except BROKEN:
                self.close()

    def close(self) -> None:
        if self._backend is not None:
            with suppress(*BROKEN):
                self._backend.close()
        self._backend = None

    def _open(self) -> smtplib.SMTP | None:
        """The connection; none for a backend that is no server (files, the tests' list). Raises Unreachable."""
        if self._backend is None:
            backend = get_connection()
            try:
                backend.open()
                if isinstance(backend, EmailBackend) and backend.connection:
                    backend.connection.ehlo_or_helo_if_needed()
            except BROKEN as error:
                with suppress(*BROKEN):
                    backend.close()
                raise Unreachable(_said(error)) from error
            self._backend = backend
        return self._backend.connection if isinstance(self._backend, EmailBackend) else None


def _expect(answer: tuple[int, bytes], smtp: smtplib.SMTP) -> None:
    """Raises Refused for any answer but yes; a server that says it closes is closed."""
    code, text = answer
    if code == CLOSING:
        smtp.close()
    if code not in ACCEPTED:
        raise Refused(f"{code} {text.decode(errors='replace')}", lasting=code >= 500)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
