"""Writes at the same moment: nobody is doubled, and a network is never left without a coordinator."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from meetings.access import Role
from meetings.errors import Conflict
from meetings.events.models import EventStream
from meetings.events.selectors import verify
from meetings.network import selectors, services
from meetings.network.imports import import_municipalities
from meetings.network.models import Membership, Municipality, User
from meetings.network.people import get_or_create_user

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act returned, or the Conflict it raised, all begun at the same moment."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Conflict as conflict:
            return conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_coordinators_cannot_end_each_other() -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system = selectors.system_actor(network.pk)
    services.add_membership(actor=system, network=network, user=get_or_create_user(email="bea@example.org"), role=Role.COORDINATOR)
    first, second = Membership.objects.filter(role=Role.COORDINATOR)
    answers = together(
        lambda: services.end_membership(actor=system, membership=first), lambda: services.end_membership(actor=system, membership=second)
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert selectors.memberships(network).filter(role=Role.COORDINATOR).count() == 1


def test_one_person_for_an_address() -> None:
    people = together(*(lambda: get_or_create_user(email="ada@example.org") for _number in range(8)))
    assert len({person.pk for person in people if isinstance(person, User)}) == 1
    assert User.objects.count() == 1


def test_two_imports_take_their_turns(turin: bytes) -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system = selectors.system_actor(network.pk)
    data = b"".join(turin.splitlines(keepends=True)[:40])
    together(*(lambda: import_municipalities(actor=system, network=network, data=data) for _number in range(4)))
    assert Municipality.objects.count() == 39
    assert verify(EventStream.objects.get()) is None
