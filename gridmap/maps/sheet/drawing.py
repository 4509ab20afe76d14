"""The map of a sheet: ground, lines, points and their labels at an exact scale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gridmap.maps.sheet.canvas import BLACK, GREY, Canvas, Colour
from gridmap.maps.sheet.labels import Labels, Place
from gridmap.maps.sheet.paper import View
from gridmap.maps.sheet.scene import Line, Scene

#: Lines of claims are 0.3 mm wide (GB/T 17796); candidates are bolder, everything else finer.
CLAIM_MM, CANDIDATE_MM, FINE_MM = 0.3, 0.45, 0.12
CONTESTED: Colour = (255, 238, 150)
GAP: Colour = (214, 226, 236)
BUILDING: Colour = (205, 205, 205)
_HATCH: Colour = (190, 150, 30)
_GAP_HATCH: Colour = (110, 140, 165)
#: Distance of hatch lines, and dashes of a line where it runs on another's, in millimetres.
HATCH_MM, _SHARED = 2.2, (2.0, 2.0)
#: Corners nearer to a straight line than this, in millimetres of the paper, cannot be seen.
_UNSEEN_MM = 0.004
#: Borders that run within this of each other, in millimetres of the paper, are drawn as one line of two colours.
_TOGETHER_MM = 0.05
#: Most points that are labelled, and most cells.
_MOST_LABELS, _MOST_CELLS = 60, 12
#: Where labels may stand; none ever on a line, and numbers of points nowhere but near.
_NAME, _NUMBER = Place(off=1.2, reach=8), Place(off=0.7)
_CELL, _PARTY = Place(reach=6), Place(reach=12)
#: Longest names of candidates and of parties on the map, in millimetres; longer ones are cut.
_NAME_MM, _PARTY_MM = 40.0, 60.0
#: Radius of the mark of a boundary point.
_POINT_MM = 0.5
#: Least distance of the marks of two points.
_SPACING_MM = 1.5


def draw(canvas: Canvas, view: View, shown: Scene) -> int:
    """Draw the ground and the lines, and return how many boundary points in the frame bear no label.

    Raises
    ------
    Nothing
    """
    for cells, colour, pen, turn in ((shown.gaps, GAP, _GAP_HATCH, -1), (shown.contested, CONTESTED, _HATCH, 1)):
        ground = view.shown(shapely.union_all(cells.geometry.to_numpy()))
        canvas.fill(ground, colour)
        hatch(canvas, ground, pen, turn)
    _objects(canvas, view, shown)
    claims = [_outline(line, view) for line in shown.claims]
    _claims(canvas, shown, claims)
    for line in shown.candidates:
        canvas.pen(CANDIDATE_MM, line.look.colour, line.look.dash)
        canvas.lines(_seen(view, line.shape))
    points = _points(canvas, view, shown)
    every = shapely.union_all([*claims, *(_seen(view, line.shape) for line in shown.candidates)])
    labels = Labels(canvas=canvas, frame=view.frame, lines=every)
    _candidate_names(labels, view, shown)
    _cell_names(labels, view, shown)
    _party_names(labels, view, shown, claims)
    return _numbers(labels, points)


def hatch(canvas: Canvas, ground: Any, colour: Colour, turn: int) -> None:
    """Hatch ground in millimetres of the page, upwards to the right (1) or to the left (-1): greys tell it too.

    Raises
    ------
    Nothing
    """
    if shapely.area(ground) == 0:
        return
    left, top, right, bottom = shapely.bounds(ground)
    high = bottom - top
    starts = np.arange(np.floor((left - high) / HATCH_MM) * HATCH_MM, right, HATCH_MM)
    down, up = np.full_like(starts, bottom), np.full_like(starts, top)
    begin, end = (down, up) if turn > 0 else (up, down)
    lines = shapely.linestrings(np.stack([np.c_[starts, begin], np.c_[starts + high, end]], axis=1))
    canvas.pen(FINE_MM, colour)
    canvas.lines(_lineal(shapely.intersection(shapely.multilinestrings(lines), ground)))


def _seen(view: View, shape: Any) -> Any:
    """What of a line lies in the frame, without corners that nobody can see."""
    return _lineal(shapely.simplify(view.shown(shape), _UNSEEN_MM))


def _outline(line: Line, view: View) -> Any:
    """A claimed line, or the outline of claimed ground, in the frame; never the frame's own edge."""
    areal = shapely.get_dimensions(line.shape) == 2  # noqa: PLR2004 - a polygon's
    return _seen(view, shapely.boundary(line.shape) if areal else line.shape)


def _lineal(shape: Any) -> Any:
    """The lines of a shape; points where it touches are dropped."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multilinestrings(parts[shapely.get_dimensions(parts) == 1])


def _claims(canvas: Canvas, shown: Scene, outlines: list[Any]) -> None:
    """Lines of the parties; where one runs on another's, both colours show in turn."""
    drawn: list[Any] = []
    for line, outline in zip(shown.claims, outlines, strict=True):
        near = shapely.buffer(shapely.union_all(drawn), _TOGETHER_MM, quad_segs=2) if drawn else shapely.Polygon()
        canvas.pen(CLAIM_MM, line.look.colour, line.look.dash)
        canvas.lines(_lineal(shapely.difference(outline, near)))
        canvas.pen(CLAIM_MM, line.look.colour, _SHARED)
        canvas.lines(shapely.line_merge(_lineal(shapely.intersection(outline, near))))
        drawn.append(outline)


