"""Whatever goes wrong is a page that says what happened and what to do, reached by real requests, in each language."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from coordination import limits
from frontend.middleware import HERE_ALONE
from meetings.agenda import services as agenda
from meetings.network.models import User
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import hidden, post, url
from tests.hostile import MARKUP

Browser = Callable[[User | None], Client]
HTML = {"Accept": "text/html,application/xhtml+xml"}
LANGUAGES = ("it", "en", "fr")


def is_page(response: Any, status: int, language: str = "en") -> str:
    """The page's HTML: whole, in its language, with one heading and a way on."""
    html = str(response.content.decode())
    assert response.status_code == status, html[:300]
    assert f'<html lang="{language}">' in html and html.count("<h1>") == 1 and 'href="' in html
    assert response["Content-Type"].startswith("text/html")
    return html


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_found_for_a_stranger_and_a_member(home: Side, browser_of: Browser, language: str) -> None:
    for address in (f"/{language}/nothing/at/all/", url(home.network, "nothing", language=language)):
        stranger = is_page(browser_of(None).get(address), 404, language)
        assert home.network.name not in stranger and "main-nav" not in stranger
    member = is_page(browser_of(home.representative).get(url(home.network, "nothing", language=language)), 404, language)
    assert home.network.name in member and "main-nav" in member


def test_the_navigation_of_a_network_is_for_who_belongs_there(world: World, browser_of: Browser) -> None:
    for user in (world.stranger, world.nobody, world.disabled):
        for address in ("/en/home/", url(world.home.network, "nothing"), url(world.home.network, "meetings", world.home.meeting.pk)):
            response = browser_of(user).get(address)
            if user is world.disabled:
                assert world.home.network.name not in response.content.decode()
                continue
            html = is_page(response, 404)
            assert world.home.network.name not in html and "main-nav" not in html


def test_not_allowed(home: Side, browser_of: Browser) -> None:
    html = is_page(browser_of(home.observer).get(url(home.network, "series", "new")), 403)
    assert "You are not allowed to do this." in html and "ask the coordinators" in html and "main-nav" in html


def test_wrong_state(home: Side, browser_of: Browser) -> None:
    item = factories.accepted(home)
    html = is_page(post(browser_of(home.coordinator), url(home.network, "agenda-items", item.pk, "decline"), answer="No, thank you"), 409)
    assert "no longer possible" in html and "No, thank you" in html


def test_somebody_was_faster(home: Side, browser_of: Browser) -> None:
    item, client = factories.proposal(home, "Buses", text="first"), browser_of(home.representative)
    address = url(home.network, "agenda-items", item.pk, "edit")
    version = hidden(client.get(address).content.decode(), "version")
    agenda.edit(actor=home.actor(home.representative), item=item, values={"text": "theirs"})
    html = is_page(post(client, address, title="Buses", text="mine", kind="discussion", duration_minutes=10, version=version), 412)
    assert "mine" in html and "theirs" in html


