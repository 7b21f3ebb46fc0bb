"""Who acts for a seat in the session."""

from django.utils.translation import gettext as _

from meetings.access import Actor, Permission, can, require
from meetings.errors import NotAllowed
from meetings.live.attendance_selectors import in_person
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling.models import Meeting
from meetings.scheduling.seats import acting_for
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


def require_not_suspended(actor: Actor, meeting: Meeting, municipality: Municipality) -> None:
    """While somebody is in for a seat, nobody else of that seat acts for it; the office, who does it for a caller, is not concerned.

    Raises NotAllowed `suspended`, which names who is in.
    """
    if municipality.pk not in actor.seats:
        return
    there = in_person(meeting.pk, municipality.pk)
    if there and there.user_id != actor.user_id:
        detail = _("%(person)s is in for %(municipality)s. While this is so, nobody else acts for it.")
        raise NotAllowed("suspended", detail % {"person": there.person, "municipality": municipality.name})


def person_for(actor: Actor, meeting: Meeting, municipality: Municipality, named: str = "") -> str:
    """Who speaks for the seat: the actor, or for a caller by phone whom the office names, else who acts for it at this meeting."""
    if municipality.pk in actor.seats:
        return actor.name
    acting = acting_for(meeting, [municipality.pk]).get(municipality.pk)
    return named or (acting.user.name if acting else municipality.name)
