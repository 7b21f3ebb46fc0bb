"""The demo: whatever the day, a network with weeks lived through and a meeting that takes proposals."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils.translation import override

from meetings import clock
from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import running_order
from meetings.demo import services
from meetings.errors import Conflict, Invalid
from meetings.events import triggers
from meetings.events.models import Event, EventStream
from meetings.events.selectors import verify_all
from meetings.live.models import Poll, SpeakerRequest, Vote
from meetings.minutes.models import Correction, Minutes, MinutesState
from meetings.minutes.seals import broken_seals
from meetings.network.models import Membership, Network, User
from meetings.network.selectors import today
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling.models import Meeting, MeetingState, Response
from meetings.scheduling.selectors import intake_is_open, meetings, next_meeting

TOWNS = ["Torino", "Pinerolo", "Ivrea", "Susa", "Chieri", "Rivoli", "Moncenisio", "Ala di Stura", "Usseglio", "Bobbio", "San Mauro", "Rorà"]


def csv(count: int = 12) -> bytes:
    rows = [f"{1001 + n:06},{name},{n % 3 + 1},Zona {n % 3 + 1},{900_000 if not n else 1000 * n}" for n, name in enumerate(TOWNS[:count])]
    return "\n".join(["istat_code,name,zone_number,zone_name,population_2011", *rows]).encode()


def local(text: str) -> datetime:
    """A winter or summer instant, told in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEK = [local(f"2026-11-{day} 08:00") for day in range(16, 23)]  # Monday to Sunday
HOLIDAYS = [
    local("2025-12-19 08:00"),  # both Christmas and New Year's Day are Thursdays: three weeks without a meeting
    local("2025-12-17 08:00"),  # the same, the last intake before it closed
    local("2026-01-03 08:00"),
    local("2026-01-09 12:00"),
    local("2028-01-07 08:00"),  # the day after Epiphany, a Thursday
    local("2026-03-30 08:00"),  # the clocks have just changed
]
EDGES = [
    local("2026-11-24 09:00"),  # the deadline itself
    local("2026-11-24 09:30"),  # just after it
    local("2026-11-26 08:59"),  # a minute before the meeting
    local("2026-11-26 09:45"),  # during it
    local("2026-11-26 10:31"),  # just after it
    local("2026-11-26 23:30"),  # the next day, in Rome
]


def build(now: datetime, **options: Any) -> Network:
    with clock.at(now), override("it"):
        return services.create(**{"csv": csv(), **options})


def check(network: Network, now: datetime, weeks: int) -> None:
    """What the demo promises, at `now`."""
    with clock.at(now):
        rows = list(meetings(network))
        past = [row for row in rows if row.ends_at <= now]
        assert [row.state for row in past] == ["closed"] * weeks
        assert {row.state for row in rows[weeks:]} <= {"scheduled", "agenda_published"}
        taking = [row for row in rows if intake_is_open(row)]
        assert taking and taking[0].state == MeetingState.SCHEDULED
        states = Counter(
            AgendaItem.objects.filter(meeting=taking[0], approves_minutes_of=None, origin=None).values_list("state", flat=True)
        )
        assert states == {ItemState.PROPOSED: 2, ItemState.ACCEPTED: 1, ItemState.DRAFT: 1}
        upcoming = next_meeting(network)
        assert upcoming is not None and (upcoming == taking[0] or upcoming.state == "agenda_published")
        assert Response.objects.filter(meeting=taking[0]).exists()
    shown = list(Minutes.objects.filter(meeting__network=network).order_by("meeting__starts_at").values_list("state", flat=True))
    followed = bool(past) and past[-1].starts_at + timedelta(days=3) < now
    last = [MinutesState.PUBLISHED, MinutesState.IN_CORRECTION] if followed else [MinutesState.APPROVED, MinutesState.DRAFT]
    assert shown == ([MinutesState.PUBLISHED] * weeks + last)[-weeks:] if weeks else shown == []
    for stream in EventStream.objects.all():
        times = list(Event.objects.filter(stream=stream).order_by("sequence").values_list("at", flat=True))
        assert all(earlier <= later for earlier, later in pairwise(times)), f"{stream}: the log goes back in time"
        assert not times or times[-1] <= now, f"{stream}: the log tells of the future"
    assert list(verify_all()) == [] and list(broken_seals()) == []


@pytest.mark.one_database
@pytest.mark.parametrize("now", [*WEEK, *HOLIDAYS, *EDGES], ids=lambda now: f"{now:%a-%Y-%m-%d-%H%M}")
def test_any_day_is_a_good_day(db: None, now: datetime) -> None:
    weeks = 2 if now in HOLIDAYS else 1
    check(build(now, csv=csv(5), weeks=weeks), now, weeks)


@pytest.mark.parametrize("weeks", [0, 1, 4])
def test_as_many_weeks_as_asked_for(db: None, weeks: int) -> None:
    check(build(WEEK[4], csv=csv(5), weeks=weeks), WEEK[4], weeks)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_small_networks_have_a_demo_too(db: None, count: int) -> None:
    network = build(WEEK[4], csv=csv(count), weeks=2)
    assert Meeting.objects.filter(network=network, state="closed").count() == 2
    assert network.municipalities.count() == count


