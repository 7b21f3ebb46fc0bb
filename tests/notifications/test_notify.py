"""Putting mail into the outbox: once for each key, one for an editing session, one chase a day, nothing to who has refused."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from meetings import clock
from meetings.notifications.letters import KINDS, Kind, Letter
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.notifications.services import Recipient, drop, notify
from meetings.notifications.unsubscribing import refuse
from tests import factories
from tests.factories import Side

ADA = Recipient(address="ada@example.org", name="Ada Neri", language="it")
BEA = Recipient(address="bea@example.org", name="Bea Rossi", language="en")
DAY = date(2026, 11, 20)


def _write(context: Any) -> Letter:
    return Letter(subject="Subject", paragraphs=[str(context)])


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "plain", Kind("plain", _write))
    monkeypatch.setitem(KINDS, "refusable", Kind("refusable", _write, label="News"))
    monkeypatch.setitem(KINDS, "edited", Kind("edited", _write, settle=timedelta(minutes=10)))
    monkeypatch.setitem(KINDS, "chase", Kind("chase", _write, chase=True))
    monkeypatch.setitem(KINDS, "secret", Kind("secret", _write, secrets=("code",)))


def put(kind: str, *to: Recipient, key: str = "k", **more: Any) -> int:
    return notify(kind, to or (ADA,), key=key, network_id=more.pop("network_id", None), **more)


def rows() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.order_by("created_at", "address"))


def test_the_same_event_never_mails_twice(db: None) -> None:
    assert (put("plain"), put("plain"), put("plain", key="other")) == (1, 0, 1)
    assert put("plain", ADA, BEA) == 1
    assert len(rows()) == 3


def test_a_person_named_twice_gets_one(db: None) -> None:
    assert put("plain", ADA, ADA) == 1


def test_the_key_holds_no_address_and_has_its_length(db: None) -> None:
    put("plain", key="x" * 400)
    put("plain", BEA, key="x" * 400)
    put("plain", key="x" * 400)
    assert len(rows()) == 2
    assert not [row.key for row in rows() if "@" in row.key or len(row.key) > 200]


def test_it_belongs_to_the_transaction_that_caused_it(db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        put("plain")
        raise RuntimeError
    assert rows() == []


def test_the_context_is_plain_and_each_has_their_own(db: None, now: None) -> None:
    own = Recipient(address="ada@example.org", name="Ada", language="it", context={"seat": UUID(int=1), "days": [DAY]})
    put("plain", own, BEA, context={"at": clock.now(), "n": 1, "list": [{"id": UUID(int=2)}], "none": None})
    first, second = rows()
    shared = {"at": "2026-11-20T08:00:00Z", "n": 1, "list": [{"id": str(UUID(int=2))}], "none": None}
    assert first.context == {**shared, "seat": str(UUID(int=1)), "days": ["2026-11-20"]}
    assert second.context == shared


def test_one_editing_session_is_one_mail(db: None) -> None:
    """Edits join the mail that waits, which waits on; it keeps what was so before the first, and says what is so after the last."""
    start = factories.NOW
    for minute in (0, 5, 9):
        with clock.at(start + timedelta(minutes=minute)):
            assert put("edited", key=f"v{minute}", about="meeting:1", context={"title": minute, "before": minute - 1}) == 1
    [row] = rows()
    assert row.context == {"title": 9, "before": -1}
    assert row.not_before == start + timedelta(minutes=19)


def test_edits_that_never_end_hold_it_up_three_times_the_settling_at_most(db: None) -> None:
    start = factories.NOW
    for minute in range(0, 29, 4):
        with clock.at(start + timedelta(minutes=minute)):
            put("edited", key=f"v{minute}", about="meeting:1")
    [row] = rows()
    assert row.not_before == start + timedelta(minutes=30)


def test_another_session_another_thing_or_another_person_is_another_mail(db: None, now: None) -> None:
    put("edited", key="1", about="meeting:1")
    put("edited", key="2", about="meeting:2")
    put("edited", BEA, key="3", about="meeting:1")
    assert len(rows()) == 3
    OutgoingEmail.objects.update(state=MailState.SENT)
    put("edited", key="4", about="meeting:1")
    assert len(rows()) == 4


def test_what_joins_stays_in_the_language_and_context_of_each(db: None, now: None) -> None:
    for version in (1, 2):
        own = Recipient(address="ada@example.org", name="Ada", language="it", context={"seat": "Susa"})
        put("edited", own, BEA, key=f"v{version}", about="meeting:1", context={"version": version})
    assert [row.context for row in rows()] == [{"version": 2, "seat": "Susa"}, {"version": 2}]


def test_nobody_is_chased_twice_in_a_day(side: Side) -> None:
    home = side.network.pk
    assert put("chase", key="a", chase_day=DAY, network_id=home) == 1
    assert put("chase", ADA, BEA, key="b", chase_day=DAY, network_id=home) == 1
    assert put("chase", key="c", chase_day=date(2026, 11, 21), network_id=home) == 1


def test_another_network_may_chase_the_same_person(home: Side, away: Side) -> None:
    assert put("chase", key="a", chase_day=DAY, network_id=home.network.pk) == 1
    assert put("chase", key="a2", chase_day=DAY, network_id=away.network.pk) == 1


def test_who_was_chased_in_vain_may_be_chased_again(side: Side) -> None:
    put("chase", key="a", about="x", chase_day=DAY, network_id=side.network.pk)
    assert drop(kind="chase", about="x") == 1
    assert put("chase", key="b", chase_day=DAY, network_id=side.network.pk) == 1


@pytest.mark.parametrize(("kind", "day"), [("chase", None), ("plain", DAY)])
def test_a_chase_names_its_day_and_nothing_else_does(db: None, kind: str, day: date | None) -> None:
    with pytest.raises(ValueError, match="chase_day"):
        put(kind, chase_day=day)


def test_who_has_refused_the_kind_gets_none(side: Side) -> None:
    user = side.representative
    person = Recipient(address=user.email, name=user.name, language="en", user_id=user.pk)
    refuse(user.pk, KINDS["refusable"])
    assert put("refusable", person) == 0
    assert put("plain", person) == 1


def test_what_is_no_longer_so_is_taken_back_while_it_waits(db: None, now: None) -> None:
    put("plain", about="item:1")
    put("secret", about="item:1", context={"code": "1234"})
    put("plain", BEA, about="item:1")
    OutgoingEmail.objects.filter(address=BEA.address).update(state=MailState.SENT)
    assert drop(kind="plain", about="item:1") == 1
    assert drop(kind="secret", about="item:1") == 1
    found = {(row.kind, row.address): (row.state, row.context) for row in rows()}
    assert found == {
        ("plain", ADA.address): ("dropped", {}),
        ("plain", BEA.address): ("sent", {}),
        ("secret", ADA.address): ("dropped", {}),
    }


@pytest.mark.parametrize("instant", [factories.NOW, "text", 1.5, None, True])
def test_plain_values_stay_as_they_are(db: None, instant: Any) -> None:
    put("plain", context={"value": instant})
    [row] = rows()
    assert row.context["value"] == ("2026-11-20T08:00:00Z" if isinstance(instant, datetime) else instant)


def test_a_kind_that_is_none_is_a_mistake_of_ours(db: None) -> None:
    with pytest.raises(KeyError):
        put("no_such_kind")
