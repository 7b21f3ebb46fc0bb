"""Importing municipalities: the real 312, every refusal with its line, all or nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.access import Actor, Role
from meetings.errors import NotAllowed, NotFound
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify
from meetings.network import imports, selectors, services, tables
from meetings.network.imports import import_municipalities
from meetings.network.models import Municipality, Network, User, Zone
from meetings.network.people import get_or_create_user

pytestmark = pytest.mark.django_db

HEADER = "istat_code,name,zone_number,zone_name,population_2011\n"
GOOD = HEADER + "001001,Agliè,8,Canavese,2644\n001002,Airasca,5,Pinerolese,3819\n"


def state() -> tuple[object, ...]:
    """All that an import could change."""
    streams = list(EventStream.objects.order_by("pk").values_list("last_sequence", "head"))
    return list(Municipality.objects.order_by("pk").values()), list(Zone.objects.order_by("pk").values()), streams


def test_the_312_of_turin(actor: Actor, network: Network, turin: bytes) -> None:
    report = import_municipalities(actor=actor, network=network, data=turin)
    assert (len(report.created), len(report.updated), len(report.unchanged), len(report.refused)) == (312, 0, 0, 0)
    assert selectors.seats_total(network, selectors.today(network)) == (312, 2_247_780)
    assert list(Zone.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 12))
    assert verify(EventStream.objects.get()) is None


def test_a_second_time_changes_nothing(actor: Actor, network: Network, turin: bytes) -> None:
    import_municipalities(actor=actor, network=network, data=turin)
    before = state()
    report = import_municipalities(actor=actor, network=network, data=turin)
    assert (len(report.created), len(report.updated), len(report.unchanged)) == (0, 0, 312)
    assert state() == before


def test_a_dry_run_says_the_same_and_changes_nothing(actor: Actor, network: Network, turin: bytes) -> None:
    before = state()
    report = import_municipalities(actor=actor, network=network, data=turin, dry_run=True)
    assert (len(report.created), report.dry_run, state()) == (312, True, before)


def test_what_differs_is_updated_by_code(actor: Actor, network: Network) -> None:
    import_municipalities(actor=actor, network=network, data=GOOD.encode())
    changed = HEADER + "001002,Airasca,8,Canavese,4000\n001003,Ala,8,Canavese,462\n"
    report = import_municipalities(actor=actor, network=network, data=changed.encode())
    assert (report.created, report.updated, report.unchanged) == (["Ala"], ["Airasca"], [])
    assert Municipality.objects.get(istat_code="001002").zone.number == 8
    assert Municipality.objects.filter(istat_code="001001").exists()  # not in the file: left as it is


def test_a_renamed_zone_is_in_the_events_of_its_municipalities(actor: Actor, network: Network) -> None:
    import_municipalities(actor=actor, network=network, data=GOOD.encode())
    before = Event.objects.count()
    report = import_municipalities(actor=actor, network=network, data=GOOD.replace("Pinerolese", "Pinerolo").encode())
    assert (report.updated, report.unchanged) == (["Airasca"], ["Agliè"])
    new = Event.objects.order_by("id")[before:]
    assert [event.type for event in new] == ["zone.changed", "municipality.changed"]
    assert '"zone_name":"Pinerolo"' in new[1].payload


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("population_2011", "Population"),
        GOOD.replace("istat_code", " ISTAT_Code "),
        GOOD + "\n\n",
        "\n" + GOOD,
        GOOD.replace("Agliè", '"Agliè"'),
        GOOD.replace("Agliè", "Aglie\u0300"),
        "population_2021;zone_name;note;name;zone_number;istat_code\n2644;Canavese;x;Agliè;8;001001\n3819;Pinerolese;;Airasca;5;001002\n",
    ],
)
def test_as_offices_send_it(actor: Actor, network: Network, text: str) -> None:
    report = import_municipalities(actor=actor, network=network, data=text.encode())
    assert (report.refused, report.created) == ((), ["Agliè", "Airasca"])
    assert import_municipalities(actor=actor, network=network, data=GOOD.encode()).unchanged == ["Agliè", "Airasca"]


LINE = "001003,Ala di Stura,7,Ciriacese,462"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE.replace("001003", "1003"), "six digits"),
        (LINE.replace("001003", ""), "six digits"),
        (LINE.replace("001003", "٠٠١٠٠٣"), "six digits"),
        (LINE.replace("001003", "001001"), "already on line 2"),
        (LINE.replace("462", "-1"), "whole number"),
        (LINE.replace("462", "4.6"), "whole number"),
        (LINE.replace("462", "many"), "whole number"),
        (LINE.replace("462", ""), "whole number"),
        (LINE.replace("462", "٤٦٢"), "whole number"),
        (LINE.replace("462", "99999999999999999999"), "whole number"),
        (LINE.replace("Ala di Stura", "  "), "name is empty"),
        (LINE.replace("Ciriacese", ""), "zone_name is empty"),
        (LINE.replace("Ala di Stura", "x" * 151), "longer than 150"),
        (LINE.replace("Ala di Stura", "x" * 1001), "longer than 1000"),
        (LINE.replace("Ala di Stura", "x" * 140_000), "not CSV"),
        (LINE.replace("Ala di Stura", "Ala\x07"), "control character"),
        (LINE.replace("Ala di Stura", '"Ala\ndi Stura"'), "line break"),
        (LINE.replace("Ala di Stura", "Ala \u202e di Stura"), "direction"),
        (LINE.replace("Ala di Stura", '"Ala'), "not CSV"),
        (LINE.replace(",7,", ",0,"), "whole number"),
        (LINE.replace(",7,", ",x,"), "whole number"),
        (LINE.replace(",7,", ",8,"), "called “Canavese” on line 2"),
        (LINE + ",more", "6 cells instead of 5"),
        ("001003,Ala", "2 cells instead of 5"),
    ],
)
def test_one_bad_line_refuses_the_whole_file(actor: Actor, network: Network, line: str, reason: str) -> None:
    before = state()
    report = import_municipalities(actor=actor, network=network, data=(GOOD + line + "\n").encode())
    assert [refusal.line for refusal in report.refused] == [4]
    assert reason in report.refused[0].reason
    assert (report.accepted, report.created, state()) == (False, (), before)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 0, "empty"),
        (b"\xef\xbb\xbf", 0, "empty"),
        (GOOD.encode("latin-1"), 0, "UTF-8"),
        (GOOD.encode("utf-16"), 0, "UTF-8"),
        (GOOD.encode("utf-16-le"), 0, "UTF-8"),
        (GOOD.replace("Agliè", "A").encode("utf-16-le"), 0, "NUL"),
        (GOOD.encode().replace(b"Air", b"A\0r"), 0, "NUL"),
        (b"x" * 5_000_001, 0, "larger"),
        (HEADER.encode(), 0, "nothing else"),
        (GOOD.replace("zone_name,", "x,").encode(), 1, "lacks: zone_name"),
        (GOOD.replace("population_2011", "people").encode(), 1, "lacks: population"),
        (GOOD.replace("zone_name", "name").encode(), 1, "twice: name"),
        (GOOD.replace("name,", "population_2021,").encode(), 1, "twice: population"),
        (b"\x89PNG\r\n\x1a\n", 0, "UTF-8"),
        (b'"', 1, ""),
    ],
)
def test_a_file_that_is_none(actor: Actor, network: Network, data: bytes, line: int, reason: str) -> None:
    before = state()
    report = import_municipalities(actor=actor, network=network, data=data)
    assert [refusal.line for refusal in report.refused] == [line]
    assert reason in report.refused[0].reason
    assert state() == before


def test_every_bad_line_is_named(actor: Actor, network: Network) -> None:
    text = GOOD + "1,A,1,Z,1\n001005,,1,Z,1\n001006,C,1,Z,x\n001007,D,1,Z,7\n"
    report = import_municipalities(actor=actor, network=network, data=text.encode())
    assert [refusal.line for refusal in report.refused] == [4, 5, 6]


class TestValidity:
    DATED = "istat_code,name,zone_number,zone_name,population,valid_from,valid_until\n001001,Agliè,8,Canavese,2644,{},{}\n"

    def test_dates_are_taken_and_taken_back(self, actor: Actor, network: Network) -> None:
        import_municipalities(actor=actor, network=network, data=self.DATED.format("2020-01-01", "2024-12-31").encode())
        assert selectors.seats_total(network, selectors.today(network)) == (0, 0)
        import_municipalities(actor=actor, network=network, data=self.DATED.format("2020-01-01", "").encode())
        assert selectors.seats_total(network, selectors.today(network)) == (1, 2644)

    def test_a_file_without_the_columns_leaves_them(self, actor: Actor, network: Network) -> None:
        import_municipalities(actor=actor, network=network, data=self.DATED.format("2020-01-01", "").encode())
        report = import_municipalities(actor=actor, network=network, data=GOOD.encode())
        assert report.unchanged == ["Agliè"]
        assert Municipality.objects.get(istat_code="001001").valid_from is not None

    @pytest.mark.parametrize(
        ("begin", "end"), [("2024-01-01", "2023-12-31"), ("01/02/2024", ""), ("2024-02-30", ""), ("", "never"), ("20240101", "")]
    )
    def test_wrong_dates_are_refused(self, actor: Actor, network: Network, begin: str, end: str) -> None:
        report = import_municipalities(actor=actor, network=network, data=self.DATED.format(begin, end).encode())
        assert [refusal.line for refusal in report.refused] == [2]

    def test_a_date_may_not_contradict_the_stored_one(self, actor: Actor, network: Network) -> None:
        import_municipalities(actor=actor, network=network, data=self.DATED.format("2020-01-01", "").encode())
        text = "istat_code,name,zone_number,zone_name,population,valid_until\n001001,Agliè,8,Canavese,2644,2019-01-01\n"
        report = import_municipalities(actor=actor, network=network, data=text.encode())
        assert [refusal.line for refusal in report.refused] == [2]


def test_is_the_coordinators_alone(actor: Actor, network: Network, other_network: Network) -> None:
    chair = get_or_create_user(email="chair@example.org")
    services.add_membership(actor=actor, network=network, user=chair, role=Role.CHAIR)
    with pytest.raises(NotAllowed):
        import_municipalities(actor=selectors.actor_for(chair, network), network=network, data=GOOD.encode())
    stranger = selectors.actor_for(User.objects.get(email="mia@example.org"), other_network)
    with pytest.raises(NotFound):
        import_municipalities(actor=stranger, network=network, data=GOOD.encode())


def test_two_networks_may_have_the_same_code(actor: Actor, network: Network, other_network: Network) -> None:
    import_municipalities(actor=actor, network=network, data=GOOD.encode())
    other = selectors.system_actor(other_network.pk)
    assert import_municipalities(actor=other, network=other_network, data=GOOD.encode()).created == ["Agliè", "Airasca"]


CELLS = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=400), st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=4).map(lambda rows: _file(rows))))
def test_no_file_makes_the_reader_fail(data: bytes) -> None:
    lines, refused = imports.parse(data)
    assert lines or refused
    for line in lines:
        assert line.name
        assert "\n" not in line.name
    assert all(isinstance(refusal, tables.Refusal) and refusal.reason for refusal in refused)


def _file(rows: list[list[str]]) -> bytes:
    return (HEADER + "".join(",".join(row) + "\n" for row in rows)).encode()
