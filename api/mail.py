"""`outgoing-emails/`: the network's mail, for coordinators to decide about what has not arrived; `me/mail-choices/`: what one wants."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.enums import MAIL_STATE
from api.fields import Thing, count, one_of, reference, text
from api.schema import lists, reads, writes
from meetings.access import Actor, abilities, require
from meetings.network import mail
from meetings.notifications import selectors, unsubscribing
from meetings.notifications.models import ACTIONS, TRANSITIONS, OutgoingEmail


class OutgoingEmailObject(Thing):
    id = reference()
    kind = text()
    subject = text()
    name = text()
    address = text()
    language = text()
    state = one_of(MAIL_STATE)
    created_at = serializers.DateTimeField()
    not_before = serializers.DateTimeField()
    attempts = count()
    handed_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    error = text()


class OutgoingEmailQuery(serializers.Serializer[Any]):
    state = one_of(MAIL_STATE, required=False)


class MailChoice(serializers.Serializer[Any]):
    kind = text()
    label = text()  # type: ignore[assignment]
    wanted = serializers.BooleanField()


class MailChoicesObject(Thing):
    kinds = MailChoice(many=True)


class MailChoicesBody(serializers.Serializer[Any]):
    wanted = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=100, help_text="the kinds; all others are refused"
    )


def mail_answer(actor: Actor, row: OutgoingEmail) -> dict[str, Any]:
    return able(selectors.email_as_object(row), abilities(actor, ACTIONS, TRANSITIONS.possible(row.state)))


class OutgoingEmails(Rest):
    @lists(OutgoingEmailObject, query=OutgoingEmailQuery)
    def list(self, request: Request, slug: str) -> Response:
        """The newest first."""
        network, actor = self.network(slug)
        require(actor, ACTIONS["settle"], network_id=network.pk)
        rows = selectors.mail_of(network.pk, **self.query(OutgoingEmailQuery))
        return self.page(rows, lambda row: mail_answer(actor, row), by=("-created_at", "-id"))

    @writes(OutgoingEmailObject)
    def send_again(self, request: Request, id: UUID) -> Response:
        """One more attempt at an undeliverable or uncertain mail, which may then arrive twice."""
        row, actor = self._found(id)
        return self.write(lambda: mail_answer(actor, mail.send_again(actor=actor, email=row)))

    @writes(OutgoingEmailObject)
    def settle(self, request: Request, id: UUID) -> Response:
        """An uncertain mail counts as sent, an undeliverable one as not sent."""
        row, actor = self._found(id)
        return self.write(lambda: mail_answer(actor, mail.settle(actor=actor, email=row)))

    def _found(self, id: UUID) -> tuple[OutgoingEmail, Actor]:
        row = selectors.email(id)
        assert row.network is not None  # noqa: S101 - `email` finds no others
        return row, self.actor(row.network)


class MailChoices(Rest):
    @reads(MailChoicesObject)
    def retrieve(self, request: Request) -> Response:
        return self.read(self._answer())

    @writes(MailChoicesObject, takes=MailChoicesBody)
    def update(self, request: Request) -> Response:
        """Which of the mails that may be refused the caller wants."""
        wanted = self.sent(MailChoicesBody)["wanted"]

        def act() -> dict[str, Any]:
            unsubscribing.choose(user_id=self.user.pk, wanted=wanted)
            return self._answer()

        return self.write(act)

    def _answer(self) -> dict[str, Any]:
        return able(unsubscribing.choices_as_object(self.user.pk), ["edit"])
