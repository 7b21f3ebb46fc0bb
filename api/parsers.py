"""Reading JSON that may come from anybody: bounded in depth, and without characters that no column takes."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _
from rest_framework import renderers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from meetings.errors import Invalid

DEEPEST = 20
LARGEST_NUMBER = 2**53
"""Beyond it a JSON number is no longer exact in every program (RFC 8259, section 6)."""


class Json(JSONParser):
    """400 for what is not JSON, or nested past any use; 422 for NUL characters, halves of characters and endless numbers."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            found = json.loads(stream.read().decode("utf-8"), parse_constant=_refuse)
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        except ValueError:
            raise ParseError(_("This is not JSON in UTF-8.")) from None
        _inspect(found, "", 0)
        return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _inspect(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(_("This is nested too deeply."))
    match value:
        case dict():
            for name, part in value.items():
                _check_text(name, path or "body")
                _inspect(part, f"{path}.{name}" if path else name, depth + 1)
        case list():
            for index, part in enumerate(value):
                _inspect(part, f"{path}.{index}" if path else str(index), depth + 1)
        case str():
            _check_text(value, path or "body")
        case int() | float() if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise _invalid(path or "body", _("This number is too large."))


def _check_text(text: str, path: str) -> None:
    if "\x00" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)):
        raise _invalid(path, _("This text has characters that cannot be stored."))


def _invalid(path: str, text: str) -> Invalid:
    printable = path.encode("utf-8", "replace").decode().replace("\x00", "?")
    return Invalid("invalid", _("Some of what you sent is not right."), {printable: [text]})


class JsonOut(renderers.JSONRenderer):
    """The same spelling of times and ids as in the event log, so that an object read here equals the one an event carries."""

    encoder_class = DjangoJSONEncoder
