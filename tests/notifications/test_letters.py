"""Every kind of mail there is, written from its samples: in every language, with plain and with hostile text in it."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from meetings.network.models import Network, User
from meetings.notifications.letters import KINDS, Letter
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.rendering import compose, write
from meetings.notifications.transport import pack
from tests import factories
from tests.hostile import MAILS
from tests.notifications.samples import SAMPLES, Typed

HEADERS = {"Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"}
REFUSABLE = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}
CASES = [(kind, number) for kind in sorted(SAMPLES) for number in range(len(SAMPLES[kind]))]


def instead(value: Any, text: str) -> Any:
    """The context with `text` for whatever people have typed."""
    match value:
        case Typed():
            return text
        case dict():
            return {name: instead(inner, text) for name, inner in value.items()}
        case list() | tuple():
            return [instead(inner, text) for inner in value]
        case _:
            return value


def row_of(kind: str, number: int, typed: str = "", *, name: str = "Ada Neri", language: str = "en", **values: Any) -> OutgoingEmail:
    """An unsaved mail of a saved look; `typed` goes wherever people have typed something, into the names too."""
    context = SAMPLES[kind][number]
    network = Network(slug="home", name=typed[:150] or "Network home", base_url="https://home.example.org")
    user = User(email="ada@example.org")
    shown = {
        "context": instead(context, typed) if typed else dict(context),
        "name": typed[:150] or name,
        "address": "ada@example.org",
        **values,
    }
    return OutgoingEmail(network=network, user=user, language=language, kind=kind, created_at=factories.NOW, **shown)


def sent(row: OutgoingEmail) -> EmailMessage:
    """As the other side reads it."""
    found = message_from_bytes(pack(compose(row)).content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


class Tags(HTMLParser):
    """What a reader's program makes of the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_every_kind_has_a_sample() -> None:
    assert sorted(set(KINDS) - set(SAMPLES)) == []
    assert sorted(set(SAMPLES) - set(KINDS)) == []


@pytest.mark.parametrize(("kind", "number"), CASES)
@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_it_is_written_in_every_language(kind: str, number: int, language: str) -> None:
    message = sent(row_of(kind, number, language=language))
    plain, html = parts(message)
    assert message["Subject"].strip()
    assert f'<html lang="{language}">' in html
    assert "https://home.example.org/go/privacy" in plain
    assert "None" not in plain, plain
    assert not re.search(r"%\(\w+\)|\{\w+\}|\{\{", plain), plain
    assert all(link.startswith("https://home.example.org/") for link in Tags(html).links)
    assert "img" not in Tags(html).tags


@pytest.mark.parametrize(("kind", "number"), CASES)
def test_the_text_says_all_that_the_html_says(kind: str, number: int) -> None:
    row = row_of(kind, number)
    plain, html = parts(sent(row))
    letter = write(row)
    for text in [*letter.paragraphs, *letter.closing, *(value for _name, value in letter.facts)]:
        first = str(text).strip().splitlines()[0] if str(text).strip() else ""
        assert first in plain
    for link in Tags(html).links:
        assert link in plain


@pytest.mark.parametrize("text", MAILS)
@pytest.mark.parametrize(("kind", "number"), CASES)
def test_hostile_text_stays_text(kind: str, number: int, text: str) -> None:
    plain_tags = Tags(parts(sent(row_of(kind, number)))[1])
    message = sent(row_of(kind, number, text))
    _plain, html = parts(message)
    found = Tags(html)

    assert set(message.keys()) - REFUSABLE == HEADERS
    assert len(message.keys()) == len(set(message.keys()))
    assert message["To"].addresses[0].addr_spec == "ada@example.org"
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1
    assert len(message["Subject"].strip()) <= 150  # the parser keeps the space of a folded line
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert set(found.tags) <= set(plain_tags.tags) | {"br", "p", "dt", "dd", "dl", "blockquote"}
    assert found.attributes <= plain_tags.attributes | {"class", "style"}
    assert all(link.startswith("https://home.example.org/") for link in found.links)


BAD = ["ada@example.org\r\nBcc: evil@example.org", "ada@example.org, evil@example.org", "ada", "", "a b@example.org"]


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    for name in ("", "Ada"):
        with pytest.raises(ValueError):
            pack(compose(row_of("unknown_account", 0, address=address, name=name)))


@pytest.fixture
def badly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A kind whose button leads to the given path."""

    def leads_to(path: str) -> OutgoingEmail:
        compose_it = lambda context: Letter(subject="x", paragraphs=["x"], button=("Go", path))  # noqa: E731
        monkeypatch.setitem(KINDS, "unknown_account", type(KINDS["unknown_account"])("unknown_account", compose_it))
        return row_of("unknown_account", 0)

    yield leads_to


@pytest.mark.parametrize("path", ["https://evil.example.org/", "//evil.example.org/", "go/home", "javascript:alert(1)", "/go/x\r\ny"])
def test_a_letter_leads_to_our_own_pages_alone(badly: Any, path: str) -> None:
    with pytest.raises(ValueError, match="must be a path of ours"):
        compose(badly(path))


def test_the_languages_fall_back_to_one_that_there_is() -> None:
    row = row_of("unknown_account", 0, language="de")
    row.network = Network(slug="home", name="Home", languages=["it", "en", "fr"])
    with translation.override("en"):
        assert '<html lang="it">' in parts(sent(row))[1]
    row.network = None
    with translation.override("en"):
        assert f'<html lang="{settings.LANGUAGE_CODE}">' in parts(sent(row))[1]
