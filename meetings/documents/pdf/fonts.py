"""The embedded fonts and which of them can show a character.

reportlab drops what a font lacks without a word. So every text is split here into runs by coverage: the wanted font,
then a wide fallback, then a visible replacement, and what was replaced is told to the caller.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR = "Body"
SEMIBOLD = "Body-SemiBold"
ITALIC = "Body-Italic"
SEMIBOLD_ITALIC = "Body-SemiBoldItalic"
FALLBACK = "Fallback"
FALLBACK_BOLD = "Fallback-Bold"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_FOLDER = Path(__file__).parent / "fonts"
_FILES = {
    REGULAR: "TitilliumWeb-Regular.ttf",
    SEMIBOLD: "TitilliumWeb-SemiBold.ttf",
    ITALIC: "TitilliumWeb-Italic.ttf",
    SEMIBOLD_ITALIC: "TitilliumWeb-SemiBoldItalic.ttf",
    FALLBACK: "DejaVuSans.ttf",
    FALLBACK_BOLD: "DejaVuSans-Bold.ttf",
}
_FALLBACKS = {
    SEMIBOLD: (FALLBACK_BOLD, FALLBACK),
    SEMIBOLD_ITALIC: (FALLBACK_BOLD, FALLBACK),
}
_BFCHARS_PER_BLOCK = 100  # the limit of the CMap format


class Run(NamedTuple):
    """Characters to be drawn in one font."""

    font: str
    text: str


def _utf16(code: int) -> str:
    return chr(code).encode("utf-16-be", "surrogatepass").hex().upper()


def _to_unicode_cmap(fontname: str, subset: Sequence[int]) -> str:
    """reportlab's own maps unused codes to U+0000 and writes five digits outside the basic plane: both unreadable."""
    pairs = [f"<{index:02X}> <{_utf16(code)}>" for index, code in enumerate(subset) if code]
    blocks = [pairs[start : start + _BFCHARS_PER_BLOCK] for start in range(0, len(pairs), _BFCHARS_PER_BLOCK)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({fontname}) /Ordering ({fontname}) /Supplement 0 >> def",
        f"/CMapName /{fontname} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])


@cache
def _covered() -> dict[str, frozenset[str]]:
    """Register the fonts with reportlab, once per process; which characters each can show."""
    ttfonts.makeToUnicodeCMap = _to_unicode_cmap
    covered = {}
    for name, file in _FILES.items():
        font = ttfonts.TTFont(name, str(_FOLDER / file), asciiReadable=False)
        pdfmetrics.registerFont(font)
        covered[name] = frozenset(map(chr, font.face.charToGlyph))
    rl_config.canvas_basefontname = rl_config.defaultGraphicsFontName = REGULAR
    return covered


def register() -> None:
    """Make the fonts known to reportlab. Idempotent; text functions call it themselves."""
    _covered()


def covers(font: str, text: str) -> bool:
    """Whether `font` alone can show all of `text`."""
    return _covered()[font].issuperset(text)


def width(runs: Iterable[Run], size: float) -> float:
    """Width in points."""
    return sum(pdfmetrics.stringWidth(run.text, run.font, size) for run in runs)


def _clusters(text: str) -> Iterator[str]:
    """Base characters with the marks and joiners that follow them."""
    cluster = ""
    for character in text:
        if cluster and unicodedata.category(character) not in ("Mn", "Mc", "Me", "Cf"):
            yield cluster
            cluster = ""
        cluster += character
    yield cluster


def _fonts_for(font: str) -> tuple[str, ...]:
    return (font, *_FALLBACKS.get(font, (FALLBACK,)))


def _cluster_runs(cluster: str, fonts: tuple[str, ...], missing: set[str]) -> Iterator[Run]:
    """The cluster in the first font that has all of it; else each character in the first that has it, or replaced."""
    covered = _covered()
    whole = next((font for font in fonts if covered[font].issuperset(cluster)), None)
    if whole:
        yield Run(whole, cluster)
        return
    for character in cluster:
        font = next((font for font in fonts if character in covered[font]), None)
        if font is None:
            missing.add(character)
        yield Run(font or FALLBACK, character if font else REPLACEMENT)


def runs(text: str, font: str, missing: set[str]) -> list[Run]:
    """Split `text` (any characters) into runs. Characters no font has become REPLACEMENT and are added to `missing`."""
    if covers(font, text):
        return [Run(font, text)]
    fonts = _fonts_for(font)
    joined: list[Run] = []
    for cluster in _clusters(text):
        # A word stays in the font it has come to: it looks better, and many short runs are slow.
        same_word = joined and (cluster.isspace() or not joined[-1].text[-1].isspace())
        preferred = (joined[-1].font, *fonts) if same_word else fonts
        for run in _cluster_runs(cluster, preferred, missing):
            if joined and joined[-1].font == run.font:
                joined[-1] = Run(run.font, joined[-1].text + run.text)
            else:
                joined.append(run)
    return joined
