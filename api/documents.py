"""Documents to save: the agenda, the minutes, and the tracker of action items as far as it is wanted."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.request import Request

from api.base import Rest
from api.fields import one_of, reference, whole
from api.files import as_download
from api.meetings import meeting_and_actor
from api.schema import gives_file
from meetings.action_items.models import ActionState
from meetings.action_items.selectors import UNFINISHED_STATE, Wanted
from meetings.documents import services
from meetings.network.models import Network
from meetings.network.people import LANGUAGES
from meetings.network.selectors import municipality_in, zone_in


class DocumentQuery(serializers.Serializer[Any]):
    language = one_of(LANGUAGES, required=False)


class ActionItemFilter(serializers.Serializer[Any]):
    """Which action items."""

    state = one_of((*ActionState.values, UNFINISHED_STATE), required=False)
    owner = reference(required=False)
    zone = reference(required=False)
    overdue = serializers.BooleanField(required=False)
    mine = serializers.BooleanField(required=False, help_text="of the municipalities that the caller represents")
    text = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="in the title, details, person or owner")


class TrackerQuery(DocumentQuery, ActionItemFilter):
    pass


class MinutesQuery(DocumentQuery):
    edition = whole(least=1, required=False)


class Documents(Rest):
    @gives_file([services.PDF], query=DocumentQuery)
    def agenda(self, request: Request, id: UUID) -> FileResponse:
        return self._of_meeting("agenda", id)

    @gives_file([services.PDF], query=MinutesQuery)
    def minutes(self, request: Request, id: UUID) -> FileResponse:
        """The sealed file once they are approved; an earlier edition's as it was."""
        meeting, actor = meeting_and_actor(self, id)
        edition = self.query(MinutesQuery).get("edition")
        return download(services.minutes_document(actor=actor, meeting=meeting, language=self._language(), edition=edition))

    @gives_file([services.PDF], query=TrackerQuery)
    def tracker(self, request: Request, slug: str) -> FileResponse:
        return self._tracker(services.tracker, slug)

    @gives_file(["text/csv"], query=TrackerQuery)
    def tracker_csv(self, request: Request, slug: str) -> FileResponse:
        return self._tracker(services.tracker_csv, slug)

    @gives_file([services.XLSX], query=TrackerQuery)
    def tracker_xlsx(self, request: Request, slug: str) -> FileResponse:
        return self._tracker(services.tracker_xlsx, slug)

    def _of_meeting(self, kind: services.Kind, id: UUID) -> FileResponse:
        meeting, actor = meeting_and_actor(self, id)
        return download(services.render(kind, actor=actor, meeting=meeting, language=self._language()))

    def _tracker(self, make: Callable[..., services.Document], slug: str) -> FileResponse:
        network, actor = self.network(slug)
        asked = self.query(TrackerQuery)
        return download(make(actor=actor, network=network, language=language_of(asked), wanted=wanted_of(network, asked)))

    def _language(self) -> str:
        return language_of(self.query(DocumentQuery))


def language_of(asked: Mapping[str, Any]) -> str:
    """As asked for, or the reader's."""
    return str(asked.get("language") or (get_language() or LANGUAGES[0]).partition("-")[0])


def wanted_of(network: Network, asked: Mapping[str, Any]) -> Wanted:
    """The action items that a query asks for. Raises NotFound for a municipality or zone of another network."""
    owner = municipality_in(network.pk, asked["owner"]) if "owner" in asked else None
    zone = zone_in(network.pk, asked["zone"]) if "zone" in asked else None
    names = {name: asked[name] for name in ("state", "overdue", "mine", "text") if name in asked}
    return Wanted(owner=owner, zone=zone, **names)


def download(document: services.Document) -> FileResponse:
    return as_download(BytesIO(document.body), document.name, document.content_type)
