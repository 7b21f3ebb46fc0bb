"""Networks, zones, municipalities, memberships: each write, its event, its refusals."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor, Role
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify
from meetings.network import selectors, services
from meetings.network.models import Membership, Municipality, Network, User, Zone
from meetings.network.people import get_or_create_user

pytestmark = pytest.mark.django_db


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("type", flat=True))


@pytest.fixture
def zone(actor: Actor, network: Network) -> Zone:
    return services.ensure_zone(actor=actor, network=network, number=8, name="Canavese")


@pytest.fixture
def town(actor: Actor, network: Network, zone: Zone) -> Municipality:
    return services.create_municipality(actor=actor, network=network, istat_code="001001", name="Agliè", zone=zone, population=2644)


@pytest.fixture
def seat(actor: Actor, network: Network, town: Municipality) -> Membership:
    user = get_or_create_user(email="ezio@example.org", name="Ezio Riva")
    return services.add_membership(actor=actor, network=network, user=user, role=Role.REPRESENTATIVE, municipality=town, office="mayor")


class TestCreateNetwork:
    def test_opens_its_log_and_names_its_coordinator(self, network: Network) -> None:
        assert events() == ["network.created", "membership.created"]
        assert verify(EventStream.objects.get(network=network)) is None
        actor = selectors.actor_for(User.objects.get(email="ada@example.org"), network)
        assert [grant.role for grant in actor.grants] == [Role.COORDINATOR]

    def test_somebody_already_known_keeps_their_name(self, network: Network) -> None:
        services.create_network(slug="b", name="B", coordinator_email="ADA@example.org", coordinator_name="Somebody Else")
        assert User.objects.get().name == "Ada Neri"

    @pytest.mark.parametrize("slug", ["torino", "Torino"])
    def test_a_slug_is_taken_once(self, network: Network, slug: str) -> None:
        with pytest.raises(Conflict) as refusal:
            services.create_network(slug=slug, name="Again", coordinator_email="a@example.org")
        assert refusal.value.code == "slug_taken"

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("slug", {"slug": "no spaces"}),
            ("slug", {"slug": ""}),
            ("slug", {"slug": "x" * 61}),
            ("name", {"name": ""}),
            ("name", {"name": "x" * 151}),
            ("email", {"coordinator_email": "nobody"}),
            ("time_zone", {"time_zone": "Rome"}),
            ("time_zone", {"time_zone": "../../etc/passwd"}),
            ("time_zone", {"time_zone": "/etc/localtime"}),
            ("languages", {"languages": []}),
            ("languages", {"languages": ["it", "de"]}),
            ("threshold_population", {"values": {"threshold_population": "2"}}),
            ("base_url", {"values": {"base_url": "javascript://x.example/"}}),
            ("version", {"values": {"version": 9}}),
        ],
    )
    def test_says_which_field_is_wrong_and_leaves_nothing(self, field: str, values: dict[str, Any]) -> None:
        good: dict[str, Any] = {"slug": "torino", "name": "Torino", "coordinator_email": "ada@example.org"}
        with pytest.raises(Invalid) as refusal:
            services.create_network(**{**good, **values})
        assert set(refusal.value.errors) == {field}
        assert not Network.objects.exists()
        assert not User.objects.exists()


class TestChangeNetwork:
    def test_changes_what_is_given_and_records_it(self, actor: Actor, network: Network) -> None:
        values = {"name": "Città metropolitana", "threshold_municipalities": "2/6", "languages": ["it", "en", "fr", "it"]}
        changed = services.change_network(actor=actor, network=network, values=values, expected_version=1)
        assert selectors.network_as_object(changed) == selectors.network_as_object(Network.objects.get())
        assert (changed.name, changed.threshold_municipalities, changed.version) == ("Città metropolitana", "1/3", 2)
        assert changed.languages == ["it", "en", "fr"]
        assert events()[-1] == "network.changed"

    def test_the_same_again_is_no_change(self, actor: Actor, network: Network) -> None:
        services.change_network(actor=actor, network=network, values={"name": "Torino", "threshold_population": "1/2"})
        assert Network.objects.get().version == 1
        assert events()[-1] == "membership.created"

    def test_an_old_version_is_shown_the_present_one(self, actor: Actor, network: Network) -> None:
        services.change_network(actor=actor, network=network, values={"name": "New"})
        with pytest.raises(StaleVersion) as refusal:
            services.change_network(actor=actor, network=network, values={"name": "Newer"}, expected_version=1)
        assert refusal.value.current is not None
        assert refusal.value.current["name"] == "New"

    @pytest.mark.parametrize(
        "share", ["0/1", "2/1", "-1/2", "1/0", "x", "", "1e999999999", "1", "0.5", "1/3/3", "１/３", "99999/99999", None, 1]
    )
    def test_thresholds_are_fractions_of_the_whole(self, actor: Actor, network: Network, share: object) -> None:
        with pytest.raises(Invalid) as refusal:
            services.change_network(actor=actor, network=network, values={"threshold_population": share})
        assert set(refusal.value.errors) == {"threshold_population"}

    def test_is_the_coordinators_alone(self, network: Network, other_network: Network) -> None:
        chair = get_or_create_user(email="chair@example.org")
        services.add_membership(actor=selectors.system_actor(network.pk), network=network, user=chair, role=Role.CHAIR)
        with pytest.raises(NotAllowed):
            services.change_network(actor=selectors.actor_for(chair, network), network=network, values={"name": "Mine"})
        stranger = selectors.actor_for(User.objects.get(email="mia@example.org"), other_network)
        with pytest.raises(NotFound):
            services.change_network(actor=stranger, network=network, values={"name": "Mine"})


class TestMunicipalities:
    def test_are_created_with_their_event(self, town: Municipality) -> None:
        assert events()[-2:] == ["zone.created", "municipality.created"]
        assert selectors.municipality_as_object(town) == selectors.municipality_as_object(Municipality.objects.get())

    def test_a_code_is_taken_once_in_a_network(self, actor: Actor, network: Network, zone: Zone, town: Municipality) -> None:
        with pytest.raises(Conflict) as refusal:
            services.create_municipality(actor=actor, network=network, istat_code="001001", name="B", zone=zone, population=1)
        assert refusal.value.code == "code_taken"

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("istat_code", {"istat_code": "1001"}),
            ("istat_code", {"istat_code": "٠٠١٠٠١"}),
            ("name", {"name": " "}),
            ("population", {"population": -1}),
            ("valid_until", {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 1)}),
        ],
    )
    def test_say_which_field_is_wrong(self, actor: Actor, network: Network, zone: Zone, field: str, values: dict[str, Any]) -> None:
        good: dict[str, Any] = {"istat_code": "001002", "name": "Airasca", "population": 3819}
        with pytest.raises(Invalid) as refusal:
            services.create_municipality(actor=actor, network=network, zone=zone, **{**good, **values})
        assert set(refusal.value.errors) == {field}

    def test_another_networks_zone_does_not_exist(self, actor: Actor, other_network: Network, town: Municipality) -> None:
        foreign = services.ensure_zone(actor=selectors.system_actor(other_network.pk), network=other_network, number=1, name="Nord")
        with pytest.raises(NotFound):
            services.change_municipality(actor=actor, municipality=town, values={"zone": foreign})

    def test_change_by_version(self, actor: Actor, town: Municipality) -> None:
        changed = services.change_municipality(actor=actor, municipality=town, values={"population": 2700}, expected_version=1)
        assert (changed.population, changed.version) == (2700, 2)
        assert events()[-1] == "municipality.changed"
        with pytest.raises(StaleVersion):
            services.change_municipality(actor=actor, municipality=town, values={"population": 1}, expected_version=1)

    def test_its_code_and_network_never_change(self, actor: Actor, town: Municipality) -> None:
        for field in ("istat_code", "network", "network_id", "version", "id"):
            with pytest.raises(Invalid):
                services.change_municipality(actor=actor, municipality=town, values={field: "1"})


class TestMemberships:
    def test_a_representative_has_a_seat(self, seat: Membership, town: Municipality, network: Network) -> None:
        actor = selectors.actor_for(seat.user, network)
        assert actor.seats == {town.pk}
        assert events()[-1] == "membership.created"
        assert seat.valid_from == selectors.today(network)

    def test_one_person_may_hold_several_seats(self, actor: Actor, network: Network, zone: Zone, seat: Membership) -> None:
        second = services.create_municipality(actor=actor, network=network, istat_code="001002", name="Airasca", zone=zone, population=3819)
        services.add_membership(actor=actor, network=network, user=seat.user, role=Role.REPRESENTATIVE, municipality=second)
        assert len(selectors.actor_for(seat.user, network).seats) == 2

    def test_not_the_same_one_twice(self, actor: Actor, network: Network, town: Municipality, seat: Membership) -> None:
        with pytest.raises(Conflict) as refusal:
            services.add_membership(actor=actor, network=network, user=seat.user, role=Role.REPRESENTATIVE, municipality=town)
        assert refusal.value.code == "already_member"

    @pytest.mark.parametrize("role", list(Role))
    def test_who_has_a_seat_and_who_a_zone(self, actor: Actor, network: Network, town: Municipality, zone: Zone, role: Role) -> None:
        user = get_or_create_user(email="new@example.org")
        right: dict[Role, dict[str, Any]] = {Role.REPRESENTATIVE: {"municipality": town}, Role.SPOKESPERSON: {"zone": zone}}
        places: list[dict[str, Any]] = [{}, {"municipality": town}, {"zone": zone}, {"municipality": town, "zone": zone}]
        for place in places:
            if place == right.get(role, {}):
                continue
            with pytest.raises(Invalid):
                services.add_membership(actor=actor, network=network, user=user, role=role, **place)
        services.add_membership(actor=actor, network=network, user=user, role=role, **right.get(role, {}))

    @pytest.mark.parametrize(("field", "values"), [("role", {"role": "king"}), ("office", {"office": "king"}), ("order", {"order": -1})])
    def test_say_which_field_is_wrong(self, actor: Actor, network: Network, coordinator: User, field: str, values: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refusal:
            services.add_membership(actor=actor, network=network, user=coordinator, **{"role": Role.AUDITOR, **values})
        assert set(refusal.value.errors) == {field}

    def test_another_networks_seat_does_not_exist(self, other_network: Network, town: Municipality) -> None:
        other = selectors.system_actor(other_network.pk)
        user = get_or_create_user(email="new@example.org")
        with pytest.raises(NotFound):
            services.add_membership(actor=other, network=other_network, user=user, role=Role.REPRESENTATIVE, municipality=town)

    def test_change_office_and_order(self, actor: Actor, seat: Membership) -> None:
        changed = services.change_membership(actor=actor, membership=seat, values={"office": "councillor", "order": 2}, expected_version=1)
        assert (changed.office, changed.order, changed.version) == ("councillor", 2, 2)
        assert events()[-1] == "membership.changed"
        with pytest.raises(StaleVersion):
            services.change_membership(actor=actor, membership=seat, values={"order": 3}, expected_version=1)
        with pytest.raises(Invalid):
            services.change_membership(actor=actor, membership=seat, values={"role": "coordinator"})

    def test_ending_takes_the_rights_at_once(self, actor: Actor, network: Network, seat: Membership) -> None:
        ended = services.end_membership(actor=actor, membership=seat)
        assert ended.valid_until == selectors.today(network) - timedelta(days=1)
        assert events()[-1] == "membership.ended"
        with pytest.raises(NotFound):
            selectors.actor_for(seat.user, network)
        assert not selectors.networks_of(seat.user).exists()

    def test_ending_twice_is_ending_once(self, actor: Actor, seat: Membership) -> None:
        services.end_membership(actor=actor, membership=seat)
        count = Event.objects.count()
        assert services.end_membership(actor=actor, membership=seat).version == 2
        assert Event.objects.count() == count

    def test_who_has_left_may_come_back(self, actor: Actor, network: Network, town: Municipality, seat: Membership) -> None:
        services.end_membership(actor=actor, membership=seat)
        services.add_membership(actor=actor, network=network, user=seat.user, role=Role.REPRESENTATIVE, municipality=town)
        assert selectors.actor_for(seat.user, network).seats == {town.pk}

    def test_ending_on_a_later_day(self, actor: Actor, network: Network, seat: Membership) -> None:
        last = selectors.today(network) + timedelta(days=3)
        services.end_membership(actor=actor, membership=seat, last_day=last)
        assert selectors.actor_for(seat.user, network).seats
        with clock.at(clock.now() + timedelta(days=4)), pytest.raises(NotFound):
            selectors.actor_for(seat.user, network)

    def test_the_last_coordinator_stays(self, actor: Actor, network: Network, coordinator: User) -> None:
        mine = Membership.objects.get(user=coordinator)
        acts: list[Callable[[], object]] = [
            lambda: services.end_membership(actor=actor, membership=mine),
            lambda: services.change_membership(actor=actor, membership=mine, values={"valid_until": selectors.today(network)}),
        ]
        for act in acts:
            with pytest.raises(Conflict) as refusal:
                act()
            assert refusal.value.code == "last_coordinator"
        second = get_or_create_user(email="bea@example.org")
        services.add_membership(actor=actor, network=network, user=second, role=Role.COORDINATOR)
        services.end_membership(actor=actor, membership=mine)

    def test_are_the_coordinators_alone(self, network: Network, seat: Membership) -> None:
        own = selectors.actor_for(seat.user, network)
        acts: list[Callable[[], object]] = [
            lambda: services.add_membership(actor=own, network=network, user=seat.user, role=Role.COORDINATOR),
            lambda: services.change_membership(actor=own, membership=seat, values={"order": 1}),
            lambda: services.end_membership(actor=own, membership=seat),
        ]
        for act in acts:
            with pytest.raises(NotAllowed):
                act()


@pytest.mark.parametrize(("hour", "valid"), [(22, False), (23, True)])
def test_the_day_is_that_of_the_networks_clock(actor: Actor, network: Network, hour: int, valid: bool) -> None:
    """A membership from 23 November begins when it is midnight in Rome, which is 23:00 of the 22nd in UTC."""
    user = get_or_create_user(email="new@example.org")
    services.add_membership(actor=actor, network=network, user=user, role=Role.OBSERVER, valid_from=date(2026, 11, 23))
    with clock.at(datetime(2026, 11, 22, hour, 30, tzinfo=UTC)):
        assert selectors.networks_of(user).exists() is valid
        assert selectors.current_memberships(user).exists() is valid


def test_a_refused_write_leaves_no_trace(actor: Actor, network: Network, town: Municipality) -> None:
    before = EventStream.objects.values("last_sequence", "head").get()
    with pytest.raises(DomainError):
        services.change_municipality(actor=actor, municipality=town, values={"name": "New", "population": -5})
    assert EventStream.objects.values("last_sequence", "head").get() == before
    assert Municipality.objects.get().name == "Agliè"


def test_what_is_no_id_is_nobodys_municipality(network: Network) -> None:
    for wrong in (None, "", "x", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            selectors.municipality_in(network.pk, wrong)
