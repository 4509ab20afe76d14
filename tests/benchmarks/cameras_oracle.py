"""What a camera sees, found another way: a sector less the shadows of buildings, by shapely, cut to the circle exactly.

Nothing of gridmap's own reckoning is used. The sector is drawn too large, so that no chord stands for an arc, and the
area within the circle is summed edge by edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

#: radians of each step by which a sector is drawn
_STEP = np.pi / 8


@dataclass(frozen=True, kw_only=True)
class Look:
    """One camera on flat ground."""

    #: east and north, metres
    xy: np.ndarray
    #: counter-clockwise from east, and half the angle that it spans, radians
    heading: float
    half_angle: float
    range_m: float
    #: above the plane that is looked at
    height_m: float = 6.0


def area(look: Look, footprints: np.ndarray, heights: np.ndarray) -> float:
    """Return the square metres that a camera sees of the ground among buildings; it stands outside all of them."""
    return clipped_area(region(look, footprints, heights), look.range_m)


def region(look: Look, footprints: np.ndarray, heights: np.ndarray) -> shapely.Geometry:
    """Return the sector, drawn too large, less shadows and buildings; the camera is the origin."""
    moved = shapely.transform(shapely.orient_polygons(footprints), lambda xy: xy - look.xy)
    dark = [*moved, *(shape for pair in zip(moved, heights, strict=True) for shape in _shadow(*pair, look))]
    return shapely.difference(_sector(look), shapely.union_all(dark)) if dark else _sector(look)


def _sector(look: Look) -> shapely.Geometry:
    """A polygon that holds the sector and shares its straight sides."""
    if look.half_angle >= np.pi:
        return shapely.box(*[-1.1 * look.range_m] * 2, *[1.1 * look.range_m] * 2)
    count = int(np.ceil(2 * look.half_angle / _STEP)) + 1
    angle = look.heading + np.linspace(-look.half_angle, look.half_angle, count)
    outside = 1.1 * look.range_m / np.cos(_STEP / 2)
    return shapely.Polygon([(0, 0), *np.stack([np.cos(angle), np.sin(angle)], axis=1) * outside])


def _shadow(footprint: shapely.Geometry, height_m: float, look: Look) -> list[shapely.Geometry]:
    """The ground behind a building: behind each wall that faces the camera, and the footprint moved out."""
    rings = shapely.get_rings(footprint)
    walls = np.concatenate([np.hstack([xy[:-1], xy[1:]]) for xy in map(shapely.get_coordinates, rings)])
    facing = walls[walls[:, 0] * walls[:, 3] - walls[:, 1] * walls[:, 2] < 0]
    low = height_m < look.height_m
    if not len(facing):
        return []
    if low:
        out = np.full(len(facing), look.height_m / (look.height_m - height_m))
    else:
        lines = shapely.linestrings(facing.reshape(-1, 2, 2))
        out = np.maximum(2.0, 4 * look.range_m / np.maximum(shapely.distance(lines, shapely.Point(0, 0)), 1e-9))
    near, far = facing.reshape(-1, 2, 2), facing.reshape(-1, 2, 2) * out[:, None, None]
    quads = list(shapely.polygons(np.concatenate([near, far[:, ::-1]], axis=1)))
    return [*quads, shapely.transform(footprint, lambda xy: xy * out[0])] if low else quads


def clipped_area(shape: shapely.Geometry, radius: float) -> float:
    """Return the exact area of what a polygon has in common with a disc about the origin."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape)))
    edges = [np.hstack([xy[:-1], xy[1:]]) for xy in map(shapely.get_coordinates, rings)]
    return float(_swept(np.concatenate(edges), radius).sum()) if edges else 0.0


def _swept(edges: np.ndarray, radius: float) -> np.ndarray:
    """Signed area between the origin and each edge, as far as it lies in the disc."""
    a, b = edges[:, :2], edges[:, 2:]
    way = b - a
    square, along = (way**2).sum(1), (a * way).sum(1)
    root = along**2 - square * ((a**2).sum(1) - radius**2)
    half = np.sqrt(np.maximum(root, 0.0))
    enters, leaves = (np.clip((-along + sign * half) / square, 0, 1) for sign in (-1, 1))
    enters = np.where(root > 0, enters, 1.0)
    first, last = a + enters[:, None] * way, a + np.maximum(leaves, enters)[:, None] * way
    return _sector_area(a, first, radius) + _cross(first, last) / 2 + _sector_area(last, b, radius)


def _sector_area(one: np.ndarray, other: np.ndarray, radius: float) -> np.ndarray:
    """Signed area of the circular sector between two directions."""
    return radius**2 / 2 * np.arctan2(_cross(one, other), (one * other).sum(1))


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cross product, row by row."""
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
