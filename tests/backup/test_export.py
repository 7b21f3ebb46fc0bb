"""A network's export has every row, file and sealed document of it, provably, and nothing of another's or secret."""

import hashlib
import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from meetings.agenda.models import AgendaItem, Attachment
from meetings.backup import contents
from meetings.backup.export import LEFT_OUT, SECRETS, of_network, tables
from meetings.calendar_feed.services import create_feed
from meetings.minutes.models import SealedDocument
from meetings.network.models import AccessToken, Network
from meetings.network.people import create_token
from tests.factories import World


@pytest.fixture
def exported(installation: World, tmp_path: Path) -> tuple[World, zipfile.ZipFile]:
    home = installation.home
    create_feed(actor=home.actor(home.representative), network=home.network)
    create_token(user=home.representative)
    call_command("export_network", home.network.slug, str(tmp_path / "home.zip"), stdout=StringIO())
    return installation, zipfile.ZipFile(tmp_path / "home.zip")


def rows(archive: zipfile.ZipFile, model: contents.Table) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(contents.member_of(model)).splitlines()]


def test_reading_it_back_gives_every_row(exported: tuple[World, zipfile.ZipFile]) -> None:
    world, archive = exported
    manifest = json.loads(archive.read("manifest.json"))
    for model in tables():
        there = sorted(str(pk) for pk in model._base_manager.filter(of_network(model, world.home.network)).values_list("pk", flat=True))
        key = model._meta.pk.attname
        assert sorted(str(row[key]) for row in rows(archive, model)) == there, model
        assert manifest["tables"][model._meta.label_lower] == len(there)
    assert manifest["tables"]["meetings.event"] > 50


def test_every_table_is_in_it_or_left_out_with_a_reason() -> None:
    for model in contents.tables():
        assert model._meta.label_lower in LEFT_OUT or of_network(model, Network())
    assert set(LEFT_OUT) <= {model._meta.label_lower for model in contents.tables()}
    assert all(LEFT_OUT.values())


def test_every_member_has_its_digest(exported: tuple[World, zipfile.ZipFile]) -> None:
    _world, archive = exported
    members = json.loads(archive.read("manifest.json"))["members"]
    assert set(members) == set(archive.namelist()) - {"manifest.json"}
    for name, expected in members.items():
        data = archive.read(name)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (expected["size"], expected["sha256"])


def test_attachments_and_sealed_minutes_are_files(exported: tuple[World, zipfile.ZipFile]) -> None:
    world, archive = exported
    attachment, seal = Attachment.objects.get(), SealedDocument.objects.get(minutes__meeting__network=world.home.network)
    assert hashlib.sha256(archive.read(f"files/{attachment.file.name}")).hexdigest() == attachment.sha256
    assert archive.read(f"sealed/{seal.minutes_id}-{seal.edition}.pdf") == bytes(seal.pdf)


def test_nothing_of_another_network_and_no_secret_is_in_it(exported: tuple[World, zipfile.ZipFile]) -> None:
    world, archive = exported
    whole = b"\n".join(archive.read(name) for name in archive.namelist())
    assert world.home.network.name.encode() in whole
    assert world.away.network.name.encode() not in whole
    assert str(world.away.network.pk).encode() not in whole
    assert not [name for model in tables() for row in rows(archive, model)[:1] for name in row if name in SECRETS]
    assert AccessToken.objects.get().digest.encode() not in whole


def test_an_unknown_network_and_an_impossible_place_are_one_clear_line(installation: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no network"):
        call_command("export_network", "nowhere", str(tmp_path / "x.zip"))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_network", "home", str(tmp_path / "no" / "x.zip"))
    assert list(tmp_path.glob("*.zip")) == []


def test_the_other_network_has_nothing_of_ours(installation: World, tmp_path: Path) -> None:
    call_command("export_network", "away", str(tmp_path / "away.zip"), stdout=StringIO())
    titles = AgendaItem.objects.filter(meeting__network__slug="home").values_list("title", flat=True)
    with zipfile.ZipFile(tmp_path / "away.zip") as archive:
        whole = b"\n".join(archive.read(name) for name in archive.namelist())
    assert titles
    assert not [title for title in titles if title.encode() in whole]
