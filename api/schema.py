"""The interface's description in OpenAPI: how views state what they take and give, and the committed file.

`python -m api` writes `api/openapi.json` anew; a test fails while the file and the code differ.
"""

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers

FILE = Path(__file__).with_name("openapi.json")
Kind = type[serializers.Serializer[Any]]
View = TypeVar("View", bound=Callable[..., Any])

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The version that is being changed, such as 3. Stale: 412."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Kept 7 days: the same key and body returns the first answer."
)
LIMIT = OpenApiParameter("limit", int, description="How many at most; 50 unless given, at most 500.")
CURSOR = OpenApiParameter("cursor", str, description="From `next` of the page before.")


class Problem(serializers.Serializer[Any]):
    """RFC 9457. `code` is stable; `detail` is in the caller's language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="by field"
    )
    current = serializers.DictField(required=False, help_text="the object as it now is, with 409 and 412")


PROBLEM = {("4XX", "application/problem+json"): OpenApiResponse(Problem, description="A refusal")}


class Schema(AutoSchema):
    """Names operations and groups them by the module that holds their view."""

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.rpartition(".")[2].replace("_", " ")]

    def get_description(self) -> str:  # type: ignore[override]
        """What the view's own method says, if anything."""
        return inspect.getdoc(getattr(type(self.view), getattr(self.view, "action", self.method), None)) or ""

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Lists say themselves what a page looks like: see `lists`."""
        return False

    def get_operation_id(self) -> str:
        return f"{type(self.view).__name__}_{getattr(self.view, 'action', self.method)}".lower()


def reads(gives: Kind, *, query: Kind | None = None) -> Callable[[View], View]:
    """A view that answers with one object."""
    return extend_schema(parameters=[query] if query else [], responses={200: gives, **PROBLEM})


def lists(gives: Kind, *, query: Kind | None = None, page: Kind | None = None) -> Callable[[View], View]:
    """A view that answers with pages of objects. `page`: what a page looks like that says more than its objects."""
    parameters: list[Any] = [LIMIT, CURSOR, *([query] if query else [])]
    return extend_schema(parameters=parameters, responses={200: page or _page_of(gives), **PROBLEM}, filters=False)


def writes(
    gives: Kind | None, *, takes: Any = None, status: int = 200, edit: bool = False, previews: Kind | None = None
) -> Callable[[View], View]:
    """A view that changes something; an `edit` names the version that it changes. `previews`: what a dry run answers with, 200."""
    parameters = [IDEMPOTENCY_KEY, *([IF_MATCH] if edit else [])]
    return extend_schema(parameters=parameters, request=takes, responses={**_answers(gives, status, previews), **PROBLEM})


def _answers(gives: Kind | None, status: int, previews: Kind | None) -> dict[int, Any]:
    if previews is None or gives is None:
        return {status: gives}
    if status != 200:
        return {200: previews, status: gives}
    name = f"{gives.__name__}OrPreview"
    return {200: PolymorphicProxySerializer(component_name=name, serializers=[gives, previews], resource_type_field_name=None)}


def gives_file(content_types: Sequence[str], *, query: Kind | None = None) -> Callable[[View], View]:
    """A view that answers with a file."""
    files = {(200, content_type): bytes for content_type in content_types}
    return extend_schema(parameters=[query] if query else [], responses={**files, **PROBLEM})


_pages: dict[Kind, Kind] = {}


def _page_of(kind: Kind) -> Kind:
    if kind not in _pages:
        fields = {"results": kind(many=True), "next": serializers.URLField(allow_null=True), "__doc__": "One page of a list."}
        _pages[kind] = type(f"{kind.__name__}Page", (serializers.Serializer,), fields)
    return _pages[kind]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.Token"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def generated() -> str:
    """The description as the code now has it."""
    generator: Any = SchemaGenerator
    return json.dumps(generator().get_schema(request=None, public=True), indent=1, ensure_ascii=False) + "\n"
