"""Text and tables that flow from box to box and from page to page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gridmap.maps.sheet.canvas import BLACK, PT_MM, Canvas, Colour

#: Type of tables and running text, of heads and of headings, in points.
TEXT, HEAD, HEADING = 7.5, 7.0, 10.0
#: Distance of lines in parts of the size of the type.
_LEADING = 1.35
#: Space on either side of a cell, in millimetres.
_PAD = 1.0
#: Most lines of a cell; what does not fit is cut and told.
_MOST_LINES = 8
#: Boxes that are narrower than this have no room for eight columns.
_NARROW = 120.0
#: Space below an entry of a legend.
_ENTRY = 0.8
_RULE: Colour = (150, 150, 150)
_SHADE: Colour = (235, 235, 235)


@dataclass(frozen=True, kw_only=True)
class Box:
    """Room on a page, in millimetres from its upper left corner."""

    #: left edge, upper edge, width and lower edge
    x: float
    y: float
    width: float
    bottom: float


@dataclass(kw_only=True)
class Flow:
    """Where the next line goes."""

    canvas: Canvas
    #: boxes still to come, without end
    boxes: Iterator[Box]
    #: the box that is being filled
    box: Box
    #: height of the next line
    y: float

    @property
    def narrow(self) -> bool:
        """Whether the box is narrower than tables of many columns are."""
        return self.box.width < _NARROW

    @property
    def room(self) -> float:
        """Millimetres left in the box."""
        return self.box.bottom - self.y

    def turn(self) -> None:
        """Go on in the next box."""
        self.box = next(self.boxes)
        self.y = self.box.y

    def need(self, height: float) -> None:
        """Go on in the next box unless so much room is left, or the box is empty."""
        if self.room < height and self.y > self.box.y:
            self.turn()


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table."""

    #: its head, a line for each language
    head: Sequence[str]
    #: width in parts of all
    share: float
    #: whether it holds figures, which stand to the right
    figures: bool = False


