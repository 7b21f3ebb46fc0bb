"""Importing who represents the municipalities: people, seats, offices and order, all of a file or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from meetings.access import Actor, Permission, Role, require
from meetings.events.services import lock_stream
from meetings.network import addresses, people, services, tables
from meetings.network.models import Membership, Municipality, Network
from meetings.network.selectors import today
from meetings.network.tables import Refusal, Report, Wrong

REQUIRED = ("istat_code", "name", "email")
OPTIONAL = ("office", "order", "phone", "language")
OFFICES = {
    "sindaco": "mayor",
    "sindaca": "mayor",
    "vicesindaco": "deputy_mayor",
    "vicesindaca": "deputy_mayor",
    "consigliere": "councillor",
    "consigliera": "councillor",
    "assessore": "councillor",
    "assessora": "councillor",
    "funzionario": "officer",
    "funzionaria": "officer",
    **{value: value for value in Membership.Office.values},
}
MOST_IN_ORDER = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: one person in one seat. `order` 0: after those already named for that seat."""

    number: int
    istat_code: str
    name: str
    email: str
    office: str
    order: int
    phone: str
    language: str

    @property
    def label(self) -> str:
        return f"{self.name} <{self.email}> {self.istat_code}"


Seats = dict[tuple[str, str], Membership]  # (address, ISTAT code) → who sits there now


@transaction.atomic
def import_representatives(*, actor: Actor, network: Network, data: bytes, dry_run: bool = False) -> Report:
    """Adds and updates representatives by address and seat; one person may hold several. Nobody is removed.

    A file with any refused line changes nothing; nor does `dry_run`. Raises NotAllowed, NotFound.
    """
    require(actor, Permission.MANAGE_PEOPLE, network_id=network.pk)
    lines, refused = parse(data)
    lock_stream(network_id=network.pk)  # two imports at once: one after the other
    towns = _towns(network)
    refused += _without_seat(lines, towns)
    if refused:
        return Report(refused=sorted(refused), dry_run=dry_run)
    seats = _seats(network)
    new = [line for line in lines if (line.email, line.istat_code) not in seats]
    differing = [line for line in lines if (line.email, line.istat_code) in seats and _differs(line, seats, network)]
    touched = {line.number for line in (*new, *differing)}
    if not dry_run:
        _write(actor, network, [*new, *differing], seats, towns)
    return Report(
        created=[line.label for line in new],
        updated=[line.label for line in differing],
        unchanged=[line.label for line in lines if line.number not in touched],
        dry_run=dry_run,
    )


def parse(data: bytes) -> tuple[list[Line], list[Refusal]]:
    """The file's lines, their order filled in, and what is wrong with it; pure."""
    lines, refused = tables.parse(tables.read(data, REQUIRED, optional=OPTIONAL), _line)
    lines = _in_order(lines)
    return lines, [*refused, *_at_odds(lines)]


def _line(number: int, cells: Mapping[str, str]) -> Line:
    email = addresses.canonical(cells.get("email", ""))
    if email is None:
        raise Wrong(_("“%(address)s” is not an e-mail address.") % {"address": cells.get("email", "")[:80]})
    office = cells.get("office", "").lower().replace(" ", "_")
    if office not in OFFICES:
        known = ", ".join(value for value in Membership.Office.values if value)
        raise Wrong(_("office must be one of %(known)s, not “%(office)s”.") % {"known": known, "office": office[:40]})
    language = cells.get("language", "").lower() or people.LANGUAGES[0]
    if language not in people.LANGUAGES:
        raise Wrong(_("language must be one of %(known)s.") % {"known": ", ".join(people.LANGUAGES)})
    return Line(
        number=number,
        istat_code=tables.istat_code(cells),
        name=tables.text(cells, "name", 150),
        email=email,
        office=OFFICES[office],
        order=tables.number(cells, "order", 1, MOST_IN_ORDER) if cells.get("order") else 0,
        phone=tables.text(cells, "phone", 40, required=False),
        language=language,
    )


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Lines without an order come, in the file's order, after the ones that have one for the same seat."""
    last: dict[str, int] = {}
    for line in lines:
        last[line.istat_code] = max(last.get(line.istat_code, 0), line.order)
    found = []
    for line in lines:
        order = line.order
        if not order:
            order = last[line.istat_code] = last[line.istat_code] + 1
        found.append(Line(line.number, line.istat_code, line.name, line.email, line.office, order, line.phone, line.language))
    return found


