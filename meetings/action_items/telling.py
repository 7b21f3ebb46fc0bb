"""Telling those who represent the owner that an item is theirs: once, when it has stood still for some minutes."""

from meetings.access import Actor
from meetings.action_items.chasing import successor
from meetings.action_items.models import ActionItem
from meetings.network.selectors import recipients, representatives, today
from meetings.notifications.services import drop, notify
from meetings.notifications.told import is_waiting

KIND = "action_assigned"


def tell_owner(actor: Actor, action_item: ActionItem) -> int:
    """Mails the owner's representatives, whoever wrote it down left out; the office's own items need no mail. How many."""
    if action_item.owner is None:
        return 0
    day = today(action_item.network)
    rows = [row for row in representatives(successor(action_item.owner, day), day) if row.user_id != actor.user_id]
    context = {
        "action": action_item.pk,
        "number": action_item.number,
        "title": action_item.title,
        "text": action_item.text,
        "person": action_item.person,
        "due_on": action_item.due_on,
        "owner": action_item.owner.name,
        "meeting": action_item.meeting.title,
    }
    key = f"{action_item.pk}:{action_item.owner_id}"
    return notify(KIND, recipients(rows), key=key, network_id=action_item.network_id, about=str(action_item.pk), context=context)


def tell_owner_otherwise(actor: Actor, action_item: ActionItem) -> int:
    """Puts what has changed into the mails that still wait; whoever was told already reads it on the page."""
    return tell_owner(actor, action_item) if is_waiting(KIND, str(action_item.pk)) else 0


def forget(action_item: ActionItem) -> None:
    """Takes back what has not been sent yet, since it is another's now, or done."""
    drop(kind=KIND, about=str(action_item.pk))
