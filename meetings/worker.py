"""What Raccordo does by itself from time to time. Every step may be done again at any time, by any number of workers at once."""

import logging
from collections.abc import Callable

from django.contrib.sessions.backends.db import SessionStore

from meetings.action_items.chasing import chase_action_items
from meetings.events.idempotency import forget_old
from meetings.live.presence import end_lapsed
from meetings.minutes.services import close_windows
from meetings.network.selectors import today
from meetings.notifications.delivery import deliver_due, forget_old_mail
from meetings.privacy.retention import apply_retention
from meetings.scheduling.absences import answer_for_the_absent
from meetings.scheduling.delegations import end_delegations
from meetings.scheduling.intake import close_intakes, open_intakes, tell_of_intakes
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.reminders import remind_the_silent
from meetings.scheduling.services import AHEAD, materialise

log = logging.getLogger(__name__)


def materialise_due() -> int:
    """Makes the meetings that have come within the 18 months for which they are made ahead: for each series about once a day; how many."""
    made = 0
    for series in MeetingSeries.objects.select_related("network").order_by("pk"):
        if series.materialised_until is None or series.materialised_until < today(series.network) + AHEAD:
            made += len(materialise(series=series))
    return made


STEPS: tuple[Callable[[], object], ...] = (
    end_lapsed,
    materialise_due,
    end_delegations,
    answer_for_the_absent,
    open_intakes,
    close_intakes,
    tell_of_intakes,
    remind_the_silent,
    chase_action_items,
    close_windows,
    forget_old,
    apply_retention,
    SessionStore.clear_expired,
    forget_old_mail,
)


def tick(go_on: Callable[[], bool] = lambda: True, say: Callable[[str], None] = log.debug) -> bool:
    """Does every step, then sends what mail is due; one that fails is logged, holds up no other, and is done at the next tick.

    Whether all went well. `go_on` is asked between two mails; `say` is told in a line what each step did, when it did anything.
    """
    return all([*(_done(step, say) for step in STEPS), send_mail(go_on, say)])


def send_mail(go_on: Callable[[], bool] = lambda: True, say: Callable[[str], None] = log.debug) -> bool:
    """Sends what mail is due. Cheap when there is none, so it may be done every second. Whether it went well."""

    def deliver_mail() -> object:
        return deliver_due(go_on)

    return _done(deliver_mail, say)


def _done(step: Callable[[], object], say: Callable[[str], None]) -> bool:
    try:
        result = step()
    except Exception:
        log.exception("the worker's step %s failed", step.__name__)
        return False
    if isinstance(result, int) and result:
        say(f"{step.__name__.replace('_', ' ')}: {result}")
    return True
