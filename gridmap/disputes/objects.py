"""What stands in the disputed ground: buildings, trees, wells, paths, and what each candidate does to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.disputes.arrangement import Arrangement
from gridmap.disputes.books import Books, Settled
from gridmap.disputes.ground import Ground
from gridmap.disputes.layers import AND

Shapes = NDArray[Any]
Floats = NDArray[np.float64]

COLUMNS = ("candidate", "id", "kind", "side", "cut_share", "distance_m", "strip_share")


def gathered(buildings: gpd.GeoDataFrame | None, objects: gpd.GeoDataFrame | None, own: Ground) -> gpd.GeoDataFrame:
    """Return buildings and other objects as one table of ``id``, ``kind`` and shapes, in local metres.

    Parameters
    ----------
    buildings
        ``id?`` and polygons; their kind is ``building``.
    objects
        ``id?``, ``kind?`` (``object`` where it is missing) and points, lines or polygons.
    own
        What parties claim.

    Raises
    ------
    CrsError
        If their datum is another than that of the claims, or not stated.
    """
    tables = []
    for table, kind in ((buildings, "building"), (objects, "object")):
        if table is None or table.empty:
            continue
        shapes = own.frame.into(table)
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        ids = table["id"].astype(str) if "id" in table else pd.Series([str(k + 1) for k in range(len(table))])
        kinds = table["kind"].fillna(kind) if kind == "object" and "kind" in table else [kind] * len(table)
        rows = pd.DataFrame({"id": ids.to_numpy(), "kind": np.asarray(kinds, dtype=object)})
        valid = shapely.make_valid(shapes[there], method="structure", keep_collapsed=True)
        tables.append(gpd.GeoDataFrame(rows[there], geometry=valid))
    if not tables:
        return gpd.GeoDataFrame({"id": [], "kind": []}, geometry=np.empty(0, dtype=object))
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry")


def objects_table(found: gpd.GeoDataFrame, land: Arrangement, own: Ground, books: Books) -> gpd.GeoDataFrame:
    """Return what each candidate does to the objects in the disputed ground, and to those that it cuts.

    Parameters
    ----------
    found
        As `gathered`.
    land, own, books
        The cells, what parties claim, and the candidates.

    Returns
    -------
    GeoDataFrame
        ``candidate`` (missing where none was given), ``id``, ``kind``, ``side`` (the party on whose side it would lie,
        the greater part of it), ``cut_share`` (share of it on another side; 0 of what is not cut), ``distance_m``
        (least distance to the candidate), ``strip_share`` (share of it in the disputed ground); the object's shape,
        in local metres. By candidate, then by id.

    Raises
    ------
    Nothing
    """
    if found.empty:
        return gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=np.empty(0, dtype=object))
    strip = land.cells[land.disputed]
    shapes = found.geometry.to_numpy()
    in_strip = np.unique(shapely.STRtree(shapes).query(strip, predicate="intersects")[1])
    whole = shapely.union_all(strip)
    if not books.settled:
        rows = _rows(found, in_strip, whole)
        return rows.assign(candidate=None, side=None, cut_share=0.0, distance_m=np.nan)[[*COLUMNS, "geometry"]]
    parts = [
        _of_candidate(each, line, found, in_strip, whole, own)
        for each, line in zip(books.settled, books.lines, strict=True)
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry")[[*COLUMNS, "geometry"]]


def _of_candidate(
    each: Settled, line: Any, found: gpd.GeoDataFrame, in_strip: NDArray[np.intp], strip: Any, own: Ground
) -> gpd.GeoDataFrame:
    """Objects in the strip of a candidate's parties, and those it cuts."""
    shapes = found.geometry.to_numpy()
    crossed = shapely.STRtree(shapes).query(line, predicate="intersects")
    rows = np.union1d(in_strip, crossed).astype(np.intp)
    if each.cut is not None and len(rows):
        rows = rows[shapely.intersects(shapes[rows], shapely.union_all([*each.cut.sides, line]))]
    table = _rows(found, rows, strip)
    share = _shares(shapes[rows], each)
    best = share.argmax(axis=1) if share.shape[1] else np.zeros(len(rows), dtype=np.intp)
    most = share.max(axis=1, initial=0.0)
    whose = list(_owners(each, own))
    return table.assign(
        candidate=each.id,
        side=[whose[k] if whose and part > 0 else None for k, part in zip(best, most, strict=True)],
        cut_share=np.where(most > 0, np.maximum(share.sum(axis=1) - most, 0.0), 0.0),
        distance_m=shapely.distance(shapes[rows], line),
    )


def _rows(found: gpd.GeoDataFrame, rows: NDArray[np.intp], strip: Any) -> gpd.GeoDataFrame:
    """Some objects by id, with the share of each in the disputed ground."""
    table = found.iloc[rows].reset_index(drop=True)
    shapes = table.geometry.to_numpy()
    whole = np.maximum(_measure(shapes), np.finfo(float).tiny)
    return table.assign(strip_share=_measure(shapely.intersection(shapes, strip)) / whole)


def _owners(each: Settled, own: Ground) -> Iterator[str | None]:
    """Whose each side of a candidate is; None of a side that is nobody's."""
    if each.cut is None or each.booking is None:
        return
    for side in range(len(each.cut.sides)):
        names = [own.parties[each.cut.parties[k]] for k in np.flatnonzero(each.booking.home == side).tolist()]
        yield AND.join(names) or None


def _shares(shapes: Shapes, each: Settled) -> Floats:
    """Share of each object on each side of a candidate, shape (objects, sides)."""
    if each.cut is None or not len(each.cut.sides):
        return np.zeros((len(shapes), 0))
    parts = _measure(shapely.intersection(shapes[:, None], each.cut.sides[None, :]))
    whole = np.maximum(_measure(shapes), np.finfo(float).tiny)
    found: Floats = np.where(parts / whole[:, None] > _LEAST_SHARE, parts / whole[:, None], 0.0)
    return found


#: Smaller shares of an object are traces of rounding.
_LEAST_SHARE = 1e-6


def _measure(shapes: Any) -> Floats:
    """Area of polygons, length of lines, one of points, nought of nothing."""
    size = np.select(
        [shapely.get_dimensions(shapes) == 2, shapely.get_dimensions(shapes) == 1],  # noqa: PLR2004 - a polygon's
        [shapely.area(shapes), shapely.length(shapes)],
        1.0,
    )
    return np.where(shapely.is_empty(shapes), 0.0, size)
