"""What is lost when cameras fail: metres of street that only they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import crs
from gridmap.coverage.counting import Counting
from gridmap.coverage.depth import nominal
from gridmap.coverage.sweeping import merged, swept
from gridmap.errors import Fault, TableError

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts

#: A camera farther from every street than that stands on none, metres: a courtyard, a square.
NEAR_M = 30.0


def lost_without(
    parts: Parts,
    views: Views,
    cameras: pd.DataFrame,
    *,
    groups: npt.ArrayLike | None = None,
    counting: Counting | None = None,
) -> pd.DataFrame:
    """Return the metres of street that nobody would see any more without a camera, or without a group of cameras.

    Metres that two cameras of a group see, and nobody else, are lost with the group, though with neither camera alone.

    Parameters
    ----------
    parts, views
        Metres of street in view, and the views.
    cameras
        ``id``: the table the views were made of.
    groups
        What each camera fails together with, such as `street_of_cameras`, shape (len(cameras),); cameras without one
        (None) are left out as losses but go on seeing. Without groups each camera is one.
    counting
        Day and status, and the band, or better, in which a metre must be seen to count.

    Returns
    -------
    pandas.DataFrame
        ``camera`` (or ``group``), ``lost_m``, ``seen_m`` (metres it sees, others too), the greatest loss first, then
        by name; those that see nothing are there with zeros.

    Raises
    ------
    InputError
        If there is no such band.
    TableError
        If the cameras are not those of the views, or there is not a group for each.
    """
    seen = nominal(parts, views, cameras, counting)
    name = "camera" if groups is None else "group"
    names, member = _members(cameras["id"] if groups is None else groups, len(cameras))
    owner = member[np.asarray(views.camera)[seen.view]]
    line, key, from_m, to_m = merged(seen.line, owner, seen.from_m, seen.to_m)
    found = swept(line, from_m, to_m, np.column_stack([np.ones_like(key), key]))
    alone = found.sums[:, 0] == 1
    # where one alone sees a stretch the sum of all who see it is its own number
    lost, held = np.zeros((2, len(names) + len(cameras)))
    np.add.at(lost, found.sums[alone, 1], found.metres[alone])
    np.add.at(held, key, to_m - from_m)
    table = pd.DataFrame({name: names, "lost_m": lost[: len(names)], "seen_m": held[: len(names)]})
    return table.sort_values(["lost_m", name], ascending=[False, True], ignore_index=True)


def street_of_cameras(
    cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, near_m: float = NEAR_M
) -> npt.NDArray[np.object_]:
    """Return the id of the street that each camera stands on: the nearest, None where none is near.

    Parameters
    ----------
    cameras
        Points with a CRS.
    streets
        ``id`` and lines with a CRS.
    near_m
        Metres up to which a street is near.

    Raises
    ------
    TableError
        If streets lack an id.
    CrsError
        If a table states no CRS.
    """
    if "id" not in streets:
        raise TableError("streets", [Fault(code="missing_column", message="no column id; map or add it")])
    found = np.full(len(cameras), None, dtype=object)
    if not len(cameras) or not len(streets):
        return found
    metric = crs.to_metric(cameras[["geometry"]])
    lines = crs.to_system(streets.geometry, metric.crs)
    camera, street = lines.sindex.nearest(metric.geometry, return_all=False, max_distance=near_m)
    found[camera] = streets["id"].to_numpy(dtype=object)[street]
    return found


def _members(groups: npt.ArrayLike, cameras: int) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Names of groups, and the number of each camera's; a camera without group has a number of its own above them."""
    given = pd.Series(np.asarray(groups, dtype=object))
    if len(given) != cameras:
        message = f"{len(given)} groups for {cameras} cameras; give one for each, None for a camera without"
        raise TableError("groups", [Fault(code="other_cameras", message=message)])
    member, names = pd.factorize(given, sort=True)
    alone = len(names) + np.arange(cameras)
    return [str(name) for name in names], np.where(member < 0, alone, member).astype(np.int64)
