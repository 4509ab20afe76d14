"""What became of each parcel between two epochs: one row for each old and new parcel that have ground in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap import crs
from gridmap.disputes.lineage.balance import balance
from gridmap.disputes.lineage.findings import findings
from gridmap.disputes.lineage.parcels import TwoEpochs, two_epochs
from gridmap.tessellation.lineage import LineageLimits, Pairs, common, kinds, picked, shares

#: Columns of a lineage, before its geometry.
COLUMNS = ("old", "new", "kind", "share_old", "share_new", "area_m2", "event", "descends")

_LIMITS = LineageLimits()


@dataclass(frozen=True, kw_only=True)
class EpochChange:
    """Two epochs of parcels compared."""

    #: what became of each parcel: see `epochs`
    lineage: gpd.GeoDataFrame
    #: where the ground of each parcel went, to the last square millimetre: see `balance`
    ledger: pd.DataFrame
    #: ground that counts as none: ``old``, ``new``, ``area_m2``, ``geometry``; booked in the ledger
    dropped: gpd.GeoDataFrame
    #: what should be known of the two epochs: see `findings`; what the comparison itself meets, and no more
    findings: gpd.GeoDataFrame
    #: what counted as ground
    limits: LineageLimits


def epochs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, limits: LineageLimits = _LIMITS) -> gpd.GeoDataFrame:
    """Return what became of each parcel between two epochs.

    One row for each pair of an old and a new parcel that *have ground in common*: as much as ``limits.least_m2``, as
    ``limits.least_share`` of either, and somewhere wider than ``limits.tolerance_m``. That width is the *noise*: how
    far a border may lie off because it was measured, rounded or generalised anew, and yet be the same border. Ground
    that only one epoch holds has a row with the other side missing. Each parcel has a row, were it all noise.

    Parcels whose ground is the very same to the millimetre are told by a hash of their sides, in any order of vertices;
    only what differs is laid over each other.

    A pair is a *border moved* if its ground is no more than ``limits.exchange_share`` of either parcel, nor the largest
    piece of either. All other pairs tie parcels together; of each group so tied, the number of old and of new ones
    tells the kind:

    ============= ================================================================================================
    unchanged     1 to 1, the same ground but for noise, and the same identifier
    renamed       1 to 1, the same ground, another identifier
    adjusted      1 to 1, with ground lost or gained; n to n where each old parcel goes on as one new one (what they
                  have in common is more than ``limits.same_share`` of the mean of their areas); every border moved
    split         1 to n
    merge         n to 1
    complex       any other n to m
    created       a new parcel that no old one ties to
    abolished     an old parcel that ties to no new one
    ============= ================================================================================================

    Parameters
    ----------
    old, new
        Parcels of the two epochs (id; polygon), in any CRS. A ring that crosses itself is mended first.
    limits
        What counts as ground, and what as an exchange; the noise of a generalisation is stated here.

    Returns
    -------
    geopandas.GeoDataFrame
        ``old``, ``new`` (identifiers, None where that epoch does not hold the ground), ``kind``, ``share_old``,
        ``share_new`` (of the area of each; NaN where there is none), ``area_m2``, ``event`` (number of the group from
        0; rows of one event happened together), ``descends`` (whether the new parcel comes from the old one, and not
        just a strip of it over a border that moved), ``geometry`` (the common ground, in the CRS of the old epoch).
        By old and new identifier, missing ones last; the order of the rows given does not matter.

    Raises
    ------
    TableError
        If identifiers are missing or repeated, or geometries are missing, empty or no polygons; all faults of an epoch
        at once.
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.
    InputError
        If neither epoch has a parcel.

    Examples
    --------
    A field is divided, the one beside it is only drawn from another corner:

    >>> import shapely
    >>> fields = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    >>> old = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=fields, crs=4549)
    >>> halves = [shapely.box(0, 0, 40, 100), shapely.box(40, 0, 100, 100), shapely.box(100, 0, 200, 100, ccw=False)]
    >>> new = gpd.GeoDataFrame({"id": ["c", "d", "b"]}, geometry=halves, crs=4549)
    >>> epochs(old, new)[["old", "new", "kind", "share_old", "share_new", "area_m2"]]
      old new       kind  share_old  share_new  area_m2
    0   a   c      split        0.4        1.0   4000.0
    1   a   d      split        0.6        1.0   6000.0
    2   b   b  unchanged        1.0        1.0  10000.0
    """
    both = two_epochs(old, new)
    return _lineage(common(both.old, both.new, limits, both.same).pairs, both, limits, _given(old, new))


def compare_epochs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, limits: LineageLimits = _LIMITS) -> EpochChange:
    """Return what became of each parcel between two epochs, with the books of it and what should be known of them.

    Parameters
    ----------
    old, new, limits
        As `epochs`.

    Returns
    -------
    EpochChange

    Raises
    ------
    TableError, CrsError, InputError
        As `epochs`.
    """
    both, system = two_epochs(old, new), _given(old, new)
    ground = common(both.old, both.new, limits, both.same)
    lineage = _lineage(ground.pairs, both, limits, system)
    return EpochChange(
        lineage=lineage,
        ledger=balance(ground, both),
        dropped=_table(ground.dropped, both, system)[["old", "new", "area_m2", "geometry"]],
        findings=findings(both, ground, limits, system),
        limits=limits,
    )


def _given(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Any:
    """Return the system that ground is told in."""
    return old.crs if len(old) else new.crs


def _lineage(pairs: Pairs, both: TwoEpochs, limits: LineageLimits, system: Any) -> gpd.GeoDataFrame:
    """Return the pairs as a table, with what is told of each."""
    told, share = kinds(pairs, both.old, both.new, limits), shares(pairs, both.old, both.new)
    more = {"kind": told.kind, "share_old": share.old, "share_new": share.new}
    table = _table(pairs, both, system, more | {"event": told.group, "descends": told.tied})
    return table.assign(event=pd.factorize(table["event"])[0])[[*COLUMNS, "geometry"]]


def _table(pairs: Pairs, both: TwoEpochs, system: Any, more: dict[str, NDArray[Any]] | None = None) -> gpd.GeoDataFrame:
    """Return pairs by the old, then the new identifier, missing ones last."""
    last = len(both.old), len(both.new)
    order = np.lexsort([np.where(rows < 0, end, rows) for rows, end in zip(pairs[1::-1], last[::-1], strict=True)])
    pairs = pairs.take(order)
    ids = {"old": picked(both.old.codes, pairs.old), "new": picked(both.new.codes, pairs.new)}
    columns = {name: pd.Series(values, dtype=object) for name, values in ids.items()}
    shapes = pairs.shapes if both.system == system else crs.convert_shapes(pairs.shapes, both.system, system)
    rest = {name: values[order] for name, values in (more or {}).items()}
    return gpd.GeoDataFrame({**columns, **rest, "area_m2": pairs.area}, geometry=shapes, crs=system)
