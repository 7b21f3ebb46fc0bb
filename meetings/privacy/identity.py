"""By what a person can be recognised in what is stored: every name, address and number that they ever had here."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from meetings.events.models import Event
from meetings.network.models import Membership, User

REMOVED = "removed.invalid"
"""The domain of addresses that stand for removed ones; no mail is ever delivered to `.invalid` (RFC 2606)."""
SHORTEST_NUMBER = 6
"""Digits of a phone number that is looked for in texts: a shorter one is found in dates and amounts."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's traces. `names` only where the name itself is to go."""

    user_id: UUID
    addresses: frozenset[str]
    phones: frozenset[str]
    names: frozenset[str]
    networks: frozenset[UUID]
    seats: frozenset[UUID]

    @property
    def address(self) -> str:
        """What stands where the address stood."""
        return f"{self.user_id.hex}@{REMOVED}"

    @property
    def code(self) -> str:
        """What tells one removed person from another; the id is random, so it says nothing of them."""
        return self.user_id.hex[:8]

    @property
    def contacts(self) -> frozenset[str]:
        return self.addresses | self.phones

    @classmethod
    def of(cls, user: User) -> Self:
        """Today's, and those that the log still holds from before a change."""
        held = Membership.objects.filter(user=user).values_list("network_id", "municipality_id")
        names, addresses = {user.name}, {user.email}
        for recorded in _recorded(user):
            names.add(str(recorded.get("name") or ""))
            addresses.add(str(recorded.get("email") or ""))
        return cls(
            user_id=user.pk,
            addresses=frozenset(a for a in addresses if a and not a.endswith(f"@{REMOVED}")),
            phones=frozenset({user.phone} if sum(map(str.isdigit, user.phone)) >= SHORTEST_NUMBER else ()),
            names=frozenset(name for name in names if name and user.pk.hex[:8] not in name),
            networks=frozenset(network for network, _seat in held),
            seats=frozenset(seat for _network, seat in held if seat),
        )


def _recorded(user: User) -> list[Mapping[str, Any]]:
    """The person as the events of their memberships have them."""
    events = Event.objects.filter(type__startswith="membership.", payload__contains=str(user.pk))
    found = [json.loads(payload).get("user") for payload in events.values_list("payload", flat=True)]
    return [person for person in found if isinstance(person, dict) and person.get("id") == str(user.pk)]


def pattern(sought: str) -> re.Pattern[str]:
    """Finds it whole, in whatever case: `rita@example.org` stands neither in `maria.rita@example.org` nor in `rita@example.org.it`."""
    before, after = (r"(?<![\w.+-])", r"(?![\w-]|\.\w)") if "@" in sought else (r"(?<!\w)", r"(?!\w)")
    return re.compile(before + re.escape(sought) + after, re.IGNORECASE)


def stands_in(text: str, sought: Iterable[str]) -> bool:
    """Whether any of them stands in the text."""
    return any(pattern(one).search(text) for one in sought)


def replaced(value: Any, instead: Mapping[str, str]) -> Any:
    """A text, or every text within a JSON value, with each key of `instead` replaced."""
    if isinstance(value, str):
        for sought, other in instead.items():
            value = pattern(sought).sub(other.replace("\\", r"\\"), value)
        return value
    if isinstance(value, Mapping):
        return {name: replaced(inner, instead) for name, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, instead) for inner in value]
    return value
