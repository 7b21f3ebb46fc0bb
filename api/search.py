"""`search/`: what was said and decided, found by its words."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Pages, Rest, able
from api.fields import Day, Thing, one_of, reference, text
from api.schema import lists
from meetings.archive import selectors
from meetings.archive.kinds import Kind
from meetings.archive.words import LONGEST_QUERY, Piece
from meetings.network.models import Network
from meetings.network.selectors import municipality_in


class PieceOfText(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)
    hit = serializers.BooleanField(help_text="whether it is a word that was sought")


class FoundObject(Thing):
    """Something that was found, as far as the caller may see it; its own address has all of it."""

    kind = one_of(Kind.values)
    id = reference()
    at = serializers.DateTimeField(help_text="of what belongs to a meeting, its start; else when it was made")
    title = PieceOfText(many=True)
    excerpt = PieceOfText(many=True)
    state = text(help_text="empty where the kind has none")
    number = serializers.IntegerField(allow_null=True, help_text="of meetings, decisions and action items")
    year = serializers.IntegerField(allow_null=True, help_text="to which a decision's number belongs")
    meeting = reference(allow_null=True)
    agenda_item = reference(allow_null=True)


class Words(serializers.CharField):
    """Any text at all: what is no word is left out, and nothing of it is refused."""

    def run_validators(self, value: Any) -> None:
        pass


_QUERY = {
    "q": Words(
        allow_blank=True,
        help_text=f"all words must be there, the last may be the beginning of one; at most {LONGEST_QUERY} characters are read",
    ),
    "kind": one_of(Kind.values, required=False),
    "from": Day(required=False),
    "to": Day(required=False),
    "state": serializers.CharField(required=False),
    "municipality": reference(required=False),
}
SearchQuery: type[serializers.Serializer[Any]] = type("SearchQuery", (serializers.Serializer,), _QUERY)
"""Days on the network's clocks; both belong to the span."""


class Search(Rest):
    @lists(FoundObject, query=SearchQuery)
    def list(self, request: Request, slug: str) -> Response:
        """What has the words in its title first, then the latest."""
        network, actor = self.network(slug)
        asked = _asked(network, self.query(SearchQuery))
        size = Pages().get_page_size(request) or Pages.page_size
        found = selectors.hits(actor, asked, size=size + 1, after=self._after())
        following = self.address(cursor=found[size - 1].spot.as_cursor()) if len(found) > size else None
        return Response({"results": [_answer(hit) for hit in found[:size]], "next": following})

    def _after(self) -> selectors.Spot | None:
        cursor = self.request.query_params.get("cursor")
        try:
            return selectors.spot_of(cursor) if cursor else None
        except ValueError:
            raise ParseError(_("This cursor is not one of ours.")) from None


def _asked(network: Network, sent: dict[str, Any]) -> selectors.Asked:
    town = municipality_in(network.pk, sent["municipality"]).pk if sent.get("municipality") else None
    return selectors.Asked(
        query=sent["q"],
        zone=network.zone,
        kind=sent.get("kind", ""),
        since=sent.get("from"),
        until=sent.get("to"),
        state=sent.get("state", ""),
        municipality=town,
    )


def _answer(hit: selectors.Hit) -> dict[str, Any]:
    names = ("kind", "id", "at", "state", "meeting")
    plain = {name: getattr(hit, name) for name in names}
    numbers = {"number": hit.number or None, "year": hit.year or None}
    pieces = {"title": _pieces(hit.title), "excerpt": _pieces(hit.excerpt)}
    return able({**plain, **pieces, **numbers, "agenda_item": hit.item}, [])


def _pieces(pieces: list[Piece]) -> list[dict[str, Any]]:
    return [piece._asdict() for piece in pieces]
