"""`responses/`: the municipalities' answers to the invitation."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, one_of, optional_text, reference, text
from api.meetings import meeting_and_actor
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.errors import found
from meetings.network.selectors import municipality_in
from meetings.scheduling import models, selectors, services


class Substitute(serializers.Serializer[Any]):
    name = optional_text()
    email = optional_text()
    office = optional_text()


class ResponseObject(Thing):
    id = reference()
    meeting = reference()
    municipality = reference()
    municipality_name = text()
    answer = one_of(models.Response.Answer.values)
    source = one_of(models.Response.Source.values)  # type: ignore[assignment]
    substitute = Substitute(allow_null=True)
    reason = serializers.CharField(help_text="empty to those who may not know it")
    answered_at = serializers.DateTimeField()


class ResponseBody(serializers.Serializer[Any]):
    answer = one_of(models.Response.Answer.values)
    reason = optional_text()
    substitute = Substitute(required=False, allow_null=True)


def response_answer(actor: Actor, response: models.Response) -> dict[str, Any]:
    """Needs `meeting` and `municipality` selected."""
    shown = selectors.response_as_object(response, reason=selectors.may_see_reason(actor, response.municipality))
    return able({"reason": "", **shown}, selectors.answer_abilities(actor, response.meeting, response.municipality))


class Responses(Rest):
    @lists(ResponseObject)
    def list(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        rows = selectors.responses(meeting).select_related("meeting")
        return self.page(rows, lambda row: response_answer(actor, row), by=("id",))

    @reads(ResponseObject)
    def retrieve(self, request: Request, id: UUID, municipality: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        row = found(selectors.responses(meeting).select_related("meeting").filter(municipality=municipality).first())
        return self.read(response_answer(actor, row))

    @writes(ResponseObject, takes=ResponseBody)
    def update(self, request: Request, id: UUID, municipality: UUID) -> Response:
        """A later answer replaces an earlier one until the session opens."""
        meeting, actor = meeting_and_actor(self, id)
        seat, values = municipality_in(meeting.network_id, municipality), {"reason": "", "substitute": None, **self.sent(ResponseBody)}
        return self.write(lambda: response_answer(actor, services.respond(actor=actor, meeting=meeting, municipality=seat, **values)))
