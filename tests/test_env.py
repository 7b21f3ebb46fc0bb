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
