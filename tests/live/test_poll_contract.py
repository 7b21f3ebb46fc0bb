"""What every vote promises, asked through the services and through REST alike."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.live import services
from meetings.live.models import Poll, Vote
from meetings.minutes.models import Decision
from meetings.network.models import Municipality
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import COORDINATOR, NOW, Side
from tests.live.voting import ByRest, ByService, Refused


@pytest.fixture(params=[ByService, ByRest], ids=["services", "rest"])
def hall(request: pytest.FixtureRequest, side: Side) -> ByService:
    """A session on its first item, eight of ten seats present."""
    made: ByService = request.param(side, factories.in_session(side))
    return made


def open_(hall: ByService, **values: Any) -> Any:
    chair = hall.side.chair
    return hall.open(chair, hall.draft(chair, **{"question": "Shall we?", **values})["id"])


def cast(hall: ByService, poll: Any, seat: int, choice: str = "yes") -> Any:
    return hall.vote(hall.side.representatives[seat], poll["id"], hall.side.seats[seat], choice)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code}$")


# --- drafts ---


def test_a_draft_is_changed_by_version_until_it_is_opened(hall: ByService) -> None:
    chair, seats = hall.side.chair, hall.side.seats
    drafted = hall.draft(chair, question="Shall we?")
    assert (drafted["secrecy"], drafted["version"], drafted["chosen"], drafted["covers"]) == ("named", 1, [], [])
    chosen = sorted(str(seat.pk) for seat in seats[:3])
    edited = hall.edit(chair, drafted["id"], 1, question="Shall we now?", secrecy="secret", roll_policy="chosen", chosen=chosen)
    assert (edited["question"], edited["secrecy"], edited["chosen"], edited["version"]) == ("Shall we now?", "secret", chosen, 2)
    with refused("stale_version"):
        hall.edit(chair, drafted["id"], 1, question="Mine")
    with refused("not_found" if isinstance(hall, ByRest) else "not_allowed"):
        hall.edit(hall.side.representative, drafted["id"], 2, question="Mine")
    opened = hall.open(chair, drafted["id"])
    assert opened["roll"] == {"municipalities": 3, "population": 6000}
    with refused("wrong_state"):
        hall.edit(chair, drafted["id"], opened["version"], question="Later")


def test_silent_assent_knows_objections_alone_and_a_named_vote_its_usual_choices_again(hall: ByService) -> None:
    chair = hall.side.chair
    silent = hall.draft(chair, question="Agreed?", secrecy="silent_assent")
    assert ([choice["id"] for choice in silent["choices"]], silent["silence_seconds"]) == (["object"], 60)
    named = hall.edit(chair, silent["id"], 1, secrecy="named")
    assert [choice["id"] for choice in named["choices"]] == ["yes", "no", "abstain"]
    kept = hall.edit(chair, silent["id"], 2, choices=[{"id": "a", "label": "A"}, {"id": "b", "label": "B"}])
    assert hall.edit(chair, silent["id"], 3, question="Still?")["choices"] == kept["choices"]


@pytest.mark.parametrize(
    "values",
    [
        {"secrecy": "whispered"},
        {"roll_policy": "chosen"},
        {"roll_policy": "chosen", "chosen": ["00000000-0000-0000-0000-000000000000"]},
        {"covers": ["00000000-0000-0000-0000-000000000000"]},
        {"silence_seconds": 9},
        {"silence_seconds": 3601},
        {"secrecy": "silent_assent", "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]},
    ],
)
def test_a_draft_that_cannot_be_is_refused_by_field(hall: ByService, values: dict[str, Any]) -> None:
    with refused("invalid"):
        hall.draft(hall.side.chair, question="Shall we?", **values)
    assert not Poll.objects.exists()


def test_rolls_are_those_present_all_or_chosen_by_hand(hall: ByService) -> None:
    for policy, seats in (("present", range(8)), ("all", range(10)), ("chosen", (1, 9))):
        chosen = [str(hall.side.seats[n].pk) for n in seats] if policy == "chosen" else []
        poll = open_(hall, roll_policy=policy, chosen=chosen, advisory=True)
        on_roll = set(Poll.objects.get(pk=poll["id"]).roll.values_list("municipality_id", flat=True))
        assert on_roll == {hall.side.seats[n].pk for n in seats}
        hall.close(hall.side.chair, poll["id"])


# --- named ---


def test_a_named_vote_is_counted_in_two_keys_and_told_by_name_when_it_is_over(hall: ByService) -> None:
    poll = open_(hall)
    first = cast(hall, poll, 0, "no")
    assert set(first) == {"id", "poll", "municipality", "at", "digest"}
    assert cast(hall, poll, 0)["id"] == first["id"]
    cast(hall, poll, 7)
    assert hall.get(hall.side.observer, poll["id"])["tally"][0] == {"choice": "yes", "municipalities": 2, "population": 9000}
    assert hall.votes(hall.side.chair, poll["id"]) == {}
    closed = hall.close(hall.side.chair, poll["id"])
    assert (closed["turnout"], closed["outcome"]) == (2, "not_carried")
    assert hall.votes(hall.side.representative, poll["id"]) == {str(hall.side.seats[n].pk): ["yes", False] for n in (0, 7)}
    assert hall.votes(hall.side.observer, poll["id"]) == {}
    with refused("not_secret"):
        hall.publish(hall.side.chair, poll["id"])


# --- who acts for the seat ---


@pytest.fixture
def deputy(hall: ByService) -> Any:
    """Of seat 0, in for it in the titular's place."""
    side = hall.side
    deputy = factories.add_member(side.network, "Dora Deputy", "representative", municipality=side.seats[0], order=2)
    services.leave(actor=side.actor(side.representative), meeting=hall.meeting, municipality=side.seats[0])
    services.join(actor=side.actor(deputy), meeting=hall.meeting, municipality=side.seats[0])
    return deputy


