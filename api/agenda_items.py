"""`agenda-items/`: from a seat's draft to the item on the agenda, and the files that go with it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import FileResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, optional_text, reference, text, whole
from api.files import as_download
from api.live import Leave
from api.meetings import meeting_and_actor
from api.schema import gives_file, lists, reads, writes
from api.uploads import Upload, uploaded
from meetings.access import Actor
from meetings.agenda import attachments, selectors, services
from meetings.agenda.models import AgendaItem, Attachment, ItemState
from meetings.errors import nothing_here
from meetings.live import services as live
from meetings.network.models import Municipality
from meetings.network.selectors import municipality_in
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import meeting

MOST_CO_PROPOSERS = 30


class AttachmentObject(serializers.Serializer[Any]):
    id = reference()
    name = text()
    content_type = text()
    size = count()
    sha256 = text()
    created_at = serializers.DateTimeField()


class AbleAttachmentObject(AttachmentObject, Thing):
    pass


class AgendaItemObject(Thing):
    id = reference()
    meeting = reference()
    number = serializers.IntegerField(allow_null=True)
    title = text()
    text = text()
    kind = one_of(AgendaItem.Kind.values)
    proposer = reference(allow_null=True, help_text="null: the office")
    proposer_name = serializers.CharField(allow_null=True)
    co_proposers = serializers.ListField(child=reference())
    duration_minutes = count()
    state = one_of(ItemState.values)
    position = serializers.IntegerField(allow_null=True)
    late = serializers.BooleanField()
    motive = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    origin = reference(allow_null=True)
    approves_minutes_of = reference(allow_null=True)
    deferrals = count()
    flagged = serializers.BooleanField(help_text="deferred for the third time or more often")
    first_proposed_on = serializers.DateField(allow_null=True, help_text="the day of the meeting it was first proposed for; null: this one")
    deferred_to = reference(allow_null=True, help_text="of a deferred one, the meeting where it goes on; null: it lies in the backlog")
    merged_into = reference(allow_null=True)
    addendum = serializers.IntegerField(allow_null=True, help_text="number of the addendum that added or struck it")
    added_at = serializers.DateTimeField(allow_null=True)
    struck_at = serializers.DateTimeField(allow_null=True)
    attachments = AttachmentObject(many=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    version = count()


class AgendaItemChange(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = optional_text()
    kind = one_of(AgendaItem.Kind.values, required=False)
    duration_minutes = whole(services.LONGEST_ITEM, 1, required=False)
    co_proposers = serializers.ListField(child=reference(), required=False, max_length=MOST_CO_PROPOSERS)


class AgendaItemBody(AgendaItemChange):
    proposer = reference(required=False, allow_null=True, help_text="null: the office; left out: the caller's seat when there is only one")


class Motive(serializers.Serializer[Any]):
    motive = serializers.CharField(required=False, allow_blank=True, help_text="needed after the deadline")


class Acceptance(serializers.Serializer[Any]):
    duration_minutes = whole(services.LONGEST_ITEM, 1, required=False, allow_null=True)


class Reason(serializers.Serializer[Any]):
    reason = text()


class WrittenAnswer(serializers.Serializer[Any]):
    answer = text()


class Deferral(serializers.Serializer[Any]):
    meeting = reference(required=False, allow_null=True, help_text="where it goes on; null: it is kept in the backlog")
    answer = serializers.CharField(required=False, allow_blank=True, help_text="needed unless it is taken up from the backlog")


class Destination(serializers.Serializer[Any]):
    meeting = reference(required=False, allow_null=True, help_text="left out: the next of the series that takes proposals")


class Merger(serializers.Serializer[Any]):
    into = reference()


def item_answer(actor: Actor, item: AgendaItem) -> dict[str, Any]:
    """Needs `meeting`, `proposer`, `co_proposers` and `attachments` at hand."""
    return able(selectors.item_as_object(item), selectors.item_abilities(actor, item))


def item_and_actor(view: Rest, id: UUID) -> tuple[AgendaItem, Actor]:
    """An item that the caller may know of. Raises NotFound."""
    actor = view.actor(selectors.item_network(id))
    return selectors.item(actor, id), actor


def _municipalities(actor: Actor, ids: Iterable[UUID]) -> list[Municipality]:
    return [municipality_in(actor.network_id, id) for id in dict.fromkeys(ids)]


def _proposer(actor: Actor, sent: dict[str, Any]) -> Municipality | None:
    """The seat that proposes: as sent, or the caller's only one."""
    only = next(iter(actor.seats)) if len(actor.seats) == 1 else None
    chosen = sent.pop("proposer", only)
    return municipality_in(actor.network_id, chosen) if chosen else None