def _at_odds(lines: Sequence[Line]) -> list[Refusal]:
    """The same seat twice for one person, one place in the order for two, one address with two names."""
    seats: dict[tuple[str, str], int] = {}
    places: dict[tuple[str, int], int] = {}
    names: dict[str, Line] = {}
    found = []
    for line in lines:
        named = names.setdefault(line.email, line)
        if (earlier := seats.setdefault((line.email, line.istat_code), line.number)) != line.number:
            found.append(Refusal(line.number, _("This person and seat stand already on line %(line)s.") % {"line": earlier}))
        elif (earlier := places.setdefault((line.istat_code, line.order), line.number)) != line.number:
            found.append(Refusal(line.number, _("Line %(line)s has the same place in the order of this seat.") % {"line": earlier}))
        elif named.name != line.name:
            values = {"name": named.name, "line": named.number}
            found.append(Refusal(line.number, _("This address belongs to “%(name)s” on line %(line)s.") % values))
    return found


def _towns(network: Network) -> dict[str, Municipality]:
    """By code; of one that goes on with others from a day to come, the seat that it will be."""
    rows = Municipality.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today(network)), network=network)
    ordered = sorted(rows.select_related("zone", "merged_into", "network"), key=lambda row: row.merged_into_id is None)
    return {row.istat_code: row for row in ordered}


def _without_seat(lines: Sequence[Line], towns: Mapping[str, Municipality]) -> list[Refusal]:
    """Lines of no municipality, or of one whose end by a merger is settled."""
    unknown, merged = _("No municipality has the code %(code)s."), _("%(name)s has merged into %(successor)s: name its people there.")
    found = []
    for line in lines:
        town = towns.get(line.istat_code)
        if town is None:
            found.append(Refusal(line.number, unknown % {"code": line.istat_code}))
        elif town.merged_into:
            found.append(Refusal(line.number, merged % {"name": town.name, "successor": town.merged_into.name}))
    return found


def _seats(network: Network) -> Seats:
    unended = Q(valid_until__isnull=True) | Q(valid_until__gte=today(network))
    rows = Membership.objects.filter(unended, network=network, role=Role.REPRESENTATIVE).select_related("user", "municipality")
    ordered = sorted(rows, key=lambda row: row.municipality is not None and row.municipality.merged_into_id is None)
    return {(row.user.email, row.municipality.istat_code): row for row in ordered if row.municipality}


def _differs(line: Line, seats: Seats, network: Network) -> bool:
    row = seats[line.email, line.istat_code]
    if (line.office, line.order) != (row.office, row.order):
        return True
    same_person = line.name == row.user.name and (not line.phone or line.phone == row.user.phone)
    return not same_person and people.belongs_only_to(row.user, network)


def _write(actor: Actor, network: Network, lines: Sequence[Line], seats: Seats, towns: Mapping[str, Municipality]) -> None:
    for line in lines:
        if row := seats.get((line.email, line.istat_code)):
            services.change_membership(actor=actor, membership=row, values={"office": line.office, "order": line.order})
            _update_person(actor, network, line, row)
        else:
            _add(actor, network, line, towns[line.istat_code])


def _update_person(actor: Actor, network: Network, line: Line, row: Membership) -> None:
    values = {"name": line.name, **({"phone": line.phone} if line.phone else {})}
    people.change_person(actor=actor, network=network, user=row.user, values=values)


def _add(actor: Actor, network: Network, line: Line, town: Municipality) -> None:
    user = people.get_or_create_user(email=line.email, name=line.name, language=line.language, phone=line.phone)
    membership = services.add_membership(
        actor=actor,
        network=network,
        user=user,
        role=Role.REPRESENTATIVE,
        municipality=town,
        office=line.office,
        order=line.order,
    )
    if user.name != line.name or (line.phone and user.phone != line.phone):  # nobody who has just been made
        _update_person(actor, network, line, membership)
