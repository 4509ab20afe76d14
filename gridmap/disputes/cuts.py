"""Straight cuts through the ground between two lines, and the border that each of them makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: A half plane is drawn so much larger than the ground.
_FAR = 4.0
#: Points that were computed to lie on a line are this near to it, in metres.
_ON_M = 1e-6
#: A cut within this angle of the chord of the lines runs along them, any other across.
_ALONG = np.cos(np.radians(45))


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """All straight cuts of one bearing through the ground between two lines."""

    #: the lines, in metres
    a: Any
    b: Any
    #: the ground between them
    ground: Any
    #: unit vector of the bearing
    along: Floats
    #: unit vector from the side of a towards that of b
    across: Floats
    #: where distances across are nought
    middle: Floats

    @property
    def between(self) -> tuple[float, float]:
        """How far across the ground begins and ends, in metres."""
        offset = (shapely.get_coordinates(self.ground) - self.middle) @ self.across
        return float(offset.min()), float(offset.max())

    def piece(self, at: float) -> Any:
        """The ground on the side of a of the cut so many metres across."""
        reach = _FAR * float(np.hypot(*np.ptp(shapely.get_coordinates(self.ground), axis=0)))
        edge = self.middle + at * self.across
        run, back = reach * self.along, edge - reach * self.across
        return shapely.intersection(self.ground, shapely.polygons([edge - run, edge + run, back + run, back - run]))

    def border(self, at: float) -> Any:
        """The border once that piece has gone to the side of a: along a, over the cut, and along b."""
        outline = shapely.boundary(self.piece(at))
        closed = [shapely.shortest_line(*(shapely.get_point(line, k) for line in (self.a, self.b))) for k in (0, -1)]
        nodes = shapely.get_coordinates(outline)
        moved = _steps(outline).difference(*(_steps(_noded(line, nodes)) for line in closed))
        steps = sorted(_steps(_noded(self.a, nodes)) ^ moved)
        line = shapely.line_merge(shapely.multilinestrings([list(step) for step in steps]))
        if line.geom_type != "LineString":
            return line
        first, last = (shapely.line_locate_point(self.a, shapely.get_point(line, k)) for k in (0, -1))
        return line if first <= last else shapely.reverse(line)


def _steps(line: Any) -> set[tuple[Any, ...]]:
    """The straight pieces of a line, each the same whichever way it runs."""
    points = shapely.get_coordinates(line).tolist()
    _, part = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
    pairs = zip(points[:-1], points[1:], np.diff(part).tolist(), strict=True)
    return {tuple(sorted((tuple(one), tuple(other)))) for one, other, apart in pairs if not apart and one != other}


def _noded(line: Any, points: Floats) -> Any:
    """A line with those of some points that lie on it among its vertices, to the last bit as they are."""
    own = shapely.get_coordinates(line)
    on = points[shapely.distance(shapely.points(points), line) <= _ON_M]
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(own, axis=0).T)))
    order = np.argsort(np.append(along, shapely.line_locate_point(line, shapely.points(on))), kind="stable")
    return shapely.linestrings(np.vstack([own, on])[order])


def cuts(a: Any, b: Any, ground: Any, bearing_deg: float | None) -> Cuts:
    """Return the straight cuts of a bearing through the ground between two lines.

    A cut along the lines leaves a's side on the side of a. One that runs across them leaves it on the left, as one who
    goes in the direction of the bearing sees it; the opposite bearing leaves it on the right.

    Parameters
    ----------
    a, b
        Lines in metres that run the same way.
    ground
        The ground between them.
    bearing_deg
        From the north of the map, clockwise; None: that of the chord of a.

    Raises
    ------
    Nothing

    Examples
    --------
    Across: the border follows b as far as the cut, and a from there on.

    >>> wall, hedge = shapely.linestrings([[[0, 0], [100, 0]], [[0, 10], [100, 10]]])
    >>> cuts(wall, hedge, shapely.box(0, 0, 100, 10), 0).border(-20).wkt
    'LINESTRING (0 10, 30 10, 30 0, 100 0)'
    """
    middle, *ends = (shapely.get_coordinates(shapely.centroid(each))[0] for each in (ground, a, b))
    chord = np.diff(shapely.get_coordinates(a)[[0, -1]], axis=0)[0]
    length = float(np.hypot(*chord))
    turn = np.arctan2(*chord) if bearing_deg is None else np.radians(bearing_deg)
    along = np.array([np.sin(turn), np.cos(turn)])
    right = np.array([along[1], -along[0]])
    if length and abs(along @ chord) >= _ALONG * length:
        right = right if (ends[1] - ends[0]) @ right >= 0 else -right
    return Cuts(a=a, b=b, ground=ground, along=along, across=right, middle=middle)
