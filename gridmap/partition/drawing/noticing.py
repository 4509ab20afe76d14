"""What was taken otherwise than it was given when the ground was cut into atoms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.partition.edges import Ints, Polygons

#: Square metres of a building that may lie elsewhere without a word: a millimetre along a long wall, and more than any
#: survey can tell.
SLIGHT_M2 = 0.1


@dataclass(frozen=True, kw_only=True)
class Warned:
    """Something that was taken otherwise than it was given."""

    #: a short stable word, for programs: ``outside``, ``partly_outside``, ``straddling``, ``overlap``, ``apart``
    code: str
    #: rows of the buildings concerned, in order
    buildings: tuple[int, ...]
    #: what was found and what was done
    message: str

    def __str__(self) -> str:
        """Return the message."""
        return self.message


def noticed(
    houses: Polygons, building_atom: Ints, ground: Polygons, limit: Any, *, parents: Polygons
) -> tuple[Warned, ...]:
    """Return what should be known about buildings, one warning per kind.

    Parameters
    ----------
    houses
        Buildings in metres, shape (n,).
    building_atom
        Atom of each, -1 for none.
    ground
        Polygon of each atom.
    limit
        The ground as a whole.
    parents
        Areas that no atom reaches across, but for the buildings on their borders.

    Raises
    ------
    Nothing
        Buildings that lie whole in their atom, and in one parent, are not spoken of.
    """
    inside = np.flatnonzero(building_atom >= 0)
    cut = inside[~shapely.covers(ground[building_atom[inside]], houses[inside])]
    beyond = shapely.difference(houses[cut], ground[building_atom[cut]])
    outside = shapely.area(shapely.difference(beyond, limit))
    parts = shapely.get_num_geometries(houses[cut])
    within = shapely.area(beyond) - outside
    kinds = {
        "outside": np.flatnonzero(building_atom < 0),
        "partly_outside": cut[outside > SLIGHT_M2],
        "straddling": np.intersect1d(inside, _straddling(houses, parents)),
        "apart": cut[(within > SLIGHT_M2) & (parts > 1)],
        "overlap": cut[(within > SLIGHT_M2) & (parts == 1)],
    }
    return tuple(_warnings(kinds))


def _straddling(houses: Polygons, parents: Polygons) -> Ints:
    """Rows of the buildings that have ground in several parents."""
    house, parent = shapely.STRtree(parents).query(houses, predicate="intersects")
    several = np.flatnonzero(np.bincount(house, minlength=len(houses))[house] > 1)
    house, parent = house[several], parent[several]
    held = shapely.area(shapely.intersection(houses[house], parents[parent])) > SLIGHT_M2
    rows: Ints = np.flatnonzero(np.bincount(house[held], minlength=len(houses)) > 1)
    return rows


_MESSAGES = {
    "outside": "lie outside the ground to be divided: they belong to no grid and are not counted",
    "partly_outside": "lie partly outside the ground to be divided: they count whole",
    "straddling": "stand on a border between parents, which goes round them: each belongs whole to one side",
    "apart": "stand in several parts with others between them: they count where their largest part stands",
    "overlap": "lie partly under a larger one, which keeps the ground that both hold",
}


def _warnings(kinds: dict[str, Ints]) -> Iterator[Warned]:
    """Return a warning for each kind that there is."""
    for code, rows in kinds.items():
        if rows.size:
            rest = f" and {rows.size - _NAMED} more" if rows.size > _NAMED else ""
            which = ", ".join(str(row + 1) for row in rows[:_NAMED]) + rest
            noun = "building" if rows.size == 1 else "buildings"
            yield Warned(
                code=code, buildings=tuple(rows.tolist()), message=f"{rows.size} {noun} {_MESSAGES[code]} (row {which})"
            )


#: Rows that a warning names.
_NAMED = 5
