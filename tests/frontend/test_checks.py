"""The system checks, each both ways: what must not start is named with a way out, what may is let through."""

from copy import deepcopy
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.checks.registry import registry
from pytest_django import Settings

from frontend import checks

GOOD_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "x.sqlite3",
    "CONN_MAX_AGE": 0,
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
}
POSTGRES: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "CONN_MAX_AGE": 0}


@pytest.fixture(autouse=True)
def sqlite(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    database = deepcopy(GOOD_SQLITE)
    monkeypatch.setitem(settings.DATABASES, "default", database)
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    return database


def ids(found: list[CheckMessage]) -> list[str | None]:
    assert all(message.hint and message.level == 40 for message in found)
    return [message.id for message in found]


def test_all_are_registered() -> None:
    assert set(checks.ALL) <= registry.registered_checks


def test_a_good_installation_passes() -> None:
    assert [message for check in checks.ALL for message in check()] == []


@pytest.mark.parametrize(("processes", "refused"), [("", False), ("1", False), ("2", True), ("16", True), ("many", True)])
def test_sqlite_serves_one_process(monkeypatch: pytest.MonkeyPatch, settings: Settings, processes: str, refused: bool) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", processes)
    assert ids(checks.one_process_on_sqlite()) == ["raccordo.E010"] * refused
    monkeypatch.setitem(settings.DATABASES, "default", POSTGRES)
    assert ids(checks.one_process_on_sqlite()) == []


@pytest.mark.parametrize(
    ("backend", "refused"),
    [
        ("channels_redis.core.RedisChannelLayer", True),
        ("channels_redis.pubsub.RedisPubSubChannelLayer", False),
        ("channels.layers.InMemoryChannelLayer", False),
    ],
)
def test_the_channel_layer_is_pubsub(settings: Settings, backend: str, refused: bool) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}}
    assert ids(checks.pubsub_channel_layer()) == ["raccordo.E011"] * refused


@pytest.mark.parametrize(
    ("backend", "refused"),
    [
        ("channels_redis.core.RedisChannelLayer", True),
        ("channels_redis.pubsub.RedisPubSubChannelLayer", False),
        ("channels.layers.InMemoryChannelLayer", True),
        (None, True),
    ],
)
def test_with_redis_the_processes_hear_of_each_other(settings: Settings, backend: str | None, refused: bool) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}} if backend else {}
    assert ids(checks.pubsub_channel_layer()) == ["raccordo.E011"] * refused


def test_no_channel_layer_at_all(settings: Settings) -> None:
    settings.CHANNEL_LAYERS, settings.REDIS_URL = {}, ""
    assert checks.pubsub_channel_layer() == []


@pytest.mark.parametrize(("age", "refused"), [(0, False), (60, True), (None, True)])
def test_connections_are_not_kept(sqlite: dict[str, Any], age: int | None, refused: bool) -> None:
    sqlite["CONN_MAX_AGE"] = age
    assert ids(checks.no_kept_connections()) == ["raccordo.E012"] * refused


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, "journal_mode=WAL, synchronous=FULL, transaction_mode IMMEDIATE"),
        ({"init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL"}, "journal_mode=WAL"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}, "synchronous=FULL"),
        ({"transaction_mode": "DEFERRED"}, "transaction_mode IMMEDIATE"),
        ({"transaction_mode": None}, "transaction_mode IMMEDIATE"),
        ({"init_command": "pragma JOURNAL_MODE = wal; pragma synchronous = extra"}, None),
    ],
)
def test_sqlite_is_durable(sqlite: dict[str, Any], options: dict[str, Any], missing: str | None) -> None:
    sqlite["OPTIONS"] = {**sqlite["OPTIONS"], **options} if options else {}
    found = checks.durable_sqlite()
    assert ids(found) == (["raccordo.E013"] if missing else [])
    assert missing is None or missing in found[0].msg


def test_postgresql_needs_no_pragma(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setitem(settings.DATABASES, "default", POSTGRES)
    assert checks.durable_sqlite() == []


@pytest.mark.parametrize(
    ("address", "hosts", "foreign"),
    [
        ("http://127.0.0.1:8000", ["127.0.0.1", "localhost", "[::1]"], None),
        ("http://localhost:8000", ["LOCALHOST"], None),
        ("https://raccordo.example.org", ["127.0.0.1"], "raccordo.example.org"),
        ("http://127.0.0.1:8000", ["127.0.0.1", "*"], "*"),
        ("http://127.0.0.1:8000", [".example.org"], ".example.org"),
        ("http://0.0.0.0:8000", ["127.0.0.1"], "0.0.0.0"),  # noqa: S104
        ("http://192.168.1.20", ["127.0.0.1"], "192.168.1.20"),
    ],
)
def test_the_demo_stays_at_home(settings: Settings, address: str, hosts: list[str], foreign: str | None) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS, settings.DEMO = address, hosts, True
    found = checks.demo_at_home()
    assert ids(found) == (["raccordo.E014"] if foreign else [])
    assert foreign is None or foreign in found[0].msg
    settings.DEMO = False
    assert checks.demo_at_home() == []
