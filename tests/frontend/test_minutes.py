"""The minutes' page: who reads them when, what is edited, circulated, approved and published."""

import pytest

from meetings.documents.services import approve_minutes
from meetings.live import services as live
from meetings.minutes import services
from meetings.minutes.models import Decision, Minutes, MinutesState, Note
from meetings.scheduling import services as scheduling
from tests import factories
from tests.factories import Side
from tests.frontend.pages import hidden, post, queries, url
from tests.frontend.sessions import ROLES, Browser, minutes, page, press


def test_a_draft_is_the_staffs(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    for who in ROLES:
        expected = 200 if who in ("chair", "coordinator") else 404
        assert browser_of(getattr(home, who)).get(minutes(home)).status_code == expected, who


def test_there_are_none_before_the_session_ends(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    assert browser_of(home.coordinator).get(minutes(home)).status_code == 404


@pytest.mark.parametrize("who", ROLES)
def test_everybody_reads_them_once_they_circulate(home: Side, browser_of: Browser, who: str) -> None:
    factories.circulated(home)
    shown = page(browser_of(getattr(home, who)), minutes(home))
    for part in ("The operators were heard.", "Decision 1/2026", "The lines stay.", "Shall we do it?", "carried", "Write to the operators"):
        assert part in shown
    assert "8 of 10 municipalities took part" in shown and "Rita Representative 001 home, mayor (09:00–09:00)" in shown
    assert ("Edit the note" in shown) is (who in ("chair", "coordinator"))
    assert ("/minutes/approve/" in shown) is (who == "chair")
    assert "/minutes/circulate/" not in shown


def test_regrets_and_absences_stand_by_zone_without_reasons(home: Side, browser_of: Browser) -> None:
    for n, answer in ((8, "regrets"), (0, "regrets")):
        scheduling.respond(
            actor=home.actor(home.representatives[n]), meeting=home.meeting, municipality=home.seats[n], answer=answer, reason="a secret"
        )
    factories.circulated(home)
    shown = page(browser_of(home.observer), minutes(home))
    assert f"<strong>Regrets:</strong> {home.seats[8].name}</p>" in shown
    assert f"<strong>Absent:</strong> {home.seats[9].name}</p>" in shown
    assert "a secret" not in shown


def test_the_frame_is_edited_with_its_version(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    coordinator, address = browser_of(home.coordinator), minutes(home, "edit")
    version = hidden(page(coordinator, address), "version")
    press(coordinator, address, version=version, introduction="Good morning.", chaired_by="Chiara", recorded_by="Carla")
    stale = post(coordinator, address, version=version, introduction="Good evening.", chaired_by="Chiara", recorded_by="Carla")
    assert stale.status_code == 412
    assert b"Good morning." in stale.content and b"Good evening." in stale.content
    assert Minutes.objects.get().introduction == "Good morning."


def test_two_people_in_one_note_see_both_texts(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    note = Note.objects.get()
    address = url(home.network, "notes", note.pk, "edit")
    chair, coordinator = browser_of(home.chair), browser_of(home.coordinator)
    version = hidden(page(chair, address), "version")
    assert press(coordinator, address, version=version, text="Theirs")["Location"] == minutes(home)
    stale = post(chair, address, version=version, text="Mine")
    assert stale.status_code == 412 and b"Theirs" in stale.content and b"Mine" in stale.content
    over = hidden(stale.content.decode(), "version")
    press(chair, address, version=over, text="Mine")
    note.refresh_from_db()
    assert note.text == "Mine"


def test_during_the_session_one_comes_back_to_the_notes(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    item = factories.items(meeting)[0]
    note = services.write_note(actor=home.actor("coordinator"), item=item, text="First")
    response = press(browser_of(home.coordinator), url(home.network, "notes", note.pk, "edit"), version=note.version, text="Second")
    assert response["Location"] == url(home.network, "meetings", meeting.pk, "room", "items", item.pk, "notes")


def test_a_decision_is_edited(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    decision = Decision.objects.get()
    address = url(home.network, "decisions", decision.pk, "edit")
    press(browser_of(home.coordinator), address, version=decision.version, text="The lines stay as they are.")
    assert "The lines stay as they are." in page(browser_of(home.chair), minutes(home))


@pytest.mark.parametrize("who", ["observer", "representative", "spokesperson", "auditor"])
def test_nobody_else_edits(home: Side, browser_of: Browser, who: str) -> None:
    factories.circulated(home)
    client = browser_of(getattr(home, who))
    note, decision = Note.objects.get(), Decision.objects.get()
    for address in (
        minutes(home, "edit"),
        minutes(home, "circulate"),
        minutes(home, "approve"),
        minutes(home, "publish"),
        url(home.network, "notes", note.pk, "edit"),
        url(home.network, "decisions", decision.pk, "edit"),
    ):
        assert client.get(address).status_code == 403, address
        assert post(client, address, version=1, text="x").status_code == 403, address


def test_from_the_draft_to_publication(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    chair, coordinator = browser_of(home.chair), browser_of(home.coordinator)
    assert 'value="2026-11-27"' in page(coordinator, minutes(home, "circulate"))
    press(coordinator, minutes(home, "circulate"))
    assert coordinator.get(minutes(home, "approve")).status_code == 403
    assert "sealed" in page(chair, minutes(home, "approve"))
    press(chair, minutes(home, "approve"))
    shown = page(browser_of(home.observer), minutes(home))
    record = Minutes.objects.get()
    assert record.file_digest and f"SHA-256 {record.file_digest}" in shown and "Approved by Chiara Chair home" in shown
    press(coordinator, minutes(home, "publish"))
    record.refresh_from_db()
    assert record.state == MinutesState.PUBLISHED


def test_approved_minutes_are_not_edited(home: Side, browser_of: Browser) -> None:
    approve_minutes(actor=home.actor("chair"), minutes_record=factories.circulated(home))
    coordinator, note = browser_of(home.coordinator), Note.objects.get()
    assert "Edit the note" not in page(coordinator, minutes(home))
    assert post(coordinator, url(home.network, "notes", note.pk, "edit"), version=note.version, text="x").status_code == 403
    assert post(coordinator, minutes(home, "edit"), version=1).status_code == 403


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_queries_do_not_grow_with_the_seats(few_and_many: tuple[Side, Side], browser_of: Browser) -> None:
    sides = few_and_many
    for side in sides:
        meeting = factories.in_session(side)
        for seat, representative in zip(side.seats, side.representatives, strict=True):
            live.join(actor=side.actor(representative), meeting=meeting, municipality=seat)
        services.write_note(actor=side.actor("chair"), item=factories.items(meeting)[0], text="Said.")
        live.close_session(actor=side.actor("chair"), meeting=meeting)
        services.circulate(actor=side.actor("coordinator"), minutes=Minutes.objects.get(meeting=meeting))
    for who in ("coordinator", "observer"):
        few, many = (queries(browser_of(getattr(side, who)), minutes(side)) for side in sides)
        assert few == many <= 12, (who, few, many)
