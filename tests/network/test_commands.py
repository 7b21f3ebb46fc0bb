"""The commands: what they print, and one clear line with exit code 1 instead of a traceback."""

from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from meetings.access import Actor, Role
from meetings.calendar_feed.models import CalendarFeed
from meetings.events import triggers
from meetings.network import selectors, services
from meetings.network.models import Invitation, Municipality, Network, User
from meetings.notifications.models import OutgoingEmail

from .conftest import TURIN

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_create_network() -> None:
    out = run("create_network", "torino", "Torino", "--coordinator", "ada@example.org", "--languages", "it, en,fr")
    assert "import_municipalities torino" in out
    assert Network.objects.get().languages == ["it", "en", "fr"]
    with pytest.raises(CommandError, match="already a network"):
        run("create_network", "torino", "Torino", "--coordinator", "ada@example.org")
    with pytest.raises(CommandError, match="not an e-mail address"):
        run("create_network", "milano", "Milano", "--coordinator", "ada")


def test_import_municipalities(network: Network, tmp_path: Path) -> None:
    assert "312 created, 0 updated, 0 unchanged, 0 refused." in run("import_municipalities", "torino", str(TURIN), "--dry-run")
    assert not Municipality.objects.exists()
    assert "312 created" in run("import_municipalities", "torino", str(TURIN))
    assert run("import_municipalities", "torino", str(TURIN)) == "0 created, 0 updated, 312 unchanged, 0 refused.\n"
    broken = tmp_path / "broken.csv"
    broken.write_text(TURIN.read_text().replace("001003", "1003"))
    with pytest.raises(CommandError, match="1 refused; nothing was changed"):
        run("import_municipalities", "torino", str(broken))


@pytest.mark.parametrize("command", ["import_municipalities", "import_representatives"])
def test_import_says_what_it_cannot_read(network: Network, tmp_path: Path, command: str) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(command, "torino", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="cannot be read"):
        run(command, "torino", str(tmp_path))
    with pytest.raises(CommandError, match="There are: torino"):
        run(command, "milano", str(TURIN))


def test_import_representatives(network: Network, tmp_path: Path) -> None:
    run("import_municipalities", "torino", str(TURIN))
    file = tmp_path / "people.csv"
    file.write_text("istat_code,name,email\n001272,Ezio Riva,ezio@example.org\n")
    assert "1 created" in run("import_representatives", "torino", str(file))
    file.write_text("istat_code,name,email\n999999,Ezio Riva,ezio@example.org\n")
    with pytest.raises(CommandError, match="1 refused"):
        run("import_representatives", "torino", str(file))


def test_create_token(coordinator: User) -> None:
    text = run("create_token", "Ada@example.org", "--scope", "write").strip()
    found = selectors.access_token(text)
    assert found is not None
    assert found.scope == "write"
    with pytest.raises(CommandError, match="Nobody has the address"):
        run("create_token", "nobody@example.org")


def test_calendar_feed_url(actor: Actor, network: Network, other_network: Network, coordinator: User) -> None:
    address = run("calendar_feed_url", "ada@example.org").strip()
    assert address.startswith("http://127.0.0.1:8000/calendar/rcf_")
    assert address.endswith(".ics")
    assert CalendarFeed.objects.get().user == coordinator
    mia = User.objects.get(email="mia@example.org")
    services.add_membership(actor=actor, network=network, user=mia, role=Role.OBSERVER)
    with pytest.raises(CommandError, match="several networks"):
        run("calendar_feed_url", "mia@example.org")
    assert "/calendar/" in run("calendar_feed_url", "mia@example.org", "--network", "milano")


def test_verify_log(network: Network, other_network: Network) -> None:
    assert run("verify_log") == "Intact: 4 events, 0 sealed minutes.\n"
    assert run("verify_log", "torino") == "Intact: 2 events, 0 sealed minutes.\n"
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_event SET payload = '{}' WHERE sequence = 2 AND stream_id = %s", [_stream(network)])
    triggers.install()
    for arguments in (("verify_log",), ("verify_log", "torino")):
        with pytest.raises(CommandError, match="sequence 2: the payload was changed"):
            run(*arguments)
    assert "Intact" in run("verify_log", "milano")
    with pytest.raises(CommandError, match="There is no network"):
        run("verify_log", "roma")


def _stream(network: Network) -> str | UUID:
    key = network.streams.get().pk
    return key.hex if connection.vendor == "sqlite" else key


def test_import_representatives_and_invite_them(network: Network, tmp_path: Path) -> None:
    run("import_municipalities", "torino", str(TURIN))
    file = tmp_path / "people.csv"
    file.write_text("istat_code,name,email\n001001,Eva Gallo,eva@example.org\n001002,Ugo Sala,ugo@example.org\n")
    assert "1 of those who are there already would be invited" in run(
        "import_representatives", "torino", str(file), "--dry-run", "--invite"
    )
    assert not Invitation.objects.exists()
    assert "3 invitations lie in the outbox" in run("import_representatives", "torino", str(file), "--invite")
    OutgoingEmail.objects.filter(address="ugo@example.org").update(state="undeliverable")
    again = run("import_representatives", "torino", str(file), "--invite")
    assert "0 invitations" in again and "undeliverable: Ugo Sala <ugo@example.org>" in again


@pytest.mark.parametrize(
    "line",
    [
        '001001,"Eva\r\nBcc: x@example.org",eva@example.org',
        '001001,Eva,"eva@example.org\r\nBcc: x@example.org"',
        "001001,Eva,eva@@example.org",
    ],
)
def test_import_refuses_broken_addresses_and_line_ends(network: Network, tmp_path: Path, line: str) -> None:
    run("import_municipalities", "torino", str(TURIN))
    file = tmp_path / "people.csv"
    file.write_bytes(f"istat_code,name,email\n001002,Ugo,ugo@example.org\n{line}\n".encode())
    out = StringIO()
    with pytest.raises(CommandError, match="1 refused; nothing was changed"):
        call_command("import_representatives", "torino", str(file), "--invite", stdout=out, stderr=StringIO())
    assert "line 3: " in out.getvalue()
    assert not User.objects.filter(email__startswith="ugo").exists() and not OutgoingEmail.objects.exists()
