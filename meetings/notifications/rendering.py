"""A row of the outbox as the message that is sent: text and HTML, in the recipient's language, with headers that nobody can add to."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.encoding import iri_to_uri

from meetings import clock
from meetings.notifications.letters import KINDS, Letter
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.unsubscribing import token_for
from meetings.typography import mark
from meetings.validation import clean_line, clean_text

LONGEST_SUBJECT = 150


def compose(row: OutgoingEmail) -> EmailMultiAlternatives:
    """The message, complete with its headers. Raises whatever the kind's letter raises, and ValueError for an impossible address.

    Needs `network` selected.
    """
    with _language_of(row):
        letter, page = write(row), _page(row)
        page |= {"letter": _absolute(letter, page["base"]), "language": translation.get_language()}
        message = EmailMultiAlternatives(
            subject=_subject(letter),
            body="".join([render_to_string("emails/letter.txt", page)]),  # a plain string: it is no HTML, so it is not safe to show as such
            from_email=_sender(row),
            to=[_recipient(row)],
            headers=_headers(row, page),
        )
        message.attach_alternative(render_to_string("emails/letter.html", page), "text/html")
    return message


def write(row: OutgoingEmail) -> Letter:
    """What the mail says, in the language in force."""
    network = row.network
    about = {"name": row.name, "network": network.slug if network else "", "network_name": network.name if network else "Raccordo"}
    return KINDS[row.kind].compose({**row.context, **about})


def base_url(row: OutgoingEmail) -> str:
    """What links begin with: a stored address, never one that a request has named."""
    return str((row.network and row.network.base_url) or settings.BASE_URL).rstrip("/")


def subject_of(row: OutgoingEmail) -> str:
    """What the mail is about, in the language in force, for lists; the kind's name when it cannot be written."""
    try:
        return _subject(write(row))
    except Exception:  # noqa: BLE001 - a list must show what cannot be written too; sending it logs why
        return row.kind.replace("_", " ")


@contextmanager
def _language_of(row: OutgoingEmail) -> Iterator[None]:
    known = dict(settings.LANGUAGES)
    wished = [row.language, row.network.language if row.network else ""]
    with translation.override(next((code for code in wished if code in known), settings.LANGUAGE_CODE)):
        yield


def _page(row: OutgoingEmail) -> dict[str, Any]:
    base, kind = base_url(row), KINDS[row.kind]
    refusable = bool(kind.label) and row.user_id is not None
    return {
        "base": base,
        "name": clean_line(row.name),
        "network_name": row.network.name if row.network else "",
        "label": str(kind.label),
        "unsubscribe": f"{base}/unsubscribe/{token_for(row.user_id, row.kind)}" if refusable and row.user_id else "",
        "privacy": f"{base}/go/privacy",
        "colon": mark(":"),
    }


def _absolute(letter: Letter, base: str) -> dict[str, Any]:
    """The letter as the templates take it: cleaned text, whole addresses."""
    links = [(clean_line(text), _address(base, path)) for text, path in [*([letter.button] if letter.button else []), *letter.links]]
    return {
        "subject": clean_line(letter.subject),
        "paragraphs": [clean_text(text) for text in letter.paragraphs],
        "facts": [(clean_line(name), clean_text(value)) for name, value in letter.facts],
        "quote": clean_text(letter.quote),
        "button": links[0] if letter.button else None,
        "links": links[1:] if letter.button else links,
        "closing": [clean_text(text) for text in letter.closing],
    }


def _address(base: str, path: str) -> str:
    if not path.startswith("/") or path.startswith("//") or path != clean_line(path):
        raise ValueError(f"a letter's address must be a path of ours, not {path[:80]!r}")
    return base + iri_to_uri(path)


def _recipient(row: OutgoingEmail) -> str:
    """Raises ValueError for what is no address."""
    try:
        validate_email(row.address)
    except ValidationError as error:
        raise ValueError(f"no address: {row.address[:80]!r}") from error
    return formataddr((_in_header(row.name), row.address)) if row.name else row.address


def _sender(row: OutgoingEmail) -> str:
    """The network by its own name and address, where it has one."""
    if row.network is None:
        return str(settings.DEFAULT_FROM_EMAIL)
    return formataddr((_in_header(row.network.name), row.network.sender_address or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _headers(row: OutgoingEmail, page: dict[str, Any]) -> dict[str, str]:
    host = urlsplit(page["base"]).hostname or "localhost"
    headers = {
        "Message-ID": f"<{row.pk}@{host}>",
        "Date": format_datetime(clock.now()),
        "Auto-Submitted": "auto-generated",
    }
    if page["unsubscribe"]:
        headers["List-Id"] = f"<{row.kind}.{row.network.slug if row.network else 'raccordo'}.{host}>"
        headers["List-Unsubscribe"] = f"<{page['unsubscribe']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _subject(letter: Letter) -> str:
    subject = _in_header(letter.subject)
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"


def _in_header(text: str) -> str:
    """One line, in which nobody has encoded anything (RFC 2047) that the reader's program would decode."""
    return clean_line(text).replace("=?", "= ?")
