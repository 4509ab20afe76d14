"""The kernel of `gridmap.visibility.sweep.shadows`: ground before walls that stop the sight, and between low ones.

From right to left, between neighbouring directions at which a wall begins or ends. Where the order of walls on the
right of such a slab is not that on its left, it is divided at the crossings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import compiled
from gridmap.visibility.sweep.wedges import NARROW, STOPS

#: What a wall that stops the sight adds to the count of low buildings: nothing brings it back to nought.
_NEVER = 1 << 40


@compiled
def shaded(walls: Any, number: int, envelope: Any, wedge: Any, out: Any, count: int) -> Any:
    """Write the ground in sight of one wedge; return how many spans there would be then."""
    curves, owner, adds = _curves(walls, number, envelope)
    most = len(adds)
    times = np.sort(np.concatenate((curves[:, 0], curves[:, 1], np.array([-wedge[0], wedge[0]]))))
    order = np.argsort(curves[:, 0])
    active = np.empty(most, np.int64)
    runs = (
        np.empty((most + 2, 2), np.int64),
        np.empty(most + 2),
        np.empty((most + 2, 2), np.int64),
        np.empty(most + 2),
    )
    state = np.zeros(2, np.int64)
    live, next_ = 0, 0
    here = times[0]
    for end in times[1:]:
        if end - here <= NARROW:
            continue
        middle = (here + end) / 2
        live = _ended(curves, active, live, middle)
        while next_ < most and curves[order[next_], 0] < middle:
            if curves[order[next_], 1] > middle:
                active[live] = order[next_]
                live += 1
            next_ += 1
        left = here
        for at in _divided(curves, active[:live], here, end):
            count = _stretch(
                curves, (active[:live], adds, envelope[2]), (left, at), runs, state, (owner, wedge[1], out, count)
            )
            left = at
        here = end
    return _closed(curves, runs, state, here, (owner, wedge[1], out, count))


@compiled
def _curves(walls: Any, number: int, envelope: Any) -> tuple[Any, Any, Any]:
    """Low walls and the seen parts of the others: their places, their rows, and what each adds to the count."""
    spans, found, _ = envelope
    curves = np.empty((number + found, 4))
    owner, adds = np.empty(number + found, np.int64), np.empty(number + found, np.int64)
    count = 0
    for wall in range(number):
        if walls[2][wall] != STOPS:
            curves[count], owner[count], adds[count] = walls[0][wall], walls[1][wall], walls[2][wall]
            count += 1
    for at in range(found):
        wall = spans[1][at]
        if wall >= 0:
            t0, t1 = spans[0][at, 0], spans[0][at, 1]
            curves[count, 0], curves[count, 1] = t0, t1
            curves[count, 2], curves[count, 3] = _at(walls[0], wall, t0), _at(walls[0], wall, t1)
            owner[count], adds[count] = walls[1][wall], _NEVER
            count += 1
    return curves[:count], owner[:count], adds[:count]


@compiled
def _at(places: Any, wall: int, t: float) -> Any:
    """Nearness of a wall in a direction."""
    t0, t1, w0, w1 = places[wall]
    return w0 + min(max((t - t0) / (t1 - t0), 0.0), 1.0) * (w1 - w0)


@compiled
def _ended(curves: Any, active: Any, live: int, t: float) -> int:
    """Drop the walls that ended before a direction; return how many remain."""
    kept = 0
    for at in range(live):
        if curves[active[at], 1] > t:
            active[kept] = active[at]
            kept += 1
    return kept


@compiled
def _ranked(curves: Any, active: Any, t: float) -> None:
    """Put walls in the order in which a ray meets them; they are nearly in it."""
    for at in range(1, len(active)):
        wall, near, place = active[at], _at(curves, active[at], t), at
        while place > 0 and _at(curves, active[place - 1], t) < near:
            active[place] = active[place - 1]
            place -= 1
        active[place] = wall


@compiled
def _divided(curves: Any, active: Any, right: float, left: float) -> Any:
    """Directions at which a slab ends or its walls cross, ascending."""
    _ranked(curves, active, (right + left) / 2)
    crossed = False
    for at in range(1, len(active)):
        for t in (right, left):
            crossed |= _at(curves, active[at], t) > _at(curves, active[at - 1], t)
    if not crossed:
        return np.array([left])
    times = np.empty(len(active) * len(active) // 2 + 1)
    count = 0
    for at in range(len(active)):
        for other in range(at):
            before = _at(curves, active[at], right) - _at(curves, active[other], right)
            after = _at(curves, active[at], left) - _at(curves, active[other], left)
            if before * after < 0:
                t = right + before / (before - after) * (left - right)
                if t - right > NARROW and left - t > NARROW:
                    times[count] = t
                    count += 1
    times[count] = left
    return np.sort(times[: count + 1])


@compiled
def _stretch(curves: Any, among: Any, between: Any, runs: Any, state: Any, sink: Any) -> Any:
    """Find what is in sight between two directions; go on with what began before, write what ends."""
    active, adds, over = among
    right, left = between
    middle = (right + left) / 2
    if left - right <= NARROW:
        return sink[3]
    _ranked(curves, active, middle)
    pairs, since, new_pairs, new_since = runs
    total, fresh, inner, near = over, 0, -1, np.inf
    for at in range(len(active) + 1):
        outer = active[at] if at < len(active) else -1
        far = _at(curves, outer, middle) if outer >= 0 else 0.0
        if total == 0 and near * (1 - NARROW) > far:
            new_pairs[fresh, 0], new_pairs[fresh, 1], new_since[fresh] = inner, outer, right
            fresh += 1
        if outer >= 0:
            total += adds[outer]
        inner, near = outer, far
    count = sink[3]
    for old in range(state[0]):
        if not _goes_on(pairs[old], since[old], (new_pairs, new_since, fresh)):
            count = _write(curves, pairs[old], (since[old], right), sink, count)
    pairs[:fresh], since[:fresh] = new_pairs[:fresh], new_since[:fresh]
    state[0] = fresh
    return count


@compiled
def _goes_on(pair: Any, since: float, runs: Any) -> bool:
    """Tell whether a stretch between the same walls follows, and let it have begun where this one did."""
    for at in range(runs[2]):
        if runs[0][at, 0] == pair[0] and runs[0][at, 1] == pair[1]:
            runs[1][at] = since
            return True
    return False


@compiled
def _closed(curves: Any, runs: Any, state: Any, end: float, sink: Any) -> Any:
    """Write what is still in sight at the left side of the wedge."""
    count = sink[3]
    for old in range(state[0]):
        count = _write(curves, runs[0][old], (runs[1][old], end), sink, count)
    return count


@compiled
def _write(curves: Any, pair: Any, between: Any, sink: Any, count: int) -> int:
    """Write a span if there is room; return how many there would be then."""
    owner, wedge, out, _ = sink
    if count < len(out[0]):
        out[0][count] = wedge
        for end in range(2):
            out[1][count, end] = between[end]
            out[2][count, end] = _at(curves, pair[0], between[end]) if pair[0] >= 0 else 0.0
            out[3][count, end] = _at(curves, pair[1], between[end]) if pair[1] >= 0 else 0.0
        out[4][count] = owner[pair[1]] if pair[1] >= 0 else -1
    return count + 1
