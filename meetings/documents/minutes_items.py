"""The part of the minutes that tells, item by item, what was said, asked, voted and decided."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.platypus import Flowable

from meetings.documents import wording
from meetings.documents.content import ChoiceResult, DecisionRecord, MinutedItem, PollResult, QuestionAnswered, Secrecy
from meetings.documents.furnishing import joined, quiet
from meetings.documents.pdf import design, flowables, markdown
from meetings.documents.pdf.flowables import Bar, Cell, Column
from meetings.documents.pdf.text import Typesetter


def item(typesetter: Typesetter, minuted: MinutedItem) -> list[Flowable]:
    """One item under its own heading."""
    proposers = _("proposed by %(names)s") % {"names": ", ".join(minuted.proposers)} if minuted.proposers else ""
    facts = joined([wording.word(minuted.kind), wording.word(minuted.state), proposers])
    story: list[Flowable] = [*flowables.h2(typesetter, f"{minuted.number}. {minuted.title}"), quiet(typesetter, facts)]
    story += markdown.paragraphs(typesetter, minuted.text, design.BODY)
    story += _notes(typesetter, minuted)
    story += _speakers(typesetter, minuted)
    story += _questions(typesetter, minuted)
    for result in minuted.polls:
        story += _poll(typesetter, result)
    for decision in minuted.decisions:
        story += _decision(typesetter, decision)
    return story


def _notes(typesetter: Typesetter, minuted: MinutedItem) -> list[Flowable]:
    if not minuted.notes:
        return []
    paragraphs = [paragraph for note in minuted.notes for paragraph in markdown.paragraphs(typesetter, note, design.BODY)]
    return [*flowables.h3(typesetter, _("Notes")), *paragraphs]


def _speakers(typesetter: Typesetter, minuted: MinutedItem) -> list[Flowable]:
    if not minuted.speakers:
        return []
    columns = [Column(_("Municipality"), 35), Column(_("Speaker"), 50), Column.of_numbers(_("Speaking time"), 15)]
    rows = [(speaker.municipality, speaker.person, wording.speaking_time(speaker.seconds)) for speaker in minuted.speakers]
    return [*flowables.h3(typesetter, _("Speakers")), *flowables.table(typesetter, columns, rows)]


def _questions(typesetter: Typesetter, minuted: MinutedItem) -> list[Flowable]:
    if not minuted.questions:
        return []
    story = flowables.h3(typesetter, _("Questions and answers"))
    for question in minuted.questions:
        story += _question(typesetter, question)
    return story


def _question(typesetter: Typesetter, question: QuestionAnswered) -> list[Flowable]:
    asked = _("Question from %(name)s") % {"name": question.asked_by} if question.asked_by else _("Question")
    story: list[Flowable] = [typesetter.line(asked, design.LABEL), *markdown.paragraphs(typesetter, question.text, design.BODY)]
    if not question.answer:
        return [*story, quiet(typesetter, _("Not answered yet."))]
    return [*story, typesetter.line(_("Answer"), design.LABEL), *markdown.paragraphs(typesetter, question.answer, design.BODY)]


def _decision(typesetter: Typesetter, decision: DecisionRecord) -> list[Flowable]:
    title = typesetter.line(_("Decision %(number)s") % {"number": decision.number}, design.BOX_TITLE)
    return flowables.box([title, *markdown.paragraphs(typesetter, decision.text, design.BODY)])


def _poll(typesetter: Typesetter, result: PollResult) -> list[Flowable]:
    two_keyed = result.secrecy != Secrecy.SECRET
    columns = [Column(_("Choice"), 19, design.CELL_STRONG), *_key_columns(_("Municipalities"), 20)]
    if two_keyed:
        columns += _key_columns(_("Population represented"), 32)
    rows = [_choice(result, choice, flowables.width_of(columns, 2), two_keyed) for choice in result.choices]
    outcome = f"{wording.shape(result.outcome)} {wording.word(result.outcome)}"
    return [
        *flowables.h3(typesetter, _("Vote: %(question)s") % {"question": result.question}),
        quiet(typesetter, _measure(result)),
        *(flowables.table(typesetter, columns, rows) if rows else []),
        flowables.gap(4),
        typesetter.line(_("Result: %(outcome)s") % {"outcome": outcome}, design.BOX_TITLE),
    ]


def _key_columns(heading: str, width: float) -> list[Column]:
    """The figures of one key and, beside them, their bar."""
    return [Column(heading, width), Column("", 15)]


def _measure(result: PollResult) -> str:
    """What the shares are shares of, what had to be reached, and where the single votes are."""
    parts = [wording.word(result.secrecy), _("shares of all seats: %(seats)s") % {"seats": wording.two_keys(result.seats)}]
    if result.thresholds:
        limits = result.thresholds
        needed = wording.thresholds(limits) if result.secrecy != Secrecy.SECRET else wording.threshold_of_municipalities(limits)
        parts.append(_("needed: %(thresholds)s") % {"thresholds": needed})
    if result.turnout is not None:
        parts.append(_("voted: %(municipalities)s") % {"municipalities": wording.municipalities(result.turnout)})
    if result.block:
        parts.append(_("items decided together: %(numbers)s") % {"numbers": ", ".join(result.block)})
    if result.named_votes:
        votes = len(result.named_votes)
        parts.append(ngettext("%(count)s vote by name in the annex", "%(count)s votes by name in the annex", votes) % {"count": votes})
    return joined(parts)


def _choice(result: PollResult, choice: ChoiceResult, length: float, two_keyed: bool) -> list[Cell]:
    limits = result.thresholds if choice.in_favour else None
    votes, seats = choice.votes, result.seats
    row: list[Cell] = [choice.label]
    row += _key(votes.municipalities, seats.municipalities, limits.municipalities if limits else None, length)
    if two_keyed:
        row += _key(votes.population or 0, seats.population or 0, limits.population if limits else None, length)
    return row


def _key(votes: int, seats: int, threshold: Fraction | None, length: float) -> list[Cell]:
    return [wording.share(votes, seats), Bar(Fraction(votes, seats) if seats else Fraction(0), threshold, length=length)]
