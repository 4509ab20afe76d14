"""Ways between states, and visits laid onto main streets, written out for numba.

`paths.pieces`, `visits.joined` and `visits.onto` say what they are and give the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.compiling import compiled
from gridmap.tracks.matching.pairs_kernel import between


@compiled
def ways(net: Any, table: Any, places: Any, most_nodes: int, answer: Any) -> int:  # noqa: C901, PLR0912 (calls cost more than the work)
    """Fill step, edge, and metres at which it is left and reached, in the order walked; return how many there are.

    What is beyond the length of the answer is counted and not filled in.
    """
    first, last, length, begin, at_edge, at_end = net
    one, along, other, to_along = places
    step, edge, leaves, reaches = answer
    room = step.shape[0]
    count = 0
    for i in range(one.shape[0]):
        a, b = one[i], other[i]
        same = a == b
        best, ends = (abs(along[i] - to_along[i]), -1) if same else (np.inf, -2)
        for leave in range(2):
            out = along[i] if leave == 0 else length[a] - along[i]
            node = last[a] if leave else first[a]
            for enter in range(2):
                into = to_along[i] if enter == 0 else length[b] - to_along[i]
                if out + into < best:
                    metres = out + between(node, last[b] if enter else first[b], table) + into
                    if metres < best:
                        best, ends = metres, 2 * leave + enter
        if ends == -1:
            if count < room:
                step[count], edge[count], leaves[count], reaches[count] = i, a, along[i], to_along[i]
            count += 1
        if ends < 0:
            continue
        here, to = (last[a] if ends // 2 else first[a]), (last[b] if ends % 2 else first[b])
        if count < room:
            step[count], edge[count], leaves[count] = i, a, along[i]
            reaches[count] = length[a] if ends // 2 else 0.0
        count += 1
        far = between(here, to, table)
        for _ in range(most_nodes):
            if here == to:
                break
            nearest, passed, end, rest = np.inf, -1, 0, 0.0
            for at in range(begin[here], begin[here + 1]):
                e = at_edge[at]
                left = between(last[e] if at_end[at] == 0 else first[e], to, table)
                # what is no nearer may lead in a circle, where edges are shorter than the table tells metres apart;
                # of ways as long the first edge's: edges come in their order
                if left < far and length[e] + left < nearest:
                    nearest, passed, end, rest = length[e] + left, e, at_end[at], left
            if passed < 0:
                break
            if count < room:
                step[count], edge[count] = i, passed
                leaves[count], reaches[count] = (0.0, length[passed]) if end == 0 else (length[passed], 0.0)
            count += 1
            here, far = (last[passed] if end == 0 else first[passed]), rest
        if count < room:
            step[count], edge[count], reaches[count] = i, b, to_along[i]
            leaves[count] = length[b] if ends % 2 else 0.0
        count += 1
    return count


@compiled
def onto(corridors: Any, spans: Any, asked: Any, answer: Any) -> int:
    """Fill the parts of visits on main streets, in the order walked; return how many there are."""
    from_m, to_m, main, main_from_m, main_to_m, rounding = corridors
    begins, ends = spans
    low, high, begun, ended, way = asked
    of, line, lows, highs, firsts, lasts, since, until = answer
    count = 0
    for i in range(low.shape[0]):
        pace = (ended[i] - begun[i]) / max(high[i] - low[i], 1e-9)
        for nth in range(ends[i] - begins[i]):
            piece = ends[i] - 1 - nth if way[i] < 0 else begins[i] + nth
            least, most = max(from_m[piece], low[i]), min(to_m[piece], high[i])
            if most - least <= rounding:
                continue
            size = to_m[piece] - from_m[piece]
            slope = (main_to_m[piece] - main_from_m[piece]) / (1.0 if size == 0 else size)
            at_low = main_from_m[piece] + (least - from_m[piece]) * slope
            at_high = main_from_m[piece] + (most - from_m[piece]) * slope
            start = (least - low[i] if way[i] > 0 else high[i] - most if way[i] < 0 else 0.0) * pace + begun[i]
            end = ended[i] if way[i] == 0 else start + (most - least) * pace
            of[count], line[count] = i, main[piece]
            lows[count], highs[count] = min(at_low, at_high), max(at_low, at_high)
            firsts[count] = at_high if way[i] < 0 else at_low
            lasts[count] = at_high if way[i] > 0 else at_low
            since[count], until[count] = start, min(end, ended[i])
            count += 1
    return count


@compiled
def joined(whole: Any, measured: Any, apart_m: float, answer: Any) -> int:
    """Fill visits with those joined that follow each other on one line; return how many there are."""
    run, steps, line, kind = whole
    low, high, first, last, begun, ended = measured
    (runs, many, lines, kinds), (lows, highs, firsts, lasts, begins, ends) = answer
    count = -1
    for i in range(line.shape[0]):
        if i == 0 or line[i] != line[i - 1] or steps[i] != steps[i - 1] or not abs(first[i] - last[i - 1]) <= apart_m:
            count += 1
            runs[count], many[count], lines[count], kinds[count] = run[i], steps[i], line[i], kind[i]
            lows[count], highs[count], firsts[count], begins[count] = low[i], high[i], first[i], begun[i]
        lows[count], highs[count] = min(lows[count], low[i]), max(highs[count], high[i])
        lasts[count], ends[count] = last[i], ended[i]
    return count + 1
