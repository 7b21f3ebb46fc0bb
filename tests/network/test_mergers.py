"""Mergers in the middle of the year: what was stays, counts are right on both sides of the day, what is open passes on."""

from contextlib import AbstractContextManager
from datetime import date, timedelta
from fractions import Fraction

import pytest

from meetings import clock
from meetings.access import Permission, Role, can
from meetings.action_items import selectors as action_items
from meetings.action_items import services as action_item_services
from meetings.action_items.models import ActionItem
from meetings.agenda import selectors as agenda
from meetings.agenda import services as agenda_services
from meetings.documents import selectors as documents
from meetings.documents.content import MinutesContent
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.live.models import Attendance, RollEntry, Vote
from meetings.live.selectors import seats
from meetings.minutes.models import Minutes
from meetings.network import imports, representatives, selectors, services
from meetings.network.mergers import Merger, Newcomer, merge_municipalities
from meetings.network.models import Membership, Municipality, User
from meetings.scheduling.models import Meeting
from meetings.scheduling.services import respond
from tests import factories
from tests.factories import COORDINATOR, NOW, Side, World

TODAY = NOW.date()
ON = TODAY + timedelta(days=21)
BEFORE = ON - timedelta(days=1)


def merge(side: Side, *seats: int, into: int | None = None, on: date = ON, dry_run: bool = False, code: str = "001900") -> Merger:
    successor = side.seats[into] if into is not None else Newcomer(code, "Newtown", side.zones[0])
    return merge_municipalities(
        actor=side.actor(COORDINATOR),
        network=side.network,
        sources=[side.seats[n] for n in seats],
        successor=successor,
        on=on,
        dry_run=dry_run,
    )


def minutes_of(side: Side, meeting: Meeting) -> MinutesContent:
    record = Minutes.objects.select_related("meeting__network", "meeting__stream", "meeting__series").get(meeting=meeting)
    return documents.minutes(record, actor=side.actor(COORDINATOR), language="en")


def on_the_day() -> AbstractContextManager[None]:
    return clock.at(NOW + timedelta(days=21))


class TestCounts:
    def test_of_both_sides_of_the_day(self, side: Side) -> None:
        before = selectors.seats_total(side.network, BEFORE)
        merger = merge(side, 1, 2)
        assert (merger.before, merger.after) == (before, (before[0] - 1, before[1]))
        assert selectors.seats_total(side.network, BEFORE) == before == (10, 55_000)
        assert selectors.seats_total(side.network, ON) == (9, 55_000)
        assert merger.successor.population == side.seats[1].population + side.seats[2].population

    def test_taking_in_others_changes_no_past_count(self, side: Side) -> None:
        merger = merge(side, 1, 2, into=0)
        assert selectors.seats_total(side.network, BEFORE) == (10, 55_000)
        assert selectors.seats_total(side.network, ON) == (8, 55_000)
        assert (merger.successor.name, merger.successor.istat_code) == (side.seats[0].name, side.seats[0].istat_code)
        assert merger.successor.population == 6000
        assert [row.name for row in selectors.municipalities(side.network, BEFORE)].count(side.seats[0].name) == 1
        assert [row.name for row in selectors.municipalities(side.network, ON)].count(side.seats[0].name) == 1

    def test_thresholds_of_a_whole_network(self, db: None, now: None) -> None:
        network, coordinator = factories.make_network("large", seats=312)
        towns = list(network.municipalities.order_by("istat_code"))
        merge_municipalities(actor=selectors.actor_for(coordinator, network), network=network, sources=towns[:2], successor=towns[2], on=ON)
        share, _population = network.thresholds
        reached = {
            day: [votes for votes in (103, 104) if Fraction(votes, selectors.seats_total(network, day)[0]) >= share] for day in (BEFORE, ON)
        }
        assert selectors.seats_total(network, BEFORE)[0] == 312
        assert selectors.seats_total(network, ON)[0] == 310
        assert reached == {BEFORE: [104], ON: [104]}
        assert Fraction(103, 309) >= share  # two more, and one vote less is enough

    def test_quorum_of_meetings_on_both_sides(self, side: Side) -> None:
        merge(side, 1, 2)
        rows = {row.local.date(): seats(row) for row in side.meetings[:8]}
        assert {count for day, (count, _population) in rows.items() if day < ON} == {10}
        assert {count for day, (count, _population) in rows.items() if day >= ON} == {9}


