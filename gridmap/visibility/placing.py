"""Where to put the next cameras: the places from which most street is seen that nobody sees yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import frames
from gridmap.errors import InputError
from gridmap.visibility.bands import BANDS, DORI_2014, Profile
from gridmap.visibility.candidates import CameraModel, candidates, measured, moved, walked
from gridmap.visibility.choosing import Choice, Means, bound, chosen_well, ordered
from gridmap.visibility.doors import LEAST_M, judged_on
from gridmap.visibility.explaining import Judged, Told, gains, judged, poles
from gridmap.visibility.lines import Lines, gridded, parts
from gridmap.visibility.proving import MOST_ENTRIES, Musts, proven, seers
from gridmap.visibility.reaching import Floats, Intervals, Ints, Reach, intervals, merged, reach
from gridmap.visibility.scenes import Scene, scene
from gridmap.visibility.seeing import Sight, visible
from gridmap.visibility.views import NOMINAL, Views, views

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
    #: whether existing cameras that are offline count as seeing: they will be mended
    offline: bool = True
    #: whether the best choice is looked for by the exact solver; None where the case is small enough for seconds
    exact: bool | None = None
    #: a table of cameras with ``heading_deg``, and ``cost`` where that differs, to choose from instead of those that
    #: `gridmap.visibility.candidates` makes
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
    #: metres that no choice among the candidates within the means can exceed
    most_m: float
    #: number of candidates
    candidates: int
    #: ids of existing cameras that are not counted: their heading is not known, or they see no ground
    uncounted: tuple[str, ...]

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
    however many see it. What existing cameras see counts for nothing.

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
    exchanges (`gridmap.visibility.choosing`), and by an exact solver where the case is small enough.

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
    ground = _ground(streets, buildings, terms)
    worst = BANDS.index(band)
    offered = _offered(streets, buildings, ground.scene.crs, terms)
    before = _seeing(_existing(cameras, ground.scene.crs, terms), ground, terms, worst)
    new = _seeing(offered, ground, terms, worst)
    reached = reach(new.street, len(offered), seen=before.street)
    musts = _wanted(new, before, len(ground.places))
    means = Means(cost=_costs(offered), count=count, budget=math.inf if terms.budget is None else terms.budget)
    choice, most_m = _chosen(reached, means, musts, terms)
    streets_m, before_m = float(ground.lines.length_m.sum()), _metres(before.street)
    told = Told(offered=offered, streets=ground.streets, lines=ground.lines, reach=reached, choice=choice)
    who = Judged(musts=musts, before=before.places, choice=choice, band=band, reach_m=new.reach_m)
    places = judged(ground.places, who, offered)
    return Proposal(
        poles=poles(told, (streets_m, before_m), places).to_crs(streets.crs),
        gains=gains(told).to_crs(streets.crs),
        places=places.to_crs(streets.crs),
        streets_m=streets_m,
        before_m=before_m,
        seen_m=before_m + choice.total_m,
        most_m=before_m + most_m,
        candidates=len(offered),
        uncounted=before.uncounted,
    )


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What cameras would look at, in one metric system."""

    #: streets that count, with id and name
    streets: gpd.GeoDataFrame
    #: the same in a grid
    lines: Lines
    #: buildings
    scene: Scene
    #: places that must be seen, the lines on which they are judged, and the metres of these that must be in view
    places: gpd.GeoDataFrame
    doors: Lines | None
    least_m: Floats


@dataclass(frozen=True, kw_only=True)
class _Seeing:
    """What the cameras of a table see well enough; ``who`` is the row of the camera."""

    #: of streets
    street: Intervals
    #: rows of a camera and of a place that it sees, shape (pairs, 2)
    places: Ints
    #: greatest distance at which any of them sees well enough
    reach_m: float
    #: ids of cameras that cannot count
    uncounted: tuple[str, ...]


def _refuse_odd(count: int, band: str, terms: Terms) -> None:
    """Refuse what cannot be asked for."""
    if not 1 <= count <= MOST_CAMERAS:
        raise InputError(f"{count} cameras", expected=f"1 to {MOST_CAMERAS}")
    if band not in BANDS:
        raise InputError(f"band {band!r}", expected=f"one of {', '.join(BANDS)}")
    if terms.budget is not None and not 0 < terms.budget < math.inf:
        raise InputError(f"a budget of {terms.budget}", expected="an amount above 0, or none")


def _ground(streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, terms: Terms) -> _Ground:
    """Lay out streets, buildings and places in the metric system of the streets."""
    table = walked(measured(streets))
    walls = moved(buildings, table.crs)
    places = _places(terms.must_see, table.crs)
    doors, outline = judged_on(places.geometry.to_numpy(), walls)
    return _Ground(
        streets=table,
        lines=gridded(table, table.crs),
        scene=scene(buildings, crs=table.crs),
        places=places,
        doors=gridded(gpd.GeoSeries(doors, crs=table.crs), table.crs) if len(doors) else None,
        least_m=np.where(outline, LEAST_M, 0.0),
    )


