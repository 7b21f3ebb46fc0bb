"""A write sent twice is done once, also when it is sent twice at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from meetings import clock
from meetings.errors import Conflict, Invalid
from meetings.events.idempotency import Answer, fingerprint, forget_old, once
from meetings.events.models import IdempotencyKey
from meetings.network.models import User, Zone
from meetings.network.people import get_or_create_user
from meetings.network.services import create_network


@pytest.fixture
def user(db: None) -> User:
    return get_or_create_user(email="ada@example.org")


class Write:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(201, f"answer {self.done}")


def test_the_same_key_and_body_get_the_first_answer(user: User) -> None:
    act = Write()
    answers = [once(user_id=user.pk, key="k", asked="a", act=act) for _time in range(3)]
    assert (act.done, [(answer.status, answer.text, answer.replayed) for answer in answers]) == (
        1,
        [(201, "answer 1", False), (201, "answer 1", True), (201, "answer 1", True)],
    )


def test_another_body_under_the_key_is_refused(user: User) -> None:
    once(user_id=user.pk, key="k", asked="a", act=Write())
    with pytest.raises(Conflict) as refusal:
        once(user_id=user.pk, key="k", asked="b", act=Write())
    assert refusal.value.code == "idempotency_key_reused"


def test_keys_are_a_persons_own(user: User) -> None:
    other, act = get_or_create_user(email="bea@example.org"), Write()
    for person in (user, other):
        once(user_id=person.pk, key="k", asked="a", act=act)
    assert act.done == 2


def test_without_a_key_it_is_done_each_time(user: User) -> None:
    act = Write()
    for _time in range(2):
        once(user_id=user.pk, key="", asked="a", act=act)
    assert (act.done, IdempotencyKey.objects.count()) == (2, 0)


def test_a_refused_write_keeps_no_answer(user: User) -> None:
    def refuse() -> Answer:
        raise Conflict("wrong_state", "no")

    with pytest.raises(Conflict):
        once(user_id=user.pk, key="k", asked="a", act=refuse)
    assert not once(user_id=user.pk, key="k", asked="a", act=Write()).replayed


@pytest.mark.parametrize("key", ["x" * 201, "a\nb", "\0"])
def test_a_key_is_short_and_printable(user: User, key: str) -> None:
    with pytest.raises(Invalid):
        once(user_id=user.pk, key=key, asked="a", act=Write())


def test_keys_are_kept_for_a_week(user: User) -> None:
    once(user_id=user.pk, key="k", asked="a", act=Write())
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        assert forget_old() == 0
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        assert forget_old() == 1


def test_the_parts_of_a_fingerprint_do_not_run_together() -> None:
    assert len({fingerprint("ab", "c"), fingerprint("a", "bc"), fingerprint("abc"), fingerprint("abc", "")}) == 4
    assert fingerprint("è") == fingerprint("è".encode())


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_it_is_done_once() -> None:
    user = get_or_create_user(email="ada@example.org")
    network, start = create_network(slug="torino", name="Torino", coordinator_email="ada@example.org"), threading.Barrier(8)

    def act() -> Answer:
        zone = Zone.objects.create(network=network, number=Zone.objects.count() + 1, name="Zona")
        return Answer(201, str(zone.pk))

    def send(_number: int) -> Answer:
        start.wait()
        try:
            return once(user_id=user.pk, key="k", asked="a", act=act)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert Zone.objects.count() == 1
    assert {answer.text for answer in answers} == {str(Zone.objects.get().pk)}
    assert [answer.replayed for answer in answers].count(False) == 1
