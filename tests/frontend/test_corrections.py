"""The pages of corrections, editions and comparisons: what each reader sees and does there, and that nothing typed becomes markup."""

import pytest

from meetings.documents.services import approve_minutes
from meetings.live import services as live
from meetings.minutes import corrections, services
from meetings.minutes.models import Correction, Decision, Minutes, MinutesState, Note, SealedDocument
from meetings.scheduling.models import MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.frontend.pages import hidden, post, queries, url
from tests.frontend.sessions import Browser, minutes, page, press, room
from tests.hostile import MARKUP, TYPED


def correction(side: Side, row: Correction, action: str, text: str = "") -> str:
    return url(side.network, "corrections", row.pk, action) + (f"?text={text}" if text else "")


def test_who_was_there_asks_on_an_item_and_everybody_sees_it(home: Side, browser_of: Browser) -> None:
    row = factories.circulated(home)
    item, mayor = factories.items(row.meeting)[0], browser_of(home.representative)
    address = f"{minutes(home, 'corrections', 'new')}?item={item.pk}"
    assert address in page(mayor, minutes(home)) and address not in page(browser_of(home.representatives[8]), minutes(home))
    assert f'value="{item.pk}" selected' in page(mayor, address)
    press(mayor, address, agenda_item=item.pk, text="It was the other line.", proposed="The other line.")
    for who in (home.observer, home.representatives[8], home.auditor):
        shown = page(browser_of(who), minutes(home))
        assert "It was the other line." in shown and "The other line." in shown and home.seats[0].name in shown
        assert "/accept/" not in shown


def test_after_the_end_the_form_says_so(home: Side, browser_of: Browser) -> None:
    factories.circulated(home)
    Minutes.objects.update(correction_until=factories.NOW)
    mayor, address = browser_of(home.representative), minutes(home, "corrections", "new")
    assert mayor.get(address).status_code == 200  # the instant itself belongs to it
    Minutes.objects.update(correction_until=factories.NOW.replace(hour=7))
    assert mayor.get(address).status_code == 403
    late = post(mayor, address, text="Too late")
    assert late.status_code == 409 and b"The time to ask for corrections is over." in late.content and b"Too late" in late.content
    assert "The time for corrections ended on" in page(mayor, minutes(home))


def test_who_speaks_for_two_chooses_the_seat(home: Side, browser_of: Browser) -> None:
    factories.circulated(home)
    home.network.memberships.filter(user=home.representatives[1]).update(user=home.representative)
    mayor, address = browser_of(home.representative), minutes(home, "corrections", "new")
    assert 'name="municipality"' in page(mayor, address)
    assert post(mayor, address, text="Not so").status_code == 422
    press(mayor, address, text="Not so", municipality=home.seats[1].pk)
    assert Correction.objects.get().municipality == home.seats[1]


def test_the_queue_shows_both_texts_and_changes_one_in_the_same_step(home: Side, browser_of: Browser) -> None:
    row, note = factories.circulated(home), Note.objects.get()
    asked = factories.asked(home, row, proposed="The other line was heard.")
    chair = browser_of(home.chair)
    shown = page(chair, minutes(home, "corrections"))
    assert "It was the other line." in shown and "The other line was heard." in shown and note.text in shown
    address = correction(home, asked, "accept", f"note-{note.pk}")
    assert address in shown
    form = page(chair, address)
    assert note.text in form
    press(chair, address, text="The other line was heard.", reason="", version=hidden(form, "version"))
    note.refresh_from_db()
    asked.refresh_from_db()
    assert (note.text, asked.state) == ("The other line was heard.", "accepted")
    assert "No correction waits for an answer." in page(chair, minutes(home, "corrections"))


def test_a_text_saved_meanwhile_comes_back_with_both(home: Side, browser_of: Browser) -> None:
    row, note = factories.circulated(home), Note.objects.get()
    asked = factories.asked(home, row)
    chair, address = browser_of(home.chair), correction(home, asked, "accept", f"note-{note.pk}")
    version = hidden(page(chair, address), "version")
    services.edit_note(actor=home.actor(COORDINATOR), note=note, text="Theirs")
    stale = post(chair, address, text="Mine", version=version)
    assert stale.status_code == 412 and b"Theirs" in stale.content and b"Mine" in stale.content
    press(chair, address, text="Mine", version=hidden(stale.content.decode(), "version"))
    assert Note.objects.get().text == "Mine"