def test_the_titular_is_suspended_while_the_substitute_is_in_and_may_vote_when_they_leave(hall: ByService, deputy: Any) -> None:
    side, poll = hall.side, open_(hall)
    seat: Municipality = side.seats[0]
    with refused("suspended"):
        hall.vote(side.representative, poll["id"], seat, "no")
    first = hall.vote(deputy, poll["id"], seat, "yes")
    services.leave(actor=side.actor(deputy), meeting=hall.meeting, municipality=seat)
    standing = hall.get(side.chair, poll["id"])
    assert (standing["roll"]["municipalities"], standing["tally"][0]["municipalities"]) == (8, 1)
    replaced = hall.vote(side.representative, poll["id"], seat, "no")
    assert replaced["id"] == first["id"] and Vote.objects.get().choice == "no"


# --- by phone ---


def test_a_vote_by_phone_is_read_back_and_sent_twice(hall: ByService) -> None:
    side, poll = hall.side, open_(hall)
    seat = side.seats[1]
    with refused("confirm_phone_vote") as asked:
        hall.vote(side.coordinator, poll["id"], seat, "yes")
    said = asked.value.current
    assert (said["municipality_name"], said["person"], said["question"], said["label"], said["replaces"]) == (
        seat.name,
        side.representatives[1].name,
        "Shall we?",
        poll["choices"][0]["label"],
        "",
    )
    assert not Vote.objects.exists()
    hall.vote(side.coordinator, poll["id"], seat, "yes", confirm=said["confirm"])
    with refused("confirm_phone_vote") as again:
        hall.vote(side.coordinator, poll["id"], seat, "no")
    assert again.value.current["replaces"] == poll["choices"][0]["label"]
    hall.close(side.chair, poll["id"])
    assert hall.votes(side.chair, poll["id"]) == {str(seat.pk): ["yes", True]}


def test_what_confirms_a_phone_vote_confirms_nothing_else(hall: ByService) -> None:
    side, poll = hall.side, open_(hall)
    office, seat, second = side.coordinator, side.seats[1], factories.add_member(side.network, "Otto Office", COORDINATOR)
    with refused("confirm_phone_vote") as asked:
        hall.vote(office, poll["id"], seat, "yes")
    token = asked.value.current["confirm"]
    for who, where, choice, sent in (
        (office, seat, "no", token),
        (office, side.seats[2], "yes", token),
        (second, seat, "yes", token),
        (office, seat, "yes", token + "x"),
        (office, seat, "yes", "{}"),
    ):
        with refused("confirm_phone_vote"):
            hall.vote(who, poll["id"], where, choice, confirm=sent)
    with clock.at(NOW + timedelta(minutes=5, seconds=1)), refused("confirm_phone_vote"):
        hall.vote(office, poll["id"], seat, "yes", confirm=token)
    with clock.at(NOW + timedelta(minutes=5)):
        hall.vote(office, poll["id"], seat, "yes", confirm=token)
    assert Vote.objects.get().by_phone
    hall.vote(side.representatives[1], poll["id"], seat, "no")
    assert not Vote.objects.get().by_phone


# --- silent assent ---


def test_silence_is_assent_when_the_time_is_over(hall: ByService) -> None:
    poll = open_(hall, secrecy="silent_assent", silence_seconds=30)
    assert poll["until"] == "2026-11-20T08:00:30Z"
    with refused("too_early"):
        hall.close(hall.side.chair, poll["id"])
    with clock.at(NOW + timedelta(seconds=30)):
        with refused("too_late"):
            cast(hall, poll, 0, "object")
        closed = hall.close(hall.side.chair, poll["id"])
    assert (closed["outcome"], closed["turnout"], closed["tally"][0]["municipalities"]) == ("carried", 0, 0)


