"""A draft as a whole set of areas: the ground of each area above is that of the areas in it."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import hierarchy
from gridmap.service.plans_drafts import Draft
from gridmap.store.plans_rows import COUNTS


def whole(draft: Draft, standing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all areas of a draft, those above as unions of those in them, so that they nest by construction.

    An area above whose ground is what it was keeps its very vertices, and an area that says what it said keeps its
    counts: what a plan leaves alone does not change in the record.

    Parameters
    ----------
    draft
        The draft.
    standing
        The areas in force that it follows, all levels.

    Raises
    ------
    TableError
        If parents are unknown, or areas lie in themselves.
    """
    upper = gpd.GeoDataFrame(draft.upper.assign(**dict.fromkeys(COUNTS)), geometry=[None] * len(draft.upper), crs=4490)
    parts = [part for part in (upper, draft.leaves) if len(part)]
    areas = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(COUNTS, "Int64"))
    areas = gpd.GeoDataFrame(areas, geometry="geometry", crs=4490)
    return _as_counted_before(_filled(areas, standing), standing)


def going_on(finer: gpd.GeoDataFrame, changes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the finer areas in force that go on: those in areas of which neither code nor ground changes.

    Parameters
    ----------
    finer
        Areas in force below the finest level of a plan.
    changes
        What becomes of the areas of that level (see `gridmap.plans.compare`).

    Raises
    ------
    None
    """
    same = changes[(changes["old"] == changes["new"]) & changes["kind"].isin(["unchanged", "renamed"])]
    stay, held = set(same["new"]), -1
    # what lies in an area that goes on goes on too, level by level
    while len(stay) > held:
        held = len(stay)
        stay |= set(finer.loc[finer["parent"].isin(stay), "code"])
    return finer[finer["code"].isin(stay)]


def _filled(areas: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas of which those above hold the ground and the counts of those in them."""
    depth, parents = hierarchy.depths(areas), hierarchy.parent_rows(areas)
    shapes = areas.geometry.to_numpy().copy()
    counts = areas[list(COUNTS)].astype("float64").to_numpy(copy=True)
    held = dict(zip(standing["code"], standing.geometry.to_numpy(), strict=True))
    codes = areas["code"].to_numpy(dtype=object)
    above = np.unique(parents[parents >= 0])
    for row in above[np.argsort(-depth[above], kind="stable")]:
        children = np.flatnonzero(parents == row)
        shapes[row] = _union(shapes[children], held.get(codes[row]))
        counts[row] = counts[children].sum(axis=0)
    table = {name: pd.array(counts[:, at], dtype="Float64").astype("Int64") for at, name in enumerate(COUNTS)}
    filled = areas.assign(**table)
    return filled.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs))


def _union(shapes: np.ndarray, known: object) -> object:
    """The ground of several areas; with the vertices that it is known by, if it is the same ground."""
    parts = shapely.get_parts(shapes)
    valid = shapely.coverage_is_valid(parts)
    union = shapely.coverage_union_all(parts) if valid else shapely.union_all(parts)
    pieces = shapely.get_parts(union)
    union = pieces[0] if len(pieces) == 1 else shapely.multipolygons(pieces)
    return known if known is not None and shapely.equals(union, known) else union


def _as_counted_before(areas: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas of which those whose ground did not change keep the counts that are in force."""
    same = _same_ground(areas, standing)
    held = standing.set_index("code")
    kept = {}
    for name in ("households", "residents"):
        known = areas["code"].map(held[name]) if name in held else pd.Series(pd.NA, index=areas.index)
        kept[name] = areas[name].mask(same, known.astype("Int64"))
    return areas.assign(**kept)


def _same_ground(areas: gpd.GeoDataFrame, standing: gpd.GeoDataFrame) -> np.ndarray:
    """Which areas have the very vertices of the one in force of their code."""
    held = dict(zip(standing["code"], standing.geometry.to_numpy(), strict=True))
    known = np.array([held.get(code) for code in areas["code"]], dtype=object)
    shapes = areas.geometry.to_numpy()
    return np.asarray(shapely.equals_identical(shapes, known), dtype=bool)


def recoded(areas: gpd.GeoDataFrame, codes: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return areas with the codes that they will have in force, and those of their parents.

    Raises
    ------
    None
    """
    return areas.assign(**{name: [codes.get(code, code) for code in areas[name]] for name in ("code", "parent")})
