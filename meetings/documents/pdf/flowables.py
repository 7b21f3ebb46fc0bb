"""The pieces of a page: headings, tables, boxes, key/value blocks, bars. Each takes plain text and makes it safe itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any, Final, TypeAlias, TypeVar

from PIL import Image as Picture
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, Image, LongTable, PageBreak, Paragraph, Spacer, Table

from meetings.documents.pdf import design, fonts
from meetings.documents.pdf.canvas import PageCanvas
from meetings.documents.pdf.text import Span, Typesetter

ROWS_PER_TABLE: Final = 250  # reportlab's tables are more than linear in their rows
ROOM_UNDER_HEADING: Final = 64
MARK_SIZE: Final = 44
TALLEST_ARMS: Final = 64
MOST_PIXELS: Final = 4_000_000
LONGEST_BOOKMARK: Final = 120
BUTT: Final = 0  # lines end where the cell ends; reportlab's default is round ends that stick out

Cell: TypeAlias = str | Flowable
Command: TypeAlias = tuple[Any, ...]
T = TypeVar("T")


class Heading(Paragraph):
    """A paragraph that enters the outline where it is drawn. `level` is 1 to 3; a split heading's rest has none."""

    canv: PageCanvas
    level: int = 0
    plain: str = ""

    def draw(self) -> None:
        super().draw()
        if self.level:
            self.canv.heading(self.plain[:LONGEST_BOOKMARK], self.level, self.height)


def heading(typesetter: Typesetter, level: int, text: str) -> Heading:
    """The bare heading of `level` 1 to 3, to be placed by the caller."""
    style = design.HEADINGS[level - 1]
    plain = typesetter.name(text)
    paragraph = typesetter.spans([Span(plain)], style)
    made = Heading("", style, frags=paragraph.frags)
    made.level, made.plain = level, plain
    return made


def _section(typesetter: Typesetter, level: int, text: str) -> list[Flowable]:
    style = design.HEADINGS[level - 1]
    return [CondPageBreak(ROOM_UNDER_HEADING + style.spaceBefore + style.leading), heading(typesetter, level, text)]


def h2(typesetter: Typesetter, text: str) -> list[Flowable]:
    """A section's heading, never alone at the foot of a page."""
    return _section(typesetter, 2, text)


def h3(typesetter: Typesetter, text: str) -> list[Flowable]:
    """A part's heading, never alone at the foot of a page."""
    return _section(typesetter, 3, text)


def gap(height: float = design.SPACE) -> Spacer:
    return Spacer(1, height)


def new_page() -> PageBreak:
    return PageBreak()


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a weight: the page's width is shared out in proportion."""

    heading: str
    width: float
    style: ParagraphStyle = design.CELL
    heading_style: ParagraphStyle = design.HEAD

    @classmethod
    def of_numbers(cls, heading: str, width: float) -> "Column":
        return cls(heading, width, design.CELL_NUMBER, design.HEAD_NUMBER)


def _font(style: ParagraphStyle, first: tuple[int, int], last: tuple[int, int]) -> Iterator[Command]:
    yield ("FONT", first, last, style.fontName, style.fontSize, style.leading)
    yield ("TEXTCOLOR", first, last, style.textColor)
    yield ("ALIGN", first, last, "RIGHT" if style.alignment else "LEFT")


def _padding(horizontal: float, vertical: float) -> Iterator[Command]:
    for side, points in (("LEFT", horizontal), ("RIGHT", horizontal), ("TOP", vertical), ("BOTTOM", vertical + 1)):
        yield (f"{side}PADDING", (0, 0), (-1, -1), points)


def _table_commands(columns: Sequence[Column]) -> list[Command]:
    commands: list[Command] = [
        *_padding(design.CELL_PADDING, design.CELL_PADDING - 1),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), design.RULE_WIDTH * 2, design.ACCENT, BUTT),
        ("LINEBELOW", (0, 1), (-1, -1), design.RULE_WIDTH, design.RULE, BUTT),
    ]
    for number, column in enumerate(columns):
        commands += _font(column.heading_style, (number, 0), (number, 0))
        commands += _font(column.style, (number, 1), (number, -1))
    return commands