def test_it_is_accepted_as_seen_to_or_rejected_with_a_reason(home: Side, browser_of: Browser) -> None:
    row = factories.circulated(home)
    first, second = factories.asked(home, row, agenda_item=None), factories.asked(home, row, seat=1)
    chair = browser_of(home.chair)
    assert "about the minutes as a whole" in page(chair, correction(home, first, "accept"))
    press(chair, correction(home, first, "accept"))
    assert post(chair, correction(home, second, "reject"), reason=" ").status_code == 422
    press(chair, correction(home, second, "reject"), reason="It was said so.")
    assert "It was said so." in page(browser_of(home.observer), minutes(home))
    assert chair.get(correction(home, second, "reject")).status_code == 403
    assert post(chair, correction(home, second, "reject"), reason="Again").status_code == 409


def test_another_items_text_cannot_be_changed_with_it(home: Side, browser_of: Browser) -> None:
    row, note = factories.circulated(home), Note.objects.get()
    asked = factories.asked(home, row, agenda_item=factories.items(row.meeting)[1])
    for name in (f"note-{note.pk}", "note-x", "x" * 300):
        assert browser_of(home.chair).get(correction(home, asked, "accept", name)).status_code == 404


def test_open_corrections_stand_in_the_way_of_the_approval(home: Side, browser_of: Browser) -> None:
    row = factories.circulated(home)
    factories.asked(home, row)
    chair = browser_of(home.chair)
    shown = page(chair, minutes(home))
    assert "1 correction waits for an answer." in shown and "/minutes/approve/" not in shown
    refused = post(chair, minutes(home, "approve"))
    assert refused.status_code == 409 and b"One correction still waits" in refused.content


