"""Cells after a change: only the faces whose outlines changed are shared out anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.tessellation.arrays import Flags, Floats, Ints, Polygons, next_in_ring, number_rows, spread
from gridmap.tessellation.pieces import NEAR_M, assembled
from gridmap.tessellation.sharing import STEP_M, THIN_M, Cells, cells, in_order, standard
from gridmap.tessellation.sides import sides_of

#: Share of the faces from which on sharing out all of them is no slower.
_MOST = 0.6
#: Outlines this near to a face have a say in its cells, twice what makes them tangled.
_REACH_M = 2 * NEAR_M
#: Metres within which a vertex of a cell lies on a border of a face: what rounding leaves of a point on a line.
_ON_M = 1e-6


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Faces shared out among outlines."""

    #: the faces, shape (f,)
    faces: Polygons
    #: the outlines, shape (m,)
    outlines: Polygons
    #: whose ground is whose
    cells: Cells


def shared(
    faces: Any, outlines: Any, *, before: Shared | None = None, step_m: float = STEP_M, thin_m: float = THIN_M
) -> Shared:
    """Return faces shared out among outlines, what is as it was before being taken over from there.

    A face is shared out anew when it is new, when one of its outlines is new, gone or of another shape, and when an
    outline reaches from such a face into it. The answer is that of `gridmap.tessellation.cells`, bit by bit.

    Parameters
    ----------
    faces, outlines, step_m, thin_m
        See `gridmap.tessellation.cells`.
    before
        The same ground before a change, made with the same ``step_m`` and ``thin_m``; None: there is none.

    Raises
    ------
    InputError
        As `gridmap.tessellation.cells`.
    """
    faces, outlines = np.asarray(faces, dtype=object), np.asarray(outlines, dtype=object)
    if before is not None:
        again = _renewed(before, faces, outlines, (step_m, thin_m))
        if again is not None:
            return Shared(faces=faces, outlines=outlines, cells=again)
    made = cells(faces, outlines, step_m=step_m, thin_m=thin_m)
    return Shared(faces=faces, outlines=outlines, cells=made)


def _renewed(before: Shared, faces: Polygons, outlines: Polygons, how: tuple[float, float]) -> Cells | None:
    """The cells, those of untouched faces being taken over; None where it is better to begin from nothing."""
    face_was, outline_was = _former(before.faces, faces), _former(before.outlines, outlines)
    touched = _touched(before, faces, outlines, face_was < 0, outline_was)
    if touched.mean() > _MOST:
        return None
    old = before.cells
    kept = np.flatnonzero(np.append(_after(face_was, len(before.faces), ~touched), -1)[old.face] >= 0)
    standing = Cells(
        geometry=old.geometry[kept],
        face=_after(face_was, len(before.faces), ~touched)[old.face[kept]],
        owner=np.append(_after(outline_was, len(before.outlines)), -1)[old.owner[kept]],
    )
    if not touched.any():
        return in_order(standing)
    anew = _shared_out(faces, outlines, np.flatnonzero(touched), how)
    beside = _meeting(faces, touched, standing, anew)
    if beside is None:
        return None
    return in_order(
        Cells(
            geometry=np.concatenate(beside),
            face=np.concatenate([standing.face, anew.face]),
            owner=np.concatenate([standing.owner, anew.owner]),
        )
    )


def _former(before: Polygons, now: Polygons) -> Ints:
    """The row that each shape had before, -1 for one that was not there; of equal shapes the first is the first."""
    if before is now:
        return np.arange(len(now))
    shapes = np.concatenate([shapely.to_wkb(before), shapely.to_wkb(now)])
    shape, _ = pd.factorize(shapes)
    old, new = (pd.DataFrame({"shape": part}) for part in np.split(shape, [len(before)]))
    old, new = (rows.assign(time=rows.groupby("shape").cumcount()) for rows in (old, new))
    rows = new.merge(old.assign(row=old.index), how="left", on=["shape", "time"])["row"]
    return rows.fillna(-1).to_numpy(dtype=np.int64)


