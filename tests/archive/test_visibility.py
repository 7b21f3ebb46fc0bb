"""Nobody finds, counts or infers what is not theirs: each kind at each stage, as every role, beside another network with the same words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings import clock
from meetings.access import Actor
from meetings.agenda import attachments
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.announcements.services import announce
from meetings.archive.kinds import Kind
from meetings.archive.selectors import counts
from meetings.live.questions import withdraw
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes, NoteDraft
from meetings.network.models import User
from tests import factories
from tests.archive.finding import ask, find, kinds
from tests.factories import CHAIR, COORDINATOR, OBSERVER, SPOKESPERSON, Side, World

WORD = "Canaryword"
STAFF = ("chair", "coordinator")


def actors(side: Side) -> dict[str, Actor]:
    """`own` has seat 0; `other` another seat of its zone, `far` one elsewhere."""
    people: dict[str, User] = {
        "observer": side.observer,
        "other": side.other_representative,
        "far": side.representatives[9],
        "own": side.representative,
        "spokesperson": side.people[SPOKESPERSON],
        "auditor": side.auditor,
        "chair": side.chair,
        "coordinator": side.coordinator,
    }
    return {name: side.actor(user) for name, user in people.items()}


def who_finds(side: Side, query: str = WORD) -> set[str]:
    """Who finds anything; those who do not are told of nothing by the counts either."""
    found = {name: find(actor, query) for name, actor in actors(side).items()}
    for name, actor in actors(side).items():
        assert bool(counts(actor, ask(query))) == bool(found[name]), name
    return {name for name, rows in found.items() if rows}


EVERYBODY = {"observer", "other", "far", "own", "spokesperson", "auditor", "chair", "coordinator"}


def test_a_draft_is_its_seats(side: Side) -> None:
    factories.draft(side, WORD, seat=0)
    assert who_finds(side) == {"own"}


def test_a_draft_of_the_office_is_the_staffs(side: Side) -> None:
    factories.draft(side, WORD, seat=None)
    assert who_finds(side) == {*STAFF}


def test_a_proposal_with_its_file_is_its_seats_zones_and_the_offices(side: Side) -> None:
    item = factories.proposal(side, "Plain", text=WORD)
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7\n")
    attachments.attach(actor=side.actor(side.representative), item=item, name=f"{WORD} plan.pdf", file=file)
    assert who_finds(side) == {"own", "spokesperson", "auditor", *STAFF}
    assert kinds(side.actor(side.representative), WORD) == ["agenda_item", "attachment"]
    assert kinds(side.actor(side.representative), f"{WORD} plan pdf") == ["attachment"]


def test_what_is_on_a_published_agenda_is_everybodys(side: Side) -> None:
    factories.accepted(side, WORD)
    assert who_finds(side) == {"own", "spokesperson", "auditor", *STAFF}
    agenda.publish(actor=side.actor(COORDINATOR), meeting=factories.fresh(side.meeting))
    assert who_finds(side) == EVERYBODY


def test_notes_are_the_staffs_until_the_minutes_circulate(side: Side) -> None:
    meeting = factories.closed(side)
    minutes.write_note(actor=side.actor(CHAIR), item=factories.items(meeting)[0], text=f"Said of {WORD}")
    row = Minutes.objects.get(meeting=meeting)
    minutes.edit_minutes(actor=side.actor(COORDINATOR), minutes=row, values={"introduction": f"{WORD} was there"})
    assert who_finds(side) == {*STAFF}
    assert kinds(side.actor(CHAIR), WORD) == ["minutes", "note"]
    minutes.circulate(actor=side.actor(COORDINATOR), minutes=Minutes.objects.get(pk=row.pk))
    assert who_finds(side) == EVERYBODY


def test_an_unsaved_note_is_nobodys_to_find(side: Side) -> None:
    meeting = factories.closed(side)
    item = factories.items(meeting)[0]
    NoteDraft.objects.create(agenda_item=item, author=side.chair, text=WORD, saved_at=clock.now())
    assert who_finds(side) == set()


def test_an_announcement_is_of_those_it_was_for(side: Side) -> None:
    announce(actor=side.actor(COORDINATOR), network=side.network, zone=side.zones[0], values={"title": "Snow", "text": WORD})
    assert who_finds(side) == {"own", "other", "spokesperson", "auditor", *STAFF}


def test_decisions_and_action_items_are_everybodys(side: Side) -> None:
    meeting = factories.closed(side)
    for query, kind in (("lines stay", Kind.DECISION), ("write to the operators", Kind.ACTION_ITEM), ("1/2026", Kind.DECISION)):
        for name, actor in actors(side).items():
            assert kind in {hit.kind for hit in find(actor, query)}, (name, query)
    [decision] = [hit for hit in find(side.actor(OBSERVER), "lines stay") if hit.kind == Kind.DECISION]
    assert (decision.meeting, decision.on_minutes) == (meeting.pk, False)
    [known] = [hit for hit in find(side.actor(CHAIR), "lines stay") if hit.kind == Kind.DECISION]
    assert known.on_minutes


def test_a_question_is_found_until_it_is_withdrawn(side: Side) -> None:
    question = factories.question(side, side.meeting, f"Who pays for {WORD}?")
    assert who_finds(side) == EVERYBODY
    withdraw(actor=side.actor(side.representative), question=question)
    assert who_finds(side) == set()


@pytest.mark.parametrize("who", [CHAIR, COORDINATOR, OBSERVER])
def test_another_network_does_not_exist(world: World, who: str) -> None:
    """The same words there, at every stage: nothing of it is found or counted here."""
    factories.circulated(world.away)
    values = {"title": "School buses", "text": "away operators"}
    announce(actor=world.away.actor(COORDINATOR), network=world.away.network, zone=None, values=values)
    away = find(world.away.actor(who), "away")
    assert {Kind.AGENDA_ITEM, Kind.DECISION, Kind.NOTE, Kind.ACTION_ITEM, Kind.ANNOUNCEMENT} <= {hit.kind for hit in away}
    for query in ("away", "school buses", "operators", "lines stay"):
        assert find(world.home.actor(who), query) == []
        assert counts(world.home.actor(who), ask(query)) == {}
    stranger = Actor(network_id=world.home.network.pk, user_id=world.stranger.pk)
    assert find(stranger, "away") == []


def test_a_municipality_of_another_network_filters_everything_out(world: World) -> None:
    factories.agenda_published(world.home)
    assert find(world.home.actor(CHAIR), "school") != []
    assert find(world.home.actor(CHAIR), "school", municipality=world.away.seats[0].pk) == []


def test_a_word_that_was_taken_out_is_not_found(side: Side) -> None:
    factories.draft(side, WORD, seat=0)
    assert who_finds(side) == {"own"}
    item = AgendaItem.objects.get(title=WORD)
    agenda.edit(actor=side.actor(side.representative), item=item, values={"title": "Other"}, expected_version=item.version)
    assert who_finds(side) == set()
