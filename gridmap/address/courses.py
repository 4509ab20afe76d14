"""The line of a street, to walk along: so many metres from its beginning, so many to its left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from math import hypot

import shapely

from gridmap.address.spots import PLATE_M, Point

#: A plate this far off a street's line hangs on another street.
OFF_LINE_M = 80.0


class Course:
    """A line to walk along, by its points."""

    def __init__(self, points: Iterable[Point]) -> None:
        self._points = [(x, y) for x, y, *_ in points]
        self._at = [0.0]
        for (x0, y0), (x1, y1) in pairwise(self._points):
            self._at.append(self._at[-1] + hypot(x1 - x0, y1 - y0))
        self.length = self._at[-1]

    @cached_property
    def _line(self) -> shapely.LineString:
        """The line itself, which the straight way between two plates never needs."""
        return shapely.LineString(self._points)

    def point(self, along: float, left: float) -> Point:
        """Return the point so many metres along the line and to its left."""
        row = min(max(bisect_right(self._at, along), 1), len(self._at) - 1) - 1
        (x0, y0), (x1, y1) = self._points[row], self._points[row + 1]
        length = self._at[row + 1] - self._at[row]
        if not length:
            return x0, y0
        east, north = (x1 - x0) / length, (y1 - y0) / length
        on = along - self._at[row]
        return x0 + on * east - left * north, y0 + on * north + left * east

    def locate(self, points: Sequence[Point]) -> list[Point | None]:
        """Return how far along the line and to its left points lie; None for those that do not lie beside the line."""
        places = shapely.points([x for x, _ in points], [y for _, y in points])
        distances = shapely.line_locate_point(self._line, places).tolist()
        return [self._beside(x, y, distance) for (x, y), distance in zip(points, distances, strict=True)]

    def _beside(self, x: float, y: float, along: float) -> Point | None:
        """Return how far along the line and to its left a point lies that is nearest to it so far along."""
        (on_x, on_y), (left_x, left_y) = self.point(along, 0.0), self.point(along, 1.0)
        left = (x - on_x) * (left_x - on_x) + (y - on_y) * (left_y - on_y)
        back_x, back_y = self.point(along, left)
        beside = abs(left) <= OFF_LINE_M and hypot(back_x - x, back_y - y) <= PLATE_M
        return (along, left) if beside else None


def courses(line: shapely.Geometry) -> list[Course]:
    """Return each line that a street is drawn by, those that go on in one another joined."""
    parts = [part for part in shapely.get_parts(shapely.line_merge(line)) if part.length]
    return [Course(shapely.get_coordinates(part).tolist()) for part in parts if part.geom_type == "LineString"]


def along(points: Sequence[Point], lines: list[Course]) -> list[dict[int, Point]]:
    """Return where each plate hangs along and to the left of the lines that it hangs beside, by the line's place."""
    columns = [course.locate(points) for course in lines]
    return [{row: place for row, place in enumerate(places) if place} for places in zip(*columns, strict=True)]


def on_the_way(start: Point, end: Point, share: float) -> Point:
    """Return what lies at a share of the way from one to the other."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
