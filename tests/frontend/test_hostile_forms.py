"""Bad input in any field of any form: the form comes back with 422 (or is taken, where it is harmless), never a 500."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import SPRAYED, hidden, post, url
from tests.hostile import FILES, MARKUP

SERIES = {
    "title": "S",
    "weekday": 3,
    "local_start": "10:00",
    "duration_minutes": 90,
    "interval_weeks": 1,
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-02",
    "holiday_policy": "skip",
    "breaks": "",
    "intake_opens_hours": 162,
    "intake_closes_hours": 48,
    "join_url": "https://meet.example.org/x",
    "phone": "1",
    "phone_pin": "1",
}
ITEM = {"title": "T", "text": "x", "kind": "discussion", "duration_minutes": 5, "co_proposers": ""}
FORMS: Mapping[str, Mapping[str, Any]] = {
    "propose": {**ITEM, "proposer": ""},
    "item_edit": ITEM,
    "respond": {"answer": "substitute", "substitute_name": "A", "substitute_email": "a@b.it", "substitute_office": "x", "reason": "x"},
    "accept": {"duration_minutes": 5},
    "time-box": {"duration_minutes": 5},
    "return": {"answer": "x"},
    "decline": {"answer": "x"},
    "submit": {"motive": "x"},
    "series_new": SERIES,
    "series_edit": SERIES,
    "meeting_edit": {"title": "T", "duration_minutes": 60, "join_url": "", "phone": "", "phone_pin": "", "recording_url": ""},
    "order": {"items": "", "moved": ""},
    "settings": {
        "name": "N",
        "languages": "it",
        "time_zone": "Europe/Rome",
        "threshold_municipalities": "1/3",
        "threshold_population": "1/2",
        "correction_days": 7,
    },
    "profile": {"name": "N", "phone": "1", "language": "en"},
}
VERSIONED = ("item_edit", "time-box", "series_edit", "meeting_edit", "settings")


def address_of(side: Side, form: str) -> str:
    meeting, network = side.meeting.pk, side.network
    waiting = factories.proposal(side)
    draft = factories.draft(side, seat=None) if form == "submit" else waiting
    return {
        "propose": url(network, "meetings", meeting, "propose"),
        "item_edit": url(network, "agenda-items", waiting.pk, "edit"),
        "respond": url(network, "meetings", meeting, "responses", side.seats[0].pk),
        "series_new": url(network, "series", "new"),
        "series_edit": url(network, "series", side.series.pk, "edit"),
        "meeting_edit": url(network, "meetings", meeting, "edit"),
        "order": url(network, "meetings", meeting, "agenda", "order"),
        "settings": url(network, "settings"),
        "profile": "/en/me/",
    }.get(form) or url(network, "agenda-items", draft.pk, form)


@pytest.mark.parametrize("form", FORMS)
def test_every_field_survives_the_corpus(home: Side, browser_of: Callable[[User | None], Client], form: str) -> None:
    client, address, good = browser_of(home.coordinator), address_of(home, form), FORMS[form]
    hidden_fields = ["idempotency_key", *(["version"] if form in (*VERSIONED, "order") else [])]
    version = hidden(client.get(address).content.decode(), "version") if form in VERSIONED else "1"
    for name in (*good, *hidden_fields):
        for value in SPRAYED:
            with transaction.atomic():  # taken back after each attempt, so that the next one finds the form as it was
                response = post(client, address, **{"version": version, **good, name: value})
                transaction.set_rollback(True)
            assert response.status_code in (303, 409, 412, 422), (form, name, value[:40], response.status_code)
            assert MARKUP not in response.content.decode()


@pytest.mark.parametrize("form", FORMS)
def test_missing_fields_bring_the_form_back(home: Side, browser_of: Callable[[User | None], Client], form: str) -> None:
    client, address = browser_of(home.coordinator), address_of(home, form)
    response = client.post(address, {})
    buttons = {"submit"}  # on time, a button is all there is to it
    assert response.status_code == (303 if form in buttons else 422)
    if form not in buttons:
        assert b"<form" in response.content


@pytest.mark.parametrize(("name", "content"), FILES)
def test_hostile_files_are_refused(home: Side, browser_of: Callable[[User | None], Client], name: str, content: bytes) -> None:
    item = factories.draft(home)
    client = browser_of(home.representative)
    response = post(client, url(home.network, "agenda-items", item.pk, "attachments"), file=SimpleUploadedFile(name, content))
    assert response.status_code == 422
    assert b'type="file"' in response.content
    assert not item.attachments.exists()


def test_a_file_that_is_none_is_refused(home: Side, browser_of: Callable[[User | None], Client]) -> None:
    item = factories.draft(home)
    response = post(browser_of(home.representative), url(home.network, "agenda-items", item.pk, "attachments"), file="text")
    assert response.status_code == 422


@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=999999999999", "past=%00", "name=%00%ff", "name=" + "x" * 3000])
def test_hostile_queries_give_a_page(home: Side, browser_of: Callable[[User | None], Client], query: str) -> None:
    client = browser_of(home.representative)
    for parts in (("meetings",), ("municipalities",)):
        assert client.get(f"{url(home.network, *parts)}?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/go/meeting/x", "/go/zzz/00000000-0000-0000-0000-000000000000", "/en/%00/", "/en/home/meetings/1/"])
def test_wrong_addresses_are_not_found(home: Side, browser_of: Callable[[User | None], Client], path: str) -> None:
    assert browser_of(home.representative).get(path).status_code == 404
