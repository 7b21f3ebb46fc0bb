"""Bad input in any field of the forms of a session: the form comes back (or it is taken, where it is harmless), never a 500."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import transaction

from meetings.action_items import services as action_items
from meetings.documents.services import approve_minutes
from meetings.minutes import services
from meetings.minutes.models import Note
from tests import factories
from tests.factories import Side
from tests.frontend.pages import SPRAYED, hidden, post, url
from tests.frontend.sessions import Browser, minutes, room
from tests.hostile import MARKUP

FORMS: Mapping[str, Mapping[str, Any]] = {
    "floor": {"kind": "reply"},
    "vote": {"choice": "yes"},
    "caller": {"municipality": "", "kind": "reply", "person": "P"},
    "poll": {"question": "Q?", "choices": "A\nB", "secrecy": "named", "roll_policy": "all", "advisory": "on", "then": ""},
    "notes": {"text": "T"},
    "note_edit": {"text": "T"},
    "decision": {"text": "T", "poll": ""},
    "decision_edit": {"text": "T"},
    "action-item": {"title": "T", "text": "T", "owner": "", "person": "P", "due_on": "2026-12-01"},
    "action_edit": {"title": "T", "text": "T", "owner": "", "person": "P", "due_on": "2026-12-01"},
    "progress": {"action": "start", "text": "T"},
    "minutes_edit": {"introduction": "I", "chaired_by": "C", "recorded_by": "R"},
    "circulate": {"until": "2026-11-27"},
    "extend": {"until": "2026-12-10"},
    "correct": {"agenda_item": "", "text": "T", "proposed": "P"},
    "accept": {"text": "T", "reason": "R"},
    "reject": {"reason": "R"},
    "amend": {"reason": "R", "until": "2026-12-10"},
}
VERSIONED = ("note_edit", "decision_edit", "action_edit", "minutes_edit", "accept")
AFTERWARDS = ("circulate", "extend", "correct", "accept", "reject", "amend")
BY_REPRESENTATIVE = ("floor", "vote")


def address_of(side: Side, form: str) -> str:
    if form in AFTERWARDS:
        return address_afterwards(side, form)
    if form == "minutes_edit":
        factories.closed(side)
        return minutes(side, "edit")
    meeting = factories.in_session(side)
    item, coordinator, seat = factories.items(meeting)[0], side.actor("coordinator"), side.seats[0].pk
    poll = factories.open_poll(side, meeting) if form == "vote" else None
    note = services.write_note(actor=coordinator, item=item, text="First")
    decided = services.record_decision(actor=coordinator, item=item, text="First")
    action = action_items.create(actor=coordinator, meeting=meeting, values={"title": "First"}, owner=None)
    return {
        "floor": room(side, "seats", seat, "floor"),
        "vote": room(side, "polls", poll.pk if poll else "", "seats", seat),
        "caller": room(side, "caller"),
        "note_edit": url(side.network, "notes", note.pk, "edit"),
        "decision_edit": url(side.network, "decisions", decided.pk, "edit"),
        "action_edit": url(side.network, "action-items", action.pk, "edit"),
        "progress": url(side.network, "action-items", action.pk),
    }.get(form) or room(side, "items", item.pk, form)


def address_afterwards(side: Side, form: str) -> str:
    if form == "circulate":
        factories.closed(side)
        return minutes(side, form)
    row = factories.circulated(side)
    if form in ("accept", "reject"):
        asked, note = factories.asked(side, row), Note.objects.get()
        return url(side.network, "corrections", asked.pk, form) + (f"?text=note-{note.pk}" if form == "accept" else "")
    if form == "amend":
        approve_minutes(actor=side.actor("chair"), minutes_record=row)
    return minutes(side, *(("corrections", "new") if form == "correct" else (form,)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("form", FORMS)
def test_every_field_survives_the_corpus(home: Side, browser_of: Browser, form: str) -> None:
    address, good = address_of(home, form), FORMS[form]
    client = browser_of(home.representative if form in BY_REPRESENTATIVE else home.coordinator)
    version = hidden(client.get(address).content.decode(), "version") if form in VERSIONED else ""
    for name in (*good, "idempotency_key", *(["version"] if form in VERSIONED else [])):
        for value in SPRAYED:
            with transaction.atomic():  # taken back after each attempt, so that the next one finds the form as it was
                response = post(client, address, **{"version": version, **good, name: value})
                shown = client.get(address).content.decode() if response.status_code == 303 else ""
                transaction.set_rollback(True)
            assert response.status_code in (303, 409, 412, 422), (form, name, value[:40], response.status_code)
            assert MARKUP not in response.content.decode() and MARKUP not in shown


@pytest.mark.parametrize("form", [form for form in FORMS if form != "circulate"])
def test_missing_fields_bring_the_form_back(home: Side, browser_of: Browser, form: str) -> None:
    client = browser_of(home.representative if form in BY_REPRESENTATIVE else home.coordinator)
    response = client.post(address_of(home, form), {})
    assert response.status_code == 422 and b"<form" in response.content


@pytest.mark.parametrize("query", ["poll=x", "poll=%00", "poll=00000000-0000-0000-0000-000000000000"])
def test_a_hostile_query_gives_the_form(home: Side, browser_of: Browser, query: str) -> None:
    address = f"{address_of(home, 'decision')}?{query}"
    assert browser_of(home.coordinator).get(address).status_code == 200
