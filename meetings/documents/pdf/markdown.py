"""The Markdown subset of user texts: paragraphs, emphasis, lists, links. Everything else is shown as it was written."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from meetings.documents.pdf.text import BLOCK_LIMIT, Span, Typesetter

INDENT: Final = 14
DEEPEST_LEVEL: Final = 12
SPANS_PER_PARAGRAPH: Final = 80
_ALLOWED_LINK = re.compile(r"(https?://|mailto:)\S+\Z", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n")
_LIST_STEPS = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero").enable(["list", "emphasis", "link", "autolink", "newline", "escape"])
    parser.validateLink = lambda url: bool(_ALLOWED_LINK.match(url))  # type: ignore[method-assign]
    return parser


def _link_end(address: str, shown: str) -> Iterator[Span]:
    """On paper a link is its address: print it unless it is what the link already shows."""
    if address.removeprefix("mailto:") != shown and address != shown:
        yield Span(f" ({address})", link=address)


def _inline(tokens: Sequence[Token]) -> Iterator[Span]:
    strong = emphasis = False
    link = shown = ""
    for token in tokens:
        match token.type:
            case "text":
                shown += token.content
                yield Span(token.content, strong, emphasis, link)
            case "softbreak" | "hardbreak":
                yield Span("", breaks=True)
            case "strong_open" | "strong_close":
                strong = token.nesting == 1
            case "em_open" | "em_close":
                emphasis = token.nesting == 1
            case "link_open":
                link, shown = str(token.attrs["href"]), ""
            case "link_close":
                yield from _link_end(link, shown)
                link = ""


def _indented(style: ParagraphStyle, depth: int) -> ParagraphStyle:
    if not depth:
        return style
    return ParagraphStyle(
        f"{style.name} {depth}",
        parent=style,
        leftIndent=style.leftIndent + INDENT * depth,
        bulletIndent=style.leftIndent + INDENT * (depth - 1),
    )


def _plain(text: str) -> Iterator[tuple[list[Span], int, str]]:
    for block in _BLANK_LINES.split(text):
        yield [Span(line, breaks=True) for line in block.split("\n")], 0, ""


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[list[Span], int, str]]:
    """(spans, list depth, bullet) per paragraph; a bullet goes to the first paragraph of its list item."""
    depth, bullet = 0, ""
    for token in tokens:
        depth += _LIST_STEPS.get(token.type, 0)
        if token.type == "list_item_open":
            bullet = f"{token.info}." if token.info else "•"
        elif token.type == "inline" or (token.type == "list_item_close" and bullet):
            yield list(_inline(token.children or ())), depth, bullet
            bullet = ""


def _pieces(spans: list[Span]) -> Iterator[list[Span]]:
    """A paragraph of very many lines as several: reportlab splits one across pages in quadratic time."""
    piece: list[Span] = []
    for span in spans:
        piece.append(span)
        if span.breaks and len(piece) > SPANS_PER_PARAGRAPH:
            yield piece
            piece = []
    yield piece


def paragraphs(typesetter: Typesetter, text: str, style: ParagraphStyle) -> list[Paragraph]:
    """The text as paragraphs, at most BLOCK_LIMIT characters of it. None for an empty one."""
    text = typesetter.capped(text, BLOCK_LIMIT).strip()
    if not text:
        return []
    tokens = _parser().parse(text)
    # The parser silently drops what is nested too deep; such a text is shown as it was written.
    too_deep = any(token.level > DEEPEST_LEVEL for token in tokens)
    blocks = _plain(text) if too_deep else _blocks(tokens)
    return [
        typesetter.spans(piece, _indented(style, depth), bullet="" if number else bullet)
        for spans, depth, bullet in blocks
        for number, piece in enumerate(_pieces(spans))
    ]
