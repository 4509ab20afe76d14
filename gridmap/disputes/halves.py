"""The ground on either side of a candidate: the claims of the parties it concerns, cut along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.disputes.arrangement import Arrangement, dense
from gridmap.disputes.limits import Limits

Shapes = NDArray[Any]
Floats = NDArray[np.float64]

#: Least metres of a candidate in a cell for the candidate to concern its parties: a touch is none.
_CONCERNED_M = 0.01
#: How far a line that is carried on is led past the edge, in metres.
_PAST_M = 0.01


@dataclass(frozen=True, kw_only=True)
class Halves:
    """What a candidate leaves on its sides: pieces of cells, by side."""

    #: positions of the parties that it concerns
    parties: tuple[int, ...]
    #: positions of the cells that these claim, or that lie between them
    cells: NDArray[np.intp]
    #: area of each cell on each side in m2, shape (sides, cells)
    area: Floats
    #: the ground of each side
    sides: Shapes
    #: pieces of cells, with the position of the side and of the cell in ``cells`` of each
    pieces: tuple[NDArray[np.intp], NDArray[np.intp], Shapes]
    #: most that the pieces of a cell fail to add up to it, in m2
    difference_m2: float
    #: how far its ends were carried on to reach the edge of the claims, in metres
    joined_m: float

    def ground(self, which: NDArray[np.bool_]) -> Any:
        """The pieces of some sides and cells, shape (sides, cells), as one."""
        side, cell, shape = self.pieces
        parts = shapely.get_parts(shape[which[side, cell]])
        return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004 - ground


def concerned(lines: Shapes, land: Arrangement, *, limits: Limits) -> list[frozenset[int]]:
    """Return the parties that each candidate concerns.

    Those are the parties of the disputed cells that it runs through or along. A candidate that leaves the disputed
    ground alone concerns those whose ground it cuts, and all whose claims the ground that it cuts off adjoins; one that
    cuts off nothing of that kind concerns one party or none, and settles nothing.

    Raises
    ------
    Nothing
    """
    line, cell = land.tree.query(lines, predicate="intersects")
    along = shapely.length(shapely.intersection(lines[line], land.cells[cell])) > _CONCERNED_M
    order = np.argsort(line[along], kind="stable")
    line, cell = line[along][order], cell[along][order]
    hot = land.disputed[cell]
    found = []
    for number, one in enumerate(lines):
        own = slice(*np.searchsorted(line, [number, number + 1]))
        met = cell[own]
        who = land.among(met[hot[own]] if hot[own].any() else met)
        found.append(who if hot[own].any() else who.union(*(_beyond(one, party, land, limits) for party in who)))
    return found


def _beyond(line: Any, party: int, land: Arrangement, limits: Limits) -> frozenset[int]:
    """Whose claims the ground adjoins that a line cuts off from a party's."""
    around = land.tree.query(land.cells[land.cells_about([party])], predicate="dwithin", distance=limits.snap_m)[1]
    if not land.among(around) - {party}:
        return frozenset()
    cut = halves(line, frozenset({party}), land, limits=limits)
    off = np.delete(cut.sides, np.argsort(shapely.area(cut.sides))[-1:])
    near = shapely.buffer(off, limits.snap_m, join_style="mitre")
    side, cell = land.tree.query(near, predicate="intersects")
    # what touches in a point only is no neighbour
    beside = shapely.length(shapely.intersection(shapely.boundary(land.cells[cell]), near[side])) > _CONCERNED_M
    return land.among(cell[beside])


def halves(line: Any, parties: frozenset[int], land: Arrangement, *, limits: Limits) -> Halves:
    """Return what a candidate leaves on its sides.

    Parameters
    ----------
    line
        A line, or several, in local metres.
    parties
        Whom it concerns.
    land
        The cells.
    limits
        ``join_m``.

    Raises
    ------
    Nothing
        A candidate that does not reach across the claims leaves one side only.
    """
    order = sorted(parties)
    cells = land.cells_about(order)
    # of gaps, those between two of them
    cells = cells[(land.claims[cells] > 0) | (dense(land.about, cells, order).sum(axis=1) > 1)]
    zone = shapely.coverage_union_all(land.cells[cells])
    whole, joined = _carried_on(line, zone, land.cells[cells[land.disputed[cells]]], limits)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.boundary(zone), whole])]))
    sides = faces[shapely.intersects(shapely.point_on_surface(faces), zone)]
    pieces = _pieces(sides, land.cells[cells])
    area = np.zeros((len(sides), len(cells)))
    area[pieces[0], pieces[1]] = shapely.area(pieces[2])
    return Halves(
        parties=tuple(order),
        cells=cells,
        area=area,
        sides=sides,
        pieces=pieces,
        difference_m2=float(np.abs(land.area[cells] - area.sum(axis=0)).max(initial=0.0)),
        joined_m=joined,
    )


def _carried_on(line: Any, zone: Any, disputed: Shapes, limits: Limits) -> tuple[Any, float]:
    """The line with its open ends led to the edge of the claims where that is near; and how far at most.

    Near is: as far as the disputed ground is wide, for there the edge is where the parties' own lines cross.
    """
    edge = shapely.boundary(zone)
    ends = _open_ends(line, zone, edge)
    if not len(ends):
        return line, 0.0
    perimeter = float(shapely.length(disputed).sum())
    width = 4 * float(shapely.area(disputed).sum()) / perimeter if perimeter else 0.0
    bridges = shapely.shortest_line(ends, edge)
    near = shapely.length(bridges) <= limits.join_m + width
    inside = shapely.length(shapely.difference(bridges, shapely.union_all(disputed))) <= limits.join_m
    used = bridges[near & inside]
    return shapely.union_all(np.append(_past(used), line)), float(shapely.length(used).max(initial=0.0))


def _past(bridges: Shapes) -> Shapes:
    """Straight lines led a little past their ends, so that they do meet the edge that they were drawn to."""
    points = shapely.get_coordinates(bridges).reshape(-1, 2, 2)
    run = points[:, 1] - points[:, 0]
    unit = run / np.maximum(np.hypot(*run.T), np.finfo(float).tiny)[:, None]
    found: Shapes = shapely.linestrings(np.stack([points[:, 0], points[:, 1] + _PAST_M * unit], axis=1))
    return found


def _open_ends(line: Any, zone: Any, edge: Any) -> Shapes:
    """Ends of a line inside the zone or a rounding off its edge."""
    parts = shapely.get_parts(shapely.line_merge(line)) if line.geom_type == "MultiLineString" else np.array([line])
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    inside = shapely.dwithin(ends, zone, 0.01) & ~shapely.intersects(ends, edge)
    found: Shapes = ends[inside & ~np.tile(shapely.is_closed(parts), 2)]
    return found


def _pieces(sides: Shapes, cells: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp], Shapes]:
    """Side, cell and shape of every piece."""
    side, cell = shapely.STRtree(cells).query(sides, predicate="intersects")
    return side, cell, shapely.intersection(sides[side], cells[cell])
