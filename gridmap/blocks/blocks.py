"""Street blocks: about 300 m of a street with the ground on both sides of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.blocks.courses import courses
from gridmap.blocks.cutting import SHORTEST
from gridmap.blocks.ground import ground, split_along
from gridmap.blocks.network import Ints, Lines, network
from gridmap.blocks.settling import settle
from gridmap.blocks.stretches import Pieces, stretched
from gridmap.errors import CrsError, Fault, InputError, TableError
from gridmap.frames.shapes import shape_faults
from gridmap.tessellation import faces, surroundings

#: Shortest and longest length that can be asked for, metres.
LEAST_M, MOST_M = 30.0, 3000.0
#: Faults of streets that have no metre: they are passed over.
_NOWHERE = frozenset({"missing_geometry", "empty_geometry", "zero_length"})


def street_blocks(
    streets: gpd.GeoDataFrame, within: Any = None, length_m: float = 300, *, passed_over: Collection[str] = ()
) -> gpd.GeoDataFrame:
    """Return street blocks: the ground along each stretch of about ``length_m`` metres of street, on both sides.

    A *block* is a stretch of a street and what lies nearer to it than to other stretches. Blocks fill the territory,
    each is one piece, and every metre of street lies in exactly one. Streets are walked through crossings by their
    names, then by going straight on; each is cut into stretches of two thirds to four thirds of the length, at
    crossings where that can be. A second carriageway, a roundabout, a link or a lane too short for a block of its own
    belongs to the block that it is entered from. Where two long streets cross, the ground of only one can go on over
    the crossing, and holds the last 8 m of the other: the corner rule.

    Parameters
    ----------
    streets
        ``id``, ``name``, ``class``, ``barrier`` and lines in any CRS. Rivers and railways are no streets.
    within
        The territory: a polygon in the CRS of the streets, or a table of polygons. Without it, the ground around the
        streets.
    length_m
        Metres of street that a block should have.
    passed_over
        Classes that bound no blocks here: footways, say.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of the streets, along each street: ``id`` (of the street, and the number of the block along it),
        ``street`` (id of the street that most of the stretch is), ``name`` (of the street, and the number), ``from_m``
        and ``to_m`` (metres along the street from its western end, the southern one of a street from south to north),
        ``length_m`` (of the stretch), ``branches_m`` (metres of lanes and other carriageways that belong to it),
        ``area_m2``, polygon.

    Raises
    ------
    TableError
        If no street lies in the territory, streets lack an id or repeat one or are no lines, or the territory is no
        valid polygon; all faults of a table at once.
    CrsError
        If the streets state no CRS, or one that cannot be taken to metres.
    InputError
        If the length is not between 30 m and 3 km, or the territory neither polygon nor table.

    Examples
    --------
    >>> roads = [shapely.LineString([(0, 0), (900, 0)]), shapely.LineString([(450, 0), (450, 120)])]
    >>> streets = gpd.GeoDataFrame({"id": ["s", "lane"], "name": ["人民路", None]}, geometry=roads, crs=4549)
    >>> blocks = street_blocks(streets.assign(**{"class": "residential"}), shapely.box(0, -100, 900, 200))
    >>> blocks[["id", "name", "from_m", "to_m", "branches_m"]].values.tolist()[1]
    ['s-002', '人民路 2', 300.0, 600.0, 120.0]
    """
    site = _site(streets, within, length_m, passed_over)
    shapes, stretch = ground(site.pieces, within=site.limit)
    numbers, stretches = _numbers(site), site.pieces.stretches
    names = [one.name or site.ids[one.street] for one in stretches]
    table = pd.DataFrame(
        {
            "id": pd.array(_codes(site), dtype="str"),
            "street": pd.array([site.ids[one.street] for one in stretches], dtype="str"),
            "name": pd.array([f"{name} {number}" for name, number in zip(names, numbers, strict=True)], dtype="str"),
            "from_m": [one.from_m for one in stretches],
            "to_m": [one.to_m for one in stretches],
            "length_m": [one.to_m - one.from_m for one in stretches],
            "branches_m": _branches(site.pieces, stretch),
            "area_m2": shapely.area(shapes),
        }
    )
    return _returned(site, table, shapes)


def street_sides(
    streets: gpd.GeoDataFrame, within: Any = None, length_m: float = 300, *, passed_over: Collection[str] = ()
) -> gpd.GeoDataFrame:
    """Return the two sides of each street block: its ground on the left and on the right of its stretch.

    Parameters
    ----------
    streets, within, length_m, passed_over
        As of `street_blocks`.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of the streets, in the order of the blocks: ``id`` (that of the block and L or R), ``block``,
        ``side`` (left or right on the way along the chainage), ``area_m2``, polygon. A side may lie in several parts
        where the street bends back, and is missing where the street runs along the rim of the territory.

    Raises
    ------
    TableError, CrsError, InputError
        As `street_blocks`.

    Examples
    --------
    >>> road = shapely.LineString([(0, 0), (300, 0)])
    >>> streets = gpd.GeoDataFrame({"id": ["s"], "class": ["residential"]}, geometry=[road], crs=4549)
    >>> street_sides(streets, shapely.box(0, -50, 300, 100))[["id", "side", "area_m2"]].values.tolist()
    [['s-001-L', 'left', 30000.0], ['s-001-R', 'right', 15000.0]]
    """
    site = _site(streets, within, length_m, passed_over)
    pieces = site.pieces
    shapes, _ = ground(pieces, within=site.limit)
    rows = []
    for at, (shape, code) in enumerate(zip(shapes, _codes(site), strict=True)):
        spine = pieces.lines[(pieces.stretch == at) & pieces.on_spine]
        for side, part in zip(("left", "right"), split_along(shape, spine), strict=True):
            if part is not None:
                rows.append((f"{code}-{side[0].upper()}", code, side, part))
    table = pd.DataFrame(rows, columns=["id", "block", "side", "shape"])
    parts = table.pop("shape").to_numpy()
    return _returned(site, table.assign(area_m2=shapely.area(parts)), parts)


def street_faces(
    streets: gpd.GeoDataFrame, within: Any = None, *, passed_over: Collection[str] = ()
) -> gpd.GeoDataFrame:
    """Return the faces between streets: ground that can be crossed without crossing a street.

    Parameters
    ----------
    streets, within, passed_over
        As of `street_blocks`.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of the streets, from west to east: ``id``, ``area_m2``, polygon. They fill the territory.

    Raises
    ------
    TableError, CrsError, InputError
        As `street_blocks`.

    Examples
    --------
    >>> road = shapely.LineString([(50, -10), (50, 110)])
    >>> streets = gpd.GeoDataFrame({"id": ["s"], "class": ["residential"]}, geometry=[road], crs=4549)
    >>> street_faces(streets, shapely.box(0, 0, 100, 100))["area_m2"].tolist()
    [5000.0, 5000.0]
    """
    site = _site(streets, within, 300, passed_over)
    shapes = faces(site.pieces.lines, limit=site.limit)
    table = pd.DataFrame(
        {"id": pd.array([f"F{at + 1:05d}" for at in range(len(shapes))], dtype="str"), "area_m2": shapely.area(shapes)}
    )
    return _returned(site, table, shapes)


@dataclass(frozen=True, kw_only=True)
class _Site:
    """Streets cut into stretches, and the ground they lie in."""

    #: all metres of street
    pieces: Pieces
    #: the territory in metres
    limit: Any
    #: id of each street
    ids: list[str]
    #: the metric system, and that of the streets
    metric: Any
    given: Any


def _site(streets: gpd.GeoDataFrame, within: Any, length_m: float, passed_over: Collection[str]) -> _Site:
    """Check what was given, and cut the streets."""
    if not LEAST_M <= length_m <= MOST_M:
        raise InputError(f"blocks of {length_m} m", expected=f"{LEAST_M:.0f} to {MOST_M:.0f} m")
    _refuse_faulty(streets)
    metric = streets if crs.is_metric(streets.crs) else crs.to_metric(streets)
    limit = _limit(within, streets, metric)
    net = network(metric, within=limit, passed_over=passed_over)
    settled = settle(net, courses(net), least_m=SHORTEST * length_m)
    pieces = stretched(net, settled, wanted_m=length_m)
    ids = streets["id"].astype(str).tolist()
    return _Site(pieces=pieces, limit=limit, ids=ids, metric=metric.crs, given=streets.crs)


def _refuse_faulty(streets: gpd.GeoDataFrame) -> None:
    """Refuse streets that cannot be told apart, or are none."""
    if streets.crs is None:
        raise CrsError("streets that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    if "id" not in streets or streets["id"].isna().any() or streets["id"].duplicated().any():
        fault = Fault(code="missing_column", message="no id for each street, all different; map or add the column")
        raise TableError("streets", [fault])
    faults = shape_faults(streets.geometry.to_numpy(), ("line",), streets.crs)
    if faults := [fault for fault in faults if fault.code not in _NOWHERE]:
        raise TableError("streets", faults)


def _limit(within: Any, streets: gpd.GeoDataFrame, metric: gpd.GeoDataFrame) -> Any:
    """The territory in metres."""
    if within is None:
        return surroundings(metric.geometry.to_numpy())
    if isinstance(within, shapely.Geometry):
        within = gpd.GeoSeries([within], crs=streets.crs)
    if not isinstance(within, gpd.GeoDataFrame | gpd.GeoSeries) or not len(within):
        raise InputError("a territory that is no polygon", expected="a polygon, or a table of polygons")
    table = crs.to_system(gpd.GeoDataFrame(geometry=within.geometry), metric.crs)
    shapes = shapely.force_2d(table.geometry.to_numpy())
    if faults := shape_faults(shapes, ("polygon",), metric.crs):
        raise TableError("within", faults)
    return shapely.union_all(shapes)


def _numbers(site: _Site) -> list[int]:
    """Number of each block along its street, from 1."""
    counted: Counter[str] = Counter()
    numbers = []
    for one in site.pieces.stretches:
        key = site.ids[one.street]
        counted[key] += 1
        numbers.append(counted[key])
    return numbers


def _codes(site: _Site) -> list[str]:
    """Id of each block: of its street, and its number."""
    stretches = site.pieces.stretches
    return [f"{site.ids[one.street]}-{number:03d}" for one, number in zip(stretches, _numbers(site), strict=True)]


def _branches(pieces: Pieces, stretch: Ints) -> Any:
    """Metres of street of each block that are not of its stretch."""
    metres = np.where(pieces.on_spine, 0.0, shapely.length(pieces.lines))
    return np.bincount(stretch, metres, len(pieces.stretches))


def _returned(site: _Site, table: pd.DataFrame, shapes: Lines) -> gpd.GeoDataFrame:
    """A table with polygons in the CRS of the streets."""
    return crs.to_system(gpd.GeoDataFrame(table, geometry=list(shapes), crs=site.metric), site.given)
