"""What all three PDFs share: the notes about their text and the tail of the build."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable

from meetings.documents import wording
from meetings.documents.pdf import canvas, design, flowables
from meetings.documents.pdf.text import Typesetter

MISSING_SHOWN = 20

logger = logging.getLogger(__name__)


def quiet(typesetter: Typesetter, text: str) -> Flowable:
    """A paragraph in the voice of a note."""
    return typesetter.line(text, design.QUIET_BODY)


def joined(parts: Iterable[str]) -> str:
    """The parts that say something, with a middle dot between them."""
    return wording.SEPARATOR.join(filter(None, parts))


def _text_notes(typesetter: Typesetter) -> list[str]:
    """What the reader must know of texts that could not be printed as they were written."""
    findings = typesetter.findings
    notes = []
    if findings.missing:
        codes = [f"U+{ord(character):04X}" for character in sorted(findings.missing)]
        shown = ", ".join(codes[:MISSING_SHOWN]) + (" …" if len(codes) > MISSING_SHOWN else "")
        notes.append(
            _("Characters that the fonts of this document lack are shown as %(sign)s: %(codes)s.")
            % {"sign": "\N{REPLACEMENT CHARACTER}", "codes": shown}
        )
    if findings.shortened:
        notes.append(_("Texts that end in […] were too long to be printed in full."))
    if findings.right_to_left:
        notes.append(_("Text in right-to-left scripts is printed in the order in which it is stored."))
    return notes


def finish(typesetter: Typesetter, story: list[Flowable], furniture: canvas.Furniture, *, generated_at: datetime, zone: str) -> bytes:
    """Add the closing notes and build. What could not be printed as written is also logged."""
    made = _("Document made on %(moment)s.") % {"moment": wording.date_and_time(generated_at, zone)}
    notes = _text_notes(typesetter)
    if notes:
        logger.warning("%s: %s", typesetter.name(furniture.title), " ".join(notes))
    closing = [quiet(typesetter, note) for note in [made, *notes]]
    return canvas.build([*story, flowables.gap(14), *closing], furniture, typesetter)
