"""The safe text layer: from any string to reportlab paragraphs and cells, literally.

User text never reaches reportlab's markup parser, which would open local files (`<img src="/path">`), follow any link
and fail on an unclosed tag. Paragraphs are built from ready fragments instead. Lengths are capped, since reportlab's
line breaking is quadratic in the length of a word.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Paragraph
from reportlab.platypus.paraparser import ParaFrag

from meetings.documents.pdf import design, fonts

NAME_LIMIT: Final = 400
LINE_LIMIT: Final = 6_000  # the names of all proposers of an item still fit
BLOCK_LIMIT: Final = 20_000
WORD_LIMIT: Final = 120
CUT_MARK: Final = " […]"
EMPTY: Final = "\N{NO-BREAK SPACE}"  # so that a bullet without text is drawn
_JOINERS = "\u200c\u200d"
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LONG_WORD = re.compile(rf"\S{{{WORD_LIMIT}}}(?=\S)")
_BOLD = {fonts.REGULAR: fonts.SEMIBOLD, fonts.ITALIC: fonts.SEMIBOLD_ITALIC}
_SLANTED = {fonts.REGULAR: fonts.ITALIC, fonts.SEMIBOLD: fonts.SEMIBOLD_ITALIC}


@dataclass(slots=True)
class Findings:
    """What could not be printed as written; filled while a document is set.

    `missing`: characters without a glyph, replaced. `shortened`: some text was cut at its cap. `right_to_left`: some
    text is in a right-to-left script, which is printed in logical order.
    """

    missing: set[str] = field(default_factory=set)
    shortened: bool = False
    right_to_left: bool = False

    def __bool__(self) -> bool:
        return bool(self.missing) or self.shortened or self.right_to_left


class Span(NamedTuple):
    """A stretch of clean text. `link` is an address with an allowed scheme; `breaks` ends the line after it."""

    text: str
    strong: bool = False
    emphasis: bool = False
    link: str = ""
    breaks: bool = False


def _kept(character: str) -> str:
    if character in _JOINERS or character == "\n":
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return fonts.REPLACEMENT
    if category == "Cc":
        return " " if character == "\t" else ""
    return "" if category == "Cf" else character


def clean(text: str) -> str:
    """NFC, line ends as LF, without control and formatting characters (bidi overrides too) but the two joiners."""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    return text if text.isprintable() else "".join(map(_kept, text))


class Typesetter:
    """Makes paragraphs and cells of user text for one document and notes its findings."""

    def __init__(self) -> None:
        self.findings = Findings()

    def capped(self, text: str, limit: int) -> str:
        """Clean `text`, at most `limit` characters, with a mark where it was cut."""
        cut = len(text) > limit
        text = clean(text[:limit])
        if cut:
            self.findings.shortened = True
            text += CUT_MARK
        if not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
            self.findings.right_to_left = True
        return text

    def one_line(self, text: str, limit: int = LINE_LIMIT) -> str:
        """Clean and capped, every run of white space as one space."""
        return " ".join(self.capped(text, limit).split())

    def name(self, text: str) -> str:
        """One line that stands where there is little room: a title, a heading, a running head."""
        return self.one_line(text, NAME_LIMIT)

    def runs(self, text: str, font: str) -> list[fonts.Run]:
        """Clean text as runs by font, with a space in every overlong word."""
        return fonts.runs(_LONG_WORD.sub(r"\g<0> ", text), font, self.findings.missing)

    def line(self, text: str, style: ParagraphStyle) -> Paragraph:
        """One line of text, wrapped where it must be."""
        return self.spans([Span(self.one_line(text))], style)

    def spans(self, spans: Iterable[Span], style: ParagraphStyle, *, bullet: str = "") -> Paragraph:
        """A paragraph of clean spans; `bullet` is ours, never the user's."""
        frags = [frag for span in spans for frag in self._frags(span, style)]
        return Paragraph("", style, bulletText=bullet or None, frags=frags or [_frag(EMPTY, style, style.fontName)])

    def cell(self, text: str, style: ParagraphStyle, width: float) -> str | Paragraph:
        """A table cell of `width` points inside its padding: a plain string, eight times faster, where one will do."""
        text = self.one_line(text)
        if fonts.covers(style.fontName, text) and pdfmetrics.stringWidth(text, style.fontName, style.fontSize) <= width:
            return text
        return self.spans([Span(text)], style)

    def _frags(self, span: Span, style: ParagraphStyle) -> list[ParaFrag]:
        font = style.fontName
        if span.strong:
            font = _BOLD.get(font, font)
        if span.emphasis:
            font = _SLANTED.get(font, font)
        frags = [_frag(run.text, style, run.font, span.link) for run in self.runs(span.text, font)]
        if span.breaks:
            frags.append(_frag("", style, font, lineBreak=True))
        return frags


def _frag(text: str, style: ParagraphStyle, font: str, link: str = "", **more: Any) -> ParaFrag:
    """reportlab's own unit of text in one font, as its parser would have made it."""
    links = [(0, link)] if link else []
    colour = design.ACCENT if link else style.textColor
    return ParaFrag(text=text, fontName=font, fontSize=style.fontSize, textColor=colour, rise=0, us_lines=[], link=links, **more)
