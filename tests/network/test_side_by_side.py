"""Writes at the same moment: nobody is doubled, and a network is never left without a coordinator."""

from collections.abc import Callable
from functools import partial

import pytest

from meetings.access import Role
from meetings.errors import Conflict
from meetings.events.models import EventStream
from meetings.events.selectors import verify
from meetings.network import selectors, services
from meetings.network.imports import import_municipalities
from meetings.network.models import Membership, Municipality, User
from meetings.network.people import get_or_create_user
from tests.parallel import side_by_side

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_coordinators_cannot_end_each_other() -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system = selectors.system_actor(network.pk)
    services.add_membership(actor=system, network=network, user=get_or_create_user(email="bea@example.org"), role=Role.COORDINATOR)
    first, second = Membership.objects.filter(role=Role.COORDINATOR)
    answers = side_by_side([partial(services.end_membership, actor=system, membership=row) for row in (first, second)])
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert selectors.memberships(network).filter(role=Role.COORDINATOR).count() == 1


def test_one_person_for_an_address() -> None:
    people = side_by_side([lambda: get_or_create_user(email="ada@example.org")] * 8)
    assert len({person.pk for person in people if isinstance(person, User)}) == 1
    assert User.objects.count() == 1


def test_two_imports_take_their_turns(turin: bytes) -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system = selectors.system_actor(network.pk)
    data = b"".join(turin.splitlines(keepends=True)[:40])
    side_by_side([lambda: import_municipalities(actor=system, network=network, data=data)] * 4)
    assert Municipality.objects.count() == 39
    assert verify(EventStream.objects.get()) is None


def test_the_same_twice_is_once() -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system, user = selectors.system_actor(network.pk), get_or_create_user(email="bea@example.org")
    zone = services.ensure_zone(actor=system, network=network, number=1, name="Zona 1")

    def add() -> object:
        return services.add_membership(actor=system, network=network, user=user, role=Role.OBSERVER)

    def create() -> object:
        return services.create_municipality(actor=system, network=network, istat_code="001001", name="A", zone=zone, population=1)

    def rename() -> object:
        return services.ensure_zone(actor=system, network=network, number=2, name="Zona 2")

    answers = side_by_side([*[add] * 3, *[create] * 3, *[rename] * 3])
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    assert (Municipality.objects.count(), Membership.objects.filter(user=user).count(), network.zones.count()) == (1, 1, 2)


def test_settings_and_imports_do_not_wait_for_each_other_in_a_circle(turin: bytes) -> None:
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org")
    system = selectors.system_actor(network.pk)
    data = b"".join(turin.splitlines(keepends=True)[:40])

    def rename(number: int) -> object:
        return services.change_network(actor=system, network=network, values={"name": f"Torino {number}"})

    acts: list[Callable[[], object]] = [lambda: import_municipalities(actor=system, network=network, data=data)]
    acts += [partial(rename, number) for number in range(4)]
    answers = side_by_side(acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert verify(EventStream.objects.get()) is None
