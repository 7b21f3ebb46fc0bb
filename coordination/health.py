"""Whether this process lives, and whether it can serve. Both answer without a session and say nothing of what is inside."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_migrated = False


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, and Redis answers where one is configured; else 503, naming what is amiss."""
    checks: dict[str, Callable[[], bool]] = {"database": _database_answers, "migrations": _is_migrated}
    if settings.REDIS_URL:
        checks["redis"] = _redis_answers
    found = {name: "ok" if check() else "failed" for name, check in checks.items()}
    ready = set(found.values()) == {"ok"}
    return JsonResponse({"status": "ok" if ready else "failed", **found}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _is_migrated() -> bool:
    """Asked until it is true: a database is not migrated back under a running server."""
    global _migrated
    try:
        executor = None if _migrated else MigrationExecutor(connection)
        _migrated = executor is None or not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False
    return _migrated


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False
