"""Pieces of visible ground, each between two rays from its camera; their exact areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError
from gridmap.visibility.cameras.views import Views

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: How far arcs may be drawn from their place, metres.
DRAWN_WITHIN_M = 0.05
#: Row of no building: the piece ends at the range, at a depth line or at the edge of a band.
NO_BLOCKER = -1


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Ground between two rays from a camera, an inner and an outer edge, one row per piece, in metres.

    Places are relative to the camera's own. Pieces of one view do not overlap; none spans more than a right angle.
    """

    #: row of the view, ascending, shape (m,)
    view: Ints
    #: 0 recognise, 1 find, 2 detect, 3 seen, shape (m,)
    band: Ints
    #: x0, y0 on the right ray, x1, y1 on the left one; zeros where the piece begins at the camera, shape (m, 4)
    inner: Floats
    #: x0, y0 on the right ray, x1, y1 on the left one, shape (m, 4)
    outer: Floats
    #: whether the inner edge is an arc about the camera instead of straight, shape (m,)
    inner_arc: Flags
    #: whether the outer edge is an arc about the camera instead of straight, shape (m,)
    outer_arc: Flags
    #: row of the building that bounds the piece outside, -1 for none, shape (m,)
    blocker: Ints

    def __len__(self) -> int:
        """Return how many pieces there are."""
        return len(self.view)


def no_pieces() -> Pieces:
    """Return pieces of nothing.

    Raises
    ------
    Nothing
        It needs nothing.

    Examples
    --------
    >>> len(no_pieces())
    0
    """
    rows, ends, flags = np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0, np.bool_)
    return Pieces(view=rows, band=rows, inner=ends, outer=ends, inner_arc=flags, outer_arc=flags, blocker=rows)


def taken(pieces: Pieces, rows: npt.NDArray[Any]) -> Pieces:
    """Return some of the pieces.

    Parameters
    ----------
    pieces
        Any pieces.
    rows
        Rows, or a flag per piece; rows may repeat.

    Raises
    ------
    IndexError
        If a row does not exist.

    Examples
    --------
    >>> len(taken(no_pieces(), np.zeros(0, np.int64)))
    0
    """
    return Pieces(**{field.name: getattr(pieces, field.name)[rows] for field in fields(Pieces)})


def width(ends: Floats) -> Floats:
    """Return the angle that each edge spans.

    Parameters
    ----------
    ends
        Two places each, shape (m, 4).

    Raises
    ------
    Nothing
        It is negative where the second lies clockwise of the first.
    """
    x0, y0, x1, y1 = ends.T
    angle: Floats = np.arctan2(x0 * y1 - y0 * x1, x0 * x1 + y0 * y1)
    return angle


def joined(several: Sequence[Pieces]) -> Pieces:
    """Return pieces of several computations as one table, ordered by view.

    Parameters
    ----------
    several
        Pieces of the same views.

    Raises
    ------
    Nothing
        Of nothing there are no pieces.

    Examples
    --------
    >>> len(joined([]))
    0
    """
    if not several:
        return no_pieces()
    columns = {field.name: np.concatenate([getattr(each, field.name) for each in several]) for field in fields(Pieces)}
    return taken(Pieces(**columns), np.argsort(columns["view"], kind="stable"))


def areas(pieces: Pieces) -> Floats:
    """Return the exact area of each piece: of its outer triangle or circular sector less that of its inner one.

    Parameters
    ----------
    pieces
        Any pieces.

    Returns
    -------
    numpy.ndarray
        Square metres, shape (m,).

    Raises
    ------
    Nothing
        Every piece has an area.

    Notes
    -----
    A triangle from the camera to p and q has half of p x q; a sector of radius R and angle a has half of R^2 a, where
    tan a = (p x q) / (p . q).

    Examples
    --------
    A quarter of the disc of radius 2, less what lies before the line from (1, 0) to (0, 1):

    >>> piece = Pieces(view=np.zeros(1, int), band=np.full(1, 3), inner=np.array([[1.0, 0, 0, 1]]),
    ...     outer=np.array([[2.0, 0, 0, 2]]), inner_arc=np.array([False]), outer_arc=np.array([True]),
    ...     blocker=np.full(1, -1))
    >>> areas(piece).round(6).tolist()
    [2.641593]
    """
    return _swept(pieces.outer, pieces.outer_arc) - _swept(pieces.inner, pieces.inner_arc)


def _swept(ends: Floats, arc: Flags) -> Floats:
    """Return the area between the camera and each edge."""
    x0, y0, x1, y1 = ends.T
    cross = x0 * y1 - y0 * x1
    swept: Floats = cross / 2
    if arc.any():
        curved = ends[arc]
        inward = curved[:, 0] * curved[:, 2] + curved[:, 1] * curved[:, 3]
        radius = np.hypot(curved[:, 0], curved[:, 1])
        swept[arc] = radius**2 * np.arctan2(cross[arc], inward) / 2
    return swept


def polygons(
    pieces: Pieces, views: Views, by: Sequence[str] = ("view", "band"), tolerance_m: float = DRAWN_WITHIN_M
) -> tuple[Ints, Ints, npt.NDArray[Any]]:
    """Return outlines of the visible ground for drawing; their areas are not exact, see `areas`.

    Parameters
    ----------
    pieces
        Visible ground.
    views
        Its views, for the places of their cameras.
    by
        One outline per ``("view", "band")``, or per ``("view",)`` alone.
    tolerance_m
        How far a drawn arc may lie from the true one, metres.

    Returns
    -------
    view, band, geometry : numpy.ndarray
        By view and band; band is -1 where outlines are of whole views. Polygons and MultiPolygons in ``views.crs``.

    Raises
    ------
    InputError
        If the tolerance is not above 0.
    """
    from gridmap.visibility.sweep.outlines import outlined

    if not tolerance_m > 0:
        raise InputError(f"tolerance_m={tolerance_m}", expected="metres above 0", do="say how far arcs may be off")
    band = pieces.band if "band" in by else np.full(len(pieces), -1)
    step = int(band.max(initial=0)) + 2
    keys, group = np.unique(pieces.view * step + band + 1, return_inverse=True)
    view = keys // step
    return view, keys % step - 1, outlined(pieces, group, views.xy[view], tolerance_m)
