"""The kernels of `gridmap.tracks`: spikes out of a track, and stops in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.compiling import COMPILED, compiled, inlined


def ready(array: npt.NDArray[Any]) -> Any:
    """The array as the kernels read it fastest: plain Python reads lists."""
    return np.ascontiguousarray(array) if COMPILED else array.tolist()


@inlined
def _apart(a: int, b: int, track: Any, limits: Any) -> Any:
    """Whether nobody can have come from one fix to the other in time."""
    x, y, t = track
    return math.hypot(x[b] - x[a], y[b] - y[a]) > limits[0] * (t[b] - t[a]) + limits[1]


@compiled
def mark_spikes(legs: Any, ends: Any, track: Any, limits: Any, wild: Any) -> int:
    """Mark fixes that both legs to are too fast while the way past them is not; return how many.

    ``legs`` are the fixes, in order, that the leg from the fix before is too fast to; ``ends`` the first and the last
    fix of the run that each of them is in; ``limits`` are speed, slack and the length of the longest spike.
    """
    longest = int(limits[2])
    done, marked = 0, 0
    for number in range(len(legs)):
        at, last = legs[number], ends[1][number]
        if at < done:
            continue
        for after in range(at + 1, min(at + longest, last) + 1):
            if not _apart(at - 1, after, track, limits) and _apart(at, after, track, limits):
                for place in range(at, after):
                    wild[place] = True
                marked += after - at
                done = after + 1
                break
    return marked


@compiled
def mark_stops(first: Any, track: Any, limits: Any, stop: Any) -> int:
    """Number the stops that fixes belong to, -1 for none; return how many stops there are.

    ``first`` are the first fixes of the legs and, last, the number of fixes; ``limits`` are radius, seconds and the
    number of outliers that do not end a stop.
    """
    x, y, t = track
    radius, least, outliers = limits[0], limits[1], int(limits[2])
    count = 0
    for leg in range(len(first) - 1):
        begin, end = first[leg], first[leg + 1]
        while begin < end:
            east, north, members, last, missed = x[begin], y[begin], 1, begin, 0
            for at in range(begin + 1, end):
                if math.hypot(x[at] - east, y[at] - north) <= radius:
                    members += 1
                    east += (x[at] - east) / members
                    north += (y[at] - north) / members
                    last, missed = at, 0
                else:
                    missed += 1
                    if missed > outliers:
                        break
            if last > begin and t[last] - t[begin] >= least:
                for place in range(begin, last + 1):
                    stop[place] = count
                count += 1
                begin = last + 1
            else:
                begin += 1
    return count
