"""What holds for every route: sign-in, versions, bodies, errors, languages, limits, caches."""

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from api import throttles
from api.meetings import selectors
from meetings.network import people
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.conftest import BACKEND
from tests.factories import Side, World

As = Callable[[User | None], Api]


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert found["title"] and found["detail"] and found["code"]
    return found


# Signing in


def test_without_signing_in_there_is_nothing(world: World, api: As) -> None:
    response = api(None).get("networks/")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert problem(response)["code"] == "not_authenticated"


def test_a_disabled_person_is_nobody(world: World, api: As) -> None:
    assert api(world.disabled).get("networks/").status_code == 401


def test_who_has_no_network_sees_none(world: World, api: As) -> None:
    assert api(world.nobody).get("networks/").json() == {"results": [], "next": None}
    assert api(world.nobody).get("networks/home/").status_code == 404


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 201)])
def test_a_token_reads_and_only_a_write_token_writes(home: Side, api: As, scope: str, status: int) -> None:
    _token, text = people.create_token(user=home.coordinator, scope=scope)
    program = Api(Client(), {"Authorization": f"Bearer {text}"})
    assert program.get("networks/home/").status_code == 200
    assert program.post("networks/home/zones/", {"number": 7, "name": "Seventh"}).status_code == status


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Bearer rct_" + "x" * 43, "Bearer \u00e9"])
def test_a_wrong_token_is_refused(world: World, header: str) -> None:
    response = Api(Client(), {"Authorization": header}).get("networks/")
    assert response.status_code == 401
    assert problem(response)["code"] == "not_authenticated"


def test_a_revoked_token_is_refused_at_once(home: Side) -> None:
    token, text = people.create_token(user=home.coordinator)
    program = Api(Client(), {"Authorization": f"Bearer {text}"})
    assert program.get("me/").status_code == 200
    people.revoke_token(user=home.coordinator, token=token)
    assert program.get("me/").status_code == 401


def test_a_browser_needs_the_csrf_token(home: Side) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    browser.force_login(home.coordinator, backend=BACKEND)
    response = Api(browser).post("networks/home/zones/", {"number": 7, "name": "Seventh"})
    assert response.status_code == 403
    assert home.network.zones.count() == 3


def test_an_ended_membership_ends_access_at_once(home: Side, api: As) -> None:
    reader = api(home.observer)
    assert reader.get("networks/home/").status_code == 200
    membership = home.network.memberships.get(user=home.observer)
    assert api(home.coordinator).delete(f"memberships/{membership.pk}/").status_code == 200
    assert reader.get("networks/home/").status_code == 404


# Addresses


@pytest.mark.parametrize("path", ["x/", "meetings/1/", "meetings/../", "meetings/00000000-0000-0000-0000-00000000000g/", "networks/a b/"])
def test_what_is_no_address_is_not_found(home: Side, api: As, path: str) -> None:
    response = api(home.coordinator).get(path)
    assert response.status_code == 404
    assert problem(response)["code"] == "not_found"


def test_an_unknown_id_looks_like_a_foreign_one(world: World, api: As) -> None:
    reader = api(world.home.coordinator)
    foreign = reader.get(f"meetings/{world.away.meeting.pk}/")
    unknown = reader.get("meetings/6f1c51fc-6bb6-4bbd-a3fb-25b0bbf2ab7e/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


def test_a_method_that_is_not_there_is_refused(home: Side, api: As) -> None:
    response = api(home.coordinator).delete("networks/home/")
    assert response.status_code == 405
    assert problem(response)["code"] == "method_not_allowed"


# Versions


def test_an_object_carries_its_version(home: Side, api: As) -> None:
    assert api(home.observer).get("networks/home/").headers["ETag"] == '"1"'


@pytest.mark.parametrize("version", ['"1"', "1", 1, ' "1" '])
def test_an_edit_names_its_version(home: Side, api: As, version: object) -> None:
    response = api(home.coordinator).patch("networks/home/", {"name": "New"}, version=version)
    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert response.json()["version"] == 2


def test_an_edit_without_a_version_is_refused(home: Side, api: As) -> None:
    response = api(home.coordinator).patch("networks/home/", {"name": "New"})
    assert response.status_code == 428
    assert problem(response)["code"] == "version_required"


@pytest.mark.parametrize("version", ["x", "*", 'W/"1"', '"1", "2"', "-1", '"', "1" * 40, "1.0", "\u0661"])
def test_a_malformed_version_is_refused(home: Side, api: As, version: str) -> None:
    response = api(home.coordinator).patch("networks/home/", {"name": "New"}, version=version)
    assert response.status_code == 400
    assert problem(response)["code"] == "malformed"


def test_a_stale_edit_gets_what_was_saved_meanwhile(home: Side, api: As) -> None:
    first, second = api(home.coordinator), api(home.coordinator)
    assert first.patch("networks/home/", {"name": "First"}, version=1).status_code == 200
    response = second.patch("networks/home/", {"name": "Second"}, version=1)
    assert response.status_code == 412
    assert problem(response)["current"]["name"] == "First"


# Bodies


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nope",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b"\xff\xfe",
        b'{"a":1}{"b":2}',
        b"[" * 5000,
        b'{"a":' * 30 + b"1" + b"}" * 30,
    ],
)
def test_what_is_not_json_is_malformed(home: Side, api: As, raw: bytes) -> None:
    response = api(home.coordinator).patch("networks/home/", raw=raw, version=1)
    assert response.status_code == (200 if raw == b"" else 400)
    assert raw == b"" or problem(response)["code"] == "malformed"


