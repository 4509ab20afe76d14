"""The plane in which edits are measured: the metric system of the place, and the way back to the last digit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap import crs

Points = npt.NDArray[np.float64]
Shapes = npt.NDArray[Any]

#: Steps of the last digit, each way and per axis, among which the point nearest to a line is looked for.
STEPS = 8
_AROUND = np.stack(np.meshgrid(np.arange(-STEPS, STEPS + 1), np.arange(-STEPS, STEPS + 1)), axis=-1).reshape(-1, 2)
# nearest first, so that of equals the nearest is taken
_AROUND = _AROUND[np.argsort((_AROUND**2).sum(axis=1), kind="stable")]


@dataclass(frozen=True, kw_only=True)
class Plane:
    """From stored coordinates to metres and back."""

    #: system of the stored coordinates
    source: str
    #: metric system of the place
    target: str

    def metres(self, stored: Points) -> Points:
        """Return stored coordinates in metres, shape (n, 2); equal coordinates give equal metres."""
        return _converted(stored, self.source, self.target)

    def stored(self, metres: Points) -> Points:
        """Return metres as stored coordinates, shape (n, 2)."""
        return _converted(metres, self.target, self.source)

    def drawn(self, stored: Shapes) -> Shapes:
        """Return stored geometries in metres, shape (n,)."""
        return np.asarray(shapely.transform(stored, self.metres))

    def reach(self, length_m: float, at: Points) -> float:
        """Return a length in stored units that is not shorter than metres at a place, in any direction."""
        here = self.metres(at[None])
        steps = self.stored(here + length_m * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]))
        return 1.5 * float(np.abs(steps - at).max())

    def straight(self, start: Points, end: Points, near: Points) -> tuple[Points, Points]:
        """Return the point of the line from start to end nearest to another, stored and in metres.

        Edges are straight where areas are measured, in metres. What is stored is rounded, to 1e-9 m in degrees, which
        on a border of kilometres is more than 1 mm2; of the roundings around the point, that nearest to the line is
        taken.

        Parameters
        ----------
        start, end, near
            Points in metres; start and end differ.
        """
        along = end - start
        share = float((near - start) @ along / (along @ along))
        foot = self.stored((start + np.clip(share, 0.0, 1.0) * along)[None])[0]
        stored = foot + _AROUND * np.spacing(np.abs(foot))
        metres = self.metres(stored)
        off = np.abs(along[0] * (metres[:, 1] - start[1]) - along[1] * (metres[:, 0] - start[0]))
        best = int(off.argmin())
        return stored[best], metres[best]


def plane_of(areas: gpd.GeoDataFrame, bounds: Points) -> Plane:
    """Return the plane of a table: that in which `gridmap.crs.to_metric` measures it.

    Parameters
    ----------
    areas
        Table with a CRS.
    bounds
        West, south, east and north of all its geometry.

    Raises
    ------
    CrsError
        If the table says no CRS, or one that cannot be taken to metres.
    """
    source = "" if areas.crs is None else crs.parse(areas.crs)
    return _plane(source, tuple(bounds.tolist()))


@lru_cache(maxsize=256)
def _plane(source: str, bounds: tuple[float, ...]) -> Plane:
    """Return the plane of a system and place; kept, since edits leave the outer border where it is."""
    place = gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=source or None)
    return Plane(source=source, target=crs.parse(crs.to_metric(place).crs))


def _converted(points: Points, source: str, target: str) -> Points:
    """Return points in another system."""
    if source == target:
        return points
    x, y = crs.convert(points[:, 0], points[:, 1], source, target)
    return np.column_stack([x, y])


def place(point: Any) -> str:
    """Return a point as a message shows it.

    Examples
    --------
    >>> place((120.5, 32.0))
    '120.5000000, 32.0000000'
    """
    return f"{float(point[0]):.7f}, {float(point[1]):.7f}"
