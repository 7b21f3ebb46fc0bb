"""`me/`: the caller, the keys of their programs, and their calendar addresses."""

from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, one_of, optional_text, reference, text, whole
from api.memberships import MembershipObject
from api.schema import lists, reads, writes
from api.throttles import Reads, Secrets, Writes
from meetings.calendar_feed import selectors as feeds
from meetings.calendar_feed import services as feed_services
from meetings.calendar_feed.models import CalendarFeed
from meetings.network import people, selectors, sign_ins
from meetings.network.models import AccessToken
from meetings.privacy.export import SECTIONS, data_of


class OwnMembership(MembershipObject):
    """A membership with the network that it is in."""

    abilities = None  # type: ignore[assignment]
    network = text()
    network_name = text()


class MeObject(Thing):
    id = reference()
    email = serializers.EmailField()
    name = text()
    phone = serializers.CharField(allow_blank=True)
    language = text()
    memberships = OwnMembership(many=True)


_SECTIONS: dict[str, Any] = {section.name: serializers.ListField(child=serializers.DictField()) for section in SECTIONS}
DataObject: type[serializers.Serializer[Any]] = type(
    "DataObject",
    (serializers.Serializer,),
    {"made_at": serializers.DateTimeField(), "profile": serializers.DictField(), **_SECTIONS, "__doc__": "As on the page My data."},
)


class TokenObject(Thing):
    id = reference()
    user = reference()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    scope = one_of(AccessToken.Scope.values)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewToken(TokenObject):
    token = serializers.CharField(required=False, help_text="shown once: a replayed answer is without it")


class TokenBody(serializers.Serializer[Any]):
    scope = one_of(AccessToken.Scope.values, required=False)
    days = whole(people.LONGEST_LIFE, 1, required=False)
    label = optional_text()  # type: ignore[assignment]


class FeedObject(Thing):
    id = reference()
    kind = text()
    network = reference()
    network_name = text()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    hide_cancelled = serializers.BooleanField()
    alarm_minutes = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewFeed(FeedObject):
    url = serializers.CharField(required=False, help_text="secret, shown once: a replayed answer is without it")


class FeedBody(serializers.Serializer[Any]):
    network = serializers.SlugField()
    label = optional_text()  # type: ignore[assignment]
    hide_cancelled = serializers.BooleanField(required=False)
    alarm_minutes = whole(feed_services.LONGEST_ALARM, required=False, allow_null=True)


class Me(Rest):
    @reads(MeObject)
    def retrieve(self, request: Request) -> Response:
        return self.read(able(selectors.me_as_object(self.user), []))


class Data(Rest):
    @reads(DataObject)
    def retrieve(self, request: Request) -> Response:
        """Everything that is held about the caller, section by section (GDPR art. 15 and 20)."""
        return Response(data_of(self.user), headers={"Cache-Control": "private, no-store"})


class Tokens(Rest):
    throttle_classes = (Reads, Writes, Secrets)

    @lists(TokenObject)
    def list(self, request: Request) -> Response:
        return self.short_list(selectors.tokens_of(self.user), _token_answer)

    @writes(NewToken, takes=TokenBody, status=201)
    def create(self, request: Request) -> Response:
        """In a session: for whoever has signed in within the last 15 minutes; else 403 `sign_in_again`. A program may make another."""
        if not isinstance(request.auth, AccessToken):
            sign_ins.require_fresh(request.session)
        values = self.sent(TokenBody)

        def act() -> dict[str, Any]:
            token, shown = people.create_token(user=self.user, **values)
            return {**_token_answer(token), "token": shown}

        return self.write(act, status=201, secret="token")  # noqa: S106 - the field's name

    @writes(TokenObject)
    def destroy(self, request: Request, id: UUID) -> Response:
        """Ends it at once."""
        token = selectors.token_of(self.user, id)
        return self.write(lambda: _token_answer(people.revoke_token(user=self.user, token=token)))


class CalendarFeeds(Rest):
    throttle_classes = (Reads, Writes, Secrets)

    @lists(FeedObject)
    def list(self, request: Request) -> Response:
        return self.short_list(feeds.feeds_of(self.user), _feed_answer)

    @writes(NewFeed, takes=FeedBody, status=201)
    def create(self, request: Request) -> Response:
        values = self.sent(FeedBody)
        network, actor = self.network(values.pop("network"))

        def act() -> dict[str, Any]:
            feed, token = feed_services.create_feed(actor=actor, network=network, **values)
            return {**_feed_answer(feed), "url": f"{network.base_url.rstrip('/') or settings.BASE_URL}/calendar/{token}.ics"}

        return self.write(act, status=201, secret="url")  # noqa: S106 - the field's name

    @writes(FeedObject)
    def destroy(self, request: Request, id: UUID) -> Response:
        """Ends the address at once."""
        feed = feeds.feed_of(self.user, id)
        actor = self.actor(feed.network)
        return self.write(lambda: _feed_answer(feed_services.revoke_feed(actor=actor, feed=feed)))


def _token_answer(token: AccessToken) -> dict[str, Any]:
    return able(selectors.token_as_object(token), [] if token.revoked_at else ["revoke"])


def _feed_answer(feed: CalendarFeed) -> dict[str, Any]:
    return able(feeds.as_object(feed), [] if feed.revoked_at else ["revoke"])
