"""Signing in by a mailed code: what is sent, to whom, in which language; what is not told; what ends a session."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from pytest_django import Settings

from meetings import clock
from meetings.network.models import User
from meetings.network.people import get_or_create_user
from meetings.notifications.delivery import claim, deliver_due
from meetings.notifications.models import OutgoingEmail

REQUEST, CONFIRM, LOGOUT = "/en/accounts/login/code/", "/en/accounts/login/code/confirm/", "/en/accounts/logout/"
CODE = re.compile(r"^([A-Z0-9]+-[A-Z0-9]+)$", re.MULTILINE)


@pytest.fixture
def user(db: None) -> User:
    return get_or_create_user(email="ada@example.org", name="Ada Neri", language="en")


@pytest.fixture
def browser() -> Client:
    return Client(headers={"Accept-Language": "en"})


def ask(browser: Client, email: str = "ada@example.org", to: str = REQUEST) -> Any:
    return browser.post(to, {"email": email})


def mailed() -> list[Any]:
    """What the worker has sent once it has looked."""
    deliver_due()
    return list(mail.outbox)


def code() -> str:
    body = str(mailed()[-1].body)
    found = CODE.search(body)
    assert found, body
    return found[1]


def user_of(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def sign_in(browser: Client) -> Any:
    ask(browser)
    return browser.post(CONFIRM, {"code": code()})


def test_a_mailed_code_signs_in(user: User, browser: Client) -> None:
    assert browser.get(REQUEST).status_code == 200
    asked = ask(browser, "Ada@Example.org")
    assert (asked.status_code, asked["Location"]) == (302, CONFIRM)
    assert "ada@example.org" in browser.get(CONFIRM).content.decode().lower()
    [message] = mailed()
    assert (message.to, message.subject) == (["Ada Neri <ada@example.org>"], "Your code for Raccordo")
    assert "15 minutes" in message.body
    assert "http://127.0.0.1:8000" in message.body
    answer = browser.post(CONFIRM, {"code": code().lower()})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert user_of(browser) == str(user.pk)


def test_the_mail_is_in_the_persons_language(user: User, browser: Client) -> None:
    User.objects.update(language="it")
    ask(browser)
    [row] = OutgoingEmail.objects.all()
    assert (row.language, row.user, row.network) == ("it", user, None)


def test_signing_in_changes_the_session_and_the_csrf_key(user: User, browser: Client) -> None:
    ask(browser)
    before = browser.cookies["sessionid"].value
    browser.post(CONFIRM, {"code": code()})
    assert browser.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("email", ["nobody@example.org", "disabled@example.org", "mıke@example.org"])
def test_an_unknown_address_looks_the_same(user: User, browser: Client, email: str) -> None:
    get_or_create_user(email="mike@example.org")
    User.objects.filter(pk=get_or_create_user(email="disabled@example.org").pk).update(is_active=False)
    known, unknown = ask(Client()), ask(browser, email)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    pages = [client.get(CONFIRM).content.decode().replace(email, "X") for client in (browser,)]
    assert "is on its way" in pages[0]
    assert not [message for message in mailed()[1:] if CODE.search(str(message.body))]
    assert browser.post(CONFIRM, {"code": ""}).status_code == 200
    assert user_of(browser) is None


def test_an_unknown_address_is_told_by_mail(browser: Client, db: None) -> None:
    ask(browser, "nobody@example.org")
    [message] = mailed()
    assert (message.to, message.subject) == (["nobody@example.org"], "No access to Raccordo with this address")
    assert "http://127.0.0.1:8000" in message.body
    assert "signup" not in message.body


def test_a_stranger_is_told_in_the_language_of_the_page(db: None) -> None:
    Client().post("/it/accounts/login/code/", {"email": "nobody@example.org"})
    assert [row.language for row in OutgoingEmail.objects.all()] == ["it"]


def test_the_code_is_kept_no_longer_than_it_must_be(user: User, browser: Client) -> None:
    ask(browser)
    right = code()
    [row] = OutgoingEmail.objects.all()
    assert (row.state, row.context["code"]) == ("sent", "")
    browser.post(CONFIRM, {"code": right})
    assert user_of(browser) == str(user.pk)


def test_a_code_that_nobody_can_use_any_more_is_not_sent(user: User, browser: Client) -> None:
    ask(browser)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert mailed() == []
    [row] = OutgoingEmail.objects.all()
    assert (row.state, row.error, row.context["code"]) == ("dropped", "too_late", "")


def test_a_code_waits_behind_no_other_mail(user: User, browser: Client) -> None:
    then = clock.now() - timedelta(hours=1)
    waiting = [
        OutgoingEmail(address=f"a{n}@example.org", language="en", kind="unknown", key=str(n), created_at=then, not_before=then)
        for n in range(60)
    ]
    OutgoingEmail.objects.bulk_create(waiting)
    ask(browser)
    assert claim()[0].kind == "sign_in_code"


def test_a_wrong_code_three_times_ends_it(user: User, browser: Client) -> None:
    ask(browser)
    right = code()
    for _attempt in range(3):
        browser.post(CONFIRM, {"code": "AAAA-AAAA"})
    browser.post(CONFIRM, {"code": right})
    assert user_of(browser) is None


@pytest.mark.parametrize(("minutes", "signed_in"), [(14, True), (16, False)])
def test_a_code_lives_for_15_minutes(user: User, browser: Client, minutes: int, signed_in: bool) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        ask(browser)
        right = code()
        traveller.shift(minutes * 60)
        browser.post(CONFIRM, {"code": right})
        assert (user_of(browser) is not None) is signed_in


def test_a_code_works_in_its_own_browser_alone(user: User, browser: Client) -> None:
    ask(browser)
    other = Client()
    other.post(CONFIRM, {"code": code()})
    assert user_of(other) is None


def test_a_code_works_once(user: User, browser: Client) -> None:
    sign_in(browser)
    used = code()
    browser.post(LOGOUT)
    browser.post(CONFIRM, {"code": used})
    assert user_of(browser) is None


def test_a_new_code_may_be_asked_for_and_the_old_one_is_gone(user: User, browser: Client) -> None:
    ask(browser)
    old = code()
    page = browser.get(CONFIRM).content.decode()
    if "resend" in page:
        browser.post(CONFIRM, {"action": "resend"})
        browser.post(CONFIRM, {"code": old})
        assert user_of(browser) is None


def test_asking_too_often_is_refused(user: User) -> None:
    for _attempt in range(3):
        ask(Client())
    answer = ask(Client())
    assert (answer.status_code, answer["Retry-After"], len(mailed())) == (429, "60", 3)
    page = answer.content.decode()
    assert "Wait one minute, then try again." in page and "ada@example.org" in page


def test_reading_the_pages_signs_nobody_in(user: User, browser: Client) -> None:
    ask(browser)
    for _time in range(3):
        browser.get(CONFIRM, {"code": code()})
        browser.head(CONFIRM)
    assert user_of(browser) is None
    browser.post(CONFIRM, {"code": code()})
    browser.get(LOGOUT)
    assert user_of(browser) is not None


def test_signing_out(user: User, browser: Client) -> None:
    sign_in(browser)
    assert browser.get(LOGOUT).status_code == 200
    assert browser.post(LOGOUT)["Location"] == "/"
    assert user_of(browser) is None


def test_a_disabled_person_is_out_at_the_next_request(user: User, browser: Client) -> None:
    sign_in(browser)
    assert browser.get(LOGOUT).status_code == 200
    User.objects.update(is_active=False)
    assert browser.get(LOGOUT).status_code == 302


@pytest.mark.parametrize(
    "there",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example", "\thttps://evil.example"],
)
def test_it_leads_nowhere_else(user: User, browser: Client, there: str) -> None:
    browser.post(REQUEST, {"email": "ada@example.org", "next": there})
    assert browser.post(CONFIRM, {"code": code(), "next": there})["Location"] == "/"
    assert browser.post(LOGOUT, {"next": there})["Location"] == "/"


def test_it_leads_back_to_where_one_wanted_to_go(user: User, browser: Client) -> None:
    browser.post(REQUEST, {"email": "ada@example.org", "next": "/en/me/"})
    assert browser.post(CONFIRM, {"code": code(), "next": "/en/me/"})["Location"] == "/en/me/"


def test_a_mail_server_that_fails_holds_up_nobody_and_the_code_comes_later(user: User, browser: Client) -> None:
    with patch("django.core.mail.backends.locmem.EmailBackend.open", side_effect=ConnectionRefusedError()):
        assert ask(browser).status_code == 302
        assert mailed() == []
    with clock.at(clock.now() + timedelta(seconds=6)):
        right = code()
    browser.post(CONFIRM, {"code": right})
    assert user_of(browser) == str(user.pk)


@pytest.mark.parametrize(
    "path",
    ["signup/", "password/reset/", "password/change/", "password/set/", "email/", "confirm-email/", "reauthenticate/", "2fa/", "social/"],
)
def test_there_is_no_more_than_that(user: User, browser: Client, path: str) -> None:
    sign_in(browser)
    assert browser.get(f"/en/accounts/{path}").status_code == 404
    assert browser.post(f"/en/accounts/{path}").status_code == 404


def test_posting_needs_the_csrf_token(user: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in (REQUEST, CONFIRM, LOGOUT):
        assert strict.post(path, {"email": "ada@example.org"}).status_code in (302, 403)
    assert not mailed()


def test_the_pages_are_not_cached(user: User, browser: Client) -> None:
    assert "no-store" in browser.get(REQUEST)["Cache-Control"]
    ask(browser)
    assert "no-store" in browser.get(CONFIRM)["Cache-Control"]


@pytest.fixture
def _closed_connections() -> Iterator[None]:
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_uses_of_one_code_are_one_session(settings: Settings, _closed_connections: None) -> None:
    get_or_create_user(email="ada@example.org", name="Ada Neri")
    browser = Client()
    ask(browser)
    pending, right = browser.cookies["sessionid"].value, code()

    def use(_number: int) -> Any:
        twin = Client(raise_request_exception=False)
        twin.cookies["sessionid"] = pending
        try:
            return twin.post(CONFIRM, {"code": right}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(use, range(50)))
    signed_in = [session for session in Session.objects.all() if session.get_decoded().get("_auth_user_id")]
    assert len(signed_in) == 1
    assert set(answers) <= {302, 400}
