"""What each document shows, as plain frozen data: no models, no layout, no reportlab.

A selector fills one of `MinutesContent`, `AgendaContent`, `ActionTrackerContent`; a `*_pdf.py` or `*_csv.py` prints it.
The rules for whoever fills them:

- every instant is an aware datetime (UTC will do): it is printed as wall time in `NetworkHead.time_zone`;
- every text is the author's own, raw: printing makes it safe. `text` fields are the Markdown subset, other strings are one line;
- sequences come in the order in which they are to be printed, unless the field says that printing groups them;
- an absent value is `None` or `""`, never a dash or a translated word.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction


class MinutesState(StrEnum):
    DRAFT = "draft"
    IN_CORRECTION = "in_correction"
    APPROVED = "approved"
    PUBLISHED = "published"


class Presence(StrEnum):
    PRESENT = "present"
    SUBSTITUTE = "substitute"
    REGRETS = "regrets"
    ABSENT = "absent"


class ItemKind(StrEnum):
    INFORMATION = "information"
    DISCUSSION = "discussion"
    DECISION = "decision"
    CONSENT = "consent"


class ItemState(StrEnum):
    ACCEPTED = "accepted"
    DISCUSSED = "discussed"
    NOT_REACHED = "not_reached"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"


class Secrecy(StrEnum):
    NAMED = "named"
    SECRET = "secret"  # noqa: S105 (a kind of vote)
    SILENT_ASSENT = "silent_assent"


class PollOutcome(StrEnum):
    ADOPTED = "adopted"
    REJECTED = "rejected"
    ADVISORY = "advisory"
    UNDECIDED = "undecided"
    UNPUBLISHED = "unpublished"


class ActionState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


class CorrectionState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class NetworkHead:
    """The coordinating body. `arms` is a PNG or JPEG image; without one a typographic mark is printed."""

    name: str
    time_zone: str
    arms: bytes | None = None


@dataclass(frozen=True, slots=True)
class MeetingHead:
    """One meeting. `starts_at` and `ends_at` are the real times in minutes, the planned ones in an agenda."""

    title: str
    number: str
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A two-key count. `population` is None where it would expose a secret vote."""

    municipalities: int
    population: int | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of all seats valid that day: municipalities *at least* the first, population *more than* the second."""

    municipalities: Fraction
    population: Fraction


@dataclass(frozen=True, slots=True)
class QuorumReading:
    """Who was represented at one instant. `occasion` is the author's word for it, such as an item's title; may be empty."""

    at: datetime
    present: Count
    reached: bool
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class Quorum:
    """Quorum over time: at opening, at each poll, at closing and whenever it was gained or lost."""

    seats: Count
    thresholds: Thresholds
    readings: tuple[QuorumReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """`ends_at` is None while the seat is still present."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeatAttendance:
    """One municipality. The reason for regrets has no field here on purpose: it is never printed."""

    municipality: str
    status: Presence
    person: str = ""
    office: str = ""
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneAttendance:
    """`number` is the zone's number, empty for municipalities without a zone."""

    number: str
    name: str
    seats: tuple[SeatAttendance, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaking time of one person on one item, in seconds."""

    municipality: str
    person: str
    seconds: int


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A question; an empty `answer` prints as not answered yet."""

    asked_by: str
    text: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """`number` is the number per network and year, such as "12/2026"."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class ChoiceResult:
    """`in_favour` marks the choices whose share is measured against the thresholds."""

    label: str
    votes: Count
    in_favour: bool = False


@dataclass(frozen=True, slots=True)
class NamedVote:
    """One seat's vote, for the annex. `choice` is the label of a `ChoiceResult`; printing groups by it."""

    municipality: str
    choice: str
    person: str = ""
    by_phone: bool = False


@dataclass(frozen=True, slots=True)
class PollResult:
    """A closed poll. Shares are votes ÷ `seats` (all seats valid that day, whatever the roll).

    A secret poll has `population=None` in every count and no `named_votes`; until its result is published no `choices` either, only
    `turnout`. Silent assent has one choice, the objection.
    """

    question: str
    secrecy: Secrecy
    seats: Count
    choices: tuple[ChoiceResult, ...]
    outcome: PollOutcome
    thresholds: Thresholds | None = None
    named_votes: tuple[NamedVote, ...] = ()
    turnout: int | None = None
    block: tuple[str, ...] = ()
    """The numbers of the items that it decided together."""


@dataclass(frozen=True, slots=True)
class MinutedItem:
    """One agenda item with all that was said, asked, voted and decided on it."""

    number: str
    title: str
    kind: ItemKind
    state: ItemState
    proposers: tuple[str, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    questions: tuple[QuestionAnswered, ...] = ()
    decisions: tuple[DecisionRecord, ...] = ()
    polls: tuple[PollResult, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action item. `overdue` is the selector's judgement on its own date; `zone` is "5 · Pinerolese" or empty."""

    number: str
    title: str
    municipality: str
    state: ActionState
    person: str = ""
    zone: str = ""
    due_on: date | None = None
    overdue: bool = False
    progress: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CarriedOverItem:
    """An item that goes on to `meeting` (empty: the backlog). `deferrals` counts this one too; the third is flagged."""

    number: str
    title: str
    state: ItemState
    deferrals: int
    meeting: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionRecord:
    """A correction that was asked for: what was wrong, what it should say, and the answer to it."""

    asked_by: str
    text: str
    state: CorrectionState
    item_number: str = ""
    proposed: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """An earlier edition of the same minutes: when it was sealed, the digest of its file, and why it was begun (empty for the first)."""

    number: int
    sealed_at: datetime | None
    digest: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Filled once the chair has approved; `meeting` names the meeting at which it happened."""

    approved_at: datetime
    approved_by: str
    meeting: str = ""


@dataclass(frozen=True, slots=True)
class MinutesContent:
    """The minutes of one meeting, one edition.

    `introduction` is what the minutes say before their first item (Markdown subset); may be empty. `edition_reason` says why there is
    this edition (empty for the first); `earlier` are those before it.
    `content_digest` and `log_head` are hexadecimal. `sealed_language` is the language of the sealed edition: where it is
    set and not `language`, the document says that it is a translation.
    """

    network: NetworkHead
    meeting: MeetingHead
    state: MinutesState
    edition: int
    chair: str
    secretary: str
    attendance: tuple[ZoneAttendance, ...]
    quorum: Quorum
    items: tuple[MinutedItem, ...]
    actions: tuple[ActionRow, ...]
    carried_over: tuple[CarriedOverItem, ...]
    corrections: tuple[CorrectionRecord, ...]
    approval: Approval | None
    content_digest: str
    log_head: str
    generated_at: datetime
    language: str
    sealed_language: str = ""
    introduction: str = ""
    edition_reason: str = ""
    earlier: tuple[EditionRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class CarriedOverMark:
    """Why an item is on the agenda again: since which meeting, how many days ago, how often deferred."""

    meeting: str
    days: int
    deferrals: int


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One item of the running order. `starts_at` is computed by the selector (time boxes and breaks before it)."""

    number: str
    title: str
    kind: ItemKind
    minutes: int
    starts_at: datetime | None = None
    proposers: tuple[str, ...] = ()
    text: str = ""
    attachments: tuple[str, ...] = ()
    carried_over: CarriedOverMark | None = None
    addendum: bool = False


@dataclass(frozen=True, slots=True)
class AgendaContent:
    """The agenda of one meeting; `published_at` is None for a provisional one, printed as such."""

    network: NetworkHead
    meeting: MeetingHead
    items: tuple[AgendaEntry, ...]
    published_at: datetime | None
    intake_closes_at: datetime | None
    join_url: str
    phone: str
    phone_pin: str
    generated_at: datetime
    language: str
    struck: tuple[str, ...] = ()
    """Items that stood on the published agenda and were struck from it, each with its number."""


@dataclass(frozen=True, slots=True)
class ActionTrackerContent:
    """Action items of a network. Printing groups them: overdue first, then by zone and municipality, each by due date.

    `scope` says which ones these are, such as a zone's or a municipality's name; empty: all of the network's.
    """

    network: NetworkHead
    rows: tuple[ActionRow, ...]
    as_of: date
    generated_at: datetime
    language: str
    scope: str = ""
