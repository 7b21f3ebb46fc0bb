"""`outgoing-emails/` and `me/mail-choices/`."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.events.models import Event
from meetings.network.models import User
from meetings.notifications.letters import KINDS, Kind, Letter
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.notifications.unsubscribing import refused_by
from tests.api.client import Api
from tests.factories import Side
from tests.notifications.mails import mail

As = Callable[[User | None], Api]


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(context: Any) -> Letter:
        return Letter(subject="About it", paragraphs=["The body itself"])

    for name in [name for name, kind in KINDS.items() if kind.label]:
        monkeypatch.delitem(KINDS, name)
    monkeypatch.setitem(KINDS, "plain", Kind("plain", write))
    monkeypatch.setitem(KINDS, "news", Kind("news", write, label="News"))
    monkeypatch.setitem(KINDS, "reminder", Kind("reminder", write, label="Reminders"))


def test_a_mail_is_shown_without_what_it_says(side: Side, api: As) -> None:
    row = mail(side, "uncertain", context={"text": "secret"}, error="interrupted", attempts=1)
    mail(None, "uncertain", kind="sign_in_code", context={"code": "ABCD", "minutes": 15})
    [shown] = api(side.coordinator).get("networks/home/outgoing-emails/").json()["results"]
    assert shown == {
        "id": str(row.pk),
        "kind": "plain",
        "subject": "About it",
        "name": row.name,
        "address": row.address,
        "language": "en",
        "state": "uncertain",
        "created_at": "2026-11-20T08:00:00Z",
        "not_before": "2026-11-20T08:00:00Z",
        "attempts": 1,
        "handed_at": "2026-11-20T08:00:00Z",
        "sent_at": None,
        "error": "interrupted",
        "abilities": ["send_again", "settle"],
    }


def test_the_list_is_filtered_by_state_and_comes_in_pages(side: Side, api: As) -> None:
    reader = api(side.coordinator)
    rows = [mail(side, state) for state in MailState.values for _n in range(2)]
    for state in MailState.values:
        found = reader.get("networks/home/outgoing-emails/", state=state).json()["results"]
        assert {row["state"] for row in found} == {state}
        assert len(found) == 2
    seen, page = [], reader.get("networks/home/outgoing-emails/", limit=5).json()
    seen += page["results"]
    while page["next"]:
        page = reader.client.get(page["next"]).json()
        seen += page["results"]
    assert sorted(row["id"] for row in seen) == sorted(str(row.pk) for row in rows)
    assert reader.get("networks/home/outgoing-emails/", state="lost").status_code == 422


@pytest.mark.parametrize(("act", "state", "after"), [("send-again", "uncertain", "queued"), ("settle", "uncertain", "sent")])
def test_deciding_happens_once_for_a_key(side: Side, api: As, act: str, state: str, after: str) -> None:
    row, writer = mail(side, state), api(side.coordinator)
    for replay in (False, True):
        answer = writer.post(f"outgoing-emails/{row.pk}/{act}/", key="once")
        assert (answer.status_code, answer.json()["state"]) == (200, after)
        assert ("Idempotent-Replayed" in answer.headers) is replay
    assert Event.objects.filter(type__startswith="outgoing_email.").count() == 1
    refused = writer.post(f"outgoing-emails/{row.pk}/{act}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


def test_what_is_over_cannot_be_decided(side: Side, api: As) -> None:
    for state in ("queued", "sending", "sent", "dropped"):
        row = mail(side, state)
        for act in ("send-again", "settle"):
            assert api(side.coordinator).post(f"outgoing-emails/{row.pk}/{act}/").status_code == 409
        assert OutgoingEmail.objects.get(pk=row.pk).state == state


def test_it_is_its_own_coordinators_alone(home: Side, away: Side, api: As) -> None:
    row = mail(home, "uncertain")
    for user, status in ((home.chair, 403), (home.representative, 403), (home.auditor, 403), (away.coordinator, 404), (None, 401)):
        assert api(user).get("networks/home/outgoing-emails/").status_code == status
        for act in ("send-again", "settle"):
            assert api(user).post(f"outgoing-emails/{row.pk}/{act}/").status_code == status
    assert OutgoingEmail.objects.get(pk=row.pk).state == "uncertain"
    code = mail(None, "uncertain", kind="sign_in_code")
    assert api(home.coordinator).post(f"outgoing-emails/{code.pk}/send-again/").status_code == 404


def test_choosing_the_mails_one_wants(side: Side, api: As) -> None:
    reader = api(side.representative)
    assert reader.get("me/mail-choices/").json() == {
        "kinds": [{"kind": "news", "label": "News", "wanted": True}, {"kind": "reminder", "label": "Reminders", "wanted": True}],
        "abilities": ["edit"],
    }
    answer = reader.put("me/mail-choices/", {"wanted": ["reminder"]})
    assert [row["wanted"] for row in answer.json()["kinds"]] == [False, True]
    assert (refused_by(side.representative.pk), refused_by(side.chair.pk)) == ({"news"}, set())
    assert reader.put("me/mail-choices/", {"wanted": []}).status_code == 200
    assert refused_by(side.representative.pk) == {"news", "reminder"}


@pytest.mark.parametrize(
    "body", [{"wanted": ["plain"]}, {"wanted": ["nothing"]}, {"wanted": "news"}, {"wanted": [None]}, {}, {"refused": []}]
)
def test_a_choice_that_is_none_is_refused(side: Side, api: As, body: Any) -> None:
    assert api(side.representative).put("me/mail-choices/", body).status_code == 422
    assert refused_by(side.representative.pk) == set()


def test_the_networks_sender_address(side: Side, api: As) -> None:
    writer = api(side.coordinator)
    assert writer.get("networks/home/").json()["sender_address"] == ""
    version = writer.get("networks/home/").json()["version"]
    answer = writer.patch("networks/home/", {"sender_address": "ufficio@example.org"}, version=version)
    assert (answer.status_code, answer.json()["sender_address"]) == (200, "ufficio@example.org")
    for bad in ("no address", "a@b\r\nBcc: c@d.org", "x" * 300 + "@example.org"):
        assert writer.patch("networks/home/", {"sender_address": bad}, version=version + 1).status_code == 422
    assert writer.patch("networks/home/", {"sender_address": ""}, version=version + 1).status_code == 200


@pytest.mark.one_database
def test_the_list_asks_as_often_for_312_as_for_10(side: Side, api: As) -> None:
    reader, counted = api(side.coordinator), []
    for more in (10, 302):
        for _n in range(more):
            mail(side, "uncertain")
        reader.get("networks/home/outgoing-emails/")
        with CaptureQueriesContext(connection) as asked:
            assert len(reader.get("networks/home/outgoing-emails/", limit=500).json()["results"]) in (10, 312)
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 12
