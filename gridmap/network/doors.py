"""Buildings as places on streets, with the households behind each door."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.network.reach import Stretches, seconds_at
from gridmap.network.ways import Ways
from gridmap.streets import NearestEdges

Floats = npt.NDArray[np.float64]

#: Metres from a building to its street beyond which its way is not known: a farm whose track nobody drew.
DOOR_M = 150.0


@dataclass(frozen=True, kw_only=True)
class Doors:
    """One door a building: the point of its nearest street."""

    #: where each is on the streets; edge -1 where no street is near enough
    feet: NearestEdges
    #: seconds from the street to the middle of the building
    lead_s: Floats
    #: households of each building; 1 where the table does not say, so that buildings are counted, shape (b,)
    households: Floats

    @property
    def too_far(self) -> npt.NDArray[np.bool_]:
        """Whether no street is near enough."""
        return np.asarray(self.feet.edge < 0)

    def seconds(self, cut: Stretches, node_s: Floats) -> Floats:
        """Return the seconds in which each building is reached, infinite where it is not, shape (b,).

        Raises
        ------
        Nothing
            A building too far from any street is not reached.
        """
        return np.asarray(seconds_at(cut, node_s, self.feet) + self.lead_s)


def doors(buildings: gpd.GeoDataFrame, ways: Ways, within_m: float = DOOR_M) -> Doors:
    """Return the doors of buildings, each where the street nearest to a point inside the building is nearest.

    Parameters
    ----------
    buildings
        Polygons or points in any CRS, ``households`` where known.
    ways
        The streets.
    within_m
        How far a building may be from its street.

    Raises
    ------
    CrsError
        If the buildings state no CRS.
    """
    inside = shapely.point_on_surface(buildings.geometry.to_numpy())
    feet = ways.feet(ways.to_metres(gpd.GeoSeries(inside, crs=buildings.crs)), within_m)
    said = buildings["households"] if "households" in buildings else pd.Series(1.0, index=buildings.index)
    households = pd.to_numeric(said).fillna(0.0).to_numpy(dtype=float)
    return Doors(feet=feet, lead_s=np.nan_to_num(feet.offset_m) / ways.mode.speed_m_s, households=households)
