"""Two proposals become one and nobody's name is lost; until publication they can be taken apart again."""

import pytest

from meetings.agenda import services
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import visible_items
from meetings.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.agenda.test_attachments import put
from tests.factories import CHAIR, COORDINATOR, Side


def again(row: AgendaItem) -> AgendaItem:
    return AgendaItem.objects.select_related("meeting__network", "proposer__zone").get(pk=row.pk)


def proposers(row: AgendaItem) -> set[object]:
    return {row.proposer_id, *(seat.pk for seat in row.co_proposers.all())} - {None}


def pair(side: Side) -> tuple[AgendaItem, AgendaItem]:
    """Of seats 0 and 1 with 2; the second has a file and a text."""
    into, item = factories.proposal(side, "Buses", text="The lines"), factories.proposal(side, "Coaches", seat=1, text="The **stops**")
    services.edit(actor=side.actor(COORDINATOR), item=item, values={}, co_proposers=[side.seats[2], side.seats[0]])
    put(side, item, who=side.other_representative)
    return again(into), again(item)


def merge(side: Side, item: AgendaItem, into: AgendaItem) -> AgendaItem:
    return services.merge(actor=side.actor(COORDINATOR), item=item, into=into)


def test_the_other_keeps_every_proposer_file_and_word(side: Side) -> None:
    into, item = pair(side)
    merged = merge(side, item, into)
    assert (merged.state, merged.merged_into_id) == (ItemState.MERGED, into.pk)
    row = again(into)
    assert proposers(row) == {seat.pk for seat in side.seats[:3]}
    assert [file.name for file in row.attachments.all()] == ["paper.pdf"]
    assert row.text.startswith("The lines\n\n*") and "Coaches" in row.text and row.text.endswith("The **stops**")
    assert row.version == into.version + 1
    assert row in visible_items(side.actor(side.representatives[2]))


def test_a_merger_is_undone_with_everything_it_brought(side: Side) -> None:
    into, item = pair(side)
    merge(side, item, into)
    back = services.separate(actor=side.actor(COORDINATOR), item=again(item))
    assert (back.state, back.merged_into_id) == (ItemState.PROPOSED, None)
    row = again(into)
    assert (proposers(row), row.text, row.attachments.count()) == ({side.seats[0].pk}, "The lines", 0)
    assert proposers(again(item)) == {seat.pk for seat in side.seats[:3]} and again(item).attachments.count() == 1


def test_what_the_office_has_rewritten_stays(side: Side) -> None:
    into, item = pair(side)
    merge(side, item, into)
    services.edit(actor=side.actor(COORDINATOR), item=again(into), values={"text": "Buses and coaches"})
    services.separate(actor=side.actor(COORDINATOR), item=again(item))
    assert again(into).text == "Buses and coaches"


def test_who_came_with_two_mergers_stays_until_both_are_undone(side: Side) -> None:
    into, item = pair(side)
    third = factories.proposal(side, "Trains", seat=2)
    merge(side, item, into)
    merge(side, third, again(into))
    services.separate(actor=side.actor(COORDINATOR), item=again(item))
    assert proposers(again(into)) == {side.seats[0].pk, side.seats[2].pk}


@pytest.mark.parametrize("end", ["withdraw", "put off nowhere"])
def test_a_merged_proposal_is_not_lost_with_the_other(side: Side, end: str) -> None:
    into, item = pair(side)
    merge(side, item, into)
    if end == "withdraw":
        services.withdraw(actor=side.actor(side.representative), item=again(into))
        assert (again(item).state, again(item).merged_into_id) == (ItemState.PROPOSED, None)
    else:
        services.defer(actor=side.actor(COORDINATOR), item=again(into), answer="Later")
        assert again(item).state == ItemState.MERGED  # it goes on with the other, which has its proposers
        assert proposers(again(into)) == {seat.pk for seat in side.seats[:3]}


def test_an_accepted_one_that_is_merged_leaves_no_gap(side: Side) -> None:
    meeting = factories.scheduled(side)
    first, second = factories.items(meeting)
    merge(side, first, second)
    assert [(row.pk, row.position) for row in factories.items(meeting)] == [(second.pk, 1)]


def test_what_cannot_be_merged(side: Side) -> None:
    into, item = pair(side)
    elsewhere = factories.proposal(side, "Elsewhere", seat=None, meeting=side.meetings[1])
    for wrong in (item, elsewhere):
        with pytest.raises(Invalid) as refused:
            merge(side, item, wrong)
        assert list(refused.value.errors) == ["into"]
    approval = services.add_minutes_approval(actor=side.actor(CHAIR), meeting=side.meeting, of=side.meetings[1])
    with pytest.raises(Conflict):
        merge(side, item, approval)
    with pytest.raises(NotAllowed):
        services.merge(actor=side.actor(CHAIR), item=item, into=into)
    services.decline(actor=side.actor(COORDINATOR), item=into, answer="No")
    with pytest.raises(Conflict):
        merge(side, item, into)


def test_texts_too_long_together_are_refused_and_nothing_changes(side: Side) -> None:
    into, item = factories.proposal(side, text="x" * 6000), factories.proposal(side, "Other", seat=1, text="y" * 6000)
    with pytest.raises(Invalid) as refused:
        merge(side, item, into)
    assert list(refused.value.errors) == ["text"]
    assert again(item).state == ItemState.PROPOSED and proposers(again(into)) == {side.seats[0].pk}
