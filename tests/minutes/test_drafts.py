"""What is typed and not saved: kept for its author alone, without an event, until the note is saved."""

import pytest

from meetings.documents.services import approve_minutes
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.models import Event
from meetings.live import selectors as live
from meetings.minutes import drafts, services
from meetings.minutes.models import Minutes, Note, NoteDraft
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side


def test_it_is_kept_in_place_of_the_last_one_and_tells_nobody(side: Side) -> None:
    item, actor = factories.items(factories.in_session(side))[0], side.actor(COORDINATOR)
    before = Event.objects.count()
    drafts.keep(actor=actor, item=item, text="One")
    drafts.keep(actor=actor, item=item, text="One two")
    [row] = NoteDraft.objects.all()
    assert (row.text, drafts.draft_of(actor, item)) == ("One two", row)
    assert Event.objects.count() == before
    assert drafts.draft_of(side.actor(CHAIR), item) is None
    assert [other.author for other in drafts.others_typing(side.actor(CHAIR), item)] == [side.coordinator]
    assert "One two" not in str(live.state(side.actor(CHAIR), factories.fresh(side.meeting)))


def test_saving_ends_one_s_own_and_no_other_s(side: Side) -> None:
    item, actor, chair = factories.items(factories.in_session(side))[0], side.actor(COORDINATOR), side.actor(CHAIR)
    for who in (actor, chair):
        drafts.keep(actor=who, item=item, text=f"Heard by {who.name}")
    note = services.write_note(actor=actor, item=item, text="Heard")
    assert [row.author for row in NoteDraft.objects.all()] == [side.chair]
    for who in (actor, chair):
        drafts.keep(actor=who, item=item, note=note, text=f"Heard by {who.name}", base="Heard", based_on=1)
    services.edit_note(actor=chair, note=note, text="Heard all", expected_version=1)
    kept = drafts.draft_of(actor, item, note)
    assert kept is not None and (kept.base, kept.based_on) == ("Heard", 1)
    assert drafts.draft_of(chair, item, note) is None


def test_what_is_empty_or_the_note_s_own_text_is_not_kept(side: Side) -> None:
    item, actor = factories.items(factories.in_session(side))[0], side.actor(COORDINATOR)
    note = services.write_note(actor=actor, item=item, text="Heard")
    for text in ("", " \r\n", "Heard\r\n"):
        drafts.keep(actor=actor, item=item, note=note, text="Heard it", base="Heard", based_on=1)
        assert drafts.keep(actor=actor, item=item, note=note, text=text, base="Heard", based_on=1) is None
        assert not NoteDraft.objects.exists()
    with pytest.raises(Invalid):
        drafts.keep(actor=actor, item=item, text="x" * 20_001)
    drafts.keep(actor=actor, item=item, text="Other")
    drafts.discard(actor=actor, item=item)
    assert not NoteDraft.objects.exists()


def test_only_who_may_write_notes_while_they_can_be_written(home: Side) -> None:
    before = factories.agenda_published(home)
    item = factories.items(before)[0]
    with pytest.raises(Conflict):
        drafts.keep(actor=home.actor(COORDINATOR), item=item, text="Early")
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            drafts.keep(actor=home.actor(who), item=item, text="Mine")


def test_approving_the_minutes_ends_them_all(side: Side) -> None:
    record = factories.circulated(side)
    item = Note.objects.get().agenda_item
    drafts.keep(actor=side.actor(COORDINATOR), item=item, text="Still typing")
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(pk=record.pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record)
    assert not NoteDraft.objects.exists()
    with pytest.raises(Conflict):
        drafts.keep(actor=side.actor(COORDINATOR), item=item, text="Too late")
