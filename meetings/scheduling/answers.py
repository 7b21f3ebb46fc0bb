"""Writing an answer's row and its event: whoever answers, by whatever way, it is done here."""

from collections.abc import Mapping

from meetings import clock, validation
from meetings.access import Actor
from meetings.events.services import record
from meetings.events.types import ResponseGiven, ResponseWithdrawn
from meetings.network import addresses
from meetings.network.models import Municipality
from meetings.scheduling.models import Meeting, Response
from meetings.scheduling.selectors import response_as_object

PARTS = ("name", "email", "office")
"""What is known of a substitute."""


def write(
    *, actor: Actor, meeting: Meeting, municipality: Municipality, answer: str, reason: str, substitute: Mapping[str, str], source: str
) -> Response:
    """The seat's answer as it now is; the meeting is locked and the actor allowed. Raises Invalid by field."""
    response = Response.every.filter(meeting=meeting, municipality=municipality).first() or Response(
        meeting=meeting, municipality=municipality
    )
    named = {f"substitute_{part}": substitute.get(part) or "" for part in PARTS}
    validation.apply(response, {"answer": answer, "reason": reason, "source": source, **named})
    if response.substitute_email:
        response.substitute_email = addresses.checked(response.substitute_email, "substitute_email")
    response.answered_at, response.answered_by_id = clock.now(), actor.user_id
    response.save()
    record(actor, ResponseGiven(response_as_object(response)), meeting_id=meeting.pk)
    return response


def take_back(*, actor: Actor, response: Response) -> None:
    """The seat has not answered, as far as anybody is concerned. The meeting is locked and the actor allowed."""
    for name in ("answer", "reason", "substitute_name", "substitute_email", "substitute_office"):
        setattr(response, name, "")
    response.answered_at, response.answered_by_id = clock.now(), actor.user_id
    response.save()
    record(actor, ResponseWithdrawn(response_as_object(response)), meeting_id=response.meeting_id)
