"""Passkeys without a device: whose they are, what is kept of them, and that no invented answer opens anything or breaks anything.

With a device: tests/browser/test_passkey.py.
"""

import base64
import json
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from frontend import ceremonies
from meetings.errors import Conflict, Invalid, NotFound
from meetings.network import passkeys
from meetings.network.models import User
from meetings.network.people import get_or_create_user
from meetings.notifications.models import OutgoingEmail
from tests.conftest import BACKEND
from tests.devices import credential
from tests.frontend.pages import post
from tests.hostile import MARKUP

SIGN_IN, CODE, OWN, ADD = "/en/accounts/login/passkey/", "/en/accounts/login/code/", "/en/me/passkeys/", "/en/me/passkeys/add/"


@pytest.fixture
def ada(db: None) -> User:
    return get_or_create_user(email="ada@example.org", name="Ada Neri", language="en")


@pytest.fixture
def eve(db: None) -> User:
    return get_or_create_user(email="eve@example.org", name="Eve", language="en")


def browser(user: User | None = None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    if user:
        client.force_login(user, backend=BACKEND)
    return client


def user_of(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def handle(user: User) -> str:
    return base64.urlsafe_b64encode(user.pk.hex.encode()).decode().rstrip("=")


def answer(**changes: Any) -> dict[str, Any]:
    usual, given = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}, changes.pop("response", {})
    response = {**usual, **given} if isinstance(given, dict) else given
    return {"id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}, "response": response, **changes}


def test_the_options_ask_for_a_key_that_proves_who_holds_it(db: None) -> None:
    found = browser().get(SIGN_IN, headers={"Accept": "application/json"})
    options = found.json()["publicKey"]
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    assert len(base64.urlsafe_b64decode(options["challenge"] + "==")) >= 16
    assert "no-store" in found["Cache-Control"] or "no-cache" in found["Cache-Control"]


def test_the_device_is_asked_for_one_that_signs_in_by_itself(ada: User) -> None:
    options = browser(ada).get(f"{OWN}options/").json()["publicKey"]
    assert options["authenticatorSelection"] == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (options["user"]["name"], options["user"]["displayName"], options["rp"]["name"]) == ("ada@example.org", "Ada Neri", "Raccordo")


HOSTILE: list[Any] = [
    None,
    "",
    [],
    {},
    7,
    "x" * 30_000,
    {"response": "x"},
    {"response": {"userHandle": 7}},
    answer(),
    answer(response={"userHandle": "////"}),
    answer(response={"userHandle": None}),
    answer(response={"clientDataJSON": "////"}),
    answer(response={"authenticatorData": base64.urlsafe_b64encode(b"\xff" * 37).decode()}),
    answer(id=7, rawId=None),
    answer(type="x"),
    answer(response={"userHandle": base64.urlsafe_b64encode(b"\x00").decode()}),
    [[]] * 900,
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_an_invented_answer_opens_nothing(ada: User, sent: Any) -> None:
    passkeys.add(user=ada, name="Phone", credential=credential())
    client = browser()
    client.get(SIGN_IN, headers={"Accept": "application/json"})
    for sent_text in (json.dumps(sent), json.dumps(answer(response={"userHandle": handle(ada)})), "[" * 9000):
        back = client.post(SIGN_IN, {"credential": sent_text, "next": "/en/me/"})
        assert (back.status_code, back["Location"]) == (302, f"{CODE}?next=%2Fen%2Fme%2F")
        assert user_of(client) is None
    assert "could not be used" in client.get(CODE).content.decode()
    refused = post(browser(ada), ADD, name="Phone", credential=json.dumps(sent))
    assert refused.status_code == 422
    assert Authenticator.objects.count() == 1


NAMES = ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=30)
BYTES = st.binary(max_size=200).map(lambda data: base64.urlsafe_b64encode(data).decode())
ANYTHING = st.recursive(
    PLAIN | BYTES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner), max_leaves=12
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANYTHING)
@example({"response": {"clientDataJSON": 356_612_308_992}})  # taken for a number of bytes to make
def test_nothing_that_is_sent_is_an_error_of_ours(ada: User, sent: Any) -> None:
    """Below the pages, with a question that waits for its answer."""
    request = RequestFactory().get(SIGN_IN)
    request.session = SessionStore()
    with context.request_context(request):
        for value in (sent, answer(**sent) if isinstance(sent, dict) else [sent]):
            ceremonies.options_to_sign_in()
            with pytest.raises(Invalid):
                ceremonies.signed_in_with(value)
            ceremonies.options_to_add(ada)
            with pytest.raises(Invalid):
                ceremonies.added(value)


def test_too_many_attempts_are_refused_with_a_page(db: None) -> None:
    client = browser()
    answers = [client.post(SIGN_IN, {"credential": "{}"}) for _n in range(11)]
    assert [row.status_code for row in answers] == [302] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0 and "<h1>" in answers[-1].content.decode()


def test_questions_do_not_pile_up(ada: User) -> None:
    """Each is kept in a session of its own: a few minutes long, so many a minute, and whoever then signs in has a whole one."""
    client = browser()
    assert client.get(SIGN_IN).status_code == 200
    assert client.session.get_expiry_age() <= 15 * 60
    client.post(CODE, {"email": ada.email})
    code = OutgoingEmail.objects.get(kind="sign_in_code").context["code"]
    client.post("/en/accounts/login/code/confirm/", {"code": code})
    assert user_of(client) == str(ada.pk)
    assert client.session.get_expiry_age() > 24 * 3600
    statuses = [browser().get(SIGN_IN).status_code for _n in range(60)]
    assert (statuses[:59].count(200), statuses[59]) == (59, 429)


def test_nothing_is_kept_beside_the_answer(ada: User) -> None:
    row = passkeys.add(user=ada, name="Phone", credential=credential())
    with pytest.raises(Invalid):
        ceremonies.added({**credential(), "junk": "x" * 30_000})
    assert row


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(db: None, to: str) -> None:
    assert browser().post(SIGN_IN, {"credential": "{}", "next": to})["Location"] == CODE


def test_the_owner_is_told_by_mail_and_may_rename_and_remove(ada: User) -> None:
    row = passkeys.add(user=ada, name="My phone " + MARKUP[:30], credential={**credential(), "id": "secret"})
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.address, mail.network) == ("passkey_added", "ada@example.org", None)
    client = browser(ada)
    page = client.get(OWN).content.decode()
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "secret" not in page
    assert post(client, f"{OWN}{row.id}/", name="Computer").status_code == 303
    assert [found.name for found in passkeys.passkeys_of(ada)] == ["Computer"]
    assert client.get(f"{OWN}{row.id}/remove/").status_code == 200
    assert post(client, f"{OWN}{row.id}/remove/").status_code == 303
    assert passkeys.passkeys_of(ada) == []


