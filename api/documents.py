"""Documents to save: the agenda, the minutes, and the tracker of action items."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.request import Request

from api.base import Rest
from api.fields import one_of, whole
from api.files import as_download
from api.meetings import meeting_and_actor
from api.schema import gives_file
from meetings.documents import services
from meetings.network.people import LANGUAGES


class DocumentQuery(serializers.Serializer[Any]):
    language = one_of(LANGUAGES, required=False)


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
        return _download(services.minutes_document(actor=actor, meeting=meeting, language=self._language(), edition=edition))

    @gives_file([services.PDF], query=DocumentQuery)
    def tracker(self, request: Request, slug: str) -> FileResponse:
        return self._of_network("tracker", slug)

    @gives_file(["text/csv"], query=DocumentQuery)
    def tracker_csv(self, request: Request, slug: str) -> FileResponse:
        return self._of_network("tracker_csv", slug)

    def _of_meeting(self, kind: services.Kind, id: UUID) -> FileResponse:
        meeting, actor = meeting_and_actor(self, id)
        return _download(services.render(kind, actor=actor, meeting=meeting, language=self._language()))

    def _of_network(self, kind: services.Kind, slug: str) -> FileResponse:
        network, actor = self.network(slug)
        return _download(services.render(kind, actor=actor, network=network, language=self._language()))

    def _language(self) -> str:
        """As asked for, or the reader's."""
        asked = self.query(DocumentQuery).get("language") or (get_language() or LANGUAGES[0]).partition("-")[0]
        return str(asked)


def _download(document: services.Document) -> FileResponse:
    return as_download(BytesIO(document.body), document.name, document.content_type)
