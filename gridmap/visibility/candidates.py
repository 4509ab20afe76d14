"""Where cameras could be put up: poles at the kerbs of streets and at crossings, and where they could look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.crs import convert, is_metric, parse, to_metric
from gridmap.errors import Fault, InputError, TableError, TooLargeError
from gridmap.tessellation.noding import LATTICE_M
from gridmap.visibility.bearings import convergence_deg

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

#: Metres from the middle of a street to its kerb by OpenStreetMap's class: half of the lanes that the class usually
#: has, 3.5 m each in main streets.
KERB_M = {
    **dict.fromkeys(("motorway", "trunk"), 12.0),
    "primary": 9.0,
    "secondary": 7.0,
    "tertiary": 5.0,
    **dict.fromkeys(("service", "track", "living_street", "pedestrian"), 2.5),
    **dict.fromkeys(("footway", "path", "steps", "cycleway", "corridor", "bridleway"), 1.5),
}
#: The same for all other classes, and for streets that say none.
USUAL_KERB_M = 3.5
#: Where a house stands at the kerb the pole stands nearer to the middle: shares of the distance, in turn.
NEARER = (1.0, 0.5, 0.25, 0.0)
#: A pole and its foundation keep this far from walls, metres.
CLEAR_M = 0.3
#: Metres over which the direction of a street is taken, and at which cameras at crossings aim along each arm.
STEP_M, AIM_M = 1.0, 20.0
#: Arms that make a crossing, and metres within which crossings of divided streets are one.
LEAST_ARMS, ONE_CROSSING_M = 3, 8.0
#: Least and greatest distance between poles that can be asked for.
LEAST_EVERY_M, MOST_EVERY_M = 5.0, 1000.0


@dataclass(frozen=True, kw_only=True)
class CameraModel:
    """A camera that could be put up: the usual one of streets today, 4 MP behind a 4 mm lens, unless said otherwise."""

    #: what it is called
    name: str = "fixed 4 MP 4 mm"
    #: fixed, ptz or fisheye
    kind: str = "fixed"
    #: above ground
    height_m: float = 6.0
    #: across
    hfov_deg: float = 67.7
    #: upright; None from the proportions of the picture
    vfov_deg: float | None = None
    #: below the horizon; None for a level axis without a dead zone
    tilt_deg: float | None = 10.0
    #: across
    width_px: int = 2560
    #: greatest distance of use; None as far as its picture resolves anything
    range_m: float | None = None
    #: what one costs, in whatever unit the budget has
    cost: float = 1.0


@dataclass(frozen=True, kw_only=True)
class _Poles:
    """Poles and the directions from them, one row per direction, in metres."""

    #: places, shape (n, 2)
    xy: Floats
    #: counter-clockwise from grid east, radians, shape (n,)
    heading: Floats
    #: "street" or "crossing", shape (n,)
    site: npt.NDArray[np.object_]


def candidates(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    models: Sequence[CameraModel] = (CameraModel(),),
    every_m: float = 30.0,
    most: int = 100_000,
) -> gpd.GeoDataFrame:
    """Return cameras that could be put up: a table of cameras with where each would stand and look.

    Between crossings there is a pole about every so many metres on both sides, at the kerb, from which cameras look
    along the street both ways and across it. At a crossing there is one, in the widest corner, from which they look
    along each arm. Where a house stands at the kerb the pole stands nearer to the middle of the street; where no place
    is free there is none.

    Parameters
    ----------
    streets
        ``id``, lines, perhaps ``class`` and ``barrier``, in any CRS. What is a barrier and no street (a river, a
        railway) has no poles. Lines need not be cut where they cross.
    buildings
        Polygons in any CRS.
    models
        Cameras that could hang on each pole.
    every_m
        Metres between poles along a street, 5 to 1000.
    most
        Greatest number of candidates.

    Returns
    -------
    geopandas.GeoDataFrame
        The columns of a table of cameras (``id``, ``height_m``, ``heading_deg`` from true north, ``hfov_deg``,
        ``tilt_deg``, ``vfov_deg``, ``width_px``, ``range_m``, ``kind``, ``status``), then ``model``, ``cost``,
        ``street`` (id of the nearest), ``at`` (street or crossing) and points in the CRS of the streets. By place from
        west to east and by heading: the order of streets does not matter.

    Raises
    ------
    InputError
        If the distance between poles is out of bounds, or no model is given, or one costs nothing.
    TooLargeError
        If there would be more candidates than ``most``.
    TableError
        If no street is among the lines.
    CrsError
        If a table does not say its CRS.

    Examples
    --------
    >>> road = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.LineString([(0, 0), (30, 0)])], crs=3857)
    >>> road = road.set_crs(4549, allow_override=True)
    >>> road.geometry = road.geometry.translate(500_000, 3_540_000)
    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(500_010, 3_540_003, 500_020, 3_540_012)], crs=4549)
    >>> made = candidates(road, house)
    >>> made.geometry.y.sub(3_540_000).unique().tolist()  # nearer to the middle where the house stands
    [-3.5, 1.75]
    """
    _refuse_odd(models, every_m)
    metric = measured(streets)
    lines = walked(metric).explode(ignore_index=True)
    walls = shapely.STRtree(moved(buildings, metric.crs))
    edges = _between_crossings(lines["geometry"].to_numpy())
    _refuse_many(edges, len(models), every_m, most)
    kerb = np.array([KERB_M.get(kind, USUAL_KERB_M) for kind in lines["class"]])
    tree = shapely.STRtree(lines["geometry"].to_numpy())
    groups = [_along(edges, tree, kerb, walls, every_m), _at_crossings(edges, tree, kerb, walls)]
    poles = _Poles(
        **{name: np.concatenate([getattr(one, name) for one in groups]) for name in ("xy", "heading", "site")}
    )
    table = _table(poles, models, lines["id"].to_numpy(object)[tree.nearest(shapely.points(poles.xy))], metric.crs)
    if len(table) > most:
        raise TooLargeError(f"{len(table)} candidates", expected=f"at most {most}", do="put poles further apart")
    return table.set_geometry(gpd.GeoSeries(moved(table, streets.crs), crs=streets.crs))


def measured(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table in metres: as it is where it is metric, else in the metric system of its place.

    Raises
    ------
    CrsError
        If the table does not say its CRS.
    """
    return table if table.crs is not None and is_metric(table.crs) else to_metric(table)


