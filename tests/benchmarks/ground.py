"""A generated partition and points on it: the ground of the benchmarks, always the same for a seed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import Voronoi

#: metres per area and side, about the width of a grid of 300 households
AREA_SIDE_M = 200.0
#: south-west corner, as of a place in CGCS2000 zone 120 E (EPSG:4549)
CORNER = (500_000.0, 3_540_000.0)
#: pieces of a border between two corners
PIECES = 8


def partition(areas: int, *, seed: int) -> gpd.GeoDataFrame:
    """Return a square filled by areas without gap or overlap: ``code`` and polygons of about 48 vertices, EPSG:4549.

    Half of the areas are spread evenly, half lie in 40 clusters. They are the cells of a Voronoi diagram whose inner
    borders are roughened by midpoint displacement, the same for both neighbours.
    """
    rng = np.random.default_rng(seed)
    side = AREA_SIDE_M * np.sqrt(areas)
    diagram = _relaxed(_seeds(areas, side, rng), side)
    corners = np.clip(diagram.vertices, 0, side)
    corners[np.abs(corners) < 1e-6] = 0
    corners[np.abs(corners - side) < 1e-6] = side
    regions = [diagram.regions[diagram.point_region[number]] for number in range(areas)]
    start = np.concatenate(regions)
    stop = np.concatenate([region[1:] + region[:1] for region in regions])
    rings = _rings(corners, start, stop, side, rng)
    of = np.repeat(np.arange(areas), [len(region) * PIECES for region in regions])
    keep = ~np.isnan(rings[:, 0])
    polygons = shapely.polygons(shapely.linearrings(rings[keep] + CORNER, indices=of[keep]))
    return gpd.GeoDataFrame({"code": [f"{number:06d}" for number in range(areas)]}, geometry=polygons, crs=4549)


def _seeds(areas: int, side: float, rng: np.random.Generator) -> np.ndarray:
    """Return the points around which areas lie."""
    clustered = areas // 2
    centres = rng.uniform(0, side, (40, 2))[rng.integers(0, 40, clustered)]
    points = np.vstack([rng.uniform(0, side, (areas - clustered, 2)), rng.normal(centres, side / 18)])
    return np.clip(points, 1, side - 1) + rng.uniform(-0.5, 0.5, (areas, 2))


def _relaxed(points: np.ndarray, side: float) -> Voronoi:
    """Return the diagram after its points moved twice to the middle of their cells, mirrored at the square's sides."""
    for _ in range(2):
        diagram = Voronoi(_mirrored(points, side))
        middles = [diagram.vertices[diagram.regions[diagram.point_region[n]]].mean(axis=0) for n in range(len(points))]
        points = np.clip(np.array(middles), 0.5, side - 0.5)
    return Voronoi(_mirrored(points, side))


def _mirrored(points: np.ndarray, side: float) -> np.ndarray:
    """Return the points and their images in the four sides."""
    west, south = points * [-1, 1], points * [1, -1]
    east, north = west + np.array([2 * side, 0]), south + np.array([0, 2 * side])
    return np.vstack([points, west, east, south, north])


def _rings(
    corners: np.ndarray, start: np.ndarray, stop: np.ndarray, side: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the rings' points, `PIECES` per border from one corner to the next; NaN where a border stays straight."""
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    key, which = np.unique(low * len(corners) + high, return_inverse=True)
    borders = _roughened(corners[key // len(corners)], corners[key % len(corners)], side, rng)
    rings = borders[which]
    backward = start > stop
    rings[backward] = rings[backward][:, ::-1]
    return rings[:, :-1].reshape(-1, 2)


def _roughened(start: np.ndarray, stop: np.ndarray, side: float, rng: np.random.Generator) -> np.ndarray:
    """Return borders of shape (n, PIECES + 1, 2); inner points are NaN on the square's sides and on short borders."""
    length = np.hypot(*(stop - start).T)
    on_side = ((start == stop) & ((start == 0) | (start == side))).any(axis=1)
    points, reach = np.stack([start, stop], axis=1), 0.05 * length
    while points.shape[1] <= PIECES:
        step = np.diff(points, axis=1)
        across = np.stack([-step[..., 1], step[..., 0]], axis=-1) / np.maximum(np.hypot(*step.T).T, 1e-9)[..., None]
        shift = rng.uniform(-1, 1, step.shape[:2]) * reach[:, None]
        middle = points[:, :-1] + step / 2 + across * shift[..., None]
        finer = np.empty((len(points), 2 * points.shape[1] - 1, 2))
        finer[:, ::2], finer[:, 1::2] = points, middle
        points, reach = finer, 0.45 * reach
    points[on_side | (length < 4), 1:-1] = np.nan
    return points