def _after(former: Ints, count: int, taken: Flags | None = None) -> Ints:
    """The row now of each of so many former rows, -1 for those that are gone (or not to be taken)."""
    use = np.flatnonzero(former >= 0) if taken is None else np.flatnonzero((former >= 0) & taken)
    now = np.full(count, -1)
    now[former[use]] = use
    return now


def _touched(before: Shared, faces: Polygons, outlines: Polygons, new: Flags, outline_was: Ints) -> Flags:
    """Whether each face is to be shared out anew, together with all to which outlines reach from there."""
    gone = np.setdiff1d(np.arange(len(before.outlines)), outline_was)
    changed = np.concatenate([before.outlines[gone], outlines[outline_was < 0]])
    of_face, of_outline = shapely.STRtree(faces), shapely.STRtree(outlines)
    touched = new.copy()
    touched[of_face.query(changed, predicate="dwithin", distance=_REACH_M)[1]] = True
    fresh = np.flatnonzero(touched)
    while fresh.size:
        reaching = np.unique(of_outline.query(faces[fresh], predicate="dwithin", distance=_REACH_M)[1])
        more = np.unique(of_face.query(outlines[reaching], predicate="dwithin", distance=_REACH_M)[1])
        fresh = more[~touched[more]]
        touched[fresh] = True
    return touched


def _shared_out(faces: Polygons, outlines: Polygons, chosen: Ints, how: tuple[float, float]) -> Cells:
    """Cells of some of the faces."""
    near = np.unique(shapely.STRtree(outlines).query(faces[chosen], predicate="dwithin", distance=_REACH_M)[1])
    made = cells(faces[chosen], outlines[near], step_m=how[0], thin_m=how[1])
    return Cells(geometry=made.geometry, face=chosen[made.face], owner=np.append(near, -1)[made.owner])


@dataclass(frozen=True, kw_only=True)
class _Walls:
    """Straight borders between faces that are shared out anew and faces that are not."""

    #: ends of each, shape (n, 2) each
    low: Floats
    high: Floats
    #: faces on the two sides of each, shape (n, 2)
    beside: Ints

    @property
    def lines(self) -> Polygons:
        """The walls as LineStrings."""
        return np.asarray(shapely.linestrings(np.stack([self.low, self.high], axis=1)))

    @property
    def length_m(self) -> float:
        """Length of all together."""
        return float(np.hypot(*(self.high - self.low).T).sum())


def _meeting(faces: Polygons, touched: Flags, standing: Cells, anew: Cells) -> tuple[Polygons, Polygons] | None:
    """Standing and new polygons with the same vertices where they meet; None where they will not.

    Where cells of one face meet at its border, the cell across has a vertex too. Standing cells lose those vertices
    that only former cells had there; then both get those of the other.
    """
    walls = _walls(faces, touched)
    if not len(walls.low):
        return standing.geometry, anew.geometry
    near, edge = (_along(walls, ground) for ground in (standing, anew))
    polygons = np.concatenate([standing.geometry[near], anew.geometry[edge]])
    polygons = _with_common_vertices(polygons, walls, np.arange(len(polygons)) < len(near))
    found = sides_of(shapely.orient_polygons(polygons))
    both = np.flatnonzero((found.left >= 0) & (found.right >= 0))
    across = both[(found.left[both] < len(near)) != (found.right[both] < len(near))]
    length = float(np.hypot(*(found.high - found.low)[across].T).sum())
    if abs(length - walls.length_m) > _ON_M * len(walls.low):
        return None
    first, second = standing.geometry.copy(), anew.geometry.copy()
    polygons = standard(polygons)
    first[near], second[edge] = polygons[: len(near)], polygons[len(near) :]
    return first, second


def _walls(faces: Polygons, touched: Flags) -> _Walls:
    """The borders between touched and other faces."""
    sides = sides_of(shapely.orient_polygons(faces))
    edge = np.flatnonzero((sides.left >= 0) & (sides.right >= 0))
    edge = edge[touched[sides.left[edge]] != touched[sides.right[edge]]]
    return _Walls(
        low=sides.low[edge], high=sides.high[edge], beside=np.column_stack([sides.left[edge], sides.right[edge]])
    )


