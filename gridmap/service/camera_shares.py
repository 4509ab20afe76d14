"""How much cameras see: shares of an area and its children on a day or on two, and what a page of cameras shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import coverage
from gridmap.coverage import counted
from gridmap.coverage.live import Standing
from gridmap.coverage.streets import shares_of
from gridmap.service import camera_failing as failing
from gridmap.service.camera_record import below, family
from gridmap.service.camera_standing import COUNTINGS
from gridmap.service.camera_watches import Watch, Watches, once
from gridmap.visibility.cameras.bands import DORI_2014
from gridmap.visibility.cameras.views import CERTAINTIES, NOMINAL, POSSIBLE

#: Columns of a share, by the names that all measures share.
SHARE_COLUMNS = ("seen", "share", "share_guaranteed", "share_possible")

#: What tells one share from another.
KEY = ("code", "of", "cameras", "band")

#: The sum of the bands.
ANY = "any"

#: What shares are of; open ground is that on which no building stands.
MEASURES = ("streets", "ground", "open_ground")

Floats = npt.NDArray[np.float64]

#: What is seen of each area, shape (areas, 3 certainties, 4 bands), and of how much, shape (areas,).
Seen = tuple[Floats, Floats]


@dataclass(frozen=True, kw_only=True)
class Exact:
    """Lists from which it can be worked out where the cameras of an area stand."""

    #: stretches of streets that no camera which works sees, the weightiest first
    blind: pd.DataFrame
    #: camera, lost_m, seen_m: metres that nobody would see without it, the greatest loss first
    lost_cameras: pd.DataFrame
    #: street, name, cameras, lost_m, seen_m: the same of all cameras that stand on a street
    lost_streets: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of an area and its children is seen on a day."""

    #: revision of the record
    version: int
    #: the day
    on: date
    #: the earlier day it is compared with; None: it is not
    old_on: date | None
    #: name of the profile of pixel densities
    profile: str
    #: code, name, level, parent, streets_m, ground_m2, open_ground_m2: the area, then its children by code
    areas: pd.DataFrame
    #: code, of (streets, ground, open_ground), cameras (online, all), band, seen (m or m2), share, share_guaranteed,
    #: share_possible
    shares: pd.DataFrame
    #: how many cameras there are, and how sure it is where they look
    counts: dict[str, int]
    #: what, of (cameras, buildings), count: what was taken for granted
    assumed: pd.DataFrame
    #: rates of cameras and places against their targets
    rates: pd.DataFrame
    #: code, length_m, seen_1_m, seen_2_m, seen_3_m: metres of street that so many cameras or more see
    depth: pd.DataFrame
    #: id, kind, cameras, band: how many cameras see each place, and how well at best; those that fewest see first
    places: pd.DataFrame
    #: what tells where cameras stand, or do not; None for a reader who may not know
    exact: Exact | None
    #: code, of, cameras, band, seen_from, seen_to, share_from, share_to, change; None without an earlier day
    changes: pd.DataFrame | None


def cover(watches: Watches, area: str, *, on: date, old_on: date | None = None, exact: bool = True) -> Coverage:
    """Return how much of an area and its children is seen on a day, at the revision that stands now.

    Parameters
    ----------
    watches
        What cameras see by a record.
    area
        Code of the area.
    on
        The day.
    old_on
        Another day whose shares it is compared with.
    exact
        Whether the reader may know where cameras stand.

    Raises
    ------
    NotFoundError
        If no such area is in force on that day, or none at all.
    RecordError
        If the record cannot be read.
    """
    watch = watches.at(on)
    found = shares(watch, area)
    # the other day may have been read at a later revision: it says what it is of by its own date
    before = None if old_on is None else shares(watches.at(old_on), area)
    return Coverage(
        version=watch.recorded.version,
        on=on,
        old_on=old_on,
        profile=DORI_2014.name,
        areas=once(watch, ("areas", area), lambda: areas_of(watch, area)),
        shares=found,
        counts=once(watch, "counts", lambda: counts(watch)),
        assumed=once(watch, "assumed", lambda: assumed(watch)),
        rates=failing.rates(watch, area),
        depth=failing.depth(watch, area),
        places=failing.places(watch, area),
        exact=_exact(watch, area) if exact else None,
        changes=None if before is None else compared(before, found),
    )


