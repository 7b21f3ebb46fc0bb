"""A passkey from end to end, with Chromium's virtual authenticator in the place of a phone's."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

from meetings.network.people import get_or_create_user
from tests.browser.serving import serving
from tests.browser.session import ARGUMENTS, PHONE, cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Place:
    """The site under a name (browsers allow no passkeys at a number), and under its number."""

    address: str
    number: str
    browser: Browser
    cookie: str
    user: str


@pytest.fixture
def place() -> Iterator[Place]:
    ada = get_or_create_user(email="ada@example.org", name="Ada Neri", language="en")
    cookie, user = cookie_of(ada), str(ada.pk)
    with serving() as number, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=ARGUMENTS)
        yield Place(number.replace("127.0.0.1", "localhost"), number, browser, cookie, user)
        browser.close()


def device(place: Place, *, signed_in: bool, **changes: Any) -> tuple[BrowserContext, Page, CDPSession, str]:
    """A browser with a device of its own; returns the device's id too."""
    context = place.browser.new_context(viewport={"width": PHONE, "height": 800}, locale="en")
    if signed_in:
        context.add_cookies([{"name": "sessionid", "value": place.cookie, "url": place.address}])
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **changes}})
    return context, page, cdp, made["authenticatorId"]


def add(place: Place, page: Page, name: str = "Ada's phone") -> None:
    page.goto(f"{place.address}/en/me/passkeys/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def test_it_is_added_and_opens_without_a_code(place: Place) -> None:
    context, page, cdp, authenticator = device(place, signed_in=True)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    add(place, page)
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Ada's phone")).to_be_visible()
    credentials = cdp.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert [row["isResidentCredential"] for row in credentials] == [True]

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{place.address}/it/accounts/login/code/?next=/en/me/")
    page.get_by_role("button", name="passkey").click()
    page.wait_for_url(f"{place.address}/en/me/")
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    assert not problems
    context.close()


def test_the_same_device_is_not_added_twice(place: Place) -> None:
    context, page, _cdp, _authenticator = device(place, signed_in=True)
    add(place, page)
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    add(place, page, "again")
    expect(page.get_by_text("The device has made no passkey. Try again.")).to_be_visible()
    context.close()


def test_a_device_that_does_not_know_who_holds_it_opens_nothing(place: Place) -> None:
    context, page, cdp, authenticator = device(place, signed_in=True)
    add(place, page)
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto(f"{place.address}/en/accounts/login/code/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The device has given no passkey")).to_be_visible()
    context.close()


def test_a_removed_one_opens_nothing_and_a_code_is_offered(place: Place) -> None:
    context, page, _cdp, _authenticator = device(place, signed_in=True)
    add(place, page)
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{place.address}/en/accounts/login/code/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey could not be used. Try again, or sign in with a code.")).to_be_visible()
    expect(page.get_by_role("button", name="Send me a code")).to_be_visible()
    context.close()


def test_where_the_browser_cannot_nothing_is_promised(place: Place) -> None:
    """At a number, as the demonstration's address is."""
    context, page, _cdp, _authenticator = device(place, signed_in=False)
    page.goto(f"{place.number}/en/accounts/login/code/")
    expect(page.get_by_role("button", name="Send me a code")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    context.add_cookies([{"name": "sessionid", "value": place.cookie, "url": place.number}])
    page.goto(f"{place.number}/en/me/passkeys/add/")
    expect(page.get_by_text("does not allow passkeys")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    context.close()
