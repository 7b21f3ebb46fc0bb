"""Whatever is sent, the answer is one of ours: never a server error, always a problem document when it is refused."""

import json
import os
import re
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.schema import FILE
from tests.access_matrix import SCENES, Row, Scene
from tests.access_matrix_api import ROWS
from tests.factories import World
from tests.hostile import PROGRAMS
from tests.test_access_matrix import address, client_of, version

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
LONGEST = 2.0
"""Seconds of computing that an answer may take."""
DESCRIBED = json.loads(FILE.read_text(encoding="utf-8"))
WRITES = [row for row in ROWS if row.body != "upload" and row.method in ("POST", "PUT", "PATCH") and "<path:path>" not in row.path]
FUZZED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    database=None,
)


@pytest.fixture(autouse=True)
def _nothing_is_smoothed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the database had to refuse is a check that is missing."""

    def raise_it(error: Exception) -> None:
        raise error

    monkeypatch.setattr("api.errors._failure", raise_it)


def described(row: Row) -> dict[str, Any]:
    """The row's operation."""
    return DESCRIBED["paths"]["/" + re.sub(r"<\w+:(\w+)>", r"{\1}", row.path)][row.method.lower()]


def names(row: Row) -> list[str]:
    """The fields that the route takes."""
    for part in described(row).get("requestBody", {}).get("content", {}).values():
        component = part["schema"]["$ref"].rpartition("/")[2]
        return sorted(DESCRIBED["components"]["schemas"][component].get("properties", {}))
    return []


def values(scene: Scene) -> st.SearchStrategy[Any]:
    """Anything JSON can hold, and much that is nearly right."""
    known = [str(thing.pk) for thing in scene.things.values()]
    nearly = [
        *known,
        *("2026-02-30", "0001-01-01", "9999-12-31", "2027-01-01", "25:00", "02:30", "09:00", "Europe/Rome", "Europe/../etc", "1/0", "1/3"),
        *("yes", "draft", "substitute", "shift", "drop", "reopen", "spokesperson", "new_point", "all", "http://[", "javascript:x"),
        *PROGRAMS,
    ]
    numbers = st.sampled_from([0, 1, -1, 6, 7, 255, 32767, 32768, 2**31, 2**53, 2**63, 10**40, 0.5, -0.0, 1e308])
    plain = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(nearly), st.text(max_size=30))
    keys = st.sampled_from(["id", "label", "from", "until", "name", "email", "municipalities", "population", ""])
    return st.recursive(plain, lambda part: st.one_of(st.lists(part, max_size=4), st.dictionaries(keys, part, max_size=4)), max_leaves=8)


def sent(client: Client, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
    cache.clear()
    started = time.thread_time()
    with transaction.atomic():
        response = client.generic(method, path, body, content_type="application/json", headers=headers)
        transaction.set_rollback(True)
    assert time.thread_time() - started < LONGEST
    return response


def assert_ours(response: Any) -> None:
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["code"]


@pytest.mark.parametrize("name", sorted({row.scene for row in WRITES}))
def test_no_body_is_a_server_error(world: World, name: str) -> None:
    scene = SCENES[name](world)
    for row in (row for row in WRITES if row.scene == name):
        _fuzz_body(row, scene, client_of(scene, _who_may(row)))


def _who_may(row: Row) -> str:
    """A caller whose request gets as far as possible."""
    callers = [caller for caller in ("coordinator", "chair", "own") if row.expected[caller] not in (403, 404)]
    return next((caller for caller in callers if row.expected[caller] < 400), callers[0])


def _fuzz_body(row: Row, scene: Scene, client: Client) -> None:
    right = row.body(scene) if callable(row.body) else dict(row.body or {})
    fields = st.sampled_from(names(row) or ["x"])
    headers = {"If-Match": str(version(row, scene))} if row.edit else {}
    path = address(row, scene)

    @FUZZED
    @given(changed=st.dictionaries(fields, values(scene), max_size=3), whole=st.booleans())
    def ask(changed: dict[str, Any], whole: bool) -> None:
        body = json.dumps(changed if whole else {**right, **changed}, default=str).encode()
        assert_ours(sent(client, row.method, path, body, headers))

    ask()


@pytest.mark.parametrize("path", ["networks/home/meetings/", "networks/home/action-items/", "networks/home/memberships/"])
def test_no_query_is_a_server_error(world: World, path: str) -> None:
    scene = SCENES["closed"](world)
    client = client_of(scene, "observer")
    words = st.sampled_from(["from", "to", "state", "owner", "overdue", "limit", "cursor", "format"])
    wild = st.one_of(values(scene).map(str), st.text(max_size=20))

    @FUZZED
    @given(query=st.dictionaries(words, wild, max_size=4))
    def ask(query: dict[str, str]) -> None:
        cache.clear()
        clean = {name: text.encode("utf-8", "replace").decode() for name, text in query.items()}
        assert_ours(client.get(f"/api/v1/{path}", clean))

    ask()


@pytest.mark.parametrize("header", ["If-Match", "Idempotency-Key", "Authorization", "Accept-Language", "Accept", "Content-Type"])
def test_no_header_is_a_server_error(world: World, header: str) -> None:
    scene = SCENES["scheduled"](world)
    client = client_of(scene, "coordinator")

    @FUZZED
    @given(text=st.one_of(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from(["a,b;q=x", "x" * 9000, "Bearer \x00"])))
    def ask(text: str) -> None:
        cache.clear()
        with transaction.atomic():
            body = b'{"name": "New"}'
            headers = {"If-Match": "1", header: text}
            kind = headers.pop("Content-Type", "application/json")
            response = client.generic("PATCH", "/api/v1/networks/home/", body, content_type=kind, headers=headers)
            transaction.set_rollback(True)
        assert_ours(response)

    ask()
