"""How far two lines lie apart: offset, profile, and the distances of Hausdorff and Fréchet, on their common extent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.disputes.extent import common_extent
from gridmap.disputes.strips import signed_area

Shapes = NDArray[Any]
Floats = NDArray[np.float64]

#: Most points that a line is divided into for distances along it: Fréchet's takes the product of both.
_MOST_POINTS = 2000
#: Lines of more than twice as many vertices are thinned by so many metres for it, or as much more as it takes.
_THINNED_M = 0.001


def deviations(a: Any, b: Any, *, step_m: float = 0.5) -> pd.DataFrame:
    """Return how far pairs of lines lie apart on their common extent.

    Lines are divided at every step, so that distances are those of the lines and not of their vertices: between a
    straight line of 100 m and one that leaves it by 10 m in the middle, Fréchet's distance of the bare vertices is
    51 m. The direction in which a line was drawn does not matter.

    Parameters
    ----------
    a, b
        Lines in metres, shape (n,), each beside its partner.
    step_m
        Step in metres; longer on lines of more than 2000 steps.

    Returns
    -------
    DataFrame
        ``mean_offset_m`` (area between the lines, with its sign, over the length of a: positive where b lies left of
        a), ``p95_m`` (of the distances of points of a from b), ``hausdorff_ab_m`` and ``hausdorff_ba_m`` (the farthest
        that a point of one is from the other), ``hausdorff_m`` (the larger), ``frechet_m``, ``common_m`` (length of
        the common extent along a). nan where there is none.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> wall, hedge = shapely.linestrings([[[0, 0], [100, 0], [100, 0]], [[100, 0], [50, 10], [0, 0]]])
    >>> told = deviations([wall], [hedge]).iloc[0]
    >>> [round(float(told[name]), 2) for name in ("mean_offset_m", "hausdorff_m", "frechet_m")]
    [5.0, 10.0, 10.0]
    """
    one, other, common = common_extent(np.asarray(a, dtype=object), np.asarray(b, dtype=object))
    fine, too = divided(one, step_m), divided(other, step_m)
    ahead, back = _distances(fine, other), _distances(too, one)
    rows = {
        "mean_offset_m": signed_area(one, other) / np.where(common > 0, common, np.nan),
        "p95_m": [float(np.quantile(each, 0.95)) for each in ahead],
        "hausdorff_m": [max(there.max(), here.max()) for there, here in zip(ahead, back, strict=True)],
        "hausdorff_ab_m": [each.max() for each in ahead],
        "hausdorff_ba_m": [each.max() for each in back],
        "frechet_m": shapely.frechet_distance(_thinned(fine), _thinned(too)),
    }
    table = pd.DataFrame(rows, dtype=float)
    table.loc[common == 0] = np.nan
    return table.assign(common_m=common)


def profile(a: Any, b: Any, *, step_m: float = 0.5) -> pd.DataFrame:
    """Return how far b lies from a at every step along a, on their common extent.

    Parameters
    ----------
    a, b
        Two lines in metres.
    step_m
        Step in metres.

    Returns
    -------
    DataFrame
        ``along_m`` (from the beginning of the common extent, the end included), ``offset_m`` (positive where b lies
        left of a), ``x``, ``y`` of the point of a. Empty where there is no common extent.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> wall, hedge = shapely.linestrings([[[0, 0], [1, 0]], [[1, -2], [0, -2]]])
    >>> profile(wall, hedge)["offset_m"].tolist()
    [-2.0, -2.0, -2.0]
    """
    one, other, common = common_extent(np.array([a], dtype=object), np.array([b], dtype=object))
    if not common[0]:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in ("along_m", "offset_m", "x", "y")})
    along = np.append(np.arange(0.0, common[0], step_m), common[0])
    points = shapely.line_interpolate_point(one[0], along)
    foot = shapely.get_coordinates(
        shapely.line_interpolate_point(other[0], shapely.line_locate_point(other[0], points))
    )
    here = shapely.get_coordinates(points)
    nudge = np.minimum(along + _AHEAD_M, common[0])
    forward = shapely.get_coordinates(shapely.line_interpolate_point(one[0], nudge))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(one[0], np.maximum(nudge - 2 * _AHEAD_M, 0)))
    (run_x, run_y), (off_x, off_y) = (forward - behind).T, (foot - here).T
    side = np.sign(run_x * off_y - run_y * off_x)
    return pd.DataFrame({"along_m": along, "offset_m": side * np.hypot(off_x, off_y), "x": here[:, 0], "y": here[:, 1]})


#: How far before and behind a point the direction of its line is taken, in metres.
_AHEAD_M = 0.01


def divided(lines: Shapes, step_m: float) -> Shapes:
    """Lines with a vertex at every step at least."""
    found: Shapes = shapely.segmentize(lines, np.maximum(step_m, shapely.length(lines) / _MOST_POINTS))
    return found


def _thinned(lines: Shapes) -> Shapes:
    """Lines of more vertices than that are worth a product, without those that lie nearest to the rest."""
    found, off = lines.copy(), _THINNED_M
    while (many := shapely.get_num_coordinates(found) > 2 * _MOST_POINTS).any():
        found[many] = divided(shapely.simplify(lines[many], off), shapely.length(lines[many]) / _MOST_POINTS)
        off *= 2
    return found


def _distances(lines: Shapes, others: Shapes) -> list[Floats]:
    """Distances of the vertices of each line from the other."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    apart = shapely.distance(shapely.points(points), others[line])
    return np.split(apart, np.searchsorted(line, np.arange(1, len(lines)))) if len(lines) else []
