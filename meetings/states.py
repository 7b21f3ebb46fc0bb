"""State machines as data: which action leads from which states to which."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from meetings.errors import Conflict


class Transition(NamedTuple):
    sources: Collection[str]
    target: str


class Machine:
    """A slice's TRANSITIONS: when an action is possible (who may is in access.py)."""

    def __init__(self, table: Mapping[str, Transition]) -> None:
        self.table = table

    def possible(self, state: str) -> set[str]:
        """The actions that `state` allows."""
        return {action for action, transition in self.table.items() if state in transition.sources}

    def target(self, action: str, state: str) -> str:
        """The state that `action` leads to. Raises Conflict `wrong_state` when `state` does not allow it."""
        transition = self.table[action]
        if state not in transition.sources:
            raise Conflict("wrong_state", _("This is no longer possible: it is now “%(state)s”.") % {"state": state.replace("_", " ")})
        return transition.target
