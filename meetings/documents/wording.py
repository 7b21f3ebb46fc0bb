"""How documents word dates, times, counts and states, in the language that is active."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from meetings.documents.content import (
    ActionState,
    CorrectionState,
    Count,
    Interval,
    ItemKind,
    ItemState,
    MeetingHead,
    MinutesState,
    PollOutcome,
    Presence,
    Secrecy,
    Thresholds,
)
from meetings.typography import date_in_words

SEPARATOR: Final = " · "
THIRD_DEFERRAL: Final = 3
T = TypeVar("T")


def _by_member(pairs: Iterable[tuple[StrEnum, T]]) -> Mapping[tuple[type[StrEnum], str], T]:
    """Members of different enumerations are equal when their values are: the key needs the enumeration too."""
    return {(type(member), member.value): words for member, words in pairs}


_WORDS: Final[Mapping[tuple[type[StrEnum], str], str | Promise]] = _by_member(
    [
        (MinutesState.DRAFT, gettext_lazy("Draft, not approved")),
        (MinutesState.IN_CORRECTION, gettext_lazy("Open for corrections, not approved")),
        (MinutesState.APPROVED, gettext_lazy("Approved")),
        (MinutesState.PUBLISHED, gettext_lazy("Approved and published")),
        (Presence.PRESENT, pgettext_lazy("attendance", "present")),
        (Presence.SUBSTITUTE, pgettext_lazy("attendance", "substitute")),
        (Presence.REGRETS, pgettext_lazy("attendance", "regrets")),
        (Presence.ABSENT, pgettext_lazy("attendance", "absent")),
        (ItemKind.INFORMATION, gettext_lazy("Information")),
        (ItemKind.DISCUSSION, gettext_lazy("Discussion")),
        (ItemKind.DECISION, gettext_lazy("Decision")),
        (ItemKind.CONSENT, gettext_lazy("Consent")),
        (ItemState.ACCEPTED, gettext_lazy("On the agenda")),
        (ItemState.DISCUSSED, gettext_lazy("Discussed")),
        (ItemState.NOT_REACHED, gettext_lazy("Not reached")),
        (ItemState.POSTPONED, gettext_lazy("Postponed")),
        (ItemState.WITHDRAWN, gettext_lazy("Withdrawn")),
        (Secrecy.NAMED, gettext_lazy("Named vote")),
        (Secrecy.SECRET, gettext_lazy("Secret vote")),
        (Secrecy.SILENT_ASSENT, gettext_lazy("Silent assent")),
        (PollOutcome.ADOPTED, gettext_lazy("Adopted")),
        (PollOutcome.REJECTED, gettext_lazy("Not adopted")),
        (PollOutcome.ADVISORY, gettext_lazy("Advisory only: there was no quorum")),
        (PollOutcome.UNDECIDED, gettext_lazy("No decision")),
        (PollOutcome.UNPUBLISHED, gettext_lazy("Not published")),
        (ActionState.OPEN, pgettext_lazy("action item", "Open")),
        (ActionState.IN_PROGRESS, gettext_lazy("In progress")),
        (ActionState.DONE, gettext_lazy("Done")),
        (ActionState.DROPPED, gettext_lazy("Dropped")),
        (CorrectionState.PENDING, gettext_lazy("Not decided yet")),
        (CorrectionState.ACCEPTED, gettext_lazy("Accepted")),
        (CorrectionState.REJECTED, gettext_lazy("Rejected")),
    ]
)
# Shapes differ by form, not by colour; the word always stands beside them.
_SHAPES: Final = _by_member(
    [
        (Presence.PRESENT, "●"),
        (Presence.SUBSTITUTE, "◐"),
        (Presence.REGRETS, "○"),
        (Presence.ABSENT, "–"),
        (ActionState.OPEN, "○"),
        (ActionState.IN_PROGRESS, "◐"),
        (ActionState.DONE, "●"),
        (ActionState.DROPPED, "✕"),
        (PollOutcome.ADOPTED, "✓"),
        (PollOutcome.REJECTED, "✕"),
        (PollOutcome.ADVISORY, "◇"),
        (PollOutcome.UNDECIDED, "◇"),
        (PollOutcome.UNPUBLISHED, "◇"),
    ]
)
OVERDUE_SHAPE: Final = "▲"


def word(state: StrEnum) -> str:
    """The state in words."""
    return str(_WORDS[type(state), state.value])


def shape(state: StrEnum) -> str:
    """The sign that goes with the word."""
    return _SHAPES[type(state), state.value]


def long_date(value: date) -> str:
    """Thursday 19 November 2026."""
    return date_in_words(value, "l j F Y")


def short_date(value: date) -> str:
    """19 Nov 2026: no order of numbers to mistake."""
    return date_in_words(value, "j M Y")


def clock_time(instant: datetime, zone: str) -> str:
    """Local time, 10:00."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def local_date(instant: datetime, zone: str) -> str:
    """The long date of an instant where the zone is."""
    return long_date(instant.astimezone(ZoneInfo(zone)))


