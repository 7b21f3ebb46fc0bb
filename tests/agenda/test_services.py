"""Proposing, triage, the running order, publication, carrying over."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from meetings import clock
from meetings.access import Actor
from meetings.agenda import services
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, TRANSITIONS, AgendaItem, ItemState
from meetings.agenda.selectors import item, item_abilities, item_as_object, items_of, minutes_planned, running_order, starts, visible_items
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Audience, Event
from meetings.network.models import User
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

MILLISECOND = timedelta(milliseconds=1)


# --- the deadline ---


@pytest.mark.parametrize(("after", "late"), [(-MILLISECOND, False), (timedelta(0), False), (MILLISECOND, True)])
def test_the_deadline_is_exact_and_late_needs_a_motive(side: Side, after: timedelta, late: bool) -> None:
    actor, row = side.actor(side.representative), factories.draft(side)
    with clock.at(side.meeting.intake_closes_at + after):
        if late:
            for nothing in ("", "  \n"):
                with pytest.raises(Invalid) as refused:
                    services.submit(actor=actor, item=row, motive=nothing)
                assert list(refused.value.errors) == ["motive"]
                assert AgendaItem.objects.get(pk=row.pk).state == ItemState.DRAFT
        row = services.submit(actor=actor, item=row, motive="The bridge fell" if late else "")
    assert (row.state, row.late) == (ItemState.PROPOSED, late)
    told = json.loads(Event.objects.get(type="agenda_item.proposed").payload)
    assert (told["late"], told["motive"]) == (late, "The bridge fell" if late else "")


def test_before_the_intake_opens_drafts_are_kept_and_the_office_may_submit(side: Side) -> None:
    later = side.meetings[2]
    row = factories.draft(side, meeting=later)
    with pytest.raises(Conflict) as refused:
        services.submit(actor=side.actor(side.representative), item=row)
    assert refused.value.code == "intake_not_open"
    assert AgendaItem.objects.get(pk=row.pk).state == ItemState.DRAFT
    assert factories.proposal(side, seat=None, meeting=later).state == ItemState.PROPOSED
    with clock.at(later.intake_opens_at):
        assert services.submit(actor=side.actor(side.representative), item=row).late is False


def test_what_was_on_time_and_returned_stays_on_time(side: Side) -> None:
    row, actor = factories.proposal(side), side.actor(side.representative)
    with clock.at(side.meeting.intake_closes_at + MILLISECOND):
        services.return_(actor=side.actor(COORDINATOR), item=row, reason="Add the costs")
        assert services.submit(actor=actor, item=row).late is False


def test_a_draft_makes_no_event_and_a_returned_one_does(side: Side) -> None:
    before = Event.objects.count()
    row = factories.draft(side)
    services.edit(actor=side.actor(side.representative), item=row, values={"text": "More"})
    assert Event.objects.count() == before
    services.submit(actor=side.actor(side.representative), item=row)
    services.return_(actor=side.actor(COORDINATOR), item=row, reason="Add the costs")
    services.edit(actor=side.actor(side.representative), item=row, values={"text": "The costs"})
    assert list(Event.objects.order_by("-pk").values_list("type", flat=True)[:2]) == ["agenda_item.changed", "agenda_item.returned"]


# --- who × action × state ---

ACTS: dict[str, Callable[[Actor, AgendaItem], AgendaItem]] = {
    "edit": lambda a, i: services.edit(actor=a, item=i, values={"text": "Changed"}),
    "submit": lambda a, i: services.submit(actor=a, item=i, motive="It cannot wait"),
    "move": lambda a, i: services.move(actor=a, item=i),
    "defer": lambda a, i: services.defer(actor=a, item=i, to=_third(i.meeting), answer="Later"),
    "merge": lambda a, i: services.merge(actor=a, item=i, into=AgendaItem.objects.get(title="The other")),
    "separate": lambda a, i: services.separate(actor=a, item=i),
    "withdraw": lambda a, i: services.withdraw(actor=a, item=i),
    "accept": lambda a, i: services.accept(actor=a, item=i),
    "return": lambda a, i: services.return_(actor=a, item=i, reason="Why"),
    "decline": lambda a, i: services.decline(actor=a, item=i, answer="No"),
}
PROPOSERS = {"own seat", "spokesperson", "chair", "coordinator"}
OFFICE = {"coordinator"}
MAY = {
    **dict.fromkeys(("edit", "submit", "withdraw", "move"), PROPOSERS),
    **dict.fromkeys(("accept", "return", "decline", "revise", "defer", "merge", "separate"), OFFICE),
}
POSSIBLE = {
    "edit": {"draft", "proposed"},
    "submit": {"draft"},
    "move": {"draft"},
    "withdraw": {"proposed", "accepted"},
    "defer": {"proposed", "accepted", "deferred"},
    "merge": {"proposed", "accepted"},
    "separate": {"merged"},
    "accept": {"proposed"},
    "return": {"proposed"},
    "decline": {"proposed"},
    "revise": {"accepted"},
}
LEADS_TO = {
    "submit": "proposed",
    "withdraw": "withdrawn",
    "accept": "accepted",
    "return": "draft",
    "decline": "declined",
    "defer": "deferred",
    "merge": "merged",
    "separate": "proposed",
}
NOT_ONCE_PUBLISHED = {("withdraw", "accepted"), ("defer", "accepted"), ("revise", "accepted")}
"""What stands on a published agenda is frozen; proposals that came late are still handled."""
ASIDE = {"discuss", "pass_over", "postpone", "resume", "discuss_instead"}


def _third(meeting: Meeting) -> Meeting:
    return Meeting.objects.filter(series=meeting.series_id).order_by("starts_at")[2]


def people(side: Side) -> dict[str, User]:
    return {
        "own seat": side.representative,
        "neighbour": side.other_representative,
        "far seat": side.representatives[9],
        **{who: getattr(side, who) for who in ("observer", "spokesperson", "chair", "coordinator", "auditor")},
    }


def in_state(side: Side, state: str) -> AgendaItem:
    """An item of seat 0 that has come to that state, whatever way."""
    row = factories.draft(side, f"In state {state}")
    position = 1 if state in ON_THE_AGENDA else None
    submitted = None if state == ItemState.DRAFT else clock.now()
    AgendaItem.objects.filter(pk=row.pk).update(state=state, position=position, submitted_at=submitted)
    return AgendaItem.objects.select_related("meeting", "proposer").get(pk=row.pk)


def outcome(act: Callable[[Actor, AgendaItem], AgendaItem], actor: Actor, row: AgendaItem) -> str:
    """The state that the item ends in, or the name of the refusal; nothing of it stays."""
    with transaction.atomic():
        try:
            return act(actor, row).state
        except DomainError as error:
            return type(error).__name__
        finally:
            transaction.set_rollback(True)


def test_the_tables_name_every_action() -> None:
    assert set(ACTIONS) == set(TRANSITIONS.table)
    assert set(ACTIONS) - ASIDE == set(POSSIBLE) == set(MAY)


@pytest.mark.one_database  # decided in Python
@pytest.mark.parametrize("state", ItemState.values)
@pytest.mark.parametrize("published", [False, True])
def test_who_may_do_what_in_each_state(side: Side, state: str, published: bool) -> None:
    row = in_state(side, state)
    factories.proposal(side, "The other", seat=5)
    if published:
        Meeting.objects.filter(pk=side.meeting.pk).update(state=MeetingState.AGENDA_PUBLISHED, agenda_published_at=clock.now())
    row = AgendaItem.objects.select_related("meeting", "proposer__zone").get(pk=row.pk)
    for who, user in people(side).items():
        actor, able = side.actor(user), set(item_abilities(side.actor(user), row))
        for name, act in ACTS.items():
            meant = "revise" if name == "edit" and state == "accepted" else name
            frozen = published and (meant in ("merge", "separate") or (meant, state) in NOT_ONCE_PUBLISHED)
            possible = state in POSSIBLE[meant] and not frozen
            expected = (LEADS_TO.get(meant, state) if possible else "Conflict") if who in MAY[meant] else "NotAllowed"
            assert outcome(act, actor, row) == expected, (who, name)
            assert (meant in able) is (expected not in ("Conflict", "NotAllowed")), (who, name)


def test_answers_are_written_ones(side: Side) -> None:
    row, actor = factories.proposal(side), side.actor(COORDINATOR)
    for act in (services.return_, services.decline):
        text = "reason" if act is services.return_ else "answer"
        with pytest.raises(Invalid) as refused:
            act(actor=actor, item=row, **{text: " \n"})  # type: ignore[operator]
        assert list(refused.value.errors) == ["answer"]
    assert AgendaItem.objects.get(pk=row.pk).state == ItemState.PROPOSED


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u0000\u0007"}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"text": "x" * 10_001}, "text"),
        ({"kind": "gossip"}, "kind"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 481}, "duration_minutes"),
        ({"duration_minutes": None}, "duration_minutes"),
    ],
)
def test_items_keep_within_bounds(side: Side, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        factories.draft(side, **values)
    assert list(refused.value.errors) == [field]


def test_stale_edits_are_told_what_was_saved(side: Side) -> None:
    row, actor = factories.proposal(side), side.actor(side.representative)
    saved = services.edit(actor=actor, item=row, values={"text": "Theirs"}, expected_version=row.version)
    with pytest.raises(StaleVersion) as refused:
        services.edit(actor=actor, item=row, values={"text": "Mine"}, expected_version=row.version)
    assert refused.value.current == item_as_object(saved)


def test_nobody_proposes_with_another_networks_municipality(home: Side, away: Side) -> None:
    actor, values = home.actor(COORDINATOR), {"title": "Borrowed"}
    with pytest.raises(DomainError):
        services.draft(actor=actor, meeting=home.meeting, proposer=away.seats[0], values=values)
    with pytest.raises(DomainError):
        services.draft(actor=actor, meeting=home.meeting, proposer=None, values=values, co_proposers=[away.seats[0]])
    with pytest.raises(DomainError):
        services.edit(actor=actor, item=factories.proposal(home), values={}, co_proposers=[away.seats[0]])
    assert not AgendaItem.objects.filter(title="Borrowed").exists()


# --- the running order, publication ---


def test_the_order_names_each_item_once(side: Side) -> None:
    actor, meeting = side.actor(COORDINATOR), factories.scheduled(side)
    third, waiting = factories.accepted(side, "Third", seat=None), meeting.agenda_items.get(state="proposed")
    first, second, last = (row.pk for row in factories.items(meeting))
    assert last == third.pk
    for wrong in ([], [first, second], [first, second, second], [first, second, last, last], [first, second, waiting.pk]):
        with pytest.raises(Invalid) as refused:
            services.order(actor=actor, meeting=meeting, item_ids=wrong)
        assert list(refused.value.errors) == ["items"]
    versions = {row.pk: row.version for row in factories.items(meeting)}
    services.order(actor=actor, meeting=meeting, item_ids=[last, first, second])
    assert [row.pk for row in factories.items(meeting)] == [last, first, second]
    assert {row.pk: row.version for row in factories.items(meeting)} == versions


def test_the_order_has_a_version_of_its_own(side: Side) -> None:
    actor, meeting = side.actor(COORDINATOR), factories.scheduled(side)
    ids, seen = [row.pk for row in factories.items(meeting)], meeting.running_order_version
    services.order(actor=actor, meeting=meeting, item_ids=ids[::-1], expected_version=seen)
    with pytest.raises(StaleVersion) as refused:
        services.order(actor=actor, meeting=meeting, item_ids=ids, expected_version=seen)
    assert refused.value.current is not None and refused.value.current["items"] == [str(pk) for pk in ids[::-1]]
    services.accept(actor=actor, item=meeting.agenda_items.get(state="proposed"))
    assert factories.fresh(meeting).running_order_version == seen + 2


@pytest.mark.parametrize("who", ["observer", "representative", "spokesperson", "chair", "auditor"])
def test_only_coordinators_order_and_publish(side: Side, who: str) -> None:
    meeting, actor = factories.scheduled(side), side.actor(getattr(side, who))
    with pytest.raises(NotAllowed):
        services.order(actor=actor, meeting=meeting, item_ids=[row.pk for row in factories.items(meeting)])
    with pytest.raises(NotAllowed):
        services.publish(actor=actor, meeting=meeting)


def test_publication_wants_an_agenda_and_every_proposal_answered(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    with pytest.raises(Conflict) as refused:
        services.publish(actor=actor, meeting=side.meeting)
    assert refused.value.code == "empty_agenda"
    meeting = factories.scheduled(side)
    with pytest.raises(Conflict) as refused:
        services.publish(actor=actor, meeting=meeting)
    assert refused.value.code == "undecided_proposals"
    services.decline(actor=actor, item=meeting.agenda_items.get(state="proposed"), answer="Elsewhere")
    assert services.publish(actor=actor, meeting=meeting).agenda_published_at == factories.NOW
    told = Event.objects.filter(type="agenda_item.published", audience=Audience.MEMBERS)
    assert told.count() == 2
    with pytest.raises(Conflict):
        services.publish(actor=actor, meeting=meeting)


def test_a_published_agenda_is_frozen(side: Side) -> None:
    meeting, actor = factories.agenda_published(side), side.actor(COORDINATOR)
    before = [(row.pk, row.position, row.version) for row in factories.items(meeting)]
    refusals: list[Callable[[], Any]] = [
        lambda: services.withdraw(actor=side.actor(side.representative), item=factories.items(meeting)[0]),
        lambda: services.defer(actor=actor, item=factories.items(meeting)[0], answer="Later"),
        lambda: services.merge(actor=actor, item=factories.items(meeting)[0], into=factories.items(meeting)[1]),
        lambda: services.edit(actor=actor, item=factories.items(meeting)[0], values={"title": "Otherwise"}),
        lambda: services.order(actor=actor, meeting=meeting, item_ids=[row[0] for row in reversed(before)]),
    ]
    for act in refusals:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "agenda_published"
    assert [(row.pk, row.position, row.version) for row in factories.items(meeting)] == before


def test_time_boxes_follow_one_another(side: Side) -> None:
    meeting = factories.scheduled(side)
    rows = list(running_order(meeting))
    begins = starts(meeting, rows)
    assert begins[rows[0].pk] == meeting.starts_at
    assert begins[rows[1].pk] - begins[rows[0].pk] == timedelta(minutes=rows[0].duration_minutes)
    assert minutes_planned(rows) == sum(row.duration_minutes for row in rows)


# --- who sees what ---

OWN, ZONE, STAFF = {"own seat"}, {"spokesperson"}, {"chair", "coordinator"}
SUBMITTED = OWN | ZONE | STAFF | {"auditor", "co-proposer"}
EVERYBODY = SUBMITTED | {"observer", "neighbour", "far seat"}
SEEN_BEFORE = {"draft": OWN, **dict.fromkeys(("returned", *ItemState.values[1:]), SUBMITTED)}
SEEN_AFTER = {**SEEN_BEFORE, **dict.fromkeys(ON_THE_AGENDA, EVERYBODY)}
OFFICE_BEFORE = {"draft": STAFF, **dict.fromkeys(("returned", *ItemState.values[1:]), STAFF | {"auditor"})}
OFFICE_AFTER = {**OFFICE_BEFORE, **dict.fromkeys(ON_THE_AGENDA, EVERYBODY)}


@pytest.mark.parametrize(
    ("published", "office", "table"),
    [(False, False, SEEN_BEFORE), (True, False, SEEN_AFTER), (False, True, OFFICE_BEFORE), (True, True, OFFICE_AFTER)],
)
def test_each_reader_sees_what_is_theirs_to_know(home: Side, away: Side, published: bool, office: bool, table: dict[str, set[str]]) -> None:
    rows = {}
    for state in table:
        made = in_state(home, "draft" if state == "returned" else state)
        AgendaItem.objects.filter(pk=made.pk).update(
            submitted_at=None if state == "draft" else clock.now(), proposer=None if office else home.seats[0]
        )
        if not office:
            made.co_proposers.set([home.seats[8]])
        rows[state] = made.pk
    Meeting.objects.filter(pk=home.meeting.pk).update(agenda_published_at=clock.now() if published else None)
    everybody = {**people(home), "co-proposer": home.representatives[8]}
    seen = {who: set(visible_items(home.actor(user)).values_list("pk", flat=True)) for who, user in everybody.items()}
    for state, pk in rows.items():
        assert {who for who, found in seen.items() if pk in found} == table[state], state
    stranger = away.actor(COORDINATOR)
    assert not visible_items(stranger).exists()
    with pytest.raises(NotFound):
        item(stranger, rows["accepted"])


def test_whoever_writes_a_draft_for_a_municipality_finds_it_again(home: Side) -> None:
    """A spokesperson within the zone, the office everywhere; once the zone is another's, no longer."""
    for who, seat in ((home.spokesperson, 0), (home.coordinator, 9)):
        made = services.draft(actor=home.actor(who), meeting=home.meeting, proposer=home.seats[seat], values={"title": "For them"})
        assert item(home.actor(who), made.pk) == made
        assert item(home.actor(home.representatives[seat]), made.pk) == made
        assert not visible_items(home.actor(home.chair)).filter(pk=made.pk).exists()
    AgendaItem.objects.filter(created_by=home.spokesperson).update(proposer=home.seats[9])
    assert not visible_items(home.actor(home.spokesperson)).filter(created_by=home.spokesperson).exists()


