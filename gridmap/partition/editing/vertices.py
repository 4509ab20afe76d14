"""Moving, inserting and deleting vertices that areas share."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import ConflictError
from gridmap.partition.editing import given
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.limits import EDIT_LIMITS, ROUNDING_M2, EditLimits
from gridmap.partition.editing.mosaic import Mosaic, opened
from gridmap.partition.editing.net import Net
from gridmap.partition.editing.plane import Points, place
from gridmap.partition.editing.results import Change, changed
from gridmap.partition.editing.rings import Edge, twice_area

#: Edges that meet in a vertex which bounds no more than two areas.
_TWO = 2


def move_vertex(
    areas: gpd.GeoDataFrame,
    at: Any,
    to: Any,
    *,
    across: bool = False,
    outer: bool = False,
    limits: EditLimits = EDIT_LIMITS,
) -> gpd.GeoDataFrame:
    """Return the areas with a vertex moved, in all of them that share it.

    The outer border stays where it is: a vertex on it may only slide along where the border is straight. A border of
    the areas above (communities, say) moves only if the caller may decide it.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, if known ``parent``; any CRS.
    at
        The vertex, in the areas' CRS; the nearest within ``snap_m`` is taken.
    to
        Where it shall be, in the areas' CRS.
    across
        Whether a border between areas of different parents may move.
    outer
        Whether the outer border may move.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures of those that changed are missing.

    Raises
    ------
    InputError
        If ``at`` or ``to`` is no point near the areas, or no vertex is there.
    ConflictError
        If the outer border or, without ``across``, that of a parent would move, or areas would not be a partition.
    TableError, CrsError
        If the areas cannot be edited.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> ground = [shapely.box(0, 0, 10, 10), shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])]
    >>> ground[0] = shapely.Polygon([(0, 0), (10, 0), (10, 5), (10, 10), (0, 10)])
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=ground, crs=4549).translate(5e5, 35e5)
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=pair)
    >>> move_vertex(pair, (500010, 3500005), (500012, 3500005)).area.tolist()
    [110.0, 90.0]
    """
    mosaic = opened(areas)
    net, vertex = _vertex(mosaic, given.point(at, mosaic), limits)
    stored, metres = _target(net, vertex, given.point(to, mosaic, "to"), outer=outer, limits=limits)
    mosaic.refuse_across(net.holders(vertex), across=across)
    net.move(vertex, stored, metres)
    return _done(mosaic, net, net.holders(vertex), outer=outer, limits=limits)


def insert_vertex(
    areas: gpd.GeoDataFrame,
    at: Any,
    *,
    to: Any = None,
    across: bool = False,
    outer: bool = False,
    limits: EditLimits = EDIT_LIMITS,
) -> gpd.GeoDataFrame:
    """Return the areas with a vertex more on a border, in both areas that share it; nobody's ground changes.

    With ``to`` the new vertex is moved at once, as `move_vertex` does: what dragging the middle of a border means.

    Parameters
    ----------
    areas
        As `move_vertex`.
    at
        Place in the areas' CRS; the nearest border within ``snap_m`` is taken, and the place on it that is nearest.
    to
        Where the new vertex shall be; None: on the border as it is.
    across, outer
        As `move_vertex`.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures are kept.

    Raises
    ------
    InputError
        If ``at`` is no point near the areas, or no border is there.
    ConflictError
        If a vertex is there already, or the areas are no partition there.
    TableError, CrsError
        If the areas cannot be edited.
    """
    mosaic = opened(areas)
    net, edge, stored, metres = _insertion(mosaic, given.point(at, mosaic), limits)
    rows = sorted({net.left[side] for side in (edge, edge[::-1]) if side in net.left})
    net.insert(edge, [net.number(stored, metres)])
    result = _done(mosaic, net, rows, outer=False, limits=limits, counted=True)
    return result if to is None else move_vertex(result, stored, to, across=across, outer=outer, limits=limits)


def delete_vertex(
    areas: gpd.GeoDataFrame, at: Any, *, across: bool = False, outer: bool = False, limits: EditLimits = EDIT_LIMITS
) -> gpd.GeoDataFrame:
    """Return the areas with a vertex less, in both areas that share it.

    A node, where three borders meet, cannot go. On the outer border only a vertex can on which it is straight.

    Parameters
    ----------
    areas, at, across, outer, limits
        As `move_vertex`.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures of those that changed are missing.

    Raises
    ------
    InputError, ConflictError, TableError, CrsError
        As `move_vertex`; ConflictError also if three borders meet there.
    """
    mosaic = opened(areas)
    net, vertex = _vertex(mosaic, given.point(at, mosaic), limits)
    ends, where = net.neighbours(vertex), place(net.stored[vertex])
    if len(ends) != _TWO:
        raise ConflictError(
            f"{len(ends)} borders meet at {where}",
            expected="a vertex between two others of one border",
            do="move it, or merge the areas that meet there",
            code="borders_meet",
            values={"borders": len(ends), "place": where},
        )
    (before, shared), (after, _) = ends.items()
    straight = _turned_m2(net, before, vertex, after) <= ROUNDING_M2 / 2
    if not (shared or outer or straight):
        raise _pinned(where)
    rows = net.holders(vertex)
    if not straight:
        mosaic.refuse_across(rows, across=across)
    if any(len(net.edges[row]) <= _TWO + 1 for row in rows) or net.known((before, after)):
        raise ConflictError(
            f"the vertex at {where} is needed: without it an area would have no ground",
            do="keep it",
            code="corner_needed",
            values={"place": where},
        )
    net.remove(vertex, before, after)
    return _done(mosaic, net, rows, outer=outer, limits=limits, counted=straight)


def _vertex(mosaic: Mosaic, spot: Points, limits: EditLimits) -> tuple[Net, int]:
    """Return the borders around a place, and the vertex that is meant."""
    net = Net(mosaic, mosaic.near(spot[None], limits.snap_m))
    here = net.plane.metres(spot[None])[0]
    away = np.hypot(*(np.array(net.metres).reshape(-1, 2) - here).T)
    if not len(away) or away.min() > limits.snap_m:
        nearest = f"the nearest is {away.min():.2f} m away" if len(away) else "no border is near"
        raise given.nothing_at(spot, f"a vertex within {limits.snap_m:g} m: {nearest}", code="no_corner_there")
    return net, int(away.argmin())


def _insertion(mosaic: Mosaic, spot: Points, limits: EditLimits) -> tuple[Net, Edge, Points, Points]:
    """Return the borders around a place, that which is meant, and the new vertex on it, stored and in metres."""
    net = Net(mosaic, mosaic.near(spot[None], limits.snap_m))
    edge, here = _border(net, spot, limits)
    stored, metres = net.plane.straight(net.point(edge[0]), net.point(edge[1]), here)
    for end in edge:
        gap = float(np.hypot(*(net.point(end) - metres)))
        if gap < limits.narrowest_m:
            raise ConflictError(
                f"a vertex {gap:.3f} m from that at {place(net.stored[end])}",
                expected=f"at least {limits.narrowest_m:g} m from one to the next",
                do="move the one that is there",
                code="corner_too_near",
                values={"metres": f"{gap:.3f}", "least": f"{limits.narrowest_m:g}", "place": place(net.stored[end])},
            )
    return net, edge, stored, metres


def _border(net: Net, spot: Points, limits: EditLimits) -> tuple[Edge, Points]:
    """Return the border that is meant by a place, and the place in metres."""
    here = net.plane.metres(spot[None])[0]
    edges = list(dict.fromkeys((min(edge), max(edge)) for edge in net.left))
    if not edges:
        raise given.nothing_at(spot, f"a border within {limits.snap_m:g} m", code="no_border_there")
    start = np.array([net.at(edge[0]) for edge in edges])
    along = np.array([net.at(edge[1]) for edge in edges]) - start
    share = np.clip(((here - start) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    away = np.hypot(*(start + share[:, None] * along - here).T)
    if away.min() > limits.snap_m:
        nearest = f"the nearest is {away.min():.2f} m away"
        raise given.nothing_at(spot, f"a border within {limits.snap_m:g} m: {nearest}", code="no_border_there")
    return edges[int(away.argmin())], here


def _target(
    net: Net, vertex: int, to: Points, *, outer: bool, limits: EditLimits
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where a vertex goes, stored and in metres; on the outer border, along it."""
    metres = net.plane.metres(to[None])[0]
    ends = [end for end, shared in net.neighbours(vertex).items() if not shared]
    if ends and not outer:
        if len(ends) != _TWO or _turned_m2(net, ends[0], vertex, ends[1]) > ROUNDING_M2 / 2:
            raise _pinned(place(net.stored[vertex]))
        wanted = metres
        to, metres = net.plane.straight(net.point(ends[0]), net.point(ends[1]), wanted)
        if np.hypot(*(metres - wanted)) > limits.snap_m:
            raise _pinned(place(net.stored[vertex]))
    key = (float(to[0]), float(to[1]))
    if net.numbers.get(key, vertex) != vertex:
        raise ConflictError(
            f"another vertex at {place(key)}",
            expected="a place without one",
            do="delete one of both",
            code="corner_there",
            values={"place": place(key)},
        )
    return key, (float(metres[0]), float(metres[1]))


def _turned_m2(net: Net, before: int, vertex: int, after: int) -> float:
    """Return the ground between the way over a vertex and the straight one."""
    return abs(twice_area([net.at(before), net.at(vertex), net.at(after)])) / 2


def _pinned(where: str) -> ConflictError:
    """Return the refusal to move the outer border."""
    return ConflictError(
        f"the vertex at {where} lies on the outer border",
        expected="one between areas",
        do="insert vertices on it if need be; they move along it where it is straight",
        code="outer_border",
        values={"place": where},
    )


def _done(
    mosaic: Mosaic, net: Net, rows: list[int], *, outer: bool, limits: EditLimits, counted: bool = False
) -> gpd.GeoDataFrame:
    """Return the table with the changed borders of some areas, once they have been judged."""
    shapes = {row: net.polygon(net.faces(row)) for row in rows}
    codes = [mosaic.codes[row] for row in rows]
    parts = int(shapely.get_num_geometries(mosaic.shapes[rows]).sum())
    judge(mosaic, Draft(rows=rows, codes=codes, shapes=list(shapes.values()), parts=parts, outer=outer), limits)
    return changed(mosaic, Change(shapes=shapes, counted=rows if counted else ()))
