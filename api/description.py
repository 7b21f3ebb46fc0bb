"""`schema/` and `docs/`: the interface's description, for programs and for people."""

import json
from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest
from api.schema import FILE
from meetings.errors import nothing_here


@cache
def _text() -> str:
    return FILE.read_text(encoding="utf-8")


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The committed file, which a test holds equal to the code."""
    response = HttpResponse(_text(), content_type="application/vnd.oai.openapi+json; charset=utf-8")
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


class Operation(NamedTuple):
    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    takes: list[tuple[str, str]]
    gives: list[tuple[str, str]]
    """Kind, and as what or with which status."""


class Component(NamedTuple):
    name: str
    summary: str
    fields: list[tuple[str, str, str]]
    """Name, kind, and what there is to say of it."""


def _kind(part: dict[str, Any]) -> str:
    """A schema in a few words: `[MeetingObject]`, `string (uuid) or null`, `"a" | "b"`."""
    if reference := part.get("$ref"):
        return str(reference).rpartition("/")[2]
    if "enum" in part:
        return " | ".join(json.dumps(value) for value in part["enum"])
    for union in ("oneOf", "anyOf", "allOf"):
        if union in part:
            return " or ".join(_kind(choice) for choice in part[union])
    kinds = part.get("type", "any")
    if kinds == "array":
        return f"[{_kind(part.get('items', {}))}]"
    name = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{name} ({part['format']})" if "format" in part else name


def _bodies(content: dict[str, Any]) -> list[tuple[str, str]]:
    return [(_kind(part.get("schema", {})), content_type) for content_type, part in content.items()]


@cache
def _contents() -> dict[str, Any]:
    """What the page shows, by group."""
    described = json.loads(_text())
    groups: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    components = [_component(name, part) for name, part in sorted(described["components"]["schemas"].items())]
    return {
        "info": described["info"],
        "groups": sorted(groups.items()),
        "components": components,
        "names": set(described["components"]["schemas"]),
    }


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    answers = [(status, answer) for status, answer in operation["responses"].items() if status != "4XX"]
    gives = [(kind, f"{status}, {form}") for status, answer in answers for kind, form in _bodies(answer.get("content", {}))]
    takes = _bodies(operation.get("requestBody", {}).get("content", {}))
    return Operation(method.upper(), path, operation.get("description", ""), operation.get("parameters", []), takes, gives)


def _component(name: str, part: dict[str, Any]) -> Component:
    required = set(part.get("required", []))
    fields = [
        (field, _kind(value), " ".join(filter(None, ["" if field in required else "optional", value.get("description", "")])))
        for field, value in part.get("properties", {}).items()
    ]
    return Component(name, part.get("description", ""), fields)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same as a page without any script, so that the site's content security policy holds for it as it is."""
    return render(request, "api/docs.html", _contents())


class Nothing(Rest):
    """Whatever else is asked for below this address."""

    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def nothing(self, request: Request, path: str) -> Response:
        raise nothing_here()