def _batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def width_of(columns: Sequence[Column], number: int) -> float:
    """The room in points inside the padding of one column."""
    return design.WIDTH * columns[number].width / sum(column.width for column in columns) - 2 * design.CELL_PADDING


def table(typesetter: Typesetter, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> list[Flowable]:
    """A full-width table whose header row repeats on every page; nothing for no rows. Rows may split across pages."""
    room = [width_of(columns, number) for number in range(len(columns))]
    widths = [width + 2 * design.CELL_PADDING for width in room]
    commands = _table_commands(columns)
    head = [typesetter.cell(column.heading, column.heading_style, points) for column, points in zip(columns, room, strict=True)]

    def made(row: Sequence[Cell]) -> list[Cell]:
        triples = zip(row, columns, room, strict=True)
        return [typesetter.cell(cell, column.style, points) if isinstance(cell, str) else cell for cell, column, points in triples]

    chunks = _batches(list(map(made, rows)), ROWS_PER_TABLE)
    return [LongTable([head, *chunk], widths, style=commands, repeatRows=1, splitInRow=1, hAlign="LEFT") for chunk in chunks]


def grid(typesetter: Typesetter, rows: Sequence[Sequence[str]], style: ParagraphStyle) -> list[Flowable]:
    """Equal columns without a heading, for plain enumerations; nothing for no rows."""
    if not rows:
        return []
    width = design.WIDTH / len(rows[0])
    commands: list[Command] = [*_padding(design.CELL_PADDING, 0.5), ("VALIGN", (0, 0), (-1, -1), "TOP"), *_font(style, (0, 0), (-1, -1))]
    cells = [[typesetter.cell(text, style, width - 2 * design.CELL_PADDING) for text in row] for row in rows]
    chunks = _batches(cells, ROWS_PER_TABLE)
    return [LongTable(list(chunk), [width] * len(rows[0]), style=commands, splitInRow=1, hAlign="LEFT") for chunk in chunks]


def key_values(typesetter: Typesetter, pairs: Sequence[tuple[str, str]], *, columns: int = 1) -> list[Flowable]:
    """Labels and values in `columns` pairs of columns, read row by row. Pairs without a value are left out."""
    filled = [pair for pair in pairs if pair[1]]
    if not filled:
        return []
    label, value = design.WIDTH / columns * 0.3, design.WIDTH / columns * 0.7
    if columns == 1:
        label, value = design.WIDTH * 0.2, design.WIDTH * 0.8
    made = [(typesetter.line(key, design.LABEL), typesetter.line(text, design.VALUE)) for key, text in filled]
    rows: list[list[Cell]] = [[cell for pair in row for cell in pair] for row in _batches(made, columns)]
    rows[-1] += [""] * (2 * columns - len(rows[-1]))
    commands: list[Command] = [*_padding(0, 1), ("VALIGN", (0, 0), (-1, -1), "TOP"), *_font(design.VALUE, (0, 0), (-1, -1))]
    lower = 1 + design.VALUE.fontSize - design.LABEL.fontSize  # puts the smaller labels on the values' baseline
    commands += [("TOPPADDING", (number, 0), (number, -1), lower) for number in range(0, 2 * columns, 2)]
    return [Table(rows, [label, value] * columns, style=commands, splitInRow=1, hAlign="LEFT"), gap()]


def box(rows: Sequence[Flowable]) -> list[Flowable]:
    """Paragraphs on a tinted ground with a heavy rule at their left, so that it reads as a box in black and white too."""
    commands: list[Command] = [
        *_padding(10, 1),
        ("TOPPADDING", (0, 0), (-1, 0), 6),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
        ("BACKGROUND", (0, 0), (-1, -1), design.TINT),
        ("LINEBEFORE", (0, 0), (0, -1), 3, design.ACCENT, BUTT),
        *_font(design.BODY, (0, 0), (-1, -1)),
    ]
    made = Table([[row] for row in rows], [design.WIDTH], style=commands, splitInRow=1, hAlign="LEFT", spaceBefore=6, spaceAfter=8)
    return [CondPageBreak(ROOM_UNDER_HEADING), made]


def signatures(typesetter: Typesetter, people: Sequence[tuple[str, str]]) -> list[Flowable]:
    """Side by side: role, room to sign, a rule, the name."""
    width = design.WIDTH / len(people)
    roles = [typesetter.line(role, design.LABEL) for role, _name in people]
    names = [typesetter.line(name, design.VALUE) for _role, name in people]
    commands: list[Command] = [*_padding(0, 2), ("BOTTOMPADDING", (0, 0), (-1, 0), 26), *_font(design.VALUE, (0, 0), (-1, -1))]
    commands += [("LINEABOVE", (number, 1), (number, 1), design.RULE_WIDTH, design.QUIET, BUTT) for number in range(len(people))]
    commands.append(("RIGHTPADDING", (0, 0), (-1, -1), 12))
    return [gap(14), Table([roles, names], [width] * len(people), style=commands, splitInRow=1, hAlign="LEFT")]


class Bar(Flowable):
    """A share as a bar on its track, with a tick at the threshold. It illustrates figures printed beside it."""

    def __init__(self, share: Fraction, threshold: Fraction | None, *, length: float, thickness: float = 7) -> None:
        super().__init__()
        self.share = max(Fraction(0), min(Fraction(1), share))
        self.threshold = threshold
        self.length = length
        self.thickness = thickness

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.length = min(self.length, available_width)
        return self.length, self.thickness + 3

    def draw(self) -> None:
        canvas = self.canv
        canvas.setFillColor(design.TRACK)
        canvas.rect(0, 0, self.length, self.thickness, stroke=0, fill=1)
        canvas.setFillColor(design.BAR)
        canvas.rect(0, 0, self.length * float(self.share), self.thickness, stroke=0, fill=1)
        if self.threshold is not None:
            tick = self.length * float(self.threshold)
            canvas.setStrokeColor(design.INK)
            canvas.setLineWidth(1)
            canvas.line(tick, -1.5, tick, self.thickness + 1.5)


class Mark(Flowable):
    """What stands where an owner has no arms: its initials in a ruled square."""

    canv: PageCanvas

    def __init__(self, runs: list[fonts.Run]) -> None:
        super().__init__()
        self.runs = runs

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return MARK_SIZE, MARK_SIZE

    def draw(self) -> None:
        size = 18
        self.canv.setStrokeColor(design.ACCENT)
        self.canv.setLineWidth(1.5)
        self.canv.rect(0.75, 0.75, MARK_SIZE - 1.5, MARK_SIZE - 1.5)
        self.canv.setFillColor(design.ACCENT)
        self.canv.draw_runs((MARK_SIZE - fonts.width(self.runs, size)) / 2, MARK_SIZE / 2 - size * 0.34, self.runs, size)


def _initials(typesetter: Typesetter, name: str) -> Mark:
    letters = [word[0] for word in typesetter.one_line(name).split() if word[0].isupper()][:2]
    return Mark(typesetter.runs("".join(letters), fonts.SEMIBOLD))


def _arms(image: bytes | None) -> Image | None:
    """The image in the size of a title block; None for none, or for what is no image that can be read."""
    if not image:
        return None
    try:
        with Picture.open(BytesIO(image), formats=["PNG", "JPEG"]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return None
            picture.load()
    except (OSError, ValueError, SyntaxError, Picture.DecompressionBombError):
        return None
    scale = TALLEST_ARMS / max(width, height)
    return Image(BytesIO(image), width * scale, height * scale)


def title_block(typesetter: Typesetter, *, owner: str, arms: bytes | None, title: str, subtitle: str) -> list[Flowable]:
    """The head of the first page: arms or mark, owner, title (the H1) and subtitle."""
    over, under = typesetter.name(owner), typesetter.name(subtitle)
    texts = [typesetter.line(over, design.OVERLINE), heading(typesetter, 1, title), typesetter.line(under, design.SUBTITLE)]
    sign = _arms(arms) or _initials(typesetter, owner)
    side = TALLEST_ARMS + 14 if isinstance(sign, Image) else MARK_SIZE + 14
    commands: list[Command] = [
        *_padding(0, 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("SPAN", (0, 0), (0, -1)),
        *_font(design.BODY, (0, 0), (-1, -1)),
    ]
    rows: list[list[Cell]] = [[sign if number == 0 else "", text] for number, text in enumerate(texts)]
    return [Table(rows, [side, design.WIDTH - side], style=commands, hAlign="LEFT"), gap(12)]