def _objects(canvas: Canvas, view: View, shown: Scene) -> None:
    """Buildings and other objects in the disputed ground."""
    canvas.pen(FINE_MM, GREY)
    for kind, shape in zip(shown.objects["kind"], shown.objects.geometry, strict=True):
        seen = view.shown(shape)
        if kind == "building":
            canvas.fill(seen, BUILDING)
        for part in shapely.get_parts(shapely.get_parts(seen)):
            if part.geom_type == "Point" and not part.is_empty:
                thing(canvas, part.x, part.y)
            elif not part.is_empty:
                canvas.lines(part)


def thing(canvas: Canvas, x: float, y: float) -> None:
    """Draw the mark of a tree, a well, a grave: a small triangle.

    Raises
    ------
    Nothing
    """
    canvas.pen(FINE_MM * 1.5, GREY)
    canvas.pdf.set_fill_color(255, 255, 255)
    canvas.pdf.polygon([(x - 0.9, y + 0.7), (x + 0.9, y + 0.7), (x, y - 0.9)], style="DF")


def point(canvas: Canvas, x: float, y: float) -> None:
    """Draw a boundary point.

    Raises
    ------
    Nothing
    """
    canvas.pen(0.15, BLACK)
    canvas.pdf.set_fill_color(255, 255, 255)
    canvas.pdf.circle(x, y, _POINT_MM, style="DF")


def _points(canvas: Canvas, view: View, shown: Scene) -> list[tuple[str, float, float]]:
    """Boundary points in the frame: name and place on the page."""
    if shown.points.empty:
        return []
    table = shown.points.drop_duplicates(["candidate", "name"])
    places = view.paper(table[["y_east", "x_north"]].to_numpy())
    room = view.frame
    x, y = places.T
    inside = (x >= room.x) & (x <= room.x + room.width) & (y >= room.y) & (y <= room.bottom)
    found = [
        (str(name), float(px), float(py)) for name, (px, py) in zip(table["name"][inside], places[inside], strict=True)
    ]
    for px, py in _apart([(px, py) for _, px, py in found]):
        point(canvas, px, py)
    return found


def _apart(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places without those that are too near the one before: their marks would hide the line."""
    kept: list[tuple[float, float]] = []
    for place in places:
        if not kept or np.hypot(place[0] - kept[-1][0], place[1] - kept[-1][1]) >= _SPACING_MM:
            kept.append(place)
    return kept


def _candidate_names(labels: Labels, view: View, shown: Scene) -> None:
    """Number and name of each candidate, each at another part of its line; the number alone where there is no room."""
    every = [shapely.line_merge(_seen(view, line.shape)) for line in shown.candidates]
    for k, (line, seen) in enumerate(zip(shown.candidates, every, strict=True), start=1):
        if seen.is_empty:
            continue
        beside = replace(_NAME, rivals=shapely.union_all([*every[: k - 1], *every[k:]]))
        longest = max(shapely.get_parts(seen), key=shapely.length)
        middle = shapely.line_interpolate_point(longest, k / (len(shown.candidates) + 1), normalized=True)
        place, name = (middle.x, middle.y), labels.canvas.fit(f"{line.number} {line.name}", 8, _NAME_MM)
        if not labels.put(place, name, 8, place=beside):
            labels.put(place, str(line.number), 8, place=beside)


def _cell_names(labels: Labels, view: View, shown: Scene) -> None:
    """Names of contested ground and of gaps, each once."""
    named: set[str] = set()
    for cells in (shown.contested, shown.gaps):
        for name, shape in list(zip(cells["id"].astype(str), cells.geometry, strict=True))[:_MOST_CELLS]:
            seen = view.shown(shape)
            if name not in named and shapely.area(seen) > 0:
                named.add(name)
                labels.put(_middle(seen, labels.lines), name, 7, place=_CELL)


def _party_names(labels: Labels, view: View, shown: Scene, outlines: list[Any]) -> None:
    """Name of each party, on the ground that it alone claims, or else at its line."""
    for line, outline in zip(shown.claims, outlines, strict=True):
        own = shown.agreed.geometry.to_numpy()[shown.agreed["parties"].to_numpy() == line.name]
        ground = view.shown(shapely.union_all(own))
        place = shapely.point_on_surface(ground if shapely.area(ground) > 0 else outline)
        if not place.is_empty:
            name = labels.canvas.fit(line.name, 9, _PARTY_MM)
            labels.put((place.x, place.y), name, 9, colour=line.look.colour, place=_PARTY)


def _middle(ground: Any, lines: Any) -> tuple[float, float]:
    """The middle of the largest circle in ground that no line crosses."""
    # of all lines of the sheet only those near this ground are worth the work
    west, south, east, north = shapely.bounds(ground)
    reach = 2 * CANDIDATE_MM
    near = shapely.clip_by_rect(lines, west - reach, south - reach, east + reach, north + reach)
    free = shapely.difference(ground, shapely.buffer(near, CANDIDATE_MM, quad_segs=2))
    parts = shapely.get_parts(free if shapely.area(free) > 0 else ground)
    largest = parts[int(shapely.area(parts).argmax())]
    circle = shapely.maximum_inscribed_circle(largest, tolerance=_SPACING_MM / 4)
    x, y = shapely.get_coordinates(circle)[0]
    return float(x), float(y)


def _numbers(labels: Labels, points: list[tuple[str, float, float]]) -> int:
    """Numbers of boundary points, so many as find room; how many do not."""
    if not points:
        return 0
    step = -(-len(points) // _MOST_LABELS)
    alone = replace(_NUMBER, rivals=shapely.multipoints([(x, y) for _, x, y in points]))
    put = [labels.put((x, y), name, 5.5, place=alone) for name, x, y in points[::step]]
    return len(points) - sum(put)
