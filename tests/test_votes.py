"""All municipalities vote at once: each exactly once, nothing lost, nothing doubled, on either database."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from meetings.agenda import services as agenda
from meetings.errors import Conflict
from meetings.events.models import Event, IdempotencyKey
from meetings.events.selectors import verify
from meetings.live import polls, services
from meetings.live.models import Ballot, Mark, Poll, Vote
from meetings.live.poll_selectors import receipt_as_object, recount
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.conftest import BACKEND
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

THREADS = 24
CHOICES = ("yes", "no", "abstain")


def open_poll(seats: int, **values: Any) -> tuple[Side, Poll]:
    """A vote of all seats of a network of that size."""
    side = factories.make_side("home", seats=seats)
    factories.accepted(side, seat=None)
    meeting = agenda.publish(actor=side.actor(COORDINATOR), meeting=side.meeting)
    meeting = services.open_session(actor=side.actor(CHAIR), meeting=meeting)
    item, more = factories.items(meeting)[0], {"roll_policy": "all", "advisory": True, **values}
    poll = polls.draft(actor=side.actor(CHAIR), item=item, question="All of us?", **more)
    return side, polls.open_(actor=side.actor(CHAIR), poll=poll)


def signed_in(user: User) -> Api:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend=BACKEND)
    return Api(client)


def send(api: Api, poll: Poll, choice: str, key: str) -> Callable[[], Any]:
    return lambda: api.put(f"polls/{poll.pk}/vote/", {"choice": choice}, key=key)


def receipts(answers: list[Any]) -> list[dict[str, Any]]:
    failed = [answer for answer in answers if isinstance(answer, Exception) or answer.status_code != 200]
    assert not failed, (len(failed), failed[0], getattr(failed[0], "content", b""))
    return [answer.json() for answer in answers]


def test_312_seats_vote_at_once_and_again(transactional_db: None, now: None) -> None:
    side, poll = open_poll(312)
    choices = [CHOICES[n % 3] for n in range(312)]
    voters = [signed_in(user) for user in side.representatives]
    sends = [send(api, poll, choice, f"vote-{n}") for n, (api, choice) in enumerate(zip(voters, choices, strict=True))]

    first = receipts(side_by_side(sends, threads=THREADS))
    assert Vote.objects.count() == len({receipt["municipality"] for receipt in first}) == 312
    stored = {str(vote.pk): receipt_as_object(vote)["digest"] for vote in Vote.objects.all()}
    assert {receipt["id"]: receipt["digest"] for receipt in first} == stored

    # Every answer is lost on its way, so everybody sends again.
    again = side_by_side(sends, threads=THREADS)
    assert receipts(again) == first
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}  # type: ignore[union-attr]
    log = Event.objects.filter(type="vote.cast")
    assert (log.count(), Vote.objects.count(), IdempotencyKey.objects.count()) == (312, 312, 312)

    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    counted = {row["choice"]: row["municipalities"] for row in closed.tally}
    assert counted == Counter(choices)
    assert sum(row["population"] for row in closed.tally) == closed.roll_population == sum(1000 * n for n in range(1, 313))
    assert verify(factories.fresh(side.meeting).stream) is None


@pytest.mark.timeout(300)
@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_315_seats_in_64_windows_have_315_votes(transactional_db: None, now: None, secrecy: str) -> None:
    """Each seat tries from two windows at once (in secret every fifth one does); 64 act at any moment."""
    side, poll = open_poll(315, secrecy=secrecy)
    actors = [side.actor(user) for user in side.representatives]

    def attempt(n: int, choice: str) -> Callable[[], Any]:
        return lambda: polls.vote(actor=actors[n], poll=poll, municipality=side.seats[n], choice=choice)

    again = range(0, 315, 5 if secrecy == "secret" else 1)
    acts = [attempt(n, CHOICES[0]) for n in range(315)] + [attempt(n, CHOICES[1]) for n in again]
    found = side_by_side(acts, threads=64)
    refused = [one for one in found if isinstance(one, Exception)]
    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    assert sum(row["municipalities"] for row in closed.tally) == closed.turnout == 315
    if secrecy == "named":
        assert not refused and Vote.objects.count() == 315 and closed.tally == recount(closed)
    else:
        assert len(refused) == 63 and all(isinstance(one, Conflict) and one.code == "already_voted" for one in refused)
        assert Ballot.objects.count() == Mark.objects.values("municipality").distinct().count() == 315


def test_one_seat_that_changes_its_mind_in_many_windows_has_one_vote(transactional_db: None, now: None) -> None:
    side, poll = open_poll(3)
    sends = [send(signed_in(side.representative), poll, CHOICES[n % 3], f"window-{n}") for n in range(24)]
    answers = receipts(side_by_side(sends, threads=8))
    last = Event.objects.filter(type="vote.cast").order_by("-sequence")[0]
    vote = Vote.objects.get()
    assert f'"choice":"{vote.choice}"' in last.payload
    assert len({receipt["id"] for receipt in answers}) == 1
    assert Event.objects.filter(type="vote.cast").count() == 24


def test_votes_and_the_closing_of_the_poll_meet_without_a_vote_uncounted(transactional_db: None, now: None) -> None:
    """Every vote is either acknowledged and in the tally, or refused."""
    side, poll = open_poll(40)
    chair = side.actor(CHAIR)
    acts: list[Callable[[], Any]] = [send(signed_in(user), poll, "yes", f"race-{n}") for n, user in enumerate(side.representatives)]
    acts.insert(20, lambda: polls.close(actor=chair, poll=poll))
    found = side_by_side(acts, threads=THREADS)
    answers = [answer for n, answer in enumerate(found) if n != 20]
    codes = Counter(answer.status_code for answer in answers)  # type: ignore[union-attr]
    assert set(codes) <= {200, 409}
    closed = Poll.objects.get(pk=poll.pk)
    assert closed.state == "closed"
    assert closed.tally[0]["municipalities"] == codes[200] == Vote.objects.count() == Event.objects.filter(type="vote.cast").count()


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_a_vote_whose_answer_never_arrived_is_there_once(transactional_db: None, now: None, choice: str) -> None:
    side, poll = open_poll(3)
    path, key = f"polls/{poll.pk}/vote/", "killed-after-commit"
    killed = subprocess.run(
        [sys.executable, "-m", "tests.killed", str(side.representative.pk), path, key, choice],
        env={**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "coordination.settings"},
        cwd=Path(settings.BASE_DIR),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert killed.stdout == ""
    stored = Vote.objects.get()
    assert stored.choice == choice
    kept = IdempotencyKey.objects.get()
    api = signed_in(side.representative)
    for _retry in range(2):
        answer = api.put(path, {"choice": choice}, key=key)
        assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (200, "true")
        assert answer.json() == json.loads(kept.answer)
        assert answer.json()["digest"] == receipt_as_object(stored)["digest"]
    assert (Vote.objects.count(), Event.objects.filter(type="vote.cast").count()) == (1, 1)
    assert Vote.objects.values().get()["at"] == stored.at
    other = api.put(path, {"choice": "abstain"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert verify(factories.fresh(side.meeting).stream) is None
