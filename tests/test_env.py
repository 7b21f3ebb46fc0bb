"""What the environment may say of other servers."""

import pytest

from coordination import env


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", ""),
        ("https://jitsi.example.org/", "https://jitsi.example.org"),
        ("https://bbb.example.org:8443/bigbluebutton/", "https://bbb.example.org:8443/bigbluebutton"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address(monkeypatch: pytest.MonkeyPatch, value: str, found: str) -> None:
    monkeypatch.setenv("JITSI_URL", value)
    assert env.address("JITSI_URL") == found


@pytest.mark.parametrize(
    "value",
    ["jitsi.example.org", "http://jitsi.example.org", "https://", "https://me:secret@j.example.org", "https://j.example.org/?a=1", "//x"],
)
def test_what_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("JITSI_URL", value)
    with pytest.raises(SystemExit, match="JITSI_URL must be an address such as https"):
        env.address("JITSI_URL")


OIDC = {"OIDC_ISSUER": "https://login.example.org/realms/town/", "OIDC_CLIENT_ID": "raccordo", "OIDC_CLIENT_SECRET": "secret"}


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OIDC:
        monkeypatch.delenv(name, raising=False)
    assert env.openid_connect() is None


def test_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **OIDC)
    found = env.openid_connect()
    assert found
    assert (found.issuer, found.name, found.origins) == (
        "https://login.example.org/realms/town",
        "login.example.org",
        ("https://login.example.org",),
    )
    assert (found.app["provider_id"], found.trusts_addresses) == (found.issuer, False)
    given(monkeypatch, OIDC_NAME="Town login", OIDC_HOSTS="keys.example.org, tokens.example.org:8443", OIDC_TRUST_EMAIL="1")
    found = env.openid_connect()
    assert found and found.name == "Town login" and found.trusts_addresses
    assert found.origins[1:] == ("https://keys.example.org", "https://tokens.example.org:8443")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"OIDC_ISSUER": "http://login.example.org"}, "OIDC_ISSUER must be an address such as"),
        ({"OIDC_ISSUER": ""}, "needs OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example.org/" + "x" * 200}, "OIDC_ISSUER must have 200 characters at most"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is needed with OIDC_ISSUER"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET is needed with OIDC_ISSUER"),
        ({"OIDC_CLIENTID": "x"}, "OIDC_CLIENTID is unknown"),
        ({"OIDC_TRUST_EMAIL": "maybe"}, "OIDC_TRUST_EMAIL must be 1 or 0"),
        ({"OIDC_HOSTS": "https://keys.example.org"}, "OIDC_HOSTS must be host names"),
        ({"OIDC_HOSTS": "me@keys.example.org"}, "OIDC_HOSTS must be host names"),
        ({"OIDC_HOSTS": "keys.example.org/path"}, "OIDC_HOSTS must be host names"),
    ],
)
def test_what_makes_no_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], problem: str) -> None:
    given(monkeypatch, **{**OIDC, **values})
    with pytest.raises(SystemExit, match=problem):
        env.openid_connect()
