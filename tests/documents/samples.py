"""Realistic contents of every document: the municipalities of a metropolitan city, one meeting, its minutes."""

import csv
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from meetings.documents import content as c

MUNICIPALITIES_CSV = Path(__file__).parents[2] / "meetings" / "network" / "data" / "turin.csv"
START = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=91)
GENERATED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SURNAMES = ("Rossi", "Bianchi", "Ferrero", "Giraudo", "Peyretti", "D'Angelo", "Chiaberge", "Vottero", "Nicolì", "Šarić")
NAMES = ("Anna", "Marco", "Giulia", "Paolo", "Chiara", "Renzo", "Daniela", "Ugo", "Noemi")
OFFICES = ("mayor", "deputy mayor", "councillor", "officer")
STATUSES = (c.Presence.PRESENT,) * 6 + (c.Presence.SUBSTITUTE, c.Presence.REGRETS, c.Presence.ABSENT)


class Seat(NamedTuple):
    name: str
    zone: int
    zone_name: str
    population: int


def seats() -> list[Seat]:
    """The 312 seats by zone; made-up ones where the project's own list is not there."""
    if not MUNICIPALITIES_CSV.exists():
        return [Seat(f"Borgo San Nicolò {n}", n % 11 + 1, f"Zona {n % 11 + 1}", 500 + 37 * n) for n in range(312)]
    with MUNICIPALITIES_CSV.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [Seat(row["name"], int(row["zone_number"]), row["zone_name"], int(row["population_2011"])) for row in rows]
    return sorted(found, key=lambda seat: (seat.zone, seat.name))


def person(number: int) -> str:
    return f"{NAMES[number % len(NAMES)]} {SURNAMES[number * 7 % len(SURNAMES)]}"


def _attendance(number: int, seat: Seat) -> c.SeatAttendance:
    status = STATUSES[number * 5 % len(STATUSES)]
    if status in (c.Presence.REGRETS, c.Presence.ABSENT):
        return c.SeatAttendance(seat.name, status)
    come = START + timedelta(minutes=number % 17)
    spans: tuple[c.Interval, ...] = (c.Interval(come, END),)
    if number % 23 == 0:
        spans = (c.Interval(come, START + timedelta(minutes=40)), c.Interval(START + timedelta(minutes=47), END))
    return c.SeatAttendance(seat.name, status, person(number), OFFICES[number % len(OFFICES)], spans)


def attendance() -> tuple[c.ZoneAttendance, ...]:
    numbered = list(enumerate(seats()))
    zones = groupby(numbered, key=lambda pair: (pair[1].zone, pair[1].zone_name))
    return tuple(c.ZoneAttendance(str(zone), name, tuple(_attendance(n, seat) for n, seat in rows)) for (zone, name), rows in zones)


NETWORK = c.NetworkHead("Città metropolitana di Torino", "Europe/Rome")
MEETING = c.MeetingHead("Weekly coordination meeting", "47/2026", START, END)
LIMITS = c.Thresholds(Fraction(1, 3), Fraction(1, 2))


