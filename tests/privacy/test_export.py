"""A person gets everything that is held about them, and nothing of anybody else's."""

import json
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.network.models import User
from meetings.privacy.export import LEFT_OUT, SECTIONS, covered, data_of
from tests import factories
from tests.factories import Side
from tests.privacy.conftest import ADDRESS, NAME, PHONE, Traced

Api = Callable[[User | None], Any]
FILLED = {
    "memberships",
    "answers",
    "out_of_office",
    "proposals",
    "attendances",
    "speaker_requests",
    "mails",
    "access_tokens",
    "calendar_feeds",
    "events_caused",
}


def test_every_reference_to_a_person_is_in_the_export_or_left_out_with_a_reason() -> None:
    """A new one fails here until somebody decides."""
    references = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is User
    }
    assert sorted(references - covered() - set(LEFT_OUT)) == []
    assert sorted(set(LEFT_OUT) - references) == []
    assert all(LEFT_OUT.values())


def test_what_is_named_secret_is_in_no_section() -> None:
    columns = {path for section in SECTIONS for path in section.columns.values()}
    assert not [path for path in columns if "digest" in path or "token" in path or path in ("context", "payload", "key", "password")]


def test_the_person_finds_all_of_their_traces(traced: Traced) -> None:
    data = data_of(traced.user)
    assert {name for name, rows in data.items() if isinstance(rows, list) and rows} == FILLED
    assert (data["profile"]["name"], data["profile"]["email"], data["profile"]["phone"]) == (NAME, ADDRESS, PHONE)
    assert data["answers"][0]["reason"] == "Canary reason"
    assert data["memberships"][0]["municipality"] == traced.side.seats[0].name


def test_others_find_nothing_of_theirs(traced: Traced, api: Api) -> None:
    data = api(traced.side.representatives[1]).get("me/data").json()
    assert ADDRESS not in json.dumps(data)
    assert "Canary" not in json.dumps(data)


def test_the_interface_and_the_file_say_the_same(traced: Traced, api: Api, browser_of: Callable[..., Client]) -> None:
    answer = api(traced.user).get("me/data")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    file = browser_of(traced.user).get("/en/me/data/file/")
    assert file.headers["Content-Disposition"] == 'attachment; filename="raccordo-my-data.json"'
    ours, theirs = answer.json(), json.loads(file.content)
    assert set(ours) == set(theirs)
    assert ours["answers"] == theirs["answers"]


def test_named_votes_are_the_persons(side: Side) -> None:
    factories.closed(side)
    assert [vote["choice"] for vote in data_of(side.representative)["votes"]] == ["yes"]


def test_it_takes_no_more_queries_for_more_rows(traced: Traced) -> None:
    with CaptureQueriesContext(connection) as few:
        data_of(traced.side.representatives[1])
    with CaptureQueriesContext(connection) as many:
        data_of(traced.user)
    assert len(many) == len(few) <= len(SECTIONS) + 3