def _along(walls: _Walls, ground: Cells) -> Ints:
    """The cells that walls run along."""
    beside = np.flatnonzero(np.isin(ground.face, walls.beside))
    tree = shapely.STRtree(ground.geometry[beside])
    along: Ints = beside[np.unique(tree.query(walls.lines, predicate="dwithin", distance=_ON_M)[1])]
    return along


def _with_common_vertices(polygons: Polygons, walls: _Walls, former: Flags) -> Polygons:
    """Polygons with the vertices that others have along the same wall, and without those that nobody has any more."""
    rings, of = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    opened = np.append(ring[1:] == ring[:-1], False)
    points, ring = points[opened] + 0.0, ring[opened]
    number, first = number_rows(np.concatenate([walls.low, walls.high, points]) + 0.0)
    number = number[2 * len(walls.low) :]
    stops = _Stops.along(walls, np.concatenate([walls.low, walls.high, points])[first])
    kept = ~stops.forsaken(number, of[ring], former)
    number, ring = number[kept], ring[kept]
    at, more = stops.between(number, ring)
    points, ring = np.insert(points[kept], at, more, axis=0), np.insert(ring, at, ring[at - 1])
    size = np.bincount(ring)
    closing = np.cumsum(size)
    return assembled(np.insert(points, closing, points[closing - size], axis=0), size + 1, np.bincount(of))


@dataclass(frozen=True, kw_only=True)
class _Stops:
    """Places on walls."""

    walls: _Walls
    tree: Any
    #: all places, shape (n, 2); those on walls, and of those between the ends of a wall the wall, else -1, shape (n,)
    points: Floats
    touching: Flags
    wall: Ints

    @classmethod
    def along(cls, walls: _Walls, points: Floats) -> _Stops:
        """Return the places, the ends of the walls being the first of them."""
        tree = shapely.STRtree(walls.lines)
        place, wall = tree.query(shapely.points(points), predicate="dwithin", distance=_ON_M)
        inner = np.full(len(points), -1)
        inner[place] = wall
        touching = inner >= 0
        ends = number_rows(np.concatenate([walls.low, walls.high, points]))[0]
        inner[np.isin(ends[2 * len(walls.low) :], ends[: 2 * len(walls.low)])] = -1
        return cls(walls=walls, tree=tree, points=points, touching=touching, wall=inner)

    def forsaken(self, number: Ints, polygon: Ints, former: Flags) -> Flags:
        """Return which vertices only one former polygon has: where it met others, they are gone."""
        between = np.flatnonzero(self.wall[number] >= 0)
        users = np.unique(number[between] * len(former) + polygon[between]) // len(former)
        lonely = np.bincount(users, minlength=len(self.points)) == 1
        gone: Flags = lonely[number] & former[polygon]
        return gone

    def between(self, number: Ints, ring: Ints) -> tuple[Ints, Floats]:
        """Return (position, place) of the places that lie on walls between a vertex and the next of its ring."""
        following = next_in_ring(ring)
        step = np.flatnonzero(self.touching[number] & self.touching[number[following]])
        start, end = number[step], number[following[step]]
        on, wall = self.tree.query(
            shapely.points((self.points[start] + self.points[end]) / 2), predicate="dwithin", distance=_ON_M
        )
        step, start, end = step[on], start[on], end[on]
        mid = np.unique(number[self.wall[number] >= 0])
        key = self.wall[mid] + self._share(mid, self.wall[mid])
        mid, key = mid[np.argsort(key)], np.sort(key)
        begins, ends = (wall + self._share(places, wall) for places in (start, end))
        low = np.searchsorted(key, np.minimum(begins, ends), side="right")
        count = np.maximum(np.searchsorted(key, np.maximum(begins, ends), side="left") - low, 0)
        which, place = spread(count)
        chosen = np.where((begins < ends)[which], low[which] + place, (low + count)[which] - 1 - place)
        order = np.argsort(step[which], kind="stable")
        return step[which][order] + 1, self.points[mid[chosen[order]]]

    def _share(self, places: Ints, wall: Ints) -> Floats:
        """How far along its wall each place lies, from 0 to 1."""
        along = self.walls.high[wall] - self.walls.low[wall]
        shares: Floats = ((self.points[places] - self.walls.low[wall]) * along).sum(axis=1) / (along**2).sum(axis=1)
        return shares
