"""What every REST view shares: who acts in which network, bounded bodies, idempotent writes, versions, and cursor pages."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import ViewSet

from api.errors import PreconditionRequired, TooLarge
from api.parsers import Json, JsonOut
from api.schema import Schema
from api.throttles import Reads, Writes
from meetings.access import Actor
from meetings.events import idempotency
from meetings.network import selectors as network
from meetings.network.models import Network, User

Object = Mapping[str, Any]
Row = TypeVar("Row")
RowOfTable = TypeVar("RowOfTable", bound=Model)
VERSION = re.compile(r'(?:"(?P<quoted>[0-9]{1,9})"|(?P<bare>[0-9]{1,9}))')


class Pages(CursorPagination):
    """`?limit=&cursor=` → `{"results": […], "next": url|null}`."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
    ordering: tuple[str, ...] = ("id",)

    def rows(self, queryset: QuerySet[RowOfTable], request: Request) -> list[RowOfTable]:
        """This page's. Raises ParseError for a cursor that is none of ours."""
        try:
            return self.paginate_queryset(queryset, request) or []
        except (NotFound, ValidationError, ValueError, OverflowError, DataError):
            raise ParseError(_("This cursor is not one of ours.")) from None

    def envelope(self, results: list[Any]) -> dict[str, Any]:
        return {"results": results, "next": self.get_next_link()}


class AlwaysJson(BaseContentNegotiation):
    """Whatever `Accept` says: files have their own type, and a refusal must reach every program."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return DefaultContentNegotiation().select_parser(request, list(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type or ""


class Rest(ViewSet):
    """A view's methods resolve their ids, call one service or selector, and answer with its object and abilities."""

    schema = Schema()
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes: Sequence[type[BaseParser]] = (Json,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JsonOut,)
    throttle_classes: Sequence[type[BaseThrottle]] = (Reads, Writes)
    content_negotiation_class = AlwaysJson
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.read_body(request)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Who names no language is answered in the one they have chosen."""
        super().perform_authentication(request)
        if "Accept-Language" not in request.headers and request.user.is_authenticated:
            translation.activate(self.user.language)

    def read_body(self, request: Request) -> None:
        """Reads it whole before anything else does, so that its bytes can be compared with a later request's. Raises 413."""
        try:
            request._request.body  # noqa: B018 - reading it is what is wanted
        except RequestDataTooBig:
            raise TooLarge(_("This is too much at once.")) from None

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """One person's answers are kept by no cache that another reads from."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response

    # Who, and where

    @property
    def user(self) -> User:
        """Whoever is signed in: nothing in the request's body or address ever says who acts."""
        return cast(User, self.request.user)

    def actor(self, where: Network) -> Actor:
        """The person acting in that network. Raises NotFound to strangers."""
        return network.actor_for(self.user, where)

    def network(self, slug: str) -> tuple[Network, Actor]:
        """One of the person's networks, and them in it. Raises NotFound."""
        return network.acting_in(self.user, slug)

    # What was sent

    def sent(self, kind: type[serializers.Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The body, valid by `kind`; with `partial` only what was sent of it. Raises ValidationError (422)."""
        form = kind(data=self.request.data, partial=partial)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    def query(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The same for the part of the address after the question mark."""
        form = kind(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    @property
    def expected_version(self) -> int:
        """The version in `If-Match` (RFC 9110, 13.1.1), as "3" or bare. Raises 428 without one, 400 for anything else."""
        header = self.request.headers.get("If-Match", "").strip()
        if not header:
            raise PreconditionRequired
        found = VERSION.fullmatch(header)
        if found is None:
            raise ParseError(_("If-Match must be one version number, such as 3."))
        return int(found["quoted"] or found["bare"])

    # Answers

    def read(self, found: Object) -> Response:
        """An object, with its version as ETag."""
        return Response(found, headers=_etag(found))

    def write(self, act: Callable[[], Object], *, status: int = 200, secret: str = "", asked: Sequence[str | bytes] = ()) -> Response:
        """Runs `act` in a transaction, at most once for each Idempotency-Key, and answers with the object that it returns.

        `secret` names a field that the first answer has and a replay has not. `asked` stands for a body that is not JSON.
        Raises whatever `act` raises, and Conflict `idempotency_key_reused`.
        """
        shown: dict[str, Any] = {}

        def once() -> idempotency.Answer:
            found = dict(act())
            if secret:
                shown[secret] = found.pop(secret)
            return idempotency.Answer(status, json.dumps(found, cls=DjangoJSONEncoder))

        request = self.request
        parts = asked or self._asked()
        answer = idempotency.once(
            user_id=self.user.pk,
            key=request.headers.get("Idempotency-Key", ""),
            asked=idempotency.fingerprint(str(request.method), *parts),
            act=once,
        )
        found = json.loads(answer.text)
        headers = {**_etag(found), **({"Idempotent-Replayed": "true"} if answer.replayed else {})}
        return Response(found if answer.replayed else {**found, **shown}, status=answer.status, headers=headers)

    def _asked(self) -> tuple[str, bytes]:
        """Address and body, which must be JSON or nothing even where nothing of it is used. Raises 400, 415."""
        self.request.data  # noqa: B018 - parsing it is what is wanted
        return self.request.get_full_path(), self.request._request.body

    def page(self, rows: QuerySet[RowOfTable], as_object: Callable[[RowOfTable], Object], *, by: Sequence[str]) -> Response:
        """One page of a list that may be long. `by`: fields of the row, the last of them unique."""
        pages = Pages()
        pages.ordering = tuple(by)
        return Response(pages.envelope([as_object(row) for row in pages.rows(rows, self.request)]))

    def short_list(self, rows: Iterable[Row], as_object: Callable[[Row], Object], *, key: str = "id") -> Response:
        """One page of a list in an order of its own that one meeting bounds: the cursor is the last object's `key`."""
        pages, found = Pages(), [as_object(row) for row in rows]
        size, start = pages.get_page_size(self.request) or len(found), 0
        if cursor := self.request.query_params.get("cursor"):
            start = 1 + _place(found, key, cursor)
        shown = found[start : start + size]
        following = self.address(cursor=_cursor(shown[-1][key])) if start + size < len(found) else None
        return Response({"results": shown, "next": following})

    def address(self, **changes: object) -> str:
        """This request's address with other query parameters."""
        query = {**self.request.query_params.dict(), **changes}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(query)}")


def able(found: Object, abilities: Iterable[str]) -> dict[str, Any]:
    """The object with what the caller may do with it now."""
    return {**found, "abilities": list(abilities)}


def _etag(found: Object) -> dict[str, str]:
    return {"ETag": f'"{found["version"]}"'} if "version" in found else {}


def _cursor(value: object) -> str:
    return urlsafe_b64encode(str(value).encode()).decode()


def _place(found: Sequence[Object], key: str, cursor: str) -> int:
    try:
        last = urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        last = ""
    for place, row in enumerate(found):
        if str(row[key]) == last:
            return place
    raise ParseError(_("This cursor is not one of ours."))
