"""A drawn layer made into a partition: nodes joined, overlaps and gaps given to one area each, every move told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gridmap.errors import InputError
from gridmap.partition.checking.check import territory
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured, measure, one_level
from gridmap.partition.edges import Ints, Polygons, ring_edges
from gridmap.partition.findings import LEAST_M2, ground_of
from gridmap.partition.orientation import Floats
from gridmap.prepared import prepared

#: Metres of the lattice on which borders are noded where doubles alone do not give a net that is one.
LATTICE_M = 0.0001
#: The row that stands for ground that no area holds.
NOBODY = -1


class Cleaned(NamedTuple):
    """A cleaned layer, and what the cleaning did."""

    #: the areas in their order, columns and CRS, with their new polygons
    areas: gpd.GeoDataFrame
    #: every piece of ground that changed hands: ``from``, ``to`` (empty: nobody), ``area_m2``, ``reason``, polygon
    moved: gpd.GeoDataFrame


def clean(
    areas: gpd.GeoDataFrame,
    *,
    within: Any = None,
    snap_m: float = 0.0,
    gap_m2: float = np.inf,
    limits: Limits | None = None,
) -> Cleaned:
    """Return areas that fill their ground without gap or overlap, and every square metre that changed hands for it.

    The borders of all areas are drawn as one net of lines with a node wherever they meet. Each face of the net goes to
    the area that holds it; ground that several hold (*overlap*) goes to the one of them with which it shares the
    longest border, ground that none holds (*gap*) to the neighbour with which it does, and stray parts that are mere
    rounding (`Limits`) likewise. Faces are given away one after another, the longest border first, so that a long
    gap between many areas is not taken by a single one from all sides.

    Parameters
    ----------
    areas
        ``code`` and polygons of one level in any CRS; rings may be invalid.
    within
        The territory (a polygon in the CRS of the areas, or a table): what lies outside is cut off, what no area holds
        inside is a gap, also at the rim. Without it only enclosed gaps are filled.
    snap_m
        Metres within which corners of different areas are taken to be one.
    gap_m2
        Larger gaps are left open: they may be meant.
    limits
        What counts as a stray part.

    Returns
    -------
    Cleaned
        The areas, and the moves with their reason, the largest first: overlap, gap, outside, or border (ground of one
        holder that went to another: a stray part, or corners that were snapped). An area of which nothing is left
        keeps its row with an empty polygon, and a move says where its ground went.

    Raises
    ------
    TableError, CrsError
        As `check`; TableError also if levels are mixed: ground of a parent is no overlap with its children.
    InputError
        If the snapping distance is negative, or the territory no polygon.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 102, 100), shapely.box(100, 0, 200, 100)]
    >>> areas = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> cleaned = clean(areas)
    >>> cleaned.moved[["from", "to", "area_m2", "reason"]].values.tolist()
    [['b', 'a', 200.0, 'overlap']]
    >>> cleaned.areas.area.tolist()
    [10200.0, 9800.0]
    """
    if snap_m < 0:
        raise InputError(f"a snapping distance of {snap_m} m", expected="0 or more")
    measured = one_level(measure(areas))
    limit = territory(within, areas)
    before = _snapped(measured, snap_m)
    rule = _Rule(limits=limits or Limits(), gap_m2=gap_m2)
    after = _filled(measured, before, limit, rule, lattice=0.0)
    if not shapely.coverage_is_valid(after):
        after = _filled(measured, before, limit, rule, lattice=LATTICE_M / measured.unit_m)
    # an area that nothing happened to is the very same polygon
    same = shapely.equals_exact(shapely.normalize(after), shapely.normalize(measured.shapes))
    after = np.where(same, measured.shapes, after)
    return Cleaned(areas=areas.set_geometry(after, crs=areas.crs), moved=_moves(measured, after))


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """What may be given away."""

    #: what counts as a stray part
    limits: Limits
    #: square metres of the greatest gap that is filled
    gap_m2: float


@dataclass(frozen=True, kw_only=True)
class _Net:
    """Faces between the borders of all areas, and who holds each."""

    #: polygons that share their vertices exactly
    faces: Polygons
    #: (face, row of an area that holds it), sorted
    held: Ints
    #: pairs of faces with a common border, each pair in both orders
    pairs: Ints
    #: metres that each pair shares
    shared: Floats


def _filled(measured: Measured, before: Polygons, limit: Any | None, rule: _Rule, *, lattice: float) -> Polygons:
    """The ground of each area once every face has one holder."""
    net = _net(measured, before, limit, lattice)
    return _grown(net.faces, _given(measured, net, rule), len(before))


def _net(measured: Measured, shapes: Polygons, limit: Any | None, lattice: float) -> _Net:
    """The faces inside the areas, their gaps, and the territory where it is known."""
    lines = [*shapely.boundary(shapes), *([] if limit is None else [shapely.boundary(limit)])]
    noded = shapely.union_all(lines, grid_size=lattice or None)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    inside = shapely.point_on_surface(faces)
    if limit is not None:
        kept = np.asarray(shapely.intersects(prepared(limit), inside))
        faces, inside = faces[kept], inside[kept]
    area, face = shapely.STRtree(inside).query(shapes, predicate="intersects")
    held = np.column_stack([face, area])[np.lexsort([area, face])]
    pairs, shared = _neighbours(faces, _scale(measured))
    return _Net(faces=faces, held=held, pairs=pairs, shared=shared)


def _scale(measured: Measured) -> Floats:
    """Metres of one unit eastward and northward where the areas lie."""
    own, metric = (shapely.total_bounds(shapes) for shapes in (measured.shapes, measured.metric))
    return np.asarray((metric[2:] - metric[:2]) / (own[2:] - own[:2]))


def _neighbours(faces: Polygons, scale: Floats) -> tuple[Ints, Floats]:
    """Pairs of faces with a common border in both orders, and its metres."""
    edges = ring_edges(faces)
    order = np.lexsort(edges.ends.T)
    ends, row = edges.ends[order], edges.row[order].astype(np.int64)
    twice = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    one, other = row[twice], row[twice + 1]
    metres = np.hypot(*((ends[twice, 2:] - ends[twice, :2]) * scale).T)
    places = (np.append(one, other), np.append(other, one))
    table = coo_array((np.tile(metres, 2), places), shape=(len(faces), len(faces))).tocsr().tocoo()
    return np.column_stack([table.row, table.col]).astype(np.int64), np.asarray(table.data)


def _given(measured: Measured, net: _Net, rule: _Rule) -> Ints:
    """Row of the area that each face goes to, ``NOBODY`` where a gap stays open."""
    size = np.asarray(shapely.area(measured.to_metric(net.faces).to_numpy()))
    holders = np.bincount(net.held[:, 0], minlength=len(net.faces))
    owner = np.full(len(net.faces), NOBODY)
    single = holders[net.held[:, 0]] == 1
    owner[net.held[single, 0]] = net.held[single, 1]
    holding = set(map(tuple, net.held.tolist()))
    overlaps = np.flatnonzero(holders > 1)
    _settle(net, owner, overlaps, lambda face, area: (face, area) in holding)
    # ground that nobody holds alone anywhere near goes to the first of its holders
    first = net.held[np.searchsorted(net.held[:, 0], overlaps), 1]
    owner[overlaps] = np.where(owner[overlaps] == NOBODY, first, owner[overlaps])
    _settle(net, owner, np.flatnonzero((holders == 0) & (size <= rule.gap_m2)), lambda _face, _area: True)
    strays = _strays(net, owner, size, rule.limits)
    standing = owner[strays]
    owner[strays] = NOBODY
    _settle(net, owner, strays, lambda _face, _area: True)
    owner[strays] = np.where(owner[strays] == NOBODY, standing, owner[strays])
    return owner


def _settle(net: _Net, owner: Ints, open_faces: Ints, may: Callable[[int, int], bool]) -> None:
    """Give open faces to the areas with which they share the longest border, the longest first, until none can be."""
    waiting = np.zeros(len(net.faces), dtype=bool)
    waiting[open_faces] = True
    chosen = waiting[net.pairs[:, 0]]
    pairs, shared = net.pairs[chosen], net.shared[chosen]
    while waiting.any():
        border: dict[tuple[int, int], float] = {}
        for (face, beside), metres in zip(pairs.tolist(), shared.tolist(), strict=True):
            area = int(owner[beside])
            if waiting[face] and area != NOBODY and may(face, area):
                border[face, area] = border.get((face, area), 0.0) + metres
        settled: set[int] = set()
        for face, area in sorted(border, key=lambda key: (-border[key], key)):
            if face not in settled:
                owner[face] = area
                settled.add(face)
        waiting[list(settled)] = False
        if not settled:
            return


def _strays(net: _Net, owner: Ints, size: Floats, limits: Limits) -> Ints:
    """Faces of parts that lie apart from the greatest part of their area and are mere rounding."""
    same = (owner[net.pairs[:, 0]] == owner[net.pairs[:, 1]]) & (owner[net.pairs[:, 0]] != NOBODY)
    graph = coo_array((np.ones(same.sum()), tuple(net.pairs[same].T)), shape=(len(owner), len(owner)))
    parts, part = connected_components(graph, directed=False)
    ground = np.bincount(part, size, parts)[part]
    greatest = np.zeros(owner.max(initial=0) + 1)
    held = owner != NOBODY
    np.maximum.at(greatest, owner[held], ground[held])
    return np.flatnonzero(held & (ground < greatest[owner]) & (ground <= limits.ground_m2))


def _grown(faces: Polygons, owner: Ints, count: int) -> Polygons:
    """The ground of each area: the union of its faces, empty where it has none."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    groups = [faces[order[starts[row] : starts[row + 1]]] for row in range(count)]
    return np.array([shapely.coverage_union_all(group) if len(group) else shapely.Polygon() for group in groups])


