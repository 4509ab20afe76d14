"""Thousands of small scenes of chance, and of scenes made to be hard, against the oracle.

All lie in one territory, far enough from one another that no camera reaches another's scene: so one scene of gridmap's
holds all, and its grid is tested with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from gridmap.visibility.cameras.views import Views, views
from gridmap.visibility.seeing import banded, in_sight, within
from gridmap.visibility.sweep.pieces import areas
from gridmap.visibility.sweep.scenes import scene
from gridmap.visibility.sweep.standing import stand
from tests.benchmarks.cameras_oracle import Look, area

#: the metric system, a corner of the territory in it, and metres between scenes
EPSG, EAST, NORTH, APART_M = 4549, 480_000.0, 3_520_000.0, 400.0
#: cameras hang so high; above the first heights of buildings, below the last
CAMERA_M, HEIGHTS_M = 6.0, (2.5, 3.0, 4.5, 9.0, 20.0)
#: an area is wrong where it is off by more than this share of the camera's sector
WRONG = 1e-9
#: the lattice of scenes of chance, metres: finer coordinates would be rounded to it
LATTICE_M = 0.001


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """One camera and its buildings per scene."""

    #: footprints of all scenes, their heights, and the scene of each
    footprints: np.ndarray
    heights: np.ndarray
    scene: np.ndarray
    #: cameras: east and north, heading and half angle in radians, range in metres
    xy: np.ndarray
    heading: np.ndarray
    half_angle: np.ndarray
    range_m: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How areas compare with the oracle's."""

    title: str
    #: scenes, and those of them whose camera stands in a building
    scenes: int
    left_out: int
    #: greatest difference as a share of the area, and as a share of the sector
    relative: float
    of_sector: float
    #: scenes that are wrong
    wrong: int
    #: greatest difference between the bands together and the whole, as a share of the whole
    bands: float


def of_chance(count: int, seed: int = 0) -> Scenes:
    """Return scenes of houses at any angle, some with a courtyard or a wing, that do not overlap."""
    rng = np.random.default_rng(seed)
    made = [_chance(rng) for _ in range(count)]
    return _laid_out(made, rng, ranges=(20.0, 90.0))


def _chance(rng: np.random.Generator) -> tuple[list[shapely.Geometry], list[float], np.ndarray]:
    """Houses, their heights and a place clear of them."""
    houses: list[shapely.Geometry] = []
    for _ in range(rng.integers(1, 16)):
        house = _house(rng)
        if all(house.distance(other) > 2 * LATTICE_M for other in houses):
            houses.append(house)
    tall = rng.random() < 0.5
    heights = rng.choice(HEIGHTS_M[3:] if tall else HEIGHTS_M, len(houses)).tolist()
    while True:
        xy = rng.uniform(0, 100, 2)
        if shapely.distance(shapely.union_all(houses), shapely.Point(xy)) > 0.5:
            return houses, heights, xy


def _house(rng: np.random.Generator) -> shapely.Geometry:
    """A house, or one with a courtyard, or one with a wing."""
    wide, deep = rng.uniform(4, 25, 2)
    house, kind = shapely.box(0, 0, wide, deep), rng.random()
    if kind < 0.2:
        house = house.difference(shapely.box(wide * 0.3, deep * 0.3, wide * 0.7, deep * 0.7))
    elif kind < 0.5:
        house = house.union(shapely.box(wide * 0.6, deep * 0.5, wide * 1.2, deep * 1.6))
    turned = affinity.rotate(house, rng.uniform(0, 360), origin=(0, 0))
    moved = affinity.translate(turned, *rng.uniform(0, 100, 2))
    return shapely.transform(moved, lambda xy: np.round(xy / LATTICE_M) * LATTICE_M)


def made_hard(count: int, seed: int = 5) -> Scenes:
    """Return scenes on whole metres: walls that touch and line up, corners in sight lines, cameras on walls."""
    rng = np.random.default_rng(seed)
    made = [_hard(rng) for _ in range(count)]
    found = _laid_out(made, rng, ranges=(5.0, 30.0))
    heading = rng.choice(np.arange(8) * np.pi / 4, count)
    half = rng.choice(np.array([np.pi / 4, np.pi / 6, np.pi, np.pi / 2, 0.95]), count)
    return replace(found, heading=heading, half_angle=half, range_m=rng.choice([5.0, 10.0, 7.3, 30.0], count))


