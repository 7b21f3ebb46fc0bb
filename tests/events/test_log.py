"""The log: whatever anybody changes in it is found, the database refuses to change it, and a rollback leaves no gap."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.access import Actor, Role
from meetings.errors import Conflict, NotAllowed, NotFound
from meetings.events import hashing, listeners, services, triggers
from meetings.events.models import Event, EventStream
from meetings.events.selectors import Finding, verify, verify_all
from meetings.events.types import NetworkChanged
from meetings.network import selectors
from meetings.network.models import Network, User
from meetings.network.people import get_or_create_user
from meetings.network.services import add_membership, change_network, create_network

LENGTH = 8
postgres_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")


def make_network(slug: str = "torino") -> Network:
    return create_network(slug=slug, name="Torino", coordinator_email=f"ada@{slug}.example.org", coordinator_name="Ada")


def coordinator_of(network: Network) -> Actor:
    return selectors.actor_for(User.objects.get(email=f"ada@{network.slug}.example.org"), network)


def grow(network: Network, length: int = LENGTH) -> EventStream:
    """The network's stream, grown to `length` events."""
    actor = coordinator_of(network)
    stream = EventStream.objects.get(network=network, meeting=None)
    for number in range(stream.last_sequence, length):
        services.record(actor, NetworkChanged({"id": network.pk, "name": f"Così è {number} \U0001f600"}))
    stream.refresh_from_db()
    return stream


@pytest.fixture
def network(db: None) -> Network:
    return make_network()


@pytest.fixture
def stream(network: Network) -> EventStream:
    return grow(network)


@pytest.fixture
def unguarded(stream: EventStream) -> Iterator[EventStream]:
    """The stream with the triggers off, as for somebody who owns the database."""
    triggers.remove()
    yield stream
    if not connection.needs_rollback:
        triggers.install()


def sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_stored(value) for value in parameters])


def _stored(value: object) -> Any:
    return value.hex if isinstance(value, UUID) and connection.vendor == "sqlite" else value


class TestTampering:
    """Any one stored field of any event, changed behind the triggers' back."""

    def test_untouched_it_is_intact(self, stream: EventStream) -> None:
        assert (stream.last_sequence, verify(stream), list(verify_all()), list(verify_all("torino"))) == (LENGTH, None, [], [])

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(1, LENGTH), st.data())
    def test_every_change_of_one_field_is_found(self, unguarded: EventStream, place: int, data: st.DataObject) -> None:
        event = Event.objects.get(stream=unguarded, sequence=place)
        field = data.draw(
            st.sampled_from(
                ["sequence", "type", "actor_id", "at", "audience", "payload", "salt", "payload_digest", "previous_hash", "hash"]
            )
        )
        before = getattr(event, field)
        value = data.draw(_other(field, before), label=field)
        point = transaction.savepoint()
        try:
            sql(f"UPDATE meetings_event SET {field} = %s WHERE id = %s", value, event.pk)  # noqa: S608 - a name of the list above
            finding = verify(unguarded)
        finally:
            transaction.savepoint_rollback(point)
        assert isinstance(finding, Finding), (field, before, value)
        assert finding.sequence >= min(place, value if field == "sequence" else place)

    def test_a_lost_event_is_found(self, unguarded: EventStream) -> None:
        sql("DELETE FROM meetings_event WHERE stream_id = %s AND sequence = 4", unguarded.pk)
        assert verify(unguarded) == Finding(unguarded.pk, 5, "events 4 to 4 are missing")

    def test_a_cut_tail_is_found_by_the_head(self, unguarded: EventStream) -> None:
        sql("DELETE FROM meetings_event WHERE stream_id = %s AND sequence > 5", unguarded.pk)
        finding = verify(unguarded)
        assert finding is not None
        assert (finding.sequence, "tail is cut" in finding.problem) == (5, True)

    def test_an_emptied_log_is_found_by_the_head(self, unguarded: EventStream) -> None:
        sql("DELETE FROM meetings_event WHERE stream_id = %s", unguarded.pk)
        assert verify(unguarded) is not None

    def test_an_added_tail_is_found_by_the_head(self, unguarded: EventStream) -> None:
        services._append(unguarded, NetworkChanged({"id": "x"}), actor_id=None, audience=NetworkChanged.audience)
        finding = verify(unguarded)
        assert finding is not None
        assert "added to" in finding.problem

    def test_a_moved_head_is_found(self, unguarded: EventStream) -> None:
        for change in ({"head": "0" * 64}, {"last_sequence": LENGTH + 1}, {"last_sequence": LENGTH - 1}):
            for name, value in change.items():
                setattr(unguarded, name, value)
            assert verify(unguarded) is not None
            unguarded.refresh_from_db()

    def test_two_that_changed_places_are_found(self, unguarded: EventStream) -> None:
        for number, place in ((99, 3), (3, 4), (4, 99)):
            sql("UPDATE meetings_event SET sequence = %s WHERE stream_id = %s AND sequence = %s", number, unguarded.pk, place)
        assert verify(unguarded) is not None

    def test_an_event_of_another_stream_is_found(self, unguarded: EventStream) -> None:
        other = grow(make_network("milano"), 3)
        sql("UPDATE meetings_event SET stream_id = %s, sequence = 9 WHERE stream_id = %s AND sequence = 3", unguarded.pk, other.pk)
        assert [finding.stream for finding in verify_all()] == sorted([unguarded.pk, other.pk])
        assert [finding.stream for finding in verify_all("milano")] == [other.pk]

    def test_a_payload_emptied_without_a_record_is_found(self, stream: EventStream) -> None:
        """The triggers let this one through, for `redact`; so the record of it must be there."""
        triggers.empty_payload(Event.objects.get(stream=stream, sequence=4).pk)
        assert verify(stream) == Finding(stream.pk, 4, "the payload was emptied without a record")


