"""What service places reach, on tables of files or of the record: computed, and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.network import Service
from gridmap.service.camera_layers import plain
from gridmap.standards import Norms, services
from gridmap.standards.services import ALL


@dataclass(frozen=True, kw_only=True)
class Served:
    """What service places reach, as tables and as a report."""

    #: places, areas (where areas were given), polygons
    layers: dict[str, gpd.GeoDataFrame]
    #: what stands in the answer beside the tables
    report: dict[str, Any]


def serve(
    places: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    minutes: Sequence[float] = (5.0, 10.0, 15.0),
    mode: str = "foot",
) -> Served:
    """Return what service places reach within some minutes along streets, beside the norms.

    Parameters
    ----------
    places
        ``id``, ``kind``, ``floor_m2?``, ``staff?`` and points, any CRS.
    streets
        ``id``, ``class?`` and lines, any CRS.
    areas
        ``code`` and polygons: households, floor space and staff are told area by area.
    buildings
        ``households?``, ``residents?`` and polygons: without them nobody knows who is reached.
    minutes
        How long the way may take.
    mode
        How people go.

    Raises
    ------
    InputError, TableError, CrsError
        As `gridmap.standards.services`.
    """
    found = services(places, streets, areas, buildings=buildings, minutes=minutes, rules=(Service(mode=mode), Norms()))
    layers = {"polygons": found.polygons, "areas": found.areas, "places": found.places}
    if areas is None:
        del layers["areas"]
    return Served(layers=layers, report=_report(places, layers))


def _report(places: gpd.GeoDataFrame, layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """What is said beside the tables."""
    reached = pd.DataFrame(layers["polygons"].drop(columns="geometry"))
    told: dict[str, Any] = {
        "places": len(places),
        "off_streets": int(layers["places"]["street_m"].isna().sum()),
        "reached": plain(reached),
    }
    if "areas" in layers:
        norm = layers["areas"][layers["areas"]["kind"] == ALL]
        # floor space and staff are the same however long the way may take
        once = norm[norm["minutes"] == norm["minutes"].max()]
        told["norms"] = {what: _kept(norm if what == "share" else once, what) for what in _KEPT}
    return told


#: Figures that have norms, and the columns that tell whether these are kept.
_KEPT = {"share": ("norm", "kept"), "floor": ("floor_norm", "floor_kept"), "staff": ("staff_norm", "staff_kept")}


def _kept(table: pd.DataFrame, what: str) -> dict[str, int]:
    """How many areas have a norm, keep it, do not, and of how many nobody knows."""
    norm, kept = _KEPT[what]
    bound = table[table[norm].notna()]
    told = bound[kept].astype("boolean")
    counts = {"areas": len(bound), "kept": int(told.sum()), "below": int((~told).sum())}
    return {**counts, "not_known": int(told.isna().sum())}
