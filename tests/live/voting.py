"""Voting through either transport: the services themselves, or REST. Both answer with plain JSON and refuse with the same codes."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.test import Client

from meetings.errors import DomainError
from meetings.events.hashing import canonical
from meetings.live import poll_selectors, polls
from meetings.live.models import Poll
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests.api.client import Api
from tests.conftest import BACKEND
from tests.factories import Side


class Refused(Exception):
    """By code; `current` is what the refusal shows."""

    def __init__(self, code: str, current: Any = None) -> None:
        super().__init__(code)
        self.code, self.current = code, current


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Ids as the services take them."""
    return {name: [UUID(pk) for pk in value] if name in ("chosen", "covers") else value for name, value in values.items()}


class ByService:
    """The functions that every transport calls."""

    def __init__(self, side: Side, meeting: Meeting) -> None:
        self.side, self.meeting = side, meeting

    def _plain(self, act: Callable[[], Any]) -> Any:
        try:
            return json.loads(canonical({"found": act()}))["found"]
        except DomainError as error:
            raise Refused(error.code, error.current and json.loads(canonical(error.current))) from error

    def _poll(self, poll_id: str) -> Poll:
        return Poll.objects.select_related("agenda_item__meeting__network").get(pk=poll_id)

    def _act(self, who: User, service: Callable[..., Poll], poll_id: str, **values: Any) -> Any:
        actor = self.side.actor(who)

        def act() -> Any:
            done = service(actor=actor, poll=self._poll(poll_id), **values)
            return poll_selectors.as_it_stands(done, staff=actor.is_staff)

        return self._plain(act)

    def draft(self, who: User, **values: Any) -> Any:
        actor = self.side.actor(who)
        item: Any = values.pop("item", None) or self.meeting.current_item
        return self._plain(lambda: poll_selectors.poll_as_object(polls.draft(actor=actor, item=item, **_typed(values))))

    def edit(self, who: User, poll_id: str, version: int, **values: Any) -> Any:
        return self._act(who, polls.edit, poll_id, values=_typed(values), expected_version=version)

    def open(self, who: User, poll_id: str) -> Any:
        return self._act(who, polls.open_, poll_id)

    def close(self, who: User, poll_id: str) -> Any:
        return self._act(who, polls.close, poll_id)

    def publish(self, who: User, poll_id: str) -> Any:
        return self._act(who, polls.publish, poll_id)

    def take_out(self, who: User, poll_id: str, item: Any) -> Any:
        return self._act(who, polls.take_out, poll_id, item=item)

    def vote(self, who: User, poll_id: str, seat: Any, choice: str, **more: str) -> Any:
        actor = self.side.actor(who)
        return self._plain(
            lambda: poll_selectors.receipt_as_object(
                polls.vote(actor=actor, poll=self._poll(poll_id), municipality=seat, choice=choice, **more)
            )
        )

    def get(self, who: User, poll_id: str) -> Any:
        actor = self.side.actor(who)
        return self._plain(lambda: poll_selectors.as_it_stands(poll_selectors.poll(actor, poll_id), staff=actor.is_staff))

    def votes(self, who: User, poll_id: str) -> Any:
        rows = poll_selectors.named_votes(self.side.actor(who), self._poll(poll_id))
        return {str(row.municipality_id): [row.choice, row.by_phone] for row in rows}


class ByRest(ByService):
    """The same over HTTP."""

    def _ask(self, who: User, method: str, path: str, body: Any = None, **more: Any) -> Any:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(who, backend=BACKEND)
        api = Api(client)
        answer = api.get(path) if method == "GET" else api.send(method, path, body or {}, **more)
        found = answer.json()
        if answer.status_code >= 400:
            raise Refused(found["code"], found.get("current"))
        found.pop("abilities", None)
        return found

    def draft(self, who: User, **values: Any) -> Any:
        item: Any = values.pop("item", None) or self.meeting.current_item
        return self._ask(who, "POST", f"agenda-items/{item.pk}/polls/", values)

    def edit(self, who: User, poll_id: str, version: int, **values: Any) -> Any:
        return self._ask(who, "PATCH", f"polls/{poll_id}/", values, version=version)

    def open(self, who: User, poll_id: str) -> Any:
        return self._ask(who, "POST", f"polls/{poll_id}/open/")

    def close(self, who: User, poll_id: str) -> Any:
        return self._ask(who, "POST", f"polls/{poll_id}/close/")

    def publish(self, who: User, poll_id: str) -> Any:
        return self._ask(who, "POST", f"polls/{poll_id}/publish/")

    def take_out(self, who: User, poll_id: str, item: Any) -> Any:
        return self._ask(who, "POST", f"polls/{poll_id}/take-out/", {"agenda_item": item.pk})

    def vote(self, who: User, poll_id: str, seat: Any, choice: str, **more: str) -> Any:
        return self._ask(who, "PUT", f"polls/{poll_id}/vote/", {"municipality": seat.pk, "choice": choice, **more})

    def get(self, who: User, poll_id: str) -> Any:
        return self._ask(who, "GET", f"polls/{poll_id}/")

    def votes(self, who: User, poll_id: str) -> Any:
        rows = self._ask(who, "GET", f"polls/{poll_id}/votes/")["results"]
        return {row["municipality"]: [row["choice"], row["by_phone"]] for row in rows}
