"""`action-items/`: what somebody promised to do, by when, and how far it is."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import DateField, QuerySet, Value
from django.db.models.functions import Coalesce
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.documents import ActionItemFilter, wanted_of
from api.fields import Day, Thing, count, one_of, optional_text, reference, text
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.action_items import selectors, services
from meetings.action_items.models import ActionItem, ActionState
from meetings.agenda import selectors as agenda
from meetings.errors import nothing_here
from meetings.minutes import selectors as minutes
from meetings.network.selectors import municipality_in
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.models import Meeting

PROGRESS = ("start", "finish", "drop", "reopen")
NEVER = date(9999, 12, 31)
"""Where those without a due date stand in the order."""


class Origin(serializers.Serializer[Any]):
    meeting = reference()
    agenda_item = reference(allow_null=True)
    decision = reference(allow_null=True)


class Update(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)
    text = text()
    state = one_of(ActionState.values)


class ActionItemObject(Thing):
    id = reference()
    number = count()
    title = text()
    text = text()
    owner = reference(allow_null=True, help_text="null: the office")
    owner_name = serializers.CharField(allow_null=True)
    person = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField(allow_null=True)
    state = one_of(ActionState.values)
    origin = Origin()
    updates = Update(many=True)
    overdue = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    version = count()


class ActionItemChange(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = optional_text()
    person = optional_text()
    due_on = Day(required=False, allow_null=True)
    owner = reference(required=False, allow_null=True)


class ActionItemBody(ActionItemChange):
    meeting = reference()
    agenda_item = reference(required=False, allow_null=True)
    decision = reference(required=False, allow_null=True)


class Progress(serializers.Serializer[Any]):
    action = one_of(PROGRESS, help_text="start again adds a line; drop needs a reason")
    text = optional_text()


def action_item_answer(actor: Actor, action_item: ActionItem) -> dict[str, Any]:
    return able(selectors.with_overdue(action_item), selectors.abilities_of(actor, action_item))


def _in_order(rows: QuerySet[ActionItem]) -> QuerySet[ActionItem]:
    return rows.annotate(due=Coalesce("due_on", Value(NEVER), output_field=DateField()))


class ActionItems(Rest):
    @lists(ActionItemObject, query=ActionItemFilter)
    def list(self, request: Request, slug: str) -> Response:
        """By due date; those without one last."""
        network, actor = self.network(slug)
        rows = _in_order(selectors.wanted_items(actor, network, wanted_of(network, self.query(ActionItemFilter))))
        return self.page(rows, lambda row: action_item_answer(actor, row), by=("due", "number"))

    @writes(ActionItemObject, takes=ActionItemBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """Out of a meeting whose session is open or over."""
        _network, actor = self.network(slug)
        values = self.sent(ActionItemBody)
        made_of: dict[str, Any] = {"meeting": _meeting(actor, values.pop("meeting"))}
        for name, find in (("owner", _owner), ("agenda_item", agenda.item), ("decision", minutes.decision)):
            chosen = values.pop(name, None)
            made_of[name] = find(actor, chosen) if chosen else None
        return self.write(lambda: action_item_answer(actor, services.create(actor=actor, values=values, **made_of)), status=201)

    @reads(ActionItemObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        action_item, actor = self._found(id)
        return self.read(action_item_answer(actor, action_item))

    @writes(ActionItemObject, takes=ActionItemChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        action_item, actor = self._found(id)
        version, values = self.expected_version, self.sent(ActionItemChange, partial=True)
        chosen = values.pop("owner", None)
        owner = _owner(actor, chosen) if chosen else None

        def act() -> dict[str, Any]:
            services.edit(actor=actor, action_item=action_item, values=values, owner=owner, expected_version=version)
            return action_item_answer(actor, selectors.action_item(actor, id))

        return self.write(act)

    @writes(ActionItemObject, takes=Progress)
    def progress(self, request: Request, id: UUID) -> Response:
        action_item, actor = self._found(id)
        values = self.sent(Progress)
        return self.write(lambda: action_item_answer(actor, services.progress(actor=actor, action_item=action_item, **values)))

    def _found(self, id: UUID) -> tuple[ActionItem, Actor]:
        actor = self.actor(selectors.network_of(id))
        return selectors.action_item(actor, id), actor


def _owner(actor: Actor, id: UUID) -> Any:
    return municipality_in(actor.network_id, id)


def _meeting(actor: Actor, id: UUID) -> Meeting:
    """A meeting of the actor's network. Raises NotFound."""
    meeting = scheduling.meeting(id)
    if meeting.network_id != actor.network_id:
        raise nothing_here()
    return meeting
