"""The street graph made of a table of streets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gridmap import crs as systems
from gridmap.errors import CrsError, Fault, InputError, TableError, TooLargeError
from gridmap.streets.cutting import Pieces, pieces
from gridmap.streets.graph import StreetGraph
from gridmap.streets.joining import Joined, grouped, join
from gridmap.streets.reading import NO_STREETS, Drawn, drawn, is_street, texts
from gridmap.tessellation.arrays import number_rows, spread

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Metres that an end may miss what it joins by: drawn by hand, or rounded to 1e-7 degrees twice.
SNAP_M = 0.05


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a street graph is made of at most."""

    #: vertices of all streets: those of a province take a minute and a few gigabytes
    vertices: int = 10_000_000


def graph(
    streets: gpd.GeoDataFrame,
    *,
    crossings: Literal["auto", "shared", "all"] = "auto",
    crs: Any = None,
    snap_m: float = SNAP_M,
    passed_over: Collection[str] = NO_STREETS,
    limits: Limits | None = None,
) -> StreetGraph:
    """Return streets cut where they join, with the metres along its street of each piece.

    Streets join where they have a vertex in common, and where one ends or has a vertex on another. Where two cross
    without a vertex, they join only with ``crossings="all"``. Streets on different levels (``layer``, ``bridge``,
    ``tunnel``) join only where one of them ends at a vertex of the other. Every street keeps all its metres: where one
    lies on another, each has edges of its own, and ``twin`` names the first.

    Parameters
    ----------
    streets
        Lines in any CRS, in the order of the table: ``class``, ``barrier``, ``layer``, ``bridge``, ``tunnel`` where
        known. What ``barrier`` calls a barrier and ``class`` no street (a river, a railway) is no part of the graph;
        rows without a line have no metres.
    crossings
        ``shared`` or ``all`` as above; ``auto`` takes ``all`` where more crossings are without a vertex than junctions
        are with one: so are streets drawn by hand, end to end.
    crs
        Metric system of the graph; by default that of the table where it is metric, else that of the place.
    snap_m
        How far an end may be from what it joins.
    passed_over
        Classes that are no streets.
    limits
        How much is taken at most.

    Returns
    -------
    StreetGraph
        Edges street by street in the order of the table, and metre by metre; nodes in the order in which edges meet
        them.

    Raises
    ------
    CrsError
        If the streets state no CRS, or the CRS asked for is not metric.
    InputError
        If ``crossings`` is another word, or ``snap_m`` negative.
    TableError
        If no street is there, one is no line, or has coordinates that are not finite.
    TooLargeError
        If there are more vertices than the limit.

    Examples
    --------
    A lane ends on a road, a bridge crosses it without joining:

    >>> road, lane = shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(40, 0), (40, 30)])
    >>> over = shapely.LineString([(70, -10), (70, 10)])
    >>> table = gpd.GeoDataFrame({"bridge": [None, None, "yes"]}, geometry=[road, lane, over], crs=4549)
    >>> made = graph(table, crossings="all")
    >>> made.street.tolist(), made.from_m.tolist(), made.to_m.tolist(), made.ends.tolist()
    ([0, 0, 1, 2], [0.0, 40.0, 0.0, 0.0], [40.0, 100.0, 30.0, 20.0], [[0, 1], [1, 2], [1, 3], [4, 5]])
    """
    _refuse_options(crossings, snap_m)
    metric = _metric(streets, crs)
    _refuse_many(metric, limits or Limits())
    lines = drawn(metric, is_street(streets, passed_over=passed_over))
    if not len(lines.row):
        raise TableError("streets", [Fault(code="no_streets", message="no street with a length; give at least one")])
    joined = join(lines, crossings, snap_m)
    return _assembled(metric, lines, joined, pieces(lines, joined.cuts))


def _assembled(metric: gpd.GeoDataFrame, lines: Drawn, joined: Joined, found: Pieces) -> StreetGraph:
    """The graph of all pieces."""
    order = np.lexsort([found.along_m[:, 0], found.part])
    street = lines.row[found.part[order]]
    along = found.along_m[order] + lines.start_m[found.part[order], None]
    number, first = number_rows(found.ends[order].reshape(-1, 1))
    ends = number.reshape(-1, 2)
    shapes, length = found.shapes[order], along[:, 1] - along[:, 0]
    return StreetGraph(
        crs=systems.parse(metric.crs),
        crossings="all" if joined.every else "shared",
        bare=joined.bare,
        node_xy=joined.xy[found.ends[order].ravel()[first]],
        ends=ends,
        edges=shapes,
        length_m=length,
        street=street,
        from_m=along[:, 0],
        to_m=along[:, 1],
        kind=texts(metric, "class")[street],
        component=_components(ends, length),
        twin=_twins(ends, shapes, length, joined.reach_m),
        street_m=np.bincount(lines.row, lines.length_m, minlength=len(metric)).astype(float),
    )


def _components(ends: Ints, length: Floats) -> Ints:
    """Number of the connected piece of each edge, the longest first."""
    of = grouped(int(ends.max()) + 1, ends)[ends[:, 0]]
    rank = np.argsort(np.argsort(-np.bincount(of, length), kind="stable"), kind="stable")
    return np.asarray(rank[of])


def _twins(ends: Ints, shapes: npt.NDArray[Any], length: Floats, reach_m: float) -> Ints:
    """First edge that each lies on from end to end."""
    pair, _ = number_rows(np.sort(ends, axis=1))
    order = np.argsort(pair, kind="stable")
    many = np.bincount(pair)
    earlier, place = spread(np.arange(len(order)) - np.repeat(np.cumsum(many) - many, many))
    one, other = order[earlier - 1 - place], order[earlier]
    alike = np.abs(length[one] - length[other]) <= 2 * reach_m
    one, other = one[alike], other[alike]
    alike = shapely.hausdorff_distance(shapes[one], shapes[other]) <= reach_m
    twin = np.arange(len(shapes))
    np.minimum.at(twin, other[alike], one[alike])
    return twin


def _metric(streets: gpd.GeoDataFrame, system: Any) -> gpd.GeoDataFrame:
    """The streets in metres."""
    if streets.crs is None:
        raise CrsError("streets that do not say their coordinate system", do="state it: an EPSG code such as 4490")
    if system is not None:
        if not systems.is_metric(CRS(system)):
            raise CrsError(f"a street graph in {system}", expected="a system in metres", do="leave it out, or name one")
        return systems.to_system(streets, system)
    return streets if systems.is_metric(CRS(streets.crs)) or not len(streets) else systems.to_metric(streets)


def _refuse_options(crossings: str, snap_m: float) -> None:
    """Refuse options of no meaning."""
    if crossings not in {"auto", "shared", "all"}:
        raise InputError(f"crossings {crossings!r}", expected="auto, shared or all")
    if not 0 <= snap_m < np.inf:
        raise InputError(f"snap_m {snap_m}", expected="0 or more metres")


def _refuse_many(streets: gpd.GeoDataFrame, limits: Limits) -> None:
    """Refuse more than the limit."""
    count = int(shapely.get_num_coordinates(streets.geometry.to_numpy()).sum())
    if count > limits.vertices:
        raise TooLargeError(
            f"streets of {count} vertices", expected=f"at most {limits.vertices}", do="clip them to the territory"
        )
