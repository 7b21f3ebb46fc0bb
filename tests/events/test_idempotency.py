"""A write that is sent twice is done once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from meetings import clock
from meetings.errors import Conflict, Invalid
from meetings.events.idempotency import KEPT, Answer, fingerprint, forget_old, once
from meetings.events.models import Event, IdempotencyKey
from meetings.network.models import Network, User
from meetings.network.people import change_profile
from tests import factories
from tests.parallel import side_by_side


class Writer:
    """Counts how often it acts; each time its answer is another."""

    def __init__(self, user: User) -> None:
        self.user, self.acts = user, 0
        self.lock = threading.Lock()

    def __call__(self) -> Answer:
        with self.lock:
            self.acts += 1
        change_profile(user=self.user, values={"name": f"Named {self.acts} times"})
        return Answer(201, f"answer {self.acts}")


@pytest.fixture
def writer(db: None, now: None) -> Writer:
    return Writer(factories.make_user("Wanda Writer"))


def ask(writer: Writer, key: str = "k", asked: str = "a", act: Callable[[], Answer] | None = None) -> Answer:
    return once(user_id=writer.user.pk, key=key, asked=asked, act=act or writer)


def test_a_retry_gets_the_first_answer(writer: Writer) -> None:
    assert ask(writer) == Answer(201, "answer 1")
    for _n in range(3):
        assert ask(writer) == Answer(201, "answer 1", replayed=True)
    assert writer.acts == 1
    assert ask(writer, key="another").text == "answer 2"


def test_another_request_under_the_key_is_refused(writer: Writer) -> None:
    ask(writer)
    with pytest.raises(Conflict) as refused:
        ask(writer, asked="b")
    assert refused.value.code == "idempotency_key_reused"
    assert writer.acts == 1


def test_keys_are_each_persons_own(writer: Writer) -> None:
    other = Writer(factories.make_user("Otto Other"))
    assert (ask(writer).replayed, ask(other).replayed, other.acts) == (False, False, 1)


def test_without_a_key_every_request_acts(writer: Writer) -> None:
    assert [ask(writer, key="").text for _n in range(2)] == ["answer 1", "answer 2"]
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("failure", [Invalid("invalid", "No"), IntegrityError("No"), RuntimeError("No"), KeyboardInterrupt()])
def test_a_failure_leaves_neither_key_nor_change(writer: Writer, failure: BaseException) -> None:
    def fail() -> Answer:
        writer()
        raise failure

    for key in ("k", ""):
        with pytest.raises(type(failure)):
            ask(writer, key=key, act=fail)
    assert not IdempotencyKey.objects.exists()
    assert User.objects.get(pk=writer.user.pk).name == "Wanda Writer"
    assert ask(writer).text == "answer 3"


@pytest.mark.parametrize("key", ["x" * 201, "line\nbreak", "nul\x00", "\u200b\u0007"])
def test_keys_are_short_and_printable(writer: Writer, key: str) -> None:
    with pytest.raises(Invalid):
        ask(writer, key=key)
    assert writer.acts == 0


def test_keys_are_kept_a_week(writer: Writer) -> None:
    ask(writer)
    with clock.at(factories.NOW + KEPT):
        assert forget_old() == 0
    with clock.at(factories.NOW + KEPT + timedelta(microseconds=1)):
        assert forget_old() == 1
    assert ask(writer).text == "answer 2"


@given(st.lists(st.text() | st.binary(), max_size=4), st.lists(st.text() | st.binary(), max_size=4))
def test_fingerprints_tell_requests_apart(one: list[str | bytes], other: list[str | bytes]) -> None:
    def plain(parts: list[str | bytes]) -> list[bytes]:
        return [part.encode() if isinstance(part, str) else part for part in parts]

    assert (fingerprint(*one) == fingerprint(*other)) is (plain(one) == plain(other))


def test_side_by_side_one_acts_and_all_get_its_answer(transactional_db: None, now: None) -> None:
    writer = Writer(factories.make_user("Wanda Writer"))
    found = side_by_side([lambda: ask(writer)] * 16, threads=8)
    assert {answer.text for answer in found if isinstance(answer, Answer)} == {"answer 1"}
    assert sorted(answer.replayed for answer in found if isinstance(answer, Answer)) == [False] + [True] * 15
    assert (writer.acts, IdempotencyKey.objects.count()) == (1, 1)


def test_side_by_side_a_failure_leaves_room_for_the_next(transactional_db: None, now: None) -> None:
    """The first to act fails while others wait for its key: one of them acts, and all others get its answer."""
    writer = Writer(factories.make_user("Wanda Writer"))

    def first_fails() -> Answer:
        answer = writer()
        if writer.acts == 1:
            raise Invalid("invalid", "No")
        return answer

    found = side_by_side([lambda: ask(writer, act=first_fails)] * 8, threads=8)
    assert [type(error) for error in found if isinstance(error, Exception)] == [Invalid]
    assert {answer.text for answer in found if isinstance(answer, Answer)} == {"answer 2"}
    assert writer.acts == 2


def test_the_key_is_stored_with_its_events_or_not_at_all(transactional_db: None, now: None) -> None:
    network, coordinator = factories.make_network("plain", seats=1)
    before = Event.objects.count()

    def write() -> Answer:
        factories.add_member(network, "Nora Newcomer", "observer")
        assert Event.objects.count() == before + 1
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError):
        once(user_id=UUID(str(coordinator.pk)), key="k", asked="a", act=write)
    assert (Event.objects.count(), IdempotencyKey.objects.count(), Network.objects.count()) == (before, 0, 1)
