"""Editions: what was sealed stays byte for byte, a correction makes the next one; and approval on the next meeting's agenda."""

import hashlib
from datetime import timedelta

import pytest

from meetings import clock
from meetings.documents.services import approve_minutes, approve_on_agenda, minutes_document
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.selectors import verify_all
from meetings.minutes import corrections, selectors, services
from meetings.minutes.models import Decision, Minutes, MinutesState, Note, SealedDocument
from meetings.minutes.seals import broken_seals
from meetings.notifications.models import OutgoingEmail
from tests import factories
from tests.documents.reading import text_of
from tests.factories import CHAIR, COORDINATOR, Side


def record(pk: object) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__series", "meeting__stream", "approved_by").get(pk=pk)


def sealed_twice(side: Side) -> Minutes:
    """Approved, amended for a reason with a note changed by a correction, and approved again ten days later."""
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    with clock.at(factories.NOW + timedelta(days=10)):
        row = services.amend(actor=side.actor(COORDINATOR), minutes=record(row.pk), reason="A line was wrong")
        asked = factories.asked(side, row, proposed="The other line was heard.")
        corrections.accept(actor=side.actor(CHAIR), correction=asked, note=Note.objects.get(), text="The other line was heard.")
        approve_minutes(actor=side.actor(CHAIR), minutes_record=record(row.pk))
    return record(row.pk)


def test_the_first_edition_stays_as_it_was(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    first = bytes(SealedDocument.objects.get().pdf)
    reader = side.actor(side.observer)

    def file(edition: int | None = None) -> bytes:
        return minutes_document(actor=reader, meeting=row.meeting, language="it", edition=edition).body

    services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason="A line was wrong")
    services.edit_note(actor=side.actor(CHAIR), note=Note.objects.get(), text="Quite another line.")
    assert file(1) == first and "Quiteanotherline" in text_of(file()) == text_of(file(2))
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record(row.pk))
    seals = list(SealedDocument.objects.order_by("edition"))
    assert [seal.edition for seal in seals] == [1, 2]
    assert (file(1), file(2), file()) == (first, bytes(seals[1].pdf), bytes(seals[1].pdf))
    with pytest.raises(NotFound):
        file(3)
    assert list(broken_seals()) == [] and list(verify_all()) == []


def test_what_an_edition_says_of_itself(side: Side) -> None:
    row = sealed_twice(side)
    first, second = SealedDocument.objects.order_by("edition")
    assert [(one["edition"], one["reason"], one["sha256"]) for one in selectors.editions_of(row)] == [
        (1, "", first.sha256),
        (2, "A line was wrong", second.sha256),
    ]
    assert [one["sealed_at"] for one in selectors.editions_of(row)] == [factories.NOW, factories.NOW + timedelta(days=10)]
    shown = text_of(minutes_document(actor=side.actor(side.observer), meeting=row.meeting, language="en").body)
    for part in (
        "Edition2",
        "Alinewaswrong",
        "Earliereditions",
        first.sha256,
        "Corrections",
        "Itwastheotherline.",
        "Theotherlinewasheard.",
    ):
        assert part in shown, part
    told = OutgoingEmail.objects.filter(kind="minutes_to_correct").latest("created_at").context
    assert (told["edition"], told["reason"]) == (2, "A line was wrong")


def test_a_changed_byte_of_any_edition_is_found(side: Side) -> None:
    row = sealed_twice(side)
    for edition in (1, 2):
        seal = SealedDocument.objects.get(edition=edition)
        whole = bytes(seal.pdf)
        forged = whole.replace(b"PDF", b"PFD", 1)
        SealedDocument.objects.filter(pk=seal.pk).update(pdf=forged)
        assert list(broken_seals()) == [f"minutes {row.pk}: the sealed document was changed"]
        SealedDocument.objects.filter(pk=seal.pk).update(sha256=hashlib.sha256(forged).hexdigest())
        assert len(list(broken_seals())) == 1  # the log says otherwise
        SealedDocument.objects.filter(pk=seal.pk).update(pdf=whole, sha256=seal.sha256)
        assert list(broken_seals()) == []
    SealedDocument.objects.filter(edition=1).delete()
    assert list(broken_seals()) == [f"minutes {row.pk}: the sealed document is missing"]


def test_a_lost_edition_is_found_while_the_next_is_in_correction(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason="A name")
    assert list(broken_seals()) == []
    SealedDocument.objects.all().delete()
    assert len(list(broken_seals())) == 1


def test_a_new_edition_takes_a_reason(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    with pytest.raises(Invalid):
        services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason=" ")
    amended = services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason="A name")
    assert (amended.edition, amended.state, amended.approved_at, amended.file_digest) == (2, MinutesState.IN_CORRECTION, None, "")


# --- on the next meeting's agenda ---


def test_the_session_approves_on_its_first_item(side: Side) -> None:
    item = factories.approving(side)
    row = approve_on_agenda(actor=side.actor(CHAIR), item=item)
    assert (row.state, row.approved_in, row.meeting) == (MinutesState.APPROVED, item.meeting, side.meetings[0])
    decision = Decision.objects.get(agenda_item=item)
    assert "verbale" in decision.text or "minutes" in decision.text
    sealed = text_of(minutes_document(actor=side.actor(side.observer), meeting=row.meeting, language="en").body)
    assert f"no.{item.meeting.number}of03/12/2026" in sealed
    with pytest.raises(Conflict):
        approve_on_agenda(actor=side.actor(CHAIR), item=item)
    assert Decision.objects.filter(agenda_item=item).count() == 1


def test_only_the_chair_in_the_session_and_with_nothing_open(home: Side, away: Side) -> None:
    item = factories.approving(home)
    for who in ("observer", "representative", "spokesperson", "coordinator", "auditor"):
        with pytest.raises(NotAllowed):
            approve_on_agenda(actor=home.actor(getattr(home, who)), item=item)
    with pytest.raises(NotFound):
        approve_on_agenda(actor=away.actor(CHAIR), item=item)
    factories.asked(home, record(home.meeting.minutes.pk))
    with pytest.raises(Conflict):
        approve_on_agenda(actor=home.actor(CHAIR), item=item)
    assert not Decision.objects.filter(agenda_item=item).exists() and not SealedDocument.objects.exists()


def test_another_item_and_another_time_approve_nothing(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    with pytest.raises(NotFound):
        approve_on_agenda(actor=side.actor(CHAIR), item=factories.items(side.meeting)[0])
    waiting = factories.items(side.meetings[1])[0]
    with pytest.raises(Conflict):
        approve_on_agenda(actor=side.actor(CHAIR), item=waiting)
    assert record(row.pk).state == MinutesState.IN_CORRECTION and not SealedDocument.objects.exists()
