"""The counts of participation, made by the database: three queries for any number of meetings and municipalities.

A fact is a meeting that was held × a seat valid that day, with what it had answered and whether it was there. SQLite and PostgreSQL
both understand every word of this; dates are compared as ISO 8601 texts, because SQLite has no others.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from meetings.network.models import Network, Zone
from meetings.scheduling.models import Meeting

Key = tuple[str, UUID]
"""("meeting" or "seat", its id)."""

_VALID = """
    (town.valid_from IS NULL OR CAST(town.valid_from AS varchar(10)) <= substr(of.local_start, 1, 10))
    AND (town.valid_until IS NULL OR CAST(town.valid_until AS varchar(10)) >= substr(of.local_start, 1, 10))"""
_SEATS = """
    seat AS (
        SELECT of.id AS meeting, town.id AS seat, town.population AS population
        FROM held of JOIN meetings_municipality town ON town.network_id = of.network_id WHERE {valid} {of_zone}
    )"""
_FACTS = """
    known AS (
        SELECT meeting, seat, 1 AS invited, population, '' AS answer, 0 AS came FROM seat
        UNION ALL
        SELECT meeting_id, municipality_id, 0, 0, '', 1 FROM meetings_attendance
        WHERE struck_at IS NULL AND meeting_id IN (SELECT id FROM held)
        UNION ALL
        SELECT meeting_id, municipality_id, 0, 0, answer, 0 FROM meetings_response WHERE meeting_id IN (SELECT id FROM held)
    ),
    fact AS (
        SELECT meeting, seat, MAX(population) AS population, MAX(answer) AS answer, MAX(came) AS came
        FROM known GROUP BY meeting, seat HAVING MAX(invited) = 1
    )"""
"""Put together by sorting: joined, SQLite compared every seat with every presence."""
_COUNTS = """
    SELECT '{key}', {key}, COUNT(*), SUM(population), SUM(came), SUM(came * population),
           SUM(CASE WHEN answer = 'attending' THEN 1 ELSE 0 END), SUM(CASE WHEN answer = 'substitute' THEN 1 ELSE 0 END),
           SUM(CASE WHEN answer = 'regrets' THEN 1 ELSE 0 END), SUM(CASE WHEN answer = 'regrets' THEN 1 - came ELSE 0 END)
    FROM fact GROUP BY {key}"""
_QUORUM = """
    total AS (SELECT meeting, COUNT(*) AS seats, SUM(population) AS population FROM seat GROUP BY meeting),
    stay AS (
        SELECT a.meeting_id AS meeting, town.population AS population, a.joined_at AS begins, a.left_at AS ends,
               LAG(a.left_at) OVER of_seat AS last_end, LEAD(a.joined_at) OVER of_seat AS next_begin
        FROM meetings_attendance a
        JOIN meetings_meeting of ON of.id = a.meeting_id JOIN meetings_municipality town ON town.id = a.municipality_id
        WHERE a.struck_at IS NULL AND a.meeting_id IN (SELECT id FROM held) AND {valid}
        WINDOW of_seat AS (
            PARTITION BY a.meeting_id, a.municipality_id
            ORDER BY a.joined_at, CASE WHEN a.left_at IS NULL THEN 1 ELSE 0 END, a.left_at
        )
    ),
    change AS (
        SELECT meeting, begins AS instant, 0 AS phase, 1 AS seats, population FROM stay WHERE last_end IS NULL OR last_end <> begins
        UNION ALL
        SELECT meeting, ends, 1, -1, -population FROM stay WHERE ends IS NOT NULL AND (next_begin IS NULL OR next_begin <> ends)
    ),
    step AS (
        SELECT meeting, instant, phase, SUM(seats) AS seats, SUM(population) AS population FROM change GROUP BY meeting, instant, phase
    ),
    there AS (
        SELECT meeting, SUM(seats) OVER so_far AS seats, SUM(population) OVER so_far AS population
        FROM step WINDOW so_far AS (PARTITION BY meeting ORDER BY instant, phase)
    )
    SELECT there.meeting, MAX(there.seats),
           MAX(CASE WHEN there.seats * %s >= total.seats * %s AND there.population * %s > total.population * %s THEN 1 ELSE 0 END)
    FROM there JOIN total ON total.meeting = there.meeting GROUP BY there.meeting"""
"""Both ends belong to a stay, as in `attendance_selectors.present_at`: at one instant people come before others leave, and a seat whose
next stay begins where the last one ended was there all along.
"""
_ACTS = """
    speech AS (
        SELECT meeting_id AS meeting, municipality_id AS seat FROM meetings_speakerrequest
        WHERE state = 'spoken' AND meeting_id IN (SELECT id FROM held)
    ),
    poll AS (
        SELECT item.meeting_id AS meeting, p.id AS id, p.secrecy AS secrecy
        FROM meetings_poll p JOIN meetings_agendaitem item ON item.id = p.agenda_item_id
        WHERE p.state IN ('closed', 'published') AND item.meeting_id IN (SELECT id FROM held)
    ),
    vote AS (
        SELECT poll.meeting AS meeting, v.municipality_id AS seat
        FROM poll JOIN meetings_vote v ON v.poll_id = poll.id WHERE poll.secrecy = 'named'
    ),
    proposal AS (
        SELECT meeting_id AS meeting, proposer_id AS seat FROM meetings_agendaitem
        WHERE proposer_id IS NOT NULL AND origin_id IS NULL AND state NOT IN ('draft', 'withdrawn')
          AND meeting_id IN (SELECT id FROM held)
    )"""
_ACT_COUNTS = """
    SELECT '{act}', '{key}', done.{key}, COUNT(*), COUNT(DISTINCT done.seat)
    FROM {act} done JOIN meetings_meeting of ON of.id = done.meeting JOIN meetings_municipality town ON town.id = done.seat
    WHERE {valid} {of_zone} GROUP BY done.{key}"""
_POLL_COUNTS = "SELECT 'poll', 'meeting', meeting, COUNT(*), 0 FROM poll GROUP BY meeting"


class Facts(NamedTuple):
    """Of a meeting or of a seat: how many invitations, whose population, and what became of them."""

    invited: int = 0
    population: int = 0
    present: int = 0
    present_population: int = 0
    attending: int = 0
    substitute: int = 0
    regrets: int = 0
    excused: int = 0


class Quorum(NamedTuple):
    most: int = 0
    reached: bool = False


class Acts(NamedTuple):
    """How often something was done, and by how many municipalities."""

    times: int = 0
    seats: int = 0


def facts(held: QuerySet[Meeting], zone: Zone | None = None) -> dict[Key, Facts]:
    """By meeting and by seat; of a zone's seats alone when one is given."""
    of_zone, ids = _of_zone(zone)
    counts = " UNION ALL ".join(_COUNTS.format(key=key) for key in ("meeting", "seat"))
    rows = _asked(held, f"{_SEATS.format(valid=_VALID, of_zone=of_zone)}, {_FACTS} {counts}", ids)
    return {(key, _id(pk)): Facts(*map(int, figures)) for key, pk, *figures in rows}


