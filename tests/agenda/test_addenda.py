"""What comes late has a lane and a decision of its own; what is added to a published agenda says so, to everybody."""

from datetime import timedelta

import pytest

from meetings import clock
from meetings.agenda import services
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import consent_together, item_abilities
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.models import Audience, Event
from meetings.live import services as live
from meetings.notifications.letters import KINDS, Letter
from meetings.notifications.models import OutgoingEmail
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side


def mails(kind: str) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(kind=kind).order_by("address"))


def composed(mail: OutgoingEmail) -> Letter:
    return KINDS[mail.kind].compose(mail.context)


def told(kind: str) -> set[object]:
    return {mail.user_id for mail in mails(kind)}


# --- late ---


def test_a_proposal_after_publication_is_late_whatever_the_hour(side: Side) -> None:
    meeting = factories.agenda_published(side)
    assert clock.now() < meeting.intake_closes_at
    row = factories.draft(side, "Flood", seat=4, meeting=meeting)
    with pytest.raises(Invalid) as refused:
        services.submit(actor=side.actor(side.representatives[4]), item=row)
    assert list(refused.value.errors) == ["motive"]
    sent = services.submit(actor=side.actor(side.representatives[4]), item=row, motive="The river rises")
    assert (sent.late, sent.state, sent.addendum) == (True, ItemState.PROPOSED, None)
    assert "accept" in item_abilities(side.actor(COORDINATOR), sent)


def test_an_accepted_late_proposal_is_an_addendum_that_everybody_hears_of_once(side: Side) -> None:
    meeting = factories.agenda_published(side)
    before = [(row.pk, row.position, row.version) for row in factories.items(meeting)]
    for n, seat in enumerate((4, None), start=1):
        late = factories.proposal(side, f"Flood {n}", seat=seat, meeting=meeting, motive="The river rises")
        added = services.accept(actor=side.actor(COORDINATOR), item=late)
        assert (added.addendum, added.position, added.added_at) == (n, len(before) + n, factories.NOW)
    assert [(row.pk, row.position, row.version) for row in factories.items(meeting)][: len(before)] == before
    seen = Event.objects.filter(type="agenda_item.accepted", stream__meeting=meeting, audience=Audience.MEMBERS)
    assert seen.count() == 2
    people = {member.user_id for member in side.network.memberships.filter(user__is_active=True)}
    assert told("addendum") == people and len(mails("addendum")) == len(people)
    letter = composed(mails("addendum")[0])
    assert [value for _label, value in letter.facts if "Flood" in value] == [
        f"4. Flood 1 ({side.seats[4].name}, 10 min)",
        "5. Flood 2 (the office, 10 min)",
    ]


def test_nothing_is_proposed_once_the_session_is_open(side: Side) -> None:
    meeting = factories.agenda_published(side)
    live.open_session(actor=side.actor(CHAIR), meeting=meeting)
    with pytest.raises(Conflict) as refused:
        factories.draft(side, "Too late", meeting=factories.fresh(meeting))
    assert refused.value.code == "agenda_closed"


# --- every proposal is answered in writing ---


def test_a_receipt_goes_to_the_municipality_that_proposed(side: Side) -> None:
    with clock.at(side.meeting.intake_closes_at + timedelta(milliseconds=1)):
        row = factories.proposal(side, "Late <b>one</b>", seat=0, motive="It burns")
    assert told("receipt") == {side.representative.pk}
    letter = composed(mails("receipt")[0])
    assert letter.subject == "Received: Late <b>one</b>" and "after the deadline" in letter.paragraphs[1]
    assert letter.button == ("See the proposal", f"/go/item/{row.pk}")
    factories.proposal(side, "Of the office", seat=None, motive="It burns")
    assert len(mails("receipt")) == 1


ANSWERS = ["accepted", "draft", "declined", "deferred", "backlog", "merged"]


