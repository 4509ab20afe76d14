"""Areas that reach out of the area they lie in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from gridmap.partition.checking.found import Finding, metres2
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured
from gridmap.partition.edges import Ints
from gridmap.partition.findings import ground_of, together


def nesting(areas: Measured, limits: Limits, *, parents: Measured | None) -> Iterator[Finding]:
    """Ground of areas outside their parents.

    The parent is the one that the area names; where it names none that is known, the one that holds most of it.

    Parameters
    ----------
    areas
        What should nest.
    limits
        What counts as rounding.
    parents
        Areas one level up; None: those of the same table that others name as their parents.
    """
    above = parents or areas
    holder = _holders(areas, above, by_ground=parents is not None)
    rows = np.flatnonzero(holder >= 0)
    beyond = areas.series(
        [ground_of(shape) for shape in shapely.difference(areas.shapes[rows], above.shapes[holder[rows]])]
    )
    sizes, wide = areas.beyond_rounding(beyond, limits)
    for row, place, size, counts in zip(rows.tolist(), beyond, sizes, wide, strict=True):
        if counts:
            code, parent = areas.codes[row], above.codes[holder[row]]
            yield Finding(
                rule="nesting",
                codes=(code, parent),
                measured=float(size),
                unit="m2",
                limit=limits.ground_m2,
                message=f"{metres2(float(size))} of {code} lie outside {parent}, which should hold it",
                mend=f"give the ground to an area inside its own parent, or move the border of {parent}",
                place=place,
                excess=float(size),
            )


def _holders(areas: Measured, above: Measured, *, by_ground: bool) -> Ints:
    """Row of each area's parent, -1 for none."""
    first = {code: row for row, code in reversed(list(enumerate(above.codes)))}
    named = areas.table["parent"] if "parent" in areas.table else [None] * len(areas.codes)
    rows = np.array([first.get(str(code), -1) for code in named], dtype=np.int64)
    lost = np.flatnonzero(rows < 0)
    if by_ground and len(lost):
        rows[lost] = most(areas.shapes[lost], above.shapes)
    return rows


def most(shapes: Any, above: Any) -> Ints:
    """Row of the area above that holds most of each shape, -1 where none holds any."""
    shape, holder = shapely.STRtree(above).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[shape], above[holder]))
    order = np.lexsort([holder, -common, shape])
    shape, holder = shape[order], holder[order]
    first = np.flatnonzero(np.append(True, shape[1:] != shape[:-1])[: len(shape)])
    rows = np.full(len(shapes), -1)
    rows[shape[first]] = holder[first]
    return rows


def ground_of_parents(parents: Measured) -> Any:
    """The ground that the areas divided no further fill together, in their own CRS."""
    return together(parents.shapes[parents.finest])
