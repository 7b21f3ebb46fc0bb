"""Votes in two keys on a frozen roll."""

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.access import Actor
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from meetings.events.models import Audience, Event
from meetings.live import polls, selectors, services
from meetings.live.models import Mark, Poll, RollEntry, Vote
from meetings.live.poll_selectors import miscounted, recount
from meetings.live.selectors import TwoKey, reaches
from meetings.network import services as network_services
from meetings.network.models import Network
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

CHOICES = ("yes", "no", "abstain")


def cast(side: Side, poll: Poll, seat: int, choice: str = "yes") -> Vote | Mark:
    actor = side.actor(side.representatives[seat])
    return polls.vote(actor=actor, poll=poll, municipality=side.seats[seat], choice=choice)


def a_poll(side: Side, meeting: Meeting, **more: Any) -> Poll:
    return polls.draft(actor=side.actor(CHAIR), item=factories.items(meeting)[0], question="Shall we?", **more)


def small_session(seats: int, present: list[int]) -> tuple[Side, Meeting]:
    """A session of a network of so many municipalities (1,000, 2,000, … inhabitants) with some of them there."""
    side = factories.make_side("small", seats=seats)
    factories.accepted(side, seat=None)
    meeting = factories.agenda.publish(actor=side.actor(COORDINATOR), meeting=side.meeting)
    meeting = services.open_session(actor=side.actor(CHAIR), meeting=meeting)
    for seat in present:
        services.join(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat])
    return side, factories.fresh(meeting)


# --- thresholds: exact ---

ITALY = Network(threshold_municipalities="1/3", threshold_population="1/2")


@pytest.mark.parametrize(
    ("count", "of", "passes"),
    [
        ((104, 1_500_000), (312, 2_200_000), True),
        ((103, 1_500_000), (312, 2_200_000), False),
        ((312, 1_100_000), (312, 2_200_000), False),  # exactly half is not more than half
        ((312, 1_100_001), (312, 2_200_000), True),
        ((104, 1_100_000), (312, 2_199_999), True),
        ((0, 0), (312, 2_200_000), False),
        ((0, 0), (0, 0), False),
        ((1, 10), (3, 19), True),
    ],
)
def test_thresholds_are_exact(count: tuple[int, int], of: tuple[int, int], passes: bool) -> None:
    assert reaches(TwoKey(*count), TwoKey(*of), ITALY) is passes


