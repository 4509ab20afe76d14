"""Shapes of a layer taken apart into points, so that every format passes the same examination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.formats.parcels.survey import Counts, Draft, Numbers, Stated, Survey


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A ring or a line of a parcel."""

    #: position of the parcel
    owner: int
    #: x and y of each point, shape (points, 2), in the order of the file
    points: NDArray[np.float64]
    #: where in the file it stands
    line: int


def survey_of_outlines(
    parcels: Sequence[Draft], outlines: Sequence[Outline], stated: Stated, *, promised: str
) -> Survey:
    """Parcels and points of outlines, in the order given.

    Parameters
    ----------
    parcels
        The parcels.
    outlines
        Their rings or lines, those of one parcel one after the other.
    stated
        What the file says of its system.
    promised
        The order of axes that the format promises.

    Raises
    ------
    None
    """
    sizes = np.array([len(outline.points) for outline in outlines], dtype=np.int64)
    points = np.concatenate([outline.points for outline in outlines]) if outlines else np.empty((0, 2))
    owner = np.repeat(np.array([outline.owner for outline in outlines], dtype=np.int64), sizes)
    line = np.repeat(np.array([outline.line for outline in outlines], dtype=np.int64), sizes)
    ring = np.repeat(np.arange(len(outlines)), sizes)
    return _survey(parcels, owner, ring, points, line, stated, promised)


def survey_of_shapes(
    parcels: Sequence[Draft], shapes: NDArray[Any], stated: Stated, *, promised: str = "east_north"
) -> Survey:
    """Parcels and points of polygons and lines.

    Parameters
    ----------
    parcels
        The parcels, one per shape.
    shapes
        Polygons, lines, and several of either, shape (parcels,); heights are dropped.
    stated
        What the file says of its system.
    promised
        The order of axes that the format promises.

    Raises
    ------
    None
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    surface = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of_part = shapely.get_rings(parts[surface], return_index=True)
    outlines = np.concatenate([rings, parts[~surface]])
    owners = np.concatenate([owner[surface][of_part], owner[~surface]])
    order = np.argsort(owners, kind="stable")
    points, ring = shapely.get_coordinates(outlines[order], return_index=True)
    owner = owners[order][ring]
    line = np.array([draft.line for draft in parcels], dtype=np.int64)[owner] if len(owner) else owner
    return _survey(parcels, owner, ring, points, line, stated, promised)


def _survey(  # noqa: PLR0913, PLR0917 (arrays that belong together)
    parcels: Sequence[Draft],
    owner: Counts,
    ring: Counts,
    points: Numbers,
    line: Counts,
    stated: Stated,
    promised: str,
) -> Survey:
    """A survey whose points are called by their place in their ring."""
    begins = np.flatnonzero(np.concatenate([[True], ring[1:] != ring[:-1]])) if len(ring) else ring
    rank = np.arange(len(ring)) - np.repeat(begins, np.diff(np.concatenate([begins, [len(ring)]])))
    return Survey(
        parcels=tuple(parcels),
        owner=owner,
        ring=ring,
        name=np.char.mod("J%d", rank + 1).astype(object),
        first=np.ascontiguousarray(points[:, 0]),
        second=np.ascontiguousarray(points[:, 1]),
        line=line,
        stated=stated,
        promised=promised,
    )
