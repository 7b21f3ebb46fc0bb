"""Two coordinators in the same note, in real browsers: they see each other, both texts are kept, and nothing typed is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from meetings.minutes import services
from meetings.minutes.models import Note, NoteDraft
from tests import factories
from tests.browser.line import Line, line_to
from tests.browser.session import Session, session_under_way
from tests.factories import CHAIR, COORDINATOR

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(180)]
SOON = 10_000


@pytest.fixture
def session(transactional_db: None) -> Iterator[Session]:
    with session_under_way() as session:
        yield session


@pytest.fixture
def line(session: Session) -> Iterator[Line]:
    with line_to(session.address) as line:
        yield line


def a_note(session: Session) -> Note:
    def write() -> Note:
        item = factories.items(factories.fresh(session.meeting))[0]
        return services.write_note(actor=session.side.actor(COORDINATOR), item=item, text="Heard the operators.\nNo answer yet.")

    return session.read(write)


def editor_of(session: Session, who: object, note: Note, address: str = "") -> Page:
    page = session.open(who, address=address)  # type: ignore[arg-type]
    page.goto(f"{address or session.address}/en/{session.side.network.slug}/notes/{note.pk}/edit/")
    return page


def text(page: Page) -> str:
    return page.locator("textarea[name=text]").input_value()


def test_they_see_each_other_and_both_texts(session: Session) -> None:
    note = a_note(session)
    anna, bruno = editor_of(session, session.side.coordinator, note), editor_of(session, session.side.chair, note)
    expect(anna.locator("[data-people]")).to_have_text(f"{session.side.chair.name} is writing here too.", timeout=SOON)
    expect(bruno.locator("[data-people]")).to_have_text(f"{session.side.coordinator.name} is writing here too.", timeout=SOON)

    anna.locator("textarea[name=text]").fill("Heard the operators and the Region.\nNo answer yet.")
    expect(anna.locator("[data-status]")).to_contain_text("Kept at", timeout=SOON)
    bruno.locator("textarea[name=text]").fill("Heard the operators.\nAn answer by June.")
    bruno.get_by_role("button", name="Save the note").click()
    expect(bruno.get_by_text("The note is saved.")).to_be_visible()

    expect(anna.locator("[data-newer]")).to_contain_text("has saved a newer text", timeout=SOON)
    expect(anna.locator("[data-people]")).to_have_text("", timeout=SOON)
    anna.get_by_role("button", name="See both texts and merge them").click()
    expect(anna.locator("section.card", has_text="Theirs, saved")).to_contain_text("An answer by June.")
    expect(anna.locator("section.card", has_text="Yours, not saved yet")).to_contain_text("and the Region")
    assert text(anna) == "Heard the operators and the Region.\nAn answer by June."
    anna.get_by_role("button", name="Save the note").click()
    expect(anna.get_by_text("The note is saved.")).to_be_visible()
    saved = session.read(lambda: Note.objects.get(pk=note.pk))
    assert (saved.text, saved.version) == ("Heard the operators and the Region.\nAn answer by June.", 3)
    assert session.read(NoteDraft.objects.count) == 0


def test_who_has_typed_nothing_is_shown_the_newer_text(session: Session) -> None:
    note = a_note(session)
    anna = editor_of(session, session.side.coordinator, note)
    expect(anna.locator("[data-people]")).to_be_attached()
    session.read(lambda: services.edit_note(actor=session.side.actor(CHAIR), note=note, text="Adjourned."))
    anna.get_by_role("button", name="Show the newer text").click(timeout=SOON)
    assert text(anna) == "Adjourned."


def test_what_is_typed_survives_a_lost_line_a_reload_and_leaving(session: Session, line: Line) -> None:
    item = session.read(lambda: factories.items(factories.fresh(session.meeting))[0])
    page = session.open(session.side.coordinator, "items", item.pk, "notes", address=line.address)
    page.locator("textarea[name=text]").fill("Kept")
    expect(page.locator("[data-status]")).to_contain_text("Kept at", timeout=SOON)
    page.reload()
    assert text(page) == "Kept"
    expect(page.get_by_text("This is what you had typed and not saved")).to_be_visible()

    line.cut()
    page.locator("textarea[name=text]").fill("Kept without a line")
    expect(page.locator("[data-status]")).to_contain_text("No line", timeout=SOON)
    line.mend()
    expect(page.locator("[data-status]")).to_contain_text("Kept at", timeout=SOON)

    page.locator("textarea[name=text]").fill("Saved on leaving")
    page.get_by_role("link", name="Go back").last.click()
    expect(page.get_by_role("heading", name="Decisions")).to_be_visible()
    assert session.read(lambda: [note.text for note in Note.objects.all()]) == ["Saved on leaving"]
    assert session.read(NoteDraft.objects.count) == 0