def zone_name(instant: datetime, zone: str) -> str:
    """Europe/Rome, CET: the zone and what its clocks show on that day."""
    return f"{zone}, {instant.astimezone(ZoneInfo(zone)).tzname()}"


def date_and_time(instant: datetime, zone: str) -> str:
    """Thursday 19 November 2026, 10:00 (Europe/Rome, CET)."""
    return f"{local_date(instant, zone)}, {clock_time(instant, zone)} ({zone_name(instant, zone)})"


def meeting_times(meeting: MeetingHead, zone: str) -> str:
    """10:00–11:30 (Europe/Rome, CET)."""
    times = clock_time(meeting.starts_at, zone)
    if meeting.ends_at:
        times += f"–{clock_time(meeting.ends_at, zone)}"
    return f"{times} ({zone_name(meeting.starts_at, zone)})"


def interval(span: Interval, zone: str) -> str:
    """10:00–11:30, or from 10:00 while it has no end."""
    end = clock_time(span.ends_at, zone) if span.ends_at else ""
    return f"{clock_time(span.starts_at, zone)}–{end}"


def speaking_time(seconds: int) -> str:
    """3:05, in minutes and seconds; 1:03:05 from an hour on."""
    hours, rest = divmod(max(seconds, 0), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def minutes(number: int) -> str:
    """15 min."""
    return _("%(number)s min") % {"number": number}


def number(value: int) -> str:
    """With the language's thousands separator."""
    return str(formats.number_format(value, use_l10n=True, force_grouping=True))


def percentage(share: Fraction) -> str:
    """Two decimals, rounded down, so that a missed threshold never looks reached; the exact fraction stands beside it."""
    exact = Decimal(share.numerator) * 100 / Decimal(share.denominator)
    return f"{formats.number_format(exact.quantize(Decimal('0.01'), ROUND_DOWN), use_l10n=True)} %"


def share(votes: int, seats: int) -> str:
    """104/312 = 33.33 %: the exact fraction first. Without seats there is no share."""
    if not seats:
        return number(votes)
    return f"{number(votes)}/{number(seats)} = {percentage(Fraction(votes, seats))}"


def municipalities(count: int) -> str:
    return ngettext("%(count)s municipality", "%(count)s municipalities", count) % {"count": number(count)}


def population(count: int) -> str:
    return _("%(count)s inhabitants") % {"count": number(count)}


def two_keys(count: Count) -> str:
    """210 municipalities · 1,900,000 inhabitants."""
    words = [municipalities(count.municipalities)]
    if count.population is not None:
        words.append(population(count.population))
    return SEPARATOR.join(words)


def thresholds(limits: Thresholds) -> str:
    """At least 1/3 of the municipalities and more than 1/2 of the population."""
    return _("at least %(municipalities)s of the municipalities and more than %(population)s of the population") % {
        "municipalities": limits.municipalities,
        "population": limits.population,
    }


def threshold_of_municipalities(limits: Thresholds) -> str:
    """At least 1/3 of the municipalities."""
    return _("at least %(municipalities)s of the municipalities") % {"municipalities": limits.municipalities}


def language_name(code: str) -> str:
    """Italian, in the active language; the code itself for a language that Django does not know."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def deferrals(count: int) -> str:
    """How often it was deferred; the third time and later are flagged by a sign and a word."""
    words = ngettext("deferred once", "deferred %(times)s times", count) % {"times": count}
    return f"{OVERDUE_SHAPE} {words}" if count >= THIRD_DEFERRAL else words
