"""What is new for a person in a network: how much, and what, in one query each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import DateTimeField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from meetings import clock
from meetings.access import Actor
from meetings.network.models import Network
from meetings.network.selectors import today
from meetings.news.models import NewsMark
from meetings.news.sources import ALL, MAIL, delegates
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.rendering import subject_of, write

KEPT = timedelta(days=30)
"""How far back the page goes."""
AT_FIRST = timedelta(days=7)
"""How far back what has happened is new to somebody who has never looked."""
MOST = 200
"""How many lines the page shows."""
PLACES = {
    "agenda_published": "meeting",
    "agenda_item_added": "item",
    "agenda_item_struck": "item",
    "proposal": "item",
    "minutes_circulated": "minutes",
    "minutes_approved": "minutes",
    "correction_asked": "minutes",
    "action_item_updated": "action",
    "question_answered": "questions",
    "delegate_to_confirm": "delegation",
}
"""By kind, what its address `/go/…` calls the thing."""


@dataclass(frozen=True, slots=True)
class News:
    """One line. `subject` is what a mail about it says; without a mail `title` and `about` (when the meeting is) make the line."""

    id: UUID
    kind: str
    at: datetime
    title: str
    about: datetime | None
    path: str
    subject: str
    is_new: bool


class Row(NamedTuple):
    """As the sources give it."""

    kind: str
    at: datetime
    target: UUID
    title: str
    about: datetime | None


def count_new(actor: Actor, network: Network) -> int:
    """How much is new, in one query."""
    found = _together(actor, network, _since(actor))
    return found.count() if found is not None else 0


def seen_at(actor: Actor) -> datetime:
    """Until when the person has looked, or what counts as that."""
    mark = NewsMark.objects.filter(user=actor.user_id, network=actor.network_id).values_list("seen_at", flat=True).first()
    return mark or clock.now() - AT_FIRST


def news(actor: Actor, network: Network, since: datetime | None = None) -> list[News]:
    """What has happened since (the last 30 days, when nothing is said), the latest first, marked by whether the person has seen it."""
    rows, seen = _latest(actor, network, since or clock.now() - KEPT), seen_at(actor)
    wanted = OutgoingEmail.objects.select_related("network").filter(pk__in=[row.target for row in rows if row.kind == MAIL])
    mails = {mail.pk: mail for mail in wanted}
    return [_line(row, mails.get(row.target), row.at > seen) for row in rows]


def _since(actor: Actor) -> Any:
    """The mark, looked up within the query."""
    mark = NewsMark.objects.filter(user=actor.user_id, network=actor.network_id).values("seen_at")[:1]
    return Coalesce(Subquery(mark), Value(clock.now() - AT_FIRST), output_field=DateTimeField())


def _together(actor: Actor, network: Network, since: Any) -> "QuerySet[Any, Any] | None":
    if actor.user_id is None:
        return None
    sources = [*(source(actor, since) for source in ALL), delegates(actor, since, today(network))]
    found = [rows for rows in sources if rows is not None]
    return found[0].union(*found[1:], all=True)


def _latest(actor: Actor, network: Network, since: datetime) -> Iterable[Row]:
    found = _together(actor, network, since)
    return [Row(*row) for row in found.order_by("-news_at", "news_target")[:MOST]] if found is not None else []


def _line(row: Row, mail: OutgoingEmail | None, is_new: bool) -> News:
    same = uuid5(NAMESPACE_URL, f"{row.kind}:{row.target}:{row.at.isoformat()}")  # the same line keeps its id
    if mail is None:
        return News(same, row.kind, row.at, row.title, row.about, f"/go/{PLACES[row.kind]}/{row.target}", "", is_new)
    return News(same, mail.kind, row.at, "", None, _path(mail), subject_of(mail), is_new)


def _path(mail: OutgoingEmail) -> str:
    """Where the mail's button leads; empty when the mail cannot be written any more."""
    try:
        button = write(mail).button
    except Exception:  # noqa: BLE001 - as in lists of mails: one that cannot be written must not hide the others
        return ""
    return button[1] if button else ""