def quorums(held: QuerySet[Meeting], network: Network) -> dict[UUID, Quorum]:
    """By meeting: the most seats there at once, and whether at any instant those there reached both thresholds, in whole numbers."""
    enough, more_than = network.thresholds
    shares = [enough.denominator, enough.numerator, more_than.denominator, more_than.numerator]
    rows = _asked(held, f"{_SEATS.format(valid=_VALID, of_zone='')}, {_QUORUM.format(valid=_VALID)}", shares)
    return {_id(pk): Quorum(int(most), bool(reached)) for pk, most, reached in rows}


def acts(held: QuerySet[Meeting], zone: Zone | None = None) -> dict[str, dict[Key, Acts]]:
    """By `speech`, `vote` (in named votes that are counted), `proposal` and `poll`, each by meeting and (but polls) by seat."""
    of_zone, ids = _of_zone(zone)
    kinds = [(act, key) for act in ("speech", "vote", "proposal") for key in ("meeting", "seat")]
    counts = " UNION ALL ".join(
        [*(_ACT_COUNTS.format(act=act, key=key, valid=_VALID, of_zone=of_zone) for act, key in kinds), _POLL_COUNTS]
    )
    found: dict[str, dict[Key, Acts]] = defaultdict(dict)
    for act, key, pk, *figures in _asked(held, f"{_ACTS} {counts}", ids * len(kinds)):
        found[act][key, _id(pk)] = Acts(*map(int, figures))
    return found


def _of_zone(zone: Zone | None) -> tuple[str, list[Any]]:
    """A condition on the town, and its parameter."""
    return ("AND town.zone_id = %s", [Zone._meta.pk.get_db_prep_value(zone.pk, connection)]) if zone else ("", [])


def _asked(held: QuerySet[Meeting], question: str, params: Sequence[Any]) -> list[Any]:
    """The rows of `question`, which may ask of `held`."""
    sql, of_held = held.order_by().values("id", "network_id", "local_start").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH held AS ({sql}), {question}", [*of_held, *params])
        return list(cursor.fetchall())


def _id(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
