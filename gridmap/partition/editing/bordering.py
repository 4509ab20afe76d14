"""Drawing a new border between two neighbours from the old one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.partition.editing import given
from gridmap.partition.editing.giving import cut, relabel
from gridmap.partition.editing.laying import chords, lay, tidy
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.mosaic import opened
from gridmap.partition.editing.net import Net, together
from gridmap.partition.editing.plane import Points, place
from gridmap.partition.editing.rings import Edge, Face, edges_of

#: A face with the row that has it.
Owned = tuple[int, Face]


def redraw_border(
    areas: gpd.GeoDataFrame, one: str, other: str, line: Any, *, across: bool = False, limits: EditLimits = EDIT_LIMITS
) -> gpd.GeoDataFrame:
    """Return the areas with another border between two neighbours; nothing but that border can move.

    Only the new line is given. It runs from the old border, or the outline of both areas together, to such a place,
    through the ground of the two. On its left will be one area and on its right the other, which of them where being
    told by the old border: where the line starts and ends on it, the part between is given up and the rest kept; where
    it starts or ends elsewhere on the outline, so that less ground changes hands.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS.
    one, other
        Neighbours.
    line
        Points in the areas' CRS; ends within ``snap_m`` of a border are taken to it, what overshoots both areas is
        left off.
    across
        Whether they may have different parents.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; counts and figures of the two are missing.

    Raises
    ------
    NotFoundError
        If there is no area of a code.
    InputError
        If the line is none, crosses itself, or both codes are one.
    ConflictError
        If they have no border in common, the line ends inside one of them or runs through a third area, or either would
        be in parts, too thin or too small.
    TableError, CrsError
        If the areas cannot be edited.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(5e5 + x, 35e5, 5e5 + x + 100, 35e5 + 100) for x in (0, 100)]
    >>> pair = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4549)
    >>> bent = redraw_border(pair, "a", "b", [(500100, 3500000), (500120, 3500050), (500100, 3500100)])
    >>> bent.area.tolist()
    [11000.0, 9000.0]
    """
    mosaic = opened(areas)
    pair = [mosaic.row(given.code(one, "one")), mosaic.row(given.code(other, "other"))]
    if pair[0] == pair[1]:
        raise InputError(f"area {one} twice", expected="two neighbours", code="own_neighbour", values={"area": one})
    mosaic.refuse_across(pair, across=across)
    net = Net(mosaic, mosaic.around(pair))
    if not _old(net, pair):
        raise ConflictError(
            f"areas {one} and {other} have no border in common",
            expected="neighbours",
            code="not_neighbours",
            values={"areas": [one, other]},
        )
    path, cuts = _laid(net, pair, given.line(line, mosaic, limits), limits)
    owned = [
        (row, face) for row in pair for face in cut(net, row, [step for step, row_ in cuts.items() if row_ == row])
    ]
    return relabel(mosaic, net, _labels(net, pair, path, owned), limits)


def _old(net: Net, pair: Sequence[int]) -> list[Edge]:
    """Return the edges of the border between two areas, the first on their left."""
    return [edge for edge in net.edges[pair[0]] if edge[::-1] in net.edges[pair[1]]]


def _laid(net: Net, pair: list[int], points: Points, limits: EditLimits) -> tuple[list[int], dict[Edge, int]]:
    """Return the path of the line in the two areas, and its steps that are no border yet with the area of each."""
    before, wholes = len(net.stored), {row: net.plan(net.faces(row)) for row in pair}
    path = lay(net, pair, points, limits)
    held = chords(net, path, wholes)
    path = _trimmed(net, pair, path, held)
    cuts = {step: row for step, row in held.items() if step in set(itertools.pairwise(path))}
    _refuse_outside(net, pair, cuts)
    _refuse_ends(net, pair, path, wholes)
    tidy(net, before, [vertex for step in cuts for vertex in step])
    return path, cuts


def _trimmed(net: Net, pair: list[int], path: list[int], held: dict[Edge, int]) -> list[int]:
    """Return a path without what overshoots both areas at its ends."""
    border = {start for row in pair for start, _ in net.edges[row]}
    # a step from no vertex of the two that is not in either is outside, be it another's border
    while len(path) > 1 and path[0] not in border and held.get((path[0], path[1]), -1) == -1:
        path = path[1:]
    while len(path) > 1 and path[-1] not in border and held.get((path[-2], path[-1]), -1) == -1:
        path = path[:-1]
    return path


def _refuse_outside(net: Net, pair: list[int], cuts: dict[Edge, int]) -> None:
    """Refuse a line that leaves the two areas."""
    outside = [step for step, row in cuts.items() if row < 0]
    areas = [net.mosaic.codes[row] for row in pair]
    codes = " and ".join(areas)
    if outside:
        raise ConflictError(
            f"the line leaves areas {codes} at {place(net.stored[outside[0][0]])}",
            expected="a border inside the two",
            do="draw it in their ground, or give ground of a third area first",
            code="line_leaves",
            values={"areas": areas, "place": place(net.stored[outside[0][0]])},
        )
    if not cuts:
        raise ConflictError(
            f"the line is the border of {codes} as it is",
            expected="another one in their ground",
            code="border_as_it_is",
            values={"areas": areas},
        )


def _refuse_ends(net: Net, pair: list[int], path: list[int], wholes: dict[int, Any]) -> None:
    """Refuse a line that ends inside an area."""
    border = {start for row in pair for start, _ in net.edges[row]}
    for vertex in (path[0], path[-1]):
        if vertex not in border:
            away = min(shape.boundary.distance(shapely.Point(net.at(vertex))) for shape in wholes.values())
            raise ConflictError(
                f"the line ends at {place(net.stored[vertex])} inside an area, {away:.2f} m from its border",
                expected="ends on the old border or on the outline of the two areas",
                do="draw it on to the border",
                code="line_ends_inside",
                values={
                    "areas": [net.mosaic.codes[row] for row in pair],
                    "metres": f"{away:.2f}",
                    "place": place(net.stored[vertex]),
                },
            )


def _labels(net: Net, pair: list[int], path: list[int], owned: list[Owned]) -> list[tuple[int, int, Face]]:
    """Return who has each face, who shall have it, and the face."""
    left, right = _sides(path, owned)
    choices = []
    for this, that in (pair, pair[::-1]):
        labels = [this if k in left else that if k in right else row for k, (row, _) in enumerate(owned)]
        choices.append([(row, new, face) for (row, face), new in zip(owned, labels, strict=True)])
    choices = [choice for choice in choices if _whole(net, pair, choice)]
    if not choices:
        areas = [net.mosaic.codes[row] for row in pair]
        raise ConflictError(
            f"the line would leave {' or '.join(areas)} in several parts or without ground",
            expected="a line that parts the ground of the two in two",
            do="draw it from border to border, crossing the old border where ground changes sides",
            code="line_does_not_part",
            values={"areas": areas},
        )
    kept = _kept(net, pair, path)
    return min(choices, key=lambda choice: (_given_up(net, kept, choice), _moved(net, choice)))


def _sides(path: list[int], owned: list[Owned]) -> tuple[set[int], set[int]]:
    """Return the faces to the left of a path and those to its right."""
    of_edge = {edge: k for k, (_, face) in enumerate(owned) for edge in edges_of(face)}
    steps = [step for step in itertools.pairwise(path) if step in of_edge and step[::-1] in of_edge]
    return {of_edge[step] for step in steps}, {of_edge[step[::-1]] for step in steps}


def _whole(net: Net, pair: list[int], choice: list[tuple[int, int, Face]]) -> bool:
    """Tell whether both areas would have ground, in no more parts than before."""
    for row in pair:
        parts = together([face for _, new, face in choice if new == row], net)
        if not 0 < len(parts) <= shapely.get_num_geometries(net.mosaic.shapes[row]):
            return False
    return True


def _kept(net: Net, pair: list[int], path: list[int]) -> set[Edge]:
    """Return what of the old border lies beyond the ends of a path that are on it; nothing where either is not."""
    old = _old(net, pair)
    ahead = dict(old)
    starts = [vertex for vertex in ahead if vertex not in ahead.values()]
    for first in starts:
        chain = [first]
        while chain[-1] in ahead:
            chain.append(ahead[chain[-1]])
        if path[0] in chain and path[-1] in chain:
            low, high = sorted([chain.index(path[0]), chain.index(path[-1])])
            steps = list(itertools.pairwise(chain))
            return {*steps[:low], *steps[high:]}
    return set()


def _given_up(net: Net, kept: set[Edge], choice: list[tuple[int, int, Face]]) -> float:
    """Return the metres of border to be kept that a choice gives up."""
    owner = {edge: new for _, new, face in choice for edge in edges_of(face)}
    lost = [edge for edge in kept if owner.get(edge) == owner.get(edge[::-1])]
    return sum(float(np.hypot(*(net.point(end) - net.point(start)))) for start, end in lost)


def _moved(net: Net, choice: list[tuple[int, int, Face]]) -> float:
    """Return the square metres that change hands."""
    return sum(float(net.plan([face]).area) for was, new, face in choice if was != new)