def test_a_body_that_is_not_needed_must_be_json_all_the_same(home: Side, api: As) -> None:
    factories.accepted(home)
    path, office = f"meetings/{home.meeting.pk}/publish-agenda/", api(home.coordinator)
    assert office.post(path, raw=b"{").status_code == 400
    assert office.post(path, raw=b"x=1", content_type="text/plain").status_code == 415
    assert office.post(path, raw=b"", content_type="text/plain").status_code == 200


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"])
def test_a_form_from_elsewhere_is_refused(home: Side, content_type: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(home.coordinator, backend=BACKEND)
    body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"
    response = Api(browser).post(f"meetings/{home.meeting.pk}/publish-agenda/", raw=body, content_type=content_type)
    assert (response.status_code, problem(response)["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("raw", [b"[]", b'"name"', b"3", b"null", b"true", b"[[]]"])
def test_json_that_is_no_object_is_invalid(home: Side, api: As, raw: bytes) -> None:
    response = api(home.coordinator).post("networks/home/zones/", raw=raw)
    assert response.status_code == 422
    assert problem(response)["errors"]


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "\ud800", "x\udfff"])
def test_text_that_no_database_takes_is_invalid(home: Side, api: As, text: str) -> None:
    response = api(home.coordinator).patch("networks/home/", raw=json.dumps({"name": text}).encode(), version=1)
    assert response.status_code == 422
    assert list(problem(response)["errors"]) == ["name"]


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, 10**30, 1e300, 32768, "x", None, [], {}, True, "1" * 5000])
def test_numbers_out_of_range_are_invalid(home: Side, api: As, number: object) -> None:
    response = api(home.coordinator).post("networks/home/zones/", {"number": number, "name": "Zone"})
    assert response.status_code == 422
    assert list(problem(response)["errors"]) == ["number"]


def test_a_body_that_is_too_large_is_refused(home: Side, api: As) -> None:
    response = api(home.coordinator).patch("networks/home/", {"name": "x" * 3_000_000}, version=1)
    assert response.status_code == 413
    assert problem(response)["code"] == "too_large"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data", "x"])
def test_a_body_of_another_type_is_refused(home: Side, api: As, content_type: str) -> None:
    response = api(home.coordinator).post("networks/home/zones/", raw=b"number=1", content_type=content_type)
    assert response.status_code == 415
    assert problem(response)["code"] == "unsupported_media_type"


def test_fields_that_are_not_documented_change_nothing(home: Side, api: As) -> None:
    before = api(home.coordinator).get("networks/home/").json()
    hostile = {
        "id": home.seats[0].pk,
        "slug": "x",
        "version": 99,
        "holiday_country": "FR",
        "base_url": "https://evil.example",
        "created_at": "2000-01-01",
    }
    after = api(home.coordinator).patch("networks/home/", hostile, version=1).json()
    assert after == before
    home.network.refresh_from_db()
    assert (home.network.base_url, home.network.holiday_country) == ("", "IT")


@pytest.mark.parametrize("accept", ["application/pdf", "text/html", "application/xml", "*/*", "nonsense"])
def test_answers_are_json_whatever_is_accepted(home: Side, api: As, accept: str) -> None:
    response = Api(api(home.observer).client, {"Accept": accept}).get("networks/home/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


# Errors


def test_a_mistake_of_ours_shows_nothing_of_the_inside(home: Side, api: As, caplog: pytest.LogCaptureFixture) -> None:
    with patch.object(selectors, "meeting", side_effect=ZeroDivisionError("secret detail")):
        response = api(home.observer).get(f"meetings/{home.meeting.pk}/")
    assert response.status_code == 500
    assert problem(response)["code"] == "internal_error"
    assert b"secret" not in response.content and b"ZeroDivision" not in response.content
    assert "secret detail" in caplog.text


def test_the_detail_is_in_the_reader_s_language(home: Side) -> None:
    people.change_profile(user=home.observer, values={"language": "it"})
    italian = Client()
    italian.force_login(home.observer, backend=BACKEND)
    response = Api(italian).get("networks/home/")
    assert response.headers["Content-Language"] == "it"
    assert Api(italian, {"Accept-Language": "en"}).get("networks/home/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("path", ["networks/", "nothing/"])
def test_a_stranger_who_names_no_language_is_answered_too(world: World, path: str) -> None:
    assert Api(Client()).get(path).status_code == (401 if path == "networks/" else 404)


# Limits


def test_a_runaway_program_is_told_when_to_come_back(home: Side, api: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.Reads, "rate", "2/min")
    monkeypatch.setattr(throttles.Writes, "rate", "1/min")
    reader, other = api(home.observer), api(home.chair)
    answers = [reader.get("me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[2])["code"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 61
    assert other.get("me/").status_code == 200
    assert reader.post("me/tokens/", {}).status_code == 201
    assert reader.post("me/tokens/", {}).status_code == 429


def test_seats_behind_one_address_do_not_limit_each_other(home: Side, api: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.Writes, "rate", "1/min")
    meeting = factories.in_session(home)
    poll = factories.open_poll(home, meeting)
    answers = [api(user).put(f"polls/{poll.pk}/vote/", {"choice": "yes"}) for user in home.representatives[:8]]
    assert [answer.status_code for answer in answers] == [200] * 8


# Caches


def test_no_shared_cache_may_keep_an_answer(home: Side, api: As) -> None:
    for response in (api(home.observer).get("me/"), api(None).get("me/"), api(home.observer).get("nothing/")):
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert {"authorization", "cookie"} <= {part.strip().lower() for part in response.headers["Vary"].split(",")}
