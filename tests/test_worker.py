"""What the worker does at every tick."""

from datetime import timedelta

import pytest

from meetings import clock, worker
from meetings.events.models import IdempotencyKey
from meetings.scheduling.models import Meeting
from tests import factories


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
