from typing import Any

import pytest
from pytest_django import Settings

from api.realtime.origins import is_ours


def handshake(origin: str | None, host: str = "raccordo.example", *, client: Any = ("10.0.0.7", 1), **more: str) -> dict[str, Any]:
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    return {"headers": headers + [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()], "client": client}


@pytest.fixture
def site(settings: Settings) -> Settings:
    settings.DEMO = False
    settings.HTTPS = True
    settings.BASE_URL = "https://raccordo.example"
    settings.ALLOWED_HOSTS = ["raccordo.example", "[::1]", "alias.example"]
    return settings


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("https://raccordo.example", "raccordo.example", True),
        ("https://RACCORDO.example", "raccordo.example", True),
        ("https://raccordo.example", "127.0.0.1:8000", True),  # a proxy that does not pass the Host on
        ("https://alias.example", "alias.example", True),
        ("https://[::1]:8000", "[::1]:8000", True),
        ("http://raccordo.example", "raccordo.example", False),
        ("https://raccordo.example:444", "raccordo.example", False),
        ("https://raccordo.example.evil.example", "raccordo.example", False),
        ("https://evil.example", "evil.example", False),  # DNS rebinding
        ("https://evil.example", "raccordo.example", False),
        ("https://raccordo.example@evil.example", "raccordo.example", False),
        ("https://raccordo.example/", "raccordo.example", False),
        ("null", "raccordo.example", False),
        ("", "raccordo.example", False),
        (None, "raccordo.example", False),
        ("https://[", "raccordo.example", False),
        ("ws://raccordo.example", "raccordo.example", False),
    ],
)
def test_whose_page_it_is(site: Settings, origin: str | None, host: str, ours: bool) -> None:
    assert is_ours(handshake(origin, host)) is ours


def test_two_origins_are_none(site: Settings) -> None:
    twice = handshake("https://raccordo.example")
    twice["headers"].append((b"origin", b"https://raccordo.example"))
    assert not is_ours(twice)


@pytest.mark.parametrize(
    ("host", "client", "more", "ours"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 5), {}, True),
        ("localhost:8000", ("::1", 5), {}, True),
        ("127.0.0.1:8000", ("10.0.0.7", 5), {}, False),
        ("raccordo.example", ("127.0.0.1", 5), {}, False),
        ("127.0.0.1:8000", ("127.0.0.1", 5), {"x_forwarded_for": "10.0.0.7"}, False),
        ("127.0.0.1:8000", ("127.0.0.1", 5), {"via": "1.1 proxy"}, False),
    ],
)
def test_the_demo_is_for_this_machine(site: Settings, host: str, client: Any, more: dict[str, str], ours: bool) -> None:
    site.DEMO, site.HTTPS, site.ALLOWED_HOSTS = True, False, ["*"]
    assert is_ours(handshake(f"http://{host}", host, client=client, **more)) is ours
