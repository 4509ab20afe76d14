"""The centre of Helsinki as OpenStreetMap has it: buildings with made-up households, streets, and the ground they fill.

Households are reckoned from footprint and floors, the same for everybody: OpenStreetMap knows no residents.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

#: ETRS89 / TM35FIN, the metric system of Finland
EPSG = 3067
#: floors of a building that does not say, as most of the centre has
FLOORS = 6
#: square metres of floor that dwellings fill in a house of flats, and those of one dwelling
DWELT, DWELLING_M2 = 0.8, 95.0
#: no building has more: a single one never outgrows a grid
MOST_HOUSEHOLDS = 240
#: sheds below this are no buildings
LEAST_M2 = 20.0
#: a building that another covers by more than this share is drawn twice
OVERLAP = 0.1
#: how far the ground goes beyond the buildings, how wide a gap between them is filled, how far its border is smoothed
BEYOND_M, BAY_M, SMOOTH_M = 250.0, 400.0, 5.0

STREETS = (
    *("motorway", "trunk", "primary", "secondary"),
    *("tertiary", "unclassified", "residential", "living_street", "pedestrian"),
)
BARRIERS = {"river": "river", "canal": "canal", "rail": "railway"}
#: nobody lives in these
NOT_LIVED_IN = frozenset(
    {
        *("garage", "garages", "shed", "carport", "roof", "church", "chapel", "school", "industrial", "barn"),
        *(
            "farm_auxiliary",
            "greenhouse",
            "hospital",
            "train_station",
            "hut",
            "stable",
            "public",
            "warehouse",
            "retail",
        ),
        *("commercial", "office", "parking", "hotel", "university", "kindergarten", "service"),
    }
)


def helsinki(path: Path | str) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables ``buildings``, ``streets`` and ``within`` of a file Helsinki.osm.pbf, in EPSG:3067.

    Buildings that another covers by a tenth are left out, as are those beyond the one piece of ground that holds most.
    """
    buildings = _unstacked(_buildings(path))
    ground = _ground(buildings.geometry.to_numpy())
    inside = shapely.within(shapely.point_on_surface(buildings.geometry.to_numpy()), ground)
    return {
        "buildings": buildings[inside].reset_index(drop=True),
        "streets": _streets(path),
        "within": gpd.GeoDataFrame(geometry=[ground], crs=EPSG),
    }


def _layer(path: Path | str, layer: str) -> gpd.GeoDataFrame:
    """Return a layer of the file; OpenStreetMap has unclosed rings, of which GDAL warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return pyogrio.read_dataframe(path, layer=layer, on_invalid="ignore").to_crs(EPSG)


def _tag(table: gpd.GeoDataFrame, key: str) -> Any:
    """Return the values of a tag that GDAL left among the others."""
    return table["other_tags"].str.extract(f'"{key}"=>"([^"]*)"')[0]


def _buildings(path: Path | str) -> gpd.GeoDataFrame:
    """Return the single parts of all buildings, the largest first."""
    table = _layer(path, "multipolygons")
    table = table[table["building"].notna() & table.geometry.notna()]
    table = table.assign(geometry=shapely.make_valid(table.geometry.to_numpy()), floors=_tag(table, "building:levels"))
    table = table.explode(ignore_index=True)
    table = table[(table.geom_type == "Polygon") & (table.area >= LEAST_M2)]
    key = table["osm_way_id"].fillna("r" + table["osm_id"].astype(str))
    table = table.assign(id=key + "-" + table.groupby(key).cumcount().astype(str), area=table.area)
    table = table.sort_values(["area", "id"], ascending=[False, True], ignore_index=True)
    floors = pd.to_numeric(table["floors"], errors="coerce").clip(1, 50).fillna(FLOORS)
    flats = np.maximum(1, np.round(table["area"] * floors * DWELT / DWELLING_M2))
    lived_in = ~table["building"].isin(NOT_LIVED_IN)
    households = np.minimum(np.where(lived_in, flats, 0), MOST_HOUSEHOLDS).astype(int)
    return table.assign(households=households)[["id", "households", "geometry"]]


def _unstacked(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table without buildings that lie on a larger one."""
    shapes = table.geometry.to_numpy()
    large, small = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    large, small = large[large < small], small[large < small]
    common = shapely.area(shapely.intersection(shapes[large], shapes[small]))
    stacked = small[common > OVERLAP * shapely.area(shapes[small])]
    return table.drop(index=np.unique(stacked)).reset_index(drop=True)


def _ground(shapes: Any) -> Any:
    """Return the largest piece of ground around buildings, its gaps filled."""
    near = shapely.union_all(shapely.buffer(shapes, BEYOND_M, quad_segs=2))
    closed = shapely.get_parts(shapely.buffer(shapely.buffer(near, BAY_M, quad_segs=2), -BAY_M, quad_segs=2))
    largest = closed[np.argmax(shapely.area(closed))]
    return shapely.simplify(shapely.Polygon(largest.exterior), SMOOTH_M)


def _streets(path: Path | str) -> gpd.GeoDataFrame:
    """Return streets, rivers, canals and railways."""
    table = _layer(path, "lines")
    kind = table["highway"].where(table["highway"].isin(STREETS))
    barrier = table["waterway"].map(BARRIERS).fillna(table["railway"].map(BARRIERS))
    table = table.assign(**{"id": table["osm_id"], "class": kind, "barrier": barrier})
    kept = table[(kind.notna() | barrier.notna()) & ~table.geometry.is_empty]
    return kept[["id", "name", "class", "barrier", "geometry"]].reset_index(drop=True)
