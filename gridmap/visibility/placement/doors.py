"""On what a place is judged to be seen: the ground right around it, or the outline of the building that holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

#: A place is seen where ground so near to it is, metres: doors are drawn on walls, and walls hide what lies in them.
NEAR_M = 0.5
#: So far before its walls a building is looked at, metres: clear of the rounding of walls to a millimetre.
BEFORE_M = 0.1
#: Metres of its outline that must be in view for a building to be seen: less than a door's width is a chink.
LEAST_M = 1.0


def judged_on(points: npt.NDArray[Any], walls: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return the line on which each place is judged, and whether that is the outline of its building.

    A place is seen where ground within `NEAR_M` of it is. A place farther inside a building than that, as those of
    services are mapped, is seen where `LEAST_M` metres of the outline of its building are.

    Parameters
    ----------
    points, walls
        Points and polygons, metres.

    Raises
    ------
    Nothing
        Without buildings every place is judged where it is.

    Examples
    --------
    >>> hall = np.array([shapely.box(0, 0, 9, 9)])
    >>> _, outline = judged_on(shapely.points([(5, 5), (5, 0.2)]), hall)
    >>> outline.tolist()
    [True, False]
    """
    shapes = np.asarray(shapely.boundary(shapely.buffer(points, NEAR_M, quad_segs=4)))
    outline = np.zeros(len(points), bool)
    place, building = shapely.STRtree(walls).query(points, predicate="within")
    deep = shapely.distance(points[place], shapely.boundary(walls[building])) > NEAR_M
    place, building = place[deep], building[deep]
    shapes[place] = shapely.boundary(shapely.buffer(walls[building], BEFORE_M, join_style="mitre"))
    outline[place] = True
    return shapes, outline
