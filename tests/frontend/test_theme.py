"""The colours of the two themes: what is written and what is used can be told from what it stands on (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

SCSS = Path(__file__).resolve().parents[2] / "frontend" / "scss"
TEXT, PART = 4.5, 3.0
PLACES = ("page", "surface", "muted", "tint")
PAIRS = [
    *((ink, place, TEXT) for place in PLACES for ink in ("text", "text-secondary", "text-muted", "accent", "accent-strong", "danger")),
    *((ink, place, TEXT) for place in ("page", "surface", "muted") for ink in ("success", "warning", "danger-strong")),
    *((part, place, PART) for place in PLACES for part in ("line-strong", "ring")),
    *(("on-accent", fill, TEXT) for fill in ("accent", "accent-strong", "danger", "danger-strong")),
    *(("on-band", band, TEXT) for band in ("band", "band-slim", "band-foot")),
    ("text", "field", TEXT),
    ("text-muted", "field", TEXT),
    ("line-strong", "field", PART),
    ("text", "mark", TEXT),
    ("ring", "ring-halo", PART),
]


def theme(name: str) -> dict[str, str]:
    body = re.search(rf"@mixin {name} {{(.*?)\n}}", (SCSS / "_theme.scss").read_text(), re.DOTALL)
    assert body
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", body[1]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) > 4 else "".join(2 * digit for digit in colour[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_contrasts(name: str) -> None:
    colours = theme(name)
    poor = [
        f"{ink} on {place}: {contrast(colours[ink], colours[place]):.2f} < {least}"
        for ink, place, least in PAIRS
        if contrast(colours[ink], colours[place]) < least
    ]
    assert poor == []


def test_both_themes_have_every_colour_and_nothing_else_names_one() -> None:
    assert theme("light").keys() == theme("dark").keys()
    named = re.compile(r"#(?:[0-9a-f]{3}){1,2}\b")
    elsewhere = {path.name for path in SCSS.glob("*.scss") if named.search(path.read_text())}
    assert elsewhere <= {"_theme.scss", "_live.scss", "_print.scss"}  # the wall of the meeting room, and paper
