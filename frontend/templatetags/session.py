"""Template tags of the session: how long things take, how votes came out."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.live.models import Poll

register = template.Library()


@register.filter
def minutes_of(duration: timedelta) -> str:
    """A duration in whole minutes, in words."""
    minutes = int(duration.total_seconds() // 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@register.filter
def as_clock(seconds: int) -> str:
    """Seconds as 4:05."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.filter
def over_by(duration: timedelta) -> str:
    """By how much a time box is exceeded, in words."""
    return _("over by %(time)s") % {"time": minutes_of(duration)}


@register.inclusion_tag("partials/badge.html")
def outcome(poll: Poll) -> dict[str, object]:
    """How a closed vote came out, as a badge."""
    return {"label": poll.get_outcome_display(), "kind": "success" if poll.outcome == Poll.Outcome.CARRIED else "warning"}


@register.inclusion_tag("partials/bar.html")
def bar(label: str, percent: float, line: float | None = None, is_motion: bool = False, without_line: bool = False) -> dict[str, object]:
    """A share as a bar, with the threshold on the motion's. Without a label the figure beside it says the same."""
    shown = line if is_motion and not without_line else None
    return {"label": label, "percent": percent, "line": shown, "kind": "bar-motion" if is_motion else "bar-part"}
