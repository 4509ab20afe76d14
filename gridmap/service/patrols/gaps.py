"""Streets that neither a patrol nor a camera covers (双盲): metres by area, and the stretches themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from gridmap.coverage import Counting, counted
from gridmap.coverage.depth import nominal
from gridmap.coverage.walked import Ledger, gap, sides, unwatched
from gridmap.visibility.cameras.views import views
from gridmap.visibility.lines import Parts, gridded, parts
from gridmap.visibility.seeing import visible
from gridmap.visibility.sweep.scenes import scene


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
        ``blind``: the stretches that nobody covers, as `gridmap.coverage.walked.unwatched` returns them; ``gap`` where
        areas are given: code, shift (all, day, night), length_m, neither_m, camera_m, patrol_m, both_m.

    Raises
    ------
    CrsError, TableError
        As `gridmap.visibility.cameras.views.views` and `gridmap.visibility.sweep.scenes.scene`.
    """
    seen = _seen(streets, watch)
    layers: dict[str, pd.DataFrame] = {"blind": unwatched(book, seen, streets)}
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
