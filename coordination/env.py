"""Typed reading of the environment. A malformed value stops the start with one clear line."""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar
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


def generated_secret(path: Path) -> str:
    """A random key kept in a private file, made at the first start of an embedded installation."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
