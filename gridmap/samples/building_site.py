"""The sample town, put together."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import RECORD_EPSG
from gridmap.errors import InputError
from gridmap.samples import addresses, areas, blocks, buildings, streets
from gridmap.samples.addresses import Gates
from gridmap.samples.areas import Nest
from gridmap.samples.buildings import Buildings
from gridmap.samples.ground import Array, Ground, Ints, degrees, lay
from gridmap.samples.streets import Plan

#: Sizes that the town can have.
FEWEST, MOST = 200, 200_000


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that tables are drawn from."""

    ground: Ground
    plan: Plan
    use: Ints
    built: Buildings
    #: corners of buildings in metres
    corners: Array
    now: Nest
    before: Nest
    gate: Gates


def town(seed: int = 0, buildings: int = 5000) -> dict[str, geopandas.GeoDataFrame | pd.DataFrame]:
    """Tables of a sample town."""
    site, tables = _build(seed, buildings)
    del site
    return tables


def _build(seed: int, count: int):
    if not FEWEST <= count <= MOST:
        raise InputError(f"{count} buildings", expected=f"{FEWEST} to {MOST}")
    rngs = [np.random.default_rng([seed, k]) for k in range(8)]
    ground, plan, use, built = _ground(seed, count)
    built = buildings.settle(rngs[3], built)
    households = _per_plot(ground, built, built.households)
    residents = _per_plot(ground, built, built.residents)
    now, before = areas.nests(rngs[4], plan, households, areas.community_count(count))
    gate = addresses.gates(rngs[5], plan, use, now)
    corners = buildings.outlines(ground, built)
    address, row, column = addresses.table(rngs[6], ground, plan, built, corners, gate, now)
    tables = {
        "areas": areas.table(ground, now, households, residents, (areas.NOW, None)),
        "areas_before": areas.table(ground, before, households, residents, (areas.BEFORE, areas.NOW)),
        "buildings": _building_table(built, corners),
        "streets": _street_table(ground, plan),
        "addresses": address,
        "truth_buildings": pd.DataFrame(
            {"building": [f"B{k + 1:06d}" for k in range(len(built))], **now.chain(built.row, built.column)}
        ),
        "truth_addresses": pd.DataFrame({"address": address["id"], **now.chain(row, column)}),
    }
    return Site(
        ground=ground, plan=plan, use=use, built=built, corners=corners, now=now, before=before, gate=gate
    ), tables


def _ground(seed: int, count: int) -> tuple[Ground, Plan, Ints, Buildings]:
    """Land with room for so many buildings, and just as many on it."""
    urban = 0.55 * min(1.0, (5000 / count) ** 0.25)
    plots = round(count / 4.5)
    while True:
        rng = [np.random.default_rng([seed, k]) for k in range(4)]
        ground = lay(rng[0], plots)
        plan = streets.plan(rng[1], ground, urban)
        use = blocks.uses(rng[2], plan)
        built = buildings.place(rng[3], ground, plan, use)
        if len(built) >= count:
            keep = np.sort(rng[3].permutation(len(built))[:count])
            return ground, plan, use, built.take(keep)
        plots = round(plots * max(1.03, 1.01 * count / len(built)))


def _per_plot(ground: Ground, built: Buildings, counts: Ints) -> Ints:
    """Sums over the buildings of every plot."""
    rows, columns = ground.shape
    plot = built.row * columns + built.column
    return np.bincount(plot, counts, rows * columns).astype(np.int64).reshape(rows, columns)


def _building_table(built: Buildings, corners: Array) -> geopandas.GeoDataFrame:
    """Buildings as frames promise, with their kind."""
    points = degrees(corners[..., 0], corners[..., 1])
    rows = {
        "id": [f"B{k + 1:06d}" for k in range(len(built))],
        "kind": [blocks.USES[use] for use in built.use.tolist()],
        "households": built.households,
        "residents": built.residents,
        "height_m": np.round(built.floors * buildings.FLOOR_M + buildings.ROOF_M, 1),
        "floors": built.floors,
    }
    return geopandas.GeoDataFrame(rows, geometry=shapely.polygons(points), crs=RECORD_EPSG)


def _street_table(ground: Ground, plan: Plan) -> geopandas.GeoDataFrame:
    """Streets and barriers as frames promise."""
    points = ground.lon_lat
    rows = {
        "id": [f"S{k + 1:05d}" for k in range(len(plan.runs))],
        "name": pd.Series([run.name or None for run in plan.runs], dtype="str"),
        "class": pd.Series(
            [None if run.rank in streets.BARRIERS else streets.CLASSES[run.rank] for run in plan.runs], dtype="str"
        ),
        "barrier": pd.Series([streets.BARRIERS.get(run.rank) for run in plan.runs], dtype="str"),
    }
    lines = [shapely.LineString(points[run.rows, run.columns]) for run in plan.runs]
    return geopandas.GeoDataFrame(rows, geometry=lines, crs=RECORD_EPSG)
