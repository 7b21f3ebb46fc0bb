"""Importing a network's municipalities from a file: compare, then change all that differs, or nothing at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.access import Actor, Permission, require
from meetings.events.services import lock_stream
from meetings.network import services, tables
from meetings.network.models import Municipality, Network
from meetings.network.tables import Refusal, Report, Wrong

REQUIRED = ("istat_code", "name", "zone_number", "zone_name")
DATES = ("valid_from", "valid_until")
LARGEST_POPULATION = 50_000_000
LARGEST_ZONE_NUMBER = 9999
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file; `dates` holds only the columns that the file has."""

    number: int
    istat_code: str
    name: str
    zone_number: int
    zone_name: str
    population: int
    dates: Mapping[str, date | None]


@transaction.atomic
def import_municipalities(*, actor: Actor, network: Network, data: bytes, dry_run: bool = False) -> Report:
    """Creates and updates by ISTAT code, zones too; municipalities that the file does not name stay as they are.

    `data`: the CSV file. A file with any refused line changes nothing; nor does `dry_run`. Raises NotAllowed, NotFound.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lines, refused = parse(data)
    if refused:
        return Report(refused=refused, dry_run=dry_run)
    lock_stream(network_id=network.pk)  # two imports at once: one after the other
    rows = list(Municipality.objects.filter(network=network).select_related("zone", "merged_into"))
    known = {row.istat_code: row for row in rows if row.merged_into is None}
    if refused := sorted([*_merged(lines, rows, known), *_out_of_order(lines, known)]):
        return Report(refused=refused, dry_run=dry_run)
    new = [line for line in lines if line.istat_code not in known]
    differing = [line for line in lines if line.istat_code in known and _differs(line, known[line.istat_code])]
    touched = {line.istat_code for line in (*new, *differing)}
    if touched and not dry_run:
        _write(actor, network, [*new, *differing], known)
    return Report(
        created=[line.name for line in new],
        updated=[line.name for line in differing],
        unchanged=[line.name for line in lines if line.istat_code not in touched],
        dry_run=dry_run,
    )


def parse(data: bytes) -> tuple[list[Line], list[Refusal]]:
    """The file's lines and what is wrong with it; pure."""
    table = tables.read(data, REQUIRED, optional=DATES, prefixed=("population",))
    lines, refused = tables.parse(table, _line)
    return lines, sorted([*refused, *_doubled(lines), *_zones_at_odds(lines)])


def _line(number: int, cells: Mapping[str, str]) -> Line:
    dates = {column: tables.day(cells, column) for column in DATES if column in cells}
    if _reversed(dates.get("valid_from"), dates.get("valid_until")):
        raise Wrong(_("valid_until is before valid_from."))
    return Line(
        number=number,
        istat_code=tables.istat_code(cells),
        name=tables.text(cells, "name", LONGEST_NAME),
        zone_number=tables.number(cells, "zone_number", 1, LARGEST_ZONE_NUMBER),
        zone_name=tables.text(cells, "zone_name", LONGEST_NAME),
        population=tables.number(cells, "population", 0, LARGEST_POPULATION),
        dates=dates,
    )


def _reversed(valid_from: date | None, valid_until: date | None) -> bool:
    return bool(valid_from and valid_until and valid_until < valid_from)


def _doubled(lines: Sequence[Line]) -> list[Refusal]:
    first: dict[str, int] = {}
    problem = _("The code %(code)s stands already on line %(line)s.")
    found = []
    for line in lines:
        if (earlier := first.setdefault(line.istat_code, line.number)) != line.number:
            found.append(Refusal(line.number, problem % {"code": line.istat_code, "line": earlier}))
    return found


def _zones_at_odds(lines: Sequence[Line]) -> list[Refusal]:
    first: dict[int, Line] = {}
    problem = _("Zone %(number)s is called “%(name)s” on line %(line)s.")
    found = []
    for line in lines:
        earlier = first.setdefault(line.zone_number, line)
        if earlier.zone_name != line.zone_name:
            values = {"number": line.zone_number, "name": earlier.zone_name, "line": earlier.number}
            found.append(Refusal(line.number, problem % values))
    return found


def _merged(lines: Sequence[Line], rows: Sequence[Municipality], known: Mapping[str, Municipality]) -> list[Refusal]:
    """Lines that would bring back what has merged into another."""
    into = {row.istat_code: row.merged_into.name for row in rows if row.merged_into and row.istat_code not in known}
    problem = _("%(name)s has merged into %(successor)s.")
    found = [line for line in lines if line.istat_code in into]
    return [Refusal(line.number, problem % {"name": line.name, "successor": into[line.istat_code]}) for line in found]


def _out_of_order(lines: Sequence[Line], known: Mapping[str, Municipality]) -> list[Refusal]:
    """Lines with one of the two dates, which contradicts the other one as it is stored."""
    found = []
    for line in lines:
        row = known.get(line.istat_code)
        stored = {"valid_from": row.valid_from, "valid_until": row.valid_until} if row else {}
        dates = {**stored, **line.dates}
        if _reversed(dates.get("valid_from"), dates.get("valid_until")):
            found.append(Refusal(line.number, _("valid_until is before valid_from.")))
    return found


def _differs(line: Line, row: Municipality) -> bool:
    wanted = (line.name, line.zone_number, line.zone_name, line.population)
    if wanted != (row.name, row.zone.number, row.zone.name, row.population):
        return True
    return any(getattr(row, column) != value for column, value in line.dates.items())


def _write(actor: Actor, network: Network, lines: Sequence[Line], known: Mapping[str, Municipality]) -> None:
    names = {line.zone_number: line.zone_name for line in lines}
    zones = {number: services.ensure_zone(actor=actor, network=network, number=number, name=names[number]) for number in sorted(names)}
    for line in lines:
        values: dict[str, Any] = {"name": line.name, "zone": zones[line.zone_number], "population": line.population, **line.dates}
        if row := known.get(line.istat_code):
            services.change_municipality(actor=actor, municipality=row, values=values, zone_renamed=line.zone_name != row.zone.name)
        else:
            services.create_municipality(actor=actor, network=network, istat_code=line.istat_code, **values)
