"""Where camera coverage is measured: Helsinki's centre tiled to a city, a dense village, and small scenes of chance.

Helsinki is real data that is no part of the project: see `tests.benchmarks.drawing_grounds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from tests.benchmarks.drawing_grounds import DATA
from tests.benchmarks.helsinki import EPSG, _layer, _tag

#: how often Helsinki's extract is laid beside itself, how many in a row, and metres between the tiles
TILES, IN_A_ROW, BETWEEN_M = 11, 4, 12.0
#: floors of a building that does not say, and metres of one
FLOORS, FLOOR_M = 4.0, 3.2
#: sheds below this are no buildings, square metres
LEAST_M2 = 4.0
#: cameras of a ground, as many as a city district has
CAMERAS = 10_000
#: how far cameras stand from the middle of a street (standard deviation), and how clear of walls, metres
BESIDE_M, CLEAR_M = 2.0, 0.3
#: cameras reach so far, metres, and span so much
REACH_M, SPAN_DEG = (60.0, 100.0), 90.0
#: the village: rows and columns of houses, metres from row to row and from house to house, houses between two lanes
ROWS, COLUMNS, ROW_M, HOUSE_M, BLOCK = 72, 70, 16.5, 13.2, 8
#: the metric system of the village: Gauss-Kruger at 120 degrees, and a place in it
VILLAGE_EPSG, ORIGIN = 4549, np.array([500_000.0, 3_540_000.0])


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Buildings, streets and cameras in one metric CRS."""

    title: str
    #: ``id``, ``height_m``
    buildings: gpd.GeoDataFrame
    #: ``id``, ``class``
    streets: gpd.GeoDataFrame
    #: 90 degrees each, level, of a range of 60 to 100 m
    cameras: gpd.GeoDataFrame


def of_helsinki() -> Ground:
    """Return Helsinki's centre eleven times, each tile mirrored against its neighbours."""
    path = DATA / "helsinki_osm" / "Helsinki.osm.pbf"
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    shapes, heights = _houses(path)
    west, south, east, north = shapely.total_bounds(shapes)
    lines = _ways(path, shapely.box(west, south, east, north))
    moves = [_move(tile, (west, south, east, north)) for tile in range(TILES)]
    buildings = np.concatenate([move(shapes) for move in moves])
    ways = np.concatenate([move(lines) for move in moves])
    return _ground("Helsinki, 11 tiles", buildings, np.tile(heights, TILES), ways, crs=EPSG, seed=1)


def _houses(path: Any) -> tuple[np.ndarray, np.ndarray]:
    """Footprints and heights of one tile."""
    table = _layer(path, "multipolygons")
    table = table[table["building"].notna() & table.geometry.notna()]
    table = table.assign(geometry=shapely.make_valid(table.geometry.to_numpy()), floors=_tag(table, "building:levels"))
    table = table.explode(ignore_index=True)
    table = table[(table.geom_type == "Polygon") & (table.area > LEAST_M2)]
    floors = pd.to_numeric(table["floors"], errors="coerce").clip(1, 50).fillna(FLOORS)
    return table.geometry.to_numpy(), (floors * FLOOR_M).to_numpy()


def _ways(path: Any, frame: Any) -> np.ndarray:
    """All ways of one tile that lie wholly in its frame."""
    table = _layer(path, "lines")
    lines = shapely.get_parts(table.geometry.to_numpy()[table["highway"].notna().to_numpy()])
    return lines[shapely.contains(frame, lines)]


