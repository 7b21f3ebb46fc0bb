"""Filters of the session's pages: counts, times and states as people read them."""

from datetime import timedelta

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

STATES = {
    "accepted": "neutral",
    "discussed": "done",
    "not_reached": "warning",
    "postponed": "warning",
    "waiting": "neutral",
    "speaking": "live",
    "open": "info",
    "in_progress": "info",
    "done": "success",
    "dropped": "done",
    "draft": "neutral",
    "in_correction": "info",
    "approved": "success",
    "published": "success",
    "carried": "success",
    "not_carried": "danger",
    "scheduled": "neutral",
    "agenda_published": "info",
    "in_session": "live",
    "closed": "done",
    "cancelled": "danger",
}


@register.filter
def thousands(number: int) -> str:
    """A count with the language's separators: 2.219.206."""
    return number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def badge_kind(state: str) -> str:
    """The badge that goes with a state."""
    return STATES.get(state, "neutral")


@register.filter
def minutes_of(duration: timedelta) -> str:
    """A duration in whole minutes, in words."""
    minutes = int(duration.total_seconds() // 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@register.filter
def over_by(duration: timedelta) -> str:
    """By how much a time box is exceeded, in words."""
    return _("over by %(time)s") % {"time": minutes_of(duration)}
