"""Who may do what: the table of the roles, row by row, and how far each right reaches."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.access import ROLES, Actor, Grant, Permission, Place, Role, abilities, can, holds, require
from meetings.errors import NotAllowed, NotFound
from meetings.network.models import Membership
from meetings.network.selectors import actor_for
from tests import factories
from tests.factories import Side

P = Permission
HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
SEAT, NEIGHBOUR, FAR = Place(UUID(int=10), UUID(int=20)), Place(UUID(int=11), UUID(int=20)), Place(UUID(int=12), UUID(int=21))
GRANTS = {
    Role.OBSERVER: Grant(Role.OBSERVER),
    Role.REPRESENTATIVE: Grant(Role.REPRESENTATIVE, municipality=SEAT.municipality),
    Role.SPOKESPERSON: Grant(Role.SPOKESPERSON, zone=SEAT.zone),
    Role.CHAIR: Grant(Role.CHAIR),
    Role.COORDINATOR: Grant(Role.COORDINATOR),
    Role.AUDITOR: Grant(Role.AUDITOR),
}
COLUMNS = (Role.OBSERVER, Role.REPRESENTATIVE, Role.SPOKESPERSON, Role.CHAIR, Role.COORDINATOR, Role.AUDITOR)
# For each permission and role, how far it reaches: - nowhere, seat, zone, all. A chair's or spokesperson's own seat comes from
# also being a representative: rights add up.
TABLE = {
    P.READ: "all all all all all all",
    P.ANSWER: "- seat - - all -",
    P.PROPOSE: "- seat zone all all -",
    P.TRIAGE: "- - - - all -",
    P.SCHEDULE: "- - - - all -",
    P.TAKE_PART: "- seat - - - -",
    P.TAKE_PART_BY_PHONE: "- - - - all -",
    P.RUN_SESSION: "- - - all all -",
    P.RECORD: "- - - all all -",
    P.APPROVE_MINUTES: "- - - all - -",
    P.CIRCULATE_MINUTES: "- - - - all -",
    P.REPORT_PROGRESS: "- seat - all all -",
    P.MANAGE_PEOPLE: "- - - - all -",
    P.JOIN_ROOM: "all all all all all all",
    P.SEE_PROPOSALS: "- seat zone all all all",
    P.SEE_CONTACTS: "- - zone all all -",
    P.SEE_REASONS: "- - - - all -",
    P.SEE_STAFF_NOTES: "- - - all all -",
    P.CONFIGURE: "- - - - all -",
    P.AUDIT: "- - - - all all",
    P.ANNOUNCE: "- - zone all all -",
    P.REMIND: "- - zone all all -",
    P.ASK_CORRECTION: "- seat - all all -",
}
REACH = {"-": set(), "seat": {SEAT}, "zone": {SEAT, NEIGHBOUR}, "all": {SEAT, NEIGHBOUR, FAR, Place()}}
CELLS = [(permission, role, reach) for permission, row in TABLE.items() for role, reach in zip(COLUMNS, row.split(), strict=True)]


def acting(*roles: Role) -> Actor:
    return Actor(network_id=HERE, grants=tuple(GRANTS[role] for role in roles))


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(Permission)
    assert set(COLUMNS) == set(ROLES) == set(Role) == {Role(value) for value in Membership.Role.values}


@pytest.mark.parametrize(("permission", "role", "reach"), CELLS, ids=[f"{p}-{r}" for p, r, _reach in CELLS])
def test_each_cell(permission: Permission, role: Role, reach: str) -> None:
    actor = acting(role)
    assert {place for place in REACH["all"] if can(actor, permission, place)} == REACH[reach]
    assert holds(actor, permission) is (reach != "-")
    for place in REACH["all"]:
        if place in REACH[reach]:
            require(actor, permission, network_id=HERE, place=place)
        else:
            with pytest.raises(NotAllowed):
                require(actor, permission, network_id=HERE, place=place)
        with pytest.raises(NotFound):  # whatever one may do at home
            require(actor, permission, network_id=ELSEWHERE, place=place)


roles = st.lists(st.sampled_from(COLUMNS), max_size=4)
places = st.sampled_from([SEAT, NEIGHBOUR, FAR, Place()])


@given(roles, st.sampled_from(Permission), places)
def test_rights_add_up_and_nothing_more(held: list[Role], permission: Permission, place: Place) -> None:
    assert can(acting(*held), permission, place) is any(can(acting(role), permission, place) for role in held)


@given(roles, st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(Permission)), places, st.data())
def test_abilities_are_what_is_possible_and_allowed(
    held: list[Role], actions: dict[str, Permission], place: Place, data: st.DataObject
) -> None:
    possible = data.draw(st.sets(st.sampled_from(sorted(actions)))) if actions else set()
    found = abilities(acting(*held), actions, possible, place)
    assert found == sorted(name for name in possible if can(acting(*held), actions[name], place))


def test_a_grant_without_its_seat_or_zone_reaches_nowhere() -> None:
    for grant in (Grant(Role.REPRESENTATIVE), Grant(Role.SPOKESPERSON)):
        actor = Actor(network_id=HERE, grants=(grant,))
        assert not any(can(actor, P.PROPOSE, place) for place in REACH["all"])


def test_who_is_staff() -> None:
    assert {role for role in Role if acting(role).is_staff} == {Role.CHAIR, Role.COORDINATOR}
    assert Actor(network_id=HERE, system=True).is_staff
    assert not Actor(network_id=HERE).is_staff


def test_people_act_with_their_own_grants_only(world: factories.World, home: Side, away: Side) -> None:
    assert {g.role for g in home.actor(home.spokesperson).grants} == {Role.SPOKESPERSON}
    assert home.actor(home.representative).seats == {home.seats[0].pk}
    assert home.actor(home.spokesperson).zones == {home.zones[0].pk}
    for user in (world.stranger, world.nobody, world.disabled):
        with pytest.raises(NotFound):
            actor_for(user, home.network)
    assert away.actor(world.stranger).is_staff
