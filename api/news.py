"""`news/`: what is new for the caller in a network, and until when they have looked."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, reference, text
from api.schema import lists, writes
from meetings.network.models import Network
from meetings.news import selectors, services
from meetings.news.words import words


class NewsObject(Thing):
    id = reference()
    kind = text()
    at = serializers.DateTimeField()
    path = text(help_text="the page's stable address below the site's; empty when there is none any more")
    text = text(help_text="what has happened, in the caller's language")
    new = serializers.BooleanField(help_text="whether it came after `seen_at`")


class SeenBody(serializers.Serializer[Any]):
    until = serializers.DateTimeField(required=False, help_text="now, when none is given; never later than now")


class SeenObject(Thing):
    seen_at = serializers.DateTimeField()
    new = serializers.IntegerField(help_text="how much is new all the same")


def news_answer(line: selectors.News, network: Network) -> dict[str, Any]:
    shown = {"id": line.id, "kind": line.kind, "at": line.at, "text": words(line, network), "path": line.path, "new": line.is_new}
    return able(shown, [])


class NewsLines(Rest):
    @lists(NewsObject)
    def list(self, request: Request, slug: str) -> Response:
        """What happened in the last 30 days and concerns the caller, the latest first; 200 lines at most."""
        network, actor = self.network(slug)
        return self.short_list(selectors.news(actor, network), lambda line: news_answer(line, network))

    @writes(SeenObject, takes=SeenBody)
    def see(self, request: Request, slug: str) -> Response:
        """What happened until then is not new any more."""
        network, actor = self.network(slug)
        until = self.sent(SeenBody).get("until")

        def act() -> dict[str, Any]:
            seen = services.see(actor=actor, until=until)
            return able({"seen_at": seen, "new": selectors.count_new(actor, network)}, ["see"])

        return self.write(act)
