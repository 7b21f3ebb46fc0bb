"""A change of a whole series, with what becomes of the items of the meetings that it cancels or restores."""

from collections.abc import Callable

from django.db import transaction

from meetings.access import Actor
from meetings.agenda.carrying import hand_over_all, take_back_all
from meetings.scheduling import series_changes
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.series_changes import Asked


@transaction.atomic
def change_series(
    *,
    actor: Actor,
    series: MeetingSeries,
    ask: Callable[[MeetingSeries], Asked],
    reason: str = "",
    expected_version: int | None = None,
) -> MeetingSeries:
    """Does what `ask` (one of `series_changes.asked_…`) makes of the series as it now is. Raises what `ask` raises, and StaleVersion."""
    asked = ask(series_changes.locked_series(series, expected_version))
    done = series_changes.carry_out(actor=actor, asked=asked, reason=reason)
    for meeting in done.cancelled:
        hand_over_all(actor, meeting)
    for meeting in done.restored:
        take_back_all(actor, meeting)
    return done.series