def test_a_meetings_items_are_read_in_constant_queries(side: Side, django_assert_num_queries: Any) -> None:
    meeting, actor = factories.scheduled(side), side.actor(COORDINATOR)
    for count in range(2):
        for seat in range(4):
            factories.accepted(side, f"More {count}", seat=seat)
        with django_assert_num_queries(4):
            items_of(actor, meeting)
    assert items_of(side.actor(side.observer), meeting) == []


# --- from one meeting to the next ---


def test_what_was_not_done_comes_to_the_next_meeting_once_with_its_age(side: Side) -> None:
    chair = side.actor(CHAIR)
    row, ages = factories.accepted(side, "Patience", seat=0), []
    services.edit(actor=side.actor(COORDINATOR), item=row, values={}, co_proposers=[side.seats[1]])
    for target in side.meetings[1:]:
        row = AgendaItem.objects.get(pk=row.pk)
        copy = services.carry_over(actor=chair, item=row, to=target)
        assert services.carry_over(actor=chair, item=row, to=target) == copy
        assert (copy.origin_id, copy.state, copy.proposer_id) == (row.pk, ItemState.ACCEPTED, side.seats[0].pk)
        assert list(copy.co_proposers.all()) == [side.seats[1]]
        ages.append(copy.deferrals)
        row = copy
    assert ages == [1, 2, 3]
    assert AgendaItem.objects.filter(title="Patience").count() == 4


def test_the_minutes_approval_is_first_and_stands_once(side: Side) -> None:
    chair, target = side.actor(CHAIR), side.meetings[1]
    factories.accepted(side, "Already there", seat=None, meeting=target)
    item_first = services.add_minutes_approval(actor=chair, meeting=target, of=side.meeting)
    assert services.add_minutes_approval(actor=chair, meeting=target, of=side.meeting) == item_first
    shown = [(row.position, row.approves_minutes_of_id) for row in factories.items(target)]
    assert shown == [(1, side.meeting.pk), (2, None)]