def _snapped(measured: Measured, snap_m: float) -> Polygons:
    """Shapes whose corners within a distance of each other are one: the most western of them."""
    if snap_m == 0:
        return measured.shapes
    points = np.unique(shapely.get_coordinates(measured.shapes), axis=0)
    pairs = cKDTree(points * _scale(measured)).query_pairs(snap_m, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(points), len(points)))
    groups, group = connected_components(graph, directed=False)
    first = np.full(groups, len(points))
    np.minimum.at(first, group, np.arange(len(points)))
    stands = dict(zip(map(tuple, points.tolist()), points[first[group]].tolist(), strict=True))
    moved = shapely.transform(
        measured.shapes, lambda given: np.array([stands[tuple(point)] for point in given.tolist()])
    )
    return np.array([ground_of(shape) for shape in shapely.make_valid(moved)], dtype=object)


def _moves(measured: Measured, after: Polygons) -> gpd.GeoDataFrame:
    """What changed hands: ground of each area in another area now, in nobody's, and what was nobody's."""
    before = measured.shapes
    other = np.array([one is not two for one, two in zip(before, after, strict=True)])
    changed = np.flatnonzero(other)
    then, now = shapely.STRtree(after).query(before, predicate="intersects")
    pair = (then != now) & (other[then] | other[now])
    then, now = then[pair], now[pair]
    common = shapely.intersection(before[then], after[now])
    names = [(measured.codes[one], measured.codes[two]) for one, two in zip(then.tolist(), now.tolist(), strict=True)]
    rows = [
        *((*pair, "overlap") for pair in names),
        *((*pair, "border") for pair in names),
        *((measured.codes[row], "", "outside") for row in changed.tolist()),
        *(("", measured.codes[row], "gap") for row in changed.tolist()),
    ]
    shapes = [
        *shapely.intersection(common, before[now]),
        *shapely.difference(common, before[now]),
        *shapely.difference(before[changed], shapely.union_all(after)),
        *shapely.difference(after[changed], shapely.union_all(before)),
    ]
    return _told(measured, rows, np.array([ground_of(shape) for shape in shapes], dtype=object))


def _told(measured: Measured, rows: list[tuple[str, str, str]], shapes: Polygons) -> gpd.GeoDataFrame:
    """Moves of more than a square millimetre as a table, the largest first."""
    table = pd.DataFrame(rows, columns=["from", "to", "reason"])
    table.insert(2, "area_m2", shapely.area(measured.to_metric(shapes).to_numpy()))
    moved = gpd.GeoDataFrame(table, geometry=shapes, crs=measured.system)
    return moved[moved["area_m2"] >= LEAST_M2].sort_values("area_m2", ascending=False, kind="stable", ignore_index=True)