class TestThePastStays:
    def test_minutes_attendance_votes_and_rolls(self, side: Side) -> None:
        meeting = factories.closed(side)
        with clock.at(NOW + timedelta(days=60)):
            content = minutes_of(side, meeting)
        rows = {model: list(model.objects.order_by("pk").values()) for model in (Attendance, Vote, RollEntry)}
        with clock.at(NOW + timedelta(days=14)):
            merge(side, 1, 2, into=0, on=TODAY + timedelta(days=20))
        with clock.at(NOW + timedelta(days=60)):
            assert minutes_of(side, meeting) == content
        assert rows == {model: list(model.objects.order_by("pk").values()) for model in (Attendance, Vote, RollEntry)}

    def test_old_rows_say_what_became_of_them(self, side: Side) -> None:
        merger = merge(side, 1, 2)
        old = selectors.municipality_in(side.network.pk, side.seats[1].pk)
        assert (old.merged_into, old.valid_until, old.population) == (merger.successor, BEFORE, side.seats[1].population)
        assert selectors.predecessors(merger.successor) == [side.seats[1], side.seats[2]]
        assert Event.objects.filter(type="municipality.merged").count() == 2

    def test_what_they_counted_is_not_changed_afterwards(self, side: Side) -> None:
        merge(side, 1, 2)
        for values in ({"population": 1}, {"valid_until": None}, {"valid_from": date(2020, 1, 1)}):
            with pytest.raises(Conflict):
                services.change_municipality(actor=side.actor(COORDINATOR), municipality=side.seats[1], values=values)


class TestPeople:
    def test_they_go_with_their_seats_the_largest_first(self, side: Side) -> None:
        merger = merge(side, 1, 2)
        assert [(row.user, row.order, row.office) for row in merger.moved] == [
            (side.representatives[2], 1, ""),
            (side.representatives[1], 2, ""),
        ]
        assert selectors.actor_for(side.representatives[1], side.network).seats == {side.seats[1].pk}
        with on_the_day():
            assert selectors.actor_for(side.representatives[1], side.network).seats == {merger.successor.pk}
            assert selectors.titulars(side.network, ON)[merger.successor.pk].user == side.representatives[2]

    def test_who_takes_in_the_others_stays_first_and_in_office(self, side: Side) -> None:
        merger = merge(side, 1, 2, into=0)
        assert [(row.user, row.office) for row in merger.moved] == [
            (side.representatives[0], "mayor"),
            (side.representatives[2], ""),
            (side.representatives[1], ""),
        ]

    def test_one_person_of_two_seats_has_one_place(self, side: Side) -> None:
        actor = side.actor(COORDINATOR)
        services.add_membership(
            actor=actor, network=side.network, user=side.representatives[1], role=Role.REPRESENTATIVE, municipality=side.seats[2], order=2
        )
        merger = merge(side, 1, 2)
        assert [row.user for row in merger.moved] == [side.representatives[2], side.representatives[1]]

    def test_the_successor_sees_to_what_is_open_but_never_votes_for_the_past(self, side: Side) -> None:
        proposal = factories.draft(side, seat=1, meeting=side.meetings[-1])
        meeting = factories.closed(side)
        item = ActionItem.objects.get(meeting=meeting)
        merger = merge(side, 0, 1)
        heir, old = side.representatives[0], side.seats[1]
        with on_the_day():
            actor = selectors.actor_for(heir, side.network)
            assert actor.seats == {merger.successor.pk}
            assert actor.open_seats == {merger.successor.pk, side.seats[0].pk, side.seats[1].pk}
            for permission in (Permission.TAKE_PART, Permission.ANSWER):
                assert not can(actor, permission, selectors.place_of(old))
            assert agenda.item(actor, proposal.pk) == proposal
            assert agenda_services.submit(actor=actor, item=proposal).state == "proposed"
            assert list(action_items.mine(actor, side.network)) == [item]
            done = action_item_services.progress(actor=actor, action_item=item, action="start", text="We see to it")
            assert done.state == "in_progress"
            with pytest.raises(DomainError):
                respond(actor=actor, meeting=side.meetings[-1], municipality=old, answer="attending")
            respond(actor=actor, meeting=side.meetings[-1], municipality=merger.successor, answer="attending")

    def test_others_inherit_nothing(self, side: Side) -> None:
        proposal = factories.draft(side, seat=1, meeting=side.meetings[-1])
        merge(side, 1, 2)
        with on_the_day(), pytest.raises(NotFound):
            agenda.item(selectors.actor_for(side.representatives[3], side.network), proposal.pk)

    def test_mergers_of_mergers(self, side: Side) -> None:
        first = merge(side, 1, 2)
        with clock.at(NOW + timedelta(days=60)):
            second = merge_municipalities(
                actor=side.actor(COORDINATOR),
                network=side.network,
                sources=[first.successor],
                successor=side.seats[3],
                on=TODAY + timedelta(days=90),
            )
            assert selectors.predecessors(second.successor) == sorted(
                [first.successor, side.seats[1], side.seats[2], side.seats[3]], key=lambda row: row.name
            )
        with clock.at(NOW + timedelta(days=90)):
            actor = selectors.actor_for(side.representatives[1], side.network)
            assert actor.seats == {second.successor.pk}
            assert side.seats[2].pk in actor.open_seats

    def test_nobody_is_named_for_what_is_over(self, side: Side) -> None:
        merge(side, 1, 2)
        user = factories.make_user("Nora")
        add = {"actor": side.actor(COORDINATOR), "network": side.network, "user": user, "role": Role.REPRESENTATIVE}
        town = selectors.municipality_in(side.network.pk, side.seats[1].pk)
        with pytest.raises(Conflict) as refusal:
            services.add_membership(**add, municipality=town)
        assert refusal.value.code == "merged"
        services.add_membership(**add, municipality=town, valid_until=BEFORE)