def _other(field: str, before: Any) -> st.SearchStrategy[Any]:
    """Another value of the field's own kind."""
    texts = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=30)
    hexes = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "sequence": st.integers(LENGTH + 1, 10_000),
        "actor_id": st.uuids() | st.none(),
        "at": st.integers(-1_000_000, 1_000_000).map(lambda n: before + timedelta(microseconds=n)),
        "audience": st.sampled_from(["members", "staff", "audit"]),
        "salt": st.text(alphabet="0123456789abcdef", max_size=32),
        "payload": texts,
        "type": texts,
    }
    return kinds.get(field, hexes).filter(lambda value: value != before)


class TestTriggers:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE meetings_event SET type = 'x'",
            "UPDATE meetings_event SET payload = '{}'",
            "UPDATE meetings_event SET payload = ''",
            "UPDATE meetings_event SET salt = ''",
            "UPDATE meetings_event SET payload = '', salt = '', type = 'x'",
            "UPDATE meetings_event SET payload = '', salt = '', actor_id = NULL",
            "UPDATE meetings_event SET payload = '', salt = '', sequence = sequence + 100",
            "UPDATE meetings_event SET payload = '', salt = '', hash = ''",
            "UPDATE meetings_event SET hash = 'x' WHERE sequence = 1",
            "DELETE FROM meetings_event",
            "DELETE FROM meetings_event WHERE sequence = 8",
            pytest.param("TRUNCATE meetings_event", marks=postgres_only),
            pytest.param("TRUNCATE meetings_eventstream CASCADE", marks=postgres_only),
        ],
    )
    def test_the_database_refuses(self, stream: EventStream, statement: str) -> None:
        connection.check_constraints()  # PostgreSQL truncates nothing while checks are put off
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql(statement)
        assert verify(stream) is None

    def test_django_is_refused_too(self, stream: EventStream) -> None:
        event = Event.objects.get(stream=stream, sequence=3)
        attempts: list[Callable[[], object]] = [event.save, event.delete, Event.objects.filter(pk=event.pk).delete]
        for attempt in attempts:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                attempt()

    def test_a_sequence_is_taken_once(self, unguarded: EventStream) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            sql("UPDATE meetings_event SET sequence = 2 WHERE stream_id = %s AND sequence = 3", unguarded.pk)

    def test_missing_triggers_stop_the_start(self, stream: EventStream) -> None:
        assert triggers.check_installed(databases=["default"]) == []
        triggers.remove()
        assert [message.id for message in triggers.check_installed(databases=["default"])] == ["raccordo.E001"]
        triggers.install()
        triggers.install()
        assert triggers.installed()


