"""What became of each parcel between two epochs: one row for each old and new parcel that have ground in common."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap import crs
from gridmap.disputes.lineage.parcels import two_epochs
from gridmap.tessellation.lineage import LineageLimits, Pairs, Side, common, kinds, picked, shares

#: Columns of a lineage, before its geometry.
COLUMNS = ("old", "new", "kind", "share_old", "share_new", "area_m2", "event", "descends")

_LIMITS = LineageLimits()


def epochs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, limits: LineageLimits = _LIMITS) -> gpd.GeoDataFrame:
    """Return what became of each parcel between two epochs."""
    one, other, system = two_epochs(old, new)
    return lineage(common(one, other, limits).pairs, one, other, limits)


def lineage(pairs: Pairs, old: Side, new: Side, limits: LineageLimits) -> pd.DataFrame:
    told, share = kinds(pairs, old, new, limits), shares(pairs, old, new)
    table = gpd.GeoDataFrame(
        {
            "old": picked(old.codes, pairs.old),
            "new": picked(new.codes, pairs.new),
            "kind": told.kind,
            "share_old": share.old,
            "share_new": share.new,
            "area_m2": pairs.area,
            "event": told.group,
            "descends": told.tied,
        },
        geometry=pairs.shapes,
    )
    return table
