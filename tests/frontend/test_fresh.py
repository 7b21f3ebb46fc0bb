"""What opens another way in is done by who has signed in a moment ago: others sign in again, and find what they typed.

And whoever signs out everywhere is told what opens the door all the same.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from meetings import clock
from meetings.calendar_feed.services import create_feed
from meetings.network import identities, passkeys, people
from meetings.network.models import AccessToken, User
from meetings.notifications.models import OutgoingEmail
from tests.api.client import Api
from tests.devices import credential
from tests.factories import NOW, Side
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]
TOKENS, ADDRESS, ADD = "/en/me/tokens/", "/en/me/address/", "/en/me/passkeys/add/"
AGAIN, CODE = "/en/accounts/login/again/", "/en/accounts/login/code/"
LATER = NOW + timedelta(minutes=15)
TOKEN = {"label": "My script <b>", "scope": "write", "days": 30}


def again(page: str, language: str = "en") -> str:
    return f"/{language}/accounts/login/again/?next={page.replace('/', '%2F')}"


def with_code(client: Client, asked_at: str) -> Any:
    """Signs in with the code that is mailed, as the pages lead on. Returns the last answer."""
    form = client.get(asked_at)
    email = form.context["form"]["email"].value()
    client.post(asked_at, {"email": email, "next": asked_at.partition("next=")[2].replace("%2F", "/")})
    code = OutgoingEmail.objects.filter(kind="sign_in_code").latest("created_at").context["code"]
    return client.post("/en/accounts/login/code/confirm/", {"code": code, "next": asked_at.partition("next=")[2].replace("%2F", "/")})


def test_within_a_quarter_of_an_hour_nothing_is_asked(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    with clock.at(LATER - timedelta(seconds=1)):
        assert post(client, TOKENS, **TOKEN).status_code == 200
        assert client.get(ADD).status_code == client.get(ADDRESS).status_code == 200


def test_later_one_signs_in_again_and_the_form_holds_what_was_typed(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    with clock.at(LATER):
        assert client.get(TOKENS).status_code == 200
        asked = post(client, TOKENS, **TOKEN)
        assert (asked.status_code, asked["Location"]) == (303, again(TOKENS))
        assert not AccessToken.objects.exists()
        page = client.get(asked["Location"]).content.decode()
        assert "of the last 15 minutes" in page and "stands in the form again" in page
        out = client.post(AGAIN, {"next": TOKENS})
        assert (out.status_code, out["Location"]) == (303, f"{CODE}?next=%2Fen%2Fme%2Ftokens%2F")
        assert "_auth_user_id" not in client.session and client.session.get_expiry_age() <= 15 * 60
        back = with_code(client, out["Location"])
        assert (back.status_code, back["Location"]) == (302, TOKENS) and client.session.get_expiry_age() > 24 * 3600
        form = client.get(TOKENS).content.decode()
        assert "My script &lt;b&gt;" in form and 'value="30"' in form and "My script" not in client.get(TOKENS).content.decode()
        assert post(client, TOKENS, **TOKEN).status_code == 200


def test_in_another_language_too_but_never_for_somebody_else(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    with clock.at(LATER):
        post(client, ADDRESS, email="rita.new@example.org")
        User.objects.filter(pk=side.representative.pk).update(language="it")
        back = with_code(client, client.post(AGAIN, {"next": ADDRESS})["Location"])
        assert back["Location"] == "/it/me/address/"
        assert "rita.new@example.org" in client.get(back["Location"]).content.decode()
    with clock.at(LATER + timedelta(minutes=15)):
        post(client, ADDRESS, email="rita.new@example.org")
        client.post(AGAIN, {"next": ADDRESS})
        client.force_login(side.chair, backend="frontend.backends.Backend")
        assert "rita.new@example.org" not in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("page", [ADD, ADDRESS])
def test_a_page_that_is_but_a_form_asks_before_anything_is_typed(side: Side, browser_of: Browser, page: str) -> None:
    client = browser_of(side.representative)
    with clock.at(LATER):
        assert client.get(page)["Location"] == again(page)
        assert post(client, page, name="Phone", credential="{}", email="new@example.org")["Location"] == again(page)
    assert not OutgoingEmail.objects.filter(kind="own_address").exists()


def test_a_passkey_is_not_removed_by_whoever_finds_the_device_open(side: Side, browser_of: Browser) -> None:
    row = passkeys.add(user=side.representative, name="Phone", credential=credential())
    client, page = browser_of(side.representative), f"/en/me/passkeys/{row.id}/remove/"
    with clock.at(LATER):
        assert client.get(page)["Location"] == post(client, page)["Location"] == again(page)
        assert passkeys.passkeys_of(side.representative)
        assert client.get("/en/me/passkeys/").status_code == 200


def test_a_session_of_before_the_rule_signs_in_again(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    session = client.session
    del session["signed_in_at"]
    session.save()
    assert post(client, TOKENS, **TOKEN)["Location"] == again(TOKENS)


def test_the_secret_of_a_device_is_not_kept(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    with clock.at(LATER):
        post(client, ADD, name="Phone", credential='{"id": "secret"}')
        assert client.session["typed_before"]["typed"] == [["name", "Phone"]]
        post(client, TOKENS, label="x" * 50_000)
        assert client.session["typed_before"]["typed"] == [["name", "Phone"]]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(side: Side, browser_of: Browser, to: str) -> None:
    for client in (browser_of(side.representative), browser_of(None)):
        assert client.post(AGAIN, {"next": to})["Location"] == f"{CODE}?next=%2Fen%2Fme%2F"
    assert hidden(browser_of(side.representative).get(AGAIN, {"next": to}).content.decode(), "next") == "/en/me/"


def test_only_a_form_of_ours_signs_out(side: Side) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(side.representative, backend="frontend.backends.Backend")
    assert client.post(AGAIN, {"next": TOKENS}).status_code == 403
    assert client.get(AGAIN).status_code == 200 and "_auth_user_id" in client.session


def test_the_demos_button_is_a_sign_in(side: Side, settings: Settings) -> None:
    settings.DEMO = True
    client = Client()
    client.post("/demo/sign-in/", {"user": str(side.coordinator.pk)})
    assert post(client, TOKENS, **TOKEN).status_code == 200


def test_through_rest_it_is_the_same_and_a_program_renews_its_own_token(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    made = Api(client).post("me/tokens/", {"scope": "write"})
    assert made.status_code == 201
    with clock.at(LATER):
        refused = Api(client).post("me/tokens/", {})
        assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")
        assert Api(client).delete(f"me/tokens/{made.json()['id']}/").status_code == 200
    other = Api(client).post("me/tokens/", {"scope": "write"}).json()["token"]
    program = Client(headers={"Authorization": f"Bearer {other}"})
    assert program.post("/api/v1/me/tokens/", {}, content_type="application/json").status_code == 201


def test_signing_out_everywhere_says_what_still_gets_in(side: Side, browser_of: Browser) -> None:
    user, client, page = side.representative, browser_of(side.representative), "/en/me/sessions/end/"
    assert "What still gets in then" not in client.get(page).content.decode()
    passkeys.add(user=user, name="Phone", credential=credential())
    identities.link(user=user, issuer="https://login.example.org", subject="rita")
    for days in (1, 30):
        people.create_token(user=user, days=days)
    create_feed(actor=side.actor(user), network=side.network)
    with clock.at(NOW + timedelta(days=2)):
        shown = " ".join(client.get(page).content.decode().split())
    feeds = url(side.network, "calendar")
    identity, token = ("/en/me/identities/", "Accounts you sign in with"), ("/en/me/tokens/", "Personal access tokens")
    for to, words in (("/en/me/passkeys/", "Passkeys"), identity, token):
        assert f'<a href="{to}">{words}</a>: 1<' in shown
    assert f'<a href="{feeds}">Calendar addresses of {side.network.name}</a>: 1<' in shown
    assert client.get("/en/me/identities/").status_code == 200
    assert "What still gets in then" not in browser_of(side.chair).get(page).content.decode()
