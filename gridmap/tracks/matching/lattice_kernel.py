"""Candidates and the likeliest way, written out for numba; `lattice` says what they are and gives the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridmap.compiling import compiled
from gridmap.tracks.matching.pairs_kernel import between

#: Metres, and share of a distance, that are more than all rounding.
_SLACK = 1e-6


@compiled
def candidates(fixes: Any, within: float, grid: Any, held: Any, found: Any) -> None:  # noqa: C901, PLR0912, PLR0915 (calls cost more than the work)
    """Fill count, segment, along and square of the nearest edges of each fix."""
    x, y = fixes
    columns, rows, left, bottom, side, begin, inside, far_m = grid
    count, segment, along, square = found
    most = segment.shape[1]
    edges = np.empty(most)
    for i in range(x.shape[0]):
        px, py = x[i], y[i]
        n = 0
        across, up = (px - left) / side, (py - bottom) / side
        column, row = math.floor(across), math.floor(up)
        if 0 <= column < columns and 0 <= row < rows:
            cell = column * rows + row
            # a segment nearer to the fix than the farthest kept is at most so far from the middle of the cell
            off = math.hypot(across - column - 0.5, up - row - 0.5) * side + _SLACK
            worst = within * within
            last = (within + off) * (1 + _SLACK)
            for at in range(begin[cell], begin[cell + 1]):
                if far_m[at] > last:
                    break
                s = inside[at]
                a, b, dx, dy = px - held[s, 0], py - held[s, 1], held[s, 2], held[s, 3]
                beside = a * dy - b * dx
                if beside * beside * held[s, 4] > worst * (1 + _SLACK) + _SLACK * _SLACK:
                    continue
                share = min(max((a * dx + b * dy) * held[s, 4], 0.0), 1.0)
                ex, ey = share * dx - a, share * dy - b
                far = ex * ex + ey * ey
                if far > worst:
                    continue
                edge = held[s, 6]
                k = n
                for j in range(n):
                    if edges[j] == edge:
                        k = j
                        break
                if k == n and n < most:
                    n += 1
                else:
                    k = min(k, most - 1)
                    if far > square[i, k] or (far == square[i, k] and s >= segment[i, k]):
                        continue
                while k > 0 and (square[i, k - 1] > far or (square[i, k - 1] == far and segment[i, k - 1] > s)):
                    square[i, k] = square[i, k - 1]
                    along[i, k] = along[i, k - 1]
                    segment[i, k] = segment[i, k - 1]
                    edges[k] = edges[k - 1]
                    k -= 1
                square[i, k] = far
                along[i, k] = held[s, 5] + share * held[s, 7]
                segment[i, k] = s
                edges[k] = edge
                if n == most:
                    worst = square[i, most - 1]
                    last = (math.sqrt(worst) + off) * (1 + _SLACK)
        count[i] = n


@compiled
def likeliest(net: Any, table: Any, weights: Any, found: Any, steps: Any, answer: Any) -> None:  # noqa: C901, PLR0912, PLR0915 (as above)
    """Fill the chosen candidate of each fix and whether a way begins anew there."""
    edge_of, first, last, length, node_xy, straightest = net
    beta, shortfall, change = weights
    count, segment, along, square = found
    linked, straight, longest, sigma = steps
    chosen, fresh = answer
    score, back = np.empty(segment.shape), np.empty(segment.shape, np.int8)
    most = segment.shape[1]
    # edge, both nodes, metres to them, and where they lie, of the candidates before and now
    edge, node, out = np.empty((2, most), np.int64), np.empty((2, most, 2), np.int64), np.empty((2, most, 2))
    x, y = np.empty((2, most, 2)), np.empty((2, most, 2))
    # no route between nodes is shorter than this share of the straight line, the table's rounding included
    shrink = (straightest * (1 - _SLACK)) ** 2
    order = np.empty(most, np.int64)
    for i in range(count.shape[0]):
        now, before = i % 2, 1 - i % 2
        for k in range(count[i]):
            e = edge_of[segment[i, k]]
            edge[now, k] = e
            node[now, k, 0], node[now, k, 1] = first[e], last[e]
            out[now, k, 0], out[now, k, 1] = along[i, k], length[e] - along[i, k]
            for end in range(2):
                x[now, k, end], y[now, k, end] = node_xy[node[now, k, end], 0], node_xy[node[now, k, end], 1]
        weight = 0.5 / (sigma[i] * sigma[i])
        fresh[i] = True
        if linked[i]:
            # the likeliest before first: what comes after is mostly beaten before its routes are looked up
            for q in range(count[i - 1]):
                at = q
                while at > 0 and score[i - 1, order[at - 1]] < score[i - 1, q]:
                    order[at] = order[at - 1]
                    at -= 1
                order[at] = q
            for k in range(count[i]):
                best, came = -np.inf, -1
                emission = -square[i, k] * weight
                for nth in range(count[i - 1]):
                    q = order[nth]
                    spare = score[i - 1, q] + emission - best
                    if spare < 0:
                        break
                    other = edge[before, q] != edge[now, k]
                    if other:
                        spare -= change
                        if spare < 0:
                            continue
                    route = np.inf if other else abs(along[i - 1, q] - along[i, k])
                    # a longer route would be no likelier than the best
                    limit = min(route, longest[i], (straight[i] + spare * beta) * (1 + _SLACK) + _SLACK)
                    for leave in range(2):
                        for enter in range(2):
                            left = limit - out[before, q, leave] - out[now, k, enter]
                            dx, dy = x[before, q, leave] - x[now, k, enter], y[before, q, leave] - y[now, k, enter]
                            if (dx * dx + dy * dy) * shrink < left * abs(left):
                                metres = between(node[before, q, leave], node[now, k, enter], table)
                                route = min(route, out[before, q, leave] + metres + out[now, k, enter])
                                limit = min(limit, route)
                    if route > longest[i]:
                        continue
                    over = route - straight[i]
                    cost = over / beta if over > 0 else -over * shortfall / beta
                    if other:
                        cost += change
                    value = (score[i - 1, q] - cost) + emission
                    if value > best or (value == best and q < came):
                        best, came = value, q
                score[i, k], back[i, k] = best, came
                if came >= 0:
                    fresh[i] = False
        if fresh[i]:
            for k in range(count[i]):
                score[i, k], back[i, k] = -square[i, k] * weight, -1
    at = -1
    for i in range(count.shape[0] - 1, -1, -1):
        if at < 0:
            at = 0
            for k in range(count[i]):
                if score[i, k] > score[i, at]:
                    at = k
        chosen[i] = at
        at = -1 if fresh[i] else back[i, at]
