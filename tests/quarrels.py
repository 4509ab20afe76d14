"""Random pairs of claims, far from each other, with a line across each pair; for the tests and the benchmarks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from gridmap.disputes import Limits
from gridmap.disputes.arrangement import arrangement
from gridmap.disputes.books import settle
from gridmap.disputes.ground import ground

KINDS = ("crossing", "touching", "nested", "equal", "disjoint", "strip")
#: Metres from one pair to the next.
SPACING = 400.0


def star(rng, radius=50.0, corners=None):
    """A simple polygon around the origin."""
    count = corners or int(rng.integers(4, 14))
    turn = np.sort(rng.uniform(0, 2 * np.pi, count)) + np.linspace(0, 1e-3, count)
    far = radius * rng.uniform(0.4, 1.0, count)
    return np.column_stack([far * np.cos(turn), far * np.sin(turn)])


def wall(rng, height, count=9):
    """A line from west to east across 120 m."""
    x = np.linspace(-60, 60, count)
    return np.column_stack([x, height + rng.normal(0, 2, count)])


def pair(rng, kind):
    """Rings of two claims."""
    if kind in {"touching", "strip"}:
        one = wall(rng, 0)
        other = one if kind == "touching" else wall(rng, rng.uniform(-6, 6))
        return np.vstack([[[-60, -50], [60, -50]], one[::-1]]), np.vstack([other, [[60, 50], [-60, 50]]])
    one = star(rng)
    if kind == "equal":
        return one, one
    if kind == "nested":
        return one, one * 0.3
    return one, star(rng) + (rng.uniform(-40, 40, 2) if kind == "crossing" else (150, 0))


def pairs(rng, count, *, epsg=4528, origin=(40_520_000.0, 3_352_000.0), kinds=KINDS):
    """Claims of 2 x count parties ``0a``, ``0b``, ``1a``..., a candidate for each pair, and the kind of each pair."""
    side = int(np.ceil(np.sqrt(count)))
    chosen = [kinds[k] for k in rng.integers(0, len(kinds), count)]
    rings, lines, names = [], [], []
    for k, kind in enumerate(chosen):
        middle = np.array(origin) + SPACING * np.array([k % side, k // side])
        rings += [shapely.Polygon(ring + middle) for ring in pair(rng, kind)]
        lines.append(shapely.LineString(wall(rng, rng.uniform(-10, 10)) * (1.4, 1.0) + middle))
        names += [f"{k}a", f"{k}b"]
    valid = shapely.make_valid(np.array(rings), method="structure", keep_collapsed=False)
    claims = gpd.GeoDataFrame({"party": names, "accuracy_m": 0.05}, geometry=valid, crs=epsg)
    candidates = gpd.GeoDataFrame({"id": [str(k) for k in range(count)]}, geometry=lines, crs=epsg)
    return claims, candidates, np.array(chosen)


def ledgers(claims, candidates):
    """What parties claim, the cells of it and the books, as `compare` makes them, without lines, objects and layers."""
    own = ground(claims, limits=Limits())
    land = arrangement(own.shapes, within=own.within, limits=Limits())
    return own, land, settle(candidates, land, own, status_quo=None, limits=Limits())
