"""How long ago somebody has signed in: what opens another way in is for who has just shown who they are."""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from meetings import clock
from meetings.errors import NotAllowed

FRESH = timedelta(minutes=15)
KEY = "signed_in_at"
"""In the session: seconds since 1970. One that is older than this rule has none, and counts as signed in long ago."""


def noted(*, request: Any, **_more: Any) -> None:
    """Django's signal of a sign-in, by whatever way: a code, a passkey, another server, the demo's button."""
    request.session[KEY] = clock.now().timestamp()
    request.session.set_expiry(None)  # what leads to the sign-in leaves a short one


def is_fresh(session: SessionBase) -> bool:
    """Whether whose session it is has signed in within the last 15 minutes."""
    return bool(clock.now().timestamp() - session.get(KEY, 0) < FRESH.total_seconds())


def require_fresh(session: SessionBase) -> None:
    """Raises NotAllowed `sign_in_again`."""
    if not is_fresh(session):
        raise NotAllowed("sign_in_again", _("Sign in again first: this is for whoever has signed in within the last 15 minutes."))
