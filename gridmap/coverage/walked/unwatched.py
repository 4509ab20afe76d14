"""Stretches of street that neither a patrol walked nor a camera sees (双盲)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage.blind import LEAST_M, weights
from gridmap.coverage.sweeping import swept
from gridmap.coverage.walked.daylight import Clock, Daylight, by_day, halved
from gridmap.coverage.walked.gap import of_streets
from gridmap.coverage.walked.ledger import Ledger
from gridmap.crs import to_system
from gridmap.visibility.lines import drawn

if TYPE_CHECKING:
    from gridmap.visibility.lines import Parts


def unwatched(
    book: Ledger,
    seen: Parts,
    streets: gpd.GeoDataFrame,
    *,
    half: Literal["all", "day", "night"] = "all",
    daylight: Daylight | None = None,
    least: str = "observed",
) -> gpd.GeoDataFrame:
    """Return the stretches of street that neither a patrol nor a camera covers, the weightiest first.

    Ranked by the class of the street as blind stretches of cameras are, then the longest first; shorter ones than a
    metre are left out. What runs along another street counts with it and is not listed.

    Parameters
    ----------
    book
        The ledger of the period asked about.
    seen
        The metres of the ledger's streets that working cameras see, as for `gridmap.coverage.walked.gap`.
    streets
        The table of the ledger: ``id``, ``name?``, ``class?`` and lines, any CRS.
    half
        Whether all visits count, those by day or those by night; give the metres seen of the same half.
    daylight
        What tells day from night; by default the clock.
    least
        Least sure class that counts as walked.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of the streets: ``rank`` from 1, ``id``, ``name``, ``class``, ``from_m``, ``to_m`` (metres along the
        street), ``length_m``, line.

    Raises
    ------
    TableError
        If the metres seen are those of other streets.
    """
    of_streets(seen, book)
    telling = daylight or Clock()
    visits = halved(book.visits.credited(least), telling)
    if half != "all":
        visits = visits.taken(by_day(visits, telling) == (half == "day"))
    who = np.repeat(np.eye(2, dtype=np.int64), [len(book.street), len(visits) + len(seen)], axis=0)
    found = swept(
        np.concatenate([book.street, book.street[visits.line], seen.line]),
        np.concatenate([visits.begins_m, visits.from_m, seen.from_m]),
        np.concatenate([visits.ends_m, visits.to_m, seen.to_m]),
        who,
    )
    rows = (found.sums[:, 0] > 0) & (found.sums[:, 1] == 0) & (found.metres >= LEAST_M)
    line, from_m, to_m = found.line[rows], found.from_m[rows], found.to_m[rows]
    named = {
        name: streets[name].to_numpy(dtype=object)[line] if name in streets else None for name in ("name", "class")
    }
    table = pd.DataFrame({"id": book.ids[line], **named}, index=range(len(line)))
    table = table.assign(from_m=from_m, to_m=to_m, length_m=to_m - from_m)
    shapes = to_system(gpd.GeoSeries(drawn(book.lines, line, from_m, to_m), crs=book.lines.crs), streets.crs)
    order = np.lexsort((from_m, line, from_m - to_m, weights(table["class"])))
    table.insert(0, "rank", np.argsort(order) + 1)
    return gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=streets.crs).iloc[order].reset_index(drop=True)
