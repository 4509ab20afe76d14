"""What should be known of two epochs of parcels before their lineage is believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.disputes.lineage.parcels import TwoEpochs
from gridmap.tessellation.lineage import Flags, Ground, LineageLimits, Rows, Side, polygons_of, wide

#: Columns of findings, before their geometry.
COLUMNS = ("code", "epoch", "parcels", "area_m2", "message")

#: Share of parcels of the very same ground below which an epoch counts as drawn anew from end to end.
DRAWN_ANEW = 0.5
#: Share of both that a parcel that stayed has in common with itself, so that its borders can be compared.
_STAYED = 0.9
#: How many borders are measured to say how far an epoch lies off.
_MEASURED = 2000


class _Found(NamedTuple):
    """A finding."""

    code: str
    epoch: str | None
    parcels: str
    area_m2: float
    message: str
    geometry: Any


def findings(both: TwoEpochs, ground: Ground, limits: LineageLimits, system: Any) -> gpd.GeoDataFrame:
    """Return what should be known of two epochs before their lineage is believed.

    ============= ================================================================================================
    invalid_ring  rings of a parcel cross themselves or each other; it was mended, and its area is that of the mended
    overlap       two parcels of one epoch hold the same ground, which counts for both
    exclave       a parcel lies in parts apart from each other
    enclave       a parcel lies wholly within a hole of another
    reused_id     an identifier that stands for other ground after: nothing in common with what it stood for
    drawn_anew    hardly any parcel has its old vertices: how far borders of those that stayed lie off is said, which
                  is the noise to state if the epoch was generalised anew
    ============= ================================================================================================

    Parameters
    ----------
    both
        The parcels.
    ground
        What they have in common.
    limits
        What counts as ground, in overlaps too.
    system
        The CRS that is wanted.

    Returns
    -------
    geopandas.GeoDataFrame
        ``code``, ``epoch`` (old, new; None for both), ``parcels`` (identifiers, joined by ``;``), ``area_m2`` (that it
        is about), ``message``, ``geometry`` (of the place, in the CRS wanted). By code as above, then the old epoch
        first, then by identifier.

    Raises
    ------
    None
    """
    sides = (("old", both.old, both.broken[0]), ("new", both.new, both.broken[1]))
    found: list[_Found] = []
    found += [one for name, side, wrong in sides for one in _invalid(name, side, wrong)]
    found += [one for name, side, _ in sides for one in _overlaps(name, side, limits)]
    found += [one for name, side, _ in sides for one in _exclaves(name, side)]
    found += [one for name, side, _ in sides for one in _enclaves(name, side)]
    found += [*_reused(both, ground), *_drawn_anew(both, ground, limits)]
    table = pd.DataFrame([one[:-1] for one in found], columns=list(COLUMNS), dtype=object)
    shapes = np.array([*(one.geometry for one in found), None], dtype=object)[:-1]
    shapes = shapes if both.system == system else crs.convert_shapes(shapes, both.system, system)
    return gpd.GeoDataFrame(table.astype({"area_m2": float}), geometry=shapes, crs=system)


def _invalid(epoch: str, side: Side, wrong: Flags) -> Iterator[_Found]:
    """Give parcels whose rings cross themselves."""
    for row in np.flatnonzero(wrong).tolist():
        message = f"parcel {side.codes[row]}: its rings cross; it was mended and is {side.area[row]:.2f} m2"
        yield _Found("invalid_ring", epoch, side.codes[row], side.area[row], message, side.shapes[row])


def _overlaps(epoch: str, side: Side, limits: LineageLimits) -> Iterator[_Found]:
    """Give pairs of parcels that hold the same ground."""
    if shapely.coverage_is_valid(side.shapes):
        return
    odd = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(side.shapes)))
    one, other = shapely.STRtree(side.shapes).query(side.shapes[odd], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([odd[one], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    shapes = shapely.intersection(side.shapes[pairs[:, 0]], side.shapes[pairs[:, 1]])
    held = np.flatnonzero(shapely.area(shapes) >= limits.least_m2)
    for row in held[wide(shapes[held], limits)].tolist():
        a, b = side.codes[pairs[row]]
        area = float(shapely.area(shapes[row]))
        message = f"parcels {a} and {b} both hold {area:.2f} m2; it counts for both"
        yield _Found("overlap", epoch, f"{a};{b}", area, message, polygons_of(shapes[row]))


def _exclaves(epoch: str, side: Side) -> Iterator[_Found]:
    """Give parcels that lie in several parts."""
    for row in np.flatnonzero(shapely.get_num_geometries(side.shapes) > 1).tolist():
        parts = shapely.get_parts(side.shapes[row])
        sizes = np.sort(shapely.area(parts))
        apart = float(sizes[:-1].sum())
        message = f"parcel {side.codes[row]} lies in {len(parts)} parts; {apart:.2f} m2 are apart from the largest"
        yield _Found("exclave", epoch, side.codes[row], apart, message, side.shapes[row])


def _enclaves(epoch: str, side: Side) -> Iterator[_Found]:
    """Give parcels that lie wholly within a hole of another."""
    parts, of = shapely.get_parts(side.shapes, return_index=True)
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts) > 0)
    if not len(holed):
        return
    holes = [(int(of[row]), shapely.Polygon(ring)) for row in holed.tolist() for ring in parts[row].interiors]
    hole, inner = shapely.STRtree(side.shapes).query(np.array([shape for _, shape in holes]), predicate="covers")
    pairs = sorted({(row, holes[number][0]) for number, row in zip(hole.tolist(), inner.tolist(), strict=True)})
    for row, outer in pairs:
        message = f"parcel {side.codes[row]} lies wholly within parcel {side.codes[outer]}"
        parcels = f"{side.codes[row]};{side.codes[outer]}"
        yield _Found("enclave", epoch, parcels, float(side.area[row]), message, side.shapes[row])


def _reused(both: TwoEpochs, ground: Ground) -> Iterator[_Found]:
    """Give identifiers that stand for other ground after."""
    namesake = pd.Index(both.new.codes, dtype=object).get_indexer(pd.Index(both.old.codes, dtype=object))
    paired = (ground.pairs.old >= 0) & (ground.pairs.new >= 0)
    held = np.zeros(len(both.old), dtype=bool)
    old, new = ground.pairs.old[paired], ground.pairs.new[paired]
    held[old[namesake[old] == new]] = True
    for row in np.flatnonzero((namesake >= 0) & ~held).tolist():
        other = int(namesake[row])
        apart = float(shapely.distance(both.old.shapes[row], both.new.shapes[other]))
        message = f"{both.old.codes[row]} stands for other ground after, {apart:.0f} m away from what it stood for"
        area = float(both.new.area[other])
        yield _Found("reused_id", None, both.old.codes[row], area, message, both.new.shapes[other])


def _drawn_anew(both: TwoEpochs, ground: Ground, limits: LineageLimits) -> Iterator[_Found]:
    """Give how far borders lie off where hardly any parcel has its old vertices."""
    fewer = min(len(both.old), len(both.new))
    if ground.same >= DRAWN_ANEW * fewer:
        return
    off = _off(both, _stayed(both, ground))
    if len(off) < fewer * DRAWN_ANEW and len(off) < _MEASURED:
        return
    middle, most = np.quantile(off, [0.5, 0.95])
    message = (
        f"{ground.same} of {fewer} parcels are drawn as before; borders of those that stayed lie off by {middle:.2f} m"
        f" (95 in 100 by less than {most:.2f} m), of which {limits.tolerance_m:g} m count as noise; state more if the"
        " epoch was generalised anew"
    )
    place = shapely.box(*shapely.total_bounds(both.new.shapes))
    yield _Found("drawn_anew", None, "", float(both.new.area.sum()), message, place)


def _stayed(both: TwoEpochs, ground: Ground) -> tuple[Rows, Rows]:
    """Return old and new rows of parcels that are the same but for their borders."""
    pairs = ground.pairs.take(np.arange(ground.same, len(ground.pairs.old)))
    pairs = pairs.take((pairs.old >= 0) & (pairs.new >= 0))
    alike = np.minimum(pairs.area / both.old.area[pairs.old], pairs.area / both.new.area[pairs.new]) > _STAYED
    return pairs.old[alike][:_MEASURED], pairs.new[alike][:_MEASURED]


def _off(both: TwoEpochs, rows: tuple[Rows, Rows]) -> NDArray[np.float64]:
    """Return how far the borders of parcels lie off, in metres."""
    old, new = both.old.shapes[rows[0]], both.new.shapes[rows[1]]
    return np.asarray(shapely.hausdorff_distance(shapely.boundary(old), shapely.boundary(new)))
