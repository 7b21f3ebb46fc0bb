"""What a mail says, as plain data: every kind of mail is one function from the row's context to a `Letter`.

The functions stand in each slice's `letters.py`; what they hold is printed as text and as HTML by the two templates of `emails/`, which
escape everything. They run when the mail is sent, in the recipient's language.

    @letter("receipt")
    def receipt(context: Context) -> Letter:
        return Letter(
            subject=_("Received: %(title)s") % {"title": context["title"]},
            paragraphs=[_("Your proposal has reached the office. …")],
            facts=[(_("Meeting"), when(context["starts_at"], context["time_zone"]))],
            button=(_("See the proposal"), f"/go/item/{context['item']}"),
        )
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meetings.typography import date_in_words

Context = Mapping[str, Any]
"""A row's context: plain JSON. `name` (the recipient), `network` and `network_name` are always there."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Addresses in `button` and `links` are paths, such as `/go/meeting/<id>`: the network's stored address is put before them."""

    subject: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]] = ()
    quote: str = ""
    button: tuple[str, str] | None = None
    links: Sequence[tuple[str, str]] = field(default=())
    closing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`label`: what people may refuse, in words (lazy; none: they must have it). `settle`: how long further edits join the same mail.

    `chase`: it asks somebody for something that is late, so nobody gets two of these in a day. `urgent`: sent before all others.
    `life`: what could not be sent for so long is pointless and given up. `secrets`: names in the context, blanked once it is sent.
    """

    name: str
    compose: Callable[[Context], Letter]
    label: Any = ""
    settle: timedelta = timedelta(0)
    chase: bool = False
    urgent: bool = False
    life: timedelta | None = None
    secrets: tuple[str, ...] = ()

    def public(self, context: Context) -> dict[str, Any]:
        """The context without its secrets."""
        return {**context, **{name: "" for name in self.secrets if name in context}}


KINDS: dict[str, Kind] = {}
LONG = "l j F Y"


def letter(
    name: str,
    *,
    label: Any = "",
    settle: timedelta = timedelta(0),
    chase: bool = False,
    urgent: bool = False,
    life: timedelta | None = None,
    secrets: tuple[str, ...] = (),
) -> Callable[[Callable[[Context], Letter]], Callable[[Context], Letter]]:
    """Makes the function the text of the mails of this kind."""

    def register(compose: Callable[[Context], Letter]) -> Callable[[Context], Letter]:
        KINDS[name] = Kind(name, compose, label, settle, chase, urgent, life, secrets)
        return compose

    return register


def when(instant: str, time_zone: str) -> str:
    """An instant (ISO 8601) as people read it: weekday, date, time and zone, in the language in force."""
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone))
    values = {"day": date_in_words(local, LONG), "time": f"{local:%H:%M}", "zone": time_zone}
    return _("%(day)s, %(time)s (%(zone)s time)") % values


def day(text: str) -> str:
    """A date (ISO 8601) in the language in force."""
    return date_in_words(date.fromisoformat(text), LONG)
