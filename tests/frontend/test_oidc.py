"""Signing in with another server: who is let in and who is not, whatever that server or anybody between says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from pytest_django import Settings

from coordination.env import OpenIdConnect
from meetings import clock
from meetings.network import identities
from meetings.network.models import User
from meetings.network.people import get_or_create_user
from meetings.notifications.models import OutgoingEmail
from tests.conftest import BACKEND
from tests.frontend.oidc_provider import CLIENT, SECRET, Provider, provider

BEGIN, LINK, OWN, SIGN_IN = "/en/accounts/login/oidc/", "/en/me/identities/link/", "/en/me/identities/", "/en/accounts/login/code/"
ATTACKER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def there(db: None, settings: Settings) -> Iterator[Provider]:
    with provider() as found:
        configured = OpenIdConnect(found.issuer, CLIENT, SECRET, "Town login", (found.issuer,), trusts_addresses=False)
        use(settings, configured)
        yield found


def use(settings: Settings, configured: OpenIdConnect) -> None:
    settings.OIDC = configured
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [configured.app]}}
    settings.BASE_URL = "http://testserver"


@pytest.fixture
def mario(db: None) -> User:
    return get_or_create_user(email="mario@example.org", name="Mario Neri", language="en")


@pytest.fixture
def browser() -> Client:
    return Client(headers={"Accept-Language": "en"})


def go_there(browser: Client, there: Provider, address: str = BEGIN, **fields: str) -> Any:
    """The whole way: to the server, the person signs in there, and back."""
    sent = browser.post(address, fields)
    assert sent.status_code == 302, sent.content
    return browser.get(there.authorise(sent["Location"]))


def user_of(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def linked(user: User, there: Provider, subject: str = "mario-1") -> None:
    identities.link(user=user, issuer=there.issuer, subject=subject)


def signed_in(browser: Client, user: User) -> Client:
    browser.force_login(user, backend=BACKEND)
    return browser


def test_a_linked_account_opens(there: Provider, mario: User, browser: Client) -> None:
    assert "Sign in with Town login" in browser.get(SIGN_IN).content.decode()
    linked(mario, there)
    back = go_there(browser, there, next="/en/me/")
    assert (back.status_code, back["Location"]) == (302, "/en/me/")
    assert user_of(browser) == str(mario.pk)


def test_it_goes_on_in_the_persons_own_language(there: Provider, mario: User, browser: Client) -> None:
    User.objects.update(language="it")
    linked(mario, there)
    assert go_there(browser, there, next="/en/me/?a=1")["Location"] == "/it/me/?a=1"


def test_linking_in_the_profile(there: Provider, mario: User, browser: Client) -> None:
    signed_in(browser, mario)
    back = go_there(browser, there, LINK)
    assert (back.status_code, back["Location"]) == (302, OWN)
    page = browser.get(OWN).content.decode()
    assert there.issuer in page and "From now on you can sign in with Town login." in page and "Link an account" not in page
    [row] = SocialAccount.objects.all()
    assert (row.provider, row.uid, row.user, row.extra_data) == (there.issuer, "mario-1", mario, {})
    assert OutgoingEmail.objects.get().kind == "identity_linked"
    other = Client()
    go_there(other, there)
    assert user_of(other) == str(mario.pk)


def test_removing_closes_it(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    signed_in(browser, mario)
    [row] = identities.identities_of(mario)
    assert browser.get(f"{OWN}{row.id}/remove/").status_code == 200
    assert browser.post(f"{OWN}{row.id}/remove/").status_code == 303
    other = Client()
    assert go_there(other, there).status_code == 403
    assert user_of(other) is None


def test_nobody_removes_anothers(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    [row] = identities.identities_of(mario)
    signed_in(browser, get_or_create_user(email="eve@example.org"))
    assert browser.post(f"{OWN}{row.id}/remove/").status_code == 404
    assert SocialAccount.objects.exists()


VERIFIED = {"email": "mario@example.org", "email_verified": True}


@pytest.mark.parametrize("claims", [{}, VERIFIED, {"preferred_username": "mario@example.org"}])
def test_an_unknown_subject_is_refused_and_nobody_is_made(there: Provider, mario: User, browser: Client, claims: dict[str, Any]) -> None:
    there.claims = claims
    back = go_there(browser, there)
    assert back.status_code == 403
    assert "nobody here has linked that account" in back.content.decode()
    assert user_of(browser) is None
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


class TestWhereVerifiedAddressesAreTrusted:
    @pytest.fixture(autouse=True)
    def _trusted(self, there: Provider, settings: Settings) -> None:
        use(settings, replace(settings.OIDC, trusts_addresses=True))

    def test_a_verified_address_shows_who_it_is_once(self, there: Provider, mario: User, browser: Client) -> None:
        there.claims = {"email": "Mario@Example.org", "email_verified": True}
        go_there(browser, there)
        assert user_of(browser) == str(mario.pk)
        User.objects.filter(pk=mario.pk).update(email="elsewhere@example.org")
        there.claims = {}
        other = Client()
        go_there(other, there)
        assert user_of(other) == str(mario.pk)

    def test_the_address_may_be_told_apart_from_the_token(self, there: Provider, mario: User, browser: Client) -> None:
        there.userinfo = {"sub": "mario-1", **VERIFIED}
        go_there(browser, there)
        assert user_of(browser) == str(mario.pk)

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "mario@example.org"},
            {"email": "mario@example.org", "email_verified": False},
            {"email": "mario@example.org", "email_verified": "true"},
            {"email": "marıo@example.org", "email_verified": True},
            {"email": "mario@exam\u200bple.org", "email_verified": True},
            {"email": "m\u0430rio@example.org", "email_verified": True},
            {"email": "mario@example.org\n", "email_verified": True, "sub": "\n"},
            {"email": "mario@example.org.evil.example", "email_verified": True},
            {"email": ["mario@example.org"], "email_verified": True},
            {"email": "nobody@example.org", "email_verified": True},
        ],
    )
    def test_look_alikes_and_unproven_addresses_are_nobody(
        self, there: Provider, mario: User, browser: Client, claims: dict[str, Any]
    ) -> None:
        there.claims = {k: v for k, v in claims.items() if k != "sub"}
        if "sub" in claims:
            there.claims["email"] = "mario+1@example.org"
        assert go_there(browser, there).status_code == 403
        assert user_of(browser) is None and not SocialAccount.objects.exists()

    def test_what_is_told_of_another_subject_is_not_believed(self, there: Provider, mario: User, browser: Client) -> None:
        there.userinfo = {"sub": "somebody-else", **VERIFIED}
        assert go_there(browser, there).status_code == 403

    def test_an_address_that_went_to_somebody_else_opens_nothing(self, there: Provider, mario: User, browser: Client) -> None:
        linked(mario, there)
        there.claims = {"sub": "mallory", **VERIFIED}
        assert go_there(browser, there).status_code == 403
        assert user_of(browser) is None

    def test_a_disabled_person_stays_out(self, there: Provider, mario: User, browser: Client) -> None:
        User.objects.update(is_active=False)
        there.claims = VERIFIED
        assert go_there(browser, there).status_code == 403


def test_a_disabled_person_with_a_link_stays_out(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    User.objects.update(is_active=False)
    go_there(browser, there)
    assert user_of(browser) is None


def test_an_account_of_somebody_else_is_not_linked(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    eve = get_or_create_user(email="eve@example.org", language="en")
    signed_in(browser, eve)
    go_there(browser, there, LINK)
    assert "opens somebody else’s access already" in browser.get(OWN).content.decode()
    assert SocialAccount.objects.get().user == mario
    assert user_of(browser) == str(eve.pk)


def test_a_link_that_was_begun_by_another_is_not_made(there: Provider, mario: User, browser: Client) -> None:
    """Whoever signs in on the same machine meanwhile does not get the other's account."""
    signed_in(browser, mario)
    back = there.authorise(browser.post(LINK)["Location"])
    states = dict(browser.session.items())["socialaccount_states"]
    eve = get_or_create_user(email="eve@example.org")
    signed_in(browser, eve)
    session = browser.session
    session["socialaccount_states"] = states
    session.save()
    assert browser.get(back).status_code == 403
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example", "\thttps://evil.example"],
)
def test_it_leads_nowhere_else(there: Provider, mario: User, browser: Client, to: str) -> None:
    linked(mario, there)
    assert go_there(browser, there, next=to)["Location"] in ("/", "/en/")
    assert user_of(browser) == str(mario.pk)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
    ],
)
def test_a_token_that_is_not_for_us_opens_nothing(there: Provider, mario: User, browser: Client, claims: dict[str, Any]) -> None:
    for subject in ("mario-1", "7"):
        SocialAccount(user=mario, provider=there.issuer, uid=subject).save()
    there.claims = claims
    assert go_there(browser, there).status_code == 403
    assert user_of(browser) is None


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: jwt.encode(claims, ATTACKER, algorithm="RS256", headers={"kid": "1"}),
        lambda claims: jwt.encode(claims, "", algorithm="none", headers={"kid": "1"}),
        lambda claims: jwt.encode(claims, SECRET * 4, algorithm="HS256", headers={"kid": "1"}),
        lambda claims: jwt.encode(claims, ATTACKER, algorithm="RS256", headers={"kid": "2"}),
        lambda claims: "not.a.token",
        lambda claims: None,
        lambda claims: {"iss": "x"},
    ],
)
def test_a_token_that_the_server_did_not_sign_opens_nothing(there: Provider, mario: User, browser: Client, sign: Any) -> None:
    linked(mario, there)
    there.sign = sign
    assert go_there(browser, there).status_code == 403
    assert user_of(browser) is None