def _votes(choices: tuple[str, ...]) -> tuple[c.NamedVote, ...]:
    return tuple(c.NamedVote(seat.name, choices[n % 11 // 9], person(n)) for n, seat in enumerate(seats()) if n % 4)


def poll() -> c.PollResult:
    everyone = c.Count(312, 2_247_780)
    return c.PollResult(
        question="Approve the shared timetable of snow clearing on provincial roads?",
        secrecy=c.Secrecy.NAMED,
        seats=everyone,
        choices=(
            c.ChoiceResult("In favour", c.Count(190, 1_604_112), in_favour=True),
            c.ChoiceResult("Against", c.Count(24, 131_004)),
            c.ChoiceResult("Abstaining", c.Count(20, 60_411)),
        ),
        outcome=c.PollOutcome.ADOPTED,
        thresholds=LIMITS,
        named_votes=_votes(("In favour", "Against")),
    )


def secret_poll() -> c.PollResult:
    return c.PollResult(
        question="Who represents the mountain municipalities in the regional board?",
        secrecy=c.Secrecy.SECRET,
        seats=c.Count(312, None),
        choices=(c.ChoiceResult("Anna Peyretti", c.Count(120, None)), c.ChoiceResult("Paolo D'Angelo", c.Count(98, None))),
        outcome=c.PollOutcome.ADVISORY,
    )


ITEM_TEXT = """The winter plan joins **three** separate timetables into one. It was prepared with the zones' offices and
covers *all* provincial roads above 600 m.

- road crews start at 4:30 when the forecast says more than 5 cm
- schools are told by 6:00
  - by phone where there is no mail

Background: [winter plan 2026](https://example.org/winter-plan) and <mailto:roads@example.org>."""


def items() -> tuple[c.MinutedItem, ...]:
    first = c.MinutedItem(
        number="1",
        title="Approval of the minutes of meeting 46/2026",
        kind=c.ItemKind.CONSENT,
        state=c.ItemState.DISCUSSED,
        proposers=("Città metropolitana di Torino",),
        notes=("Approved as circulated, no corrections were asked for.",),
    )
    second = c.MinutedItem(
        number="2",
        title="One winter plan for provincial roads",
        kind=c.ItemKind.DECISION,
        state=c.ItemState.DISCUSSED,
        proposers=("Usseaux", "Fenestrelle", "Pragelato"),
        text=ITEM_TEXT,
        notes=(
            "The chair recalled last January's closures.\n\nPragelato asked for an earlier start on market days.",
            "Costs stay within the budget.",
        ),
        speakers=tuple(c.Speaker(seat.name, person(n), 60 + n * 37) for n, seat in enumerate(seats()[:6])),
        questions=(
            c.QuestionAnswered("Bardonecchia", "Who pays for the second plough?", "The metropolitan city, from the road fund."),
            c.QuestionAnswered("Ala di Stura", "Is the pass included?"),
        ),
        decisions=(
            c.DecisionRecord(
                "12/2026", "The shared timetable is **adopted** from 1 December 2026.\n\nThe roads office reports on it every two weeks."
            ),
        ),
        polls=(poll(),),
    )
    third = c.MinutedItem(
        number="3",
        title="Representative in the regional mountain board",
        kind=c.ItemKind.DISCUSSION,
        state=c.ItemState.POSTPONED,
        proposers=("Susa",),
        notes=("To be studied with the zones first.",),
        polls=(secret_poll(),),
    )
    return (
        first,
        second,
        third,
        c.MinutedItem("4", "School transport in the Canavese", c.ItemKind.INFORMATION, c.ItemState.NOT_REACHED, ("Ivrea",)),
    )


def actions(number: int = 12) -> tuple[c.ActionRow, ...]:
    states = tuple(c.ActionState)
    everyone = seats()
    return tuple(
        c.ActionRow(
            number=f"A-{n + 1}",
            title=f"Send the list of roads that need clearing first, part {n + 1}",
            municipality=everyone[n * 29 % len(everyone)].name,
            state=states[n % 4],
            person=person(n),
            zone=f"{everyone[n * 29 % len(everyone)].zone} · {everyone[n * 29 % len(everyone)].zone_name}",
            due_on=date(2026, 11, 12) + timedelta(days=n % 17) if n % 6 else None,
            overdue=n in (1, 4, 5, 9),
            progress="List half done, waiting for the provincial office" if n % 3 else "",
            origin="Meeting 46/2026, item 3",
        )
        for n in range(number)
    )


def quorum() -> c.Quorum:
    counts = ((0, 131, 1_402_118), (24, 214, 1_811_402), (61, 234, 1_840_200), (91, 201, 1_702_044))
    occasions = ("Opening", "One winter plan for provincial roads", "", "Closing")
    readings = (
        c.QuorumReading(START + timedelta(minutes=at), c.Count(seats, population), True, occasion)
        for (at, seats, population), occasion in zip(counts, occasions, strict=True)
    )
    return c.Quorum(c.Count(312, 2_247_780), LIMITS, tuple(readings))


def minutes(**changes: Any) -> c.MinutesContent:
    """The minutes of a full meeting; `changes` replace fields."""
    fields: dict[str, Any] = {
        "network": NETWORK,
        "meeting": MEETING,
        "state": c.MinutesState.APPROVED,
        "edition": 1,
        "chair": "Maria Teresa Giraudo, metropolitan councillor",
        "secretary": "Paolo Chiaberge, secretary general",
        "attendance": attendance(),
        "quorum": quorum(),
        "items": items(),
        "actions": actions(),
        "carried_over": (
            c.CarriedOverItem("3", "Representative in the regional mountain board", c.ItemState.POSTPONED, 1, "meeting 48/2026"),
            c.CarriedOverItem("4", "School transport in the Canavese", c.ItemState.NOT_REACHED, 3),
        ),
        "corrections": (
            c.CorrectionRecord(
                "Pragelato", "The market is on the wrong day.", c.CorrectionState.ACCEPTED, "2", "On Thursdays.", "Corrected in the notes."
            ),
            c.CorrectionRecord("Susa", "I did not say that.", c.CorrectionState.PENDING),
        ),
        "approval": c.Approval(START + timedelta(days=7), "Maria Teresa Giraudo", "48/2026"),
        "content_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "log_head": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "generated_at": GENERATED,
        "language": "en",
        "sealed_language": "",
        "edition_reason": "The mayor of Susa has another name.",
        "earlier": (c.EditionRecord(1, START + timedelta(days=7), "b5bb9d8014a0f9b1d61e21e796d78dcc", "Nothing was wrong yet."),),
        "introduction": "The chair opened the session, welcomed the *new mayor of Susa* and reminded all of the winter plan.",
    }
    return c.MinutesContent(**fields | changes)


def agenda(**changes: Any) -> c.AgendaContent:
    """A published agenda with a carried-over item and an addendum; `changes` replace fields."""
    entries = (
        c.AgendaEntry("1", "Approval of the minutes of meeting 46/2026", c.ItemKind.CONSENT, 5, START, ("Città metropolitana di Torino",)),
        c.AgendaEntry(
            "2",
            "One winter plan for provincial roads",
            c.ItemKind.DECISION,
            30,
            START + timedelta(minutes=5),
            ("Usseaux", "Fenestrelle", "Pragelato"),
            ITEM_TEXT,
            ("winter-plan-2026.pdf", "roads above 600 m.xlsx"),
            c.CarriedOverMark("meeting 44/2026", 21, 3),
        ),
        c.AgendaEntry(
            "3", "School transport", c.ItemKind.INFORMATION, 15, START + timedelta(minutes=35), ("Ivrea",), "Short report.", addendum=True
        ),
    )
    fields: dict[str, Any] = {
        "network": NETWORK,
        "meeting": MEETING,
        "items": entries,
        "published_at": START - timedelta(days=3),
        "intake_closes_at": START - timedelta(days=5),
        "join_url": "https://meet.example.org/citta-metropolitana",
        "phone": "+39 011 555 0100",
        "phone_pin": "4711 0815",
        "generated_at": GENERATED,
        "language": "en",
    }
    return c.AgendaContent(**fields | changes)


def tracker(**changes: Any) -> c.ActionTrackerContent:
    """The network's action items; `changes` replace fields."""
    fields: dict[str, Any] = {
        "network": NETWORK,
        "rows": actions(40),
        "as_of": date(2026, 11, 20),
        "generated_at": GENERATED,
        "language": "en",
        "scope": "",
    }
    return c.ActionTrackerContent(**fields | changes)