class TestRefusals:
    @pytest.mark.parametrize("on", [TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=800)])
    def test_days(self, side: Side, on: date) -> None:
        with pytest.raises(Invalid) as refusal:
            merge(side, 1, 2, on=on)
        assert set(refusal.value.errors) == {"on"}

    def test_alone_into_itself(self, side: Side) -> None:
        for numbers in ((), (0,)):
            with pytest.raises(Invalid):
                merge(side, *numbers, into=0)

    def test_twice(self, side: Side) -> None:
        merge(side, 1, 2)
        with pytest.raises(Conflict):
            merge(side, 1, 3, code="001901")

    def test_a_code_that_another_has(self, side: Side) -> None:
        with pytest.raises(Conflict):
            merge(side, 1, 2, code=side.seats[5].istat_code)
        assert not Municipality.objects.filter(merged_into__isnull=False).exists()

    def test_a_code_of_one_of_them_lives_on(self, side: Side) -> None:
        assert merge(side, 1, 2, code=side.seats[1].istat_code).successor.istat_code == side.seats[1].istat_code

    def test_only_the_office_and_only_its_own(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            merge_municipalities(
                actor=world.home.actor("chair"),
                network=world.home.network,
                sources=world.home.seats[:2],
                successor=world.home.seats[3],
                on=ON,
            )
        with pytest.raises(NotFound):
            merge_municipalities(
                actor=world.home.actor(COORDINATOR),
                network=world.home.network,
                sources=world.away.seats[:1],
                successor=world.home.seats[3],
                on=ON,
            )

    def test_a_dry_run_changes_nothing(self, side: Side) -> None:
        rows = [list(model.objects.order_by("pk").values()) for model in (Municipality, Membership, Event)]
        merger = merge(side, 1, 2, into=0, dry_run=True)
        assert merger.after == (8, 55_000) and len(merger.moved) == 3
        assert [list(model.objects.order_by("pk").values()) for model in (Municipality, Membership, Event)] == rows

    def test_a_file_does_not_bring_them_back(self, side: Side) -> None:
        merge(side, 1, into=0)
        header = "istat_code,name,zone_number,zone_name,population\n"
        line = f"{side.seats[1].istat_code},{side.seats[1].name},1,{side.zones[0].name},5\n"
        report = imports.import_municipalities(actor=side.actor(COORDINATOR), network=side.network, data=(header + line).encode())
        assert "has merged into" in report.refused[0].reason
        text = f"istat_code,name,email\n{side.seats[1].istat_code},Nora,nora@example.org\n"
        report = representatives.import_representatives(actor=side.actor(COORDINATOR), network=side.network, data=text.encode())
        assert "name its people there" in report.refused[0].reason
        text = f"istat_code,name,email\n{side.seats[0].istat_code},Nora,nora@example.org\n"
        assert representatives.import_representatives(actor=side.actor(COORDINATOR), network=side.network, data=text.encode()).accepted
        assert Membership.objects.get(user=User.objects.get(email="nora@example.org")).valid_from == ON
