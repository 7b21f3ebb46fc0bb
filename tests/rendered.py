"""What pages are made of: the names (elements, classes, ids, attributes) that a style sheet can know them by, in CSS notation.

`make rendered` writes the list of them, by which frontend/build.mjs decides what of the style sheet is shipped
(docs/adr/0025-critical-css-and-offline.md).
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RENDERED = ROOT / "frontend" / "rendered.txt"
UNPURGED = ROOT / "build" / "unpurged.css"
"""The style sheet before anything is left out, as the last build wrote it."""
HEAD = "# What all pages are made of. Written by `make rendered`; frontend/build.mjs ships the rules for these names."
OF_A_ROW = re.compile(r"\d|[0-9a-f]{8}-")
"""Ids that name one row of the database; no rule is about them."""
FLAT = re.compile(r"/\*.*?\*/|\{[^{}]*\}", re.DOTALL)


class Names(HTMLParser):
    """Collects the names of what it is fed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, value in attrs:
            if name == "class":
                self.found |= {f".{one}" for one in (value or "").split()}
            elif name == "id":
                self.found |= {f"#{value}"} if value and not OF_A_ROW.search(value) else set()
            else:
                self.found.add(f"[{name}]")


def names_of(html: str) -> set[str]:
    parser = Names()
    parser.feed(html)
    return parser.found


def styled(names: Iterable[str]) -> set[str]:
    """Those that the whole style sheet has a rule about; elements and attributes are left aside, since every list holds them."""
    selectors = " ".join(FLAT.split(UNPURGED.read_text(encoding="utf-8")))
    known = set(re.findall(r"[.#][A-Za-z_][\w-]*", selectors))
    return known & set(names)


def listed() -> set[str]:
    return {line for line in RENDERED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")}


def write(names: Iterable[str]) -> None:
    RENDERED.write_text("\n".join([HEAD, *sorted(set(names)), ""]), encoding="utf-8")
