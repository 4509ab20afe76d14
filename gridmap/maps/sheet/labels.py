"""Labels on a map, each where it covers no other and none of the lines that are signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely

from gridmap.maps.sheet.canvas import BLACK, PT_MM, Canvas, Colour
from gridmap.maps.sheet.flow import Box

#: Directions in which a label may stand off its place, the best first: right above, right below, and so on.
_AROUND = ((1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1), (1, 0), (-1, 0))
#: Paper left about a label, in millimetres.
_PAD = 0.3
#: Labels that are farther from their point than this, in millimetres, are led to it by a line.
_LED_MM = 2.5
#: Distances that differ by less, in millimetres, are equal.
_EVEN = 1e-6


#: Left, top, right and bottom.
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a label may stand about its point."""

    #: distance from the point in millimetres; 0 of one that may stand on it
    off: float = 0.0
    #: how many times as far it may go
    reach: int = 2
    #: what it would be taken to name if that were nearer than its point; None: nothing
    rivals: Any = None


@dataclass(kw_only=True)
class Labels:
    """Labels of one map."""

    #: where they are written
    canvas: Canvas
    #: where they may stand
    frame: Box
    #: lines that no label covers, in millimetres of the page
    lines: Any
    #: what is taken: left, top, right, bottom
    taken: list[Rectangle] = field(default_factory=list)
    #: lines that lead from labels to what they name
    led: list[Any] = field(default_factory=list)

    def put(
        self, at: tuple[float, float], text: str, size: float, *, colour: Colour = BLACK, place: Place = Place()
    ) -> bool:
        """Write a clean text near a point of the page and return True, or leave it out where it would cover a line."""
        wide = self.canvas.width(text, size) + 2 * _PAD
        high = size * PT_MM * 1.1 + 2 * _PAD
        free = [box for box in _choices(at, wide, high, place) if self._free(box)]
        box = next((box for box in free if self._clear(at, box) and not _misleads(at, box, place)), None)
        if box is None:
            return False
        lead = _lead(at, box)
        if lead is not None:
            self.canvas.pen(0.1, BLACK)
            self.canvas.lines(lead)
            self.led.append(lead)
        self.taken.append(box)
        self.canvas.pdf.set_fill_color(255, 255, 255)
        self.canvas.pdf.rect(box[0], box[1], wide, high, style="F")
        self.canvas.text(box[0] + _PAD, (box[1] + box[3]) / 2, text, size, colour)
        return True

    def _clear(self, at: tuple[float, float], box: Rectangle) -> bool:
        """Whether a label at a place covers no line, and the line that leads to it no label."""
        room, lead = shapely.box(*box), _lead(at, box)
        if shapely.intersects(room, self.lines) or shapely.intersects(room, self.led).any():
            return False
        return lead is None or not any(shapely.intersects(lead, shapely.box(*other)) for other in self.taken)

    def _free(self, box: Rectangle) -> bool:
        """Whether a place is in the frame and nobody's."""
        left, top, right, bottom = box
        room = self.frame
        if left < room.x or top < room.y or right > room.x + room.width or bottom > room.bottom:
            return False
        return not any(left < r and right > x and top < b and bottom > y for x, y, r, b in self.taken)


def _misleads(at: tuple[float, float], box: Rectangle, place: Place) -> bool:
    """Whether a label that no line leads from is nearer to something else than to its point."""
    if place.rivals is None or _lead(at, box) is not None:
        return False
    room = shapely.box(*box)
    return bool(shapely.distance(room, place.rivals) < shapely.distance(room, shapely.Point(at)) - _EVEN)


def _lead(at: tuple[float, float], box: Rectangle) -> Any:
    """The line from a label to what it names; None where it stands near."""
    line = shapely.shortest_line(shapely.Point(at), shapely.box(*box))
    return line if shapely.length(line) > _LED_MM else None


def _choices(at: tuple[float, float], wide: float, high: float, place: Place) -> list[Rectangle]:
    """Places of a label about a point, the nearest first."""
    x, y = at
    middles = [(x, y)] if place.off == 0 else []
    for step in range(1, place.reach + 1):
        far = max(place.off, 1.0) * step
        middles += [(x + dx * (wide / 2 + far), y + dy * (high / 2 + far)) for dx, dy in _AROUND]
    return [(mx - wide / 2, my - high / 2, mx + wide / 2, my + high / 2) for mx, my in middles]