class AgendaItems(Rest):
    @lists(AgendaItemObject)
    def list(self, request: Request, id: UUID) -> Response:
        """The running order first, then proposals by age: what the caller may know of."""
        meeting, actor = meeting_and_actor(self, id)
        return self.short_list(selectors.items_of(actor, meeting), lambda row: item_answer(actor, row))

    @writes(AgendaItemObject, takes=AgendaItemBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """A private draft of the proposing seat."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(AgendaItemBody)
        proposer, co_proposers = _proposer(actor, values), _municipalities(actor, values.pop("co_proposers", ()))

        def act() -> dict[str, Any]:
            made = services.draft(actor=actor, meeting=meeting, proposer=proposer, values=values, co_proposers=co_proposers)
            return item_answer(actor, made)

        return self.write(act, status=201)

    @reads(AgendaItemObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        return self.read(item_answer(actor, item))

    @writes(AgendaItemObject, takes=AgendaItemChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        version, values = self.expected_version, self.sent(AgendaItemChange, partial=True)
        others = _municipalities(actor, values.pop("co_proposers")) if "co_proposers" in values else None

        def act() -> dict[str, Any]:
            services.edit(actor=actor, item=item, values=values, co_proposers=others, expected_version=version)
            return item_answer(actor, selectors.item(actor, item.pk))

        return self.write(act)

    @writes(AgendaItemObject, takes=Motive)
    def submit(self, request: Request, id: UUID) -> Response:
        return self._decide(id, services.submit, Motive)

    @writes(AgendaItemObject)
    def withdraw(self, request: Request, id: UUID) -> Response:
        return self._decide(id, services.withdraw)

    @writes(AgendaItemObject, takes=Acceptance)
    def accept(self, request: Request, id: UUID) -> Response:
        return self._decide(id, services.accept, Acceptance)

    @writes(AgendaItemObject, takes=Reason)
    def return_(self, request: Request, id: UUID) -> Response:
        return self._decide(id, services.return_, Reason)

    @writes(AgendaItemObject, takes=WrittenAnswer)
    def decline(self, request: Request, id: UUID) -> Response:
        return self._decide(id, services.decline, WrittenAnswer)

    @writes(AgendaItemObject, takes=Deferral)
    def defer(self, request: Request, id: UUID) -> Response:
        """To another meeting, where it is a proposal again, or to the backlog; with a meeting also from there."""
        item, actor = item_and_actor(self, id)
        values = self.sent(Deferral)
        to = _meeting(actor, values.pop("meeting", None))

        def act() -> dict[str, Any]:
            services.defer(actor=actor, item=item, to=to, **values)
            return item_answer(actor, selectors.item(actor, item.pk))

        return self.write(act)

    @writes(AgendaItemObject, takes=Destination)
    def move(self, request: Request, id: UUID) -> Response:
        """A draft, to another meeting. The answer is the draft there: one that was returned stays, deferred, and goes on as another."""
        item, actor = item_and_actor(self, id)
        to = _meeting(actor, self.sent(Destination).get("meeting"))

        def act() -> dict[str, Any]:
            return item_answer(actor, selectors.item(actor, services.move(actor=actor, item=item, to=to).pk))

        return self.write(act)

    @writes(AgendaItemObject, takes=Merger)
    def merge(self, request: Request, id: UUID) -> Response:
        """Ends it in another item of the same meeting, which keeps every proposer."""
        item, actor = item_and_actor(self, id)
        into = selectors.item(actor, self.sent(Merger)["into"])

        def act() -> dict[str, Any]:
            return item_answer(actor, services.merge(actor=actor, item=item, into=into))

        return self.write(act)

    @writes(AgendaItemObject)
    def separate(self, request: Request, id: UUID) -> Response:
        """Undoes a merger, until the agenda is published."""
        return self._decide(id, services.separate)

    @writes(AgendaItemObject)
    def discuss_instead(self, request: Request, id: UUID) -> Response:
        """Any seat, before the session: this consent item is discussed instead."""
        return self._decide(id, services.discuss_instead)

    @writes(AgendaItemObject, takes=Leave)
    def postpone(self, request: Request, id: UUID) -> Response:
        """In session: carried over to the next meeting."""
        item, actor = item_and_actor(self, id)
        confirmed = self.sent(Leave)["confirmed"]
        return self.write(lambda: item_answer(actor, live.postpone(actor=actor, meeting=item.meeting, item=item, confirmed=confirmed)))

    def _decide(self, id: UUID, service: Callable[..., AgendaItem], kind: type[serializers.Serializer[Any]] | None = None) -> Response:
        item, actor = item_and_actor(self, id)
        values = self.sent(kind) if kind else {}
        return self.write(lambda: item_answer(actor, service(actor=actor, item=item, **values)))


def _meeting(actor: Actor, id: UUID | None) -> Meeting | None:
    """A meeting of the actor's network. Raises NotFound."""
    found = meeting(id) if id else None
    if found and found.network_id != actor.network_id:
        raise nothing_here()
    return found


class Backlog(Rest):
    @lists(AgendaItemObject)
    def list(self, request: Request, slug: str) -> Response:
        """What was put off and goes on nowhere yet, the oldest first: what the caller may know of."""
        _network, actor = self.network(slug)
        return self.page(selectors.backlog(actor), lambda row: item_answer(actor, row), by=("since", "submitted_at", "id"))


class Attachments(Upload):
    @lists(AbleAttachmentObject)
    def list(self, request: Request, id: UUID) -> Response:
        item, _actor = item_and_actor(self, id)
        return self.short_list(item.attachments.all(), _attachment_answer)

    @writes(AbleAttachmentObject, takes={"multipart/form-data": uploaded("Attachment")}, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        file, asked = self.sent_file()
        return self.write(
            lambda: _attachment_answer(attachments.attach(actor=actor, item=item, name=file.name or "", file=file)),
            status=201,
            asked=asked,
        )

    @reads(AbleAttachmentObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        return self.read(_attachment_answer(self._attachment(id)))

    @writes(AbleAttachmentObject)
    def destroy(self, request: Request, id: UUID) -> Response:
        """Takes the file away, as long as its item may be changed."""
        attachment, actor = self._attachment(id), self.actor(selectors.attachment_network(id))
        return self.write(
            lambda: able(selectors.attachment_as_object(attachments.remove(actor=actor, attachment=attachment)), []),
            asked=(request.get_full_path(),),  # whatever its body: this view reads none but files
        )

    @gives_file(["application/octet-stream"])
    def file(self, request: Request, id: UUID) -> FileResponse:
        """The file, to be saved: never shown as a page of this site."""
        attachment = self._attachment(id)
        return as_download(attachment.file.open("rb"), attachment.name, attachment.content_type, tag=attachment.sha256)

    def _attachment(self, id: UUID) -> Attachment:
        return selectors.attachment(self.actor(selectors.attachment_network(id)), id)


def _attachment_answer(attachment: Attachment) -> dict[str, Any]:
    return able(selectors.attachment_as_object(attachment), ["download"])
