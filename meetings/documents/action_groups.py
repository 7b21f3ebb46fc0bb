"""The order in which every form of the action tracker shows its rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from meetings.documents import wording
from meetings.documents.content import ActionRow, ActionState


def by_due_date(rows: Iterable[ActionRow]) -> list[ActionRow]:
    """Earliest first, those without a date last."""
    return sorted(rows, key=lambda row: (row.due_on or date.max, row.number))


def overdue(rows: Iterable[ActionRow]) -> list[ActionRow]:
    """Longest overdue first."""
    return by_due_date(row for row in rows if row.overdue)


def _zone_order(zone: str) -> tuple[bool, int, str]:
    """By the zone's number where it leads its name, as in "5 · Pinerolese"; no zone comes last."""
    leading = zone.split(" ", 1)[0]
    return (not zone, int(leading) if leading.isascii() and leading.isdigit() and len(leading) < 6 else 0, zone)


def by_owner(rows: Iterable[ActionRow]) -> list[ActionRow]:
    """By zone, then municipality, then due date: every row, the overdue ones too."""
    return sorted(by_due_date(rows), key=lambda row: (_zone_order(row.zone), not row.municipality, row.municipality))


def tally(rows: Sequence[ActionRow]) -> list[tuple[str, int]]:
    """How many there are in all, overdue, and in each state."""
    states = Counter(row.state for row in rows)
    head = [(_("Action items"), len(rows)), (_("Overdue"), sum(row.overdue for row in rows))]
    return [*head, *((wording.word(state), states[state]) for state in ActionState)]
