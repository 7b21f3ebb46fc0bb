"""Writes of action items."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.action_items.models import ACTIONS, TRANSITIONS, UNFINISHED, ActionItem, ActionState, ProgressUpdate
from meetings.action_items.selectors import as_object
from meetings.action_items.telling import forget, tell_owner, tell_owner_otherwise
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.minutes.models import Decision
from meetings.minutes.services import RECORDED_IN, lock_network
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting


@transaction.atomic
def create(
    *,
    actor: Actor,
    meeting: Meeting,
    values: Mapping[str, Any],
    owner: Municipality | None,
    agenda_item: AgendaItem | None = None,
    decision: Decision | None = None,
) -> ActionItem:
    """An action item out of a meeting, owned by a municipality (none: the office). Raises Conflict, Invalid by field."""
    meeting = scheduling.locked(meeting)
    require(actor, Permission.RECORD, network_id=meeting.network_id)
    if meeting.state not in RECORDED_IN:
        raise Conflict("wrong_state", _("Action items are recorded once the session is open."))
    _require_same_network(meeting, owner, agenda_item, decision)
    network = lock_network(meeting.network_id)
    last = ActionItem.objects.filter(network=network).aggregate(last=Max("number"))["last"] or 0
    action_item = ActionItem(network=network, number=last + 1, meeting=meeting, owner=owner, agenda_item=agenda_item, decision=decision)
    action_item.created_at = clock.now()
    validation.apply(action_item, {"title": "", **values})
    action_item.save()
    record(actor, types.ActionItemCreated(as_object(action_item)), meeting_id=meeting.pk)
    tell_owner(actor, action_item)
    return action_item


def _require_same_network(meeting: Meeting, owner: Municipality | None, item: AgendaItem | None, decision: Decision | None) -> None:
    if owner and owner.network_id != meeting.network_id:
        raise validation.invalid("owner", _("There is no such municipality."))
    if item and (item.meeting_id != meeting.pk or item.state not in ON_THE_AGENDA):
        raise validation.invalid("agenda_item", _("This item is not on the agenda of the meeting."))
    if decision and decision.agenda_item.meeting_id != meeting.pk:
        raise validation.invalid("decision", _("This decision was not taken in the meeting."))


def _locked(action_item: ActionItem) -> ActionItem:
    rows = ActionItem.objects.select_for_update(of=("self",), no_key=True).select_related("network", "owner__zone", "meeting")
    return rows.prefetch_related("updates__by").get(pk=action_item.pk)


@transaction.atomic
def edit(
    *,
    actor: Actor,
    action_item: ActionItem,
    values: Mapping[str, Any],
    owner: Municipality | None = None,
    expected_version: int | None = None,
) -> ActionItem:
    """Changes what is to be done and by when (and, when given, whose it is). Raises Conflict, Invalid by field, StaleVersion."""
    action_item = _locked(action_item)
    require(actor, ACTIONS["edit"], network_id=action_item.network_id)
    versions.check(action_item, expected_version, lambda: as_object(action_item))
    TRANSITIONS.target("edit", action_item.state)
    if owner and owner.network_id != action_item.network_id:
        raise validation.invalid("owner", _("There is no such municipality."))
    changed, given_to_another = validation.apply(action_item, values), owner is not None and owner.pk != action_item.owner_id
    action_item.owner = owner or action_item.owner
    if given_to_another or "due_on" in changed:
        action_item.chase_on = None
    action_item.version += 1
    action_item.save()
    record(actor, types.ActionItemChanged(as_object(action_item)), meeting_id=action_item.meeting_id)
    if given_to_another:
        forget(action_item)
        tell_owner(actor, action_item)
    else:
        tell_owner_otherwise(actor, action_item)
    return action_item


@transaction.atomic
def progress(*, actor: Actor, action_item: ActionItem, action: str, text: str = "") -> ActionItem:
    """Reports how far it is: `start`, `finish`, `drop` (with a reason) or `reopen`; `start` again adds a line of progress.

    Raises NotAllowed for another's, Conflict `wrong_state`, Invalid by field.
    """
    action_item = _locked(action_item)
    if action not in TRANSITIONS.table or action == "edit":
        raise validation.invalid("action", _("Choose one of: start, finish, drop, reopen."))
    require(actor, ACTIONS[action], network_id=action_item.network_id, place=place_of(action_item.owner))
    action_item.state = TRANSITIONS.target(action, action_item.state)
    update = ProgressUpdate(action_item=action_item, at=clock.now(), by_id=actor.user_id, state=action_item.state)
    validation.apply(update, {"text": text})
    if action_item.state == ActionState.DROPPED and not update.text:
        raise validation.invalid("text", _("Say why it is dropped."))
    update.save()
    action_item.version += 1
    action_item.chase_on = None if action == "reopen" else action_item.chase_on
    action_item.save(update_fields=["state", "version", "chase_on"])
    action_item = _locked(action_item)
    record(actor, types.ActionItemProgressed(as_object(action_item)), meeting_id=action_item.meeting_id)
    if action_item.state not in UNFINISHED:
        forget(action_item)
    return action_item
