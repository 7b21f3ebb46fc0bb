"""What a service raises when it will not do as asked: each with a stable code that programs may rely on."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T")

FieldErrors = Mapping[str, Sequence[str]]


class DomainError(Exception):
    """A refusal. `code` is stable and English, `detail` is in the reader's language, `errors` names the fields at fault."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, detail: str, errors: FieldErrors | None = None, current: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail = code, str(detail)
        self.errors = {field: [str(text) for text in texts] for field, texts in (errors or {}).items()}
        self.current = current


class NotAllowed(DomainError):
    """The actor may see the thing but may not do this with it."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: both look the same."""

    status = 404


class Conflict(DomainError):
    """Right in itself, but not in the present state; `current` holds the present object."""

    status = 409


class StaleVersion(DomainError):
    """Somebody else has saved since; `current` holds what they saved."""

    status = 412


class Invalid(DomainError):
    """The input is at fault; `errors` says where."""

    status = 422


def nothing_here() -> NotFound:
    """The one refusal for what is not there and for what the asker may not know of."""
    return NotFound("not_found", _("There is nothing here."))


def found(row: T | None) -> T:
    """The row. Raises NotFound when there is none."""
    if row is None:
        raise nothing_here()
    return row
