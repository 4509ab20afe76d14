"""Whether a layer was shifted by a web map's formula, told by another layer of the same things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.crs.names import BD09, GCJ02
from gridmap.crs.shift import bd09_shift, gcj02_shift
from gridmap.crs.transform import to_record

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Points = NDArray[np.float64]

_SHIFTS = {GCJ02: gcj02_shift, BD09: bd09_shift}

#: Columns by which the same thing is found in both layers, in this order.
_KEYS = ("code", "id", "name")

#: Points that stand for the layer's outlines, and for the reference's.
_SAMPLES, _TARGETS = 400, 20_000
_FEWEST = 12

#: Outlines farther away than this, metres, have no counterpart in the reference.
_APART = 3_000.0

#: Half the side and the step of the search for the best shift, metres; then the steps of its refinement.
_REACH, _STEP, _FINER = 1_800.0, 150.0, (64.0, 32.0, 16.0, 8.0, 4.0, 2.0)

#: The best shift must lie this near to the formula's: metres, or share of its length. Outlines of different makers
#: agree within some tens of metres along, and hardly across.
_NEAR_M, _NEAR_SHARE = 100.0, 0.3

#: It must leave no more than this share of the misfit, and take away this many metres.
_LEFT, _GAIN_M = 0.6, 20.0

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, kw_only=True)
class OffsetVerdict:
    """A layer lies off its reference as a web map's formula would have it."""

    #: ``"GCJ-02"`` or ``"BD-09"``
    system: str
    #: how far the layer lies east and north of the reference, metres: the shift that fits best
    east_m: float
    north_m: float
    #: how far the formula would put it
    expected_east_m: float
    expected_north_m: float
    #: median distance of the layer's outlines from the reference's, as given and with the best shift undone, metres
    misfit_before_m: float
    misfit_after_m: float
    #: what was found and what to do
    message: str


