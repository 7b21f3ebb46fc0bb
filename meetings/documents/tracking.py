"""Fills the action tracker's content: which action items a file shows, and how far each is."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock
from meetings.access import Actor
from meetings.action_items import selectors as action_items
from meetings.documents import content as c
from meetings.documents import wording
from meetings.documents.selectors import action_row, network_head
from meetings.network.models import Network
from meetings.network.selectors import today

EVERYTHING = action_items.Wanted()


def tracker(actor: Actor, network: Network, *, language: str, wanted: action_items.Wanted = EVERYTHING) -> c.ActionTrackerContent:
    """The network's action items, as far as they are wanted."""
    with override(language):
        rows = tuple(action_row(row, network) for row in action_items.wanted_items(actor, network, wanted))
        scope = " · ".join(_scope(wanted))
    return c.ActionTrackerContent(
        network_head(network), rows, as_of=today(network), generated_at=clock.now(), language=language, scope=scope
    )


def _scope(wanted: action_items.Wanted) -> list[str]:
    """Which ones these are, in words."""
    found = [wanted.zone.name if wanted.zone else "", wanted.owner.name if wanted.owner else ""]
    found.append(_("our own") if wanted.mine else "")
    if wanted.state:
        unfinished = wanted.state == action_items.UNFINISHED_STATE
        found.append(_("not finished") if unfinished else wording.word(c.ActionState(wanted.state)))
    found.append(_("overdue") if wanted.overdue else "")
    found.append(f"“{wanted.text}”" if wanted.text else "")
    return [text for text in found if text]
