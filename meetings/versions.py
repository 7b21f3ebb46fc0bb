"""Edits by version: who saves over what they have not seen is told, with both texts."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.utils.translation import gettext as _

from meetings.errors import StaleVersion


class Versioned(Protocol):
    version: int


def stale(current: Mapping[str, Any]) -> StaleVersion:
    """The refusal to save over `current`."""
    return StaleVersion("stale_version", _("Somebody has saved since you opened this. Compare both texts and save again."), current=current)


def check(row: Versioned, expected: int | None, current: Callable[[], Mapping[str, Any]]) -> None:
    """Raises StaleVersion with the `current` object when `row` is no longer at `expected` (None: not asked)."""
    if expected is not None and row.version != expected:
        raise StaleVersion(
            "stale_version", _("Somebody has saved since you opened this. Compare both texts and save again."), current=current()
        )
