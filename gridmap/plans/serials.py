"""The order in which areas are numbered: as a page is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

#: A row is this part of a typical side high: the next row of a layout that is regular to a quarter of a side stays out.
ROW_SHARE = 0.75


def reading_order(shapes: NDArray[Any]) -> NDArray[np.intp]:
    """Return areas in the order in which they are numbered: west to east, then north to south.

    DB11/T 2157-2023 and CJ/T 349-2010 number grids from west to east and from north to south without saying which
    grids stand in one row. Here the northernmost centre opens a row, which takes all areas whose centres lie less than
    ``ROW_SHARE`` of a typical side (the median of the square roots of the areas) farther south; the northernmost of
    the rest opens the next. In a row the western centre comes first. Centres are centroids, to the centimetre; of equal
    ones the northern, then the larger area comes first. The order of the input does not matter.

    Parameters
    ----------
    shapes
        Polygons in metres, x to the east.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Positions in ``shapes``, the first to be numbered first.

    Raises
    ------
    None

    Examples
    --------
    Two rows; the western grid of the upper one lies somewhat lower than its neighbour:

    >>> from shapely import box
    >>> grids = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 100, 100, 180), box(100, 100, 200, 200)]
    >>> reading_order(np.array(grids)).tolist()
    [2, 3, 0, 1]
    """
    centres = shapely.centroid(shapes)
    east, north = (np.round(axis(centres), 2) for axis in (shapely.get_x, shapely.get_y))
    area = shapely.area(shapes)
    high = ROW_SHARE * float(np.median(np.sqrt(area))) if len(area) else 0.0
    row = np.empty(len(area), dtype=np.intp)
    top, count = np.inf, -1
    for place in np.argsort(-north, kind="stable").tolist():
        if top - north[place] >= high:
            top, count = north[place], count + 1
        row[place] = count
    return np.lexsort((shapely.to_wkb(shapely.normalize(shapes)), -area, -north, east, row))