@dataclass(frozen=True, kw_only=True)
class Band:
    """A row across all columns of a table, above the rows that it names."""

    #: what it says
    said: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a row of a table stands, so that more can be written there when it is known."""

    #: number of the page
    page: int
    #: where texts of its last column end, and its middle, in millimetres
    right: float
    y: float


#: The column of a band.
_WHOLE = (Column(head=(), share=1.0),)


def leading(size: float) -> float:
    """Return the distance of lines in millimetres.

    Raises
    ------
    Nothing
    """
    return size * PT_MM * _LEADING


def heading(flow: Flow, lines: Sequence[str], *, keep: float = 20.0) -> None:
    """Write a heading on one line, or one for each language, never alone at the foot of a box.

    Raises
    ------
    Nothing
    """
    step = leading(HEADING)
    text = flow.canvas.wrap("  ".join(lines), HEADING, flow.box.width)
    flow.need(step * len(text) + keep)
    flow.y += 1.5 if flow.y > flow.box.y else 0.0
    for line in text:
        flow.canvas.text(flow.box.x, flow.y + step / 2, line, HEADING)
        flow.y += step
    flow.y += 0.5


def paragraph(flow: Flow, text: str, *, size: float = TEXT, indent: float = 0.0, colour: Colour = BLACK) -> None:
    """Write running text.

    Raises
    ------
    Nothing
    """
    for line in flow.canvas.wrap(text, size, flow.box.width - indent):
        flow.need(leading(size))
        flow.canvas.text(flow.box.x + indent, flow.y + leading(size) / 2, line, size, colour)
        flow.y += leading(size)
    flow.y += 0.6


def table(
    flow: Flow,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object] | Band],
    *,
    blocks: int = 1,
    least: float = 0.0,
) -> list[Place]:
    """Write a table, and return where its rows stand; its head stands anew in each box, and a row is never parted.

    Parameters
    ----------
    flow
        Where.
    columns
        Heads and widths.
    rows
        Texts, as many as columns, a tuple of texts where they stand below each other; or a band, which is never parted
        from the two rows after it.
    blocks
        How many parts of the table stand beside each other; rows of such a table take one line each.
    least
        Least height of a row in millimetres.

    Raises
    ------
    Nothing
    """
    if blocks > 1:
        _in_blocks(flow, columns, [row for row in rows if not isinstance(row, Band)], blocks)
        return []
    places = []
    head: list[list[str]] | None = None
    for k, row in enumerate(rows):
        ahead = rows[k : k + 3] if isinstance(row, Band) else [row]
        height = sum(_measured(flow, columns, each, least)[1] for each in ahead)
        if head is None or flow.room < height:
            if head is not None:
                flow.turn()
            head = _head_cells(flow.canvas, columns, flow.box.width)
            flow.need(_head_height(head) + height)
            # the next box may be of another width
            head = _head_cells(flow.canvas, columns, flow.box.width)
            flow.y += _heads(flow.canvas, columns, head, (flow.box.x, flow.y, flow.box.width))
        cells, high = _measured(flow, columns, row, least)
        place = (flow.box.x, flow.y, flow.box.width, high)
        _row(flow.canvas, _WHOLE if isinstance(row, Band) else columns, cells, place)
        places.append(Place(page=flow.canvas.pdf.page, right=flow.box.x + flow.box.width - _PAD, y=flow.y + high / 2))
        flow.y += high
    flow.y += 1.5
    return places


def _measured(
    flow: Flow, columns: Sequence[Column], row: Sequence[object] | Band, least: float
) -> tuple[list[list[str]], float]:
    """The lines of each cell of a row, and its height."""
    if isinstance(row, Band):
        cells = [flow.canvas.wrap(row.said, TEXT, flow.box.width - 2 * _PAD, most=_MOST_LINES)]
        return cells, len(cells[0]) * leading(TEXT) + 0.8
    widths = _inner(columns, flow.box.width)
    cells = [_lines(flow.canvas, cell, width) for cell, width in zip(row, widths, strict=True)]
    return cells, max(least, max(map(len, cells)) * leading(TEXT) + 0.8)


def _lines(canvas: Canvas, cell: object, width: float) -> list[str]:
    """The lines of a cell; texts of a tuple stand below each other."""
    texts = cell if isinstance(cell, tuple) else (cell,)
    return [line for text in texts for line in canvas.wrap(text, TEXT, width, most=_MOST_LINES)]


def _in_blocks(flow: Flow, columns: Sequence[Column], rows: Sequence[Sequence[object]], blocks: int) -> None:
    """A long table of short rows in several parts beside each other, box by box."""
    gap, height = 3.0, leading(TEXT) + 0.5
    at = 0
    while at < len(rows):
        width = (flow.box.width - gap * (blocks - 1)) / blocks
        head = _head_cells(flow.canvas, columns, width)
        if flow.room < _head_height(head) + 3 * height:
            flow.turn()
            continue
        deep = min(int((flow.room - _head_height(head)) / height), -(-(len(rows) - at) // blocks))
        for block in range(blocks):
            part = rows[at + block * deep : at + (block + 1) * deep]
            _block(flow.canvas, columns, head, part, (flow.box.x + block * (width + gap), flow.y, width, height))
        at += blocks * deep
        flow.y += _head_height(head) + deep * height
    flow.y += 1.5


def _block(
    canvas: Canvas,
    columns: Sequence[Column],
    head: list[list[str]],
    rows: Sequence[Sequence[object]],
    room: tuple[float, float, float, float],
) -> None:
    """One of the parts that stand beside each other: a head and rows of one line each."""
    if not rows:
        return
    x, y, width, height = room
    y += _heads(canvas, columns, head, (x, y, width))
    widths = _inner(columns, width)
    for k, row in enumerate(rows):
        cells = [[canvas.fit(cell, TEXT, inner)] for cell, inner in zip(row, widths, strict=True)]
        _row(canvas, columns, cells, (x, y + k * height, width, height))


def _inner(columns: Sequence[Column], width: float) -> list[float]:
    """Widths that cells have for their text."""
    whole = sum(column.share for column in columns)
    return [width * column.share / whole - 2 * _PAD for column in columns]


def _head_cells(canvas: Canvas, columns: Sequence[Column], width: float) -> list[list[str]]:
    """The lines of each head, as many as it takes."""
    return [
        [part for line in column.head for part in canvas.wrap(line, HEAD, inner)]
        for column, inner in zip(columns, _inner(columns, width), strict=True)
    ]


def _head_height(cells: list[list[str]]) -> float:
    """Millimetres that the head of a table takes."""
    return max(map(len, cells)) * leading(HEAD) + 1.0


def _heads(
    canvas: Canvas, columns: Sequence[Column], cells: list[list[str]], room: tuple[float, float, float]
) -> float:
    """The head of a table; its height."""
    height = _head_height(cells)
    canvas.shade((*room, height), _SHADE)
    _row(canvas, columns, cells, (*room, height), size=HEAD)
    return height


def _row(
    canvas: Canvas,
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    room: tuple[float, float, float, float],
    *,
    size: float = TEXT,
) -> None:
    """One row: texts and the rules about them."""
    x, y, width, height = room
    canvas.pen(0.1, _RULE)
    canvas.pdf.rect(x, y, width, height)
    for column, lines, inner in zip(columns, cells, _inner(columns, width), strict=True):
        top = y + height / 2 - len(lines) * leading(size) / 2
        for k, line in enumerate(lines):
            left = x + _PAD + (inner - canvas.width(line, size) if column.figures else 0.0)
            canvas.text(left, top + (k + 0.5) * leading(size), line, size)
        x += inner + 2 * _PAD
        if column is not columns[-1]:
            canvas.pdf.line(x, y, x, y + height)


def swatches(
    flow: Flow, entries: Sequence[tuple[Callable[[float, float, float], None], str]], *, width: float = 12.0
) -> None:
    """Write entries of a legend: a sample that is drawn at x, y in that width, and its text.

    Raises
    ------
    Nothing
    """
    for draw, text in entries:
        if flow.room < 2 * leading(TEXT) + _ENTRY:
            flow.turn()
        lines = flow.canvas.wrap(text, TEXT, flow.box.width - width - 2, most=4)
        height = len(lines) * leading(TEXT) + _ENTRY
        if flow.room < height:
            flow.turn()
        draw(flow.box.x, flow.y + leading(TEXT) / 2, width)
        for k, line in enumerate(lines):
            flow.canvas.text(flow.box.x + width + 2, flow.y + (k + 0.5) * leading(TEXT), line, TEXT)
        flow.y += height