def test_an_answer_works_once_and_in_its_own_browser_alone(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    back = there.authorise(browser.post(BEGIN)["Location"])
    other = Client()
    assert other.get(back).status_code == 403
    assert browser.get(back).status_code == 302
    browser.logout()
    assert browser.get(back).status_code == 403
    assert user_of(browser) is None


def test_who_changes_their_mind_comes_back_to_the_sign_in(there: Provider, browser: Client) -> None:
    state = browser.post(BEGIN)["Location"].partition("state=")[2].partition("&")[0]
    back = browser.get("/oidc/callback/", {"error": "access_denied", "state": state})
    assert (back.status_code, back["Location"]) == (302, SIGN_IN)


@pytest.mark.parametrize(
    "config",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data/"},
        {"token_endpoint": "http://127.0.0.1:1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_nothing_is_fetched_from_anywhere_else(there: Provider, browser: Client, config: dict[str, Any]) -> None:
    there.config = config
    answer = browser.post(BEGIN)
    assert answer.status_code == 503
    assert "does not answer as it should" in answer.content.decode()
    assert there.asked == ["/.well-known/openid-configuration"]


def test_a_redirect_is_not_followed(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    there.redirects = there.issuer + "/me"
    assert go_there(browser, there).status_code == 403
    assert "/me" not in there.asked


def test_what_it_tells_of_people_at_another_address_is_not_fetched(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    there.config = {"userinfo_endpoint": "http://127.0.0.1:1/me"}
    assert go_there(browser, there).status_code == 403


def test_a_server_that_is_broken_or_gone_is_a_page(there: Provider, browser: Client, settings: Settings) -> None:
    there.broken = True
    assert browser.post(BEGIN).status_code == 503
    gone = OpenIdConnect("http://127.0.0.1:1", CLIENT, SECRET, "Gone", ("http://127.0.0.1:1",), trusts_addresses=False)
    use(settings, gone)
    page = browser.post(BEGIN)
    assert page.status_code == 503 and "Gone does not answer" in page.content.decode()


def test_the_secret_and_the_code_are_shown_nowhere(there: Provider, mario: User, browser: Client) -> None:
    asked = browser.post(BEGIN)["Location"]
    assert SECRET not in asked and "redirect_uri=http%3A%2F%2Ftestserver%2Foidc%2Fcallback%2F" in asked


@pytest.mark.parametrize("method", ["get", "head", "put"])
def test_it_begins_with_a_form_alone(there: Provider, browser: Client, method: str) -> None:
    assert getattr(browser, method)(BEGIN).status_code == 405


FORGED = "\n2026-11-23 09:00:00 ERROR meetings: all is lost\r\nid_token=eyJhbGciOiJSUzI1NiJ9.secret"


@pytest.mark.parametrize(
    "token",
    [
        (400, {"error": "invalid_grant", "error_description": FORGED}),
        (200, {"id_token": FORGED}),
        (200, {"access_token": "a" + FORGED, "id_token": FORGED, "expires_in": FORGED}),
        (200, ["access_token"]),
        (200, "access_token"),
        (200, None),
    ],
    ids=range(6),
)
def test_the_log_holds_no_secret_and_no_line_of_the_servers(
    there: Provider, mario: User, browser: Client, caplog: pytest.LogCaptureFixture, token: Any
) -> None:
    there.token = token
    back = there.authorise(browser.post(BEGIN)["Location"])
    assert browser.get(back).status_code == 403
    failed = [record.getMessage() for record in caplog.records if record.name == "frontend.oidc"]
    assert len(failed) == 1 and failed[0].startswith(f"sign-in with {there.issuer} failed: ")
    code, state = (back.partition(f"{name}=")[2].partition("&")[0] for name in ("code", "state"))
    for secret in ("eyJ", "all is lost", "\n", code, state, SECRET):
        assert secret not in failed[0]


@pytest.mark.parametrize("config", [{"issuer": FORGED}, {"token_endpoint": "https://evil.example" + FORGED}, {"jwks_uri": "x" * 9000}])
def test_what_it_says_of_itself_is_one_short_line_there(
    there: Provider, browser: Client, caplog: pytest.LogCaptureFixture, config: dict[str, Any]
) -> None:
    there.config = config
    assert browser.post(BEGIN).status_code == 503
    [failed] = [record.getMessage() for record in caplog.records if record.name == "frontend.oidc"]
    assert failed.count("\n") == failed.count("\r") == 0 and len(failed) < 300


def test_a_server_that_is_gone_before_the_answer_comes_back_is_a_page(there: Provider, mario: User, browser: Client) -> None:
    linked(mario, there)
    back = there.authorise(browser.post(BEGIN)["Location"])
    there.broken = True
    assert browser.get(back).status_code == 503
    assert user_of(browser) is None


def test_linking_takes_a_sign_in_of_the_last_minutes(there: Provider, mario: User, browser: Client) -> None:
    signed_in(browser, mario)
    with clock.at(clock.now() + timedelta(minutes=15)):
        sent = browser.post(LINK)
    assert (sent.status_code, sent["Location"]) == (303, "/en/accounts/login/again/?next=%2Fen%2Fme%2Fidentities%2Flink%2F")
    assert there.asked == []


def test_without_a_server_there_is_nothing(db: None, browser: Client, mario: User) -> None:
    assert browser.post(BEGIN).status_code == 404
    assert browser.get("/oidc/callback/?code=1&state=2").status_code == 404
    signed_in(browser, mario)
    assert browser.get(OWN).status_code == 404
    assert browser.post(LINK).status_code == 404
    assert "login/oidc/" not in Client().get(SIGN_IN).content.decode()
