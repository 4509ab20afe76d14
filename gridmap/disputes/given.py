"""Claims as they were given: what is none is refused, all faults at once; what is one is rounded and mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.errors import Fault, InputError, TableError, TooLargeError

Shapes = NDArray[Any]

_AREAL = (shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value)
_LINEAL = (
    shapely.GeometryType.LINESTRING.value,
    shapely.GeometryType.MULTILINESTRING.value,
    shapely.GeometryType.LINEARRING.value,
)


#: The ten stems, by which parties are counted.
_STEMS = "甲乙丙丁戊己庚辛壬癸"


def refuse_empty(table: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a table without rows."""
    if table.empty:
        raise InputError(f"no {what}", expected="at least one row with a shape", code="empty")


def refuse_large(table: gpd.GeoDataFrame, limits: Limits) -> None:
    """Refuse more points than the limit."""
    count = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
    if count > limits.most_points:
        raise TooLargeError(f"{count} points", expected=f"at most {limits.most_points}", code="too_many_points")


def refuse_faults(claims: gpd.GeoDataFrame) -> None:
    """Refuse rows that are no claims, all at once."""
    if "party" not in claims:
        raise InputError("claims without the column party", expected="a label of the party in each row")
    faults = []
    shapes = claims.geometry.to_numpy()
    for row, (label, shape) in enumerate(zip(claims["party"], shapes, strict=True), start=1):
        if pd.isna(label) or not str(label).strip():
            faults.append(Fault(code="missing_party", message="the claim says no party", feature=row, column="party"))
        if shape is None or shape.is_empty:
            faults.append(Fault(code="missing_geometry", message="the claim has no shape", feature=row))
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            faults.append(Fault(code="not_a_number", message="a coordinate is no number", feature=row))
        elif shapely.get_type_id(shape) not in (*_AREAL, *_LINEAL):
            given = f"a claim is a polygon or a line, not a {shape.geom_type}"
            faults.append(Fault(code="wrong_geometry", message=given, feature=row))
    if faults:
        raise TableError("claims", faults)


def in_order(labels: Iterable[str]) -> list[str]:
    """Return the labels, each once: 甲, 乙, 丙 as contracts count parties, then all others by their characters.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> in_order(["B", "乙方", "A", "甲方", "B"])
    ['甲方', '乙方', 'A', 'B']
    """
    return sorted(set(labels), key=lambda label: ((label[:1] not in _STEMS, _STEMS.find(label[:1])), label))


def rows_of(labels: NDArray[Any], parties: Sequence[str]) -> list[NDArray[np.intp]]:
    """Positions of the rows of each party, in one pass over all."""
    number = pd.Index(parties).get_indexer(pd.Index(labels))
    order = np.argsort(number, kind="stable")
    return np.split(order, np.searchsorted(number[order], np.arange(1, len(parties))))


def refuse_mixed(shapes: Shapes, labels: NDArray[Any]) -> None:
    """Refuse lines and polygons of one party: a line within its ground would say nothing."""
    lines = is_line(shapes)
    if both := sorted({*labels[lines]} & {*labels[~lines]}):
        raise InputError(
            f"lines and polygons of {both[0]}",
            expected="one or the other of each party",
            do="close the line to the ground that the party claims, or leave out one of them",
            code="mixed_claims",
        )


def is_line(shapes: Any) -> NDArray[np.bool_]:
    """Which shapes are lines."""
    return np.isin(shapely.get_type_id(shapes), _LINEAL)


def rounded(shapes: Shapes, names: Sequence[str], limits: Limits) -> tuple[Shapes, list[Warning_]]:
    """Shapes on the grid of millimetres, valid, and what that changed; later cuts are exact again.

    A shape that keeps a precision would round each new corner: the ledger would be out by square decimetres.
    """
    lines = np.isin(shapely.get_type_id(shapes), _LINEAL)
    valid = shapely.is_valid(shapes)
    mended = shapes.copy()
    broken = ~valid & ~lines
    mended[broken] = [shapely.make_valid(shape, method="structure", keep_collapsed=False) for shape in shapes[broken]]
    polygons = shapely.set_precision(shapely.set_precision(mended[~lines], limits.snap_m), 0)
    mended[~lines] = polygons
    mended[lines] = on_grid(shapes[lines], limits)
    warnings = [_mend_told(names[row], shapes[row], mended[row]) for row in np.flatnonzero(broken).tolist()]
    gone = np.flatnonzero(shapely.is_empty(mended) | (lines & (shapely.length(mended) == 0)))
    if len(gone):
        faults = [
            Fault(code="nothing_left", message="the shape is narrower than a millimetre", feature=int(row) + 1)
            for row in gone
        ]
        raise TableError("claims", faults)
    return mended, warnings


def on_grid(lines: Shapes, limits: Limits) -> Shapes:
    """Lines on the grid of millimetres, each point of them once."""
    # point by point: the grid of polygons to the last bit, and no nodes where a line crosses itself
    snapped = shapely.set_precision(lines, limits.snap_m, mode="pointwise")
    result: Shapes = shapely.remove_repeated_points(shapely.set_precision(snapped, 0, mode="pointwise"))
    return result


def _mend_told(name: str, before: Any, after: Any) -> Warning_:
    """A ring that crossed itself, and the area it was taken for."""
    area = shapely.area(after)
    reason = shapely.is_valid_reason(before)
    return told(
        "ring_mended",
        name,
        f"a ring of {name} is not simple ({reason}); taken by structure it encloses {area:,.2f} m2",
        f"{name}的边界自相交（{reason}）；按结构修复后面积为 {area:,.2f} 平方米",
    )
