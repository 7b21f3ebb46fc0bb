"""Emptying a demo database."""

from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from meetings.errors import NotAllowed
from meetings.events import triggers


def empty_database() -> None:
    """Deletes every row, the log's too. Raises NotAllowed where the demo is not on: real records are never deleted this way."""
    if not settings.DEMO:
        raise NotAllowed("not_a_demo", _("Only a demo can be reset: set DEMO=1."))
    triggers.remove()
    try:
        call_command("flush", interactive=False, verbosity=0)
    finally:
        triggers.install()
