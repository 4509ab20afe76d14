"""Survey error as a verdict: whether two lines differ by more than the surveys of one line would."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.disputes.extent import common_extent
from gridmap.disputes.strips import strips
from gridmap.errors import InputError

Floats = NDArray[np.float64]

#: Standard error of a boundary point in metres, by class (TD/T 1001-2012).
CLASSES = MappingProxyType({1: 0.05, 2: 0.075, 3: 0.10})
#: What may be said of two lines.
VERDICTS = ("within_survey_error", "beyond", "cannot_decide")
#: Vertices nearer than this to the other line, in metres, are shared with it and were not surveyed twice.
_SHARED_M = 1e-4
#: Most points at which the distance of two lines is taken, beside their vertices.
_MOST_POINTS = 2000


@dataclass(frozen=True, kw_only=True)
class SurveyError:
    """How far a point of a line may be from where it was meant, all sources of error together."""

    #: standard error of a surveyed point in metres: stated, or that of its class
    point_m: float = CLASSES[3]
    #: that of the map or picture it was taken from, in metres: the leave-one-out error of its control points
    georeference_m: float = 0.0
    #: scale of the map it was drawn on, as 10000 of 1:10 000
    scale: float | None = None
    #: how far a drawn line may be from the one meant, in millimetres of the map
    line_width_mm: float = 0.2
    #: that of the parameters from another datum, in metres
    datum_m: float = 0.0

    @property
    def independent_m(self) -> float:
        """What differs from point to point: survey, and line width x scale."""
        return float(np.hypot(self.point_m, self.line_width_mm / 1000 * (self.scale or 0.0)))

    @property
    def common_m(self) -> float:
        """What shifts all points of a source together: its place on the ground, and its datum."""
        return float(np.hypot(self.georeference_m, self.datum_m))

    @property
    def combined_m(self) -> float:
        """Standard error of a point in metres: m² = survey² + georeference² + (line width x scale)² + datum²."""
        return float(np.hypot(self.independent_m, self.common_m))


def tolerance(error_a: ArrayLike, error_b: ArrayLike, vertices: ArrayLike = 1, *, alpha: float = 0.01) -> Any:
    """Return the distance in metres that two surveys of one line exceed anywhere with a chance of at most alpha.

    T = m_d √ln(n / α), with m_d² = m_a² + m_b². The difference of two surveyed points is Rayleigh distributed with
    scale m_d / √2, and none of n free vertices may pass T. For equal classes that is m √(2 ln(n / α)).

    Parameters
    ----------
    error_a, error_b
        Standard errors of a point of either line in metres.
    vertices
        Free vertices n: those that were surveyed twice.
    alpha
        The chance.

    Returns
    -------
    float or numpy.ndarray

    Raises
    ------
    InputError
        If alpha is no chance, an error is negative, or there is no vertex.

    Examples
    --------
    Nine free vertices in the best class:

    >>> round(float(tolerance(0.05, 0.05, 9)), 3)
    0.184
    """
    a, b, n = (np.asarray(each, dtype=np.float64) for each in (error_a, error_b, vertices))
    if not 0 < alpha < 1:
        raise InputError(f"a chance of {alpha}", expected="more than 0 and less than 1", code="no_chance")
    if (a < 0).any() or (b < 0).any() or (n < 1).any():
        raise InputError("a negative error, or no vertex", expected="errors of 0 m or more, 1 vertex or more")
    return np.hypot(a, b) * np.sqrt(np.log(n / alpha))


def limit(error_a: ArrayLike, error_b: ArrayLike) -> Any:
    """Return the limit of one point by the rule of twice the standard error, in metres: 2 m_d.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> [round(float(limit(m, m)), 3) for m in CLASSES.values()]
    [0.141, 0.212, 0.283]
    """
    return 2 * np.hypot(error_a, error_b)


def judge(
    a: Any,
    b: Any,
    *,
    error_a: ArrayLike,
    error_b: ArrayLike,
    alpha: float = 0.01,
    survey_m: float = CLASSES[3],
) -> pd.DataFrame:
    """Return the verdict on pairs of lines: whether they differ by more than survey error.

    Lines are compared on their common extent. ``beyond``: somewhere they are farther apart than the tolerance of as
    many vertices as the more detailed of them has; errors that shift a whole line are taken for those of its vertices,
    which keeps the chance below alpha. ``cannot_decide``: they are not, but surveys by class would tell
    them apart: the source is too coarse for this question. ``within_survey_error``: they are not, and no survey by
    class would tell.

    Parameters
    ----------
    a, b
        Lines in metres, shape (n,), each beside its partner.
    error_a, error_b
        Standard errors of their points in metres: one, or shape (n,).
    alpha
        Chance that two surveys of one line are called ``beyond``.
    survey_m
        Error of a point that any survey by class keeps.

    Returns
    -------
    DataFrame
        ``verdict``, ``tolerance_m``, ``apart_m`` (the farthest that they are apart, either way), ``beyond_m`` (by how
        much that passes the tolerance), ``over_m`` (along how much of b), ``beyond_m2`` (ground between the lines
        beyond the tolerance of a), ``vertices``, ``common_m``; nan of lines without common extent, which nobody can
        decide on.

    Raises
    ------
    InputError
        As `tolerance`.

    Examples
    --------
    >>> wall = shapely.linestrings([[[0, 0], [10, 0], [20, 0]]])
    >>> told = judge(wall, shapely.transform(wall, lambda xy: xy + [0, 0.3]), error_a=0.05, error_b=0.05)
    >>> told["verdict"][0], round(float(told["tolerance_m"][0]), 3), round(float(told["beyond_m2"][0]), 2)
    ('beyond', 0.169, 2.62)
    """
    one, other, common = common_extent(np.asarray(a, dtype=object), np.asarray(b, dtype=object))
    met = common > 0
    count = np.maximum(np.maximum(_free(one, other), _free(other, one)), 1)
    reach = tolerance(error_a, error_b, count, alpha=alpha)
    apart = _apart(one, other)
    passed = met & (apart > reach)
    coarse = met & ~passed & (apart > tolerance(survey_m, survey_m, count, alpha=alpha))
    over, ground = np.zeros(len(one)), np.zeros(len(one))
    band = shapely.buffer(one[passed], reach[passed], quad_segs=32)
    over[passed] = shapely.length(shapely.difference(other[passed], band))
    ground[passed] = shapely.area(shapely.difference(strips(one[passed], other[passed]), band))
    table = pd.DataFrame(
        {
            "verdict": np.select([passed, coarse | ~met], ["beyond", "cannot_decide"], "within_survey_error"),
            "tolerance_m": reach,
            "apart_m": apart,
            "beyond_m": np.where(passed, apart - reach, 0.0),
            "over_m": over,
            "beyond_m2": ground,
            "vertices": count,
            "common_m": common,
        }
    )
    table.loc[~met, ["tolerance_m", "apart_m", "beyond_m", "over_m", "beyond_m2"]] = np.nan
    return table


def offset_error(a: Any, b: Any, *, errors: tuple[Floats, Floats], common: tuple[Floats, Floats]) -> Floats:
    """Return the standard errors in metres of the mean offset of pairs of lines on their common extent.

    A mean over many vertices is known better than any of them: the area between the lines has the variance
    Σ m² / 8 · Σ |P(i-1) P(i+1)|² + Σ m_common² / 2 · |chord|² over both lines, and the mean offset is that area by the
    length of a.

    Parameters
    ----------
    a, b
        Lines in metres, shape (n,), each beside its partner.
    errors
        Standard errors of their points that differ from point to point, in metres, each of shape (n,).
    common
        Those that shift a whole line.

    Raises
    ------
    Nothing

    Examples
    --------
    Points of 5 cm every 20 m along 200 m, on both lines:

    >>> wall = shapely.linestrings([np.column_stack([np.arange(0, 201, 20), np.zeros(11)])])
    >>> errors, common = (np.array([0.05]),) * 2, (np.array([0.0]),) * 2
    >>> round(float(offset_error(wall, wall, errors=errors, common=common)[0]), 3)
    0.015
    """
    one, other, length = common_extent(np.asarray(a, dtype=object), np.asarray(b, dtype=object))
    both = zip((one, other), map(np.asarray, errors), map(np.asarray, common), strict=True)
    variance = sum(point**2 / 8 * _spans(line) + place**2 / 2 * _chord(line) for line, point, place in both)
    found: Floats = np.sqrt(variance) / np.where(length > 0, length, np.nan)
    return found


def _spans(lines: NDArray[Any]) -> Floats:
    """Sum of squared distances between the neighbours of each vertex; the neighbour past an end is the end itself."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    last = np.flatnonzero(np.diff(line, append=len(lines)))
    number = np.arange(len(points))
    before, after = np.maximum(number - 1, np.append(0, last[:-1] + 1)[line]), np.minimum(number + 1, last[line])
    squares = ((points[after] - points[before]) ** 2).sum(axis=1)
    return np.bincount(line, weights=squares, minlength=len(lines)).astype(np.float64)


def _chord(lines: NDArray[Any]) -> Floats:
    """Squared distance of the ends of each line."""
    ends = [shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)]
    found: Floats = ((ends[1] - ends[0]) ** 2).sum(axis=1)
    return found


def _free(lines: NDArray[Any], others: NDArray[Any]) -> NDArray[np.intp]:
    """How many vertices of each line do not lie on the other."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    off = shapely.distance(shapely.points(points), others[line]) > _SHARED_M
    return np.bincount(line[off], minlength=len(lines))


def _apart(a: NDArray[Any], b: NDArray[Any]) -> Floats:
    """The farthest that two lines are apart, either way: the Hausdorff distance, edges divided in four."""
    most = np.maximum(shapely.get_num_coordinates(a), shapely.get_num_coordinates(b))
    found: Floats = shapely.hausdorff_distance(a, b, densify=np.clip(most / _MOST_POINTS, 0.25, 1.0))
    return found
