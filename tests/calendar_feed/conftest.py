from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.events.services import open_stream
from meetings.network.models import Membership, Network, User
from meetings.scheduling.models import Meeting
from meetings.scheduling.recurrence import to_utc

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def make_network(db: None) -> Callable[[str], Network]:
    def make(slug: str) -> Network:
        network = Network.objects.create(slug=slug, name=slug.title(), base_url="https://raccordo.example/")
        open_stream(network_id=network.pk)
        return network

    return make


@pytest.fixture
def make_member() -> Callable[..., User]:
    def make(network: Network, name: str = "Anna", role: str = "observer", **dates: date) -> User:
        user = User.objects.create(email=f"{name}.{network.slug}@example.org".lower(), name=name, language="en")
        Membership.objects.create(network=network, user=user, role=role, **dates)
        return user

    return make


@pytest.fixture
def make_meeting() -> Callable[..., Meeting]:
    def make(network: Network, day: date = date(2026, 11, 26), **changes: Any) -> Meeting:
        starts_at = to_utc(day, time(10), "Europe/Rome")
        values: dict[str, Any] = {
            "nominal_date": day,
            "number": Meeting.objects.filter(network=network).count() + 1,
            "title": "Weekly coordination",
            "local_start": f"{day}T10:00",
            "time_zone": "Europe/Rome",
            "starts_at": starts_at,
            "duration_minutes": 90,
            "intake_opens_at": starts_at - timedelta(days=6),
            "intake_closes_at": starts_at - timedelta(days=2),
            "join_url": "https://meet.example/j/1",
            "changed_at": NOW,
        }
        meeting = Meeting.objects.create(network=network, **{**values, **changes})
        open_stream(network_id=network.pk, meeting_id=meeting.pk)
        return meeting

    return make


@pytest.fixture
def make_item() -> Callable[..., AgendaItem]:
    def make(meeting: Meeting, title: str, position: int | None = 1, state: str = "accepted") -> AgendaItem:
        return AgendaItem.objects.create(meeting=meeting, title=title, position=position, state=state, created_at=NOW)

    return make


@pytest.fixture
def network(make_network: Callable[[str], Network]) -> Network:
    return make_network("turin")


@pytest.fixture
def anna(network: Network, make_member: Callable[..., User]) -> User:
    return make_member(network)
