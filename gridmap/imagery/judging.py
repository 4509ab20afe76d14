"""Faults of control points, each named, before anybody trusts a warp made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from gridmap.imagery.distortion import distortion
from gridmap.imagery.fault_words import FAULTS
from gridmap.imagery.fitting import FEWEST, design, fit_warp
from gridmap.imagery.ground import on_ground
from gridmap.imagery.outliers import outliers
from gridmap.imagery.points import ControlPoints, Numbers, control_points

#: Columns of the table of faults, in order.
FAULT_COLUMNS = ("code", "severity", "points", "message", "message_zh")


@dataclass(frozen=True, kw_only=True)
class PointLimits:
    """Beyond what a set of control points is faulty.

    The limits on residual, area and angle stand between what sound scans of real old maps show (at most 4.4 %, 1.7
    and 29 degrees) and what one point misplaced by a fifth of the sheet does (8.7 %, 3.3 and 80 degrees).
    """

    #: points as thin as this, across over along, lie on one line
    thinness: float = 0.01
    #: root mean square residual of the even scale, as a share of the extent on the ground
    residual_share: float = 0.06
    #: factor between the largest and the usual area, or the usual and the smallest
    swelling: float = 2.5
    #: change of an angle, degrees
    skew_deg: float = 50.0
    #: factor between the scales of the two directions
    shear: float = 2.0
    #: how far outside the outline of the map a point may lie, as a share of the outline's extent
    margin_share: float = 0.5
    #: share of the picture that may be folded: none, but for the rounding of the places looked at
    folded_share: float = 0.0
    #: chance of naming an outlier in a set without one
    outlier_level: float = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class _Case:
    """What the checks look at."""

    #: pixel and line, east and north of the points that have all four, and their positions in the table
    pixels: Numbers
    ground: Numbers
    positions: Sequence[int]
    given: ControlPoints
    size: tuple[int, int] | None
    mask: Numbers | None
    method: str
    limits: PointLimits


#: A fault: its code, positions of the points, and what its message tells.
Found = tuple[str, Sequence[int], dict[str, float]]


def judge_control_points(
    points: ControlPoints | pd.DataFrame,
    *,
    size: tuple[int, int] | None = None,
    method: str = "order1",
    crs: object = None,
    limits: PointLimits | None = None,
) -> pd.DataFrame:
    """Return the faults of control points; an empty table where there are none.

    First what forbids any warp: too few points for the method, incomplete ones, a pixel or a place twice, all on one
    line, outside the scan, lines counted upwards, axes exchanged, a broken outline. Only where none of it is found,
    what makes a warp unfit to measure on: outliers, a fold, distortion of areas or angles, shear, residuals.

    Parameters
    ----------
    points
        Control points, or a table of pixel, line, x, y.
    size
        Width and height of the scan; what the points' file says if left out.
    method
        order1, order2, order3 or tps.
    crs
        System of x and y where the points do not say.
    limits
        Beyond what they are faulty.

    Returns
    -------
    pandas.DataFrame
        code, severity (``error``: no warp is made; ``warning``: not fit to measure on), points (positions in the
        table, from 0), message, message_zh.

    Raises
    ------
    InputError
        If a column is missing, or the method is unknown.
    CrsError
        If the numbers cannot be coordinates of the system.

    Examples
    --------
    >>> two = pd.DataFrame({"pixel": [0.0, 9.0], "line": [0.0, 9.0], "x": [120.0, 120.1], "y": [32.0, 32.1]})
    >>> judge_control_points(two)[["code", "severity"]].values.tolist()
    [['too_few', 'error']]
    """
    given = control_points(points)
    metres = on_ground(given, crs)
    case = _case(given, metres.metres, size or given.size, method, limits or PointLimits())
    found = list(_forbidding(case))
    if not any(FAULTS[code].severity == "error" for code, _, _ in found):
        found += list(_unfit(case))
    if metres.crs is None and len(given):
        found.append(("crs_unknown", (), {}))
    return pd.DataFrame([_row(*fault) for fault in found], columns=list(FAULT_COLUMNS))


def _case(
    given: ControlPoints, metres: Numbers, size: tuple[int, int] | None, method: str, limits: PointLimits
) -> _Case:
    """What the checks look at: whole points only."""
    whole = np.isfinite(given.pixels).all(axis=1) & np.isfinite(metres).all(axis=1)
    return _Case(
        pixels=given.pixels[whole],
        ground=metres[whole],
        positions=[int(position) for position in np.flatnonzero(whole)],
        given=given,
        size=size,
        mask=given.mask,
        method=method,
        limits=limits,
    )


def _row(code: str, points: Sequence[int], values: dict[str, float]) -> tuple[str, str, tuple[int, ...], str, str]:
    """A fault as a row of the table."""
    kind = FAULTS[code]
    return code, kind.severity, tuple(points), kind.en.format(**values), kind.zh.format(**values)


def _forbidding(case: _Case) -> Iterator[Found]:
    """Faults of the points and of the outline by themselves."""
    for check in _FIRST:
        yield from check(case)


def _unfit(case: _Case) -> Iterator[Found]:
    """Faults of the warp that the points define."""
    for check in _SECOND:
        yield from check(case)


def _positions(case: _Case, which: NDArray[np.bool_]) -> list[int]:
    """The positions in the table of some of the whole points."""
    return [case.positions[int(place)] for place in np.flatnonzero(which)]


def _numbers(case: _Case) -> Iterator[Found]:
    """Too few points, or points that are not whole."""
    least = FEWEST[case.method]
    lacking = sorted(set(range(len(case.given))) - set(case.positions))
    if lacking:
        yield "incomplete", lacking, {}
    if len(case.pixels) < least:
        yield "too_few", (), {"measured": len(case.pixels), "least": least}


def _repeated(case: _Case) -> Iterator[Found]:
    """Points that share a pixel or a place."""
    for code, places, apart in (
        ("duplicate_pixel", case.pixels, _SAME_PIXEL),
        ("duplicate_ground", case.ground, _SAME_GROUND_M),
    ):
        if len(places) < 2:  # noqa: PLR2004 - one point repeats nothing
            continue
        group = fcluster(linkage(places, "single"), apart, "distance")
        for shared in np.flatnonzero(np.bincount(group) > 1):
            yield code, _positions(case, group == shared), {}


#: Points nearer than half a pixel share it, however the pointer trembled; places are written to the millimetre.
_SAME_PIXEL, _SAME_GROUND_M = 0.5, 5e-4


def _on_a_line(case: _Case) -> Iterator[Found]:
    """Points that lie on one line, or on a curve that a polynomial cannot tell from one."""
    near = ~_far_off(case)
    if near.sum() < FEWEST["order1"]:
        return
    if _thickness(case.pixels[near]) < case.limits.thinness or _thickness(_together(case.ground[near])) < _ON_A_LINE:
        yield "collinear", _positions(case, near), {}
    elif case.method in {"order2", "order3"} and len(case.pixels) >= FEWEST[case.method]:
        matrix = design(case.pixels, int(case.method[-1]))
        if np.linalg.cond(matrix) > 1 / case.limits.thinness**3:
            yield "undefined", list(case.positions), {}


#: Ground as thin as this is a line; wider, it is a scan stretched one way, which has a fault of its own.
_ON_A_LINE = 1e-6


def _together(places: Numbers) -> Numbers:
    """Places without those that a typing error put so far away that the others look like one."""
    away = np.hypot(*(places - np.median(places, axis=0)).T)
    kept: Numbers = places[away <= _FAR * max(float(np.median(away)), np.finfo(float).tiny)]
    return kept


#: Times the usual distance from the middle beyond which a place is a typing error.
_FAR = 1_000.0


def _thickness(places: Numbers) -> float:
    """How wide a cloud of points is across its longest direction, over its length."""
    spread = np.linalg.svd(places - places.mean(axis=0), compute_uv=False)
    return float(spread[1] / spread[0]) if spread[0] > 0 else 0.0


def _off_the_scan(case: _Case) -> NDArray[np.bool_]:
    """Which points lie off the scan; a pixel over the edge is on it."""
    if case.size is None:
        return np.zeros(len(case.pixels), dtype=bool)
    beyond = (case.pixels < -1) | (case.pixels > np.array(case.size) + 1)
    return np.asarray(beyond.any(axis=1), dtype=np.bool_)


def _off_the_map(case: _Case) -> NDArray[np.bool_]:
    """Which points lie far outside the outline of the map; grid ticks in the margin of a sheet are good points."""
    if case.mask is None or len(case.mask) < FEWEST["order1"]:
        return np.zeros(len(case.pixels), dtype=bool)
    ring = shapely.make_valid(shapely.Polygon(case.mask))
    margin = case.limits.margin_share * float(np.hypot(*np.ptp(case.mask, axis=0)))
    off: NDArray[np.bool_] = shapely.distance(ring, shapely.points(case.pixels)) > margin
    return off


def _far_off(case: _Case) -> NDArray[np.bool_]:
    """Which points lie off the scan or far off the map."""
    return _off_the_scan(case) | _off_the_map(case)


def _outside(case: _Case) -> Iterator[Found]:
    """Points off the scan; lines of both signs have a fault of their own, which says more."""
    beyond = _off_the_scan(case) & (case.pixels[:, 1] >= -1)
    if beyond.any():
        yield "outside_image", _positions(case, beyond), {}


def _upwards(case: _Case) -> Iterator[Found]:
    """Lines that count upwards, or both ways; northings where eastings belong."""
    if (negative := case.pixels[:, 1] < -1).any():
        yield "y_sign", _positions(case, negative), {}
        return
    if len(case.pixels) < FEWEST["order1"] or _thickness(case.pixels) < case.limits.thinness:
        return
    slopes = np.linalg.lstsq(design(case.pixels, 1), case.ground - case.ground.mean(axis=0), rcond=None)[0][1:]
    if np.linalg.det(slopes) > 0 and _thickness(case.ground) >= case.limits.thinness:
        swapped = any(_within(case.ground[:, 0], x) and _within(case.ground[:, 1], y) for x, y in _EXCHANGED)
        yield ("axes_swapped" if swapped else "y_sign"), list(case.positions), {}


def _within(values: Numbers, reach: tuple[float, float]) -> bool:
    """Tell whether all values lie in a range."""
    return bool(reach[0] < values.min() and values.max() < reach[1])


#: What x and y hold where they are exchanged: northings of China and eastings without or with the zone's number,
#: metres; latitudes and longitudes of China, degrees.
_EXCHANGED = (((1.8e6, 6.0e6), (1.0e5, 9.0e5)), ((1.8e6, 6.0e6), (1.3e7, 4.6e7)), ((3.0, 54.0), (73.0, 136.0)))


def _outline(case: _Case) -> Iterator[Found]:
    """What is wrong with the outline of the map."""
    if case.mask is None:
        if case.given.form == "iiif":
            yield "mask_missing", (), {}
        return
    if len(case.mask) < FEWEST["order1"]:
        yield "mask_too_few", (), {"measured": len(case.mask)}
        return
    corners = np.unique(case.mask, axis=0)
    if len(corners) < len(case.mask):
        yield "mask_repeated_point", (), {}
    ring = shapely.Polygon(case.mask)
    if not shapely.is_valid(ring) or ring.area == 0:
        yield "mask_self_intersection", (), {}
        return
    if case.size is not None and ((case.mask < 0) | (case.mask > np.array(case.size))).any():
        yield "mask_outside_image", (), {}


def _beside_outline(case: _Case) -> Iterator[Found]:
    """Points far outside the outline of the map: they pull at what is not drawn."""
    if (off := _off_the_map(case)).any():
        yield "outside_mask", _positions(case, off), {}


def _contradicting(case: _Case) -> Iterator[Found]:
    """Points that contradict the others."""
    wrong = outliers(case.pixels, case.ground, level=case.limits.outlier_level)
    if not wrong:
        return
    kept = np.setdiff1d(np.arange(len(case.pixels)), wrong)
    rule = fit_warp(case.pixels[kept], case.ground[kept], "order1")
    for place in wrong:
        missed = float(np.hypot(*(case.ground[place] - rule.place(case.pixels[[place]])[0])))
        yield "outlier", [case.positions[place]], {"measured": missed}


def _even_scale(case: _Case) -> Iterator[Found]:
    """Points that no even scale fits, or one that is not the same both ways."""
    even = fit_warp(case.pixels, case.ground, "order1")
    missed = np.sqrt(((case.ground - even.place(case.pixels)) ** 2).sum(axis=1).mean())
    share = float(missed / np.hypot(*np.ptp(case.ground, axis=0)))
    if share > case.limits.residual_share:
        yield "residual_too_high", (), {"measured": share, "limit": case.limits.residual_share}
    scales = np.linalg.svd(even.slopes(case.pixels[:1])[0], compute_uv=False)
    if (shear := float(scales[0] / scales[1])) > case.limits.shear:
        yield "sheared", (), {"measured": shear, "limit": case.limits.shear}


def _distorted(case: _Case) -> Iterator[Found]:
    """What the warp does to the picture."""
    even = fit_warp(case.pixels, case.ground, "order1")
    found = distortion(fit_warp(case.pixels, case.ground, case.method), even, case.size, case.mask)
    limits = case.limits
    if found.folded > limits.folded_share:
        yield "folded", (), {"measured": found.folded}
    if found.swelling > limits.swelling:
        yield "area_distorted", (), {"measured": found.swelling, "limit": limits.swelling}
    if found.skew_deg > limits.skew_deg:
        yield "angle_distorted", (), {"measured": found.skew_deg, "limit": limits.skew_deg}


Check = Callable[[_Case], Iterator[Found]]

_FIRST: tuple[Check, ...] = (_numbers, _repeated, _on_a_line, _outside, _upwards, _outline, _beside_outline)
_SECOND: tuple[Check, ...] = (_contradicting, _even_scale, _distorted)
