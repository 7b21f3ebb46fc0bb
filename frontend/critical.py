"""The rules of the style sheet that a page needs stand in its head: nothing is shown late, and nothing moves when the sheet itself comes.

`make build` leaves every rule with the classes that it is about (build.mjs); which of them a page has, the page itself tells.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static

Handler = Callable[[HttpRequest], HttpResponse]
PLACE = b"/*the rules of this page*/</style>"
"""No text of a user's can be taken for it: in theirs every < is escaped."""
CLASSES = re.compile(rb'\bclass="([^"]+)"')
RELATIVE = re.compile(r"url\(\"?(?!data:)([^)\"]+)\"?\)")


class Rule(NamedTuple):
    """`needs`: for each of its selectors the classes without which it fits nothing."""

    around: str
    css: str
    needs: tuple[frozenset[str], ...]


class Sheet(NamedTuple):
    rules: tuple[Rule, ...]
    classes: frozenset[str]


class FirstStyles:
    """Puts the rules where `{% critical_css %}` has made room for them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and PLACE in response.content[:8192]:
            response.content = response.content.replace(PLACE, styles_of(response.content).encode() + b"</style>", 1)
            if "Content-Length" in response:
                response["Content-Length"] = str(len(response.content))
        return response


def styles_of(html: bytes) -> str:
    """What of the style sheet is about this page."""
    path: Path = settings.CRITICAL_CSS
    changed = path.stat().st_mtime_ns
    used = frozenset(b" ".join(set(CLASSES.findall(html))).decode().split())
    return _chosen(path, changed, used & _read(path, changed).classes)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> Sheet:
    """As it was built, with the addresses under which static files are served."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    rules = tuple(Rule(around, _with_addresses(css), tuple(map(frozenset, needs))) for around, css, needs in rows)
    return Sheet(rules, frozenset(name for rule in rules for need in rule.needs for name in need))


def _with_addresses(css: str) -> str:
    return RELATIVE.sub(lambda found: f'url("{static(f"raccordo/{found[1]}")}")', css).replace("</", "<\\/")


@lru_cache(maxsize=128)
def _chosen(path: Path, changed: int, used: frozenset[str]) -> str:
    rules = [rule for rule in _read(path, changed).rules if any(need <= used for need in rule.needs)]
    return "".join(_together(around, [rule.css for rule in group]) for around, group in groupby(rules, key=lambda rule: rule.around))


def _together(around: str, rules: list[str]) -> str:
    inside = "".join(f"{rule};" if rule.startswith("@") and not rule.endswith("}") else rule for rule in rules)
    return f"{around}{{{inside}}}" if around else inside
