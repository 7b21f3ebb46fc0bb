"""Many at the same moment: one vote a seat, one number a decision, one winner of an edit; on both databases."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from meetings import clock
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify
from meetings.live.models import Vote
from meetings.minutes.models import Decision
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.conftest import BACKEND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 16


def together(requests: Iterable[Callable[[], Any]]) -> list[Any]:
    """Sends them from many threads, each with a database connection of its own."""

    def send(request: Callable[[], Any]) -> Any:
        try:
            with clock.at(factories.NOW):
                return request()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, requests))


def signed_in(user: User) -> Api:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend=BACKEND)
    return Api(client)


def test_a_seat_that_votes_many_times_at_once_has_one_vote(world: factories.World) -> None:
    home = world.home
    poll = factories.open_poll(home, factories.in_session(home))
    path = f"polls/{poll.pk}/vote/"
    programs = [(signed_in(user), choice) for user in home.representatives[:8] for choice in ("yes", "no", "yes", "abstain")]
    answers = together([lambda program=program, choice=choice: program.put(path, {"choice": choice}) for program, choice in programs])

    assert {answer.status_code for answer in answers} == {200}
    assert Vote.objects.filter(poll=poll).count() == 8
    assert Event.objects.filter(type="vote.cast").count() == 32
    assert [verify(stream) for stream in EventStream.objects.all() if verify(stream)] == []


def test_decisions_taken_at_once_have_numbers_of_their_own(world: factories.World) -> None:
    meeting = factories.in_session(world.home)
    path, chair = f"agenda-items/{meeting.current_item_id}/decisions/", world.home.chair
    answers = together([lambda n=n: signed_in(chair).post(path, {"text": f"Number {n}"}) for n in range(8)])

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(Decision.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_of_edits_at_once_one_wins_and_the_others_are_told(world: factories.World) -> None:
    path, office = f"series/{world.home.series.pk}/", world.home.coordinator
    answers = together([lambda n=n: signed_in(office).patch(path, {"title": f"Title {n}"}, version=1) for n in range(8)])

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    world.home.series.refresh_from_db()
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert (world.home.series.title, world.home.series.version) == (winner["title"], 2)
