"""The sample town's tables, and the truth beside them."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import RECORD_EPSG
from gridmap.errors import InputError
from gridmap.samples import addresses, areas, blocks, disputes, network, patrols, posts, signins, streets
from gridmap.samples.buildings import FLOOR_M, ROOF_M, building_ids
from gridmap.samples.ground import Ints, degrees
from gridmap.samples.network import street_id
from gridmap.samples.site import Site, build, chance

#: Sizes that the town can have, in buildings.
FEWEST, MOST = 200, 200_000
#: Days of patrols at most.
MOST_DAYS = 366
#: Buildings per camera.
PER_CAMERA = 25


def town(seed: int = 0, buildings: int = 5000, *, days: int = patrols.DAYS) -> dict[str, Any]:
    """Tables of a sample town, with the truth beside them.

    A district with a river, a railway (from about 500 buildings), main and side streets, compounds, villages and five
    nested levels of areas. Equal seeds give equal tables on every machine. The truth is what the town was built from,
    never the result of a spatial search.

    Parameters
    ----------
    seed
        Any whole number from 0 up.
    buildings
        How many buildings, 200 to 200,000; the land grows with them (10 km2 for 5,000, 350 km2 for 200,000).
    days
        How many days posts are on patrol, from 2024-05-06, 1 to 366.

    Returns
    -------
    dict of str to GeoDataFrame or DataFrame
        In EPSG:4490. As `gridmap.frames` promises: ``areas`` (in force since 2020-01-01), ``areas_before`` (2016-01-01
        to 2020-01-01: some of today's communities were two), ``buildings`` (and ``kind``), ``streets`` (whole streets
        with a vertex at every crossing; river and railway are those with a ``barrier``), ``addresses``, ``cameras``,
        ``checkpoints``, ``fixes``, ``signins``, ``places``, ``claims``, ``candidates``, ``parcels`` (2021) and
        ``parcels_before`` (1998).

        The truth, by the key in its first column: ``truth_buildings``, ``truth_addresses`` and ``truth_places`` (codes
        of ``district``, ``street``, ``community``, ``grid``, ``micro``; buildings and addresses also ``grid_before``),
        ``truth_fixes`` (``fix`` is the position in ``fixes``; post, shift, time, street, along_m, wild, true point),
        ``truth_walked`` (post, shift, street, from_m, to_m, start, end), ``truth_signins`` (post, shift, when the
        checkpoint was passed, and what the crew did: there, forgotten, elsewhere, twice, or not passed),
        ``truth_cameras`` (heading_deg, street),
        ``truth_borders`` (communities a and b, contested_m2, true line) and ``truth_parcels`` (old, new, kind).

        Metres along streets and areas are those of EPSG:4549.

    Raises
    ------
    InputError
        If the seed is negative, or the number of buildings or of days is outside its limits.

    Examples
    --------
    >>> tables = town(seed=1, buildings=200)
    >>> len(tables["buildings"]), tables["areas"]["code"].iloc[0]
    (200, '320613')
    """
    if not FEWEST <= buildings <= MOST:
        raise InputError(f"{buildings} buildings", expected=f"{FEWEST} to {MOST}")
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"{days} days", expected=f"1 to {MOST_DAYS}")
    if seed < 0:
        raise InputError(f"seed {seed}", expected="a whole number from 0 up")
    site = build(seed, buildings)
    return {**_settlement(seed, site), **_watch(seed, site, days), **_quarrel(seed, site)}


def _settlement(seed: int, site: Site) -> dict[str, Any]:
    """Areas, buildings, streets and addresses."""
    address, row, column = addresses.table(chance(seed, "addresses"), site)
    people = site.households, site.residents
    built = site.built
    houses = {"building": building_ids(np.arange(len(built))), **_chains(site, built.row, built.column)}
    return {
        "areas": areas.table(site.ground, site.now, *people, (areas.NOW, None)),
        "areas_before": areas.table(site.ground, site.before, *people, (areas.BEFORE, areas.NOW)),
        "buildings": _buildings(site),
        "streets": _streets(site),
        "addresses": address,
        "truth_buildings": pd.DataFrame(houses),
        "truth_addresses": pd.DataFrame({"address": address["id"], **_chains(site, row, column)}),
    }


def _watch(seed: int, site: Site, days: int) -> dict[str, Any]:
    """Cameras, patrols and service places."""
    edges = network.edges(site.ground, site.plan)
    territories = patrols.territories(site.ground, edges, site.now)
    walked = patrols.rounds(chance(seed, "rounds"), edges, territories, days)
    fixes, true, stretches = patrols.tables(chance(seed, "fixes"), site.ground, edges, walked)
    cameras, headings = posts.cameras(chance(seed, "cameras"), site.ground, edges, len(site.built) // PER_CAMERA)
    places, holders = posts.places(chance(seed, "places"), site.ground, site.built, site.now)
    nodes = {post.removesuffix("巡逻岗"): edges.begin[pieces] for post, pieces in territories.items()}
    checkpoints, posted = posts.checkpoints(chance(seed, "checkpoints"), site.ground, nodes)
    signed, passed = signins.tables(chance(seed, "signins"), edges, walked, posted)
    return {
        "cameras": cameras,
        "checkpoints": checkpoints,
        "fixes": fixes,
        "places": places,
        "signins": signed,
        "truth_cameras": headings,
        "truth_fixes": true,
        "truth_signins": passed,
        "truth_walked": stretches,
        "truth_places": holders,
    }


def _quarrel(seed: int, site: Site) -> dict[str, Any]:
    """The disputed line and the parcels beside it."""
    border = disputes.disputed(site.now, site.plan.distance)
    claims, candidates, truth = disputes.claims(chance(seed, "claims"), site.ground, site.now, border)
    before, after, lineage = disputes.parcels(chance(seed, "parcels"), site.ground, site.now, border)
    return {
        "claims": claims,
        "candidates": candidates,
        "parcels": after,
        "parcels_before": before,
        "truth_borders": truth,
        "truth_parcels": lineage,
    }


def _chains(site: Site, row: Ints, column: Ints) -> dict[str, list[str]]:
    """Codes of the areas that hold plots now, and of the grid that did before."""
    return {**site.now.chain(row, column), "grid_before": site.before.chain(row, column)["grid"]}


def _buildings(site: Site) -> geopandas.GeoDataFrame:
    """Buildings as frames promise, with their kind."""
    built = site.built
    points = degrees(site.corners[..., 0], site.corners[..., 1])
    rows = {
        "id": building_ids(np.arange(len(built))),
        "kind": [blocks.USES[use] for use in built.use.tolist()],
        "households": built.households,
        "residents": built.residents,
        "height_m": np.round(built.floors * FLOOR_M + ROOF_M, 1),
        "floors": built.floors,
    }
    return geopandas.GeoDataFrame(rows, geometry=shapely.polygons(points), crs=RECORD_EPSG)


def _streets(site: Site) -> geopandas.GeoDataFrame:
    """Streets and barriers as frames promise."""
    runs, points = site.plan.runs, site.ground.lon_lat
    words = {
        "name": [run.name or None for run in runs],
        "class": [streets.CLASSES[run.rank] if run.rank not in streets.BARRIERS else None for run in runs],
        "barrier": [streets.BARRIERS.get(run.rank) for run in runs],
    }
    rows: dict[str, Any] = {"id": [street_id(k) for k in range(len(runs))]}
    rows |= {name: pd.Series(column, dtype="str") for name, column in words.items()}
    lines = [shapely.LineString(points[run.rows, run.columns]) for run in runs]
    return geopandas.GeoDataFrame(rows, geometry=lines, crs=RECORD_EPSG)
