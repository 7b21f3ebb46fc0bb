"""The chain as another program would recompute it, from the stored columns alone (docs/ARCHITECTURE.md, The event log)."""

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from meetings.events import hashing
from meetings.events.models import Event
from meetings.network.services import create_network


def test_the_payload_is_one_text() -> None:
    payload = {"b": [1, None, True], "a": "Così è \U0001f600 </script>", "c": date(2026, 11, 26)}
    assert hashing.canonical(payload) == '{"a":"Così è \U0001f600 </script>","b":[1,null,true],"c":"2026-11-26"}'


@pytest.mark.django_db
def test_anybody_can_recompute_it() -> None:
    create_network(slug="torino", name="Così è", coordinator_email="ada@example.org")
    previous = ""
    for event in Event.objects.order_by("sequence"):
        digest = hashlib.sha256((event.salt + event.payload).encode()).hexdigest()
        parts = [previous, str(event.sequence), event.type, str(event.actor_id or ""), event.at.isoformat(), event.audience, digest]
        previous = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        assert (event.payload_digest, event.hash) == (digest, previous)


def test_a_known_value() -> None:
    """Never change this: stored logs would no longer verify."""
    found = hashing.chain(
        previous="",
        sequence=1,
        type="network.created",
        actor_id=UUID("00000000-0000-0000-0000-000000000001"),
        at=datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=UTC),
        audience="members",
        digest=hashing.payload_digest("0" * 32, "{}"),
    )
    assert found == "b008e7788e065db46b153f5366658908c0d0d178cdcca897eb511007e1f5af55"
