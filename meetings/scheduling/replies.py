"""What a signed reply link opens: one invitation, for one person in one seat, without signing in.

Whoever has the mail has the link, so it can answer and no more: it shows nobody else's data and makes nobody a delegate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Grant, Role
from meetings.errors import Conflict, found
from meetings.network.models import Membership, Municipality
from meetings.network.selectors import today
from meetings.scheduling import selectors, services
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState, Response
from meetings.scheduling.reply_links import read_token

SAID_FOR = timedelta(hours=12)
"""How long after its planned end a meeting's link still says that it has begun."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a valid link is about."""

    membership: Membership
    meeting: Meeting
    response: Response | None

    @property
    def seat(self) -> Municipality:
        """The municipality that answers."""
        return found(self.membership.municipality)

    @property
    def is_open(self) -> bool:
        """Whether an answer is still taken: until the meeting begins."""
        return self.meeting.state in ANNOUNCED and clock.now() < self.meeting.starts_at


def opened(token: str) -> Invitation:
    """The invitation that the link is for. Raises NotFound, all the same for what we never signed, what has ended and what is over."""
    named = read_token(token)
    if named is None:
        return found(None)
    meeting = selectors.meeting(named.meeting)
    held = Membership.objects.filter(pk=named.membership, network=meeting.network_id, role=Role.REPRESENTATIVE, user__is_active=True)
    held = held.select_related("user", "municipality__zone", "municipality__network", "network")
    membership = found(held.filter(_lasts(meeting)).first())
    if meeting.state == MeetingState.CLOSED or meeting.ends_at + SAID_FOR < clock.now():
        return found(None)
    given = Response.objects.filter(meeting=meeting, municipality=membership.municipality_id).select_related("municipality").first()
    return Invitation(membership, meeting, given)


def _lasts(meeting: Meeting) -> Q:
    """Memberships that have not ended and hold on the meeting's day: a delegate's for that day alone is one."""
    day, now = meeting.local.date(), today(meeting.network)
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return begun & (Q(valid_until__isnull=True) | Q(valid_until__gte=max(day, now)))


def reply(*, token: str, answer: str, reason: str = "", substitute: Mapping[str, str] | None = None) -> Response:
    """The seat's answer through the link. Raises NotFound, Conflict `wrong_state` once the meeting has begun, Invalid by field."""
    invitation = opened(token)
    if not invitation.is_open:
        detail = _("This meeting no longer takes answers.")
        raise Conflict("wrong_state", detail, current=selectors.meeting_as_object(invitation.meeting))
    return services.respond(
        actor=_actor(invitation.membership),
        meeting=invitation.meeting,
        municipality=invitation.seat,
        answer=answer,
        reason=reason or _kept_reason(invitation.response, answer),
        substitute=_whole(substitute or {}, invitation.response),
        source=Response.Source.MAILED_LINK,
    )


def _actor(membership: Membership) -> Actor:
    """The person in this one seat: nothing else that they may do comes with the link."""
    grant = Grant(Role.REPRESENTATIVE, membership.municipality_id)
    return Actor(network_id=membership.network_id, user_id=membership.user_id, name=membership.user.name, grants=(grant,))


def _kept_reason(given: Response | None, answer: str) -> str:
    """The page does not show a reason either, so saying the same again keeps the one that is known."""
    return given.reason if given and given.answer == answer else ""


def _whole(substitute: Mapping[str, str], given: Response | None) -> dict[str, Any]:
    """The page does not show a substitute's address, so naming the same person without it keeps the one that is known."""
    named = dict(substitute)
    if given and not named.get("email") and (named.get("name") or "").strip() == given.substitute_name:
        named["email"] = given.substitute_email
    return named
