"""Make the fonts that the PDF documents embed and those of the pages, once, from their published packages.

    npm pack @fontsource/titillium-web && tar xzf fontsource-titillium-web-*.tgz      (gives package/)
    apt-get install fonts-dejavu-core
    pip install fonttools brotli
    python tools/make_fonts.py package /usr/share/fonts/truetype/dejavu

reportlab embeds static TrueType outlines only. The web packages split Titillium Web into a latin and a latin-ext
file, which are merged here; DejaVu Sans, the fallback for what Titillium Web lacks, is cut to what documents need.
Layout tables and hinting are dropped: reportlab uses neither. The pages' fonts have what Italian, French and English are
written with, kerning, and nothing else: a phone loads them on a slow line. The result is committed, so nobody needs this
to run or to build; the same input gives the same bytes.
"""
# mypy: disable-error-code="import-not-found"

import shutil
import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "meetings" / "documents" / "pdf" / "fonts"
WEB_FONTS = ROOT / "frontend" / "fonts"
TITILLIUM = {
    "400-normal": "TitilliumWeb-Regular.ttf",
    "400-italic": "TitilliumWeb-Italic.ttf",
    "600-normal": "TitilliumWeb-SemiBold.ttf",
    "600-italic": "TitilliumWeb-SemiBoldItalic.ttf",
}
LICENCE_NAME_ID = 13
KEPT_TABLES = {"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}
# The regular fallback has all of DejaVu Sans but private use. The bold one has the scripts in which headings are written
# (Latin, combining marks, Greek, Cyrillic, punctuation, arrows, shapes); the regular one stands in for the rest.
EVERYTHING = [(0x20, 0xDFFF), (0xF900, 0x1FFFF)]
WEB = ("400-normal", "600-normal")
WEB_LETTERS = "ÀÂÇÈÉÊËÌÎÏÒÔÙÛÜàâäæçèéêëìíîïñòóôöùúûüÿŒœ«»‘’“”–—…·•°§©×€−\u00a0\u202f"
HEADINGS = [(0x20, 0x52F), (0x1E00, 0x206F), (0x20A0, 0x22FF), (0x2500, 0x27BF)]


def without_extras(font: TTFont) -> TTFont:
    for table in set(font.keys()) - KEPT_TABLES - {"GlyphOrder"}:
        del font[table]
    return font


def merged(folder: Path, weight: str) -> TTFont:
    """The latin and latin-ext halves of one weight as one font."""
    halves = [folder / "files" / f"titillium-web-{part}-{weight}.woff2" for part in ("latin", "latin-ext")]
    plain = []
    for number, half in enumerate(halves):
        font = without_extras(TTFont(half))
        font.flavor = None
        plain.append(FONTS / f"half{number}.tmp")
        font.save(plain[-1])
    result = Merger().merge([str(path) for path in plain])
    for path in plain:
        path.unlink()
    return without_extras(result)


def cut(source: Path, ranges: list[tuple[int, int]]) -> TTFont:
    """The font with only the characters of the ranges, without hinting and layout."""
    font = TTFont(source)
    options = Options(hinting=False, layout_features=[], drop_tables=["GSUB", "GPOS", "GDEF", "kern"], name_IDs=["*"], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in ranges for code in range(first, last + 1)])
    subsetter.subset(font)
    return without_extras(font)


def for_pages(folder: Path, weight: str) -> None:
    """One weight for the browser: printable ASCII and the letters and signs of the three languages, with kerning."""
    name = f"titillium-web-latin-{weight}.woff2"
    font = TTFont(folder / "files" / name)
    options = Options(hinting=False, layout_features=["kern"], name_IDs=[0, 1, 2, 13, 14], flavor="woff2")
    subsetter = Subsetter(options)
    subsetter.populate(text=WEB_LETTERS, unicodes=range(0x20, 0x7F))
    subsetter.subset(font)
    font.flavor, font.recalcTimestamp = "woff2", False
    font["head"].created = font["head"].modified = 0
    font.save(WEB_FONTS / name)
    print(f"{name}: {len(font.getBestCmap())} characters, {(WEB_FONTS / name).stat().st_size} bytes")


def save(font: TTFont, name: str) -> None:
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = 0
    font.save(FONTS / name)
    print(f"{name}: {len(font.getBestCmap())} characters, {(FONTS / name).stat().st_size // 1000} kB")


def main(titillium: Path, dejavu: Path) -> None:
    FONTS.mkdir(parents=True, exist_ok=True)
    WEB_FONTS.mkdir(parents=True, exist_ok=True)
    for weight in WEB:
        for_pages(titillium, weight)
    shutil.copy(titillium / "LICENSE", WEB_FONTS / "OFL.txt")
    for weight, name in TITILLIUM.items():
        save(merged(titillium, weight), name)
    save(cut(dejavu / "DejaVuSans.ttf", EVERYTHING), "DejaVuSans.ttf")
    save(cut(dejavu / "DejaVuSans-Bold.ttf", HEADINGS), "DejaVuSans-Bold.ttf")
    shutil.copy(titillium / "LICENSE", FONTS / "TitilliumWeb-OFL.txt")
    licence = TTFont(dejavu / "DejaVuSans.ttf")["name"].getDebugName(LICENCE_NAME_ID)
    (FONTS / "DejaVuSans-LICENSE.txt").write_text(licence.replace("\r\n", "\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