def _hard(rng: np.random.Generator) -> tuple[list[shapely.Geometry], list[float], np.ndarray]:
    """Rectangles on whole metres that may touch, and a place on whole metres outside or on a wall."""
    tall = rng.random() < 0.5
    while True:
        corners, sizes = rng.integers(0, 20, (rng.integers(1, 14), 2)), rng.integers(1, 6, (14, 2))
        boxes = [shapely.box(*low, *(low + size)) for low, size in zip(corners, sizes, strict=False)]
        heights = [20.0] * len(boxes) if tall else rng.choice(HEIGHTS_M, len(boxes)).tolist()
        xy = rng.integers(0, 24, 2).astype(float)
        if not any(box.contains_properly(shapely.Point(xy)) for box in [shapely.union_all(boxes)]):
            return boxes, heights, xy


def _laid_out(made: list, rng: np.random.Generator, *, ranges: tuple[float, float]) -> Scenes:
    """Scenes beside one another, with cameras that look anywhere."""
    count = len(made)
    across = int(np.ceil(np.sqrt(count)))
    corner = np.stack([np.arange(count) % across, np.arange(count) // across], axis=1) * APART_M + (EAST, NORTH)
    shapes = [
        shapely.transform(np.array(houses, object), lambda xy, at=at: xy + corner[at])
        for at, (houses, _, _) in enumerate(made)
    ]
    return Scenes(
        footprints=np.concatenate(shapes),
        heights=np.concatenate([heights for _, heights, _ in made]),
        scene=np.repeat(np.arange(count), [len(houses) for houses, _, _ in made]),
        xy=np.stack([xy for _, _, xy in made]) + corner,
        heading=rng.uniform(-np.pi, np.pi, count),
        half_angle=rng.choice(np.radians([20.0, 45.0, 60.0, 90.0, 130.0, 180.0]), count),
        range_m=rng.uniform(*ranges, count),
    )


def asked(scenes: Scenes) -> Views:
    """Return the views of the cameras, with headings and angles to the last bit."""
    count = len(scenes.xy)
    table = {"id": np.arange(count).astype(str), "kind": "fixed", "status": "online", "heading_deg": 0.0}
    fixed = {"hfov_deg": 90.0, "height_m": CAMERA_M, "width_px": 1000, "range_m": scenes.range_m}
    made = views(gpd.GeoDataFrame({**table, **fixed}, geometry=shapely.points(scenes.xy), crs=EPSG))
    flat = scenes.half_angle < np.pi / 2
    slope = np.where(flat, np.tan(np.minimum(scenes.half_angle, 1.5)), np.inf)
    return replace(
        made,
        heading=scenes.heading,
        half_angle=scenes.half_angle,
        side=np.stack([np.zeros(count), slope], axis=1),
        by_depth=flat,
        near_m=np.zeros(count),
        far_m=scenes.range_m,
    )


def compared(title: str, scenes: Scenes, *, kernel: bool) -> Compared:
    """Return how gridmap's areas compare with the oracle's."""
    table = gpd.GeoDataFrame({"height_m": scenes.heights}, geometry=scenes.footprints, crs=EPSG)
    asked_for = asked(scenes)
    ground = scene(table, crs=asked_for.crs)
    standing = stand(ground, asked_for)
    found = standing.views
    pieces = in_sight(ground, found, kernel=kernel)
    ours = np.bincount(pieces.view, areas(pieces), len(found))
    parts = banded(within(pieces, found), found)
    bands = np.bincount(parts.view, areas(parts), len(found))
    truth = np.array([_truth(scenes, found, at) for at in range(len(found))])
    sector = found.half_angle * found.range_m**2
    off = np.abs(ours - truth)
    return Compared(
        title=title,
        scenes=len(scenes.xy),
        left_out=len(scenes.xy) - len(found),
        relative=float((off / np.maximum(truth, 1e-3 * sector)).max()),
        of_sector=float((off / sector).max()),
        wrong=int((off > WRONG * sector).sum()),
        bands=float((np.abs(bands - ours) / np.maximum(ours, 1e-9)).max()),
    )


def _truth(scenes: Scenes, found: Views, at: int) -> float:
    """The oracle's area for a view, from where its camera stands."""
    camera = int(found.camera[at])
    first, last = np.searchsorted(scenes.scene, [camera, camera + 1])
    look = Look(
        xy=found.xy[at],
        heading=float(found.heading[at]),
        half_angle=float(found.half_angle[at]),
        range_m=float(found.range_m[at]),
        height_m=CAMERA_M,
    )
    return area(look, scenes.footprints[first:last], scenes.heights[first:last])
