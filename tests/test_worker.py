"""What the worker does at every tick."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock, worker
from meetings.action_items import services as action_items
from meetings.events.models import IdempotencyKey
from meetings.management.commands import run_worker
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from tests import factories
from tests.notifications.mails import mail


def test_a_tick_makes_the_meetings_that_have_come_due_and_no_more(home: factories.Side) -> None:
    home.series.ends_on = None
    home.series.save()
    before = Meeting.objects.filter(series=home.series).count()
    with clock.at(factories.NOW + timedelta(weeks=4)):
        assert worker.tick()
        after = Meeting.objects.filter(series=home.series).count()
        assert after > before
        assert worker.tick()
    assert Meeting.objects.filter(series=home.series).count() == after


def test_a_tick_forgets_old_idempotency_keys(home: factories.Side) -> None:
    for days in (6, 8):
        then = factories.NOW - timedelta(days=days)
        IdempotencyKey.objects.create(user=home.chair, key=str(days), fingerprint="", created_at=then)
    assert worker.tick()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["6"]


def test_a_step_that_fails_holds_up_no_other(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def failing() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(worker, "STEPS", (failing, lambda: done.append("next")))
    assert not worker.tick()
    assert done == ["next"]


def test_one_round_says_in_words_what_it_did(home: factories.Side) -> None:
    said: list[str] = []
    assert worker.tick(say=said.append)
    assert "open intakes: 2" in said and "tell of intakes: 22" in said
    said.clear()
    assert worker.tick(say=said.append)
    assert said == []


def test_the_command_prints_it(home: factories.Side, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_worker", "--once")
    assert "open intakes: 2\n" in capsys.readouterr().out
    call_command("run_worker", "--once")
    assert capsys.readouterr().out == "Nothing was due.\n"


@pytest.mark.one_database
def test_when_nothing_is_due_a_step_asks_next_to_nothing_however_many_meetings_there_are(db: None, now: None) -> None:
    """One network or five, one series or six, 18 months of meetings and their action items: what is not due is not looked at."""

    def idle() -> dict[str, int]:
        worker.tick(), worker.tick()
        asked = {}
        for step in (*worker.STEPS, worker.send_mail):
            with CaptureQueriesContext(connection) as queries:
                step()
            asked[step.__name__] = len(queries)
        return asked

    factories.make_side("small", seats=3)
    few = idle()
    large = factories.make_side("large", seats=60, series={**factories.SERIES, "ends_on": None})
    meeting = factories.in_session(large)
    for n, seat in enumerate(large.seats):
        values = {"title": f"Item {n}", "due_on": factories.NOW.date() + timedelta(days=n + 5)}
        action_items.create(actor=large.actor("chair"), meeting=meeting, values=values, owner=seat)
    many = idle()

    weekly = ("open_intakes", "close_intakes", "tell_of_intakes", "remind_the_silent", "chase_action_items")
    assert {name: many[name] for name in weekly} == {name: few[name] for name in weekly} == dict.fromkeys(weekly, 1)
    assert many == few
    for n in range(3):
        factories.make_network(f"network-{n}", zones=1, seats=1)
    for n in range(5):
        scheduling.create_series(
            actor=large.actor("coordinator"), network=large.network, values={**factories.SERIES, "title": f"Series {n}", "weekday": n}
        )
    assert idle() == few
    assert sum(few.values()) <= 15


def test_a_tick_sends_what_mail_is_due(side: factories.Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "STEPS", ())
    rows = [mail(kind="unknown_account") for _n in range(60)]
    assert worker.tick()
    assert {row.state for row in OutgoingEmail.objects.filter(pk__in=[row.pk for row in rows])} == {"sent"}


def test_the_command_once_sends_all_of_it(side: factories.Side, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[object]) -> None:
    monkeypatch.setattr(worker, "STEPS", ())
    for _n in range(60):
        mail(kind="unknown_account")
    call_command("run_worker", "--once")
    assert len(mailoutbox) == 60


class Stop(threading.Event):
    """Is set after so many waits, which take no time; keeps how long each would have been."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.after = after

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        if len(self.waits) == self.after:
            self.set()
        return self.is_set()


def test_between_two_ticks_the_worker_looks_for_mail_every_second(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    answers = iter([True, True, False, True])
    monkeypatch.setattr(run_worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(run_worker, "tick", lambda go_on: done.append("tick") or go_on())
    monkeypatch.setattr(run_worker, "send_mail", lambda go_on: done.append("mail") or next(answers))
    stop = Stop(after=5)
    run_worker.run_until(stop)
    assert done == ["tick", "mail", "mail", "mail", "mail"]
    assert stop.waits == [1, 1, 1, 30, 1]
