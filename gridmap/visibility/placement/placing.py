"""Where to put the next cameras: the places from which most street is seen that nobody sees yet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.crs import to_system
from gridmap.errors import InputError
from gridmap.visibility.cameras.bands import BANDS, DORI_2014, Profile
from gridmap.visibility.placement.candidates import CameraModel, candidates, moved
from gridmap.visibility.placement.choosing import Choice, Means, bound, chosen_well, ordered
from gridmap.visibility.placement.demand import Seeing, demand, in_metres, metres_of, seeing
from gridmap.visibility.placement.explaining import Judged, Told, gains, judged, poles
from gridmap.visibility.placement.proving import MOST_ENTRIES, Musts, proven, seers
from gridmap.visibility.placement.reaching import Floats, Reach, reach

#: Most cameras that can be asked for at once.
MOST_CAMERAS = 5_000
#: Choices this close to what no choice can exceed are the best there is: the solver's own leeway.
AS_GOOD = 1e-5


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What cameras may be put up, where, and for what."""

    #: cameras that could hang on each pole
    models: tuple[CameraModel, ...] = (CameraModel(),)
    #: metres between poles along a street
    every_m: float = 30.0
    #: most that all may cost, in the unit of the models' costs; None where only their number counts
    budget: float | None = None
    #: places that must be seen, ``id`` and points; they come before all street
    must_see: gpd.GeoDataFrame | None = None
    #: densities of the bands
    profile: Profile = DORI_2014
    #: whether existing cameras that are offline count as seeing: as if all worked; by the same rule as in coverage
    offline: bool = False
    #: whether the best choice is looked for by the exact solver; None where the case is small enough for seconds
    exact: bool | None = None
    #: a table of cameras with ``heading_deg``, and ``cost`` where that differs, to choose from instead of those that
    #: `gridmap.visibility.placement.candidates` makes
    candidates: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Where to put cameras, and why."""

    #: see `place`
    poles: gpd.GeoDataFrame
    #: rank, street, name, gain_m, geometry: the stretches that each is the first to see
    gains: gpd.GeoDataFrame
    #: id, seen, rank, why, message, geometry: the places that must be seen
    places: gpd.GeoDataFrame
    #: metres of all streets, those seen before, and those seen with the proposed cameras
    streets_m: float
    before_m: float
    seen_m: float
    #: metres that no choice can exceed which is within the means and sees as many of the places
    most_m: float
    #: number of candidates
    candidates: int
    #: ids of existing cameras that are not counted: their heading is not known, or they see no ground
    uncounted: tuple[str, ...]
    #: ids of existing cameras that are not counted because they are offline
    offline: tuple[str, ...]

    @property
    def gap(self) -> float:
        """Share of the most that could be added by which the choice may fall short of the best; 0 where it is it."""
        room = self.most_m - self.before_m
        short = (self.most_m - self.seen_m) / room if room > 0 else 0.0
        return short if short > AS_GOOD else 0.0


def place(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    cameras: pd.DataFrame | None = None,
    *,
    count: int,
    band: str = "find",
    terms: Terms | None = None,
) -> gpd.GeoDataFrame:
    """Return where to put cameras so that most street is seen at least so well, the one that adds most first.

    A metre of street is *seen* where a camera of known heading sees it in the band or a better one; it counts once,
    however many see it. What existing cameras see counts for nothing; those that are offline see nothing, unless
    ``Terms.offline`` says that they count.

    Parameters
    ----------
    streets
        ``id``, lines, perhaps ``name``, ``class`` and ``barrier``, in any CRS. Lines that are a barrier and no street
        are passed over.
    buildings
        Polygons, perhaps ``height_m`` or ``floors``, in any CRS.
    cameras
        Existing cameras.
    count
        How many cameras may be put up.
    band
        recognise, find, detect or seen.
    terms
        Models, distance of poles, budget, places that must be seen, ...

    Returns
    -------
    geopandas.GeoDataFrame
        ``rank`` from 1; ``heading_deg`` from true north; ``gain_m``, metres that it adds to those before it;
        ``total_share``, share of all street that is seen with it and those before it; ``where``, the streets it adds
        most of; ``must_see``, ids of the places that it is the first to see; ``model``, ``cost``, ``street``, ``at``
        (street or crossing), the columns of a camera, and points in the CRS of the streets. Fewer than ``count`` where
        no candidate adds anything more.

    Raises
    ------
    InputError
        If the number, the band, the budget, a model or a column of costs makes no sense.
    TableError
        If a table breaks its promise, or there is no street.
    TooLargeError
        If there would be too many candidates.
    CrsError
        If a table does not say its CRS, or one whose shift is unknown.

    See Also
    --------
    proposal : the same with what each adds, the places that must be seen, and how far from the best it is.

    Examples
    --------
    A street without houses; each camera sees it from the end of its dead zone, 10.1 m off, to where a metre takes up
    fewer pixels than finding somebody needs, 30.2 m off:

    >>> import shapely
    >>> line = shapely.LineString([(500_000, 3_540_000), (500_100, 3_540_000)])
    >>> road = gpd.GeoDataFrame({"id": ["1"]}, geometry=[line], crs=4549)
    >>> bare = gpd.GeoDataFrame(geometry=[], crs=4549)
    >>> found = place(road, bare, count=2)
    >>> found["rank"].tolist(), found["gain_m"].round(1).tolist(), found["total_share"].round(2).tolist()
    ([1, 2], [20.1, 20.1], [0.2, 0.4])
    """
    return proposal(streets, buildings, cameras, count=count, band=band, terms=terms).poles


def proposal(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    cameras: pd.DataFrame | None = None,
    *,
    count: int,
    band: str = "find",
    terms: Terms | None = None,
) -> Proposal:
    """Return where to put cameras, with the reason of each and how far from the best the choice can be.

    As many as possible of the places that must be seen come first, then metres of street: by the greedy course and
    exchanges (`gridmap.visibility.placement.choosing`), and by an exact solver where the case is small enough.

    Parameters
    ----------
    streets, buildings, cameras, count, band, terms
        As `place`.

    Returns
    -------
    Proposal
        ``places`` says of each that must be seen by which rank it is, or why not: ``existing`` (seen already),
        ``chosen``, ``spent`` (candidates see it, but the means are spent on others), ``too_far`` (no pole within reach)
        or ``hidden`` (poles are near enough, but none sees it).

    Raises
    ------
    InputError, TableError, TooLargeError, CrsError
        As `place`.
    """
    terms = terms or Terms()
    _refuse_odd(count, band, terms)
    ground = demand(streets, buildings, terms.must_see)
    worst = BANDS.index(band)
    offered = _offered(streets, buildings, ground.scene.crs, terms)
    there, idle = _existing(cameras, ground.scene.crs, terms)
    before = seeing(there, ground, terms.profile, worst)
    new = seeing(offered, ground, terms.profile, worst)
    reached = reach(new.street, len(offered), seen=before.street)
    musts = _wanted(new, before, len(ground.places))
    means = Means(cost=_costs(offered), count=count, budget=math.inf if terms.budget is None else terms.budget)
    choice, most_m = _chosen(reached, means, musts, terms)
    streets_m, before_m = float(ground.lines.length_m.sum()), metres_of(before.street)
    told = Told(offered=offered, streets=ground.streets, lines=ground.lines, reach=reached, choice=choice)
    who = Judged(musts=musts, before=before.places, choice=choice, band=band, reach_m=new.reach_m)
    places = judged(ground.places, who, offered)
    return Proposal(
        poles=to_system(poles(told, (streets_m, before_m), places), streets.crs),
        gains=to_system(gains(told), streets.crs),
        places=to_system(places, streets.crs),
        streets_m=streets_m,
        before_m=before_m,
        seen_m=before_m + choice.total_m,
        most_m=before_m + most_m,
        candidates=len(offered),
        uncounted=before.uncounted,
        offline=idle,
    )


def _refuse_odd(count: int, band: str, terms: Terms) -> None:
    """Refuse what cannot be asked for."""
    if not 1 <= count <= MOST_CAMERAS:
        raise InputError(f"{count} cameras", expected=f"1 to {MOST_CAMERAS}")
    if band not in BANDS:
        raise InputError(f"band {band!r}", expected=f"one of {', '.join(BANDS)}")
    if terms.budget is not None and not 0 < terms.budget < math.inf:
        raise InputError(f"a budget of {terms.budget}", expected="an amount above 0, or none")


def _offered(streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, system: Any, terms: Terms) -> gpd.GeoDataFrame:
    """The candidates, in the metric system."""
    if terms.candidates is not None:
        return in_metres(terms.candidates, system)
    table = candidates(streets, buildings, models=terms.models, every_m=terms.every_m)
    return table.set_geometry(gpd.GeoSeries(moved(table, system), crs=system))


def _existing(cameras: pd.DataFrame | None, system: Any, terms: Terms) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """The cameras that are there and count, in the metric system, and the ids of those that are offline."""
    if cameras is None or not len(cameras):
        return gpd.GeoDataFrame({"id": np.empty(0, object)}, geometry=[], crs=system), ()
    table = in_metres(cameras, system)
    idle = np.zeros(len(table), bool) if terms.offline else (table["status"] == "offline").to_numpy(bool)
    return table[~idle].reset_index(drop=True), tuple(table["id"].astype(str)[idle])


def _costs(offered: gpd.GeoDataFrame) -> Floats:
    """Cost of each candidate, 1 where none is stated."""
    cost = pd.to_numeric(offered["cost"], errors="coerce") if "cost" in offered else pd.Series(1.0, offered.index)
    if not (np.isfinite(cost) & (cost > 0)).all():
        raise InputError("candidates whose cost is no number above 0", expected="a cost for each, or no such column")
    return np.asarray(cost, np.float64)


def _wanted(new: Seeing, before: Seeing, places: int) -> Musts:
    """Who sees which of the places that nobody sees yet."""
    who, place = new.places[~np.isin(new.places[:, 1], before.places[:, 1])].T
    return Musts(who=who, place=place, count=places)


def _chosen(reached: Reach, means: Means, musts: Musts, terms: Terms) -> tuple[Choice, float]:
    """The choice, and metres that no choice can exceed."""
    choice = chosen_well(reached, means, first=seers(reached, means, musts))
    limit = bound(reached, means, reached_m=choice.total_m)
    most_m = limit.metres
    if terms.exact is False or (most_m <= choice.total_m * (1 + AS_GOOD) and not len(musts.who)):
        return choice, most_m
    # who cannot be part of anything better than the choice need not be tried
    rows = np.flatnonzero((limit.with_each >= choice.total_m) | bool(len(musts.who)))
    rows = np.union1d(rows, choice.chosen)
    best = proven(reached.only(rows), means.only(rows), musts.only(rows), most=None if terms.exact else MOST_ENTRIES)
    if best is None:
        return choice, most_m
    found = ordered(reached, rows[best.chosen].tolist())
    if (musts.met(found.chosen), found.total_m) < (musts.met(choice.chosen), choice.total_m):
        found = choice
    return found, max(min(most_m, best.bound_m), found.total_m)
