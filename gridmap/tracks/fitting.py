"""How well fixes fit the streets, read as WGS 84, as GCJ-02 and as BD-09."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmap import crs as crs_
from gridmap.compiling import COMPILED
from gridmap.tracks.matching.ground import Ground
from gridmap.tracks.matching.lattice import Candidates, Steps, routes
from gridmap.tracks.matching.tracing import candidates, likeliest

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Datums that fixes may be in; WGS 84 is CGCS2000 within centimetres.
DATUMS = ("WGS 84", "GCJ-02", "BD-09")
#: Metres beyond which a fix fits no street: seven standard errors of a usual receiver.
REACH_M = 60.0
#: Standard error of a fix, and metres by which a route may exceed the straight line, as in matching.
_SIGMA_M, _BETA_M = 8.0, 8.0
#: What it costs where no street leads on from one fix to the next.
_BREAK = 5.0
#: What a fix costs at most: beyond four standard errors it is a bad fix, and says no more for being worse.
_MOST = 8.0
#: Metres from a street within which a fix is on it.
ON_STREET_M = 35.0
#: Metres between fixes beyond which no route is asked for.
_APART_M = 400.0
#: Metres by which a route may exceed twice the straight line: round a block of houses.
_DETOUR_M = 150.0


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What it costs to take each of n fixes to be on a street, by datum: shape (3, n)."""

    #: residual, detour and break; 0 is a fix on a street to which the street leads straight
    cost: Floats
    #: metres to the nearest street, at most `REACH_M`
    offset_m: Floats
    #: whether it lies in the box around the streets
    inside: Mask


def fitted(ground: Ground, lon: Floats, lat: Floats, leg: Ints) -> Fit:
    """The fit of fixes under each datum: residual + |route - straight| + chain breaks of the matched way.

    Parameters
    ----------
    ground
        Streets made ready for matching.
    lon, lat
        Degrees as given, shape (n,), in the order of legs and times.
    leg
        Number that changes from leg to leg.

    Raises
    ------
    CrsError
        If a place cannot be in the CRS of the streets.
    """
    wide = replace(ground, matching=replace(ground.matching, within_m=REACH_M))
    read = [crs_.to_wgs84(lon, lat, "EPSG:4326" if datum == "WGS 84" else datum) for datum in DATUMS]
    moved = [crs_.from_wgs84(*pair, ground.graph.crs) for pair in read]
    x, y = (np.concatenate([pair[axis] for pair in moved]) for axis in (0, 1))
    legs = np.concatenate([leg + number * (int(leg.max(initial=0)) + 1) for number in range(len(DATUMS))])
    cost, offset = _costs(wide, x, y, legs)
    shape = (len(DATUMS), len(lon))
    inside = _inside(ground.graph.node_xy, x, y)
    return Fit(cost=cost.reshape(shape), offset_m=offset.reshape(shape), inside=inside.reshape(shape))


def _inside(streets: Floats, x: Floats, y: Floats) -> Mask:
    """Which places lie in the box of some points, or within reach of it."""
    if not len(streets):
        return np.zeros(len(x), dtype=bool)
    (west, south), (east, north) = streets.min(axis=0) - REACH_M, streets.max(axis=0) + REACH_M
    within: Mask = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return within


def _costs(ground: Ground, x: Floats, y: Floats, leg: Ints) -> tuple[Floats, Floats]:
    """Cost of each fix, and metres from it to its street on the likeliest way."""
    found = candidates(ground, x, y, kernel=COMPILED)
    near = np.flatnonzero(found.count > 0)
    some = Candidates(
        count=found.count[near], segment=found.segment[near], along=found.along[near], square=found.square[near]
    )
    straight = np.hypot(np.diff(x[near], prepend=0.0), np.diff(y[near], prepend=0.0))
    linked = (np.diff(near, prepend=-2) == 1) & (np.diff(leg[near], prepend=-1) == 0) & (straight <= _APART_M)
    most, sigma = 2 * straight + _DETOUR_M, np.full(len(near), _SIGMA_M)
    steps = Steps(linked=linked, straight=straight, most=most, sigma=sigma)
    chosen, fresh = likeliest(ground, some, steps, kernel=COMPILED)
    at = np.arange(len(near)), chosen
    offset = np.full(len(x), REACH_M)
    offset[near] = np.sqrt(some.square[at])
    cost = offset**2 / (2 * _SIGMA_M**2)
    cost[near] += np.where(fresh, 0.0, _detours(ground, some, at, straight))
    # a leg that begins is no break
    broken = np.ones(len(x), dtype=bool)
    broken[near] = fresh
    cost += _BREAK * (broken & (np.diff(leg, prepend=-1) == 0))
    return np.minimum(cost, _MOST), offset


def _detours(ground: Ground, some: Candidates, at: tuple[Ints, Ints], straight: Floats) -> Floats:
    """What it costs that routes from fix to fix are longer or shorter than the straight line; 0 for the first."""
    edge, along = ground.segments.edge[some.segment[at]].astype(np.int64), some.along[at]
    detour = np.zeros(len(edge))
    metres, _ = routes(ground, (edge[:-1], along[:-1]), (edge[1:], along[1:]))
    detour[1:] = np.minimum(np.abs(metres - straight[1:]), REACH_M) / _BETA_M
    return detour
