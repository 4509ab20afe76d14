"""The areas that hold the building of each address, told when they are first asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.territory.ground import Ground, Reach

#: Degrees (some 200 m) from an address to its building; what lies farther away is another building of that id.
_FAR = 2e-3


class Footprints:
    """The areas that hold the building of each address, by the id of the address.

    They are told when they are first asked for: of 100 000 addresses few are asked for before the next change.

    Parameters
    ----------
    ground
        The areas.
    buildings
        id and polygon, in degrees; None: none are known.
    addresses
        id, building and point, in degrees.
    """

    def __init__(self, ground: Ground, buildings: gpd.GeoDataFrame | None, addresses: gpd.GeoDataFrame) -> None:
        self._ground = ground
        self._told: dict[Hashable, Reach] = {}
        self._row: dict[Hashable, int] = {}
        self._shape: dict[str, Any] = {}
        if buildings is None or "building" not in addresses or "id" not in addresses or "id" not in buildings:
            return
        named = np.flatnonzero(addresses["building"].notna().to_numpy())
        self._row = dict(zip(addresses["id"].to_numpy(object)[named].tolist(), named.tolist(), strict=True))
        self._building = addresses["building"].to_numpy(object)
        self._points = addresses.geometry.to_numpy()
        self._shape = dict(zip(buildings["id"].astype(str).tolist(), buildings.geometry.to_numpy(), strict=True))

    def of(self, address: Hashable) -> Reach:
        """Return the areas that hold the building of an address; none where it is not known, or in no finest area."""
        if address not in self._told:
            self.tell([address])
        return self._told[address]

    def tell(self, addresses: Iterable[Hashable]) -> None:
        """Tell those of many addresses at once, which takes less time than one by one."""
        asked = [address for address in dict.fromkeys(addresses) if address not in self._told]
        told: dict[Hashable, Reach] = dict.fromkeys(asked, ())
        if known := [address for address in asked if address in self._row]:
            told.update(self._reaches(known))
        # at the end: another thread that asks meanwhile must not take what is not told yet for what is not known
        self._told.update(told)

    def _reaches(self, addresses: list[Hashable]) -> dict[Hashable, Reach]:
        """The areas that hold the buildings of addresses that name one, where it is known and near."""
        rows = [self._row[address] for address in addresses]
        shapes = np.array([self._shape.get(str(self._building[row])) for row in rows], dtype=object)
        points = shapely.centroid(self._points[rows])
        near = np.flatnonzero((shapely.area(shapes) > 0) & shapely.dwithin(shapes, points, _FAR))
        reaches = self._ground.footprints(shapes[near], points[near]) if len(near) else []
        return dict(zip([addresses[place] for place in near.tolist()], reaches, strict=True))