@settings(max_examples=300)
@given(
    st.integers(1, 10**9), st.integers(1, 10**12), st.fractions(0, 1, max_denominator=99), st.fractions(0, 1, max_denominator=99), st.data()
)
def test_thresholds_are_whole_number_arithmetic(seats: int, people: int, a: Fraction, b: Fraction, data: st.DataObject) -> None:
    """At the very edge of both keys, in numbers that no float could tell apart."""
    network = Network(threshold_municipalities=str(a), threshold_population=str(b))
    near = {"m": -(-seats * a.numerator // a.denominator), "p": people * b.numerator // b.denominator}
    m, p = near["m"] + data.draw(st.integers(-1, 1)), near["p"] + data.draw(st.integers(-1, 2))
    expected = m * a.denominator >= seats * a.numerator and p * b.denominator > people * b.numerator
    assert reaches(TwoKey(m, p), TwoKey(seats, people), network) is expected


@pytest.mark.parametrize(
    ("in_favour", "outcome"),
    [([2], "not_carried"), ([0, 1], "not_carried"), ([0, 2], "carried"), ([0, 1, 2], "carried"), ([], "not_carried")],
)
def test_a_motion_needs_both_keys_of_all_seats(db: None, now: None, in_favour: list[int], outcome: str) -> None:
    """Seat 2 alone is one of three and exactly half of 6,000."""
    side, meeting = small_session(3, [0, 1, 2])
    poll = polls.open_(actor=side.actor(CHAIR), poll=a_poll(side, meeting))
    for seat in in_favour:
        cast(side, poll, seat)
    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    assert closed.outcome == outcome
    assert closed.tally[0] == {"choice": "yes", "municipalities": len(in_favour), "population": sum(1000 * (n + 1) for n in in_favour)}


def test_shares_are_of_all_seats_valid_that_day_whatever_the_roll(db: None, now: None) -> None:
    side, meeting = small_session(3, [0, 2])
    poll = polls.open_(actor=side.actor(CHAIR), poll=a_poll(side, meeting))
    cast(side, poll, 2)
    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    assert (closed.roll_municipalities, closed.roll_population) == (2, 4000)
    assert (closed.seats_municipalities, closed.seats_population) == (3, 6000)
    assert closed.outcome == "not_carried"


def test_without_quorum_a_vote_is_advisory_or_none(db: None, now: None) -> None:
    side, meeting = small_session(3, [2])  # one third, and exactly half
    poll = a_poll(side, meeting)
    with pytest.raises(Conflict) as refused:
        polls.open_(actor=side.actor(CHAIR), poll=poll)
    assert refused.value.code == "no_quorum"
    assert Poll.objects.get(pk=poll.pk).state == "draft" and not RollEntry.objects.exists()
    advisory = polls.open_(actor=side.actor(CHAIR), poll=a_poll(side, meeting, advisory=True))
    assert (advisory.quorum, advisory.roll_municipalities) == (False, 1)
    polls.close(actor=side.actor(CHAIR), poll=advisory)
    services.join(actor=side.actor(side.representative), meeting=meeting, municipality=side.seats[0])
    assert polls.open_(actor=side.actor(CHAIR), poll=poll).quorum is True


# --- the roll ---


def checksum(poll: Poll) -> str:
    lines = sorted(f"{pk}:{population}" for pk, population in poll.roll.values_list("municipality_id", "population"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_the_roll_is_frozen_at_opening(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    poll = factories.open_poll(side, meeting)
    before = (poll.roll_checksum, set(poll.roll.values_list("municipality_id", "population")))
    assert before[0] == checksum(poll)
    assert before[1] == {(seat.pk, 1000 * (n + 1)) for n, seat in enumerate(side.seats[:8])}
    services.join(actor=side.actor(side.representatives[8]), meeting=meeting, municipality=side.seats[8])
    with pytest.raises(NotAllowed) as refused:
        cast(side, poll, 8)
    assert refused.value.code == "not_on_the_roll"
    network_services.change_municipality(actor=side.actor(COORDINATOR), municipality=side.seats[7], values={"population": 9_999_999})
    services.leave(actor=side.actor(side.representatives[7]), meeting=meeting, municipality=side.seats[7])
    cast(side, poll, 7)  # it stood on the roll
    closed = polls.close(actor=chair, poll=poll)
    assert closed.tally[0] == {"choice": "yes", "municipalities": 1, "population": 8000}
    assert (closed.roll_checksum, set(closed.roll.values_list("municipality_id", "population"))) == before
    assert closed.seats_population == 55_000


def test_a_roll_of_all_seats_needs_nobody_there(side: Side) -> None:
    poll = polls.open_(actor=side.actor(CHAIR), poll=a_poll(side, factories.in_session(side), roll_policy="all"))
    assert poll.roll_municipalities == 10
    cast(side, poll, 9)


# --- who, and when ---

STEPS: dict[str, Callable[[Actor, Poll], Any]] = {
    "draft": lambda a, p: polls.draft(actor=a, item=p.agenda_item, question="Really?"),
    "open": lambda a, p: polls.open_(actor=a, poll=p),
    "close": lambda a, p: polls.close(actor=a, poll=p),
}


@pytest.mark.parametrize("action", STEPS)
def test_chair_and_coordinator_hold_votes_nobody_else(home: Side, away: Side, action: str) -> None:
    poll = a_poll(home, factories.in_session(home))
    if action == "close":
        polls.open_(actor=home.actor(CHAIR), poll=poll)
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            STEPS[action](home.actor(who), poll)
    with pytest.raises(NotFound):
        STEPS[action](away.actor(COORDINATOR), poll)
    STEPS[action](home.actor(COORDINATOR), poll)


def test_each_seat_votes_for_itself_alone(home: Side, away: Side) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    for who in (home.observer, home.other_representative, home.spokesperson, home.chair, home.auditor):
        with pytest.raises(NotAllowed):
            polls.vote(actor=home.actor(who), poll=poll, municipality=home.seats[0], choice="yes")
    with pytest.raises(NotFound):
        polls.vote(actor=away.actor(away.representative), poll=poll, municipality=home.seats[0], choice="yes")
    with pytest.raises(DomainError):
        polls.vote(actor=home.actor(home.representative), poll=poll, municipality=away.seats[0], choice="yes")
    for nothing in ("", "YES", "perhaps"):
        with pytest.raises(Invalid):
            cast(home, poll, 0, nothing)
    assert not Vote.objects.exists()


def test_one_vote_is_open_at_a_time(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    first, second = factories.open_poll(side, meeting), a_poll(side, meeting)
    with pytest.raises(Conflict) as refused:
        polls.open_(actor=chair, poll=second)
    assert refused.value.code == "poll_open"
    polls.close(actor=chair, poll=first)
    polls.open_(actor=chair, poll=second)


def test_votes_belong_to_sessions_and_to_items_on_their_agenda(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    with pytest.raises(Conflict):
        polls.draft(actor=chair, item=meeting.agenda_items.get(state="draft"), question="On a private draft?")
    poll = a_poll(side, meeting)
    for state in set(MeetingState.values) - {"in_session"}:
        Meeting.objects.filter(pk=meeting.pk).update(state=state)
        with pytest.raises(Conflict):
            polls.open_(actor=chair, poll=Poll.objects.select_related("agenda_item__meeting").get(pk=poll.pk))


ALIKE: list[list[dict[str, str]]] = [
    [{"id": "yes", "label": "Yes"}],
    [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}],
    [{"id": "a", "label": "A"}, {"id": "b", "label": " "}],
    [{"id": "a", "label": "A"}, {"label": "B"}],
    [{"id": str(n), "label": str(n)} for n in range(11)],
    [{"id": "x" * 20 + "1", "label": "A"}, {"id": "x" * 20 + "2", "label": "B"}],
]


def test_choices_must_differ(side: Side) -> None:
    meeting = factories.agenda_published(side)
    for choices in ALIKE:
        with pytest.raises(Invalid) as refused:
            a_poll(side, meeting, choices=choices)
        assert list(refused.value.errors) == ["choices"]


def test_the_first_choice_is_the_motion(side: Side) -> None:
    choices = [{"id": "bridge", "label": "The bridge"}, {"id": "x" * 19 + " y", "label": "The tunnel"}]
    poll = polls.open_(actor=side.actor(CHAIR), poll=a_poll(side, factories.in_session(side), choices=choices))
    for seat in range(8):
        cast(side, poll, seat, poll.choices[seat < 2]["id"].strip())
    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    assert [(row["municipalities"], row["population"]) for row in closed.tally] == [(6, 33_000), (2, 3_000)]
    assert closed.outcome == "carried"


def test_drafts_are_the_staffs(home: Side, away: Side) -> None:
    poll = a_poll(home, factories.in_session(home))
    assert selectors.poll(home.actor(CHAIR), poll.pk) == poll
    for reader in (home.actor(home.representative), away.actor(COORDINATOR)):
        with pytest.raises(NotFound):
            selectors.poll(reader, poll.pk)


# --- counting ---


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(votes=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(CHOICES)), max_size=16))
def test_the_log_alone_gives_the_stored_tally(open_session: tuple[Side, Meeting], votes: list[tuple[int, str]]) -> None:
    side, meeting = open_session
    poll = factories.open_poll(side, meeting)
    for seat, choice in votes:
        cast(side, poll, seat, choice)
    voted = dict(votes)
    assert dict(poll.votes.values_list("municipality_id", "choice")) == {side.seats[n].pk: choice for n, choice in voted.items()}
    closed = polls.close(actor=side.actor(CHAIR), poll=poll)
    assert closed.tally == recount(closed) == selectors.tally(closed)
    assert not list(miscounted())


@pytest.fixture
def open_session(side: Side) -> tuple[Side, Meeting]:
    return side, factories.in_session(side)


def test_a_count_that_is_not_what_was_voted_is_found(side: Side) -> None:
    poll = factories.open_poll(side, factories.in_session(side))
    cast(side, poll, 0)
    polls.close(actor=side.actor(CHAIR), poll=poll)
    assert not list(miscounted(side.network.pk))
    tally = Poll.objects.get(pk=poll.pk).tally
    Poll.objects.filter(pk=poll.pk).update(tally=[{**tally[0], "municipalities": 2}, *tally[1:]])
    assert list(miscounted(side.network.pk)) == [f"poll {poll.pk}: the log gives another count"]
    with pytest.raises(CommandError, match="A count is not what was voted"):
        call_command("verify_log")


def test_a_vote_is_replaced_while_the_poll_is_open_and_its_event_is_for_the_audit_alone(side: Side) -> None:
    poll = factories.open_poll(side, factories.in_session(side))
    first, second = cast(side, poll, 0, "yes"), cast(side, poll, 0, "no")
    assert Vote.objects.get().choice == "no"
    receipts = [selectors.receipt_as_object(row)["digest"] for row in (first, second)]
    assert receipts[0] != receipts[1]
    told = Event.objects.filter(type="vote.cast").order_by("sequence")
    assert [json.loads(event.payload)["digest"] for event in told] == receipts
    assert {event.audience for event in told} == {Audience.AUDIT}


def test_a_closed_poll_never_changes(side: Side) -> None:
    poll, chair = factories.open_poll(side, factories.in_session(side)), side.actor(CHAIR)
    cast(side, poll, 0)
    closed = polls.close(actor=chair, poll=poll)
    before = (Poll.objects.filter(pk=poll.pk).values().get(), list(Vote.objects.values()), Event.objects.count())
    for act in (
        lambda: cast(side, poll, 0, "no"),
        lambda: cast(side, poll, 1),
        lambda: polls.close(actor=chair, poll=closed),
        lambda: polls.open_(actor=chair, poll=closed),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "wrong_state"
    assert (Poll.objects.filter(pk=poll.pk).values().get(), list(Vote.objects.values()), Event.objects.count()) == before
    shown = [json.loads(event.payload)["tally"] for event in Event.objects.filter(type="poll.closed")]
    assert shown == [closed.tally]
