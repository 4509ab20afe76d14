"""The system that the places of a gazetteer are in, and the plane in which distances between them are measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gridmap import crs
from gridmap.address.spots import Plane, Point

#: What is farther from the equator is no degrees.
_POLE = 90.0


class Ground(NamedTuple):
    """The system that the places of a table are in."""

    #: as `crs.parse` names it; None for degrees, or where the table does not say
    system: str | None = None

    def degrees(self, x: float, y: float) -> Point:
        """Return a place in degrees."""
        if self.system is None:
            return x, y
        lon, lat = crs.to_wgs84(x, y, self.system)
        return float(lon), float(lat)

    def metres(self, points: Sequence[Point], origin: Point) -> list[Point]:
        """Return places in metres of one plane."""
        if self.system is not None or abs(origin[1]) > _POLE:
            return list(points)
        return Plane(*origin).metres_of(points)

    def from_degrees(self, lon: float, lat: float) -> Point:
        """Return a place in the system of the table."""
        if self.system is None:
            return lon, lat
        x, y = crs.from_wgs84(lon, lat, self.system)
        return float(x), float(y)

    def back(self, point: Point, origin: Point) -> Point:
        """Return the place that `metres` made metres of."""
        if self.system is not None or abs(origin[1]) > _POLE:
            return point
        return Plane(*origin).degrees(*point)
