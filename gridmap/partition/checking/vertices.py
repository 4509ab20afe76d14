"""Vertices on one side only: a border that two neighbours do not draw through the same points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.partition.checking.found import Finding
from gridmap.partition.checking.limits import Limits
from gridmap.partition.checking.measured import Measured
from gridmap.partition.edges import Ints, ring_edges


def t_junctions(areas: Measured, limits: Limits) -> Iterator[Finding]:
    """Vertices that lie on the border of a neighbour which has none there.

    Such a border holds only until somebody moves it or takes it to another coordinate system: then it opens into
    slivers. Only edges that a single area of the layer has can hide one, which leaves few to search.
    """
    seen: set[tuple[float, float]] = set()
    for rows in areas.layers():
        for row, beside, x, y in _on_edges(areas, rows, limits.vertex_m / areas.unit_m):
            if (x, y) in seen:
                continue
            seen.add((x, y))
            one, other = areas.codes[row], areas.codes[beside]
            place = shapely.Point(x, y)
            yield Finding(
                rule="t_junction",
                codes=(other, one),
                measured=float(shapely.distance(place, shapely.boundary(areas.shapes[beside]))) * areas.unit_m,
                unit="m",
                limit=limits.vertex_m,
                message=f"{one} has a vertex on the border of {other}, which has none there",
                mend=f"insert the vertex into the border of {other}",
                place=place,
                excess=0.0,
            )


def _on_edges(areas: Measured, rows: Ints, near: float) -> list[tuple[int, int, float, float]]:
    """(area with the vertex, area whose edge it lies on, x, y) of one layer."""
    edges = ring_edges(areas.shapes[rows])
    order = np.lexsort(edges.ends.T)
    ends = edges.ends[order]
    same = np.append(False, (ends[1:] == ends[:-1]).all(axis=1))[: len(ends)]
    alone = ~(same | np.append(same[1:], False)[: len(ends)])
    ends, owner = ends[alone], rows[edges.row[order][alone]]
    points = np.unique(np.column_stack([np.tile(owner, 2), np.vstack([ends[:, :2], ends[:, 2:]])]), axis=0)
    tree = shapely.STRtree(shapely.linestrings(ends.reshape(-1, 2, 2)))
    point, edge = tree.query(shapely.points(points[:, 1:]), predicate="dwithin", distance=near)
    hit, line = points[point], ends[edge]
    at_end = _near(hit[:, 1:], line[:, :2], near) | _near(hit[:, 1:], line[:, 2:], near)
    keep = ~at_end & (hit[:, 0] != owner[edge])
    found = np.column_stack([hit[keep, 0], owner[edge][keep], hit[keep, 1:]])
    return [(int(row), int(beside), x, y) for row, beside, x, y in np.unique(found, axis=0).tolist()]


def _near(points: object, ends: object, near: float) -> np.ndarray:
    """Whether points are no farther from ends than this."""
    return np.asarray(np.hypot(*(np.asarray(points) - np.asarray(ends)).T) <= near)