def test_nobody_touches_anothers(ada: User, eve: User) -> None:
    row = passkeys.add(user=ada, name="Phone", credential=credential())
    client = browser(eve)
    for path in (f"{OWN}{row.id}/", f"{OWN}{row.id}/remove/"):
        assert client.get(path).status_code == post(client, path, name="Mine").status_code == 404
    with pytest.raises(NotFound):
        passkeys.rename(user=eve, passkey_id=row.id, name="Mine")
    passkeys.remove(user=eve, passkey_id=row.id)
    assert [found.name for found in passkeys.passkeys_of(ada)] == ["Phone"]
    assert "Phone" not in client.get(OWN).content.decode()


def test_there_are_limits(ada: User) -> None:
    for name in ("", " \t", "x" * 81):
        with pytest.raises(Invalid):
            passkeys.add(user=ada, name=name, credential=credential())
    for n in range(passkeys.MOST_PASSKEYS):
        passkeys.add(user=ada, name=str(n), credential=credential())
    with pytest.raises(Conflict):
        passkeys.add(user=ada, name="one more", credential=credential())


def test_a_wrong_name_keeps_what_was_typed(ada: User) -> None:
    refused = post(browser(ada), ADD, name="x" * 90, credential="{}")
    page = refused.content.decode()
    assert refused.status_code == 422 and "x" * 90 in page


def test_the_code_goes_on_being_enough(ada: User) -> None:
    """A passkey is another way in, not a second lock."""
    passkeys.add(user=ada, name="Phone", credential=credential())
    client = browser()
    client.post(CODE, {"email": ada.email})
    code = OutgoingEmail.objects.get(kind="sign_in_code").context["code"]
    assert client.post("/en/accounts/login/code/confirm/", {"code": code}).status_code == 302
    assert user_of(client) == str(ada.pk)