@pytest.mark.parametrize("outcome", ANSWERS)
def test_every_answer_is_mailed_to_all_who_proposed_and_to_nobody_else(side: Side, outcome: str) -> None:
    row, office = factories.proposal(side, "Buses", seat=0), side.actor(COORDINATOR)
    services.edit(actor=office, item=row, values={}, co_proposers=[side.seats[1]])
    row = AgendaItem.objects.get(pk=row.pk)
    match outcome:
        case "accepted":
            services.accept(actor=office, item=row)
        case "draft":
            services.return_(actor=office, item=row, reason="Add the costs")
        case "declined":
            services.decline(actor=office, item=row, answer="Add the costs")
        case "deferred":
            services.defer(actor=office, item=row, to=side.meetings[1], answer="Add the costs")
        case "backlog":
            services.defer(actor=office, item=row, answer="Add the costs")
        case "merged":
            services.merge(actor=office, item=row, into=factories.proposal(side, "Trains", seat=5))
    assert told("proposal_answered") == {side.representative.pk, side.other_representative.pk}
    letter = composed(mails("proposal_answered")[0])
    assert "Buses" in letter.subject
    assert letter.quote == ("" if outcome in ("accepted", "merged") else "Add the costs")
    assert ("It goes on at" in dict(letter.facts)) is (outcome == "deferred")
    assert ("It goes on in" in dict(letter.facts)) is (outcome == "merged")


def test_the_agenda_is_mailed_to_everybody_once_with_its_running_order(side: Side) -> None:
    meeting = factories.agenda_published(side)
    people = {member.user_id for member in side.network.memberships.filter(user__is_active=True)}
    assert told("agenda_published") == people and len(mails("agenda_published")) == len(people)
    letter = composed(mails("agenda_published")[0])
    assert [label for label, _value in letter.facts] == ["Meeting", "When", "Proposals closed", "10:00", "10:10", "10:20"]
    assert letter.button == ("See the agenda", f"/go/meeting/{meeting.pk}")


# --- consent items ---


def test_consent_items_stand_together_once_the_agenda_is_published(side: Side) -> None:
    kinds = ["decision", "consent", "information", "consent", "discussion", "consent"]
    rows = [factories.accepted(side, f"Item {n}", seat=None, kind=kind) for n, kind in enumerate(kinds)]
    services.publish(actor=side.actor(COORDINATOR), meeting=side.meeting)
    assert [row.title for row in factories.items(side.meeting)] == [f"Item {n}" for n in (0, 1, 3, 5, 2, 4)]
    assert consent_together([rows[0], rows[2]]) == [rows[0], rows[2]] and consent_together([]) == []


def test_any_seat_may_ask_that_a_consent_item_be_discussed(side: Side) -> None:
    row = factories.accepted(side, "Routine", seat=0, kind="consent")
    meeting = services.publish(actor=side.actor(COORDINATOR), meeting=side.meeting)
    row = AgendaItem.objects.select_related("meeting", "proposer").get(pk=row.pk)
    assert "discuss_instead" in item_abilities(side.actor(side.representatives[9]), row)
    for who in (side.observer, side.spokesperson, side.chair, side.people["auditor"]):
        assert "discuss_instead" not in item_abilities(side.actor(who), row)
        with pytest.raises(NotAllowed):
            services.discuss_instead(actor=side.actor(who), item=row)
    asked = services.discuss_instead(actor=side.actor(side.representatives[9]), item=row)
    assert (asked.kind, asked.addendum) == ("discussion", None)
    last = Event.objects.filter(stream__meeting=meeting).latest("sequence")
    assert (last.type, last.audience, last.actor_id) == ("agenda_item.changed", Audience.MEMBERS, side.representatives[9].pk)
    with pytest.raises(Conflict) as refused:
        services.discuss_instead(actor=side.actor(side.representatives[9]), item=row)
    assert refused.value.code == "not_a_consent_item"