@pytest.mark.one_database
def test_it_shows_a_bit_of_everything(db: None) -> None:
    network = build(WEEK[4])
    assert set(Membership.objects.values_list("role", flat=True)) == set(Membership.Role.values)
    states = set(AgendaItem.objects.values_list("state", flat=True))
    assert states == {"draft", "proposed", "accepted", "declined", "deferred", "discussed", "not_reached", "postponed"}
    assert Meeting.objects.filter(network=network, state="closed").count() == 8
    assert AgendaItem.objects.filter(late=True).exists() and AgendaItem.objects.filter(addendum__isnull=False).exists()
    assert AgendaItem.objects.filter(deferrals=3).exists()
    assert AgendaItem.objects.filter(state="deferred", carried_to=None).exists()
    came = [row.attendance.values("municipality").distinct().count() for row in Meeting.objects.filter(state="closed")]
    assert len(set(came)) > 2
    assert set(Correction.objects.values_list("state", flat=True)) == {"accepted", "rejected"}
    with clock.at(WEEK[4]):
        assert any(row.overdue_on(today(network)) for row in ActionItem.objects.all())
    kinds = {"intake_open", "receipt", "proposal_answered", "agenda_published", "addendum", "reminder", "minutes_to_correct"}
    assert kinds < set(OutgoingEmail.objects.values_list("kind", flat=True))
    assert not OutgoingEmail.objects.filter(state="queued", not_before__lte=WEEK[4]).exists(), "the worker would send weeks of old mail"
    assert AgendaItem.objects.exclude(origin=None).exists() and Attachment.objects.exists()
    assert Poll.objects.filter(state="closed", outcome="carried").exists() and Vote.objects.exists()
    assert set(Response.objects.values_list("answer", flat=True)) == {"attending", "regrets", "substitute"}
    assert not Event.objects.filter(payload__contains="Visita medica").exists()
    assert Meeting.objects.filter(network=network).count() > 60


def told() -> list[tuple[Any, ...]]:
    """What a visitor could tell apart: who came, what was said about each item and how it ended."""
    return [
        (
            meeting.starts_at,
            sorted(meeting.attendance.values_list("municipality__name", "joined_at", "left_at")),
            [(row.title, row.state, row.position) for row in running_order(meeting)],
            sorted(SpeakerRequest.objects.filter(agenda_item__meeting=meeting).values_list("municipality__name", "given_at", "ended_at")),
            sorted(Vote.objects.filter(poll__agenda_item__meeting=meeting).values_list("municipality__name", "choice")),
            sorted(ActionItem.objects.filter(meeting=meeting).values_list("title", "owner__name", "state")),
        )
        for meeting in Meeting.objects.filter(state="closed").order_by("starts_at")
    ]


@pytest.mark.one_database
def test_two_demos_tell_the_same_story(db: None) -> None:
    stories = []
    for _time in range(2):
        with transaction.atomic():
            build(WEEK[4], weeks=2)
            stories.append(told())
            transaction.set_rollback(True)
    assert len(stories[0]) == 2
    assert stories[0] == stories[1]


def test_it_is_there_once(db: None) -> None:
    network = build(WEEK[0], weeks=1)
    names = sorted(User.objects.values_list("email", "name"))
    with pytest.raises(Conflict) as refused:
        build(WEEK[0], weeks=1)
    assert refused.value.code == "demo_exists"
    assert Network.objects.get() == network
    assert sorted(User.objects.values_list("email", "name")) == names


def test_a_bad_file_builds_nothing(db: None) -> None:
    for bad in (b"name,colour\nTorino,red\n", b"", csv(0), csv() + b"\n001272,Torino twice,1,Zona 1,-5\n"):
        with pytest.raises(Invalid):
            build(WEEK[0], csv=bad)
    assert not Network.objects.exists() and not User.objects.exists()


# --- the command ---


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "towns.csv"
    path.write_bytes(csv(3))
    return path


@pytest.fixture
def _as_now(settings: Any) -> Iterator[None]:
    with clock.at(WEEK[4]), override("en"):
        yield


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("create_demo", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_refuses_twice_and_resets_only_a_demo(transactional_db: None, _as_now: None, file: Path, settings: Any) -> None:
    settings.DEMO = False
    assert "3 municipalities" in command("--network", str(file), "--weeks", "0")
    first = Network.objects.get()
    for arguments in (("--network", str(file)), ("--network", str(file), "--reset")):
        with pytest.raises(CommandError):
            command(*arguments)
        assert Network.objects.get() == first
    settings.DEMO = True
    with pytest.raises(CommandError):
        command("--network", str(file))
    command("--network", str(file), "--weeks", "0", "--reset")
    assert Network.objects.get().pk != first.pk
    assert triggers.installed()
    assert list(verify_all()) == []


@pytest.mark.parametrize("wrong", ["missing", "unreadable"])
def test_a_reset_with_a_bad_file_deletes_nothing(transactional_db: None, _as_now: None, file: Path, settings: Any, wrong: str) -> None:
    settings.DEMO = True
    command("--network", str(file), "--weeks", "0")
    first = Network.objects.get()
    bad = file.with_name("bad.csv")
    if wrong == "unreadable":
        bad.write_bytes(b"name,colour\nTorino,red\n")
    with pytest.raises(CommandError):
        command("--network", str(bad), "--weeks", "0", "--reset")
    assert list(Network.objects.all()) == [first]


# --- the real thing ---


@pytest.mark.one_database
def test_turin_has_312_municipalities(db: None) -> None:
    now = WEEK[4]
    network = build(now, csv=None, weeks=1)
    check(network, now, weeks=1)
    seats = network.municipalities.all()
    assert seats.count() == 312 and network.zones.count() == 11
    assert Membership.objects.filter(network=network, role="representative").values("municipality").distinct().count() == 312
    assert Poll.objects.filter(quorum=True, outcome="carried").exists()
