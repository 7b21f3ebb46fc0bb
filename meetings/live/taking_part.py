"""Who acts for a seat in the session."""

from django.utils.translation import gettext as _

from meetings.access import Actor, Permission, can, require
from meetings.errors import NotAllowed
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling.models import Meeting
from meetings.scheduling.services import require_seat


def require_part(actor: Actor, meeting: Meeting, municipality: Municipality) -> None:
    """The actor acts for this seat: as its representative, or as the office for a caller by phone.

    Raises NotAllowed, NotFound, and Invalid `no_seat` for a municipality that is none on the day.
    """
    require(actor, Permission.JOIN_ROOM, network_id=meeting.network_id)
    if municipality.network_id != meeting.network_id:
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    if not can(actor, Permission.TAKE_PART, place_of(municipality)) and not can(actor, Permission.TAKE_PART_BY_PHONE):
        raise NotAllowed("not_allowed", _("You do not represent this municipality."))
    require_seat(meeting, municipality)
