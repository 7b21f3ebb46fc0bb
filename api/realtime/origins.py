"""Which pages may open a socket: our own. Browsers send cookies along whoever asks, so the Origin header decides (CWE-1385)."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via")


def is_ours(scope: dict[str, Any]) -> bool:
    """Whether the handshake comes from a page of this installation; without an Origin, or with `null`, it does not."""
    headers = scope["headers"]
    if settings.DEMO and not _stays_here(scope):
        return False
    origins, hosts = _all(headers, b"origin"), _all(headers, b"host")
    return len(origins) == 1 and len(hosts) == 1 and _matches(origins[0].lower(), hosts[0].lower())


def _matches(origin: str, host: str) -> bool:
    try:
        address = urlsplit(origin)
    except ValueError:
        return False
    if origin == _origin_of(settings.BASE_URL):
        return True
    plain = origin == f"{address.scheme}://{address.netloc}" and address.scheme in (("https",) if settings.HTTPS else ("http", "https"))
    return plain and address.netloc == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def _origin_of(url: str) -> str:
    address = urlsplit(url.lower())
    return f"{address.scheme}://{address.netloc}"


def _all(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _stays_here(scope: dict[str, Any]) -> bool:
    """The demo serves this machine alone, and a proxy on it looks like this machine."""
    host = split_domain_port("".join(_all(scope["headers"], b"host")).lower())[0]
    proxied = any(name.lower() in FORWARDED for name, _value in scope["headers"])
    return host in settings.LOCAL_HOSTS and not proxied and _is_loopback(scope.get("client"))


def _is_loopback(client: Any) -> bool:
    return not client or ip_address(str(client[0])).is_loopback
