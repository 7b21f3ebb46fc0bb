"""The sessions of one person. A session does not say in a column whose it is, so all live ones are looked through: it is rarely asked."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from meetings import clock
from meetings.network.models import User


def end_others(user: User, kept: str | None) -> int:
    """Ends the person's sessions but `kept`, and with them the sockets that they opened; how many."""
    live = Session.objects.filter(expire_date__gt=clock.now()).exclude(session_key=kept or "")
    mine = [row.session_key for row in live.iterator() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    return Session.objects.filter(session_key__in=mine).delete()[0]
