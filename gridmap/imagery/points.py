"""Control points: places of a scan whose coordinates on the ground are known, and what was decided to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.errors import InputError

Numbers = NDArray[np.float64]

#: Columns of the table of control points, in order.
COLUMNS = ("name", "pixel", "line", "x", "y")

#: Columns of what was decided on reading.
DECIDED = ("what", "value", "why")


def nothing_decided() -> pd.DataFrame:
    """Return an empty table of decisions."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in DECIDED})


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlPoints:
    """Control points of one scan, as a file or a caller gave them."""

    #: name, pixel (columns to the right) and line (rows downwards, both from the upper left corner of the upper left
    #: pixel), x and y (east and north, or longitude and latitude, in `crs`); NaN where a number is missing
    table: pd.DataFrame
    #: name of the system of x and y (see `gridmap.crs.parse`); None where the file does not say
    crs: str | None = None
    #: width and height of the scan in pixels, where the file says them
    size: tuple[int, int] | None = None
    #: outline of the part of the scan that is map, pixel and line, shape (n, 2); None where there is none
    mask: Numbers | None = None
    #: order1, order2, order3 or tps, where the file says how the map was warped
    method: str | None = None
    #: what was read: iiif, qgis, arcgis, gdal, own, or table where it was no file
    form: str = "table"
    #: ``shown`` or ``stored``: whether pixel and line count in the scan as viewers turn it by its EXIF, or as it is
    #: stored; None where nobody says (see `gridmap.imagery.seeing`)
    counted: str | None = None
    #: what, value, why: everything that was decided on reading
    decided: pd.DataFrame = field(default_factory=nothing_decided)

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.table)

    @property
    def pixels(self) -> Numbers:
        """Pixel and line of each point, shape (n, 2)."""
        return self.table[["pixel", "line"]].to_numpy(dtype=np.float64)

    @property
    def places(self) -> Numbers:
        """The x and y of each point, shape (n, 2)."""
        return self.table[["x", "y"]].to_numpy(dtype=np.float64)


def control_points(points: ControlPoints | pd.DataFrame) -> ControlPoints:
    """Return control points of a table that a caller made himself; control points stay what they are.

    Parameters
    ----------
    points
        Control points, or a table with the columns pixel, line, x, y (name too, if they have any), one row a point.

    Returns
    -------
    ControlPoints

    Raises
    ------
    InputError
        If a column is missing or holds what is no number.

    Examples
    --------
    >>> table = pd.DataFrame({"pixel": [0, 10], "line": [0, 0], "x": [5.0, None], "y": [5.0, 5.0]})
    >>> control_points(table).table["x"].tolist()
    [5.0, nan]
    """
    if isinstance(points, ControlPoints):
        return points
    if missing := [name for name in COLUMNS[1:] if name not in points.columns]:
        raise InputError(f"control points without {', '.join(missing)}", expected="the columns pixel, line, x and y")
    try:
        numbers = points[list(COLUMNS[1:])].astype(np.float64)
    except (TypeError, ValueError):
        raise InputError("control points that are not numbers", expected="pixel, line, x and y in numbers") from None
    names = points["name"].astype(str) if "name" in points.columns else _counted(len(points))
    return ControlPoints(table=made_table(list(names), numbers.to_numpy()))


def made_table(names: Sequence[str] | None, numbers: Numbers) -> pd.DataFrame:
    """Return the table of control points of rows of pixel, line, x, y."""
    numbers = numbers.reshape(-1, 4)
    columns = dict(zip(COLUMNS[1:], numbers.T, strict=True))
    return pd.DataFrame({"name": names or _counted(len(numbers)), **columns})


def _counted(count: int) -> list[str]:
    """Names for points that have none: their numbers from 1."""
    return [str(number + 1) for number in range(count)]
