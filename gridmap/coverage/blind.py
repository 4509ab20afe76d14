"""Stretches of street that no camera sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage.counting import Counting
from gridmap.coverage.cuts import Cuts
from gridmap.coverage.depth import nominal
from gridmap.coverage.sweeping import Floats, Ints, swept
from gridmap.crs import to_system
from gridmap.visibility.lines import drawn

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts

#: OpenStreetMap's classes of streets by how many people pass: the first is looked at first. A link ranks as its road.
CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "pedestrian",
    "service",
    "track",
    "cycleway",
    "footway",
    "path",
    "steps",
)
#: Shorter gaps between two viewsheds are not listed, metres.
LEAST_M = 1.0


def blind(
    parts: Parts,
    views: Views,
    streets: gpd.GeoDataFrame,
    cameras: pd.DataFrame,
    laid: Cuts,
    *,
    counting: Counting | None = None,
) -> gpd.GeoDataFrame:
    """Return the stretches of street that no camera sees, the weightiest first.

    Not seen is what no camera that counts sees nominally in ``counting.band`` or a better one. A stretch ends where its
    street enters another area; gaps of less than `LEAST_M` are left out, and so is what is no street. Ranked by the
    class of the street in the order of `CLASSES`, then the longest first.

    Parameters
    ----------
    parts, views
        Metres of the streets in view, and the views.
    streets
        ``id``, ``name``, ``class`` and lines: the table the parts were taken of.
    cameras
        The table the views were made of.
    laid
        The streets cut along areas: `gridmap.coverage.cuts`.
    counting
        Day, status and band.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of the streets: ``rank`` from 1, ``id``, ``name``, ``class``, ``band``, ``from_m``, ``to_m`` (metres
        along the street), ``length_m``, ``code`` (the finest area, missing outside), line.

    Raises
    ------
    InputError
        If there is no such band.
    TableError
        If the cameras are not those of the views.
    """
    line, from_m, to_m, area = _gaps(nominal(parts, views, cameras, counting), laid)
    codes = np.array([*laid.areas["code"], None], dtype=object)
    table = pd.DataFrame({"id": streets["id"].to_numpy()[line]})
    for name in ("name", "class"):
        table[name] = streets[name].to_numpy(dtype=object)[line] if name in streets else None
    table["band"] = (counting or Counting()).band
    table = table.assign(from_m=from_m, to_m=to_m, length_m=to_m - from_m, code=codes[area])
    shapes = to_system(gpd.GeoSeries(drawn(laid.lines, line, from_m, to_m), crs=laid.lines.crs), streets.crs)
    order = np.lexsort((from_m, line, from_m - to_m, weights(table["class"])))
    table.insert(0, "rank", np.argsort(order) + 1)
    return gpd.GeoDataFrame(table, geometry=shapes).iloc[order].reset_index(drop=True)


def _gaps(seen: Parts, laid: Cuts) -> tuple[Ints, Floats, Floats, Ints]:
    """Line, metres and area of each stretch that nobody sees."""
    whole = np.column_stack([np.ones_like(laid.area), laid.area, np.zeros_like(laid.area)])
    watched = np.tile(np.array([0, 0, 1]), (len(seen), 1))
    found = swept(
        np.concatenate([laid.line, seen.line]),
        np.concatenate([laid.from_m, seen.from_m]),
        np.concatenate([laid.to_m, seen.to_m]),
        np.concatenate([whole, watched]),
    )
    gap = (found.sums[:, 0] > 0) & (found.sums[:, 2] == 0) & (found.metres >= LEAST_M)
    return found.line[gap], found.from_m[gap], found.to_m[gap], found.sums[gap, 1]


def weights(classes: pd.Series) -> Ints:
    """Return the place of each class in `CLASSES`, after them what is not among them; shape (n,).

    Raises
    ------
    Nothing
        Any word may be a class.
    """
    ranks = {name: rank for rank, name in enumerate(CLASSES)}
    words = classes.astype(object).where(classes.notna(), "").astype(str).str.removesuffix("_link")
    return np.asarray([ranks.get(word, len(CLASSES)) for word in words], dtype=np.int64)
