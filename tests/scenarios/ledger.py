"""What a story says must have happened, beside what did: mails and events, counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from meetings.events.models import Event
from meetings.network.models import User
from meetings.notifications.models import MailState, OutgoingEmail

Mail = tuple[str, str, Any]
"""(kind, address, what it tells of)."""


class Ledger:
    """The story writes here what each of its acts must bring about."""

    def __init__(self) -> None:
        self.mails: Counter[Mail] = Counter()
        self.events: Counter[tuple[int, str]] = Counter()

    def mail(self, kind: str, people: Iterable[User], thing: Any) -> None:
        self.mails.update((kind, person.email, thing) for person in people)

    def log(self, meeting: int, *types: str, times: int = 1) -> None:
        """Events of the meeting with that number."""
        for name in types:
            self.events[meeting, name] += times


def mails_made() -> Counter[Mail]:
    """Every mail that was made and not taken back before it was sent."""
    rows = OutgoingEmail.objects.exclude(state=MailState.DROPPED)
    return Counter((row.kind, row.address, thing(row)) for row in rows)


def thing(mail: OutgoingEmail) -> Any:
    """What a mail tells of, in the story's words."""
    context = mail.context
    match mail.kind:
        case "receipt" | "action_assigned" | "announcement":
            return context["title"]
        case "proposal_answered":
            return context["title"], context["outcome"]
        case "correction_answered":
            return context["text"], context["state"]
        case "action_due" | "action_overdue":
            return tuple((group, *(row["title"] for row in context[group])) for group in ("overdue", "due", "zone") if context[group])
        case kind if kind.startswith("meeting_"):
            return tuple(change["number"] for change in context["changes"])
        case _:
            return context["starts_at"][:10]


def events_made(network: Any) -> Counter[tuple[int, str]]:
    rows = Event.objects.filter(stream__meeting__network=network).values_list("stream__meeting__number", "type")
    return Counter((number, name) for number, name in rows)


def order_of(number: int, prefix: str) -> list[str]:
    """The events of that kind in a meeting's log, in order."""
    rows = Event.objects.filter(stream__meeting__number=number, type__startswith=prefix).order_by("sequence")
    return list(rows.values_list("type", flat=True))