def test_wrong_input(home: Side, browser_of: Browser) -> None:
    html = is_page(post(browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose"), text="Much"), 422)
    assert "Much" in html and 'id="error-summary"' in html


def test_a_refusal_without_a_form_is_a_page_too(home: Side, browser_of: Browser) -> None:
    """A DomainError that no view expects, at each status there is."""
    for name, status in (("NotAllowed", 403), ("NotFound", 404), ("Conflict", 409), ("StaleVersion", 412), ("Invalid", 422)):
        from meetings import errors  # noqa: PLC0415 - by name

        with patch("frontend.views.home.scheduling.next_meeting", side_effect=getattr(errors, name)("why", "Because of snow")):
            html = is_page(browser_of(home.representative).get(url(home.network)), status)
        assert "Because of snow" in html and f'data-error="{status}"' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_attempts_say_how_long_to_wait(db: None, language: str) -> None:
    client = Client()
    for _n in range(30):
        client.post(f"/{language}/accounts/login/passkey/", {"credential": "{}"})
    response = client.post(f"/{language}/accounts/login/passkey/", {"credential": "{}"})
    is_page(response, 429, language)
    assert response["Retry-After"] == "60"
    assert {"it": "1 minuto", "en": "in 1 minute.", "fr": "1 minute"}[language] in response.content.decode() or language != "en"


def test_too_much_at_once(home: Side, browser_of: Browser) -> None:
    big = {"title": "x" * 3_000_000}
    html = is_page(browser_of(home.representative).post(url(home.network, "meetings", home.meeting.pk, "propose"), big), 413)
    assert "files may have 20 MB" in html
    many = {f"field{n}": "x" for n in range(1100)}
    is_page(browser_of(home.representative).post(url(home.network, "meetings", home.meeting.pk, "propose"), many), 400)


def test_far_too_much_is_refused_before_anything_looks_at_it() -> None:
    def answered(accept: bytes) -> tuple[int, bytes]:
        said: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            said.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def app(*_all: Any) -> None:
            raise AssertionError("the application was asked")

        scope = {"headers": [(b"content-length", b"99999999999"), (b"accept", accept)]}
        asyncio.run(limits.bounded(app)(scope, receive, send))
        return said[0]["status"], said[1]["body"]

    assert answered(b"application/json") == (413, limits.TOO_LARGE)
    status, page = answered(b"text/html,*/*")
    assert status == 413 and all(word in page.decode() for word in ("20 MB", "20\u00a0Mo", "È troppo"))


@pytest.mark.parametrize("signed_in", [False, True])
def test_an_error_of_ours_depends_on_nothing(home: Side, browser_of: Browser, signed_in: bool) -> None:
    client = browser_of(home.representative if signed_in else None)
    client.raise_request_exception = False
    with (
        patch("frontend.views.home.scheduling.next_meeting", side_effect=RuntimeError),
        patch("frontend.views.privacy.render", side_effect=RuntimeError),
    ):
        response = client.get(url(home.network) if signed_in else "/en/privacy/")
    html = response.content.decode()
    assert response.status_code == 500
    assert all(words in html for words in ("Qualcosa non ha funzionato", "Something went wrong", "Une erreur s’est produite"))
    assert "RuntimeError" not in html and home.network.name not in html


def test_an_address_that_takes_only_forms(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "news", "seen")
    html = is_page(browser_of(home.representative).get(address, headers=HTML), 405)
    assert "It only takes a form." in html
    bare = browser_of(home.representative).get(address, headers={"Accept": "application/json"})
    assert (bare.status_code, bare.content, bare["Allow"]) == (405, b"", "POST")


def test_another_host_is_not_understood(db: None) -> None:
    response = Client(headers={"host": "evil.example"}).get("/en/privacy/", headers=HTML)
    is_page(response, 400, "en")
    assert "evil.example" not in response.content.decode()


def test_the_demo_and_other_charsets_say_so_in_all_languages(db: None, settings: Settings) -> None:
    settings.DEMO = True
    page = Client().get("/en/", headers={**HTML, "X-Forwarded-For": "1.2.3.4"})
    assert page.status_code == 403 and all(text.split("’")[0] in page.content.decode() for text in HERE_ALONE.values())
    assert Client().get("/en/", headers={"X-Forwarded-For": "1.2.3.4"})["Content-Type"].startswith("text/plain")
    settings.DEMO = False
    odd = Client().post("/en/", b"a=b", content_type="application/x-www-form-urlencoded; charset=utf-7", headers=HTML)
    assert odd.status_code == 400 and "UTF-8" in odd.content.decode() and 'lang="fr"' in odd.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_was_open_too_long_shows_what_was_typed(home: Side, language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    address = url(home.network, "meetings", home.meeting.pk, "propose", language=language)
    html = is_page(client.post(address, {"title": "My long " + MARKUP, "idempotency_key": "k-1", "choice": "secret-vote"}), 403, language)
    assert "My long &lt;script&gt;" in html and MARKUP not in html and "k-1" not in html and "secret-vote" not in html


class TestAFormThatAnotherSiteSends:
    """Its words are not shown as if the reader had typed them."""

    FOREIGN = (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "http://testserver.evil.example/"},
        {"Origin": "http://["},
    )
    OURS = ({"Origin": "http://testserver"}, {"Referer": "http://testserver/en/"}, {"Origin": "http://127.0.0.1:8000"})

    @pytest.mark.parametrize("headers", FOREIGN)
    def test_its_words_are_not_repeated(self, home: Side, browser_of: Browser, headers: dict[str, str]) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(home.representative, backend="frontend.backends.Backend")
        sent = {"title": "Ring 0900 1234 at once"}
        for address, status in ((url(home.network, "meetings", home.meeting.pk, "propose"), 403), ("/en/nothing/at/all/", 404)):
            html = is_page(client.post(address, sent, headers=headers), status)
            assert "0900" not in html and "What you typed" not in html
        html = is_page(client.post(url(home.network, "meetings", home.meeting.pk, "propose"), sent, headers=headers), 403)
        assert "did not come from a page of Raccordo’s" in html and "shown below" not in html
        assert "typed" not in client.session

    @pytest.mark.parametrize("headers", OURS)
    def test_those_of_our_own_are(self, home: Side, headers: dict[str, str]) -> None:
        client = Client(enforce_csrf_checks=True)
        for address, status in ((url(home.network, "meetings", home.meeting.pk, "propose"), 403), ("/en/nothing/at/all/", 404)):
            assert "My long text" in is_page(client.post(address, {"title": "My long text"}, headers=headers), status)

    def test_over_https_a_form_from_nowhere_is_another_sites(self, home: Side) -> None:
        address = url(home.network, "meetings", home.meeting.pk, "propose")
        html = is_page(Client(enforce_csrf_checks=True).post(address, {"title": "My long text"}, secure=True), 403)
        assert "My long text" not in html


class TestWhoWasSignedOutMeanwhile:
    def test_finds_the_text_on_the_page_of_the_sign_in_once(self, home: Side, browser_of: Browser) -> None:
        client, address = browser_of(None), url(home.network, "meetings", home.meeting.pk, "propose")
        sent = client.post(address, {"title": "Buses " + MARKUP, "text": "Much\nwork", "idempotency_key": str(uuid4())})
        assert (sent.status_code, sent["Location"]) == (302, f"/en/accounts/login/code/?next={address}")
        html = is_page(client.get(sent["Location"]), 200)
        assert "Buses &lt;script&gt;" in html and "Much\nwork" in html and MARKUP not in html and "You were signed out meanwhile" in html
        assert "Much" not in client.get(sent["Location"]).content.decode()

    def test_comes_back_to_the_page_with_the_form(self, home: Side, browser_of: Browser) -> None:
        page = url(home.network, "news")
        back = browser_of(None).post(url(home.network, "news", "seen"), headers={"Referer": f"http://testserver{page}?a=1"})
        assert back["Location"] == f"/en/accounts/login/code/?next={page}%3Fa%3D1"
        for foreign in ("https://evil.example/en/", "http://testserver.evil.example/", "javascript:alert(1)", "//evil.example/x"):
            back = browser_of(None).post(url(home.network, "news", "seen"), headers={"Referer": foreign})
            assert back["Location"] == f"/en/accounts/login/code/?next={url(home.network, 'news', 'seen')}"

    def test_is_told_that_files_are_not_kept(self, home: Side, browser_of: Browser) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

        item, client = factories.proposal(home), browser_of(None)
        sent = client.post(url(home.network, "agenda-items", item.pk, "attachments"), {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
        assert "Files are not kept: choose them again." in client.get(sent["Location"]).content.decode()

    def test_nothing_is_kept_without_measure(self, home: Side, browser_of: Browser) -> None:
        address = url(home.network, "meetings", home.meeting.pk, "propose")
        client = browser_of(None)
        client.post(address, {"text": "x" * 50_000})
        assert "typed" not in client.session
        kept = 0
        for _n in range(40):
            other = Client()
            other.post(address, {"text": "x"})
            kept += "typed" in other.session
        assert kept < 31
