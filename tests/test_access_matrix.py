"""Every route × every method × nine kinds of caller. A route that stands in no row fails; a method that stands in none answers 405."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

from tests import access_matrix_api, access_matrix_pages
from tests.access_matrix import CALLERS, PDF, SCENES, Row, Scene
from tests.conftest import BACKEND
from tests.factories import World

pytestmark = pytest.mark.one_database  # who may what is decided in Python

THROTTLED = 20  # rows: what a caller asks for in fewer is never too much
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SECRETS = (b"canary-home", b"Town 001 home", b"Rita Representative", b"Network home")
"""What only the members of `home` may see."""
ROWS = [*access_matrix_api.ROWS, *access_matrix_pages.ROWS]


def paths(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address the resolver knows, as it is written there."""
    for entry in (resolver or get_resolver()).url_patterns:
        own = "{language}/" if isinstance(entry.pattern, LocalePrefixPattern) else str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from paths(entry, prefix + own)
        else:
            yield prefix + own, entry


def address(row: Row, scene: Scene) -> str:
    """The path with the scene's values in it."""
    path = row.path.replace("{language}", "en")
    for bracket in (part.partition(">")[0] for part in row.path.split("<")[1:]):
        path = path.replace(f"<{bracket}>", str(value(row, scene, bracket.rpartition(":")[2])))
    return f"/{path}"


def value(row: Row, scene: Scene, name: str) -> Any:
    if name in row.kwargs:
        found = row.kwargs[name]
        return found(scene) if callable(found) else found
    if name == "slug":
        return scene.network.slug
    if row.path.startswith("api/v1/meetings/") and name == "id":
        return scene.meeting.pk
    plain = name.removesuffix("_id")
    return getattr(scene, plain if plain in scene.things else row.target).pk


def version(row: Row, scene: Scene) -> int:
    return scene.meeting.running_order_version if row.target == "running_order" else getattr(scene, row.target).version


def ask(client: Client, row: Row, scene: Scene) -> Any:
    """One cell: the request, rolled back."""
    headers = {"If-Match": f'"{version(row, scene)}"'} if row.edit else {}
    content_type, data = body(row, scene)
    with transaction.atomic():
        response = client.generic(row.method, address(row, scene), data, content_type=content_type, headers=headers)
        shown = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, shown


def body(row: Row, scene: Scene) -> tuple[str, bytes]:
    if row.body == "upload":
        return MULTIPART_CONTENT, encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("more.pdf", PDF)})
    sent = row.body(scene) if callable(row.body) else row.body
    if row.form:
        return MULTIPART_CONTENT, encode_multipart(BOUNDARY, sent or {})
    return "application/json", json.dumps(sent or {}, cls=DjangoJSONEncoder).encode() if row.method != "GET" else b""


def client_of(scene: Scene, caller: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    user = scene.caller(caller)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def test_every_route_stands_in_the_matrix() -> None:
    known = {row.path for row in ROWS}
    routes = {path for path, _pattern in paths()}

    assert sorted(routes - known) == []
    assert sorted(known - routes) == []


def test_every_row_names_a_status_for_every_caller() -> None:
    assert [row for row in ROWS if len(row.expected) != len(CALLERS)] == []


@pytest.mark.parametrize("name", SCENES)
def test_each_caller_gets_the_answer_that_stands_in_the_matrix(world: World, name: str) -> None:
    scene = SCENES[name](world)
    clients = {caller: client_of(scene, caller) for caller in CALLERS}
    wrong, leaks = [], []
    for number, row in enumerate(row for row in ROWS if row.scene == name):
        if number % THROTTLED == 0:
            cache.clear()
        for caller, expected in row.expected.items():
            status, shown = ask(clients[caller], row, scene)
            if status != expected:
                wrong.append(f"{row.method} {row.path} [{row.target}] {caller}: {status}, not {expected}: {shown[:200]!r}")
            if caller in ("anonymous", "stranger") and any(secret in shown for secret in SECRETS):
                leaks.append(f"{row.method} {row.path} {caller}")

    assert wrong == []
    assert leaks == []


def test_a_method_that_stands_in_no_row_is_refused(world: World) -> None:
    scene = SCENES["scheduled"](world)
    scene.things = defaultdict(lambda: scene.meeting, scene.things)  # any id will do
    coordinator = client_of(scene, "coordinator")
    known: dict[str, set[str]] = defaultdict(set)
    for row in ROWS:
        known[row.path].add(row.method)
    wrong = []
    for number, row in enumerate({row.path: row for row in ROWS}.values()):
        if number % THROTTLED == 0:
            cache.clear()
        for method in set(METHODS) - known[row.path]:
            unlisted = row._replace(method=method, body=None, edit=False)
            status, _shown = ask(coordinator, _anywhere(unlisted, scene), scene)
            if status != 405:
                wrong.append(f"{method} {row.path}: {status}")

    assert wrong == []


def _anywhere(row: Row, scene: Scene) -> Row:
    """Any id will do for a method that is refused before anything is looked up."""
    return row if row.target in scene.things else row._replace(target="meeting")
