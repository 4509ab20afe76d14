"""Streets that neither a patrol nor a camera covers (双盲): metres by area, and the stretches themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage import Counting, counted
from gridmap.coverage.depth import nominal
from gridmap.coverage.sweeping import swept
from gridmap.coverage.walked import Ledger, gap, sides
from gridmap.crs import to_system
from gridmap.visibility.cameras.views import views
from gridmap.visibility.lines import Parts, drawn, gridded, parts
from gridmap.visibility.seeing import visible
from gridmap.visibility.sweep.scenes import scene

#: Shorter stretches between two that are covered are not listed, metres.
LEAST_M = 1.0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Cameras, and what hides the ground from them."""

    #: the table ``cameras``
    cameras: gpd.GeoDataFrame
    #: the table ``buildings``; None: as if nothing hid the ground
    buildings: gpd.GeoDataFrame | None = None
    #: which cameras count, and in which band or a better one
    counting: Counting = field(default_factory=Counting)


def gaps(
    book: Ledger, streets: gpd.GeoDataFrame, watch: Watch, areas: gpd.GeoDataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Return what patrols and cameras leave out together.

    Parameters
    ----------
    book
        The ledger of the period.
    streets
        Its streets.
    watch
        Cameras that are in force, and buildings; those that work count where they look by themselves.
    areas
        ``code`` and polygons.

    Returns
    -------
    dict of str to DataFrame
        ``blind``: id, name, class, from_m, to_m, length_m and the line of each stretch that nobody covers, the longest
        first, in the CRS of the streets; ``gap`` where areas are given: code, shift (all, day, night), length_m,
        neither_m, camera_m, patrol_m, both_m.

    Raises
    ------
    CrsError, TableError
        As `gridmap.visibility.cameras.views.views` and `gridmap.visibility.sweep.scenes.scene`.
    """
    seen = _seen(streets, watch)
    layers: dict[str, pd.DataFrame] = {"blind": _blind(book, streets, seen)}
    if areas is not None:
        layers["gap"] = gap(book, seen, sides(book, areas))
    return layers


def _seen(streets: gpd.GeoDataFrame, watch: Watch) -> Parts:
    """Metres of the streets that cameras see."""
    cameras = watch.cameras[counted(watch.cameras, watch.counting)].reset_index(drop=True)
    looking = views(cameras)
    walls = gpd.GeoDataFrame(geometry=[], crs=looking.crs) if watch.buildings is None else watch.buildings
    sight = visible(scene(walls, crs=looking.crs), looking)
    found = parts(sight.pieces, sight.views, gridded(streets, looking.crs))
    return nominal(found, sight.views, cameras, watch.counting)


def _blind(book: Ledger, streets: gpd.GeoDataFrame, seen: Parts) -> gpd.GeoDataFrame:
    """The stretches that nobody covers."""
    visits, begins, ends = book.visits.credited(), book.visits.begins_m, book.visits.ends_m
    # 1 where a street is to be covered, and 2 for whoever covers it
    rows = [(book.street, begins, ends, 1), (book.street[visits.line], visits.from_m, visits.to_m, 2)]
    rows.append((seen.line, seen.from_m, seen.to_m, 2))
    line, low, high = (np.concatenate([row[column] for row in rows]) for column in range(3))
    kind = np.concatenate([np.full(len(row[0]), row[3]) for row in rows])
    found = swept(line, low, high, np.column_stack([kind == 1, kind == 2]).astype(np.int64))  # noqa: PLR2004 - above
    bare = (found.sums[:, 0] > 0) & (found.sums[:, 1] == 0) & (found.metres >= LEAST_M)
    row, low, high = found.line[bare], found.from_m[bare], found.to_m[bare]
    table = pd.DataFrame({"id": streets["id"].to_numpy()[row]})
    for name in ("name", "class"):
        table[name] = streets[name].to_numpy(dtype=object)[row] if name in streets else None
    table = table.assign(from_m=low, to_m=high, length_m=high - low)
    shapes = to_system(gpd.GeoSeries(drawn(book.lines, row, low, high), crs=book.lines.crs), streets.crs)
    order = np.lexsort((low, row, low - high))
    return gpd.GeoDataFrame(table, geometry=shapes).iloc[order].reset_index(drop=True)
