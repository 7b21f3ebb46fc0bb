"""The look, in one place: page, colours, sizes, styles. All lengths in points."""

from typing import Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from meetings.documents.pdf import fonts

PAGE: Final = A4
MARGIN: Final = 20 * mm
TOP: Final = 24 * mm
BOTTOM: Final = 22 * mm
WIDTH: Final = PAGE[0] - 2 * MARGIN
HEIGHT: Final = PAGE[1] - TOP - BOTTOM

INK: Final[Color] = HexColor(0x17202A)
QUIET: Final[Color] = HexColor(0x56616C)
RULE: Final[Color] = HexColor(0xC9D0D6)
ACCENT: Final[Color] = HexColor(0x0B4F8A)
TINT: Final[Color] = HexColor(0xF1F5F9)
BAR: Final[Color] = HexColor(0x5B8DB8)
TRACK: Final[Color] = HexColor(0xE4E9EE)

SMALL: Final = 8
SPACE: Final = 6
CELL_PADDING: Final = 2.5
RULE_WIDTH: Final = 0.5


def style(
    name: str,
    size: float,
    leading: float,
    *,
    font: str = fonts.REGULAR,
    colour: Color = INK,
    before: float = 0,
    after: float = 0,
    right: bool = False,
) -> ParagraphStyle:
    """A paragraph style in which no font is left to reportlab's defaults, which are not embedded."""
    return ParagraphStyle(
        name,
        fontName=font,
        bulletFontName=font,
        fontSize=size,
        bulletFontSize=size,
        leading=leading,
        textColor=colour,
        bulletColor=colour,
        splitLongWords=1,
        allowWidows=0,
        allowOrphans=0,
        uriWasteReduce=0,
        embeddedHyphenation=0,
        spaceBefore=before,
        spaceAfter=after,
        alignment=TA_RIGHT if right else TA_LEFT,
    )


BODY: Final = style("body", 10, 14, after=4)
QUIET_BODY: Final = style("quiet", 9, 12.5, colour=QUIET, after=4)
OVERLINE: Final = style("overline", 10, 13, font=fonts.SEMIBOLD, colour=ACCENT)
SUBTITLE: Final = style("subtitle", 11, 15, colour=QUIET)
HEADINGS: Final = (
    style("h1", 21, 25, font=fonts.SEMIBOLD, after=2),
    style("h2", 14, 18, font=fonts.SEMIBOLD, colour=ACCENT, before=16, after=6),
    style("h3", 11, 15, font=fonts.SEMIBOLD, before=10, after=3),
)
LABEL: Final = style("label", 8.5, 11.5, font=fonts.SEMIBOLD, colour=QUIET)
VALUE: Final = style("value", 9.5, 12.5)
CELL: Final = style("cell", 8.5, 11)
CELL_STRONG: Final = style("cell strong", 8.5, 11, font=fonts.SEMIBOLD)
CELL_NUMBER: Final = style("cell number", 8.5, 11, right=True)
CELL_SHAPE: Final = style("cell shape", 8.5, 11, font=fonts.FALLBACK, colour=ACCENT)
DENSE: Final = style("dense", 8, 10)
DENSE_STRONG: Final = style("dense strong", 8, 10, font=fonts.SEMIBOLD)
DENSE_SHAPE: Final = style("dense shape", 8, 10, font=fonts.FALLBACK, colour=ACCENT)
HEAD: Final = style("head", 8, 10.5, font=fonts.SEMIBOLD, colour=QUIET)
HEAD_NUMBER: Final = style("head number", 8, 10.5, font=fonts.SEMIBOLD, colour=QUIET, right=True)
BOX_TITLE: Final = style("box title", 9.5, 13, font=fonts.SEMIBOLD, colour=ACCENT)
DIGEST: Final = style("digest", 8, 11, colour=QUIET)
