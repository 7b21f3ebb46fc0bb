"""The description: committed, complete, without warnings, and readable without a script."""

import json
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from jsonschema import Draft202012Validator

from api import schema
from tests.access_matrix import SCENES
from tests.access_matrix_api import ROWS
from tests.factories import World
from tests.test_access_matrix import ask, client_of

pytestmark = pytest.mark.one_database  # what answers look like is decided in Python


def test_the_committed_description_equals_the_code() -> None:
    GENERATOR_STATS.reset()
    assert json.loads(schema.generated()) == json.loads(schema.FILE.read_text(encoding="utf-8")), "run python -m api"
    assert not GENERATOR_STATS


def test_every_route_is_described() -> None:
    described = json.loads(schema.FILE.read_text(encoding="utf-8"))["paths"]
    routes = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{pattern.pattern}") for pattern in _patterns()}

    assert routes - set(described) == {"/api/v1/schema/", "/api/v1/docs/", "/api/v1/{path}"}


def _patterns() -> list[object]:
    for entry in get_resolver().url_patterns:
        if str(entry.pattern) == "api/v1/":
            return list(entry.url_patterns)
    raise AssertionError("there is no api/v1/")


def test_each_operation_has_a_name_of_its_own() -> None:
    described = json.loads(schema.FILE.read_text(encoding="utf-8"))["paths"]
    names = [operation["operationId"] for methods in described.values() for operation in methods.values()]

    assert len(names) == len(set(names))


def test_it_is_served_to_anybody_as_it_is_committed(client: Client) -> None:
    response = client.get("/api/v1/schema/")

    assert response.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert response.content.decode() == schema.FILE.read_text(encoding="utf-8")
    assert response.json()["openapi"].startswith("3.1")


def test_the_page_for_people_needs_no_script(client: Client) -> None:
    response = client.get("/api/v1/docs/")
    page = response.content.decode()

    assert response.status_code == 200
    assert "<script" not in page and "style=" not in page and "http://" not in page
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert page.count("<h3>") >= 80
    assert not [name for name in re.findall(r'href="#([^"]+)"', page) if f'id="{name}"' not in page]
    assert "POST /api/v1/meetings/{id}/publish-agenda/" in page


@pytest.mark.parametrize("name", SCENES)
def test_answers_are_as_they_are_described(world: World, name: str) -> None:
    """Every row of the matrix that is allowed, against its schema."""
    scene, described = SCENES[name](world), json.loads(schema.FILE.read_text(encoding="utf-8"))
    wrong = []
    for row in (row for row in ROWS if row.scene == name):
        operation = described["paths"].get("/" + re.sub(r"<\w+:(\w+)>", r"{\1}", row.path), {}).get(row.method.lower())
        for caller in (caller for caller in ("coordinator", "own") if operation and row.expected[caller] < 400):
            cache.clear()
            status, shown = ask(client_of(scene, caller), row, scene)
            content = operation["responses"][str(status)]["content"]
            if "application/json" in content:
                checked = {**content["application/json"]["schema"], "components": described["components"]}
                problems = Draft202012Validator(checked).iter_errors(json.loads(shown))
                wrong += [f"{row.method} {row.path}: {problem.json_path} {problem.message}" for problem in problems]

    assert wrong == []


def test_edits_say_that_they_need_a_version() -> None:
    """But attendance, which many rows are: its correction says from which intervals it was made."""
    described = json.loads(schema.FILE.read_text(encoding="utf-8"))["paths"]
    for path, methods in described.items():
        if "patch" in methods and not path.endswith("/attendance/"):
            assert "If-Match" in {parameter["name"] for parameter in methods["patch"]["parameters"]}, path
