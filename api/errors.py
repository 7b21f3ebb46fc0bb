"""Every refusal as application/problem+json (RFC 9457) with a stable code, in the caller's language."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from meetings.errors import DomainError

CODES = {
    exceptions.ParseError: "malformed",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
    exceptions.ValidationError: "invalid",
}


RETRY_AFTER = 2  # seconds, when the database is too busy
log = logging.getLogger(__name__)


class PreconditionRequired(exceptions.APIException):
    status_code = 428
    default_code = "version_required"

    def __init__(self) -> None:
        super().__init__(_("Say with If-Match which version you are changing."))


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


def problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler. What nobody foresaw is logged, and tells the caller nothing of the inside."""
    set_rollback()
    return _refusal(error) or _failure(error)


def _refusal(error: Exception) -> Response | None:
    match error:
        case DomainError():
            extra = {"current": error.current} if error.current is not None else {}
            return answer(error.status, error.code, error.detail, errors=error.errors, **extra)
        case exceptions.ValidationError():
            return answer(422, "invalid", _("Some of what you sent is not right."), errors=_flat(error.detail))
        case exceptions.APIException():
            code = CODES.get(type(error)) or str(getattr(error, "default_code", "error"))
            return answer(error.status_code, code, _text(error.detail), headers=_headers(error))
        case Http404():
            return answer(404, "not_found", _("There is nothing here."))
        case PermissionDenied():
            return answer(403, "not_allowed", _("You are not allowed to do this."))
        case RequestDataTooBig():
            return answer(413, "too_large", _("This is too much at once."))
        case SuspiciousOperation() | UnreadablePostError():
            return answer(400, "malformed", _("This request cannot be read."))
    return None


def _failure(error: Exception) -> Response:
    """What the database refused although every check had passed, and plain mistakes of ours."""
    log.error("A request to the REST interface failed.", exc_info=error)
    match error:
        case IntegrityError():
            return answer(409, "conflict", _("Somebody did the same at this very moment. Look again, then repeat it."))
        case DataError():
            return answer(422, "invalid", _("Some of what you sent is not right."))
        case OperationalError():
            return answer(503, "busy", _("Too much is going on just now. Try again."), headers={"Retry-After": str(RETRY_AFTER)})
    return answer(500, "internal_error", _("Something went wrong here. It has been noted."))


def answer(status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> Response:
    """A problem document as a response."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    body |= {name: value for name, value in extra.items() if value or name == "current"}
    return Response(body, status=status, headers=dict(headers or {}), content_type="application/problem+json")


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(auth_header)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _text(detail: Any) -> str:
    return str(detail) if isinstance(detail, str) else str(next(iter(detail), ""))


def _flat(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as field path → texts."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
        return found
    if isinstance(detail, list) and any(isinstance(part, (Mapping, list)) for part in detail):
        found = {}
        for index, part in enumerate(detail):
            found |= _flat(part, f"{prefix}.{index}")
        return found
    texts = [str(text) for text in detail] if isinstance(detail, list) else [str(detail)]
    return {prefix or "body": texts}
