"""The territories that drawing is measured on: Helsinki's centre, Taipei's villages, the sample town.

Helsinki and Taipei are real data that is no part of the project: it is looked for in the folder that the environment
names as ``GRIDMAP_SHARED_DATA``, or beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.partition.drawing.atoms import atoms
from gridmap.partition.drawing.barring import BARRIERS
from gridmap.partition.drawing.graph import AtomGraph
from gridmap.partition.drawing.grounds import site_of_areas
from gridmap.samples import town
from tests.benchmarks.helsinki import helsinki

#: where real data is
DATA = Path(os.environ.get("GRIDMAP_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
HOUSEHOLDS = 300
#: police precincts of Taipei, as many as its villages are drawn into
PRECINCTS = 90
#: every metre of a barrier counts as one, whatever drawing thinks of its kind
PLAIN = dict.fromkeys(BARRIERS, 1.0)
#: square metres of a building in another atom that are no cut: the atoms' lattice is a millimetre
_CUT_M2 = 0.05


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A territory to draw on, in a metric CRS."""

    #: what the table calls it
    title: str
    #: households of a grid
    target: float
    #: buildings with households; of the villages of Taipei, None
    buildings: gpd.GeoDataFrame | None = None
    #: streets and other barriers
    streets: gpd.GeoDataFrame | None = None
    #: the ground to be divided
    within: gpd.GeoDataFrame | None = None
    #: villages with code and households, which are atoms themselves
    areas: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Yard:
    """A territory in atoms, as all are given it and all plans are measured by."""

    #: the atoms; ``barrier_m`` is plain metres of barrier
    graph: AtomGraph
    #: atom of each building
    building_atom: np.ndarray
    #: building and atom, of all that lie on one another
    on_building: np.ndarray
    on_atom: np.ndarray


def of_helsinki() -> Ground:
    """Return the centre of Helsinki with made-up households."""
    tables = helsinki(DATA / "helsinki_osm" / "Helsinki.osm.pbf")
    return Ground(title="Helsinki", target=HOUSEHOLDS, **tables)


def of_taipei() -> Ground:
    """Return the villages of Taipei with the households of the census of March 2013."""
    folder = DATA / "taipei"
    villages = gpd.read_file(folder / "taipei_village.geojson")
    counted = _census(folder)
    key = pd.MultiIndex.from_frame(villages[["TNAME", "VNAME"]])
    households = counted.reindex(key).to_numpy(copy=True)
    # one village has a rare character that nobody writes alike: it is the one left over of its district
    for row in np.flatnonzero(np.isnan(households)):
        left = counted.drop(key, errors="ignore")[key[row][0]]
        if len(left) != 1:
            raise ValueError(f"{key[row]} has no census figure, and {len(left)} are left in its district")
        households[row] = left.iloc[0]
    table = gpd.GeoDataFrame(
        {"code": villages["CPTVID"], "households": households.astype(int)}, geometry=villages.geometry
    )
    return Ground(title="Taipei, villages", target=float(households.sum() / PRECINCTS), areas=crs.to_metric(table))


def _census(folder: Path) -> pd.Series:
    """Return the households of each village of the city, by district and name."""
    key = pd.read_csv(folder / "districts.csv", dtype=str)
    counts = pd.read_csv(folder / "census2013-03.csv").merge(key, on="ivid")
    here = counts[counts["county"].isin(["臺北市", "台北市"])]
    return here.groupby(["town", "name"])["household"].first()


def of_town(buildings: int, seed: int = 0) -> Ground:
    """Return the sample town with its district as the ground."""
    tables = {
        name: crs.to_metric(table)
        for name, table in town(seed=seed, buildings=buildings).items()
        if name in {"areas", "buildings", "streets"}
    }
    district = tables["areas"].query("level == 'district'").reset_index(drop=True)
    return Ground(
        title=f"town of {buildings:,}".replace(",", " "),
        target=HOUSEHOLDS,
        buildings=tables["buildings"],
        streets=tables["streets"],
        within=district[["geometry"]],
    )


#: how each ground is made, the smallest first
GROUNDS: dict[str, Callable[[], Ground]] = {
    "taipei": of_taipei,
    "helsinki": of_helsinki,
    "10000": partial(of_town, 10_000),
    "100000": partial(of_town, 100_000),
}


def yard(ground: Ground) -> Yard:
    """Return a territory in atoms."""
    if ground.areas is not None:
        none = np.empty(0, np.int64)
        graph = site_of_areas(ground.areas, weight="households", standing=None, nested=False).graph
        return Yard(graph=graph, building_atom=none, on_building=none, on_atom=none)
    assert ground.buildings is not None
    made = atoms(ground.buildings, ground.streets, within=ground.within, barriers=PLAIN)
    building, atom = lying_on(ground.buildings.geometry.to_numpy(), np.asarray(made.cells.geometry.array))
    return Yard(graph=made.graph, building_atom=made.building_atom, on_building=building, on_atom=atom)


def lying_on(buildings: np.ndarray, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of a building and an area that have more ground in common than counts as a touch.

    Ground that two buildings both claim can be with one of them only, and counts for neither.
    """
    tree = shapely.STRtree(areas)
    building, area = tree.query(buildings, predicate="covered_by")
    whole = np.zeros(len(buildings), bool)
    whole[building] = True
    rest = np.flatnonzero(~whole)
    other, second = tree.query(buildings[rest], predicate="intersects")
    own = _own_ground(buildings, rest)
    common = shapely.area(shapely.intersection(own[other], areas[second]))
    other, second = rest[other[common > _CUT_M2]], second[common > _CUT_M2]
    return np.concatenate([building, other]), np.concatenate([area, second])


def _own_ground(buildings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what some of the buildings do not have in common with any other."""
    tree = shapely.STRtree(buildings)
    own = buildings[rows]
    for at, row in enumerate(rows):
        near = tree.query(buildings[row], predicate="intersects")
        own[at] = shapely.difference(own[at], shapely.union_all(buildings[near[near != row]]))
    return own
