"""The office votes for a municipality that calls by phone: it reads back what it understood, then records that and nothing else."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor
from meetings.errors import Conflict, NotAllowed
from meetings.live.models import Poll, Vote
from meetings.live.taking_part import person_for
from meetings.network.models import Municipality

LIFE = timedelta(minutes=5)
_SALT = "raccordo.phone-vote"


def require_confirmed(actor: Actor, poll: Poll, municipality: Municipality, choice: str, token: str) -> None:
    """Passes with the token of the same office's first attempt, not older than five minutes.

    Raises Conflict `confirm_phone_vote` otherwise: `current` says what to read back and holds the token for the second attempt. Raises
    NotAllowed `secret_by_phone`: whoever writes a ballot down for somebody knows what it says.
    """
    if poll.is_secret:
        raise NotAllowed("secret_by_phone", _("A secret vote cannot be cast by phone: the office would know it."))
    asked = [str(part) for part in (poll.pk, municipality.pk, choice, actor.user_id)]
    if _is_good(token, asked):
        return
    detail = _("Read this back to the caller, and send it again when they confirm it.")
    raise Conflict("confirm_phone_vote", detail, current=_read_back(actor, poll, municipality, choice, _token(asked)))


def _token(asked: list[str]) -> str:
    return signing.dumps([*asked, (clock.now() + LIFE).isoformat()], salt=_SALT)


def _is_good(token: str, asked: list[str]) -> bool:
    try:
        *signed, until = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return False
    return bool(signed == asked and clock.now().isoformat() <= until)


def _read_back(actor: Actor, poll: Poll, municipality: Municipality, choice: str, token: str) -> dict[str, Any]:
    labels = {known["id"]: known["label"] for known in poll.choices}
    cast = Vote.objects.filter(poll=poll, municipality=municipality).values_list("choice", flat=True).first()
    return {
        "poll": poll.pk,
        "question": poll.question,
        "municipality": municipality.pk,
        "municipality_name": municipality.name,
        "person": person_for(actor, poll.agenda_item.meeting, municipality),
        "choice": choice,
        "label": labels[choice],
        "replaces": labels.get(cast or "", ""),
        "confirm": token,
    }
