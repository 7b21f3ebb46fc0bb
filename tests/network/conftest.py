"""A network with a coordinator, made by the services themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from meetings.access import Actor
from meetings.network import services
from meetings.network.models import Network, User
from meetings.network.selectors import actor_for

TURIN = Path(services.__file__).parent / "data" / "turin.csv"


@pytest.fixture
def turin() -> bytes:
    return TURIN.read_bytes()


@pytest.fixture
def network(db: None) -> Network:
    return services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org", coordinator_name="Ada Neri")


@pytest.fixture
def other_network(db: None) -> Network:
    return services.create_network(slug="milano", name="Milano", coordinator_email="mia@example.org")


@pytest.fixture
def coordinator(network: Network) -> User:
    return User.objects.get(email="ada@example.org")


@pytest.fixture
def actor(network: Network, coordinator: User) -> Actor:
    return actor_for(coordinator, network)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield
