"""Where cameras really stand: clear of their wall, on a roof, or before the facade they were put behind."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.visibility.cameras.views import Views
from gridmap.visibility.sweep.pieces import Flags, Floats, Ints
from gridmap.visibility.sweep.scenes import Scene

#: A camera on a wall or corner is put so far before it: a bracket, and ten steps of the lattice.
CLEAR_M = 0.01
#: A camera inside a building is put before the nearest facade no farther than this; farther off it is an error of its
#: place or an indoor camera.
FARTHEST_M = 5.0
#: Directions that are tried around a camera on a wall.
_AROUND = 32
#: Names of the columns of what was moved, and of what was refused.
_MOVED, _REFUSED = ["camera", "what", "moved_m"], ["camera", "code", "message"]
#: What is told where nobody is: a table takes longer to make than a viewshed.
_NOBODY = {(names[0], names[1]): pd.DataFrame(columns=names) for names in (_MOVED, _REFUSED)}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Views from where their cameras really stand."""

    #: the views that remain, moved
    views: Views
    #: rows of the views that remain
    row: Ints
    #: camera (identifier), what (``wall``, ``roof``, ``facade``), moved_m: cameras in or on buildings
    moved: pd.DataFrame
    #: camera (identifier), code, message: cameras inside buildings
    refused: pd.DataFrame


def stand(scene: Scene, views: Views) -> Standing:
    """Return the views from where their cameras can stand.

    A camera on a wall or at a corner is put 1 cm before it, to the side that is free. Inside the outline of a lower
    building it stands on the roof. Inside a higher one it is put 1 cm before the facade in its heading, or else before
    the nearest one, where that is within 5 m; else it is refused.

    Parameters
    ----------
    scene
        Obstacles.
    views
        Footprints in the scene's metric system.

    Returns
    -------
    Standing
        The views that remain, what was moved and what was refused.

    Raises
    ------
    Nothing
        A camera in open ground stays.
    """
    points = shapely.points(views.xy)
    at, footprint = scene.tree.query(points, predicate="dwithin", distance=CLEAR_M)
    at = at[scene.obstacles.height[footprint] > views.target_m[at]]
    xy, what = views.xy.copy(), np.full(len(views), "", object)
    for row in np.unique(at):
        place, what[row] = _place(scene, views, int(row))
        if place is not None:
            xy[row] = place
    kept = np.flatnonzero(what != "inside")
    shift = np.hypot(*(xy - views.xy).T)
    return Standing(
        views=_taken(replace(views, xy=xy), kept),
        row=kept,
        moved=_told(views, np.flatnonzero((what != "") & (what != "inside")), (what, shift), _MOVED),
        refused=_told(views, np.flatnonzero(what == "inside"), (what, _sentences(len(views))), _REFUSED),
    )


def _sentences(count: int) -> npt.NDArray[Any]:
    """Return why a camera is refused."""
    sentence = (
        f"the camera lies inside a building at least as high as itself, more than {FARTHEST_M:g} m from a facade; "
        "expected a place on or outside its walls, or a height above the roof; check position and height"
    )
    return np.full(count, sentence, object)


def _told(views: Views, rows: Ints, columns: tuple[Any, Any], names: list[str]) -> pd.DataFrame:
    """Return something of each camera once, though it may have several views."""
    if not rows.size:
        return _NOBODY[names[0], names[1]].copy()
    table = pd.DataFrame(
        dict(zip(names, (views.ids[views.camera[rows]], *(each[rows] for each in columns)), strict=True))
    )
    return table.drop_duplicates(names[0], ignore_index=True)


def _taken(views: Views, rows: Ints) -> Views:
    """Return some views."""
    if len(rows) == len(views):
        return views
    whole = {"crs", "ids", "assumed", "refused"}
    names = [field.name for field in fields(Views) if field.name not in whole]
    return replace(views, **{name: getattr(views, name)[rows] for name in names})


def _place(scene: Scene, views: Views, row: int) -> tuple[Floats | None, str]:
    """Return where one camera in or on a building stands, and what it stands at."""
    xy, height = views.xy[row], float(views.height_m[row])
    near = _Near(scene, xy, float(views.target_m[row]), height)
    if near.clearance(xy[None])[0] < CLEAR_M:
        free = near.before_wall(xy)
        if free is not None:
            return free, "wall"
    if not near.held(xy[None])[0]:
        return None, "roof"
    heading = float(views.heading[row]) if views.half_angle[row] < np.pi else None
    place = near.before_facade(xy, heading)
    return place, "inside" if place is None else "facade"


class _Near:
    """The buildings about one camera that matter to it."""

    def __init__(self, scene: Scene, xy: Floats, target: float, height: float) -> None:
        """Find them."""
        rows = scene.tree.query(shapely.Point(xy), predicate="dwithin", distance=FARTHEST_M + 1)
        tops = scene.obstacles.height[rows]
        self.every = scene.obstacles.polygons[rows[tops > target]]
        self.high = scene.obstacles.polygons[rows[(tops > target) & (tops >= height)]]
        self.walls = shapely.union_all(shapely.boundary(self.every))
        self.facades = shapely.boundary(shapely.union_all(self.high))

    def clearance(self, places: Floats) -> Floats:
        """Return the distance of places from the next wall."""
        return np.asarray(shapely.distance(shapely.points(places), self.walls), np.float64)

    def held(self, places: Floats) -> Flags:
        """Return which places are inside or on a building at least as high as the camera."""
        return np.asarray(shapely.intersects(shapely.points(places)[:, None], self.high).any(axis=1), np.bool_)

    def before_wall(self, xy: Floats) -> Floats | None:
        """Return the place 1 cm off that is clearest of walls and free of higher buildings; None if there is none."""
        angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
        around = xy + CLEAR_M * np.column_stack([np.cos(angle), np.sin(angle)])
        # a camera hangs before a wall rather than over the roof behind it
        roof = shapely.intersects(shapely.points(around)[:, None], self.every).any(axis=1)
        clear = np.where(self.held(around), -1.0, self.clearance(around).round(6) + np.where(roof, 0.0, 1.0))
        best = int(np.argmax(clear))
        # half of it: in a corner no place 1 cm off is 1 cm from both walls
        return around[best] if clear[best] % 1.0 > CLEAR_M / 4 else None

    def before_facade(self, xy: Floats, heading: float | None) -> Floats | None:
        """Return the place 1 cm before the facade in the heading, or else before the nearest one; None if too far."""
        ways = []
        if heading is not None:
            tip = xy + FARTHEST_M * np.array([np.cos(heading), np.sin(heading)])
            met = shapely.get_coordinates(shapely.intersection(shapely.LineString([xy, tip]), self.facades))
            ways += list(met[np.argsort(np.hypot(*(met - xy).T))][:1])
        nearest = shapely.get_coordinates(shapely.shortest_line(shapely.Point(xy), self.facades))
        ways += list(nearest[1:])
        for facade in ways:
            if np.hypot(*(facade - xy)) <= FARTHEST_M and (free := self.before_wall(facade)) is not None:
                return free
        return None
