"""A write that is sent twice is done once."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.events.models import Event, IdempotencyKey
from meetings.network.models import AccessToken, User
from tests import factories
from tests.api.client import Api
from tests.conftest import BACKEND
from tests.factories import Side, World

As = Callable[[User | None], Api]


def test_the_same_key_and_body_returns_the_first_answer(home: Side, api: As) -> None:
    own, path = api(home.representative), f"meetings/{home.meeting.pk}/agenda-items/"
    first = own.post(path, {"title": "Once"}, key="k1")
    AgendaItem.objects.update(title="Changed meanwhile")
    second = own.post(path, {"title": "Once"}, key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"] == '"1"'
    assert (first.headers.get("Idempotent-Replayed"), second.headers["Idempotent-Replayed"]) == (None, "true")
    assert AgendaItem.objects.count() == 1


@pytest.mark.parametrize("change", ["body", "bytes", "path", "query", "method"])
def test_the_same_key_for_another_request_is_a_conflict(home: Side, api: As, change: str) -> None:
    office = api(home.coordinator)
    path, body = f"series/{home.series.pk}/", b'{"title": "A"}'
    assert office.patch(path, raw=body, version=1, key="k1").status_code == 200
    if change == "body":
        response = office.patch(path, raw=b'{"title": "B"}', version=2, key="k1")
    elif change == "bytes":
        response = office.patch(path, raw=body + b" ", version=2, key="k1")
    elif change == "path":
        response = office.patch(f"meetings/{home.meeting.pk}/", raw=body, version=1, key="k1")
    elif change == "query":
        response = office.patch(path + "?x=1", raw=body, version=2, key="k1")
    else:
        response = office.post("networks/home/series/", raw=json.dumps(SERIES).encode(), key="k1")
    assert response.status_code == 409
    assert response.json()["code"] == "idempotency_key_reused"


SERIES = {"title": "Other", "weekday": 0, "local_start": "09:00", "starts_on": "2027-01-01", "ends_on": "2027-01-20"}


def test_a_key_is_one_person_s(home: Side, api: As) -> None:
    path = f"meetings/{home.meeting.pk}/agenda-items/"
    for user in home.representatives[:2]:
        assert api(user).post(path, {"title": "Mine"}, key="k1").status_code == 201
    assert AgendaItem.objects.count() == 2


def test_a_refused_write_may_be_repeated(home: Side, api: As) -> None:
    own, item = api(home.representative), factories.draft(home)
    with clock.at(home.meeting.intake_closes_at.replace(second=1)):
        refused = own.post(f"agenda-items/{item.pk}/submit/", {}, key="k1")
        assert refused.status_code == 422
        assert not IdempotencyKey.objects.exists()
        assert own.post(f"agenda-items/{item.pk}/submit/", {"motive": "Snow"}, key="k1").status_code == 200


@pytest.mark.parametrize("key", ["x" * 201, "tab\tinside", "\u00e9" * 201])
def test_a_key_has_bounds(home: Side, api: As, key: str) -> None:
    response = api(home.coordinator).post("networks/home/zones/", {"number": 7, "name": "Seventh"}, key=key)
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key"


def test_a_write_s_events_come_once(home: Side, api: As) -> None:
    office, before = api(home.coordinator), Event.objects.count()
    for _ in range(3):
        assert office.post("networks/home/zones/", {"number": 7, "name": "Seventh"}, key="k1").status_code == 201
    assert Event.objects.count() == before + 1


def test_a_secret_is_shown_once(home: Side, api: As) -> None:
    own = api(home.representative)
    first = own.post("me/tokens/", {"label": "script"}, key="k1").json()
    again = own.post("me/tokens/", {"label": "script"}, key="k1").json()
    assert first["token"].startswith("rct_")
    assert again == {name: value for name, value in first.items() if name != "token"}
    assert first["token"] not in str(list(IdempotencyKey.objects.values()))
    assert AccessToken.objects.count() == 1


def test_a_calendar_address_is_shown_once(home: Side, api: As) -> None:
    own = api(home.representative)
    first, again = (own.post("me/calendar-feeds/", {"network": "home"}, key="k1").json() for _ in range(2))
    assert first["url"].endswith(".ics")
    assert "url" not in again


def test_an_upload_that_is_sent_twice_is_kept_once(home: Side, api: As) -> None:
    own, item = api(home.representative), factories.draft(home)
    path = f"agenda-items/{item.pk}/attachments/"

    def send(name: str, content: bytes) -> Any:
        sent = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content)})
        return own.post(path, raw=sent, content_type=MULTIPART_CONTENT, key="k1")

    first, again = send("a.pdf", b"%PDF-1"), send("a.pdf", b"%PDF-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert send("a.pdf", b"%PDF-2").status_code == 409
    assert send("b.pdf", b"%PDF-1").status_code == 409
    assert item.attachments.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one after the other")
def test_the_same_key_at_the_same_moment_writes_once(world: World) -> None:
    path, answers = f"meetings/{world.home.meeting.pk}/agenda-items/", []
    start = threading.Barrier(8)

    def send() -> None:
        client = Client()
        client.force_login(world.home.representative, backend=BACKEND)
        start.wait()
        answers.append(Api(client).post(path, {"title": "Once"}, key="k1"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert AgendaItem.objects.count() == 1
