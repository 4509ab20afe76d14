"""The ground as a graph of atoms, the smallest pieces that grids are made of."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.partition.edges import Ints
from gridmap.partition.orientation import Floats


@dataclass(frozen=True, kw_only=True)
class AtomGraph:
    """Atoms and which of them share a border.

    An *atom* is a piece of ground that is never cut: a building with the ground around it, a whole compound, or ground
    without buildings. Two atoms are neighbours where they share a border of some length; a corner is none.
    """

    #: households (or residents) of each atom, shape (n,)
    weight: Floats
    #: square metres of each atom, shape (n,)
    area_m2: Floats
    #: metres around each atom, shape (n,)
    perimeter_m: Floats
    #: a point in each atom, metres, shape (n, 2)
    xy: Floats
    #: the area above that holds each atom and that no grid may cross, 0 where there is but one, shape (n,)
    parent: Ints
    #: number of the fixed piece (a compound, a school) that the atom is a part of, -1 for none, shape (n,)
    piece: Ints
    #: the part of the ground between main barriers in which each atom lies, shape (n,)
    superblock: Ints
    #: neighbours, the lower number first, each pair once, shape (m,)
    a: Ints
    b: Ints
    #: metres of border that the two share, shape (m,)
    length_m: Floats
    #: metres of it along a barrier, each multiplied by its class's weight, shape (m,)
    barrier_m: Floats
