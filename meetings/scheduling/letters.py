"""What mails about changes in the calendar say."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.notifications.letters import Context, Letter, letter, when
from meetings.scheduling import telling

SETTLE = timedelta(minutes=10)
LISTED = 12
"""How many meetings one mail names; of more it gives the number."""
News = Mapping[str, Any]


@letter(telling.MOVED, settle=SETTLE)
def moved(context: Context) -> Letter:
    change = _only(context)
    return Letter(
        subject=_("Moved: %(title)s no. %(number)s") % change,
        paragraphs=[
            _("A meeting has a new time. Subscribed calendars take it over by themselves."),
            _("An answer to the invitation stands; whoever cannot come at the new time should change it."),
        ],
        facts=[(_("Before"), _when(change["before"])), (_("Now"), _when(change["after"])), *_how_to_join(change)],
        quote=change["reason"],
        button=(_("See the meeting"), _link(change)),
    )


@letter(telling.CANCELLED, settle=SETTLE)
def cancelled(context: Context) -> Letter:
    change = _only(context)
    return Letter(
        subject=_("Cancelled: %(title)s no. %(number)s") % change,
        paragraphs=[
            _("This meeting is not held. Nothing needs to be done; subscribed calendars show it as cancelled."),
            _("What was proposed for it is kept, and goes on to the next meeting where there is one."),
        ],
        facts=[(_("It was planned for"), _when(change["before"]))],
        quote=change["reason"],
        button=(_("See the meeting"), _link(change)),
    )


@letter(telling.RESTORED, settle=SETTLE)
def restored(context: Context) -> Letter:
    change = _only(context)
    return Letter(
        subject=_("Held after all: %(title)s no. %(number)s") % change,
        paragraphs=[
            _("This meeting had been cancelled and is held after all."),
            _("An answer given before the cancellation stands; please check that it is still right."),
        ],
        facts=[(_("When"), _when(change["after"])), *_how_to_join(change)],
        quote=change["reason"],
        button=(_("See the meeting"), _link(change)),
    )


@letter(telling.SCHEDULED, settle=SETTLE)
def scheduled(context: Context) -> Letter:
    change = _only(context)
    return Letter(
        subject=_("New meeting: %(title)s no. %(number)s") % change,
        paragraphs=[_("A further meeting is planned. Please say who comes.")],
        facts=[(_("When"), _when(change["after"])), *_how_to_join(change)],
        quote=change["reason"],
        button=(_("Answer the invitation"), _link(change)),
    )


@letter(telling.JOIN_LINK, settle=SETTLE)
def join_link(context: Context) -> Letter:
    changes = context["changes"]
    more = ngettext("It holds for one meeting.", "It holds for %(n)s meetings.", len(changes)) % {"n": len(changes)}
    return Letter(
        subject=_("New way to join: %(title)s") % changes[0],
        paragraphs=[_("The link or the phone number to join by has changed. The old one may no longer work."), more],
        facts=[(_("When"), _when(changes[0]["after"])), *_how_to_join(changes[0])],
        button=(_("See the meeting"), _link(changes[0])),
    )


@letter(telling.SEVERAL, settle=SETTLE)
def several(context: Context) -> Letter:
    changes = context["changes"]
    left = len(changes) - LISTED
    more = ngettext("One further meeting has changed too.", "%(n)s further meetings have changed too.", left) % {"n": left}
    reasons = list(dict.fromkeys(change["reason"] for change in changes if change["reason"]))
    return Letter(
        subject=_("Changed dates: %(title)s") % changes[0],
        paragraphs=[
            _("Several meetings have changed. Subscribed calendars take it over by themselves."),
            _("An answer to an invitation stands; whoever cannot come at a new time should change it."),
        ],
        facts=[(_("No. %(number)s") % change, _in_words(change)) for change in changes[:LISTED]],
        quote="\n".join(reasons),
        button=(_("See the calendar"), _link(changes[0])),
        closing=[more] if left > 0 else [],
    )


def _only(context: Context) -> News:
    change: News = context["changes"][0]
    return change


def _when(shown: News) -> str:
    values = {"when": when(shown["starts_at"], shown["time_zone"]), "minutes": shown["duration_minutes"]}
    return _("%(when)s, %(minutes)s minutes") % values


def _how_to_join(change: News) -> list[tuple[str, str]]:
    after = change["after"]
    phone = _("%(phone)s, PIN %(pin)s") % {"phone": after["phone"], "pin": after["phone_pin"]} if after["phone_pin"] else after["phone"]
    return [(label, text) for label, text in ((_("Join link"), after["join_url"]), (_("Phone"), phone)) if text]


def _in_words(change: News) -> str:
    """One meeting of several."""
    before, after = change["before"], change["after"]
    if before is None:
        return _("new: %(after)s") % {"after": _when(after)}
    if not after["is_held"]:
        return _("cancelled: %(before)s") % {"before": _when(before)}
    if not before["is_held"]:
        return _("held after all: %(after)s") % {"after": _when(after)}
    if any(before[name] != after[name] for name in telling.WHEN):
        return _("%(after)s, before: %(before)s") % {"after": _when(after), "before": _when(before)}
    return _("another way to join: %(after)s") % {"after": _when(after)}


def _link(change: News) -> str:
    return f"/go/meeting/{change['meeting']}"
