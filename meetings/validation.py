"""Rules for text that people type, the same for a form and for a program."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from meetings.errors import Invalid

_KEPT_CONTROLS = {"\n", "\t", "\u200c", "\u200d"}


def clean_text(text: str) -> str:
    """NFC, one kind of line end, no control characters (they have no picture and break documents and feeds)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


def clean_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean_text(text).split())


def apply(row: Model, values: Mapping[str, Any]) -> list[str]:
    """Sets the fields, cleaned, and validates them against the model's own limits. Returns the names of those that changed.

    Raises Invalid `invalid` with the errors by field.
    """
    changed = []
    for name, value in values.items():
        field = row._meta.get_field(name)
        if isinstance(value, float) and not math.isfinite(value):
            raise invalid(name, _("This is not a number."))
        if isinstance(value, str):
            value = clean_text(value) if field.get_internal_type() == "TextField" else clean_line(value)
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    _check_lengths(row, values)
    _check_present(row, values)
    try:
        row.clean_fields(exclude={f.name for f in row._meta.get_fields() if f.name not in values or _is_allowed_null(row, f.name)})
    except ValidationError as error:
        raise Invalid("invalid", _("Some of what you entered is not right."), error.message_dict) from error
    return changed


def _is_allowed_null(row: Model, name: str) -> bool:
    """Django takes None as missing; where the column may be null it is an answer."""
    field = row._meta.get_field(name)
    return bool(getattr(field, "null", False)) and getattr(row, name, "") is None


def _check_lengths(row: Model, values: Mapping[str, Any]) -> None:
    """Django enforces a TextField's max_length in forms alone."""
    for name in values:
        field, value = row._meta.get_field(name), getattr(row, name)
        most = getattr(field, "max_length", None)
        if most and isinstance(value, str) and len(value) > most:
            raise invalid(name, _("At most %(most)s characters; this has %(count)s.") % {"most": most, "count": len(value)})


def _check_present(row: Model, values: Mapping[str, Any]) -> None:
    """Django does not look at an empty value where one may be, even at None where the table takes none."""
    for name in values:
        field = row._meta.get_field(name)
        if getattr(row, name) is None and getattr(field, "blank", False) and not field.null:
            raise invalid(name, _("This cannot be left without a value."))


def invalid(field: str, text: str) -> Invalid:
    """An Invalid about one field."""
    return Invalid("invalid", text, {field: [text]})
