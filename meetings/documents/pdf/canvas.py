"""From a story to the bytes of a file: page furniture, page totals, outline, metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, Final

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from meetings.documents.pdf import design, fonts
from meetings.documents.pdf.text import Typesetter

PAGE_TOTAL: Final = "page-total"
PRODUCER: Final = "Raccordo"
ELLIPSIS: Final = "…"
HEADER_ROOM: Final = 0.6  # share of the width that the left text may take; the right one gets the rest


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every page but the first repeats, and what names the file. Plain text, made safe here.

    `page_label` is the translated "Page %(page)s of %(total)s".
    """

    title: str
    author: str
    language: str
    page_label: str
    header_left: str = ""
    header_right: str = ""
    footer_right: str = ""


class PageCanvas(Canvas):
    """Canvas with an outline that never skips a level, mixed-font strings, and a page total filled in at the end."""

    def __init__(self, *arguments: Any, page_label: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._before_total, _, self._after_total = page_label.partition("%(total)s")
        self._headings = 0
        self._outline_level = -1

    def heading(self, text: str, level: int, height: float) -> None:
        """Enter a heading of `level` 1 to 3, drawn at the origin and `height` points high, into the outline."""
        self._headings += 1
        self._outline_level = min(level - 1, self._outline_level + 1)
        key = f"heading-{self._headings}"
        self.bookmarkHorizontal(key, 0, height)
        self.addOutlineEntry(text, key, self._outline_level)

    def draw_runs(self, x: float, y: float, runs: Sequence[fonts.Run], size: float) -> float:
        """Draw the runs from `x` on the baseline `y`; the x where they end."""
        for run in runs:
            self.setFont(run.font, size)
            self.drawString(x, y, run.text)
            x += fonts.width([run], size)
        return x

    def page_number(self, x: float, y: float) -> None:
        """ "Page 3 of …": the total is a form that is drawn when the number of pages is known."""
        label = self._before_total % {"page": self.getPageNumber()}
        end = self.draw_runs(x, y, [fonts.Run(fonts.REGULAR, label)], design.SMALL)
        self.saveState()
        self.translate(end, y)
        self.doForm(PAGE_TOTAL)
        self.restoreState()

    def save(self) -> None:
        """Define the page total, then write the file."""
        total = self.getPageNumber() - 1
        self.beginForm(PAGE_TOTAL, 0, -design.SMALL, design.WIDTH, design.SMALL)
        self.setFillColor(design.QUIET)
        self.setFont(fonts.REGULAR, design.SMALL)
        self.drawString(0, 0, f"{total}{self._after_total}")
        self.endForm()
        super().save()


def _fitted(typesetter: Typesetter, text: str, room: float) -> list[fonts.Run]:
    """The text as runs, cut with an ellipsis to `room` points."""
    text = typesetter.name(text)
    runs = typesetter.runs(text, fonts.REGULAR)
    while text and fonts.width(runs, design.SMALL) > room:
        text = text[: len(text) * 9 // 10]
        runs = typesetter.runs(text + ELLIPSIS, fonts.REGULAR)
    return runs


def _draw_pair(canvas: PageCanvas, y: float, left: list[fonts.Run], right: list[fonts.Run]) -> None:
    canvas.setFillColor(design.QUIET)
    canvas.draw_runs(design.MARGIN, y, left, design.SMALL)
    canvas.draw_runs(design.MARGIN + design.WIDTH - fonts.width(right, design.SMALL), y, right, design.SMALL)


class _Pages:
    """Draws header and footer of each page; the first has a title block instead of a header."""

    def __init__(self, furniture: Furniture, typesetter: Typesetter) -> None:
        room = design.WIDTH * HEADER_ROOM
        self.header_left = _fitted(typesetter, furniture.header_left, room - design.SPACE)
        self.header_right = _fitted(typesetter, furniture.header_right, design.WIDTH - room)
        self.footer_right = _fitted(typesetter, furniture.footer_right, room)

    def __call__(self, canvas: Any, _document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(design.RULE)
        canvas.setLineWidth(design.RULE_WIDTH)
        right = design.MARGIN + design.WIDTH
        if canvas.getPageNumber() > 1:
            top = design.PAGE[1] - design.TOP + 18
            _draw_pair(canvas, top, self.header_left, self.header_right)
            canvas.line(design.MARGIN, top - 5, right, top - 5)
        bottom = design.BOTTOM - 24
        canvas.line(design.MARGIN, bottom + 11, right, bottom + 11)
        _draw_pair(canvas, bottom, [], self.footer_right)
        canvas.page_number(design.MARGIN, bottom)
        canvas.restoreState()


def build(story: Sequence[Flowable], furniture: Furniture, typesetter: Typesetter) -> bytes:
    """The PDF of a story: the same story gives the same bytes."""
    fonts.register()
    output = BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=design.PAGE,
        title=typesetter.name(furniture.title),
        author=typesetter.name(furniture.author),
        creator=PRODUCER,
        producer=PRODUCER,
        lang=furniture.language,
        initialFontName=fonts.REGULAR,
        displayDocTitle=True,
        invariant=1,
    )
    frame = Frame(design.MARGIN, design.BOTTOM, design.WIDTH, design.HEIGHT, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame], onPage=_Pages(furniture, typesetter))])
    document.build(list(story), canvasmaker=partial(PageCanvas, page_label=furniture.page_label))
    return output.getvalue()
