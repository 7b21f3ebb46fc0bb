"""The pages on which notes and decisions are written: drafts, both texts, what is shared with whoever writes the same."""

from typing import Any

import pytest
from django.test import Client

from meetings.events.models import Event
from meetings.minutes import drafts, services
from meetings.minutes.models import Decision, Note, NoteDraft
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.frontend.pages import hidden, post, url
from tests.frontend.sessions import Browser, page, press, room
from tests.hostile import MARKUP, TYPED


def written(side: Side, text: str = "One\ntwo\nthree") -> Note:
    item = factories.items(factories.in_session(side))[0]
    return services.write_note(actor=side.actor(COORDINATOR), item=item, text=text)


def new(side: Side) -> str:
    """The page for another note on the first item."""
    return room(side, "items", factories.items(side.meeting)[0].pk, "notes")


def kept(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, {"autosave": "1", **fields})


def test_what_is_typed_is_kept_without_an_event_and_found_again(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    client, address = browser_of(home.coordinator), new(home)
    assert "data-notes-editor" in page(client, address)
    events = Event.objects.count()
    assert kept(client, address, text="Half a sen").json() == {"kept": True, "version": 0}
    assert (Event.objects.count(), Note.objects.count()) == (events, 0)
    assert "Half a sen</textarea>" in page(client, address) and "not saved" in page(client, address)
    other = page(browser_of(home.chair), address)
    assert "Half a sen" not in other and "has been writing something" in other
    press(client, address, text="Half a sentence.")
    assert not NoteDraft.objects.exists()
    assert "<textarea" in page(client, address) and "Half a sen</textarea>" not in page(client, address)


def test_over_a_note_with_its_version_and_after_somebody_saved(home: Side, browser_of: Browser) -> None:
    note = written(home)
    client, address = browser_of(home.coordinator), url(home.network, "notes", note.pk, "edit")
    mine = {"text": "One\ntwo\nTHREE", "base": note.text, "version": 1}
    assert kept(client, address, **mine).json() == {"kept": True, "version": 1}
    services.edit_note(actor=home.actor(CHAIR), note=note, text="ONE\ntwo\nthree")
    again = page(client, address)
    assert "THREE</textarea>" in again and "when you save you see both texts" in again and hidden(again, "version") == "1"
    stale = post(client, address, **mine)
    shown = " ".join(stale.content.decode().split())
    assert stale.status_code == 412
    assert "ONE two three" in shown and "One two THREE" in shown and "<del>" in shown and "<ins>" in shown
    assert "ONE\ntwo\nTHREE</textarea>" in stale.content.decode()
    assert (hidden(shown, "version"), hidden(stale.content.decode(), "base")) == ("2", "ONE\ntwo\nthree")
    assert NoteDraft.objects.get().text == mine["text"]
    press(client, address, text="ONE\ntwo\nTHREE", base="ONE\ntwo\nthree", version=2)
    note.refresh_from_db()
    assert (note.text, note.version, NoteDraft.objects.count()) == ("ONE\ntwo\nTHREE", 3, 0)


def test_one_s_own_text_over_theirs_and_theirs_over_one_s_own(home: Side, browser_of: Browser) -> None:
    note = written(home)
    client, address = browser_of(home.coordinator), url(home.network, "notes", note.pk, "edit")
    kept(client, address, text="Mine", base=note.text, version=1)
    services.edit_note(actor=home.actor(CHAIR), note=note, text="Theirs")
    assert press(client, address, discard="1")["Location"] == address
    assert not NoteDraft.objects.exists()
    assert "Theirs</textarea>" in page(client, address)
    press(client, address, text="Both", mine="Mine", base="Theirs", version=2, use="mine")
    note.refresh_from_db()
    assert note.text == "Mine"


def test_a_decision_is_edited_with_both_texts_too(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    item = factories.items(home.meeting)[0]
    decision = services.record_decision(actor=home.actor(CHAIR), item=item, text="The lines stay.\nAll of them.")
    client, address = browser_of(home.coordinator), url(home.network, "decisions", decision.pk, "edit")
    opened = client.get(address).content.decode()
    services.edit_decision(actor=home.actor(CHAIR), decision=decision, text="The lines stay until June.\nAll of them.")
    mine = {"text": "The lines stay.\nAll but one.", "base": hidden(opened, "base"), "version": hidden(opened, "version")}
    stale = post(client, address, **mine)
    assert stale.status_code == 412
    assert "The lines stay until June.\nAll but one.</textarea>" in stale.content.decode()
    press(client, address, text="The lines stay until June.\nAll but one.", base="", version=hidden(stale.content.decode(), "version"))
    assert Decision.objects.get().version == 3


@pytest.mark.parametrize("text", TYPED)
def test_hostile_text_is_kept_as_text_or_refused(home: Side, browser_of: Browser, text: str) -> None:
    note = written(home)
    client, address = browser_of(home.coordinator), url(home.network, "notes", note.pk, "edit")
    for fields in ({"text": text, "base": text, "version": text}, {"text": text, "version": "1"}):
        assert kept(client, address, **fields).status_code in (200, 422)
    assert MARKUP not in client.get(address).content.decode()
    assert post(client, address, text="x", base=text, mine=text, version=0, use="mine").status_code in (412, 422)


def test_who_may_not_write_notes_keeps_none(home: Side, browser_of: Browser) -> None:
    note = written(home)
    for who, status in ((home.observer, 404), (home.representative, 404), (home.auditor, 404)):
        assert kept(browser_of(who), url(home.network, "notes", note.pk, "edit"), text="x").status_code == status
        assert kept(browser_of(who), new(home), text="x").status_code == 403
    assert drafts.draft_of(home.actor(home.representative), note.agenda_item) is None
