"""What the service places of the record reach, and their staff and floor space beside the norms, area by area."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd

from gridmap.errors import NotFoundError
from gridmap.network import Ways, ways
from gridmap.network.service_areas import Service
from gridmap.service.camera_record import Recorded, family
from gridmap.service.camera_watches import Watches
from gridmap.standards import services

#: Choices of minutes that are kept answered.
KEPT = 8
#: Layers that an answer is made of.
_LAYERS = ("areas", "streets", "buildings", "places")


@dataclass(frozen=True, kw_only=True)
class Served:
    """What places reach in an area and its children."""

    #: revision of the record
    version: int
    #: code, name, level, parent: the area, then its children by code
    areas: pd.DataFrame
    #: code, kind, minutes, households, reached, share, too_far, norm, kept, places, floor_m2, ..., staff_kept
    figures: pd.DataFrame
    #: places in all, and those too far from any street to be reached along streets
    places: int
    off_streets: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reach:
    """What was worked out of one state of the layers."""

    recorded: Recorded
    ways: Ways
    #: figures of all areas, and places that are off the streets, by minutes
    found: dict[tuple[float, ...], tuple[pd.DataFrame, int]] = field(default_factory=dict)


class Reaches:
    """What service places reach by one record, worked out once for each state of its layers.

    Parameters
    ----------
    watches
        What holds the layers of the record.
    """

    def __init__(self, watches: Watches) -> None:
        self._watches = watches
        self._held: list[_Reach] = []
        self._working = threading.Lock()

    def served(self, area: str, on: date, minutes: tuple[float, ...]) -> Served:
        """Return what service places reach in an area and its children.

        Parameters
        ----------
        area
            Code of the area.
        on
            The day.
        minutes
            How long the way on foot may take.

        Raises
        ------
        NotFoundError
            If no such area is in force on that day, or no street, or no place.
        InputError
            If no place is near a street.
        RecordError
            If the record cannot be read.
        """
        recorded = self._watches.at(on).recorded
        areas = family(recorded.areas, area)
        with self._working:
            table, off = self._figures(recorded, on, minutes)
        rows = table[table["code"].isin(areas["code"])].reset_index(drop=True)
        named = pd.DataFrame(areas[["code", "name", "level", "parent"]])
        return Served(version=recorded.version, areas=named, figures=rows, places=len(recorded.places), off_streets=off)

    def _figures(self, recorded: Recorded, on: date, minutes: tuple[float, ...]) -> tuple[pd.DataFrame, int]:
        reach = self._reach(recorded, on)
        if minutes not in reach.found:
            if len(reach.found) >= KEPT:
                reach.found.clear()
            reach.found[minutes] = _worked_out(reach, minutes)
        return reach.found[minutes]

    def _reach(self, recorded: Recorded, on: date) -> _Reach:
        """What was worked out of the very same layers, or room for it."""
        for one in self._held:
            if all(getattr(one.recorded, layer) is getattr(recorded, layer) for layer in _LAYERS):
                return one
        for layer, code in (("places", "no_places"), ("streets", "no_streets")):
            if getattr(recorded, layer).empty:
                raise NotFoundError(f"no {layer} are in force on {on}", do=f"load {layer}", code=code)
        same = (one.ways for one in self._held if one.recorded.streets is recorded.streets)
        made = _Reach(recorded=recorded, ways=next(same, None) or ways(recorded.streets, Service().mode))
        self._held = [*self._held, made][-2:]
        return made


def _worked_out(reach: _Reach, minutes: tuple[float, ...]) -> tuple[pd.DataFrame, int]:
    recorded = reach.recorded
    buildings: gpd.GeoDataFrame | None = None if recorded.buildings.empty else recorded.buildings
    found = services(recorded.places, reach.ways, recorded.areas, buildings=buildings, minutes=minutes)
    return pd.DataFrame(found.areas.drop(columns="geometry")), int(found.places["street_m"].isna().sum())
