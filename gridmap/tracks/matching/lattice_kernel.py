"""Candidates and the likeliest way, written out for numba; `lattice` says what they are and gives the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridmap.compiling import compiled, inlined

_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@compiled
def candidates(x: Any, y: Any, within: float, grid: Any, place: Any, held: Any, count: Any, found: Any) -> None:
    """Fill count, segment, along and square of the nearest edges of each fix."""
    left, bottom, side = place
    columns, rows = grid
    sx, sy, sdx, sdy, ssquare, sedge, salong, begin, inside = held
    segment, along, square = found
    most = segment.shape[1]
    for i in range(x.shape[0]):
        px, py = x[i], y[i]
        n = 0
        low_column = max(math.floor((px - within - left) / side), 0)
        high_column = min(math.floor((px + within - left) / side), columns - 1)
        low_row = max(math.floor((py - within - bottom) / side), 0)
        high_row = min(math.floor((py + within - bottom) / side), rows - 1)
        for column in range(low_column, high_column + 1):
            for at in (
                range(begin[column * rows + low_row], begin[column * rows + high_row + 1])
                if (high_row >= low_row)
                else range(0)
            ):
                s = inside[at]
                a, b, dx, dy = px - sx[s], py - sy[s], sdx[s], sdy[s]
                share = min(max((a * dx + b * dy) / ssquare[s], 0.0), 1.0)
                ex, ey = share * dx - a, share * dy - b
                far = ex * ex + ey * ey
                if far > within * within:
                    continue
                edge = sedge[s]
                k = n
                for j in range(n):
                    if sedge[segment[i, j]] == edge:
                        k = j
                        break
                if k < n:
                    if far > square[i, k] or (far == square[i, k] and s >= segment[i, k]):
                        continue
                elif n < most:
                    n += 1
                else:
                    k = most - 1
                    if far > square[i, k] or (far == square[i, k] and s > segment[i, k]):
                        continue
                while k > 0 and (square[i, k - 1] > far or (square[i, k - 1] == far and segment[i, k - 1] > s)):
                    square[i, k] = square[i, k - 1]
                    along[i, k] = along[i, k - 1]
                    segment[i, k] = segment[i, k - 1]
                    k -= 1
                square[i, k] = far
                along[i, k] = salong[s] + share * math.sqrt(ssquare[s])
                segment[i, k] = s
        count[i] = n


@inlined
def _between(one: int, other: int, nodes: int, keys: Any, metres: Any) -> float:
    """Metres between two nodes by the table."""
    if one == other:
        return 0.0
    key = np.int64(min(one, other)) * np.int64(nodes) + np.int64(max(one, other))
    mixed = np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _SPREAD
    mixed ^= mixed >> np.uint64(29)
    mask = np.int64(keys.shape[0] - 1)
    slot = np.int64(mixed & np.uint64(mask))
    while True:
        held = keys[slot]
        if held == key:
            return float(metres[slot])
        if held < 0:
            return np.inf
        slot = (slot + 1) & mask


@compiled
def likeliest(net: Any, weights: Any, found: Any, steps: Any, score: Any, back: Any, answer: Any) -> None:
    """Fill the chosen candidate of each fix and whether a way begins anew there."""
    edge_of, first, last, length, nodes, keys, metres = net
    beta, shortfall, change = weights
    count, segment, along, square = found
    linked, straight, longest, sigma = steps
    chosen, fresh = answer
    for i in range(count.shape[0]):
        weight = 0.5 / (sigma[i] * sigma[i])
        fresh[i] = True
        if linked[i]:
            most = longest[i]
            for k in range(count[i]):
                best, came = -np.inf, -1
                emission = -square[i, k] * weight
                edge, m = edge_of[segment[i, k]], along[i, k]
                for q in range(count[i - 1]):
                    if score[i - 1, q] + emission <= best:
                        continue
                    was, wm = edge_of[segment[i - 1, q]], along[i - 1, q]
                    route = abs(wm - m) if was == edge else np.inf
                    for leave in range(2):
                        out = wm if leave == 0 else length[was] - wm
                        node = first[was] if leave == 0 else last[was]
                        for enter in range(2):
                            into = m if enter == 0 else length[edge] - m
                            if out + into < route:
                                to = first[edge] if enter == 0 else last[edge]
                                route = min(route, out + _between(node, to, nodes, keys, metres) + into)
                    if route > most:
                        continue
                    over = route - straight[i]
                    cost = over / beta if over > 0 else -over * shortfall / beta
                    if was != edge:
                        cost += change
                    value = (score[i - 1, q] - cost) + emission
                    if value > best:
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
