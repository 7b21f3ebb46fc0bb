"""Reads of action items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from meetings.access import Actor, abilities
from meetings.action_items.models import ACTIONS, TRANSITIONS, UNFINISHED, ActionItem, ProgressUpdate
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import found
from meetings.network.models import Municipality, Network, Zone
from meetings.network.selectors import place_of, today

UNFINISHED_STATE = "unfinished"
"""What a filter calls whatever is neither done nor dropped."""
_ROWS = ActionItem.objects.select_related("network", "owner__zone", "meeting").prefetch_related("updates__by")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which action items a list, a board or a file shows. `state`: one of the states, or "unfinished"; `text`: of the title, the details,
    the person or the owner, or the number.
    """

    state: str = ""
    owner: Municipality | None = None
    zone: Zone | None = None
    overdue: bool = False
    mine: bool = False
    text: str = ""


def action_items(
    actor: Actor, network: Network, *, state: str = "", owner: Municipality | None = None, overdue: bool = False
) -> QuerySet[ActionItem]:
    """The network's action items, by due date (those without one last) and number. Everybody in the network may read them."""
    return wanted_items(actor, network, Wanted(state=state, owner=owner, overdue=overdue))


def wanted_items(actor: Actor, network: Network, wanted: Wanted) -> QuerySet[ActionItem]:
    """The same, as far as they are wanted."""
    rows = _ROWS.filter(network=actor.network_id)
    if wanted.state:
        rows = rows.filter(state__in=UNFINISHED if wanted.state == UNFINISHED_STATE else (wanted.state,))
    if wanted.owner:
        rows = rows.filter(owner=wanted.owner)
    if wanted.zone:
        rows = rows.filter(owner__zone=wanted.zone)
    if wanted.overdue:
        rows = rows.filter(state__in=UNFINISHED, due_on__lt=today(network))
    if wanted.mine:
        rows = rows.filter(owner__in=actor.open_seats)
    if wanted.text:
        rows = rows.filter(_contains(wanted.text))
    return rows.order_by(F("due_on").asc(nulls_last=True), "number", "id")


def _contains(text: str) -> Q:
    found = Q(title__icontains=text) | Q(text__icontains=text) | Q(person__icontains=text) | Q(owner__name__icontains=text)
    return found | Q(number=int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else found


def due_by(actor: Actor, day: date) -> QuerySet[ActionItem]:
    """The unfinished ones of the actor's network that are due by `day`: what comes to that day's meeting, the most overdue first."""
    rows = _ROWS.filter(network=actor.network_id, state__in=UNFINISHED, due_on__lte=day)
    return rows.order_by("due_on", "number", "id")


def action_items_of(meeting_id: Any) -> QuerySet[ActionItem]:
    """Those that came out of a meeting."""
    return _ROWS.filter(meeting=meeting_id).order_by("number")


def mine(actor: Actor, network: Network) -> QuerySet[ActionItem]:
    """The unfinished ones of the seats the actor represents."""
    return action_items(actor, network).filter(Q(owner__in=actor.open_seats), state__in=UNFINISHED)


def action_item(actor: Actor, action_item_id: Any) -> ActionItem:
    """Raises NotFound."""
    return found(_ROWS.filter(network=actor.network_id, pk=action_item_id).first())


def network_of(action_item_id: Any) -> Network:
    """The network an action item belongs to. Raises NotFound."""
    return found(ActionItem.objects.filter(pk=action_item_id).select_related("network").first()).network


def abilities_of(actor: Actor, action_item: ActionItem) -> list[str]:
    """What the actor may do with it now. Needs `owner` selected."""
    return abilities(actor, ACTIONS, TRANSITIONS.possible(action_item.state), place_of(action_item.owner))


def update_as_object(update: ProgressUpdate) -> dict[str, Any]:
    """Needs `by` selected."""
    return {"at": update.at, "by": update.by.name if update.by else None, "text": update.text, "state": update.state}


def as_object(action_item: ActionItem) -> dict[str, Any]:
    """Needs `owner` and `updates` at hand. `overdue` depends on the day and so stands apart: see `with_overdue`."""
    names = "number title text person due_on state created_at version"
    origin = {"meeting": action_item.meeting_id, "agenda_item": action_item.agenda_item_id, "decision": action_item.decision_id}
    return {
        "id": action_item.pk,
        **{name: getattr(action_item, name) for name in names.split()},
        "owner": action_item.owner_id,
        "owner_name": action_item.owner.name if action_item.owner else None,
        "origin": origin,
        "updates": [update_as_object(update) for update in action_item.updates.all()],
    }


def with_overdue(action_item: ActionItem) -> dict[str, Any]:
    """Needs `network` selected too."""
    return {**as_object(action_item), "overdue": action_item.overdue_on(today(action_item.network))}


def open_things_of(municipalities: Sequence[Municipality]) -> tuple[int, int]:
    """(proposals, action items) of these seats that are not settled: what a merger hands on."""
    proposals = AgendaItem.objects.filter(proposer__in=municipalities, state__in=(ItemState.DRAFT, ItemState.PROPOSED))
    return proposals.count(), ActionItem.objects.filter(owner__in=municipalities, state__in=UNFINISHED).count()
