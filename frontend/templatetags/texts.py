"""Template tags of what people write and when things are: user texts, instants with their time zone, states by word and shape."""

import re
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from meetings import typography
from meetings.network.invited import Invited
from meetings.typography import date_in_words

register = template.Library()
_LINK = re.compile(r"(https?://|mailto:)\S+\Z", re.IGNORECASE)
KINDS = {
    "agenda_published": "info",
    "in_session": "live",
    "closed": "done",
    "cancelled": "danger",
    "draft": "neutral",
    "proposed": "info",
    "accepted": "success",
    "declined": "danger",
    "open": "info",
    "rejected": "danger",
    "deferred": "warning",
    "merged": "done",
    "withdrawn": "done",
    "discussed": "done",
    "not_reached": "warning",
    "postponed": "warning",
    "attending": "success",
    "substitute": "info",
    "regrets": "warning",
    "in_progress": "info",
    "done": "done",
    "dropped": "danger",
    "in_correction": "warning",
    "approved": "success",
    "published": "done",
    "announced": "warning",
    "confirmed": "success",
    "revoked": "danger",
    "ended": "done",
    "queued": "info",
    "sending": "info",
    "sent": "success",
    "undeliverable": "danger",
    "uncertain": "warning",
}


@cache
def _parser() -> MarkdownIt:
    """The subset that documents know too: paragraphs, emphasis, lists, links. HTML is shown as it was written."""
    parser = MarkdownIt("zero").enable(["list", "emphasis", "link", "autolink", "newline", "escape"])
    parser.options["breaks"] = True
    parser.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    return parser


@register.filter
def prose(text: str) -> SafeString:
    """A user's text (Markdown subset) as HTML; everything else in it is escaped by the parser."""
    html = str(_parser().render(text)).replace("<a href=", '<a rel="nofollow noopener" href=')
    return mark_safe(html)  # noqa: S308 - the parser escapes all markup and refuses other links


@register.simple_tag
def moment(instant: datetime | None, zone: str = "", form: str = "long") -> str:
    """An instant with its date, time and time zone, in `zone` (the network's when none is given).

    `form`: "long" Thursday 26 November 2026, 10:00 (Europe/Rome) · "listed" the same where the zone stands above the list ·
    "short" 26 Nov 2026, 10:00 · "time" 10:00.
    """
    if instant is None:
        return ""
    local = instant.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone())
    long, short = _("l j F Y, H:i"), _("j M Y, H:i")
    listed = date_in_words(local, long)
    texts = {"long": f"{listed} ({local.tzinfo})", "listed": listed, "short": date_in_words(local, short)}
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), texts.get(form) or f"{local:%H:%M}")


@register.filter
def day(value: date | None) -> str:
    """A date in words, without a time."""
    return date_in_words(value, _("j F Y")) if value else ""


@register.simple_tag
def mark(sign: str) -> str:
    """A colon, semicolon, question or exclamation mark between two things: French sets a no-break space before it."""
    return typography.mark(sign)


@register.inclusion_tag("partials/badge.html")
def state(row: Any, field: str = "state") -> dict[str, object]:
    """A row's state as a badge: its word in the reader's language, its shape by KINDS."""
    return {"label": getattr(row, f"get_{field}_display")(), "kind": KINDS.get(getattr(row, field), "neutral")}


@register.inclusion_tag("partials/badge.html")
def invited(row: Any) -> dict[str, object]:
    """What came of a person's invitation, as a badge."""
    shapes = {Invited.ACCEPTED: "success", Invited.SENT: "info", Invited.UNDELIVERABLE: "danger", Invited.EXPIRED: "warning"}
    return {"label": Invited(row.invitation_state).label, "kind": shapes.get(row.invitation_state, "neutral")}


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    return mapping.get(key) if mapping else None


@register.filter
def number(value: int) -> str:
    """A number with the language's separator of thousands."""
    return number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def weekday(value: int) -> str:
    """A weekday's name; 0 is Monday."""
    return str(WEEKDAYS.get(value, "")) if get_language() == "en" else str(WEEKDAYS.get(value, "")).lower()
