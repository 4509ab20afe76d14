"""What cameras see, well enough, of the streets that count and of the places that must be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import frames
from gridmap.visibility.cameras.bands import Profile
from gridmap.visibility.cameras.views import NOMINAL, Views, views
from gridmap.visibility.lines import Lines, gridded, parts
from gridmap.visibility.placement.candidates import measured, moved, walked
from gridmap.visibility.placement.doors import LEAST_M, judged_on
from gridmap.visibility.placement.reaching import Floats, Intervals, Ints, intervals, merged
from gridmap.visibility.seeing import Sight, visible
from gridmap.visibility.sweep.scenes import Scene, scene


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What cameras would look at, in one metric system."""

    #: streets that count, with id and name
    streets: gpd.GeoDataFrame
    #: the same in a grid
    lines: Lines
    #: buildings
    scene: Scene
    #: places that must be seen, the lines on which they are judged, and the metres of these that must be in view
    places: gpd.GeoDataFrame
    doors: Lines | None
    least_m: Floats


@dataclass(frozen=True, kw_only=True)
class Seeing:
    """What the cameras of a table see well enough; ``who`` is the row of the camera."""

    #: of streets
    street: Intervals
    #: rows of a camera and of a place that it sees, shape (pairs, 2)
    places: Ints
    #: greatest distance at which any of them sees well enough
    reach_m: float
    #: ids of cameras that cannot count
    uncounted: tuple[str, ...]


def demand(streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, must_see: gpd.GeoDataFrame | None = None) -> Demand:
    """Return streets, buildings and places in the metric system of the streets.

    Parameters
    ----------
    streets, buildings
        As `gridmap.visibility.place`.
    must_see
        ``id`` and points.

    Raises
    ------
    TableError
        If there is no street, or a place has no id or no point.
    CrsError
        If a table does not say its CRS, or one whose shift is unknown.
    """
    table = walked(measured(streets))
    walls = moved(buildings, table.crs)
    places = _places(must_see, table.crs)
    doors, outline = judged_on(places.geometry.to_numpy(), walls)
    return Demand(
        streets=table,
        lines=gridded(table, table.crs),
        scene=scene(buildings, crs=table.crs),
        places=places,
        doors=gridded(gpd.GeoSeries(doors, crs=table.crs), table.crs) if len(doors) else None,
        least_m=np.where(outline, LEAST_M, 0.0),
    )


def _places(places: gpd.GeoDataFrame | None, system: Any) -> gpd.GeoDataFrame:
    """Places that must be seen, ``id`` and points in a metric system."""
    if places is None:
        return gpd.GeoDataFrame({"id": np.empty(0, object)}, geometry=[], crs=system)
    named = places if "kind" in places else places.assign(kind="")
    table = frames.conform(named.assign(kind=named["kind"].fillna("-").replace("", "-")), "places", source="must-see")
    return gpd.GeoDataFrame({"id": table["id"].to_numpy(object)}, geometry=moved(table, system), crs=system)


def in_metres(cameras: pd.DataFrame, system: Any) -> gpd.GeoDataFrame:
    """Return a table of cameras as promised, in a metric system, without columns that hold nothing.

    Raises
    ------
    TableError
        If the table breaks its promise.
    CrsError
        If its coordinates cannot be taken into that system.
    """
    table = frames.conform(cameras, "cameras", source="cameras", keep_extra=True)
    told = [name for name in table.columns if name != "geometry" and table[name].notna().any()]
    return gpd.GeoDataFrame(table[told], geometry=moved(table, system), crs=system)


def seeing(cameras: gpd.GeoDataFrame, ground: Demand, profile: Profile, worst: int) -> Seeing:
    """Return what cameras see in a band or a better one, by their nominal heading.

    Parameters
    ----------
    cameras
        A table of cameras in the metres of the ground.
    ground
        What they look at.
    profile, worst
        Densities of the bands, and the number of the least band that counts.

    Raises
    ------
    TableError
        If the cameras break their promise.
    """
    if not len(cameras):
        return Seeing(street=intervals([]), places=np.empty((0, 2), np.int64), reach_m=0.0, uncounted=())
    sight = visible(ground.scene, views(cameras, profile=profile))
    street, door = (_held(sight, lines, worst) for lines in (ground.lines, ground.doors))
    counted = np.unique(sight.views.camera[sight.views.certainty == NOMINAL])
    missing = np.delete(np.arange(len(cameras)), counted)
    return Seeing(
        street=street,
        places=_pairs(door, ground.least_m),
        reach_m=_reach_m(sight.views, worst),
        uncounted=tuple(cameras["id"].astype(str).to_numpy(object)[missing]),
    )


def _held(sight: Sight, lines: Lines | None, worst: int) -> Intervals:
    """Parts of lines that are seen well enough by a camera whose heading is known."""
    if lines is None:
        return intervals([])
    found = parts(sight.pieces, sight.views, lines)
    found = found.taken((found.band <= worst) & (sight.views.certainty[found.view] == NOMINAL))
    return Intervals(who=sight.views.camera[found.view], line=found.line, from_m=found.from_m, to_m=found.to_m)


def _pairs(door: Intervals, least_m: Floats) -> Ints:
    """Camera and place of each place that is seen far enough around."""
    pairs, pair = np.unique(np.stack([door.who, door.line], axis=1), axis=0, return_inverse=True)
    metres = np.bincount(pair.ravel(), door.to_m - door.from_m, len(pairs))
    return np.asarray(pairs[metres >= least_m[pairs[:, 1]]])


def _reach_m(found: Views, worst: int) -> float:
    """Greatest distance at which a view sees well enough."""
    limit = found.edges[:, worst] if worst < found.edges.shape[1] else found.range_m
    return float(np.minimum(limit, found.range_m).max(initial=0))


def metres_of(parts: Intervals) -> float:
    """Return the metres of lines that somebody sees, each once.

    Raises
    ------
    Nothing
        No parts have no metres.
    """
    one = merged(replace(parts, who=np.zeros(len(parts), np.int64)))
    return float((one.to_m - one.from_m).sum())
