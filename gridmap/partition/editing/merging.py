"""Merging neighbours into one area."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from gridmap.errors import ConflictError, InputError
from gridmap.frames import counts
from gridmap.partition.editing import given
from gridmap.partition.editing.judging import Draft, judge
from gridmap.partition.editing.limits import EDIT_LIMITS, EditLimits
from gridmap.partition.editing.mosaic import Mosaic, opened
from gridmap.partition.editing.net import Net, together
from gridmap.partition.editing.results import COUNTS, Change, changed

#: A merger is of so many areas at least.
_TWO = 2


def merge(
    areas: gpd.GeoDataFrame,
    codes: Any,
    *,
    into: str | None = None,
    across: bool = False,
    limits: EditLimits = EDIT_LIMITS,
) -> gpd.GeoDataFrame:
    """Return the areas with neighbours made one.

    Neighbours share a border; areas that only meet in a corner do not. The vertices of the others stay where they are.

    Parameters
    ----------
    areas
        The finest areas of a territory: ``code``, polygon, any CRS.
    codes
        Two areas or more that hang together.
    into
        Code of the one area: one of ``codes``, whose row, name and parent it keeps, or a new one, which then stands
        in the row of the first of ``codes`` without a name. Default: the first of ``codes``.
    across
        Whether areas of different parents may be merged: the border of these moves.
    limits
        Distances.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas; counts are added up where all are known, figures are missing.

    Raises
    ------
    NotFoundError
        If there is no area of a code.
    InputError
        If fewer than two codes are given, or one twice.
    ConflictError
        If the areas do not hang together by common borders, have different parents without ``across``, or ``into`` is
        the code of an area that is not merged.
    TableError, CrsError
        If the areas cannot be edited, or a count is no whole number from 0 up.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(5e5 + x, 35e5 + y, 5e5 + x + 10, 35e5 + y + 10) for x, y in ((0, 0), (10, 0), (10, 10))]
    >>> three = gpd.GeoDataFrame({"code": list("abc"), "households": [1, 2, 3]}, geometry=squares, crs=4549)
    >>> merge(three, ["a", "b"])[["code", "households"]].to_dict("list")
    {'code': ['a', 'c'], 'households': [3, 3]}
    """
    mosaic = opened(areas)
    names = given.codes(codes, "codes", limits)
    if len(names) < _TWO:
        raise InputError(f"{len(names)} area to merge", expected="two or more", code="merge_of_one")
    rows = [mosaic.row(name) for name in names]
    code = names[0] if into is None else given.code(into, "into")
    if mosaic.rows.get(code, rows[0]) not in rows:
        raise ConflictError(
            f"code {code} is another area's",
            expected="one of those merged, or a new one",
            code="code_taken",
            values={"areas": [code]},
        )
    mosaic.refuse_across(rows, across=across)
    net = Net(mosaic, rows)
    shape = net.polygon(together((face for row in rows for face in net.faces(row)), net))
    _refuse_apart(mosaic, rows, shape)
    judge(mosaic, Draft(rows=rows, codes=[code], shapes=[shape], parts=_parts(mosaic, rows)), limits)
    return changed(mosaic, _change(mosaic, rows, code, shape))


def _parts(mosaic: Mosaic, rows: list[int]) -> int:
    """Return how many parts areas may have when each hangs together with the others."""
    return int(shapely.get_num_geometries(mosaic.shapes[rows]).sum()) - len(rows) + 1


def _refuse_apart(mosaic: Mosaic, rows: list[int], shape: Any) -> None:
    """Refuse areas that do not hang together, naming one that does not."""
    if shapely.get_num_geometries(shape) <= _parts(mosaic, rows):
        return
    parts = shapely.get_parts(shape)
    inside = shapely.point_on_surface(mosaic.shapes[rows])
    with_first = next(part for part in parts if part.contains(inside[0]))
    apart = [mosaic.codes[row] for row, point in zip(rows, inside, strict=True) if not with_first.contains(point)]
    raise ConflictError(
        f"areas {mosaic.codes[rows[0]]} and {', '.join(apart)} have no border in common",
        expected="neighbours that share more than a corner",
        do="name the areas between them too",
        code="not_neighbours",
        values={"areas": [mosaic.codes[rows[0]], *apart]},
    )


def _change(mosaic: Mosaic, rows: list[int], code: str, shape: Any) -> Change:
    """Return the change: the one area in the row whose code it keeps, else in the first."""
    kept = mosaic.rows.get(code, rows[0])
    values: dict[str, Any] = {"code": code}
    if code not in mosaic.rows and "name" in mosaic.table.columns:
        values["name"] = None
    for name in COUNTS:
        if name in mosaic.table.columns:
            known = counts(mosaic.table, name, source="areas").iloc[rows]
            values[name] = None if known.isna().any() else int(known.sum())
    return Change(shapes={kept: shape}, cells={kept: values}, gone=[row for row in rows if row != kept])
