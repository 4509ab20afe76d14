"""What watches and serves the sample town: cameras, checkpoints, service places. No person is in any of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from gridmap.crs import RECORD_EPSG
from gridmap.samples import blocks
from gridmap.samples.areas import Nest
from gridmap.samples.buildings import Buildings, building_ids
from gridmap.samples.ground import Array, Ground, Ints, degrees
from gridmap.samples.network import Edges
from gridmap.samples.signins import Posted
from gridmap.samples.streets import RESIDENTIAL

#: Grid north lies east of true north by so many degrees (0.864° east of the zone's meridian, times the sine of 32.01°).
CONVERGENCE_DEG = 0.458
#: Metres between a crossing and what stands at its corner.
CORNER_M = 12.0
#: Kinds of places that every community has: kind, least and greatest floor space in m2, least and greatest staff.
_COMMUNITY_PLACES = (
    ("community_centre", (400, 1500), (6, 18)),
    ("clinic", (150, 900), (4, 20)),
    ("social_facility", (300, 2000), (3, 25)),
    ("police", (60, 250), (2, 8)),
)


@dataclass(frozen=True, kw_only=True)
class Corners:
    """Points at the corners of crossings."""

    #: number of the crossing's node
    node: Ints
    #: row and column of the plot at that corner
    row: Ints
    column: Ints
    #: metres, shape (corners, 2)
    point: Array


def corners(rng: np.random.Generator, ground: Ground, node: Ints) -> Corners:
    """A corner of each crossing, in one of the plots around it."""
    rows, columns = ground.shape
    node_row, node_column = np.divmod(node, columns + 1)
    row = np.clip(node_row - (rng.random(len(node)) * 2).astype(np.int64), 0, rows - 1)
    column = np.clip(node_column - (rng.random(len(node)) * 2).astype(np.int64), 0, columns - 1)
    middle = ground.corners(row, column).mean(axis=1)
    here = np.stack([ground.x.ravel()[node], ground.y.ravel()[node]], axis=-1)
    inwards = middle - here
    point = here + inwards * (CORNER_M / np.hypot(*inwards.T))[:, None]
    return Corners(node=node, row=row, column=column, point=np.round(point, 3))


def cameras(
    rng: np.random.Generator, ground: Ground, edges: Edges, count: int
) -> tuple[geopandas.GeoDataFrame, pd.DataFrame]:
    """Cameras at crossings, looking down a street, and their true headings and streets."""
    wide = np.flatnonzero(edges.rank >= RESIDENTIAL)
    picked = wide[rng.permutation(len(wide))[:count]]
    spot = corners(rng, ground, edges.begin[picked])
    heading = edges.heading(ground)[picked] + CONVERGENCE_DEG + 16 * rng.random(len(picked)) - 8
    heading = np.round(heading % 360, 1) % 360
    throw = rng.random((len(picked), 6))
    kind = np.select([throw[:, 0] < 0.7, throw[:, 0] < 0.92], ["fixed", "ptz"], "fisheye")  # noqa: PLR2004 (shares)
    unknown = (throw[:, 1] < 0.08) | (kind == "fisheye")  # noqa: PLR2004 (one of twelve was never surveyed)
    hfov = np.select([kind == "fisheye", kind == "ptz"], [360.0, 60.0], 40 + np.round(60 * throw[:, 2]))
    serial = np.arange(1, len(picked) + 1)
    rows = {
        "id": [f"C{k:05d}" for k in serial],
        "code": [gb28181(k) for k in serial.tolist()],
        "height_m": np.round(3.5 + 3.5 * throw[:, 3], 1),
        "heading_deg": np.where(unknown, np.nan, heading),
        "hfov_deg": hfov,
        "tilt_deg": np.where(kind == "fisheye", 90.0, np.round(5 + 15 * throw[:, 4])),
        "vfov_deg": np.where(kind == "fisheye", 180.0, np.round(hfov * 9 / 16)),
        "width_px": np.array([1920, 2560, 3840])[(throw[:, 5] * 3).astype(int)],
        "range_m": np.round(30 + 90 * throw[:, 3]),
        "kind": kind.astype(object),
        "status": np.where(throw[:, 4] < 0.03, "offline", "online").astype(object),  # noqa: PLR2004 (a few are broken)
        "valid_from": pd.Series([dt.date(2019 + int(4 * k), 3, 1) for k in throw[:, 2]], dtype=object),
    }
    truth = {"camera": rows["id"], "heading_deg": heading, "street": edges.street_ids(picked)}
    return _points(rows, spot.point), pd.DataFrame(truth)


def gb28181(serial: int) -> str:
    """The 20 digits of GB/T 28181 annex D: centre (8), industry (2), kind of device (3), network (1), serial (6).

    >>> gb28181(7)
    '32061300001320000007'
    """
    return f"32061300{'00'}{'132'}{'0'}{serial:06d}"


def checkpoints(
    rng: np.random.Generator, ground: Ground, walks: dict[str, Ints]
) -> tuple[geopandas.GeoDataFrame, Posted]:
    """Three sign-in points per community, at crossings of its patrol, and where they stand and whose they are."""
    node, name, post = [], [], []
    for title, walk in walks.items():
        chosen = rng.permutation(np.unique(walk))[:3]
        node += chosen.tolist()
        name += [f"{title}第{k + 1}签到点" for k in range(len(chosen))]
        post += [f"{title}巡逻岗"] * len(chosen)
    spot = corners(rng, ground, np.array(node, dtype=np.int64))
    late = rng.random(len(node)) < 0.3  # noqa: PLR2004 (some are open round the clock)
    rows: dict[str, Any] = {
        "id": [f"K{k + 1:04d}" for k in range(len(node))],
        "name": name,
        "opens": np.where(late, "00:00", "07:00").astype(object),
        "closes": np.where(late, "24:00", "22:00").astype(object),
        "radius_m": np.where(late, 50.0, 30.0),
    }
    posted = Posted(id=rows["id"], node=spot.node, post=post, point=spot.point)
    return _points(rows, spot.point), posted


def places(
    rng: np.random.Generator, ground: Ground, built: Buildings, nest: Nest
) -> tuple[geopandas.GeoDataFrame, pd.DataFrame]:
    """Service places in buildings, four per community and one per public compound, and the areas that hold them."""
    community = nest.labels["community"][built.row, built.column]
    rows, at = [], []
    for label in range(len(nest.codes["community"])):
        inside = np.flatnonzero(community == label)
        for k, (kind, space, staff) in enumerate(_COMMUNITY_PLACES):
            rows.append((kind, *_between(rng, space, staff)))
            at.append(inside[(k * 7919 + 13) % len(inside)])
    for building in np.flatnonzero(built.use == blocks.PUBLIC)[::3]:
        rows.append(
            (("school", "hospital", "marketplace")[int(rng.random() * 3)], *_between(rng, (2000, 9000), (20, 160)))
        )
        at.append(building)
    which = np.array(at)
    point = np.round(ground.inside(built.row[which], built.column[which], built.s[which], built.t[which]), 3)
    columns = dict(zip(("kind", "floor_m2", "staff"), map(list, zip(*rows, strict=True)), strict=True))
    ids = [f"L{k + 1:05d}" for k in range(len(rows))]
    truth = {"place": ids, "building": building_ids(which), **nest.chain(built.row[which], built.column[which])}
    return _points({"id": ids, **columns}, point), pd.DataFrame(truth)


def _between(rng: np.random.Generator, space: tuple[int, int], staff: tuple[int, int]) -> tuple[float, int]:
    """Floor space in m2 and staff within limits."""
    size, people = rng.random(2)
    return float(round(space[0] + size * (space[1] - space[0]))), int(staff[0] + people * (staff[1] - staff[0]))


def _points(rows: dict[str, Any], point: Array) -> geopandas.GeoDataFrame:
    """A table of points in metres, in degrees."""
    lon, lat = degrees(point[:, 0], point[:, 1]).T
    return geopandas.GeoDataFrame(rows, geometry=geopandas.points_from_xy(lon, lat), crs=RECORD_EPSG)