class TestRedact:
    def test_it_empties_and_still_verifies(self, network: Network, stream: EventStream) -> None:
        event = Event.objects.get(stream=stream, sequence=4)
        services.redact(actor=coordinator_of(network), event=event, reason="erasure, art. 17")
        event.refresh_from_db()
        assert (event.payload, event.salt) == ("", "")
        stream.refresh_from_db()
        assert verify(stream) is None
        record = Event.objects.get(stream=stream, sequence=LENGTH + 1)
        assert (record.type, record.audience) == ("event.redacted", "audit")
        assert '"sequence":4' in record.payload

    def test_a_guess_cannot_be_confirmed_afterwards(self, network: Network, stream: EventStream) -> None:
        event = Event.objects.get(stream=stream, sequence=4)
        payload = event.payload
        services.redact(actor=coordinator_of(network), event=event, reason="")
        event.refresh_from_db()
        assert hashing.payload_digest(event.salt, payload) != event.payload_digest

    def test_its_record_stays(self, network: Network, stream: EventStream) -> None:
        actor = coordinator_of(network)
        services.redact(actor=actor, event=Event.objects.get(stream=stream, sequence=4), reason="")
        with pytest.raises(Conflict) as refusal:
            services.redact(actor=actor, event=Event.objects.get(stream=stream, sequence=LENGTH + 1), reason="")
        assert refusal.value.code == "redaction_stays"

    def test_not_by_everybody(self, network: Network, stream: EventStream) -> None:
        event = Event.objects.get(stream=stream, sequence=4)
        auditor = get_or_create_user(email="auditor@example.org")
        add_membership(actor=coordinator_of(network), network=network, user=auditor, role=Role.AUDITOR)
        with pytest.raises(NotAllowed):
            services.redact(actor=selectors.actor_for(auditor, network), event=event, reason="")
        with pytest.raises(NotFound):
            services.redact(actor=coordinator_of(make_network("milano")), event=event, reason="")
        event.refresh_from_db()
        assert event.payload


class TestWriting:
    def test_a_rollback_leaves_neither_row_nor_gap(self, network: Network, stream: EventStream) -> None:
        actor = coordinator_of(network)
        with pytest.raises(RuntimeError), transaction.atomic():
            change_network(actor=actor, network=network, values={"name": "Never"})
            raise RuntimeError
        assert Event.objects.filter(stream=stream).count() == LENGTH
        change_network(actor=actor, network=network, values={"name": "Then"})
        stream.refresh_from_db()
        assert (stream.last_sequence, verify(stream)) == (LENGTH + 1, None)

    def test_two_salts_are_never_the_same(self, stream: EventStream) -> None:
        salts = list(Event.objects.values_list("salt", flat=True))
        assert len(set(salts)) == len(salts)
        assert {len(salt) for salt in salts} == {32}

    @pytest.mark.django_db(transaction=True)
    def test_listeners_are_told_after_the_commit_and_cannot_undo_it(self, caplog: pytest.LogCaptureFixture) -> None:
        network = make_network()
        actor, told = coordinator_of(network), []

        def listener(stream_id: UUID, sequence: int) -> None:
            told.append((stream_id, sequence, connection.in_atomic_block))
            raise RuntimeError("a broken listener")

        listeners.register(listener)
        try:
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                services.record(actor, NetworkChanged({"id": network.pk}))
                raise ZeroDivisionError
            assert told == []
            event = services.record(actor, NetworkChanged({"id": network.pk}))
        finally:
            listeners.unregister(listener)
        assert told == [(event.stream_id, event.sequence, False)]
        assert "a listener failed" in caplog.text
        assert verify(event.stream.__class__.objects.get(pk=event.stream_id)) is None

    @pytest.mark.django_db(transaction=True)
    def test_writers_side_by_side_take_their_turns(self) -> None:
        network = make_network()
        actor, start = coordinator_of(network), threading.Barrier(8)

        def write(number: int) -> None:
            start.wait()
            try:
                for _time in range(5):
                    services.record(actor, NetworkChanged({"id": uuid4(), "number": number}))
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        stream = EventStream.objects.get()
        assert (stream.last_sequence, verify(stream)) == (2 + 40, None)
        assert list(Event.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 43))
