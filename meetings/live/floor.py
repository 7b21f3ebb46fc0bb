"""How the chair keeps the list of speakers."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live.models import Floor
from meetings.live.speaker_selectors import FLOOR_STATES, floor_as_object, floor_or_default
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import meeting_as_object

MOST_PLACES = 50
LONGEST_LIMIT = 3600


@transaction.atomic
def change(*, actor: Actor, meeting: Meeting, values: Mapping[str, Any], expected_version: int | None = None) -> Floor:
    """The order, how many places are protected, and the time limit in seconds (0: none). The first change, of version 0, makes the row.

    A new limit holds for who is given the floor from now on. Raises Conflict `wrong_state`, StaleVersion, Invalid.
    """
    meeting = scheduling.locked(meeting)
    require(actor, Permission.RUN_SESSION, network_id=meeting.network_id)
    row = floor_or_default(meeting)
    versions.check(row, expected_version, lambda: floor_as_object(row))
    if meeting.state not in FLOOR_STATES:
        raise Conflict("wrong_state", _("There is no list of speakers any longer."), current=meeting_as_object(meeting))
    changed = validation.apply(row, values)
    _require_at_most(row)
    if changed or not row.version:
        if row.changed_at is None or {"order_rule", "protected_places"} & set(changed):
            row.changed_at = clock.now()
        row.version += 1
        row.save()
        record(actor, types.FloorChanged(floor_as_object(row)), meeting_id=meeting.pk)
    return row


def _require_at_most(row: Floor) -> None:
    for name, most in (("protected_places", MOST_PLACES), ("limit_seconds", LONGEST_LIMIT)):
        if getattr(row, name) > most:
            raise validation.invalid(name, _("At most %(most)s.") % {"most": most})
