"""Giving whole buildings to a neighbour, with the ground around them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap import crs
from gridmap.errors import ConflictError, Fault, InputError, NotFoundError, TableError
from gridmap.partition.editing import given
from gridmap.partition.editing.giving import hand_over
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.mosaic import Mosaic, lost, opened
from gridmap.partition.editing.plane import Shapes, place
from gridmap.partition.findings import mended
from gridmap.tessellation import borders, cells

#: Square metres of a building that may lie on either side of a border without its being cut: drawing's rounding.
SLIP_M2 = 0.5
#: Widest strip, in metres; wider is ground, and given as such.
WIDEST_M = 50.0


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Buildings, in the system of the areas."""

    #: ids, as text
    ids: list[str]
    #: outlines
    shapes: Shapes

    def within(self, box: Sequence[float]) -> npt.NDArray[np.int64]:
        """Return the rows of buildings whose bounds meet a box."""
        west, south, east, north = shapely.bounds(self.shapes).T
        return np.flatnonzero((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))

    def rows(self, names: Sequence[str]) -> list[int]:
        """Return the rows of buildings; NotFoundError if one is not there."""
        where = {name: row for row, name in enumerate(self.ids)}
        absent = [name for name in names if name not in where]
        if absent:
            raise NotFoundError(
                f"building {absent[0]!r}",
                expected="the id of a building",
                do="fetch the buildings again",
                code="no_building",
                values={"buildings": absent},
            )
        return [where[name] for name in names]


def give_buildings(  # noqa: PLR0913 - the tables, who gives what to whom, and the rules
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    ids: Any,
    *,
    to: str,
    strip: float | None = None,
    across: bool = False,
    limits: EditLimits = EDIT_LIMITS,
) -> gpd.GeoDataFrame:
    """Return the areas with buildings given to a neighbour, whole, each with its ground.

    A building's ground is its cell in the area that gives it: what lies nearer to it than to the other buildings there.
    The cells have to reach the receiver, one by way of another. Where they do not, the buildings between are named,
    which may be given as well; or a ``strip`` is asked for, a corridor of that width along the borders of cells, hence
    midway between buildings, the shortest that passes no building nearer than half its width.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS.
    buildings
        All buildings: ``id``, polygon; those around are never cut.
    ids
        Which of them go.
    to
        The area that receives.
    strip
        Width in metres of a corridor to buildings that the receiver does not touch; None: there shall be none.
    across
        Whether they may go to an area of another parent.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures of giver and receiver are missing.

    Raises
    ------
    NotFoundError
        If there is no area or building of a name.
    InputError
        If an id comes twice, or the strip is no width between ``narrowest_m`` and 50 m.
    ConflictError
        If the receiver has the buildings already, their ground does not reach it, a strip finds no way, another
        building would be cut, or what is left would be in parts, too thin or too small.
    TableError, CrsError
        If the areas cannot be edited, or buildings have no ids or lie nowhere.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(5e5 + x, 35e5, 5e5 + x + 100, 35e5 + 100) for x in (0, 100)]
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> houses = [shapely.box(5e5 + x, 35e5 + 40, 5e5 + x + 20, 35e5 + 60) for x in (20, 60)]
    >>> houses = gpd.GeoDataFrame({"id": ["west", "east"]}, geometry=houses, crs=4549)
    >>> give_buildings(pair, houses, ["east"], to="b").area.round().tolist()
    [5000.0, 15000.0]
    """
    mosaic = opened(areas)
    receiver = mosaic.row(given.code(to, "to"))
    width = _width(strip, limits)
    names = given.names(ids, "buildings", limits)
    stock = _stock(mosaic, buildings)
    rows = stock.rows(names)
    givers = _givers(mosaic, stock, rows, receiver)
    mosaic.refuse_across([*givers, receiver], across=across)
    grounds = [part for giver in givers for part in _ground(mosaic, stock, rows, (giver, receiver), width)]
    grounds = [_rings(mosaic, part) for part in grounds]
    # cells meet borders to a millimetre: what is nearer than narrowest_m to a vertex must go there, and nothing else
    result = hand_over(mosaic, grounds, givers, receiver, replace(limits, snap_m=limits.narrowest_m))
    _refuse_cut(mosaic, result, stock, rows, receiver)
    return result


def _width(strip: float | None, limits: EditLimits) -> float | None:
    """Return the width of a strip, or None for none."""
    if strip is None:
        return None
    if isinstance(strip, bool) or not isinstance(strip, (int, float)) or not limits.narrowest_m <= strip <= WIDEST_M:
        raise InputError(
            f"strip {strip!r}",
            expected=f"metres from {limits.narrowest_m:g} to {WIDEST_M:g}",
            code="strip_width",
            values={"least": f"{limits.narrowest_m:g}", "most": f"{WIDEST_M:g}"},
        )
    return float(strip)