def offset_verdict(table: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> OffsetVerdict | None:
    """Return which web map's formula a layer seems to have been shifted by, or None.

    The layer is moved over the reference until the median distance between the outlines of the same things (by code,
    id or name where these agree, else of all) is least. It is judged shifted if that takes away most of the misfit and
    the shift found is that of the formula at this place, by direction and length. Borders redrawn in part do not move
    the median; a layer off in another direction is no web map's.

    Parameters
    ----------
    table
        Layer in doubt, stated to be in true degrees (WGS 84 or CGCS2000) or in any system that converts to them.
    reference
        Layer of the same things that is trusted, in any such system.

    Returns
    -------
    OffsetVerdict or None
        None also where too little of the layer lies within 3 km of the reference to tell.

    Raises
    ------
    CrsError
        If either layer does not say its system or cannot be converted.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from gridmap.crs import from_wgs84
    >>> true = gpd.GeoDataFrame(geometry=[shapely.box(120.8, 32.0, 120.9, 32.1)], crs=4490)
    >>> moved = shapely.transform(true.geometry, lambda x, y: from_wgs84(x, y, "GCJ-02"), interleaved=False)
    >>> offset_verdict(true.set_geometry(moved), true).system
    'GCJ-02'
    >>> offset_verdict(true, true) is None
    True
    """
    from scipy.spatial import cKDTree  # 180 ms, for which no service that is started should wait

    layer, truth = _counterparts(to_record(table), to_record(reference))
    if not len(layer) or not len(truth):
        return None
    lon, lat = _middle(layer)
    scale = np.array([np.cos(np.radians(lat)), 1.0]) * _METRES_PER_DEGREE
    tree = cKDTree((_outline_points(truth, _TARGETS) - (lon, lat)) * scale)
    points = (_outline_points(layer, _SAMPLES) - (lon, lat)) * scale
    points = points[tree.query(points)[0] < _APART]
    if len(points) < _FEWEST:
        return None
    undone = _best_shift(points, tree)
    before, after = _misfit(points, tree, np.zeros(2)), _misfit(points, tree, undone)
    if after > _LEFT * before or before - after < _GAIN_M:
        return None
    expected = {name: np.ravel(shift(np.array([lon]), np.array([lat]))) * scale for name, shift in _SHIFTS.items()}
    name = min(expected, key=lambda system: float(np.hypot(*(expected[system] + undone))))
    return _verdict(name, -undone, expected[name], (before, after))


def _verdict(name: str, found: Points, expected: Points, misfits: tuple[float, float]) -> OffsetVerdict | None:
    """Return the verdict if the shift found is that of the formula."""
    if np.hypot(*(found - expected)) > max(_NEAR_M, _NEAR_SHARE * float(np.hypot(*expected))):
        return None
    east, north = (round(float(value)) for value in found)
    message = (
        f"the layer lies {east:+d} m east and {north:+d} m north of its reference, and {name} would put it "
        f"{expected[0]:+.0f} m east and {expected[1]:+.0f} m north; if it came from a web map, state --crs {name}"
    )
    return OffsetVerdict(
        system=name,
        east_m=float(found[0]),
        north_m=float(found[1]),
        expected_east_m=float(expected[0]),
        expected_north_m=float(expected[1]),
        misfit_before_m=misfits[0],
        misfit_after_m=misfits[1],
        message=message,
    )


def _counterparts(table: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the rows that are in both layers by code, id or name; all of both where none agree."""
    table, reference = (layer[~(layer.geometry.isna() | layer.geometry.is_empty)] for layer in (table, reference))
    for key in _KEYS:
        if key in table.columns and key in reference.columns:
            common = set(table[key].dropna().astype(str)) & set(reference[key].dropna().astype(str))
            if common:
                return table[table[key].astype(str).isin(common)], reference[reference[key].astype(str).isin(common)]
    return table, reference


def _middle(layer: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return the middle of a layer's bounds."""
    west, south, east, north = layer.total_bounds
    return (west + east) / 2, (south + north) / 2


def _outline_points(layer: gpd.GeoDataFrame, count: int) -> Points:
    """Return about so many points spread evenly over the outlines, lines and points of a layer."""
    parts = shapely.get_parts(layer.geometry.to_numpy())
    dimensions = shapely.get_dimensions(parts)
    lines = shapely.get_parts(np.where(dimensions == 2, shapely.boundary(parts), parts)[dimensions > 0])  # noqa: PLR2004 - a polygon's dimension
    single = parts[dimensions == 0]
    found = [shapely.get_coordinates(single[:: max(1, len(single) // count)])]
    if len(lines):
        # one curve for all outlines, walked in equal steps: long ones get many points, short ones few
        ends = np.cumsum(shapely.length(lines))
        along = (np.arange(count) + 0.5) * ends[-1] / count
        which = np.searchsorted(ends, along, side="right").clip(max=len(lines) - 1)
        found.append(
            shapely.get_coordinates(
                shapely.line_interpolate_point(lines[which], along - (ends - shapely.length(lines))[which])
            )
        )
    return np.concatenate(found)


def _misfit(points: Points, tree: cKDTree, shift: Points) -> float:
    """Return the median distance of moved points from the reference, metres."""
    return float(np.median(tree.query(points + shift)[0]))


def _best_shift(points: Points, tree: cKDTree) -> Points:
    """Return the shift that lays the points best on the reference, metres: a coarse search of all, then a finer."""
    steps = np.arange(-_REACH, _REACH + 1, _STEP)
    few = points[:: max(1, len(points) // 100)]
    trials = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    distances = tree.query(few[None] + trials[:, None])[0]
    best: Points = trials[np.median(distances, axis=1).argmin()]
    for step in _FINER:
        best = _descended(points, tree, best, step)
    return best


def _descended(points: Points, tree: cKDTree, best: Points, step: float) -> Points:
    """Return the shift from which no step of this length leads to a better one."""
    least = _misfit(points, tree, best)
    around = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]) * step
    while True:
        misfits = [_misfit(points, tree, best + turn) for turn in around]
        if min(misfits) >= least:
            return best
        least, best = min(misfits), best + around[int(np.argmin(misfits))]
