"""Streets of the sample town: which lattice lines carry one, and the blocks that they leave.

Main roads run from edge to edge; a side road follows each bank of the river and of the railway. Between them the land
is cut by smaller streets until only blocks are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gridmap.samples import names
from gridmap.samples.ground import Array, Ground, Ints

#: OSM values of the key highway, by the numbers used on the lattice: a higher number is a wider street.
CLASSES = ("", "service", "residential", "tertiary", "secondary", "primary")
#: Barriers, by their numbers on the lattice.
BARRIERS = {6: "river", 7: "railway"}
BARRIER_NAMES = {6: "通扬运河", 7: "宁启铁路"}
#: Metres from the middle line to where plots begin, by number.
SETBACK_M = np.array([3.0, 5.0, 8.0, 11.0, 15.0, 19.0, 27.0, 16.0])
SERVICE, RESIDENTIAL, TERTIARY, SECONDARY, PRIMARY, RIVER, RAIL = range(1, 8)

Span = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One street or barrier: the nodes that it passes, in the order of its house numbers."""

    #: number of its class
    rank: int
    #: rows and columns of its nodes
    rows: Ints
    columns: Ints
    #: name in full, or empty
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the lattice lines carry."""

    #: class of the line from node (row, column) to the next column
    across: Ints
    #: class of the line from node (row, column) to the next row
    up: Ints
    #: block of every plot
    block: Ints
    #: span of every block: first row, first column, last row + 1, last column + 1
    spans: list[Span]
    #: whether the diagonal road cuts the plot
    cut: NDArray[np.bool_]
    #: distance of every plot from the middle, 1 at the edge of the built-up town
    distance: Array
    #: streets and barriers
    runs: list[Run] = field(default_factory=list)


def plan(rng: np.random.Generator, ground: Ground, urban: float) -> Plan:
    """Streets and blocks; a share ``urban`` of the plots lies in the built-up town."""
    rows, columns = ground.shape
    across, up = _lines(rng, rows, ground.river, RIVER), _lines(rng, columns, ground.rail, RAIL)
    distance = _distance(ground, urban)
    drawn = Plan(
        across=np.zeros((rows + 1, columns), dtype=np.int64),
        up=np.zeros((rows, columns + 1), dtype=np.int64),
        block=np.zeros((rows, columns), dtype=np.int64),
        spans=[],
        cut=np.zeros((rows, columns), dtype=bool),
        distance=distance,
    )
    small = names.streets(rng)
    for row, rank in sorted(across.items()):
        _add(drawn, rank, "across", row, (0, columns))
    for column, rank in sorted(up.items()):
        _add(drawn, rank, "up", column, (0, rows))
    _name_main(drawn, names.mains(rng), (_thirds(up, columns), _thirds(across, rows)), small)
    for south, north in _between(across, rows):
        for west, east in _between(up, columns):
            _fill(rng, drawn, (south, west, north, east), small)
    _diagonal(drawn, across, up)
    return drawn


def add_service(drawn: Plan, along: str, line: int, span: tuple[int, int]) -> None:
    """Add a lane inside a compound."""
    _add(drawn, SERVICE, along, line, span)


def _lines(rng: np.random.Generator, count: int, barrier: int | None, rank: int) -> dict[int, int]:
    """Main lines by position: their class."""
    lines = {} if barrier is None else {barrier - 1: TERTIARY, barrier: rank, barrier + 1: TERTIARY}
    ends = [0, count] if barrier is None else [0, barrier - 1, barrier + 1, count]
    gaps = [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if b > a]
    longest = max(b - a for a, b in gaps)
    for a, b in gaps:
        parts = max(round((b - a) / 5.5), 2 if b - a == longest else 1)
        inner = np.round(np.linspace(a, b, parts + 1)[1:-1] + rng.random(parts - 1) - 0.5).astype(int)
        lines |= {int(line): PRIMARY if k % 2 == 0 else SECONDARY for k, line in enumerate(inner)}
    return {line: rank for line, rank in lines.items() if 0 < line < count}


def _distance(ground: Ground, urban: float) -> Array:
    """How far out each plot lies: the least share ``urban`` of them below 1."""
    x, y = ground.x[:-1, :-1] + 45, ground.y[:-1, :-1] + 45
    far = np.hypot(x, y * 1.15)
    edge: Array = far / np.quantile(far, urban)
    return edge


def _between(lines: dict[int, int], count: int) -> Iterator[tuple[int, int]]:
    """Spans between neighbouring lines."""
    ends = [0, *sorted(lines), count]
    yield from pairwise(ends)


def _add(drawn: Plan, rank: int, along: str, line: int, span: tuple[int, int], name: str = "") -> None:
    """Draw a straight run on the lattice."""
    first, last = span
    steps = np.arange(first, last + 1)
    still = np.full_like(steps, line)
    if along == "across":
        drawn.across[line, first:last] = rank
        drawn.runs.append(Run(rank=rank, rows=still, columns=steps, name=name))
    else:
        drawn.up[first:last, line] = rank
        drawn.runs.append(Run(rank=rank, rows=steps, columns=still, name=name))


def _thirds(lines: dict[int, int], count: int) -> list[int]:
    """The main lines at which the crossing roads change from west to middle to east."""
    mains = [line for line, rank in sorted(lines.items()) if rank in (PRIMARY, SECONDARY)]
    if len(mains) < 2:  # noqa: PLR2004 (a middle needs two sides)
        return []
    return sorted({min(mains, key=lambda line: abs(line - count * share)) for share in (0.33, 0.67)})


def _name_main(drawn: Plan, main: Iterator[str], thirds: tuple[list[int], list[int]], small: Iterator[str]) -> None:
    """Divide the main roads into their parts and name them."""
    whole, drawn.runs[:] = list(drawn.runs), []
    for run in whole:
        if run.rank in BARRIERS:
            drawn.runs.append(replace(run, name=BARRIER_NAMES[run.rank]))
            continue
        level = run.rows[0] == run.rows[-1]
        stem = next(main) if run.rank > TERTIARY else next(small)
        cuts = thirds[0] if level else thirds[1]
        words = ("西", "中", "东") if level else ("南", "中", "北")
        drawn.runs.extend(_parts(run, stem, cuts, words if len(cuts) == 2 else ("",) * 3))  # noqa: PLR2004 (thirds)


def _parts(run: Run, stem: str, cuts: list[int], words: tuple[str, ...]) -> Iterator[Run]:
    """The parts of a main road."""
    cuts = cuts if len(cuts) == 2 else []  # noqa: PLR2004 (thirds)
    ends = [0, *cuts, len(run.rows) - 1]
    for first, last, word in zip(ends[:-1], ends[1:], words, strict=False):
        part = slice(first, last + 1)
        yield Run(rank=run.rank, rows=run.rows[part], columns=run.columns[part], name=f"{stem}{word}路")


def _fill(rng: np.random.Generator, drawn: Plan, span: Span, small: Iterator[str]) -> None:
    """Cut what lies between main lines into blocks."""
    if beside_barrier(drawn, span):
        for piece in _strips(span):
            _keep(drawn, piece)
        return
    pieces = [(span, True)]
    while pieces:
        piece, whole = pieces.pop()
        south, west, north, east = piece
        rural = drawn.distance[(south + north) // 2, (west + east) // 2] > 1
        if _is_block(rng, north - south, east - west, rural=rural):
            _keep(drawn, piece)
            continue
        rank = TERTIARY if whole and rng.random() < 0.5 else RESIDENTIAL  # noqa: PLR2004 (every other one)
        pieces += [(part, False) for part in _halves(rng, drawn, piece, rank, small)]


def _keep(drawn: Plan, piece: Span) -> None:
    """Make a piece of land a block."""
    south, west, north, east = piece
    drawn.block[south:north, west:east] = len(drawn.spans)
    drawn.spans.append(piece)


def beside_barrier(drawn: Plan, span: Span) -> bool:
    """Whether river or railway is on one of its sides: a street across the land would end there."""
    south, west, north, east = span
    return bool(max(*drawn.across[[south, north], west], *drawn.up[south, [west, east]]) > PRIMARY)


def _strips(span: Span) -> Iterator[Span]:
    """The land beside a barrier, at most three plots at a time."""
    south, west, north, east = span
    for row in range(south, north, 3):
        for column in range(west, east, 3):
            yield row, column, min(row + 3, north), min(column + 3, east)


def _is_block(rng: np.random.Generator, height: int, width: int, *, rural: bool) -> bool:
    """Whether a piece of land stays whole."""
    low, high = sorted((height, width))
    if rural:
        return low * high <= 12 and high <= 5  # noqa: PLR2004 (plots of a block in the country)
    return (low <= 2 and high <= 3 and (low * high <= 3 or rng.random() < 0.8)) or low == high == 1  # noqa: PLR2004


def _halves(rng: np.random.Generator, drawn: Plan, piece: Span, rank: int, small: Iterator[str]) -> list[Span]:
    """Cut a piece across its longer side by a street."""
    south, west, north, east = piece
    upright = east - west > north - south or (east - west == north - south and rng.random() < 0.5)  # noqa: PLR2004
    first, last = (west, east) if upright else (south, north)
    middle = (first + last) // 2 + (int(rng.random() * 2) if (last - first) % 2 else 0)
    name = next(small) + ("路" if rank == TERTIARY else ("街", "巷", "路", "弄")[int(rng.random() * 4)])
    if upright:
        _add(drawn, rank, "up", middle, (south, north), name)
        return [(south, west, north, middle), (south, middle, north, east)]
    _add(drawn, rank, "across", middle, (west, east), name)
    return [(south, west, middle, east), (middle, west, north, east)]


def _diagonal(drawn: Plan, across: dict[int, int], up: dict[int, int]) -> None:
    """Lead one road from a main crossing in the middle to the north-east, corner to corner through the plots."""
    rows, columns = drawn.block.shape
    start = [
        (row, column)
        for row, wide in across.items()
        for column, high in up.items()
        if min(wide, high) >= SECONDARY and max(wide, high) <= PRIMARY
    ]
    rail = [column for column, rank in up.items() if rank == RAIL]
    east = rail[0] - 1 if rail else columns
    north_of = max([row for row, rank in across.items() if rank == RIVER]) + 1
    start = [(row, column) for row, column in start if row >= north_of and column < east]
    if not start:
        return
    row, column = min(start, key=lambda node: abs(node[0] - rows * 0.5) + abs(node[1] - columns * 0.5))
    steps = min(rows - row, east - column)
    if steps < 3:  # noqa: PLR2004 (too short for a road)
        return
    k = np.arange(steps + 1)
    drawn.cut[row + k[:-1], column + k[:-1]] = True
    drawn.runs.append(Run(rank=SECONDARY, rows=row + k, columns=column + k, name="通启大道"))
