"""The kernel of `gridmap.visibility.sweep.wedges` and `sweeping`: walls from near to far, and their upper envelope.

Cells of the grid are visited in rings around the camera. Walls that stop the sight are noted in bins of direction, each
with the nearness up to which it is wholly hidden: cells and walls behind that are passed over, and rings beyond all
bins are not visited.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridmap.compiling import compiled, inlined
from gridmap.visibility.sweep.shadows_kernel import shaded
from gridmap.visibility.sweep.wedges import HIDES, NARROW, SHOWS, STOPS

#: Bins of direction in a wedge: narrower than most walls, few enough to be read at every ring.
_BINS = 64
#: Share by which a wall may be farther than what hides it and is still looked at: some roundings.
_SLACK = 1e-12


@compiled
def sweep(scene: Any, wedges: Any, begin: int, out: Any) -> tuple[int, int]:
    """Write the spans of wedges from one on; return the first wedge for which there was no room, and their number."""
    edges = scene[0]
    most = len(edges)
    walls = (np.empty((most, 4)), np.empty(most, np.int64), np.empty(most, np.int64))
    work = (np.empty(_BINS), np.zeros(most, np.int64), np.empty(most, np.int64))
    spans = (np.empty((2 * most + 1, 2)), np.empty(2 * most + 1, np.int64))
    count = 0
    for wedge in range(begin, len(wedges[0])):
        camera = (
            wedges[0][wedge, 0], wedges[0][wedge, 1], wedges[1][wedge, 0], wedges[1][wedge, 1],
            wedges[2][wedge], wedges[3][wedge], wedges[4][wedge], wedges[5][wedge],
        )  # fmt: skip
        number, low = _gather(scene, camera, walls, work, wedge + 1)
        found = _envelope(walls, number, camera[4], spans, work[2])
        over = wedges[6][wedge]
        if low or over > 0:
            after = shaded(walls, number, (spans, found, over), (camera[4], wedge), out, count)
        else:
            after = _copied(walls, spans, found, wedge, out, count)
        if after > len(out[0]):
            return wedge, count
        count = after
    return len(wedges[0]), count


@compiled
def _copied(walls: Any, spans: Any, found: int, wedge: int, out: Any, count: int) -> int:
    """Write an envelope as it is; return how many spans there would be then."""
    if count + found > len(out[0]):
        return len(out[0]) + 1
    for at in range(found):
        wall = spans[1][at]
        t0, t1 = spans[0][at, 0], spans[0][at, 1]
        out[0][count + at] = wedge
        out[1][count + at, 0], out[1][count + at, 1] = t0, t1
        out[2][count + at, 0], out[2][count + at, 1] = 0.0, 0.0
        out[3][count + at, 0] = _at(walls[0], wall, t0) if wall >= 0 else 0.0
        out[3][count + at, 1] = _at(walls[0], wall, t1) if wall >= 0 else 0.0
        out[4][count + at] = walls[1][wall] if wall >= 0 else -1
    return count + found


@inlined
def _at(places: Any, wall: int, t: float) -> Any:
    """Nearness of a wall in a direction."""
    t0, t1, w0, w1 = places[wall]
    return w0 + min(max((t - t0) / (t1 - t0), 0.0), 1.0) * (w1 - w0)


@compiled
def _gather(scene: Any, camera: Any, walls: Any, work: Any, mark: int) -> tuple[int, bool]:
    """Lay out the walls of a wedge that may be seen; return their number, and whether any is low."""
    bins = work[0]
    x, y, slope, reach = camera[0], camera[1], camera[4], camera[5]
    west, south, cell = scene[4]
    for place in range(_BINS):
        bins[place] = 1.0 / reach
    column, row = math.floor((x - west) / cell), math.floor((y - south) / cell)
    aside = min(
        x - west - column * cell, west + (column + 1) * cell - x, y - south - row * cell, south + (row + 1) * cell - y
    )
    number, low = 0, False
    for ring in range(int(reach / cell) + 2):
        near = (ring - 1) * cell + aside
        # what a bin hides lies beyond x = 1 / w, and at most so far off
        if ring > 0 and (near > reach or (near > 0 and bins.min() * near > math.sqrt(1 + slope * slope))):
            break
        for i in range(max(column - ring, 0), min(column + ring, scene[5][0] - 1) + 1):
            step = 1 if ring == 0 or abs(i - column) == ring else 2 * ring
            for j in range(row - ring, row + ring + 1, step):
                if j < 0 or j >= scene[5][1]:
                    continue
                at = i * scene[5][1] + j
                if scene[2][at] < scene[2][at + 1] and _may_see((i, j, ring), scene[4], camera, bins):
                    number, low = _take_cell(scene, at, camera, walls, work, (number, low, mark))
    return _kept(walls, number, bins, slope), low


@inlined
def _may_see(place: Any, frame: Any, camera: Any, bins: Any) -> bool:
    """Tell whether something of a cell may lie in the wedge before all that hides it."""
    i, j, ring = place
    west, south, cell = frame
    dx, dy = west + (i + 0.5) * cell - camera[0], south + (j + 0.5) * cell - camera[1]
    x, y = dx * camera[2] + dy * camera[3], dy * camera[2] - dx * camera[3]
    slope, reach, half = camera[4], camera[5], cell * math.sqrt(0.5)
    if ring <= 1:
        return True
    wide = half * math.sqrt(1 + slope * slope)
    if x * x + y * y > (reach + half) ** 2 or y - slope * x > wide or -y - slope * x > wide:
        return False
    if x <= half:
        return True
    right = (y - half) / (x + half if y > half else x - half)
    left = (y + half) / (x - half if y > -half else x + half)
    first, last = _bin(right, slope), _bin(left, slope)
    nearness = 1.0 / (x - half)
    for at in range(first, last + 1):  # noqa: SIM110 - the compiler knows no generators
        if nearness > bins[at]:
            return True
    return False


@inlined
def _bin(t: float, slope: float) -> int:
    """Bin of a direction, the outermost for one outside."""
    return int(min(max((t + slope) * (_BINS / (2 * slope)), 0.0), _BINS - 1.0))


@inlined
def _take_cell(scene: Any, cell: int, camera: Any, walls: Any, work: Any, state: Any) -> tuple[int, bool]:
    """Lay out the walls of a cell that were not looked at yet."""
    number, low, mark = state
    stamp = work[1]
    for entry in range(scene[2][cell], scene[2][cell + 1]):
        wall = scene[3][entry]
        if stamp[wall] == mark:
            continue
        stamp[wall] = mark
        kind = _laid_out(scene, wall, camera, walls[0], number)
        if kind < -1 or not _in_front(walls[0], number, work[0], camera[4]):
            continue
        walls[1][number] = wall
        walls[2][number] = kind
        if kind == STOPS:
            _hide(walls[0], number, work[0], camera[4])
        else:
            low = True
        number += 1
    return number, low


@inlined
def _laid_out(scene: Any, wall: int, camera: Any, places: Any, number: int) -> int:
    """Write a wall by direction and nearness; return what it is to the sight, less than -1 for nothing."""
    top, high, target = scene[1][wall], camera[6], camera[7]
    px, py = scene[0][wall, 0] - camera[0], scene[0][wall, 1] - camera[1]
    qx, qy = scene[0][wall, 2] - camera[0], scene[0][wall, 3] - camera[1]
    faces = px * qy - py * qx
    if top <= target or faces == 0 or (faces > 0 and top >= high):
        return -2
    if faces < 0:
        px, py, qx, qy = qx, qy, px, py
    far = (high - target) / (high - top) if faces > 0 else 1.0
    c, s = camera[2], camera[3]
    right, left = (px * c + py * s, py * c - px * s), (qx * c + qy * s, qy * c - qx * s)
    if not _cut(right, left, camera[5] / far, camera[4], places[number]):
        return -2
    places[number, 2] /= far
    places[number, 3] /= far
    return SHOWS if faces > 0 else (HIDES if top < high else STOPS)


@inlined
def _cut(a: Any, b: Any, reach: float, slope: float, out: Any) -> bool:
    """Write a wall cut to the disc and to the sides of the wedge; tell whether anything is left."""
    ax, ay, bx, by = a[0], a[1], b[0], b[1]
    dx, dy = bx - ax, by - ay
    length2, limit2 = dx * dx + dy * dy, reach * reach
    off2 = (ax * by - ay * bx) ** 2 / length2
    if off2 >= limit2:
        return False
    if ax * ax + ay * ay > limit2 or bx * bx + by * by > limit2:
        foot, half = -(ax * dx + ay * dy) / length2, math.sqrt((limit2 - off2) / length2)
        first, last = max(foot - half, 0.0), min(foot + half, 1.0)
        if last <= first:
            return False
        if bx * bx + by * by > limit2:
            bx, by = ax + last * dx, ay + last * dy
        if ax * ax + ay * ay > limit2:
            ax, ay = ax + first * dx, ay + first * dy
    return _between_sides((ax, ay), (bx, by), slope, out)


@inlined
def _between_sides(a: Any, b: Any, slope: float, out: Any) -> bool:
    """Write a wall cut to the sides of the wedge; tell whether anything is left."""
    ax, ay, bx, by = a[0], a[1], b[0], b[1]
    fa, fb = ay + slope * ax, by + slope * bx
    if fa < 0:
        if fb <= 0:
            return False
        ax += fa / (fa - fb) * (bx - ax)
        ay = -slope * ax
    ga, gb = slope * ax - ay, slope * bx - by
    if ga < 0 or (gb < 0 and ga <= 0):
        return False
    if gb < 0:
        bx = ax + ga / (ga - gb) * (bx - ax)
        by = slope * bx
    if ax <= 0 or bx <= 0:
        return False
    t0, t1 = max(ay / ax, -slope), min(by / bx, slope)
    t0 = -slope if t0 + slope < NARROW else t0
    t1 = slope if slope - t1 < NARROW else t1
    out[0], out[1], out[2], out[3] = t0, t1, 1.0 / ax, 1.0 / bx
    return t1 - t0 > NARROW


@inlined
def _in_front(places: Any, wall: int, bins: Any, slope: float) -> bool:
    """Tell whether some of a wall may lie before what hides it in its bins."""
    nearest = max(places[wall, 2], places[wall, 3]) * (1 + _SLACK)
    for at in range(_bin(places[wall, 0], slope), _bin(places[wall, 1], slope) + 1):  # noqa: SIM110 - as above
        if nearest >= bins[at]:
            return True
    return False


@inlined
def _hide(places: Any, wall: int, bins: Any, slope: float) -> None:
    """Note in the bins that a wall fills from side to side up to which nearness it hides all."""
    t0, t1, w0, w1 = places[wall]
    wide = 2 * slope / _BINS
    first, last = math.ceil((t0 + slope) / wide), int((t1 + slope) / wide)
    rise = (w1 - w0) / (t1 - t0)
    for at in range(first, min(last, _BINS)):
        right = w0 + rise * (at * wide - slope - t0)
        farthest = min(right, right + rise * wide)
        bins[at] = max(bins[at], farthest)


@compiled
def _kept(walls: Any, number: int, bins: Any, slope: float) -> int:
    """Leave out the walls that walls found after them hide; return how many remain."""
    kept = 0
    for wall in range(number):
        if _in_front(walls[0], wall, bins, slope):
            walls[0][kept] = walls[0][wall]
            walls[1][kept], walls[2][kept] = walls[1][wall], walls[2][wall]
            kept += 1
    return kept


@compiled
def _envelope(walls: Any, number: int, slope: float, spans: Any, active: Any) -> int:
    """Write which wall that stops the sight is nearest, from right to left; return the number of spans."""
    places = walls[0]
    order = np.argsort(places[:number, 0])
    found, top, here, live = 0, -1, -slope, 0
    for place in range(number + 1):
        begin = places[order[place], 0] if place < number else slope
        while top >= 0 and places[top, 1] <= begin:
            found = _note(spans, found, here, places[top, 1], top)
            here = places[top, 1]
            live, top = _next(places, active, live, here)
        if place < number and walls[2][order[place]] == STOPS:
            active[live] = order[place]
            live += 1
            if top < 0 or _nearer(places, order[place], top, begin):
                found = _note(spans, found, here, begin, top)
                here, top = max(begin, here), order[place]
    return _note(spans, found, here, slope, top)


@compiled
def _note(spans: Any, found: int, t0: float, t1: float, wall: int) -> int:
    """Write a span unless it is too narrow; the same wall again makes the last one longer."""
    if t1 - t0 <= NARROW:
        return found
    if found > 0 and spans[1][found - 1] == wall:
        spans[0][found - 1, 1] = t1
        return found
    spans[0][found, 0], spans[0][found, 1], spans[1][found] = t0, t1, wall
    return found + 1


@compiled
def _nearer(places: Any, one: int, other: int, t: float) -> Any:
    """Tell whether a wall is nearer than another to the left of a direction; equal ones by where the first ends."""
    near, far = _at(places, one, t), _at(places, other, t)
    if abs(near - far) > _SLACK * max(near, far):
        return near > far
    end = min(places[one, 1], places[other, 1])
    return _at(places, one, end) > _at(places, other, end)


@compiled
def _next(places: Any, active: Any, live: int, t: float) -> tuple[int, int]:
    """Drop the walls that have ended; return how many remain, and the nearest of them."""
    kept, top = 0, -1
    for at in range(live):
        wall = active[at]
        if places[wall, 1] > t:
            active[kept] = wall
            kept += 1
            if top < 0 or _nearer(places, wall, top, t):
                top = wall
    return kept, top
