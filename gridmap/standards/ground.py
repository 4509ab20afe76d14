"""Areas with what is asked of them for each layer of buildings and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import crs, hierarchy
from gridmap.errors import CrsError
from gridmap.partition import AreaIndex

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Areas with what is asked of them for each layer."""

    #: the areas
    table: gpd.GeoDataFrame
    #: which of them holds a point
    index: AreaIndex
    #: the areas in metres
    metric: gpd.GeoSeries

    @classmethod
    def of(cls, areas: gpd.GeoDataFrame) -> Ground:
        """Return areas made ready to be asked.

        Raises
        ------
        CrsError
            If the areas state no CRS.
        TableError
            If they cannot be indexed.
        """
        if areas.crs is None:
            raise CrsError("areas that do not say their coordinate system", do="state it: an EPSG code such as 4490")
        return cls(table=areas, index=AreaIndex(areas), metric=crs.to_metric(areas[["geometry"]]).geometry)

    def summed(self, points: gpd.GeoSeries, counts: Any) -> Any:
        """Return counts of points by area, those of all areas inside included; shape (areas,) or (areas, kinds).

        Raises
        ------
        CrsError
            If the points state no CRS.
        """
        own = crs.to_system(points, self.table.crs)
        rows = self.index.locate(own.x.to_numpy(), own.y.to_numpy())
        numbers = np.asarray(counts, dtype=float)
        totals = np.zeros((len(self.table), *numbers.shape[1:]))
        np.add.at(totals, rows[rows >= 0], numbers[rows >= 0])
        return hierarchy.roll_up(self.table, totals)


def ratio(one: Floats, other: Floats) -> Floats:
    """Return one over the other, NaN where the other is nothing or not known, shape (n,).

    Raises
    ------
    Nothing
        Nothing over nothing is not known.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    result = np.full(len(one), np.nan)
    np.divide(one, other, out=result, where=other > 0)
    return result


def column(table: pd.DataFrame, name: str, missing: float) -> Floats:
    """Return a column of numbers; what is missing stands as said, shape (n,).

    Raises
    ------
    Nothing
        A column that is not there is missing in every row.

    Examples
    --------
    >>> column(pd.DataFrame({"staff": [2, None]}), "staff", 0.0).tolist()
    [2.0, 0.0]
    """
    if name not in table:
        return np.full(len(table), missing)
    return np.asarray(pd.to_numeric(table[name]).to_numpy(dtype=float, na_value=missing))


def level_of(code: str, stated: Any) -> str | None:
    """Return a level as stated, else as the code tells.

    Raises
    ------
    Nothing
        A code that tells no level has none.

    Examples
    --------
    >>> level_of("320613001001001", "grid")
    'grid'
    """
    return hierarchy.level_of_code(code) if stated is None or pd.isna(stated) else str(stated)
