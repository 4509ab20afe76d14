"""The form of each area: its parts and holes, how thin and how compact it is, whether its rings are valid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.partition.checking.found import Finding, metres2
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured
from gridmap.partition.edges import Polygons
from gridmap.partition.findings import LEAST_M2
from gridmap.partition.orientation import Floats


def invalid(areas: Measured, _: Limits) -> Iterator[Finding]:
    """Rings that are no polygon: they cross or touch themselves; all other rules read them as even-odd."""
    given = areas.table.geometry.to_numpy()
    for row in np.flatnonzero(~shapely.is_valid(given)).tolist():
        reason = shapely.is_valid_reason(given[row])
        yield Finding(
            rule="invalid",
            codes=(areas.codes[row],),
            measured=float(areas.area_m2[row]),
            unit="m2",
            limit=0.0,
            message=f"the rings of {areas.codes[row]} are no valid polygon: {reason}",
            mend="mend the rings; the ground that an even number of rings encloses is outside",
            place=areas.shapes[row],
            excess=float(areas.area_m2[row]),
        )


def multi_part(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Areas in several parts that are each more than rounding."""
    several = np.flatnonzero(shapely.get_num_geometries(areas.shapes) > 1)
    for row in several.tolist():
        sizes, wide = areas.beyond_rounding(shapely.get_parts(areas.shapes[row]), limits)
        if wide.sum() > 1:
            smaller = float(sizes[wide].sum() - sizes.max())
            yield Finding(
                rule="multi_part",
                codes=(areas.codes[row],),
                measured=float(wide.sum()),
                unit="parts",
                limit=1.0,
                message=f"{areas.codes[row]} lies in {wide.sum()} parts, {metres2(smaller)} apart from the greatest",
                mend="give the smaller parts to their neighbours, or make them areas of their own",
                place=areas.shapes[row],
                excess=smaller,
            )


def holes(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Ground that an area encloses without holding it: nobody gets there but through that area."""
    parts, row_of = shapely.get_parts(areas.shapes, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    inner = np.append(False, part_of[1:] == part_of[:-1])[: len(rings)]
    enclosed = areas.series(shapely.polygons(rings[inner]))
    sizes, wide = areas.beyond_rounding(enclosed, limits)
    for row, place, size, counts in zip(row_of[part_of[inner]].tolist(), enclosed, sizes, wide, strict=True):
        if counts:
            yield Finding(
                rule="hole",
                codes=(areas.codes[row],),
                measured=float(size),
                unit="m2",
                limit=limits.ground_m2,
                message=f"{areas.codes[row]} encloses {metres2(size)} that it does not hold",
                mend="give it the ground, or open a way to it",
                place=place,
                excess=float(size),
            )


def slivers(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Parts that are nowhere wider than the limit: nothing is left of them when half of it is taken off all round."""
    parts, row_of = shapely.get_parts(areas.metric, return_index=True)
    own = shapely.get_parts(areas.shapes)
    # a part whose mean width is above the limit has a wider place; only the others are worth the buffer
    width = _mean_width(parts)
    thin = np.flatnonzero((width < 2 * limits.sliver_m) & (shapely.area(parts) >= LEAST_M2))
    thin = thin[shapely.is_empty(shapely.buffer(parts[thin], -limits.sliver_m / 2, quad_segs=2))]
    for part in thin.tolist():
        code = areas.codes[row_of[part]]
        yield Finding(
            rule="sliver",
            codes=(code,),
            measured=float(width[part]),
            unit="m",
            limit=limits.sliver_m,
            message=f"{code} has a part of {metres2(float(shapely.area(parts[part])))} that is "
            f"{width[part]:.2f} m wide on average",
            mend="merge it into the neighbour with the longest common border",
            place=own[part],
            excess=limits.sliver_m - float(width[part]),
        )


def compactness(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Finest areas whose Polsby-Popper compactness is below the limit.

    4 pi area / perimeter squared: 1 for a circle, 0.785 for a square (D. D. Polsby and R. D. Popper, The third
    criterion, Yale Law & Policy Review 9, 1991).
    """
    if limits.compactness is None:
        return
    scores = polsby_popper(areas.area_m2, np.asarray(shapely.length(areas.metric)))
    for row in np.flatnonzero(areas.finest & (scores < limits.compactness)).tolist():
        yield Finding(
            rule="compactness",
            codes=(areas.codes[row],),
            measured=float(scores[row]),
            unit="Polsby-Popper",
            limit=limits.compactness,
            message=f"{areas.codes[row]} is long or ragged: compactness {scores[row]:.3f}, a square has 0.785",
            mend="exchange ground with its neighbours",
            place=areas.shapes[row],
            excess=limits.compactness - float(scores[row]),
        )


def polsby_popper(area_m2: Floats, perimeter_m: Floats) -> Floats:
    """Return 4 pi area / perimeter squared, 0 where there is no perimeter.

    Examples
    --------
    >>> polsby_popper(np.array([100.0]), np.array([40.0])).round(3).tolist()
    [0.785]
    """
    score = np.zeros(len(area_m2))
    np.divide(4 * np.pi * area_m2, perimeter_m**2, out=score, where=perimeter_m > 0)
    return score


def _mean_width(parts: Polygons) -> Floats:
    """Twice the area over the perimeter: of a long strip its width."""
    around, width = np.asarray(shapely.length(parts)), np.zeros(len(parts))
    np.divide(2 * np.asarray(shapely.area(parts)), around, out=width, where=around > 0)
    return width
