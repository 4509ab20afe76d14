"""The kernel of `gridmap.coverage.uniting`: what a plot has of ground that is seen, by sweeping a line across it.

Between two places at which an outline begins, ends or crosses another, the order of outlines along the sweeping line
stays the same, so that the ground between any two of them is a trapezoid. Nothing is joined and no place is made up:
outlines that lie on one another but for the last digits are as far apart as these say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import compiled, inlined

#: Labels of outlines that are none of a viewshed.
_PLOT, _BUILT = 0, 1
#: Label of the first viewshed.
_FIRST = 2
#: Bands, best first.
_BANDS = 4


@compiled
def measure(plots: Any, built: Any, seen: Any, pairs: Any, told: Any) -> None:
    """Add to ``told`` the ground and the open ground of each plot by column and best band, square metres.

    Parameters
    ----------
    plots, built, seen
        Outlines as of `gridmap.coverage.uniting.rings`: of plots, of what buildings stand on in each, of viewsheds.
    pairs
        First pair of each plot and one after the last; viewshed of each pair; band of each viewshed; whether it counts
        in each column.
    told
        Shape (plots, columns, 4, 2); plots without pairs are left as they are.
    """
    begins, rows, band, counts = pairs
    for plot in range(len(begins) - 1):
        if begins[plot] == begins[plot + 1]:
            continue
        box = _box(plots, plot)
        most = _corners(plots, plot) + _corners(built, plot)
        for pair in range(begins[plot], begins[plot + 1]):
            most += _corners(seen, rows[pair])
        edges, label = out = np.empty((most, 4)), np.empty(most, np.int64)
        count = _gathered(plots, plot, box, _PLOT, out, 0)
        count = _gathered(built, plot, box, _BUILT, out, count)
        for pair in range(begins[plot], begins[plot + 1]):
            count = _gathered(seen, rows[pair], box, _FIRST + pair - begins[plot], out, count)
        who = rows[begins[plot] : begins[plot + 1]], band, counts
        _swept(edges[:count], label[:count], box[2] - box[0], who, told[plot])


@compiled
def _box(shapes: Any, shape: int) -> tuple[float, float, float, float]:
    """Bounds of a shape: west, south, east, north."""
    first, last = shapes[1][shapes[2][shape]], shapes[1][shapes[2][shape + 1]]
    corners = shapes[0][first:last]
    return corners[:, 0].min(), corners[:, 1].min(), corners[:, 0].max(), corners[:, 1].max()


@inlined
def _corners(shapes: Any, shape: int) -> int:
    """Number of corners of a shape."""
    return int(shapes[1][shapes[2][shape + 1]] - shapes[1][shapes[2][shape]])


@compiled
def _gathered(shapes: Any, shape: int, box: Any, name: int, out: Any, count: int) -> int:
    """Write the edges of a shape that matter in a box, relative to its corner; return how many there are then.

    Edges north of the box stop nothing that is swept northwards. Of those south of it only the width matters, so that
    each run of them is one. The north border of the plot matters too.
    """
    west, south, east, north = box
    edges, label = out
    for ring in range(shapes[2][shape], shapes[2][shape + 1]):
        running = False
        for at in range(shapes[1][ring], shapes[1][ring + 1] - 1):
            x0, y0, x1, y1 = shapes[0][at, 0], shapes[0][at, 1], shapes[0][at + 1, 0], shapes[0][at + 1, 1]
            below = max(y0, y1) <= south
            if below and running:
                edges[count - 1, 2], edges[count - 1, 3] = x1 - west, y1 - south
                continue
            running = below
            inside = min(y0, y1) < north and min(x0, x1) < east and max(x0, x1) > west
            if below or inside or name == _PLOT:
                edges[count, 0], edges[count, 1] = x0 - west, y0 - south
                edges[count, 2], edges[count, 3] = x1 - west, y1 - south
                label[count] = name
                count += 1
    return count


@compiled
def _swept(edges: Any, label: Any, wide: float, who: Any, told: Any) -> None:
    """Add the ground between edges, strip by strip from west to east."""
    _turned(edges)
    begins, order, ends = _timetable(edges, wide)
    active, places = np.empty(len(edges), np.int64), np.empty((3, len(edges)))
    state = np.zeros(_FIRST + len(who[0]), np.bool_), np.zeros(told.shape[:2], np.int64)
    crossings = np.empty(16)
    count, following = 0, 0
    for at in range(len(ends) - 1):
        left, right = ends[at], ends[at + 1]
        if right <= left:
            continue
        count = _going_on(edges, active, count, left)
        while following < len(order) and begins[following] <= left:
            active[count] = order[following]
            count += edges[order[following], 2] > left
            following += 1
        _sorted_at(edges, active, places[0], count, (left + right) / 2)
        number, crossings = _crossed(edges, active, count, (left, right), places, crossings)
        for part in range(number + 1):
            begin = left if part == 0 else crossings[part - 1]
            end = right if part == number else crossings[part]
            if number:
                _sorted_at(edges, active, places[0], count, (begin + end) / 2)
            _strip(label, (active, places[0], count), end - begin, who, state, told)


@compiled
def _timetable(edges: Any, wide: float) -> tuple[Any, Any, Any]:
    """Where edges begin, in order, and which these are; and the places in the plot where some begins or ends."""
    order, begins = np.arange(len(edges)), edges[:, 0].copy()
    _ascending(begins, order)
    ends, count = np.empty(2 * len(edges)), 0
    for edge in range(len(edges)):
        for side in (0, 2):
            ends[count] = edges[edge, side]
            count += 0 <= edges[edge, side] <= wide
    ends = ends[:count]
    _ascending(ends, np.arange(count))
    return begins, order, ends


@compiled
def _ascending(key: Any, rows: Any) -> None:
    """Sort keys, and rows with them, by Shell's method: numba takes seconds to compile numpy's own."""
    step = 1
    while 3 * step < len(key):
        step = 3 * step + 1
    while step > 0:
        for at in range(step, len(key)):
            own, row, down = key[at], rows[at], at
            while down >= step and key[down - step] > own:
                key[down], rows[down] = key[down - step], rows[down - step]
                down -= step
            key[down], rows[down] = own, row
        step //= 3


@compiled
def _turned(edges: Any) -> None:
    """Let each edge begin in the west."""
    for edge in range(len(edges)):
        if edges[edge, 0] > edges[edge, 2]:
            x, y = edges[edge, 0], edges[edge, 1]
            edges[edge, 0], edges[edge, 1] = edges[edge, 2], edges[edge, 3]
            edges[edge, 2], edges[edge, 3] = x, y


@compiled
def _going_on(edges: Any, active: Any, count: int, left: float) -> int:
    """Drop the edges that end; return how many go on."""
    kept = 0
    for at in range(count):
        if edges[active[at], 2] > left:
            active[kept] = active[at]
            kept += 1
    return kept


@inlined
def _height(edges: Any, edge: int, x: float) -> float:
    """Place of an edge on the sweeping line."""
    x0, y0, x1, y1 = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
    return float(y0 + (y1 - y0) * ((x - x0) / (x1 - x0)))


@compiled
def _sorted_at(edges: Any, active: Any, place: Any, count: int, x: float) -> None:
    """Sort edges from south to north by where they are at a place, which they nearly are already."""
    for at in range(count):
        edge = active[at]
        own = _height(edges, edge, x)
        down = at
        while down > 0 and place[down - 1] > own:
            place[down], active[down] = place[down - 1], active[down - 1]
            down -= 1
        place[down], active[down] = own, edge


@compiled
def _crossed(edges: Any, active: Any, count: int, strip: Any, places: Any, found: Any) -> tuple[int, Any]:
    """Return how often edges cross within a strip, and where, in order, in an array that has room for it.

    Edges are in order in the middle: those that cross west of it are out of order at the west end, others at the east.
    """
    middle, number = (strip[0] + strip[1]) / 2, 0
    for side in range(2):
        end, there = strip[side], places[1 + side]
        highest = -np.inf
        for at in range(count):
            there[at] = own = _height(edges, active[at], end)
            # one that is still north of all others crosses none of them
            other = at - 1 if own < highest else -1
            highest = max(highest, own)
            while other >= 0:
                if there[other] > own:
                    apart = places[0, at] - places[0, other]
                    found = _with_room(found, number)
                    found[number] = middle + (end - middle) * (apart / (apart + (there[other] - own)))
                    number += 1
                other -= 1
    _ascending(found[:number], np.arange(number))
    return number, found


@compiled
def _with_room(found: Any, number: int) -> Any:
    """Return an array that has room for one more."""
    if number < len(found):
        return found
    more = np.empty(2 * number)
    more[:number] = found
    return more


@compiled
def _strip(label: Any, line: Any, wide: float, who: Any, state: Any, told: Any) -> None:
    """Add the ground of a strip, from south to north: what is seen of it in the plot, and how well at best."""
    active, place, count = line
    rows, band, counts = who
    inside, met = state
    inside[:], met[:] = False, 0
    for at in range(count - 1):
        name = label[active[at]]
        inside[name] = not inside[name]
        if name >= _FIRST:
            row = rows[name - _FIRST]
            for column in range(len(met)):
                if counts[row, column]:
                    met[column, band[row]] += 1 if inside[name] else -1
        if inside[_PLOT]:
            _add(met, (place[at + 1] - place[at]) * wide, not inside[_BUILT], told)


@inlined
def _add(met: Any, ground: float, free: Any, told: Any) -> None:
    """Add ground to the best band of each column."""
    for column in range(len(met)):
        for best in range(_BANDS):
            if met[column, best] > 0:
                told[column, best, 0] += ground
                if free:
                    told[column, best, 1] += ground
                break
