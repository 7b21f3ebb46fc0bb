"""Typed reading of the environment. A malformed value stops the start with one clear line."""

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


def stop(name: str, problem: str) -> NoReturn:
    sys.exit(f"Raccordo cannot start: {name} {problem}")


def text(name: str, default: str = "") -> str:
    """`NAME`, or the contents of the file that `NAME_FILE` names."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            stop(f"{name}_FILE", f"cannot be read: {error.strerror}")
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return value in ("1", "true", "yes", "on") if value else default
    stop(name, f"must be 1 or 0, not “{value}”")


def address(name: str) -> str:
    """Where another server is, without a slash at the end; empty when none is named. Only this machine may do without TLS."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
    if value and not (safe and parts.hostname and not parts.query and not parts.fragment and not parts.username):
        stop(name, f"must be an address such as https://video.example.org, not “{value}”")
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def parsed(name: str, default: str, parse: Callable[[str], T], expected: str) -> T:
    """The value as `parse` makes it; `expected` says in words what is wanted."""
    value = text(name, default)
    try:
        return parse(value)
    except (ValueError, KeyError):
        stop(name, f"must be {expected}, not “{value}”")


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """A server that people may sign in with. Nothing else of it is fetched than what stands at `origins`."""

    issuer: str
    client_id: str
    secret: str
    name: str
    origins: tuple[str, ...]
    trusts_addresses: bool
    """Whether an address that the server calls verified shows, at the first sign-in, who somebody is."""

    @property
    def app(self) -> dict[str, Any]:
        """As allauth wants it. The issuer names it, so that a linked identity is (issuer, subject) and another issuer's is another."""
        settings = {"server_url": self.issuer, "oauth_pkce_enabled": True}
        names = {"provider_id": self.issuer, "name": self.name, "client_id": self.client_id, "secret": self.secret}
        return {**names, "settings": settings}


OIDC_NAMES = {f"OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME", "HOSTS", "TRUST_EMAIL")}


def openid_connect() -> OpenIdConnect | None:
    """`OIDC_*`; None when no issuer is named."""
    given = {name.removesuffix("_FILE") for name in os.environ if name.startswith("OIDC_") and os.environ[name]}
    for unknown in sorted(given - OIDC_NAMES):
        stop(unknown, f"is unknown: there are {', '.join(sorted(OIDC_NAMES))}")
    issuer = address("OIDC_ISSUER")
    if not issuer:
        return stop(min(given), "needs OIDC_ISSUER") if given else None
    if len(issuer) > 200:
        stop("OIDC_ISSUER", "must have 200 characters at most")
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not text(name):
            stop(name, "is needed with OIDC_ISSUER")
    parts = urlsplit(issuer)
    more = [_origin(host) for host in words("OIDC_HOSTS")]
    return OpenIdConnect(
        issuer=issuer,
        client_id=text("OIDC_CLIENT_ID"),
        secret=text("OIDC_CLIENT_SECRET"),
        name=text("OIDC_NAME")[:40] or str(parts.hostname),
        origins=(f"{parts.scheme}://{parts.netloc}", *more),
        trusts_addresses=flag("OIDC_TRUST_EMAIL", False),
    )


def _origin(host: str) -> str:
    parts = urlsplit(f"https://{host}")
    if not parts.hostname or parts.netloc != host.lower() or "@" in host or not host.isascii():
        stop("OIDC_HOSTS", f"must be host names such as login.example.org, not “{host}”")
    return f"https://{parts.netloc}"


def generated_secret(path: Path) -> str:
    """A random key kept in a private file, made at the first start of an embedded installation."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
