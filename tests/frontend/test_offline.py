"""What the service worker is told of a page, and what it may keep (the worker itself: tests/browser/test_offline.py)."""

from collections.abc import Callable

import brotli
import pytest
from django.test import Client

from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post, url
from tests.frontend.sessions import room

Browser = Callable[[User | None], Client]


def told(client: Client, address: str) -> tuple[str, str]:
    """Whose the page is, and what it may be used for."""
    owner, _semicolon, use = client.get(address).get("X-Offline", "").partition("; ")
    return owner, use


def test_pages_say_whose_they_are(home: Side, browser_of: Browser) -> None:
    mine, also_mine, anothers = browser_of(home.representative), browser_of(home.representative), browser_of(home.coordinator)
    owner, use = told(mine, url(home.network))
    assert (len(owner), use) == (24, "keep")
    assert told(mine, "/en/me/") == (owner, "keep")
    assert told(anothers, url(home.network))[0] not in ("", "nobody", owner)
    assert told(also_mine, url(home.network))[0] != owner, "another session"
    assert mine.cookies["sessionid"].value not in owner


def test_what_nobody_is_signed_in_to_is_not_kept(home: Side, browser_of: Browser) -> None:
    for address in ("/en/accounts/login/code/", "/en/privacy/", "/en/offline/", "/reply/unknown", "/en/no-such-network/"):
        assert told(Client(), address) in (("nobody", ""), ("", "")), address
    assert told(browser_of(None), "/en/privacy/") == ("nobody", "")


@pytest.mark.parametrize("address", ["/en/me/tokens/", "/en/me/data/", "/en/me/address/", "/en/accounts/logout/", "/en/offline/"])
def test_secrets_are_not_kept(home: Side, browser_of: Browser, address: str) -> None:
    owner, use = told(browser_of(home.representative), address)
    assert (len(owner), use) == (24, "")


def test_calendar_keys_errors_and_answers_to_forms_are_not_kept(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    assert told(client, url(home.network, "calendar"))[1] == ""
    assert told(client, url(home.network, "series", "new"))[1] == "", "403"
    answer = post(client, url(home.network, "meetings", home.meeting.pk, "propose"), title="")
    assert answer.status_code == 422
    assert "keep" not in answer["X-Offline"]
    assert "X-Offline" not in browser_of(None).get(url(home.network)), "a redirect"


def test_a_session_is_read_from_the_device_only_without_a_line(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    assert told(browser_of(home.representative), room(home))[1] == "live"


def test_signing_out_clears_the_browsers_own_cache(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    assert "Clear-Site-Data" not in client.get(url(home.network))
    assert client.post("/en/accounts/logout/")["Clear-Site-Data"] == '"cache"'


def test_the_page_for_no_line_is_the_same_for_everybody(home: Side, browser_of: Browser) -> None:
    page = browser_of(home.representative).get("/en/offline/").content.decode()
    assert home.representative.name not in page and home.network.name not in page
    assert "csrfmiddlewaretoken" not in page


def test_the_copy_says_when_it_was_taken_in_the_networks_zone(home: Side, browser_of: Browser) -> None:
    page = browser_of(home.representative).get(url(home.network)).content.decode()
    assert '<div class="alert alert-warning" data-kept hidden>' in page
    assert "(Europe/Rome)" in page[page.index("data-kept hidden") :][:400]


@pytest.mark.parametrize(("accepts", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", None)])
def test_pages_leave_compressed(home: Side, browser_of: Browser, accepts: str, encoding: str | None) -> None:
    client = browser_of(home.representative)
    answer = client.get(url(home.network), headers={"Accept-Encoding": accepts})
    assert answer.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer["Vary"] or encoding is None
    if encoding == "br":
        assert b"</html>" in brotli.decompress(answer.content)
        assert int(answer["Content-Length"]) == len(answer.content)
        lengths = {len(client.get("/en/privacy/", headers={"Accept-Encoding": "br"})["X-Padding"]) for _n in range(8)}
        assert len(lengths) > 1


def test_what_programs_ask_for_is_left_as_it_is(home: Side, browser_of: Browser) -> None:
    answer = browser_of(home.representative).get("/api/v1/networks/", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in answer
    assert "X-Offline" not in answer