def _stock(mosaic: Mosaic, buildings: gpd.GeoDataFrame) -> Stock:
    """Return all buildings."""
    if "id" not in buildings.columns:
        raise TableError("buildings", [Fault(code="missing_column", message="column id is missing", column="id")])
    shapes, source = buildings.geometry.to_numpy(), mosaic.plane.source
    message = "a coordinate is not a finite number"
    faults = [Fault(code="not_finite", message=message, feature=int(row) + 1) for row in np.flatnonzero(lost(shapes))]
    if faults:
        raise TableError("buildings", faults)
    theirs = "" if buildings.crs is None else crs.parse(buildings.crs)
    return Stock(
        ids=[str(name) for name in buildings["id"].tolist()], shapes=crs.convert_shapes(shapes, theirs, source)
    )


def _outlines(mosaic: Mosaic, shapes: Shapes) -> Shapes:
    """Return outlines of buildings in metres, rings that cross themselves being read as even-odd."""
    return mended(mosaic.plane.drawn(shapes))


def _givers(mosaic: Mosaic, stock: Stock, rows: list[int], receiver: int) -> list[int]:
    """Return the areas other than the receiver that hold ground of buildings."""
    box = shapely.total_bounds(stock.shapes[rows])
    near = mosaic.within(box)
    near = near[near != receiver]
    on = shapely.union_all(_outlines(mosaic, stock.shapes[rows]))
    held = shapely.area(shapely.intersection(mosaic.ground(near), on))
    found = [int(row) for row in near[held > SLIP_M2]]
    if not found:
        names = ", ".join(stock.ids[row] for row in rows[:3])
        code = mosaic.codes[receiver]
        raise ConflictError(
            f"buildings {names} are in area {code} already, or in none",
            expected="a neighbour's",
            code="buildings_there",
            values={"buildings": [stock.ids[row] for row in rows], "area": code},
        )
    return found


def _ground(mosaic: Mosaic, stock: Stock, rows: list[int], pair: tuple[int, int], width: float | None) -> list[Any]:
    """Return the ground that goes with buildings from one area to another, in metres."""
    giver, receiver = mosaic.ground(pair)
    west, south, east, north = mosaic.bounds[pair[0]]
    near = stock.within((west, south, east, north))
    inside = shapely.intersection(_outlines(mosaic, stock.shapes[near]), giver)
    parts, of_part = shapely.get_parts(inside, return_index=True)
    solid = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON.value) & (shapely.area(parts) > SLIP_M2)
    parts, of_part = parts[solid], of_part[solid]
    found = cells(shapely.get_parts(giver), parts)
    owner = np.append(near[of_part], -1)[found.owner]
    wanted = np.isin(owner, rows)
    return _reaching(mosaic, stock, _Yard(cells=found.geometry, owner=owner, wanted=wanted, beside=receiver), width)


@dataclass(frozen=True, kw_only=True)
class _Yard:
    """The cells of the buildings of an area, in metres."""

    #: polygons
    cells: Shapes
    #: row of the building of each, -1 for none
    owner: npt.NDArray[np.int64]
    #: whether it is to go
    wanted: npt.NDArray[np.bool_]
    #: the area that receives
    beside: Any


def _reaching(mosaic: Mosaic, stock: Stock, yard: _Yard, width: float | None) -> list[Any]:
    """Return the grounds of cells that hang together, each with a strip to the receiver where it needs one."""
    whole = shapely.get_parts(shapely.coverage_union_all(yard.cells[yard.wanted]))
    edge = shapely.boundary(yard.beside)
    grounds = []
    for ground in whole:
        # cells meet the border to a millimetre
        touching = shapely.length(shapely.intersection(shapely.buffer(ground, 0.01), edge))
        if touching > 1.0:
            grounds.append(ground)
        elif width is None:
            raise _far(mosaic, stock, yard, ground)
        else:
            grounds.append(_smooth(shapely.union_all([ground, _strip(stock, mosaic, yard, ground, width)])))
    return grounds


def _smooth(ground: Any) -> Any:
    """Return ground without the notches and short edges where a strip meets it."""
    near = EDIT_LIMITS.narrowest_m
    closed = ground.buffer(near, join_style="mitre").buffer(-near, join_style="mitre")
    return shapely.remove_repeated_points(closed, tolerance=2 * near)


