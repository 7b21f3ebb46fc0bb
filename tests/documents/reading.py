"""Read documents back, and walk through contents by introspection."""

import io
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

from pypdf import PdfReader

T = TypeVar("T")
NOT_TEXT = {"time_zone", "language", "sealed_language"}


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def squeezed(text: str) -> str:
    """Without white space, which layout adds and takes."""
    return "".join(text.split())


def text_of(pdf: bytes) -> str:
    """All text of all pages, squeezed."""
    return squeezed("".join(page.extract_text() for page in reader(pdf).pages))


def is_printed(text: str, printed: str) -> bool:
    """Whether the squeezed text is there: in one piece, or in the two that a row split by a page's end leaves."""
    text = squeezed(text)
    return text in printed or any(text[:cut] in printed and text[cut:] in printed for cut in range(1, len(text)))


def _fonts_in(resources: Any) -> Iterator[Any]:
    resources = resources.get_object()
    for font in resources.get("/Font", {}).values():
        yield font.get_object()
    for form in resources.get("/XObject", {}).values():
        inner = form.get_object().get("/Resources")
        if inner is not None:
            yield from _fonts_in(inner)


def fonts_of(pdf: bytes) -> list[Any]:
    """Every font that any page or form could use."""
    return [font for page in reader(pdf).pages for font in _fonts_in(page["/Resources"])]


def outline_of(pdf: bytes) -> list[tuple[int, str]]:
    """(depth, title) of every bookmark."""

    def walk(entries: list[Any], depth: int) -> Iterator[tuple[int, str]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, depth + 1)
            else:
                yield depth, entry.title

    return list(walk(reader(pdf).outline, 0))


def links_of(pdf: bytes) -> list[str]:
    annotations = (note.get_object() for page in reader(pdf).pages for note in page.get("/Annots", []))
    return [note["/A"]["/URI"] for note in annotations if "/A" in note]


def texts_of(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(class and field, text) of every text anywhere in a content."""
    if is_dataclass(content) and not isinstance(content, type):
        for field in fields(content):
            if field.name not in NOT_TEXT:
                yield from texts_of(getattr(content, field.name), f"{type(content).__name__}.{field.name}")
    elif isinstance(content, tuple):
        for part in content:
            yield from texts_of(part, path)
    elif isinstance(content, str) and not isinstance(content, Enum):
        yield path, content


def with_texts(content: T, change: Callable[[str], str], name: str = "") -> T:
    """The content with every text in it changed."""
    changed: Any = content
    if is_dataclass(content) and not isinstance(content, type):
        values = {field.name: with_texts(getattr(content, field.name), change, field.name) for field in fields(content)}
        changed = replace(content, **values)
    elif isinstance(content, tuple):
        changed = tuple(with_texts(part, change, name) for part in content)
    elif isinstance(content, str) and not isinstance(content, Enum) and name not in NOT_TEXT:
        changed = change(content)
    return cast(T, changed)