def test_more_time_and_a_day_of_its_own(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    office = browser_of(home.coordinator)
    assert post(office, minutes(home, "circulate"), until="2026-11-19").status_code == 422
    press(office, minutes(home, "circulate"), until="2026-11-25")
    assert Minutes.objects.get().correction_until.isoformat() == "2026-11-25T22:59:59+00:00"  # type: ignore[union-attr]
    assert post(office, minutes(home, "extend"), until="2026-11-24").status_code == 422
    press(office, minutes(home, "extend"), until="2026-12-02")
    assert "Wednesday 2 December 2026, 23:59 (Europe/Rome)" in page(browser_of(home.observer), minutes(home))


def test_a_new_edition_and_the_files_of_all(home: Side, browser_of: Browser) -> None:
    approve_minutes(actor=home.actor(CHAIR), minutes_record=factories.circulated(home))
    chair, reader = browser_of(home.chair), browser_of(home.observer)
    assert post(chair, minutes(home, "amend"), reason="").status_code == 422
    press(chair, minutes(home, "amend"), reason="A line was wrong")
    shown = page(reader, minutes(home))
    assert "Edition 2, because: A line was wrong" in shown and "minutes.pdf?edition=1" in shown
    press(chair, minutes(home, "approve"))
    assert "minutes.pdf?edition=2" in page(reader, minutes(home))
    first = reader.get(f"/api/v1/meetings/{home.meeting.pk}/minutes.pdf?edition=1")
    assert b"".join(first.streaming_content) == bytes(SealedDocument.objects.get(edition=1).pdf)  # type: ignore[attr-defined]


def test_the_chair_approves_in_the_room_and_on_the_item(home: Side, browser_of: Browser) -> None:
    item = factories.approving(home)
    address = url(home.network, "agenda-items", item.pk, "approve-minutes")
    where = (url(home.network, "meetings", item.meeting_id, "room"), url(home.network, "agenda-items", item.pk))
    for place in where:
        assert address in page(browser_of(home.chair), place)
        for who in (home.coordinator, home.representative):
            shown = page(browser_of(who), place)
            assert address not in shown and minutes(home) in shown
    chair = browser_of(home.chair)
    factories.asked(home, home.meeting.minutes)
    assert "must be answered first" in page(chair, address)
    assert post(chair, address).status_code == 409
    corrections.accept(actor=home.actor(CHAIR), correction=Correction.objects.get())
    press(chair, address)
    assert Decision.objects.get(agenda_item=item) and Minutes.objects.get().state == MinutesState.APPROVED
    assert all(address not in page(chair, place) for place in where)


def test_a_session_closed_by_mistake_is_reopened_in_words(home: Side, browser_of: Browser) -> None:
    factories.closed(home)
    chair, address = browser_of(home.chair), room(home, "reopen")
    assert address in page(chair, room(home)) and address in page(chair, minutes(home))
    assert "taken back" in page(chair, address)
    press(chair, address)
    home.meeting.refresh_from_db()
    assert home.meeting.state == MeetingState.IN_SESSION
    assert post(chair, address).status_code == 409
    assert address not in page(browser_of(home.observer), room(home))


# --- what changed ---


def test_what_changed_is_said_in_words_for_who_sees_no_lines(home: Side, browser_of: Browser) -> None:
    factories.circulated(home)
    services.edit_note(actor=home.actor(CHAIR), note=Note.objects.get(), text="The operators were not heard. home")
    shown = page(browser_of(home.observer), minutes(home, "compare"))
    assert '<ins><span class="visually-hidden">added: </span>not <span' in shown
    assert "1. School buses home · Note" in shown
    assert "Nothing has changed between these two moments" in page(browser_of(home.observer), minutes(home, "compare") + "?old=now&new=now")


@pytest.mark.parametrize("query", ["old=x", "new=saved-1", "old=%00", "old=" + "x" * 3000, "new=circulated-2"])
def test_moments_that_are_none_are_not_found(home: Side, browser_of: Browser, query: str) -> None:
    factories.circulated(home)
    assert browser_of(home.observer).get(f"{minutes(home, 'compare')}?{query}").status_code == 404


@pytest.mark.parametrize("text", [text for text in TYPED if text.strip("\0 ")])
def test_nothing_typed_becomes_markup_anywhere(home: Side, browser_of: Browser, text: str) -> None:
    row, note, fitting = factories.circulated(home), Note.objects.get(), text[:400]
    services.edit_note(actor=home.actor(CHAIR), note=note, text=fitting + " old")
    services.edit_note(actor=home.actor(CHAIR), note=note, text=fitting + " new")
    asked = factories.asked(home, row, text=fitting, proposed=fitting)
    chair = browser_of(home.chair)
    pages = [minutes(home), minutes(home, "corrections"), minutes(home, "compare"), minutes(home, "corrections", "new")]
    pages += [correction(home, asked, action) for action in ("accept", "reject")] + [correction(home, asked, "accept", f"note-{note.pk}")]
    for address in pages:
        assert MARKUP not in page(chair, address)
    corrections.reject(actor=home.actor(CHAIR), correction=asked, reason=fitting)
    approve_minutes(actor=home.actor(CHAIR), minutes_record=row)
    services.amend(actor=home.actor(CHAIR), minutes=Minutes.objects.select_related("meeting__network").get(), reason=fitting)
    for address in (minutes(home), minutes(home, "compare"), minutes(home, "corrections")):
        assert MARKUP not in page(chair, address)


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_queries_do_not_grow(few_and_many: tuple[Side, Side], browser_of: Browser) -> None:
    """With the number of seats and of corrections."""
    sides = few_and_many
    for side, count in zip(sides, (1, 8), strict=True):
        meeting = factories.in_session(side)
        services.write_note(actor=side.actor(CHAIR), item=factories.items(meeting)[0], text="Said.")
        live.close_session(actor=side.actor(CHAIR), meeting=meeting)
        row = services.circulate(actor=side.actor(COORDINATOR), minutes=Minutes.objects.get(meeting=meeting))
        for seat in range(count):
            factories.asked(side, row, seat=seat)
    for parts in ((), ("corrections",), ("compare",)):
        few, many = (queries(browser_of(side.chair), minutes(side, *parts)) for side in sides)
        assert few == many <= 13, (parts, few, many)
