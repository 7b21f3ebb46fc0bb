"""Files that go with an item: told by their content, bounded, under names that lead nowhere."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meetings.agenda import attachments, services
from meetings.agenda.attachments import MOST_FILES, attach
from meetings.agenda.file_types import TYPES
from meetings.agenda.models import AgendaItem, Attachment
from meetings.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.agenda.files import office_file
from tests.factories import CHAIR, COORDINATOR, Side
from tests.hostile import FILE_NAMES

PDF = b"%PDF-1.7 a paper"


def put(side: Side, row: AgendaItem, name: str = "paper.pdf", body: bytes = PDF, who: Any = None) -> Attachment:
    return attach(actor=side.actor(who or side.representative), item=row, name=name, file=ContentFile(body))


def test_a_files_content_must_be_what_its_name_says(side: Side) -> None:
    row = factories.draft(side)
    for ending, kind in TYPES.items():
        body = office_file(ending) if kind.part else kind.magic + b" and more"
        made = put(side, row, f"Paper{ending.upper()}", body)
        assert (made.content_type, made.size, made.sha256) == (kind.content_type, len(body), hashlib.sha256(body).hexdigest())
        made.delete()
        for other in {other.magic for other in TYPES.values()} - ({kind.magic} if not kind.part else set()) | {b"", b"<html>", b" " + body}:
            with pytest.raises(Invalid) as refused:
                put(side, row, f"paper{ending}", other)
            assert list(refused.value.errors) == ["file"]
    assert not Attachment.objects.exists()


OTHER = ["page.html", "run.exe", "paper.pdf.exe", "paper", "", ".pdf", "..", "/", "paper.", "image.svg", "x.pdf/y"]


def test_other_kinds_are_refused(side: Side) -> None:
    row = factories.draft(side)
    for name in OTHER:
        with pytest.raises(Invalid):
            put(side, row, name)


class Endless(File):  # type: ignore[type-arg]
    """Says it is 10 bytes long and never stops."""

    size = 10

    def __init__(self) -> None:
        self.given = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield PDF
        while True:
            self.given += 100
            yield b"x" * 100


def test_a_false_length_deceives_nobody(side: Side, settings: Any, media_root: Path) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1000
    before, endless = set(media_root.rglob("*")), Endless()
    with pytest.raises(Invalid) as refused:
        attach(actor=side.actor(side.representative), item=factories.draft(side), name="paper.pdf", file=endless)
    assert list(refused.value.errors) == ["file"]
    assert endless.given <= 1000
    assert not Attachment.objects.exists()
    assert set(media_root.rglob("*")) == before
    put(side, factories.draft(side), body=PDF.ljust(1000))


def test_names_lead_nowhere(side: Side, media_root: Path) -> None:
    row = factories.draft(side)
    for name in FILE_NAMES:
        made = put(side, row, name)
        assert not set(made.name) & set("/\\\r\n\x00")
        assert made.name.endswith(".pdf") and len(made.name) <= 150
        assert Path(made.file.path).parent == media_root / "attachments"
        assert made.name not in made.file.name


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300) | st.text(alphabet="./\\ a\u202e\u0000:~%", max_size=40).map(lambda text: text + ".pdf"))
@example(". ")
@example("a.bcdefghi jk")
def test_any_name_becomes_one_harmless_line(name: str) -> None:
    clean = attachments._clean_name(name)
    assert len(clean) <= 131
    assert "/" not in clean and "\\" not in clean and clean == " ".join(clean.split())
    assert attachments._clean_name(clean) == clean


def test_an_item_takes_so_many_and_no_more(side: Side) -> None:
    row = factories.draft(side)
    for n in range(MOST_FILES):
        put(side, row, f"{n}.pdf")
    with pytest.raises(Invalid):
        put(side, row)
    assert row.attachments.count() == MOST_FILES


WHO_MAY = {  # state: who may attach
    "draft": {"representative", "spokesperson", CHAIR, COORDINATOR},
    "proposed": {"representative", "spokesperson", CHAIR, COORDINATOR},
    "accepted": {COORDINATOR},
}


@pytest.mark.parametrize("state", WHO_MAY)
def test_who_may_edit_may_attach(side: Side, state: str) -> None:
    stages: dict[str, Callable[..., AgendaItem]] = {
        "draft": factories.draft,
        "proposed": factories.proposal,
        "accepted": factories.accepted,
    }
    row = stages[state](side)
    may = set()
    for who in ("representative", "other_representative", "spokesperson", "observer", "auditor", CHAIR, COORDINATOR):
        try:
            put(side, row, who=getattr(side, who))
            may.add(who)
        except NotAllowed:
            continue
    assert may == WHO_MAY[state]


def test_nothing_is_attached_to_what_is_published_or_decided(side: Side) -> None:
    declined = services.decline(actor=side.actor(COORDINATOR), item=factories.proposal(side), answer="No")
    with pytest.raises(Conflict):
        put(side, declined)
    meeting = factories.agenda_published(side)
    with pytest.raises(Conflict) as refused:
        put(side, factories.items(meeting)[0], who=side.coordinator)
    assert refused.value.code == "agenda_published"
    put(side, meeting.agenda_items.get(state="draft"), who=side.coordinator)


def test_files_go_along_when_an_item_is_carried_over(side: Side) -> None:
    row = factories.proposal(side)
    made = put(side, row)
    accepted = services.accept(actor=side.actor(COORDINATOR), item=row)
    copy = services.carry_over(actor=side.actor(CHAIR), item=accepted, to=side.meetings[1])
    carried = copy.attachments.get()
    assert (carried.name, carried.sha256, carried.pk != made.pk) == (made.name, made.sha256, True)
    with carried.file.open() as file:
        assert file.read() == PDF
    assert row.attachments.get() == made