def _far(mosaic: Mosaic, stock: Stock, yard: _Yard, ground: Any) -> ConflictError:
    """Return the refusal of buildings that the receiver does not touch, naming those between."""
    way = shapely.shortest_line(ground, yard.beside)
    crossed = shapely.intersects(yard.cells, way) & ~yard.wanted
    given_up = sorted({stock.ids[row] for row in yard.owner[crossed & (yard.owner >= 0)]})
    inside = sorted({stock.ids[row] for row in yard.owner[yard.wanted & shapely.intersects(yard.cells, ground)]})
    between = f"between are {', '.join(given_up)}" if given_up else "open ground is between"
    where = mosaic.plane.stored(shapely.get_coordinates(way)[:1])[0]
    return ConflictError(
        f"the ground of {', '.join(inside)} ends {way.length:.1f} m from the receiver, at {place(where)}: {between}",
        expected="buildings whose ground reaches the receiver",
        do="give those between too, or ask for a strip of some metres",
        code="buildings_out_of_reach" if given_up else "open_ground_between",
        values={"buildings": inside, "between": given_up, "metres": f"{way.length:.1f}"},
    )


def _strip(stock: Stock, mosaic: Mosaic, yard: _Yard, ground: Any, width: float) -> Any:
    """Return the shortest corridor between the other buildings from ground to the receiver."""
    way = _shortest(yard, ground, _outlines(mosaic, stock.shapes[np.unique(yard.owner[yard.owner >= 0])]), width / 2)
    if way is None:
        raise ConflictError(
            f"no strip of {width:g} m to the receiver runs between the other buildings",
            expected="a way along the borders of their cells",
            do="ask for a narrower one, or give the buildings between too",
            code="no_strip",
            values={"metres": f"{width:g}"},
        )
    return way.buffer(width / 2, cap_style="square", join_style="mitre", mitre_limit=2.0)


def _shortest(yard: _Yard, ground: Any, houses: Shapes, apart_m: float) -> Any:
    """Return the shortest line along borders of cells from ground to the receiver, so far from buildings; or None."""
    segments = borders(yard.cells).segments
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    free = np.ones(len(lines), dtype=bool)
    free[shapely.STRtree(lines).query(houses, predicate="dwithin", distance=apart_m)[1]] = False
    ways: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for x1, y1, x2, y2 in segments[free].tolist():
        ways.setdefault((x1, y1), []).append((x2, y2))
        ways.setdefault((x2, y2), []).append((x1, y1))
    nodes = list(ways)
    spots = shapely.points(nodes) if nodes else np.empty(0, dtype=object)
    start = {node for node, on in zip(nodes, shapely.dwithin(spots, ground, 0.01), strict=True) if on}
    end = {node for node, on in zip(nodes, shapely.dwithin(spots, yard.beside, 0.01), strict=True) if on}
    path = _walk(ways, start, end)
    return shapely.LineString(path) if len(path) > 1 else None


def _walk(
    ways: dict[tuple[float, float], list[tuple[float, float]]],
    start: set[tuple[float, float]],
    end: set[tuple[float, float]],
) -> list[tuple[float, float]]:
    """Return the shortest path from one of some nodes to one of others; empty where there is none (Dijkstra)."""
    heap = [(0.0, node, node) for node in sorted(start)]
    came: dict[tuple[float, float], tuple[float, float]] = {}
    while heap:
        metres, node, before = heapq.heappop(heap)
        if node in came:
            continue
        came[node] = before
        if node in end:
            path = [node]
            while came[path[-1]] != path[-1]:
                path.append(came[path[-1]])
            return path
        for after in ways[node]:
            if after not in came:
                heapq.heappush(heap, (metres + float(np.hypot(after[0] - node[0], after[1] - node[1])), after, node))
    return []


def _rings(mosaic: Mosaic, ground: Any) -> list[npt.NDArray[np.float64]]:
    """Return the rings of ground, stored."""
    return [mosaic.plane.stored(shapely.get_coordinates(ring)) for ring in shapely.get_rings(ground)]


def _refuse_cut(mosaic: Mosaic, result: gpd.GeoDataFrame, stock: Stock, rows: list[int], receiver: int) -> None:
    """Refuse borders that cut a building, or leave a part of one that was to go."""
    drawn = np.array([mosaic.shapes[receiver], result.geometry.iloc[receiver]], dtype=object)
    before, after = mosaic.plane.drawn(drawn)
    near = np.union1d(stock.within(result.geometry.iloc[receiver].bounds), rows)
    houses = _outlines(mosaic, stock.shapes[near])
    had, has = (shapely.area(shapely.intersection(houses, shape)) for shape in (before, after))
    size = shapely.area(houses)
    going = np.isin(near, rows)
    cut = (~going & (has > had + SLIP_M2) & (has < size - SLIP_M2)) | (going & (has < size - SLIP_M2))
    if cut.any():
        name = stock.ids[near[int(np.flatnonzero(cut)[0])]]
        raise ConflictError(
            f"the border would cut building {name}",
            expected="whole buildings",
            do="give that building too, or not at all",
            code="building_cut",
            values={"buildings": [name]},
        )