def _places(places: gpd.GeoDataFrame | None, system: Any) -> gpd.GeoDataFrame:
    """Places that must be seen, ``id`` and points in a metric system."""
    if places is None:
        return gpd.GeoDataFrame({"id": np.empty(0, object)}, geometry=[], crs=system)
    named = places if "kind" in places else places.assign(kind="")
    table = frames.conform(named.assign(kind=named["kind"].fillna("-").replace("", "-")), "places", source="must-see")
    return gpd.GeoDataFrame({"id": table["id"].to_numpy(object)}, geometry=moved(table, system), crs=system)


def _offered(streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, system: Any, terms: Terms) -> gpd.GeoDataFrame:
    """The candidates, in the metric system."""
    table = terms.candidates
    if table is None:
        table = candidates(streets, buildings, models=terms.models, every_m=terms.every_m)
    return _in_metres(table, system)


def _in_metres(cameras: pd.DataFrame, system: Any) -> gpd.GeoDataFrame:
    """A table of cameras as promised, in a metric system."""
    table = frames.conform(cameras, "cameras", source="cameras", keep_extra=True)
    told = [name for name in table.columns if name != "geometry" and table[name].notna().any()]
    return gpd.GeoDataFrame(table[told], geometry=moved(table, system), crs=system)


def _existing(cameras: pd.DataFrame | None, system: Any, terms: Terms) -> gpd.GeoDataFrame:
    """The cameras that are there, in the metric system."""
    if cameras is None or not len(cameras):
        return gpd.GeoDataFrame({"id": np.empty(0, object)}, geometry=[], crs=system)
    table = _in_metres(cameras, system)
    return table if terms.offline else table[(table["status"] != "offline").to_numpy()].reset_index(drop=True)


def _seeing(cameras: gpd.GeoDataFrame, ground: _Ground, terms: Terms, worst: int) -> _Seeing:
    """What cameras see in a band or a better one, by their nominal heading."""
    if not len(cameras):
        return _Seeing(street=intervals([]), places=np.empty((0, 2), np.int64), reach_m=0.0, uncounted=())
    sight = visible(ground.scene, views(cameras, profile=terms.profile))
    street, door = (_held(sight, lines, worst) for lines in (ground.lines, ground.doors))
    counted = np.unique(sight.views.camera[sight.views.certainty == NOMINAL])
    missing = np.delete(np.arange(len(cameras)), counted)
    return _Seeing(
        street=street,
        places=_pairs(door, ground.least_m),
        reach_m=_reach_m(sight.views, worst),
        uncounted=tuple(cameras["id"].astype(str).to_numpy(object)[missing]),
    )


def _held(sight: Sight, lines: Lines | None, worst: int) -> Intervals:
    """Parts of lines that are seen well enough by a camera whose heading is known."""
    if lines is None:
        return intervals([])
    found = parts(sight.pieces, sight.views, lines)
    found = found.taken((found.band <= worst) & (sight.views.certainty[found.view] == NOMINAL))
    return Intervals(who=sight.views.camera[found.view], line=found.line, from_m=found.from_m, to_m=found.to_m)


def _pairs(door: Intervals, least_m: Floats) -> Ints:
    """Camera and place of each place that is seen far enough around."""
    pairs, pair = np.unique(np.stack([door.who, door.line], axis=1), axis=0, return_inverse=True)
    metres = np.bincount(pair.ravel(), door.to_m - door.from_m, len(pairs))
    return np.asarray(pairs[metres >= least_m[pairs[:, 1]]])


def _reach_m(found: Views, worst: int) -> float:
    """Greatest distance at which a view sees well enough."""
    limit = found.edges[:, worst] if worst < found.edges.shape[1] else found.range_m
    return float(np.minimum(limit, found.range_m).max(initial=0))


def _metres(parts: Intervals) -> float:
    """Metres of lines that somebody sees."""
    one = merged(replace(parts, who=np.zeros(len(parts), np.int64)))
    return float((one.to_m - one.from_m).sum())


def _costs(offered: gpd.GeoDataFrame) -> Floats:
    """Cost of each candidate, 1 where none is stated."""
    cost = pd.to_numeric(offered["cost"], errors="coerce") if "cost" in offered else pd.Series(1.0, offered.index)
    if not (np.isfinite(cost) & (cost > 0)).all():
        raise InputError("candidates whose cost is no number above 0", expected="a cost for each, or no such column")
    return np.asarray(cost, np.float64)


def _wanted(new: _Seeing, before: _Seeing, places: int) -> Musts:
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
    better = (musts.met(found.chosen), found.total_m) >= (musts.met(choice.chosen), choice.total_m)
    return (found if better else choice), max(min(most_m, best.bound_m), found.total_m)
