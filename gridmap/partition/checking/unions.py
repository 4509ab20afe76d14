"""Whether areas of one kind are put together from areas of another: precincts from villages, schools' from grids."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import to_system
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured, measure, one_level
from gridmap.partition.checking.nesting import most
from gridmap.partition.edges import Polygons
from gridmap.partition.findings import ground_of


def unions(wholes: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, *, limits: Limits | None = None) -> gpd.GeoDataFrame:
    """Return for each whole of which parts it is made, and what ground that leaves over.

    A whole is an *exact union* where its own ground and that of the parts lying mostly in it differ by no more than
    rounding: pieces that are both small and thin (`Limits`). Invalid rings are read as even-odd; `check` names them.

    Parameters
    ----------
    wholes, parts
        ``code`` and polygons in any CRS; no level may be mixed in either.
    limits
        What counts as rounding.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each whole in their order: ``code``, ``parts`` (codes joined by ``;``), ``missing_m2`` (ground of the
        whole that none of its parts holds), ``beyond_m2`` (ground of its parts outside it), ``exact``, and what is left
        over as geometry in the CRS of the wholes.

    Raises
    ------
    TableError, CrsError
        As `check`; TableError also if levels are mixed.

    Examples
    --------
    >>> halves = [shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100)]
    >>> parts = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=halves, crs=4549)
    >>> wholes = gpd.GeoDataFrame({"code": ["W"]}, geometry=[shapely.box(0, 0, 90, 100)], crs=4549)
    >>> unions(wholes, parts)[["code", "parts", "missing_m2", "beyond_m2", "exact"]].values.tolist()
    [['W', 'a;b', 0.0, 1000.0, False]]
    """
    limits = limits or Limits()
    whole, part = (one_level(measure(table)) for table in (wholes, to_system(parts, wholes.crs)))
    holder = most(part.shapes, whole.shapes)
    made = np.array([shapely.union_all(part.shapes[holder == row]) for row in range(len(whole.codes))], dtype=object)
    missing, lacks = _left(whole, shapely.difference(whole.shapes, made), limits)
    beyond, reaches = _left(whole, shapely.difference(made, whole.shapes), limits)
    rows = {
        "code": whole.codes,
        "parts": [";".join(part.codes[at] for at in np.flatnonzero(holder == row)) for row in range(len(whole.codes))],
        "missing_m2": missing,
        "beyond_m2": beyond,
        "exact": ~(lacks | reaches),
    }
    over = shapely.symmetric_difference(whole.shapes, made)
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=over, crs=wholes.crs)


def _left(areas: Measured, shapes: Polygons, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Square metres of what is left, and whether any piece of it is more than rounding."""
    pieces, row = shapely.get_parts([ground_of(shape) for shape in shapes], return_index=True)
    sizes, wide = areas.beyond_rounding(pieces, limits)
    count = len(shapes)
    return np.bincount(row, sizes, count), np.bincount(row[wide], minlength=count) > 0
