"""Gathers each slice's letters, so that the outbox knows every kind of mail; nothing else."""

from meetings.action_items import letters as action_items  # noqa: F401
from meetings.agenda import letters as agenda  # noqa: F401
from meetings.announcements import letters as announcements  # noqa: F401
from meetings.live import letters as live  # noqa: F401
from meetings.minutes import letters as minutes  # noqa: F401
from meetings.network import letters as network  # noqa: F401
from meetings.notifications import account_letters  # noqa: F401
from meetings.privacy import letters as privacy  # noqa: F401
from meetings.scheduling import letters as scheduling  # noqa: F401
from meetings.scheduling import seat_letters, weekly_letters  # noqa: F401
