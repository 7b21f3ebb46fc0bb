"""Importing representatives: several seats for one person, offices, order, and who is left alone."""

import pytest

from meetings.access import Actor, Role
from meetings.events.models import Event
from meetings.network import selectors, services
from meetings.network.imports import import_municipalities
from meetings.network.models import Membership, Network, User
from meetings.network.representatives import import_representatives

pytestmark = pytest.mark.django_db

TOWNS = "istat_code,name,zone_number,zone_name,population\n001001,Agliè,8,Canavese,2644\n001002,Airasca,5,Pinerolese,3819\n"
HEADER = "istat_code,name,office,order,email,phone,language\n"
ADA = "001001,Eva Gallo,mayor,1,eva@example.org,+39 011 1,it\n"
BOTH = HEADER + ADA + "001002,Eva Gallo,councillor,2,EVA@example.org,,it\n001002,Ugo Sala,sindaco,1,ugo@example.org,,en\n"


@pytest.fixture(autouse=True)
def towns(actor: Actor, network: Network) -> None:
    import_municipalities(actor=actor, network=network, data=TOWNS.encode())


def test_one_person_two_seats(actor: Actor, network: Network) -> None:
    report = import_representatives(actor=actor, network=network, data=BOTH.encode())
    assert (len(report.created), len(report.refused)) == (3, 0)
    eva = User.objects.get(email="eva@example.org")
    assert (eva.name, eva.phone, eva.language) == ("Eva Gallo", "+39 011 1", "it")
    assert len(selectors.actor_for(eva, network).seats) == 2
    ugo = Membership.objects.get(user__email="ugo@example.org")
    assert (ugo.office, ugo.order, ugo.user.language) == ("mayor", 1, "en")


def test_a_second_time_changes_nothing(actor: Actor, network: Network) -> None:
    import_representatives(actor=actor, network=network, data=BOTH.encode())
    before = Event.objects.count()
    report = import_representatives(actor=actor, network=network, data=BOTH.encode())
    assert (len(report.created), len(report.updated), len(report.unchanged)) == (0, 0, 3)
    assert Event.objects.count() == before
    assert set(Membership.objects.values_list("version", flat=True)) == {1}


def test_a_dry_run_changes_nothing(actor: Actor, network: Network) -> None:
    before = Event.objects.count(), User.objects.count()
    assert len(import_representatives(actor=actor, network=network, data=BOTH.encode(), dry_run=True).created) == 3
    assert (Event.objects.count(), User.objects.count()) == before


def test_office_order_name_and_phone_are_updated(actor: Actor, network: Network) -> None:
    import_representatives(actor=actor, network=network, data=BOTH.encode())
    text = HEADER + "001001,Eva Gallo Riva,deputy_mayor,2,eva@example.org,+39 2,fr\n"
    report = import_representatives(actor=actor, network=network, data=text.encode())
    assert len(report.updated) == 1
    row = Membership.objects.get(user__email="eva@example.org", municipality__istat_code="001001")
    assert (row.office, row.order, row.user.name, row.user.phone) == ("deputy_mayor", 2, "Eva Gallo Riva", "+39 2")
    assert row.user.language == "it"  # that is hers to change


def test_who_has_a_part_elsewhere_keeps_their_name(actor: Actor, network: Network, other_network: Network) -> None:
    text = HEADER + "001001,Someone,mayor,1,mia@example.org,,it\n"
    for times in ("created", "unchanged"):
        report = import_representatives(actor=actor, network=network, data=text.encode())
        assert len(getattr(report, times)) == 1
    assert User.objects.get(email="mia@example.org").name == "mia"


def test_a_coordinator_may_also_have_a_seat(actor: Actor, network: Network, coordinator: User) -> None:
    text = HEADER + "001001,Ada Verdi,officer,1,ada@example.org,,it\n"
    for times in ("created", "unchanged"):
        report = import_representatives(actor=actor, network=network, data=text.encode())
        assert len(getattr(report, times)) == 1
    assert User.objects.get(email="ada@example.org").name == "Ada Verdi"
    assert selectors.actor_for(coordinator, network).seats


def test_without_an_order_they_follow_those_who_have_one(actor: Actor, network: Network) -> None:
    text = "istat_code;name;email;order\n001001;A;a@example.org;\n001001;B;b@example.org;1\n001001;C;c@example.org;\n"
    assert import_representatives(actor=actor, network=network, data=text.encode()).accepted
    rows = Membership.objects.filter(role=Role.REPRESENTATIVE).order_by("order").values_list("user__name", "order")
    assert list(rows) == [("B", 1), ("A", 2), ("C", 3)]


def test_who_has_left_is_added_anew(actor: Actor, network: Network) -> None:
    import_representatives(actor=actor, network=network, data=(HEADER + ADA).encode())
    services.end_membership(actor=actor, membership=Membership.objects.get(user__email="eva@example.org"))
    report = import_representatives(actor=actor, network=network, data=(HEADER + ADA).encode())
    assert len(report.created) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("001999,B,mayor,1,b@example.org,,it", "No municipality"),
        ("1001,B,mayor,1,b@example.org,,it", "six digits"),
        ("001001,,mayor,2,b@example.org,,it", "name is empty"),
        ("001001,B,king,2,b@example.org,,it", "office must be"),
        ("001001,B,mayor,0,b@example.org,,it", "whole number"),
        ("001001,B,mayor,2,b.example.org,,it", "not an e-mail"),
        ("001001,B,mayor,2,mıke@example.org,,it", "not an e-mail"),
        ("001001,B,mayor,2,b@example.org," + "1" * 41 + ",it", "longer than 40"),
        ("001001,B,mayor,2,b@example.org,,de", "language must be"),
        ("001001,Eva Gallo,mayor,2,eva@example.org,,it", "already on line 2"),
        ("001001,B,mayor,1,b@example.org,,it", "same place"),
        ("001002,Eva Riva,mayor,1,eva@example.org,,it", "belongs to “Eva Gallo”"),
    ],
)
def test_one_bad_line_refuses_the_whole_file(actor: Actor, network: Network, line: str, reason: str) -> None:
    before = Event.objects.count(), User.objects.count()
    report = import_representatives(actor=actor, network=network, data=(HEADER + ADA + line + "\n").encode())
    assert [refusal.line for refusal in report.refused] == [3]
    assert reason in report.refused[0].reason
    assert (Event.objects.count(), User.objects.count()) == before
