"""An installation with something in every corner, and ways to empty it and to look at all of it."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import translation
from pytest_django import Settings

from meetings import clock
from meetings.agenda.models import Attachment
from meetings.backup import contents
from meetings.events import triggers
from meetings.minutes.services import approve
from meetings.notifications.models import MailState, OutgoingEmail
from tests import factories


class Sealed(NamedTuple):
    """What `approve` is given instead of a rendered document."""

    pdf: bytes
    content_digest: str
    language: str


PDF = bytes(range(256)) * 40 + b"\r\n\0%%EOF\n"
FILE = "Così è, Ünïcode\0\r\n".encode() * 1000


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def installation(transactional_db: None) -> factories.World:
    return make_installation()


def make_installation() -> factories.World:
    """Two networks; in one a meeting lived through, with votes, approved and sealed minutes, and an attachment."""
    world = factories.make_world()
    side = world.home
    sealed = Sealed(PDF, hashlib.sha256(b"content").hexdigest(), "it")
    minutes = approve(actor=side.actor(side.chair), minutes=factories.circulated(side), render=lambda _minutes: sealed)
    item = factories.items(minutes.meeting)[0]
    item.co_proposers.add(*side.seats[1:4])
    attachment = Attachment(agenda_item=item, name="Relazione.pdf", content_type="application/pdf", size=len(FILE), created_at=clock.now())
    attachment.sha256 = hashlib.sha256(FILE).hexdigest()
    attachment.file.save("random-name", ContentFile(FILE))
    OutgoingEmail.objects.update(state=MailState.SENT)  # what still waits comes back as uncertain: test_mail_that_waited_…
    return world


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every stored row of every table, bytes as bytes."""
    found = {}
    for model in contents.tables():
        rows = [
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
            for row in contents.rows(model, "default")
        ]
        found[model._meta.label_lower] = rows
    return found


def empty_database() -> None:
    """As after a first migrate."""
    triggers.remove()
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def emptied(media: Path) -> Callable[[], None]:
    """Empties the database and the folder of files."""

    def act() -> None:
        empty_database()
        for file in sorted(media.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()

    return act


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, parts: dict[str, bytes], *, honest: bool) -> None:
    """Packs the parts anew; `honest` also writes the manifest's sizes and digests anew, as somebody who forges all of it would."""
    if honest:
        manifest = json.loads(parts["manifest.json"])
        manifest["members"] = {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items() if name != "manifest.json"
        }
        parts = {**parts, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.fixture(autouse=True)
def _no_leftover_connections() -> Iterator[None]:
    yield
    if not connection.in_atomic_block:
        connection.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield
