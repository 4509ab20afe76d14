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
from gridmap.tessellation.lineage import Flags, Ground, LineageLimits, Rows, Side, polygons_of, rows_without, wide

#: Columns of findings, before their geometry.
COLUMNS = ("code", "epoch", "parcels", "area_m2", "message", "message_zh")

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
    #: in English and in Chinese
    said: tuple[str, str]
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
    nothing_common no parcel has ground in common with one of the other epoch: a file may be of another place
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
        is about), ``message`` and ``message_zh``, ``geometry`` (of the place, in the CRS wanted). By code as above,
        then the old epoch first, then by identifier.

    Raises
    ------
    None
    """
    sides = (("old", both.old, both.broken[0]), ("new", both.new, both.broken[1]))
    found: list[_Found] = []
    found += [one for name, side, wrong in sides for one in _invalid(name, side, wrong)]
    found += [one for name, side in _apart(both) for one in _overlaps(name, side, limits)]
    found += [one for name, side, _ in sides for one in _exclaves(name, side)]
    found += [one for name, side, _ in sides for one in _enclaves(name, side)]
    found += [*_reused(both, ground), *_drawn_anew(both, ground, limits), *_nothing_common(both, ground)]
    table = pd.DataFrame([(*one[:4], *one.said) for one in found], columns=list(COLUMNS), dtype=object)
    shapes = np.array([*(one.geometry for one in found), None], dtype=object)[:-1]
    shapes = shapes if both.system == system else crs.convert_shapes(shapes, both.system, system)
    return gpd.GeoDataFrame(table.astype({"area_m2": float}), geometry=shapes, crs=system)


def _invalid(epoch: str, side: Side, wrong: Flags) -> Iterator[_Found]:
    """Give parcels whose rings cross themselves."""
    for row in np.flatnonzero(wrong).tolist():
        code, area = side.codes[row], float(side.area[row])
        said = (
            f"parcel {code}: its rings cross; it was mended and is {area:.2f} m2",
            f"宗地 {code} 的边线自相交叉或相互交叉，已修正，面积为 {area:.2f} 平方米",
        )
        yield _Found("invalid_ring", epoch, code, area, said, side.shapes[row])


def _apart(both: TwoEpochs) -> Iterator[tuple[str, Side]]:
    """Give of each epoch the parcels that may overlap: none of an epoch whose borders fit all along.

    What did not change between two epochs, of which the first fits, fits in the second too.
    """
    changed, near = rows_without(both.same[1], len(both.new)), np.arange(len(both.new))
    if shapely.coverage_is_valid(both.old.shapes):
        _, touched = shapely.STRtree(both.new.shapes).query(both.new.shapes[changed], predicate="intersects")
        near = np.unique(touched)
    else:
        yield "old", both.old
    side = both.new.take(near)
    if not shapely.coverage_is_valid(side.shapes):
        yield "new", side


def _overlaps(epoch: str, side: Side, limits: LineageLimits) -> Iterator[_Found]:
    """Give pairs of parcels that hold the same ground."""
    odd = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(side.shapes)))
    one, other = shapely.STRtree(side.shapes).query(side.shapes[odd], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([odd[one], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    shapes = shapely.intersection(side.shapes[pairs[:, 0]], side.shapes[pairs[:, 1]])
    for row in np.flatnonzero(wide(shapes, limits)).tolist():
        a, b = side.codes[pairs[row]]
        area = float(shapely.area(shapes[row]))
        said = (
            f"parcels {a} and {b} both hold {area:.2f} m2; it counts for both",
            f"宗地 {a} 与 {b} 重叠 {area:.2f} 平方米，两宗均计入",
        )
        yield _Found("overlap", epoch, f"{a};{b}", area, said, polygons_of(shapes[row]))


def _exclaves(epoch: str, side: Side) -> Iterator[_Found]:
    """Give parcels that lie in several parts."""
    for row in np.flatnonzero(shapely.get_num_geometries(side.shapes) > 1).tolist():
        parts = shapely.get_parts(side.shapes[row])
        sizes = np.sort(shapely.area(parts))
        apart = float(sizes[:-1].sum())
        code = side.codes[row]
        said = (
            f"parcel {code} lies in {len(parts)} parts; {apart:.2f} m2 are apart from the largest",
            f"宗地 {code} 分为 {len(parts)} 块，最大一块之外有 {apart:.2f} 平方米",
        )
        yield _Found("exclave", epoch, code, apart, said, side.shapes[row])


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
        a, b = side.codes[row], side.codes[outer]
        said = f"parcel {a} lies wholly within parcel {b}", f"宗地 {a} 完全被宗地 {b} 包围"
        yield _Found("enclave", epoch, f"{a};{b}", float(side.area[row]), said, side.shapes[row])


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
        code = both.old.codes[row]
        said = (
            f"{code} stands for other ground after, {apart:.0f} m away from what it stood for",
            f"编号 {code} 前后所指不是同一块地，相距 {apart:.0f} 米",
        )
        yield _Found("reused_id", None, code, float(both.new.area[other]), said, both.new.shapes[other])


def _drawn_anew(both: TwoEpochs, ground: Ground, limits: LineageLimits) -> Iterator[_Found]:
    """Give how far borders lie off where hardly any parcel has its old vertices."""
    fewer = min(len(both.old), len(both.new))
    if ground.same >= DRAWN_ANEW * fewer:
        return
    off = _off(both, _stayed(both, ground))
    if len(off) < fewer * DRAWN_ANEW and len(off) < _MEASURED:
        return
    middle, most = np.quantile(off, [0.5, 0.95])
    tolerance = limits.tolerance_m
    english = (
        f"{ground.same} of {fewer} parcels are drawn as before; borders of those that stayed lie off by"
        f" {middle:.2f} m (95 in 100 by less than {most:.2f} m), of which {tolerance:g} m count as noise; state more if"
        " the epoch was generalised anew"
    )
    chinese = (
        f"{fewer} 宗中仅 {ground.same} 宗的界址点与前期相同；其余延续宗地的界线相差 {middle:.2f} 米"
        f"（95% 在 {most:.2f} 米以内），其中 {tolerance:g} 米按噪声处理；本期若经重新综合，请把噪声设大"
    )
    place = shapely.box(*shapely.total_bounds(both.new.shapes))
    yield _Found("drawn_anew", None, "", float(both.new.area.sum()), (english, chinese), place)


def _nothing_common(both: TwoEpochs, ground: Ground) -> Iterator[_Found]:
    """Give that no parcel of the one epoch has to do with one of the other."""
    if ((ground.pairs.old >= 0) & (ground.pairs.new >= 0)).any() or not (len(both.old) and len(both.new)):
        return
    old, new = (shapely.box(*shapely.total_bounds(side.shapes)) for side in (both.old, both.new))
    apart = float(shapely.distance(old, new))
    said = (
        f"the two epochs have no ground in common, and lie {apart:.0f} m apart: is a file of another place?",
        f"两期没有任何共同的土地，相距 {apart:.0f} 米：请核对是否用错文件",
    )
    yield _Found("nothing_common", None, "", float(both.new.area.sum()), said, new)


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
