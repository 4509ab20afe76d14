"""Parts of lines that lie in view: which metres of which street are seen by which view, and in which band.

Exact by interval arithmetic. A piece of a viewshed lies between two rays from its camera, an inner and an outer edge;
along a straight segment each of the four keeps an interval, an arc by the roots of a quadratic. Nothing is sampled and
no polygon is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.crs import to_system
from gridmap.errors import CrsError, Fault, TableError
from gridmap.visibility import clipping

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.sweep.pieces import Pieces

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Width of the cells in which segments are looked up, metres: about that of a piece of a viewshed.
CELL_M = 32.0
#: Most cells and entries of the grid for each segment, beyond the first million; wider cells are taken above that.
ROOM = 16
#: A gap that short between two parts of one band is rounding, metres.
JOIN_M = 1e-6


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines as straight segments in a uniform grid: built once, asked often."""

    #: the metric system
    crs: Any
    #: length of each line, metres, shape (n,)
    length_m: Floats
    #: line of each segment, shape (s,)
    line: Ints
    #: metres along the line at which each segment begins, shape (s,)
    start_m: Floats
    #: x0, y0, x1, y1 of each segment, shape (s, 4)
    ends: Floats
    #: west and south of the grid and cells per metre
    frame: tuple[float, float, float]
    #: columns and rows of the grid
    size: tuple[int, int]
    #: where the segments of each cell begin in ``entries``, shape (cells + 1,)
    cells: Ints
    #: segments whose box reaches into a cell, cell by cell
    entries: Ints


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Metres of lines that lie in view, sorted by line, view and metre; those of one view do not overlap."""

    #: row of the line, shape (n,)
    line: Ints
    #: metres along the line
    from_m: Floats
    to_m: Floats
    #: row of `Views`
    view: Ints
    #: 0 recognise, 1 find, 2 detect, 3 seen
    band: Ints
    #: length of every line, whether seen or not, shape (lines,)
    length_m: Floats

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.line)

    def taken(self, rows: Any) -> Parts:
        """Return the parts at these rows, or where a mask is true."""
        chosen = {name: getattr(self, name)[rows] for name in ("line", "from_m", "to_m", "view", "band")}
        return Parts(**chosen, length_m=self.length_m)


def gridded(lines: gpd.GeoDataFrame | gpd.GeoSeries, crs: Any) -> Lines:
    """Return lines as segments in a grid, for `parts`.

    Metres along a line count from its first vertex; those of a line in several parts go on from part to part.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings, shape (n,), in any CRS; missing and empty ones have no metres.
    crs
        The metric system in which views are.

    Returns
    -------
    Lines
        Row n of the table is line n.

    Raises
    ------
    CrsError
        If the lines state no CRS.
    TableError
        If there are other geometries among them, or coordinates that are not finite.

    Examples
    --------
    >>> table = gpd.GeoSeries([shapely.LineString([(0, 0), (3, 4), (3, 4), (3, 5)])], crs=4549)
    >>> made = gridded(table, 4549)
    >>> made.length_m.tolist(), made.start_m.tolist()
    ([6.0], [0.0, 5.0])
    """
    if lines.crs is None:
        raise CrsError("lines that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    shapes = np.asarray(to_system(lines.geometry, crs).to_numpy(), dtype=object)
    _refuse_others(shapes)
    line, ends = _segments(shapes)
    metres = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    real = metres > 0
    line, ends, metres = line[real], np.ascontiguousarray(ends[real]), metres[real]
    length = np.zeros(len(shapes))
    np.add.at(length, line, metres)
    frame, size = _frame(ends)
    cells, entries = _entered(ends, frame, size)
    return Lines(
        crs=crs,
        length_m=length,
        line=line,
        start_m=_starts(line, metres),
        ends=ends,
        frame=frame,
        size=size,
        cells=cells,
        entries=entries,
    )


def parts(pieces: Pieces, views: Views, lines: Lines | gpd.GeoDataFrame | gpd.GeoSeries) -> Parts:
    """Return the metres of each line that lie in each view, band by band.

    A line along the edge of a piece lies in it; along the edge between two bands it lies in the better one.

    Parameters
    ----------
    pieces
        Pieces of viewsheds.
    views
        The views they belong to.
    lines
        What `gridded` returned for the system of the views, or a table of lines in any CRS.

    Returns
    -------
    Parts
        Sorted by line, view and ``from_m``; neighbouring pieces of one band are one part.

    Raises
    ------
    CrsError, TableError
        As `gridded`.
    """
    net = lines if isinstance(lines, Lines) else gridded(lines, views.crs)
    place = np.ascontiguousarray(np.asarray(views.xy, dtype=float)[pieces.view])
    piece, segment, low, high = clipping.clipped(clipping.Cut.of(pieces, place), net)
    start, metres = net.start_m[segment], np.hypot(*(net.ends[segment, 2:] - net.ends[segment, :2]).T)
    raw = Parts(
        line=net.line[segment],
        from_m=start + low * metres,
        to_m=start + high * metres,
        view=np.asarray(pieces.view, dtype=np.int64)[piece],
        band=np.asarray(pieces.band, dtype=np.int64)[piece],
        length_m=net.length_m,
    )
    return _joined(raw)


def drawn(lines: Lines, line: Ints, from_m: Floats, to_m: Floats) -> npt.NDArray[np.object_]:
    """Return stretches of lines as geometries, shape (n,).

    Parameters
    ----------
    lines
        The lines.
    line
        Row of the line of each stretch, shape (n,).
    from_m, to_m
        Where it begins and ends, metres along the line.

    Returns
    -------
    numpy.ndarray
        LineStrings in the direction of the line; MultiLineStrings where it has several parts.

    Raises
    ------
    Nothing
        What goes beyond the line is left out.

    Examples
    --------
    >>> net = gridded(gpd.GeoSeries([shapely.LineString([(0, 0), (5, 0), (5, 5)])], crs=4549), 4549)
    >>> print(drawn(net, np.array([0]), np.array([4.0]), np.array([7.0]))[0])
    LINESTRING (4 0, 5 0, 5 2)
    """
    first = np.searchsorted(lines.line, line, side="left")
    count = np.searchsorted(lines.line, line, side="right") - first
    stretch = np.repeat(np.arange(len(line)), count)
    segment = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    begin, way = lines.ends[segment, :2], lines.ends[segment, 2:] - lines.ends[segment, :2]
    metres, start = np.hypot(*way.T), lines.start_m[segment]
    low, high = (np.clip((each[stretch] - start) / metres, 0.0, 1.0) for each in (from_m, to_m))
    real = high > low
    low, high = (begin + share[:, None] * way for share in (low, high))
    strings = shapely.linestrings(np.stack([low[real], high[real]], axis=1))
    several = shapely.multilinestrings(strings, indices=stretch[real], out=np.full(len(line), None, dtype=object))
    return np.asarray(shapely.line_merge(several, directed=True))


def _refuse_others(shapes: npt.NDArray[np.object_]) -> None:
    """Refuse what is no line, with the number of each feature."""
    kind = shapely.get_type_id(shapes)
    faults = [
        Fault(code="not_a_line", message=f"a {shapes[row].geom_type}; expected a line", feature=int(row) + 1)
        for row in np.flatnonzero(~np.isin(kind, (-1, 1, 5)))
    ]
    xy, row_of = shapely.get_coordinates(shapes, return_index=True)
    faults += [
        Fault(code="not_finite", message="coordinates that are no numbers; correct them", feature=int(row) + 1)
        for row in np.unique(row_of[~np.isfinite(xy).all(axis=1)])
    ]
    if faults:
        raise TableError("lines", faults)


def _segments(shapes: npt.NDArray[np.object_]) -> tuple[Ints, Floats]:
    """Line and ends of each straight segment, in order."""
    strings, line_of = shapely.get_parts(shapes, return_index=True)
    xy, string_of = shapely.get_coordinates(strings, return_index=True)
    together = string_of[1:] == string_of[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[together]
    return np.asarray(line_of[string_of[:-1][together]], dtype=np.int64), np.ascontiguousarray(ends)


def _starts(line: Ints, metres: Floats) -> Floats:
    """Metres along its line at which each segment begins."""
    first = np.flatnonzero(np.diff(line, prepend=-1))
    starts = np.zeros(len(line))
    for begin, end in zip(first, np.append(first, len(line))[1:], strict=True):
        # summed line by line: a sum over the whole table would carry the rounding of a city into every street
        np.cumsum(metres[begin : end - 1], out=starts[begin + 1 : end])
    return starts


def _frame(ends: Floats) -> tuple[tuple[float, float, float], tuple[int, int]]:
    """West, south and cells per metre of a grid over segments, and its columns and rows."""
    if not len(ends):
        return (0.0, 0.0, 1 / CELL_M), (1, 1)
    x, y = ends[:, ::2], ends[:, 1::2]
    room, cell = ROOM * len(ends) + 1_000_000, CELL_M
    wide, high = np.ptp(x, axis=1), np.ptp(y, axis=1)
    while (np.ptp(x) / cell + 1) * (np.ptp(y) / cell + 1) > room or (
        (wide / cell + 1) * (high / cell + 1)
    ).sum() > room:
        cell *= 2
    return (float(x.min()), float(y.min()), 1 / cell), (int(np.ptp(x) / cell) + 1, int(np.ptp(y) / cell) + 1)


def _entered(ends: Floats, frame: tuple[float, float, float], size: tuple[int, int]) -> tuple[Ints, Ints]:
    """Segments of each cell that their boxes reach into: where each cell begins, and the segments."""
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    segment, cell = clipping.cells_of(np.hstack([low, high]), frame, size)
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(size[0] * size[1] + 1))
    return starts.astype(np.int64), np.ascontiguousarray(segment[order])


def _joined(raw: Parts) -> Parts:
    """Parts in order, without overlap, those of one band that touch made one."""
    key = raw.line * (raw.view.max(initial=0) + 1) + raw.view
    order = np.lexsort((raw.band, raw.from_m, key))
    key, found = key[order], raw.taken(order)
    reached = _reached(key, found.to_m)
    begin = np.maximum(found.from_m, reached)
    kept = found.to_m > begin
    key, found, begin, reached = key[kept], found.taken(kept), begin[kept], reached[kept]
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = (np.diff(key) != 0) | (np.diff(found.band) != 0) | (begin[1:] > reached[1:] + JOIN_M)
    first = np.flatnonzero(fresh)
    last = np.append(first, len(key))[1:] - 1
    joined = found.taken(first)
    return Parts(
        line=joined.line,
        from_m=begin[first],
        to_m=found.to_m[last],
        view=joined.view,
        band=joined.band,
        length_m=raw.length_m,
    )


def _reached(key: Ints, to_m: Floats) -> Floats:
    """Greatest ``to_m`` of the rows before each one that have its key, 0 where there are none."""
    reached = np.zeros(len(key))
    reached[1:] = np.where(np.diff(key) == 0, to_m[:-1], 0.0)
    # ends go up but where parts lie on one another: only then is there more to do
    while (behind := np.flatnonzero((np.diff(key) == 0) & (reached[1:] < reached[:-1]))).size:
        reached[behind + 1] = reached[behind]
    return reached
