"""From the territory of one snapshot to that of the next: only what differs is made anew."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.address import Gazetteer
from gridmap.atlas.snapshots import Snapshot
from gridmap.territory import Territory

#: Share of the addresses that may differ; where more do, an index is built more quickly than updated.
MOST_CHANGED = 0.05

#: What of a snapshot must be the very same tables.
_GROUND = ("areas", "streets", "former")

#: What is compared of addresses beside their geometry.
_COLUMNS = ("text", "building")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How one table differs from another of the same kind, row by row."""

    #: rows that are new or say something else
    changed: gpd.GeoDataFrame
    #: ids of rows that are there no longer
    gone: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows differ."""
        return len(self.changed) + len(self.gone)


def renewed(base: Territory, before: Snapshot, after: Snapshot) -> Territory | None:
    """Return the territory of a snapshot, made from that of another; None where making it anew is the shorter way.

    Parameters
    ----------
    base
        The territory of ``before``, on the day asked about.
    before, after
        Two snapshots of one record. Only addresses, buildings and aliases may be other tables in the second, and only a
        few addresses.
    """
    if any(getattr(before, name) is not getattr(after, name) for name in _GROUND) or after.addresses is None:
        return None
    if before.addresses is None:
        return None
    addresses = difference(before.addresses, after.addresses)
    if addresses is None or addresses.rows > MOST_CHANGED * len(after.addresses):
        return None
    return base.renewed(
        _updated(base.gazetteer, addresses, before, after),
        version=after.version,
        addresses=after.addresses,
        buildings=after.buildings,
        aliases=after.aliases,
        changed=bool(addresses.rows or before.buildings is not after.buildings),
    )


def difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Difference | None:
    """Return how two tables of addresses differ; None where an id stands twice, or their systems differ.

    Parameters
    ----------
    before, after
        Tables with id, text, building? and geometry; other columns are passed over.

    Examples
    --------
    >>> points = shapely.points([0, 1, 2], 0)
    >>> plates = gpd.GeoDataFrame({"id": ["1", "2", "3"], "text": ["a", "b", "c"]}, geometry=points)
    >>> later = plates.iloc[:2].assign(text=["a", "x"])
    >>> found = difference(plates, later)
    >>> found.changed["id"].tolist(), found.gone
    (['2'], ('3',))
    """
    if before is after or before.empty:
        return Difference(changed=after.iloc[:0] if before is after else after)
    ids = pd.Index(before["id"].astype(object))
    others = pd.Index(after["id"].astype(object))
    if not (ids.is_unique and others.is_unique) or before.crs != after.crs:
        return None
    row = ids.get_indexer(others)
    same = row >= 0
    for column in _COLUMNS:
        old, new = (_cells(table, column) for table in (before, after))
        same &= old[row] == new
    same &= shapely.equals_identical(before.geometry.to_numpy()[row], after.geometry.to_numpy())
    gone = np.ones(len(ids), dtype=bool)
    gone[row[row >= 0]] = False
    return Difference(changed=after[~same], gone=tuple(ids[gone]))


def _cells(table: pd.DataFrame, column: str) -> np.ndarray:
    """The cells of a column, empty where one is missing or the whole column is."""
    if column not in table:
        return np.full(len(table), "", dtype=object)
    return table[column].astype(object).where(table[column].notna(), "").to_numpy()


def _updated(gazetteer: Gazetteer, addresses: Difference, before: Snapshot, after: Snapshot) -> Gazetteer:
    """The index with what differs."""
    aliases = None if _equal(before.aliases, after.aliases) else after.aliases
    if not addresses.rows and aliases is None:
        return gazetteer
    changed = addresses.changed if len(addresses.changed) else None
    return gazetteer.updated(changed, removed=addresses.gone, aliases=aliases)


def _equal(before: pd.DataFrame | None, after: pd.DataFrame | None) -> bool:
    return before is after or (before is not None and after is not None and before.equals(after))
