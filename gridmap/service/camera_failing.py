"""How much depends on few cameras: by how many streets and places are seen, and what is lost when some fail."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap import coverage
from gridmap.coverage.cuts import walked
from gridmap.service.camera_record import cameras_in, family
from gridmap.service.camera_watches import Watch, once


def rates(watch: Watch, area: str) -> pd.DataFrame:
    """Return the rates of the cameras that stand in an area, and of its places, against their targets.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """

    def found() -> pd.DataFrame:
        seen = places(watch, area)
        return coverage.rates(cameras_in(watch.recorded, area), seen=None if seen.empty else seen)

    return once(watch, ("rates", area), found)


def depth(watch: Watch, area: str) -> pd.DataFrame:
    """Return the metres of street in an area and its children that one, two, three cameras or more see.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``length_m``, ``seen_1_m``, ``seen_2_m``, ``seen_3_m``: the area, then its children by code.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    recorded = watch.recorded
    every: pd.DataFrame = once(
        watch,
        "depth",
        lambda: coverage.area_depth(watch.parts, watch.sight.views, watch.ground.cuts, recorded.cameras),
    )
    row = pd.Index(every["code"]).get_indexer(pd.Index(family(recorded.areas, area)["code"]))
    found: pd.DataFrame = every.iloc[row].reset_index(drop=True)
    return found


def places(watch: Watch, area: str) -> pd.DataFrame:
    """Return by how many cameras the places of an area are seen, those that fewest see first.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``kind``, ``cameras`` (number that see it), ``band`` (the best, missing where none does).

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    recorded = watch.recorded
    inside = shapely.intersects(family(recorded.areas, area).geometry.iloc[0], recorded.places.geometry.to_numpy())
    seen: pd.DataFrame = once(watch, "places", lambda: _places(watch))[inside]
    return seen.sort_values(["cameras", "id"], kind="stable", ignore_index=True)


def _places(watch: Watch) -> pd.DataFrame:
    """How many cameras see each place of the record."""
    recorded = watch.recorded
    if recorded.places.empty:
        return pd.DataFrame({"id": [], "cameras": [], "band": [], "kind": []}, dtype=object)
    seen = coverage.places_seen(
        watch.sight.pieces,
        watch.sight.views,
        recorded.places,
        recorded.cameras,
        buildings=recorded.buildings,
    )
    return seen[["id", "cameras", "band"]].assign(kind=recorded.places["kind"].to_numpy())


def lost_cameras(watch: Watch, area: str) -> pd.DataFrame:
    """Return the metres of street that nobody would see without each camera of an area, the greatest loss first.

    Returns
    -------
    pandas.DataFrame
        ``camera``, ``lost_m``, ``seen_m``: only cameras that work and see some street.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    recorded = watch.recorded
    every = once(watch, "lost cameras", lambda: coverage.lost_without(watch.parts, watch.sight.views, recorded.cameras))
    inside = every["camera"].isin(cameras_in(recorded, area)["id"])
    return every[inside & (every["seen_m"] > 0)].reset_index(drop=True)


def lost_streets(watch: Watch, area: str) -> pd.DataFrame:
    """Return the metres that nobody would see if all cameras on a street failed, the greatest loss first.

    Returns
    -------
    pandas.DataFrame
        ``street``, ``name``, ``cameras`` (number that stand on it), ``lost_m``, ``seen_m``: streets on which a camera
        of the area stands, of those that see something.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    every, street = once(watch, "lost streets", lambda: _lost_streets(watch))
    inside = street.reindex(cameras_in(watch.recorded, area)["id"]).dropna()
    return every[every["street"].isin(inside) & (every["seen_m"] > 0)].reset_index(drop=True)


def _lost_streets(watch: Watch) -> tuple[pd.DataFrame, pd.Series]:
    """What is lost with the cameras of each street, and the street of each camera."""
    recorded = watch.recorded
    cameras, streets = recorded.cameras, gpd.GeoDataFrame(recorded.streets)
    groups = coverage.street_of_cameras(cameras, streets[walked(streets)])
    street = pd.Series(groups, index=cameras["id"].to_numpy(dtype=object))
    lost = coverage.lost_without(watch.parts, watch.sight.views, cameras, groups=groups)
    told = lost.rename(columns={"group": "street"})
    names = streets.set_index(streets["id"].astype(str))["name"]
    number = street.dropna().astype(str).value_counts()
    beside = {"name": told["street"].map(names), "cameras": told["street"].map(number)}
    return told.assign(**beside)[["street", "name", "cameras", "lost_m", "seen_m"]], street
