"""System checks: ways to run Raccordo that would lose data, stall, or open the demo to strangers stop the start."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
SQLITE = "django.db.backends.sqlite3"


def _database() -> Mapping[str, Any]:
    found: Mapping[str, Any] = settings.DATABASES["default"]
    return found


def one_process_on_sqlite(**kwargs: Any) -> list[CheckMessage]:
    """SQLite takes one writer at a time, and the live hub of a process knows nothing of another's."""
    processes = os.environ.get("WEB_CONCURRENCY", "").strip()
    if _database()["ENGINE"] != SQLITE or processes in ("", "1"):
        return []
    hint = "Unset WEB_CONCURRENCY, or name PostgreSQL in DATABASE_URL and Redis in REDIS_URL."
    return [Error(f"SQLite serves one web process, and WEB_CONCURRENCY is “{processes}”.", hint=hint, id="raccordo.E010")]


def pubsub_channel_layer(**kwargs: Any) -> list[CheckMessage]:
    """`channels_redis.core` queues messages and drops them when a reader is slow; a layer in memory reaches no other process."""
    layers: Mapping[str, Mapping[str, Any]] = getattr(settings, "CHANNEL_LAYERS", None) or {}
    backends = {name: str(layer.get("BACKEND", "")) for name, layer in layers.items()}
    lossy = [name for name, backend in backends.items() if backend.startswith("channels_redis.core")]
    found = [f"The channel layer “{name}” is Redis' core layer, which loses messages." for name in lossy]
    if settings.REDIS_URL and not lossy and backends.get("default") != PUBSUB:
        found.append("REDIS_URL is set, and the default channel layer is not Redis' pubsub layer: processes would not hear of each other.")
    return [Error(text, hint=f"Use {PUBSUB}.", id="raccordo.E011") for text in found]


def no_kept_connections(**kwargs: Any) -> list[CheckMessage]:
    """Under ASGI each thread would keep a connection of its own for ever."""
    if _database().get("CONN_MAX_AGE", 0) == 0:
        return []
    hint = "Take conn_max_age out of DATABASE_URL; to save connections put a pooler before PostgreSQL."
    return [Error("CONN_MAX_AGE is not 0: under ASGI the kept connections are never closed.", hint=hint, id="raccordo.E012")]


def durable_sqlite(**kwargs: Any) -> list[CheckMessage]:
    """What is acknowledged must be on the disk, readers must not block, and a write must not fail half way for the lock."""
    if _database()["ENGINE"] != SQLITE:
        return []
    options = _database().get("OPTIONS", {})
    pragmas = str(options.get("init_command", "")).replace(" ", "").upper()
    wanted = {
        "journal_mode=WAL": "JOURNAL_MODE=WAL" in pragmas,
        "synchronous=FULL": "SYNCHRONOUS=FULL" in pragmas or "SYNCHRONOUS=EXTRA" in pragmas,
        "transaction_mode IMMEDIATE": str(options.get("transaction_mode", "")).upper() == "IMMEDIATE",
    }
    missing = ", ".join(name for name, present in wanted.items() if not present)
    hint = "Set them in DATABASES['default']['OPTIONS'], as coordination/settings.py does."
    return [Error(f"SQLite is opened without {missing}.", hint=hint, id="raccordo.E013")] if missing else []


def demo_at_home(**kwargs: Any) -> list[CheckMessage]:
    """In the demo anyone signs in as anyone by one click: it must not have an address that others reach."""
    if not settings.DEMO:
        return []
    hosts = {str(urlsplit(settings.BASE_URL).hostname), *settings.ALLOWED_HOSTS}
    foreign = ", ".join(sorted(host for host in hosts if host.lower() not in LOOPBACK))
    hint = "Unset DEMO to serve others, or leave BASE_URL and ALLOWED_HOSTS at 127.0.0.1."
    return [Error(f"DEMO is on, and the site would answer to {foreign}.", hint=hint, id="raccordo.E014")] if foreign else []


ALL = (one_process_on_sqlite, pubsub_channel_layer, no_kept_connections, durable_sqlite, demo_at_home)
