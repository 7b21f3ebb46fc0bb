"""Sealed minutes: one changed byte, a lost document, another digest: each is found, by the command too."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from meetings.minutes.models import Minutes, SealedDocument
from meetings.minutes.seals import broken_seals, sealed_count
from meetings.minutes.services import approve
from tests import factories

PDF = b"%PDF-1.7 the minutes %%EOF"


class Sealed(NamedTuple):
    pdf: bytes
    content_digest: str
    language: str


@pytest.fixture
def minutes(home: factories.Side) -> Minutes:
    sealed = Sealed(PDF, hashlib.sha256(b"content").hexdigest(), "it")
    return approve(actor=home.actor(home.chair), minutes=factories.circulated(home), render=lambda _minutes: sealed)


def change(model: type[Model], **values: object) -> Callable[[], object]:
    return lambda: model._base_manager.update(**values)


def test_untouched_they_are_intact(minutes: Minutes) -> None:
    assert (list(broken_seals()), sealed_count(), sealed_count(minutes.meeting.network_id)) == ([], 1, 1)


def test_minutes_not_yet_approved_have_no_seal(home: factories.Side) -> None:
    factories.circulated(home)
    assert (list(broken_seals()), sealed_count()) == ([], 0)


OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (change(SealedDocument, pdf=PDF.replace(b"minutes", b"mimutes")), "the sealed document was changed"),
        (change(SealedDocument, pdf=b""), "the sealed document was changed"),
        (change(SealedDocument, sha256=OTHER), "the sealed document was changed"),
        (change(Minutes, file_digest=OTHER), "the digest is not that of the sealed document"),
        (lambda: SealedDocument.objects.all().delete(), "the sealed document is missing"),
    ],
)
def test_what_was_changed_is_found(minutes: Minutes, tamper: Callable[[], object], problem: str) -> None:
    tamper()
    assert list(broken_seals()) == [f"minutes {minutes.pk}: {problem}"]
    assert len(list(broken_seals(minutes.meeting.network_id))) == 1
    with pytest.raises(CommandError, match=problem):
        call_command("verify_log")


def test_another_document_in_its_place_contradicts_the_log(minutes: Minutes) -> None:
    forged = PDF.replace(b"minutes", b"forgery")
    digest = hashlib.sha256(forged).hexdigest()
    change(SealedDocument, pdf=forged, sha256=digest)()
    change(Minutes, file_digest=digest)()
    assert list(broken_seals()) == [f"minutes {minutes.pk}: the log names another document"]


def test_another_networks_are_not_looked_at(minutes: Minutes, away: factories.Side) -> None:
    change(SealedDocument, pdf=b"")()
    assert list(broken_seals(away.network.pk)) == []