def _exact(watch: Watch, area: str) -> Exact:
    return Exact(
        blind=blind(watch, area),
        lost_cameras=failing.lost_cameras(watch, area),
        lost_streets=failing.lost_streets(watch, area),
    )


def shares(watch: Watch, area: str) -> pd.DataFrame:
    """Return the shares of an area and its children: of streets, ground and open ground, online and all, by band.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    return once(watch, ("shares", area), lambda: _shares(watch, family(watch.recorded.areas, area)))


def _shares(watch: Watch, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    tables = [table_of(watch, name, of).assign(of=of, cameras=name) for name in COUNTINGS for of in MEASURES]
    found = pd.concat(tables, ignore_index=True)
    found = found[found["code"].isin(areas["code"])]
    order = pd.Series(np.arange(len(areas)), index=areas["code"].to_numpy())
    summed = with_sums(found)
    return summed.iloc[np.argsort(summed["code"].map(order).to_numpy(), kind="stable")].reset_index(drop=True)


def table_of(watch: Watch, name: str, of: str) -> pd.DataFrame:
    """Return one measure of every area: code, band, seen, share, share_guaranteed, share_possible.

    Parameters
    ----------
    watch
        What is seen.
    name
        A name of `COUNTINGS`.
    of
        A name of `MEASURES`.

    Raises
    ------
    Nothing
        Where nothing is seen, shares are 0.
    """

    def found() -> pd.DataFrame:
        seen, whole = measured(watch, name)[of]
        return shares_of(watch.recorded.areas["code"].to_numpy(dtype=object), "code", seen, whole)

    return once(watch, ("table", name, of), found)


def measured(watch: Watch, name: str) -> dict[str, Seen]:
    """Return `measures` of what stands, worked out once."""
    return once(watch, ("measures", name), lambda: measures(watch.standings[name]))


def measures(stands: Standing) -> dict[str, Seen]:
    """Return how much is seen of every area's streets, ground and open ground, and of how much.

    Parameters
    ----------
    stands
        Shares kept for live edit.

    Returns
    -------
    dict of str to tuple of arrays
        By `MEASURES`: metres or square metres seen in each band at best, shape (areas, 3 certainties, 4 bands), and
        the whole, shape (areas,).

    Raises
    ------
    Nothing
        Where streets alone are kept, there is no ground.
    """
    laid = stands.lines.laid
    # kept for each band or a better one; what it has more than the better ones is its own
    found = {
        "streets": (np.diff(laid.per_area(stands.lines.metres), axis=2, prepend=0.0), laid.per_area(laid.length_m))
    }
    if stands.plots is not None:
        plots = stands.plots.plots
        seen = np.diff(plots.per_area(stands.plots.amounts), axis=2, prepend=0.0)
        whole = plots.per_area(plots.m2)
        found |= {of: (seen[..., at], whole[:, at]) for at, of in enumerate(MEASURES[1:])}
    return found


def with_sums(found: pd.DataFrame) -> pd.DataFrame:
    """Return shares of bands, each followed by their sum: bands are disjoint.

    Raises
    ------
    Nothing
        Bands of one measure stand for it alone.
    """
    measures = [column for column in KEY if column != "band"]
    sums = found.groupby(measures, sort=False)[list(SHARE_COLUMNS)].sum(min_count=1).reset_index()
    both = pd.concat([found, sums.assign(band=ANY)], ignore_index=True)
    rank = pd.Series(np.arange(len(sums)), index=pd.MultiIndex.from_frame(sums[measures]))
    return both.iloc[np.argsort(rank.loc[pd.MultiIndex.from_frame(both[measures])].to_numpy(), kind="stable")][
        [*KEY, *SHARE_COLUMNS]
    ]


def areas_of(watch: Watch, area: str) -> pd.DataFrame:
    """Return an area and its children with how much street, ground and open ground they have.

    Raises
    ------
    NotFoundError
        If no area in force has that code.
    """
    every = pd.Index(watch.recorded.areas["code"])
    areas = pd.DataFrame(family(watch.recorded.areas, area)[["code", "name", "level", "parent"]])
    row = every.get_indexer(pd.Index(areas["code"]))
    whole = {of: amount[row] for of, (_, amount) in measured(watch, "all").items()}
    return areas.assign(streets_m=whole["streets"], ground_m2=whole["ground"], open_ground_m2=whole["open_ground"])


def counts(watch: Watch) -> dict[str, int]:
    """Return how many cameras there are, how many work, how sure it is where they look, and how many cannot be used.

    Raises
    ------
    Nothing
        There need be no cameras.
    """
    views, sight = watch.asked, watch.sight
    has = {sure: set(views.camera[views.certainty == sure]) for sure in range(len(CERTAINTIES))}
    return {
        "total": len(watch.recorded.cameras),
        "online": int(counted(watch.recorded.cameras, COUNTINGS["online"]).sum()),
        "heading_known": len(has[NOMINAL] - has[POSSIBLE]),
        "heading_uncertain": len(has[NOMINAL] & has[POSSIBLE]),
        "possible_only": len(has[POSSIBLE] - has[NOMINAL]),
        "refused": len({*views.refused["camera"], *sight.standing.refused["camera"]}),
        "moved": len(sight.standing.moved),
    }


def assumed(watch: Watch) -> pd.DataFrame:
    """Return what was taken for granted, and of how many: what, of (cameras, buildings), count.

    Raises
    ------
    Nothing
        Nothing need be taken for granted.
    """
    cameras = watch.asked.assumed.groupby("what", sort=True)["camera"].nunique()
    buildings = watch.ground.scene.assumed.groupby("what", sort=True)["building"].nunique()
    tables = [
        pd.DataFrame({"what": found.index, "of": of, "count": found.to_numpy()})
        for of, found in (("cameras", cameras), ("buildings", buildings))
    ]
    return pd.concat(tables, ignore_index=True)


def every_blind(watch: Watch) -> gpd.GeoDataFrame:
    """Return the stretches of streets that no camera which works sees, the weightiest first.

    Raises
    ------
    Nothing
        All streets may be seen.
    """
    recorded = watch.recorded
    return once(
        watch,
        "blind",
        lambda: coverage.blind(watch.parts, watch.sight.views, recorded.streets, recorded.cameras, watch.ground.cuts),
    )


def blind(watch: Watch, area: str) -> pd.DataFrame:
    """Return those of an area and of all areas in it, ranked anew; without their lines."""

    def found() -> pd.DataFrame:
        every = pd.DataFrame(every_blind(watch).drop(columns="geometry"))
        inside = every[every["code"].isin(below(watch.recorded.areas, area))].reset_index(drop=True)
        return inside.assign(rank=np.arange(len(inside)) + 1)

    return once(watch, ("blind", area), found)


def compared(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return two days' shares beside each other, and by how much the nominal share grew.

    Raises
    ------
    Nothing
        What is known of one day alone is missing for the other.

    Examples
    --------
    >>> row = {"code": "c", "of": "streets", "cameras": "all", "band": "find", "seen": 10.0, "share": 0.5}
    >>> day = pd.DataFrame([row | {"share_guaranteed": 0.5, "share_possible": 0.5}])
    >>> compared(day, day.assign(seen=12.0, share=0.6))["change"].round(3).tolist()
    [0.1]
    """
    both = after.merge(before, on=list(KEY), how="outer", suffixes=("_to", "_from"), sort=False)
    columns = ["seen_from", "seen_to", "share_from", "share_to"]
    return both[[*KEY, *columns]].assign(change=both["share_to"] - both["share_from"])
