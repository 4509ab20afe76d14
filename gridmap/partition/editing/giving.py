"""Giving ground to a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.partition.editing import given
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.laying import chords, lay, tidy
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.mosaic import Mosaic, opened
from gridmap.partition.editing.net import Net, together
from gridmap.partition.editing.plane import Points
from gridmap.partition.editing.results import Change, changed
from gridmap.partition.editing.rings import Edge, Face, faces

#: Vertices of a path that closes without ground: there and back.
_RING = 3


def give(
    areas: gpd.GeoDataFrame,
    ground: Any,
    *,
    to: str,
    of: Any = None,
    across: bool = False,
    limits: EditLimits = EDIT_LIMITS,
) -> gpd.GeoDataFrame:
    """Return the areas with ground given to a neighbour: a building's cell, a street block, a strip.

    What of the ground the receiver has already stays with it. The rest must be one area's, unless ``of`` names those
    that give; of others nothing is taken.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS.
    ground
        A polygon in the areas' CRS: rings of points, or a shapely Polygon. Its corners are taken to vertices and
        borders within ``snap_m``.
    to
        The area that receives.
    of
        The area or areas that give; without it, the one that the ground lies in.
    across
        Whether ground may go to an area of another parent.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures of giver and receiver are missing.

    Raises
    ------
    NotFoundError
        If there is no area of a code.
    InputError
        If the ground is no polygon, or crosses itself.
    ConflictError
        If the ground lies in several areas and ``of`` does not name them, is all that an area has, does not touch the
        receiver along a border, or what is left would be in parts, too thin or too small.
    TableError, CrsError
        If the areas cannot be edited.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(5e5 + x, 35e5, 5e5 + x + 100, 35e5 + 100) for x in (0, 100)]
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> give(pair, shapely.box(500080, 3500000, 500100, 3500050), to="b").area.tolist()
    [9000.0, 11000.0]
    """
    mosaic = opened(areas)
    receiver = mosaic.row(given.code(to, "to"))
    rings = given.rings(ground, mosaic, limits)
    givers = _givers(mosaic, rings, receiver, of, limits)
    mosaic.refuse_across([*givers, receiver], across=across)
    return hand_over(mosaic, [rings], givers, receiver, limits)


def hand_over(
    mosaic: Mosaic, grounds: Sequence[Sequence[Points]], givers: Sequence[int], receiver: int, limits: EditLimits
) -> gpd.GeoDataFrame:
    """Return the areas with grounds given to one of them.

    Parameters
    ----------
    mosaic
        The areas.
    grounds
        Rings of each ground, stored coordinates, closed, the outer one first.
    givers, receiver
        Rows of the areas.
    limits
        Distances.

    Raises
    ------
    InputError, ConflictError
        As `give`.
    """
    net = Net(mosaic, mosaic.around([*givers, receiver]))
    parts = [(row, receiver if taken else row, face) for row, taken, face in _cut(net, givers, grounds, limits)]
    # the receiver's border has new vertices by now
    parts += [(receiver, receiver, face) for face in net.faces(receiver)]
    return relabel(mosaic, net, parts, limits)


def relabel(mosaic: Mosaic, net: Net, parts: Sequence[tuple[int, int, Face]], limits: EditLimits) -> gpd.GeoDataFrame:
    """Return the areas with faces given to others, once they have been judged.

    Parameters
    ----------
    mosaic
        The areas.
    net
        Their borders, with the new vertices.
    parts
        Faces of the areas concerned: row that has it, row that shall have it, face.
    limits
        Distances.

    Raises
    ------
    ConflictError
        If nothing moves, an area would have nothing left, or as `judge`.
    """
    rows = list(dict.fromkeys(row for row, _, _ in parts))
    if all(was == new for was, new, _ in parts):
        raise ConflictError(
            "nothing would move", expected="ground of one area and within another's reach", code="nothing_moves"
        )
    shapes: dict[int, Any] = {}
    for row in rows:
        left = [face for _, new, face in parts if new == row]
        if not left:
            code = mosaic.codes[row]
            raise ConflictError(
                f"area {code} would have no ground left",
                do="merge it, if it is to end",
                code="no_ground_left",
                values={"area": code},
            )
        shapes[row] = net.polygon(together(left, net))
    touched = net.grown(but=rows)
    after = {**shapes, **touched}
    most = int(shapely.get_num_geometries(mosaic.shapes[list(after)]).sum())
    codes = [mosaic.codes[row] for row in after]
    judge(mosaic, Draft(rows=list(after), codes=codes, shapes=list(after.values()), parts=most), limits)
    return changed(mosaic, Change(shapes=after, counted=list(touched)))


def _givers(mosaic: Mosaic, rings: Sequence[Points], receiver: int, of: Any, limits: EditLimits) -> list[int]:
    """Return the rows of the areas that give."""
    if of is not None:
        names = given.codes([of] if isinstance(of, str) else of, "of", limits)
        return [row for row in map(mosaic.row, names) if row != receiver]
    shape = _ground(mosaic, rings)
    shares = _shares(mosaic, shape, receiver)
    # a border drawn by hand strays over the line by no more than the snap: what lies deeper is meant
    core = shape.buffer(-limits.snap_m)
    deep = _shares(mosaic, core, receiver) if not core.is_empty else {}
    if len(deep) > 1:
        codes = [mosaic.codes[row] for row in deep]
        raise ConflictError(
            f"the ground lies in several areas: {', '.join(codes)}",
            expected="ground of one area",
            do="draw it inside one, or name those that give in of",
            code="several_givers",
            values={"areas": codes},
        )
    if not shares:
        raise ConflictError(
            "the ground is the receiver's already, or no area's",
            expected="ground of a neighbour",
            code="nothing_to_give",
        )
    return list(deep) or [max(shares, key=lambda row: shares[row])]


def _ground(mosaic: Mosaic, rings: Sequence[Points]) -> Any:
    """Return the ground in metres."""
    outlines = [mosaic.plane.metres(ring) for ring in rings]
    shape = shapely.Polygon(outlines[0], outlines[1:])
    if not shape.is_valid:
        raise InputError(
            f"ground that is no polygon: {shapely.is_valid_reason(shape)}",
            do="draw it anew",
            code="ground_crosses_itself",
        )
    return shape


def _shares(mosaic: Mosaic, shape: Any, receiver: int) -> dict[int, float]:
    """Return the square metres of ground that each area but the receiver has, where it has any."""
    outline = mosaic.plane.stored(shapely.get_coordinates(shape))
    near = [row for row in mosaic.near(outline, 1.0) if row != receiver]
    found = shapely.area(shapely.intersection(mosaic.ground(near), shape))
    return {int(row): float(area) for row, area in zip(near, found, strict=True) if area > 0}


def _cut(
    net: Net, givers: Sequence[int], grounds: Sequence[Sequence[Points]], limits: EditLimits
) -> list[tuple[int, bool, Face]]:
    """Return the faces of the givers along the outlines of grounds, and whether they lie in one."""
    before, wholes = len(net.stored), {row: net.plan(net.faces(row)) for row in givers}
    paths = [[_closed(lay(net, givers, ring, limits)) for ring in rings] for rings in grounds]
    cuts = {
        step: row for rings in paths for path in rings for step, row in chords(net, path, wholes).items() if row >= 0
    }
    tidy(net, before, [vertex for step in cuts for vertex in step])
    # the first ring of each is its outer one; one that shrank to a line has no ground
    shapes = [[_ring(net, path) for path in rings] for rings in paths]
    found = []
    for row in givers:
        for face in cut(net, row, [step for step, holder in cuts.items() if holder == row]):
            spot = net.plan([face]).representative_point()
            taken = any(outer.contains(spot) and not any(h.contains(spot) for h in holes) for outer, *holes in shapes)
            found.append((row, taken, face))
    return found


def _ring(net: Net, path: Sequence[int]) -> Any:
    """Return what a closed path encloses, in metres; nothing where it goes there and back."""
    return shapely.Polygon([net.at(vertex) for vertex in path]) if len(path) > _RING else shapely.Polygon()


def cut(net: Net, row: int, steps: Sequence[Edge]) -> list[Face]:
    """Return the faces of an area along lines in it."""
    return faces([*net.edges[row], *steps, *(step[::-1] for step in steps)], net.at)


def _closed(path: list[int]) -> list[int]:
    """Return a closed path without a spike where it closes."""
    while len(path) > _RING and path[1] == path[-2]:
        path = path[1:-1]
    return path
