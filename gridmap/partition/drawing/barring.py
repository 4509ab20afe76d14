"""Barriers: the borders that run along rivers, railways and main roads, and the ground between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import InputError
from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Floats
from gridmap.tessellation import Borders, faces
from gridmap.tessellation.arrays import steps_of

#: How hard it should be to let a grid cross each kind of line, per metre of it: 1 for what is crossed by a bridge only,
#: less for roads with crossings. Kinds that are not named are no barriers; their lines still part the ground.
BARRIERS: Mapping[str, float] = MappingProxyType(
    {
        "river": 1.0,
        "canal": 1.0,
        "railway": 1.0,
        "motorway": 1.0,
        "trunk": 1.0,
        "primary": 0.8,
        "secondary": 0.6,
    }
)
#: Metres from a barrier's line within which a border runs along it: the lattice of the faces is a millimetre.
_ALONG_M = 0.005


@dataclass(frozen=True, kw_only=True)
class Barriers:
    """Lines that grids should not cross."""

    #: lines in metres, shape (n,)
    lines: Polygons
    #: weight of a metre of each, above 0, shape (n,)
    weight: Floats


def barriers_of(
    streets: geopandas.GeoDataFrame | None, lines: Polygons, weights: Mapping[str, float] | None
) -> Barriers:
    """Return the streets that are barriers.

    Parameters
    ----------
    streets
        ``barrier`` or, where that is empty, ``class`` says the kind of each line; both columns may be missing.
    lines
        The streets' lines in metres.
    weights
        Weight of each kind, default `BARRIERS`.

    Raises
    ------
    InputError
        If a weight is not a number from 0 up.
    """
    table = BARRIERS if weights is None else weights
    for kind, weight in table.items():
        if not (isinstance(weight, (int, float)) and 0 <= weight < np.inf):
            raise InputError(f"barrier {kind} of weight {weight!r}", expected="a number from 0 up")
    if streets is None or not len(lines):
        return Barriers(lines=lines, weight=np.empty(0))
    weight = _kinds(streets).map(dict(table)).fillna(0.0).to_numpy(dtype=np.float64)
    return Barriers(lines=lines[weight > 0], weight=weight[weight > 0])


def _kinds(streets: geopandas.GeoDataFrame) -> Any:
    """Return what each line is: its barrier, or else its class."""
    none = pd.Series(None, index=streets.index, dtype=object)
    said = streets.get("barrier", none).astype(object)
    return said.where(said.notna() & ~said.isin(["", "no"]), streets.get("class", none).astype(object))


def superblocks(barriers: Barriers, limit: Any, places: Polygons) -> Ints:
    """Return the superblock that each place lies in: the ground that can be walked without crossing a barrier.

    Parameters
    ----------
    barriers
        The barriers.
    limit
        The ground as a whole.
    places
        Points, shape (n,).

    Raises
    ------
    Nothing
        Places outside are in superblock -1.
    """
    blocks = faces(barriers.lines, limit=limit)
    block = np.full(len(places), -1)
    place, at = shapely.STRtree(blocks).query(places, predicate="intersects")
    block[place[::-1]] = at[::-1]
    return block


def metres_along(barriers: Barriers, shared: Borders, face: Ints) -> Floats:
    """Return the metres of border between neighbours that run along a barrier, times its weight, shape (pairs,).

    Where several barriers run along the same border the heaviest counts.

    Parameters
    ----------
    barriers
        The barriers.
    shared
        Neighbouring cells.
    face
        Face of each cell: a barrier runs between faces, never inside one.

    Raises
    ------
    Nothing
        Without barriers all are 0.
    """
    between = np.flatnonzero((face[shared.a] != face[shared.b])[shared.pair])
    segments = shared.segments[between]
    steps, line = steps_of(barriers.lines)
    middles = shapely.points((segments[:, :2] + segments[:, 2:]) / 2)
    at, wall = shapely.STRtree(shapely.linestrings(steps)).query(middles, predicate="dwithin", distance=_ALONG_M)
    weight = np.zeros(len(segments))
    np.maximum.at(weight, at, barriers.weight[line[wall]])
    metres = weight * shared.segment_m[between]
    return np.bincount(shared.pair[between], metres, len(shared.a)).astype(np.float64)