def test_one_objection_is_enough_and_ends_the_waiting(hall: ByService) -> None:
    poll = open_(hall, secrecy="silent_assent")
    with refused("invalid"):
        cast(hall, poll, 0, "yes")
    cast(hall, poll, 0, "object")
    assert hall.close(hall.side.chair, poll["id"])["outcome"] == "not_carried"


# --- the consent agenda ---


@pytest.fixture
def block(hall: ByService) -> Iterator[list[AgendaItem]]:
    """The second and third item are consent items."""
    rows = factories.items(hall.meeting)[1:3]
    AgendaItem.objects.filter(pk__in=[row.pk for row in rows]).update(kind="consent")
    yield [row for row in factories.items(hall.meeting) if row.kind == "consent"]


def _covering(hall: ByService, block: list[AgendaItem], **values: Any) -> Any:
    covers = [str(row.pk) for row in block]
    return hall.draft(hall.side.chair, item=block[0], question="All?", covers=covers, **{"secrecy": "silent_assent", **values})


def _after_silence(hall: ByService, poll: Any) -> Any:
    with clock.at(NOW + timedelta(minutes=1)):
        return hall.close(hall.side.chair, poll["id"])


def test_a_carried_block_decides_each_item_as_it_was_proposed(hall: ByService, block: list[AgendaItem]) -> None:
    poll = hall.open(hall.side.chair, _covering(hall, block)["id"])
    assert _after_silence(hall, poll)["outcome"] == "carried"
    decided = {row.agenda_item_id: row for row in Decision.objects.all()}
    assert set(decided) == {row.pk for row in block}
    for item in factories.items(hall.meeting)[1:3]:
        assert item.state == "discussed"
        assert decided[item.pk].text.startswith(item.title) and str(decided[item.pk].poll_id) == poll["id"]


def test_an_item_leaves_the_block_while_it_is_voted(hall: ByService, block: list[AgendaItem]) -> None:
    poll = hall.open(hall.side.chair, _covering(hall, block)["id"])
    with refused("not_allowed"):
        hall.take_out(hall.side.observer, poll["id"], block[1])
    left = hall.take_out(hall.side.representatives[9], poll["id"], block[1])
    assert left["covers"] == [str(block[0].pk)]
    with refused("last_of_the_block"):
        hall.take_out(hall.side.representatives[9], poll["id"], block[0])
    with refused("not_in_the_block"):
        hall.take_out(hall.side.representatives[9], poll["id"], block[1])
    _after_silence(hall, poll)
    assert [row.agenda_item_id for row in Decision.objects.all()] == [block[0].pk]
    kinds = [(row.kind, row.state) for row in factories.items(hall.meeting)[1:3]]
    assert kinds == [("consent", "discussed"), ("discussion", "accepted")]


def test_a_block_that_is_not_carried_decides_nothing(hall: ByService, block: list[AgendaItem]) -> None:
    poll = hall.open(hall.side.chair, _covering(hall, block)["id"])
    cast(hall, poll, 3, "object")
    assert hall.close(hall.side.chair, poll["id"])["outcome"] == "not_carried"
    assert not Decision.objects.exists()
    named = hall.open(hall.side.chair, _covering(hall, block, secrecy="named")["id"])
    for seat in range(8):
        cast(hall, named, seat)
    assert hall.close(hall.side.chair, named["id"])["outcome"] == "carried"
    assert Decision.objects.count() == 2


@pytest.mark.parametrize("values", [{"secrecy": "secret"}, {"advisory": True}])
def test_a_block_is_neither_secret_nor_advisory(hall: ByService, block: list[AgendaItem], values: dict[str, Any]) -> None:
    with refused("invalid"):
        _covering(hall, block, **values)


def test_a_block_covers_what_is_still_to_be_decided(hall: ByService, block: list[AgendaItem]) -> None:
    drafted, meeting = _covering(hall, block), hall.meeting
    with refused("invalid"):
        hall.edit(hall.side.chair, drafted["id"], 1, covers=[str(factories.items(meeting)[0].pk)])
    _decide(hall, meeting, block[1])
    opened = hall.open(hall.side.chair, drafted["id"])
    assert opened["covers"] == [str(block[0].pk)]
    other = _covering(hall, block[:1])
    _after_silence(hall, opened)
    with refused("nothing_to_decide"):
        hall.open(hall.side.chair, other["id"])


def _decide(hall: ByService, meeting: Meeting, item: AgendaItem) -> None:
    chair = hall.side.actor(hall.side.chair)
    services.move_on(actor=chair, meeting=meeting, item=item)
    services.move_on(actor=chair, meeting=meeting, item=None)