def _move(tile: int, bounds: tuple[float, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """How a tile is mirrored and moved."""
    west, south, east, north = bounds
    column, row = tile % IN_A_ROW, tile // IN_A_ROW
    sign = (-1 if tile % 2 else 1, -1 if (tile // 2) % 2 else 1)
    middle = ((west + east) / 2, (south + north) / 2)
    step = (column * (east - west + BETWEEN_M), row * (north - south + BETWEEN_M))

    def moved(shapes: np.ndarray) -> np.ndarray:
        turned = [affinity.scale(shape, *sign, origin=middle) for shape in shapes]
        return shapely.transform(np.array(turned, object), lambda xy: xy + np.array(step))

    return moved


def of_village(seed: int = 7) -> Ground:
    """Return a made-up village of narrow lanes: 5 000 houses almost wall to wall."""
    rng = np.random.default_rng(seed)
    row, column = (axis.ravel() for axis in np.mgrid[:ROWS, :COLUMNS])
    wide, deep, angle = rng.uniform(8, 13.2, row.size), rng.uniform(8, 13, row.size), rng.normal(0, 4, row.size)
    x = column * HOUSE_M + column // BLOCK * BLOCK + rng.normal(0, 0.6, row.size)
    y = row * ROW_M + row // 6 * 6 + rng.normal(0, 0.8, row.size)
    houses = [
        affinity.rotate(shapely.box(a - w / 2, b - d / 2, a + w / 2, b + d / 2), turn)
        for a, b, w, d, turn in zip(x, y, wide, deep, angle, strict=True)
    ]
    sheds = [
        affinity.rotate(shapely.box(a - w / 2, b - d / 2 - 3, a - w / 2 + 4, b - d / 2), turn, origin=(a, b))
        for a, b, w, d, turn in zip(x, y, wide, deep, angle, strict=True)
    ]
    # two houses in five
    with_shed = rng.random(row.size) < 0.4
    shapes = np.where(with_shed, shapely.union(np.array(houses), np.array(sheds)), np.array(houses))
    heights = rng.choice([2.6, 3.2, 6.4, 9.6], row.size)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    placed = shapely.transform(shapes[single], lambda xy: xy + ORIGIN)
    return _ground("dense village", placed, heights[single], _lanes(), crs=VILLAGE_EPSG, seed=2)


def _lanes() -> np.ndarray:
    """Lanes between the rows of houses and, wider, across them."""
    right = COLUMNS * HOUSE_M + COLUMNS // BLOCK * BLOCK + 20
    rows = [r * ROW_M + r // 6 * 6 + ROW_M / 2 for r in range(ROWS)]
    across = [c * HOUSE_M + c // BLOCK * BLOCK - 10.6 for c in range(0, COLUMNS, BLOCK)]
    lines = [shapely.LineString([(-20, y), (right, y)]) for y in rows]
    lines += [shapely.LineString([(x, -20), (x, rows[-1] + 20)]) for x in across]
    return shapely.transform(np.array(lines), lambda xy: xy + ORIGIN)


def _ground(title: str, shapes: np.ndarray, heights: np.ndarray, lines: np.ndarray, *, crs: int, seed: int) -> Ground:
    """Return a ground with cameras on its streets."""
    buildings = gpd.GeoDataFrame(
        {"id": np.arange(len(shapes)).astype(str), "height_m": heights}, geometry=shapes, crs=crs
    )
    streets = gpd.GeoDataFrame({"id": np.arange(len(lines)).astype(str)}, geometry=lines, crs=crs)
    return Ground(title=title, buildings=buildings, streets=streets.assign(**{"class": "residential"}),
                  cameras=_cameras(shapes, lines, crs, seed))  # fmt: skip


def _cameras(shapes: np.ndarray, lines: np.ndarray, crs: int, seed: int) -> gpd.GeoDataFrame:
    """Cameras beside streets, clear of walls, looking anywhere."""
    rng, tree, metres = np.random.default_rng(seed), shapely.STRtree(shapes), shapely.length(lines)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < CAMERAS:
        line = rng.choice(len(lines), CAMERAS, p=metres / metres.sum())
        spot = shapely.line_interpolate_point(lines[line], rng.random(CAMERAS) * metres[line])
        xy = shapely.get_coordinates(spot) + rng.normal(0, BESIDE_M, (CAMERAS, 2))
        hit = tree.query(shapely.points(xy), predicate="dwithin", distance=CLEAR_M)[0]
        found.append(np.delete(xy, np.unique(hit), axis=0))
    xy = np.concatenate(found)[:CAMERAS]
    table = {
        "id": np.arange(CAMERAS).astype(str),
        "heading_deg": rng.uniform(0, 360, CAMERAS),
        "range_m": rng.uniform(*REACH_M, CAMERAS),
    }
    fixed = {"kind": "fixed", "status": "online", "hfov_deg": SPAN_DEG, "height_m": 6.0, "width_px": 2560}
    return gpd.GeoDataFrame({**table, **fixed}, geometry=shapely.points(xy), crs=crs)


GROUNDS: dict[str, Callable[[], Ground]] = {"helsinki": of_helsinki, "village": of_village}
