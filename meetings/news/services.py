"""Looking at the news."""

from datetime import datetime

from django.db import IntegrityError, transaction

from meetings import clock
from meetings.access import Actor
from meetings.news.models import NewsMark


@transaction.atomic
def see(*, actor: Actor, until: datetime | None = None) -> datetime:
    """What happened until then (now, when nothing is said) is not new any more. Returns until when the person has looked now.

    It never goes back, and never beyond now: what comes in while the page is open stays new.
    """
    now = clock.now()
    wanted = min(until or now, now)
    if actor.user_id is None:
        return wanted
    mine = NewsMark.objects.filter(user=actor.user_id, network=actor.network_id)
    mark = mine.select_for_update().first()
    if mark is None:
        try:
            with transaction.atomic():
                NewsMark.objects.create(user_id=actor.user_id, network_id=actor.network_id, seen_at=wanted)
                return wanted
        except IntegrityError:  # seen in two windows at once
            mark = mine.select_for_update().get()
    if wanted > mark.seen_at:
        mark.seen_at = wanted
        mark.save(update_fields=["seen_at"])
    return mark.seen_at
