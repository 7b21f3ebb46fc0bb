"""Access tokens: shown once, listed without their secret, revoked."""

import re
from uuid import uuid4

import pytest

from meetings.network.models import AccessToken
from meetings.network.selectors import access_token
from tests.factories import Side, World
from tests.frontend.pages import post, queries
from tests.frontend.sessions import Browser, page, press
from tests.hostile import TYPED

TOKENS = "/en/me/tokens/"
GOOD = {"label": "My script", "scope": "read", "days": 30}


def test_strangers_sign_in(browser_of: Browser, db: None) -> None:
    assert browser_of(None).get(TOKENS).status_code == 302


def test_a_token_is_shown_once_and_works(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    response = post(client, TOKENS, **GOOD)
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    found = re.search(r">(rct_[A-Za-z0-9_-]+)</code>", response.content.decode())
    assert found
    token = access_token(found[1])
    assert token and token.user == home.representative and token.scope == "read"
    assert "rct_" not in page(client, TOKENS) and "My script" in page(client, TOKENS)


def test_a_second_sending_makes_no_second_token(home: Side, browser_of: Browser) -> None:
    client, fields = browser_of(home.representative), {**GOOD, "idempotency_key": str(uuid4())}
    first, second = client.post(TOKENS, fields), client.post(TOKENS, fields)
    assert b"rct_" in first.content
    assert second.status_code == 303 and b"rct_" not in second.content
    assert AccessToken.objects.count() == 1


def test_revoking_is_confirmed_in_words(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    post(client, TOKENS, **GOOD)
    token = AccessToken.objects.get()
    assert "“My script”" in page(client, f"{TOKENS}{token.pk}/revoke/")
    press(client, f"{TOKENS}{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "My script" not in page(client, TOKENS)


def test_anothers_token_is_not_found(world: World, browser_of: Browser) -> None:
    post(browser_of(world.home.representative), TOKENS, **GOOD)
    token = AccessToken.objects.get()
    for user in (world.home.coordinator, world.stranger, world.nobody):
        assert post(browser_of(user), f"{TOKENS}{token.pk}/revoke/").status_code == 404


def test_who_is_in_no_network_gets_none(world: World, browser_of: Browser) -> None:
    assert post(browser_of(world.nobody), TOKENS, **GOOD).status_code == 403
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("name", ["label", "scope", "days", "idempotency_key"])
def test_bad_input_brings_the_form_back(home: Side, browser_of: Browser, name: str) -> None:
    client = browser_of(home.representative)
    for value in TYPED:
        assert post(client, TOKENS, **{**GOOD, name: value}).status_code in (200, 303, 409, 422), (name, value[:30])
    assert post(client, TOKENS, **{**GOOD, "days": 367}).status_code == 422


def test_few_queries(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    few = queries(client, TOKENS)
    for _n in range(3):
        post(client, TOKENS, **GOOD)
    assert queries(client, TOKENS) == few <= 12
