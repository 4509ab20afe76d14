"""Cells joined to atoms: what belongs together, and what is too small to be worth an atom of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Flags, Floats
from gridmap.tessellation import Borders, Cells

#: Square metres that buildings of little weight fill at most when they are lumped together: a hectare is a tenth of a
#: grid in an old town, a hundredth in the country.
LUMP_M2 = 10_000.0


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Atoms made of whole cells, and which of them share a border."""

    #: atom of each cell, shape (cells,)
    atom: Ints
    #: first cell of each atom, shape (n,)
    first: Ints
    #: ground of each atom, shape (n,)
    geometry: Polygons
    #: neighbours, the lower number first, each pair once and in order, shape (m,)
    a: Ints
    b: Ints
    #: pair of atoms of each pair of cells, -1 inside an atom
    pair: Ints

    def summed(self, metres: Floats) -> Floats:
        """Return metres of the pairs of cells added up per pair of atoms."""
        outside = self.pair >= 0
        return np.bincount(self.pair[outside], metres[outside], len(self.a)).astype(np.float64)


def together(ground: Cells, shared: Borders, building: Ints, region: Ints) -> Ints:
    """Return the group of each cell: parts of one building, and scattered ground with the neighbour around it.

    Parameters
    ----------
    ground, shared
        The cells and their borders.
    building
        Building of each cell, -1 for none, shape (cells,).
    region
        Number of the region that each cell lies in; groups do not reach across, shape (cells,).

    Raises
    ------
    Nothing
        Cells that belong to no other are groups of their own.
    """
    same = (building[shared.a] >= 0) & (building[shared.a] == building[shared.b])
    same &= region[shared.a] == region[shared.b]
    loose = np.flatnonzero(_scattered(ground))
    pairs = np.concatenate([np.flatnonzero(same), _longest(ground, shared, loose)])
    return _groups(shared.a[pairs], shared.b[pairs], len(ground.face))


def _scattered(ground: Cells) -> Flags:
    """Tell which cells are further parts of the ground that an outline has in a face."""
    again = (ground.face[1:] == ground.face[:-1]) & (ground.owner[1:] == ground.owner[:-1]) & (ground.owner[1:] >= 0)
    return np.append(False, again) if len(ground.face) else np.empty(0, dtype=bool)


def _longest(ground: Cells, shared: Borders, loose: Ints) -> Ints:
    """Return, for cells that have one, the pair with the neighbour in their face that they share most border with."""
    inside = np.flatnonzero(ground.face[shared.a] == ground.face[shared.b])
    pair = np.tile(inside, 2)
    cell = np.concatenate([shared.a[inside], shared.b[inside]])
    wanted = np.isin(cell, loose)
    pair, cell = pair[wanted], cell[wanted]
    order = np.lexsort([pair, -shared.length_m[pair], cell])
    return pair[order][np.unique(cell[order], return_index=True)[1]]


def _groups(a: Ints, b: Ints, count: int) -> Ints:
    """Return the group of each member, groups numbered by their first one."""
    links = coo_array((np.ones(len(a)), (a, b)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def lumped(joined: Joined, weight: Floats, block: Ints, most: float) -> Ints:
    """Return the lump of each atom: neighbours of one block that weigh at most so much together, the nearest first.

    Parameters
    ----------
    joined
        The atoms.
    weight
        Weight of each, shape (n,).
    block
        The face that each lies in; lumps do not reach across, shape (n,).
    most
        Greatest weight of a lump; a lump also fills at most `LUMP_M2`.

    Raises
    ------
    Nothing
        Heavy atoms stay alone.
    """
    middle = shapely.get_coordinates(shapely.centroid(joined.geometry))
    near = (block[joined.a] == block[joined.b]) & (weight[joined.a] + weight[joined.b] <= most)
    a, b = joined.a[near], joined.b[near]
    order = np.lexsort([b, a, np.round(np.hypot(*(middle[a] - middle[b]).T), 3)])
    total, area = weight.tolist(), shapely.area(joined.geometry).tolist()
    leader = list(range(len(total)))

    def found(atom: int) -> int:
        while leader[atom] != atom:
            leader[atom] = atom = leader[leader[atom]]
        return atom

    for one, two in zip(a[order].tolist(), b[order].tolist(), strict=True):
        low, high = sorted((found(one), found(two)))
        if low != high and total[low] + total[high] <= most and area[low] + area[high] <= LUMP_M2:
            leader[high] = low
            total[low] += total[high]
            area[low] += area[high]
    return np.unique([found(atom) for atom in leader], return_inverse=True)[1].astype(np.int64)


def joined(ground: Cells, shared: Borders, atom: Ints) -> Joined:
    """Return cells joined to the atoms given for them.

    Parameters
    ----------
    ground, shared
        The cells and their borders.
    atom
        Atom of each cell, numbers from 0 up without a gap, shape (cells,).

    Raises
    ------
    Nothing
        Any cells can be joined.
    """
    count = int(atom.max(initial=-1)) + 1
    two = np.sort(np.column_stack([atom[shared.a], atom[shared.b]]), axis=1)
    apart = two[:, 0] != two[:, 1]
    pairs, number = np.unique(two[apart, 0] * count + two[apart, 1], return_inverse=True)
    pair = np.full(len(two), -1)
    pair[apart] = number
    return Joined(
        atom=atom,
        first=np.unique(atom, return_index=True)[1],
        geometry=_united(ground.geometry, atom),
        a=pairs // max(count, 1),
        b=pairs % max(count, 1),
        pair=pair,
    )


def _united(polygons: Polygons, atom: Ints) -> Polygons:
    """Return the union of the polygons of each atom; of one alone the polygon itself."""
    order = np.argsort(atom, kind="stable")
    _, first, count = np.unique(atom[order], return_index=True, return_counts=True)
    united = polygons[order][first]
    for one in np.flatnonzero(count > 1):
        united[one] = shapely.coverage_union_all(polygons[order[first[one] : first[one] + count[one]]])
    return united