def moved(table: gpd.GeoDataFrame | gpd.GeoSeries, system: Any) -> Shapes:
    """Return the geometries of a table in another system, in two dimensions.

    Raises
    ------
    CrsError
        If the table does not say its CRS, or its datum must not be changed without parameters.
    """
    shapes = shapely.force_2d(table.geometry.to_numpy())
    source, target = parse(table.crs), parse(system)
    if source == target or not len(shapes):
        return np.asarray(shapes)
    return np.asarray(shapely.transform(shapes, lambda x, y: convert(x, y, source, target), interleaved=False))


def walked(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets among lines: ``id``, ``name``, ``class`` as text and the lines; a river without class is none.

    Raises
    ------
    TableError
        If there are none of any length.
    """
    empty = pd.Series("", index=streets.index)
    kind, barrier, name = (_texts(streets[column]) if column in streets else empty for column in _WORDS)
    ids = (streets["id"] if "id" in streets else pd.Series(streets.index, index=streets.index)).astype(str)
    kept = np.asarray((kind != "") | barrier.isin(("", "no"))) & (shapely.length(streets.geometry.to_numpy()) > 0)
    if not kept.any():
        message = "no street among the lines: all are barriers, or have no length; give at least one"
        raise TableError("streets", [Fault(code="no_streets", message=message)])
    table = gpd.GeoDataFrame({"id": ids, "name": name, "class": kind}, geometry=streets.geometry)
    return table[kept].reset_index(drop=True)


_WORDS = ("class", "barrier", "name")


def _texts(column: pd.Series[Any]) -> pd.Series[str]:
    """Cells as text, empty where missing."""
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def _refuse_odd(models: Sequence[CameraModel], every_m: float) -> None:
    """Refuse what cannot be asked for."""
    if not LEAST_EVERY_M <= every_m <= MOST_EVERY_M:
        raise InputError(f"poles every {every_m} m", expected=f"{LEAST_EVERY_M:g} to {MOST_EVERY_M:g} m")
    if not models:
        raise InputError("no camera model", expected="at least one")
    for model in models:
        if not 0 < model.cost < np.inf:
            raise InputError(f"camera model {model.name!r} at a cost of {model.cost}", expected="a cost above 0")


def _refuse_many(edges: Shapes, models: int, every_m: float, most: int) -> None:
    """Refuse too many candidates before they are made."""
    least = int((shapely.length(edges) // every_m).sum()) * models
    if least > most:
        do = "put poles further apart, or give the streets of a smaller area"
        raise TooLargeError(f"{least} poles and more", expected=f"at most {most} candidates", do=do)


def _between_crossings(lines: Shapes) -> Shapes:
    """Streets from crossing to crossing, each metre once, in the order of their middles."""
    noded = shapely.union_all(lines, grid_size=LATTICE_M)
    edges = np.asarray(shapely.get_parts(shapely.line_merge(noded)))
    edges = shapely.normalize(edges[shapely.length(edges) > LATTICE_M])
    middle = shapely.get_coordinates(shapely.line_interpolate_point(edges, 0.5, normalized=True))
    return np.asarray(edges[np.lexsort(np.round(middle.T, 3))])


def _along(edges: Shapes, tree: shapely.STRtree, kerb: Floats, walls: shapely.STRtree, every_m: float) -> _Poles:
    """Poles between crossings, evenly spaced, on both sides."""
    metres = shapely.length(edges)
    count = np.rint(metres / every_m).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    at = (number + 0.5) * (metres / np.maximum(count, 1))[edge]
    middle, way = _points(edges[edge], at), _direction(edges[edge], at)
    beside = kerb[tree.nearest(shapely.points(middle))] if len(middle) else np.empty(0)
    sides = [_one_side(middle, way, side * beside, walls) for side in (1, -1)]
    return _Poles(xy=np.concatenate([one.xy for one in sides]), heading=np.concatenate([one.heading for one in sides]),
                  site=np.concatenate([one.site for one in sides]))  # fmt: skip


def _one_side(middle: Floats, way: Floats, beside: Floats, walls: shapely.STRtree) -> _Poles:
    """Poles on the left of a street (on the right where the distance is negative): along both ways, and across."""
    normal = np.stack([-np.sin(way), np.cos(way)], axis=1)
    spot, free = _free([middle + share * beside[:, None] * normal for share in NEARER], walls)
    across = way - np.sign(beside) * np.pi / 2
    heading = np.stack([way, way + np.pi, across], axis=1)[free]
    return _Poles(
        xy=np.repeat(spot[free], 3, axis=0), heading=heading.ravel(), site=np.full(heading.size, "street", object)
    )


def _at_crossings(edges: Shapes, tree: shapely.STRtree, kerb: Floats, walls: shapely.STRtree) -> _Poles:
    """Poles at crossings, in the widest corner that is free, looking along each arm."""
    spots, headings = [np.empty((0, 2))], [np.empty(0)]
    for node, arms in _crossings(edges):
        beside = float(kerb[tree.query(shapely.Point(node), "dwithin", LATTICE_M * 10)].max(initial=0)) or USUAL_KERB_M
        spot, free = _free(_corners(node, arms, beside), walls)
        if free[0]:
            aims = node + AIM_M * np.stack([np.cos(arms), np.sin(arms)], axis=1) - spot[0]
            headings.append(np.arctan2(aims[:, 1], aims[:, 0]))
            spots.append(np.repeat(spot[:1], len(arms), axis=0))
    heading = np.concatenate(headings)
    return _Poles(xy=np.concatenate(spots), heading=heading, site=np.full(len(heading), "crossing", object))


def _crossings(edges: Shapes) -> list[tuple[Floats, Floats]]:
    """Place of each crossing and the directions of its arms, ascending; of those close together the first."""
    metres = shapely.length(edges)
    ends = [_points(edges, at) for at in (np.zeros(len(edges)), metres)]
    reach = np.minimum(AIM_M / 2, metres / 2)
    ways = [_points(edges, at) - end for at, end in zip((reach, metres - reach), ends, strict=True)]
    place = np.rint(np.concatenate(ends) / LATTICE_M)
    way = np.arctan2(*np.concatenate(ways).T[::-1])
    nodes, node = np.unique(place, axis=0, return_inverse=True)
    order = np.lexsort((way, node.ravel()))
    arms = np.split(way[order], np.cumsum(np.bincount(node.ravel()))[:-1])
    crossing = np.flatnonzero([len(one) >= LEAST_ARMS for one in arms])
    spots = nodes[crossing] * LATTICE_M
    return [(spots[at], arms[crossing[at]]) for at in _apart(spots, ONE_CROSSING_M)]


def _apart(spots: Floats, least_m: float) -> list[int]:
    """Rows of places none of which is near to an earlier one that is kept."""
    if not len(spots):
        return []
    points = shapely.points(spots)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=least_m)
    near: dict[int, list[int]] = {}
    for row, before in zip(one[other < one].tolist(), other[other < one].tolist(), strict=True):
        near.setdefault(row, []).append(before)
    kept: set[int] = set()
    for row in range(len(spots)):
        if kept.isdisjoint(near.get(row, ())):
            kept.add(row)
    return sorted(kept)


def _corners(node: Floats, arms: Floats, beside: float) -> list[Floats]:
    """Places in the corners between arms, the widest corner first, each at the kerb and then nearer."""
    gap = np.diff(arms, append=arms[0] + 2 * np.pi)
    middle = arms + gap / 2
    # in a narrow corner the kerbs meet far out: not further than twice the distance
    out = beside / np.maximum(np.sin(np.minimum(gap, np.pi) / 2), 0.5)
    widest = np.argsort(-np.round(gap, DECIMALS_RAD), kind="stable")
    return [
        (node + share * out[at] * np.array([np.cos(middle[at]), np.sin(middle[at])]))[None]
        for share in NEARER[:-1]
        for at in widest
    ]


#: Corners that differ by less are equally wide.
DECIMALS_RAD = 6


def _free(tries: list[Floats], walls: shapely.STRtree) -> tuple[Floats, Flags]:
    """The first of several places for each pole that is clear of buildings, and whether there is one."""
    spot, free = tries[0].copy(), np.zeros(len(tries[0]), bool)
    for places in tries:
        rest = np.flatnonzero(~free)
        hit = walls.query(shapely.points(places[rest]), predicate="dwithin", distance=CLEAR_M)[0]
        clear = np.delete(rest, np.unique(hit))
        spot[clear], free[clear] = places[clear], True
    return spot, free


def _points(lines: Shapes, at_m: Floats) -> Floats:
    """Places along lines."""
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m)))


def _direction(lines: Shapes, at_m: Floats) -> Floats:
    """Direction of lines at places along them, radians."""
    step = _points(lines, np.minimum(at_m + STEP_M, shapely.length(lines))) - _points(
        lines, np.maximum(at_m - STEP_M, 0)
    )
    return np.asarray(np.arctan2(step[:, 1], step[:, 0]))


def _table(poles: _Poles, models: Sequence[CameraModel], street: npt.NDArray[Any], system: Any) -> gpd.GeoDataFrame:
    """The table of candidates, by place, heading and model."""
    place = gpd.GeoSeries(shapely.points(poles.xy), crs=system)
    true = (90 - np.degrees(poles.heading) + convergence_deg(place)) % 360
    order = np.lexsort((np.round(true, 6), *np.round(poles.xy.T[::-1], 3)))
    row, which = np.repeat(order, len(models)), np.tile(np.arange(len(models)), len(order))
    columns: dict[str, Any] = {
        name: np.array([getattr(model, name) for model in models], dtype=kind)[which] for name, kind in _COLUMNS.items()
    }
    table = {"id": [f"P{at + 1:06d}" for at in range(len(row))], "heading_deg": true[row], **columns}
    table |= {"status": "online", "street": street[row], "at": poles.site[row]}
    return gpd.GeoDataFrame(table, geometry=place.to_numpy()[row], crs=system).rename(columns={"name": "model"})


#: Fields of `CameraModel` that are columns of the table, and what they hold.
_COLUMNS = {
    "name": object,
    "kind": object,
    "height_m": float,
    "hfov_deg": float,
    "vfov_deg": float,
    "tilt_deg": float,
    "width_px": int,
    "range_m": float,
    "cost": float,
}
