"""axe in a page that is already open: `check(page, WHOLE)` gives what it finds wrong, one line to a rule."""

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WHOLE = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
APPEARANCE = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
}
"""The rules whose answer a width or a theme can change."""


def check(page: Page, options: dict[str, Any], within: str = "") -> list[str]:
    """`within`: the part of the page to look at, as a CSS selector, where there is one; all of it when none is given."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    if within and not page.query_selector(within):
        return []
    found = page.evaluate(f"axe.run({json.dumps(within) if within else 'document'}, {json.dumps(options)})")
    return [_line(rule) for rule in found["violations"]]


def _line(rule: dict[str, Any]) -> str:
    nodes = rule["nodes"]
    why = " ".join(str(nodes[0].get("failureSummary", "")).split())
    return f"{rule['id']} ×{len(nodes)}: {nodes[0]['html'][:160]} ({why[:260]})"
