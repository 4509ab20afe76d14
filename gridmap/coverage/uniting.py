"""Ground seen, united plot by plot: what several cameras see counts once, for the best band in which it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.compiling import COMPILED
from gridmap.coverage import uniting_kernel
from gridmap.coverage.counting import BANDS
from gridmap.coverage.ground import Ground, Shapes, grouped
from gridmap.coverage.overlaying import united
from gridmap.coverage.sweeping import Floats, Ints
from gridmap.visibility.sweep.pieces import Pieces, polygons, taken

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views

Flags = npt.NDArray[np.bool_]

#: Arcs are drawn to this, metres. They hold the ground of true ones, so that it matters only where they cross.
TOLERANCE_M = 0.01


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Ground of views band by band, as geometries."""

    #: polygons, shape (n,)
    shapes: Shapes
    #: row of the view of each
    view: Ints
    #: 0 recognise, 1 find, 2 detect, 3 seen
    band: Ints

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Which of them meet a shape."""
        return shapely.STRtree(self.shapes)


def drawn(pieces: Pieces, views: Views, plots: Ground, flags: Flags) -> Drawn:
    """Return the ground of each view and band as one valid geometry; arcs are drawn so that their ground is exact.

    Parameters
    ----------
    pieces, views
        Ground in view, and the views.
    plots
        The ground asked about: views that cannot reach it are not drawn.
    flags
        Which views count in which column; those that count in none are not drawn.

    Raises
    ------
    Nothing
        Of no pieces nothing is drawn.
    """
    chosen = flags.any(axis=1) & _reaching(views, plots)
    pieces = taken(pieces, chosen[pieces.view])
    if not len(pieces):
        none = np.zeros(0, np.int64)
        return Drawn(shapes=np.zeros(0, dtype=object), view=none, band=none)
    view, band, shapes = polygons(pieces, views, by=("view", "band"), tolerance_m=TOLERANCE_M)
    # what was joined on a lattice would draw every later overlay onto it
    return Drawn(shapes=shapely.set_precision(shapes, 0), view=view, band=band)


def _reaching(views: Views, plots: Ground) -> Flags:
    """Which views have a disc that meets the box around all plots."""
    west, south, east, north = shapely.total_bounds(plots.plots)
    x, y = np.asarray(views.xy).T
    reach = np.asarray(views.range_m)
    return np.asarray((x + reach >= west) & (x - reach <= east) & (y + reach >= south) & (y - reach <= north))


def seen_m2(seen: Drawn, plots: Ground, flags: Flags, *, kernel: bool = COMPILED) -> Floats:
    """Return the square metres of each plot that are seen in each band or a better one.

    Parameters
    ----------
    seen
        Ground in view.
    plots
        The ground.
    flags
        Which views count in which column, shape (views, k): of several ways of counting, those of
        `gridmap.coverage.counted_views` side by side.
    kernel
        Whether the compiled kernel sweeps the plots, or else overlays unite them: the same but for rounding.

    Returns
    -------
    numpy.ndarray
        Shape (plots, k, 4 bands, 2): ground, and open ground.

    Raises
    ------
    Nothing
        What lies in no plot is left out.
    """
    # where every heading is known, and every camera works, all columns are one
    columns, of = np.unique(flags, axis=1, return_inverse=True)
    amounts = np.repeat(plots.none_seen[:, None, None], columns.shape[1], axis=1).repeat(len(BANDS), axis=2)
    plot, row = seen.tree.query(plots.plots, predicate="intersects")
    if columns[seen.view[row]].any():
        sweep = _by_sweep if kernel else _by_overlay
        sweep(seen, plots, (plot, row), columns[seen.view], amounts)
    return amounts[:, of.ravel()]


def rings(shapes: Shapes) -> tuple[Floats, Ints, Ints]:
    """Return corners of polygons, the first corner of each ring, and the first ring of each polygon; one more at last.

    Parameters
    ----------
    shapes
        Polygons and MultiPolygons, shape (n,).

    Raises
    ------
    Nothing
        An empty polygon has no rings.

    Examples
    --------
    >>> corners, ring, first = rings(np.array([shapely.box(0, 0, 1, 1), shapely.Polygon(), shapely.box(0, 0, 2, 2)]))
    >>> corners.shape, ring.tolist(), first.tolist()
    ((10, 2), [0, 5, 10], [0, 1, 1, 2])
    """
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    every, of = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(every, return_index=True)
    return (
        corners,
        np.searchsorted(ring, np.arange(len(every) + 1)),
        np.searchsorted(part_of[of], np.arange(len(shapes) + 1)),
    )


def _by_sweep(seen: Drawn, plots: Ground, pairs: tuple[Ints, Ints], flags: Flags, amounts: Floats) -> None:
    """Put in what is seen of plots, by the kernel."""
    plot, row = pairs
    order = np.lexsort((row, plot))
    begins = np.searchsorted(plot[order], np.arange(len(plots) + 1))
    built = np.full(len(plots), shapely.Polygon(), dtype=object) if plots.built is None else plots.built
    outlines = rings(plots.plots), rings(built), rings(seen.shapes)
    told = np.zeros_like(amounts)
    uniting_kernel.measure(*outlines, (begins, row[order], seen.band, flags), told)
    # where buildings are not known, open ground is not either
    amounts += np.cumsum(told, axis=2)


def _by_overlay(seen: Drawn, plots: Ground, pairs: tuple[Ints, Ints], flags: Flags, amounts: Floats) -> None:
    """Put in what is seen of plots, by overlays."""
    places, unions, same = [], [], []
    for plot, rows in grouped(*pairs):
        for column, alike in _alike(flags[rows]):
            for band, union in _by_band(seen, rows[flags[rows, column]]):
                places.append((plot, column, band))
                unions.append(union)
            same += [(plot, other, column) for other in alike]
    at = tuple(np.array(places).T)
    amounts[at] = plots.measured(np.array(unions, dtype=object), at[0])
    _carry(amounts, at)
    where, others, told = np.array(same, np.int64).reshape(-1, 3).T
    amounts[where, others] = amounts[where, told]


def _alike(flags: Flags) -> Iterator[tuple[int, list[int]]]:
    """Columns in which some count, each with the further ones in which the same do."""
    told: dict[bytes, list[int]] = {}
    for column in np.flatnonzero(flags.any(axis=0)).tolist():
        told.setdefault(flags[:, column].tobytes(), []).append(column)
    return ((columns[0], columns[1:]) for columns in told.values())


def _by_band(seen: Drawn, rows: Ints) -> Iterator[tuple[int, shapely.Geometry]]:
    """Bands in which more is seen than in better ones, with all that is seen so well."""
    so_far: list[shapely.Geometry] = []
    for band in range(len(BANDS)):
        shapes = seen.shapes[rows[seen.band[rows] == band]]
        if len(shapes):
            so_far = [united([*so_far, *shapes])]
            yield band, so_far[0]


def _carry(amounts: Floats, at: tuple[Ints, ...]) -> None:
    """Put what is seen in a band into the worse ones in which nothing more is seen."""
    told = np.zeros(amounts.shape[:3], dtype=bool)
    told[at] = True
    for worse in range(1, len(BANDS)):
        empty = ~told[:, :, worse]
        amounts[:, :, worse][empty] = amounts[:, :, worse - 1][empty]
