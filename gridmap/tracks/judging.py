"""Fixes judged: which are kept and why others are not, in shifts, legs and stops, with the kilometres that remain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs as crs_
from gridmap.tracks.flaws import faults_table, held_table
from gridmap.tracks.legs import legs_of
from gridmap.tracks.limits import Cleaning
from gridmap.tracks.shifts import Shifts
from gridmap.tracks.sifting import REASONS, Sieve, Sifted
from gridmap.tracks.stopping import stops_of
from gridmap.tracks.suspicion import rounds_of
from gridmap.tracks.taking import Taken, take

if TYPE_CHECKING:
    from gridmap.tracks.matching import Prepared

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What fixes are worth."""

    #: the fixes that are kept, by post, leg and time: post, shift (``2024-05-06 night``), leg (a number that no other
    #: leg has), time, accuracy_m, speed_m_s (since the fix before in the leg), stop (row of ``stops`` or -1), row (of
    #: the table given), and the point as it was given
    fixes: geopandas.GeoDataFrame
    #: row (of the table given) and reason of all others
    dropped: pd.DataFrame
    #: post, shift, leg, arrived, left, fixes, and the point: the median of its fixes
    stops: geopandas.GeoDataFrame
    #: code, message, rows (of the table given), post (blank: no one post's)
    faults: pd.DataFrame
    #: step (raw, unusable, duplicates, spikes, gaps, stop_wander, credited), fixes and km that the step has (raw,
    #: credited) or takes away (the others), left_fixes and left_km after it
    waterfall: pd.DataFrame
    #: post, shift (blank: all), reason, message of what must be looked at before it counts
    held: pd.DataFrame
    #: post, shift, shape: 16 hexadecimal digits that another round has only if it went from place to place as this one
    shapes: pd.DataFrame
    #: what `gridmap.tracks.datum_of` says of each post; None where no streets were given to judge by
    datums: pd.DataFrame | None = None


def judge(
    fixes: pd.DataFrame,
    *,
    shifts: Shifts | None = None,
    cleaning: Cleaning | None = None,
    streets: geopandas.GeoDataFrame | Prepared | None = None,
) -> Judged:
    """The fixes that can be trusted, in shifts, legs and stops, and what became of the others.

    A *leg* is a stretch of fixes of one device whose way from one to the next is known well enough to be measured: it
    ends where the shift ends, the clock jumps, or no fix comes for more than ``gap_s``. Kilometres are counted within
    legs only. A *stop* is a run of fixes within ``stop_radius_m`` of its running centre for at least ``stop_s``. What
    looks like a made-up track, a wrong datum or a wrong clock is held for review and not left out.

    Parameters
    ----------
    fixes
        The table ``fixes`` (post, time, device?, accuracy_m?, speed_m_s?; point, or lon and lat) in any CRS and order.
    shifts
        Windows of the day; default: day and night from 08:00 and 20:00, China's time.
    cleaning
        Limits; default: `Cleaning` for crews on foot and on electric bicycles.
    streets
        The table ``streets``, or what `gridmap.tracks.prepared` made of it; with it the datum of each post is judged.

    Returns
    -------
    Judged
        Tables as described there; geometries are in the CRS of ``fixes``.

    Raises
    ------
    TableError
        If the table lacks post, time or places, or no fix of it can be used; lists what is wrong.
    CrsError
        If the table does not say its CRS.

    Examples
    --------
    The second fix is a copy of the first; the third lies 111 km away for five seconds.

    >>> table = geopandas.GeoDataFrame(
    ...     {"post": "A", "time": pd.to_datetime([0, 0, 5, 10], unit="s", utc=True, origin="2024-05-06")},
    ...     geometry=geopandas.points_from_xy([120.9, 120.9, 120.9, 120.9], [32.0, 32.0, 33.0, 32.0001]),
    ...     crs=4490,
    ... )
    >>> list(judge(table).dropped["reason"])
    ['duplicate', 'spike']
    """
    shifts, cleaning = shifts or Shifts(), cleaning or Cleaning()
    taken, flaws = take(fixes, cleaning)
    sieve = Sieve(taken=taken, cleaning=cleaning, flaws=flaws)
    course = sieve.sifted()
    legs = legs_of(course, shifts, cleaning)
    stops = stops_of(course, legs, cleaning)
    rounds = rounds_of(course, legs)
    sieve.suspect(course, legs, rounds)
    sieve.waterfall.gaps(course, legs)
    sieve.waterfall.stop_wander(course, legs, stops)
    judged = _told(fixes, sieve, Sifted(course=course, legs=legs, stops=stops, rounds=rounds))
    return judged if streets is None else _with_datums(judged, sieve, streets)


def clean(fixes: pd.DataFrame, **options: Any) -> geopandas.GeoDataFrame:
    """The fixes that can be trusted, in shifts, legs and stops.

    Parameters
    ----------
    fixes, options
        As for `judge`.

    Returns
    -------
    GeoDataFrame
        ``judge(fixes, **options).fixes``.

    Raises
    ------
    TableError, CrsError
        As `judge`.
    """
    return judge(fixes, **options).fixes


def collapsed(judged: Judged) -> geopandas.GeoDataFrame:
    """The fixes with each stop collapsed to two: where it was, when the post arrived and when it left.

    Parameters
    ----------
    judged
        What `judge` gave.

    Returns
    -------
    GeoDataFrame
        The columns of ``judged.fixes``; the fixes of a stop but the first and last are gone, and these two lie at the
        place of the stop. Speeds are as they were.

    Raises
    ------
    Nothing
    """
    stop = judged.fixes["stop"].to_numpy()
    inside = stop >= 0
    same_before, same_after = np.diff(stop, prepend=-2) == 0, np.diff(stop, append=-2) == 0
    table = judged.fixes[~(inside & same_before & same_after)].reset_index(drop=True)
    stop = table["stop"].to_numpy()
    points = table.geometry.to_numpy().copy()
    points[stop >= 0] = judged.stops.geometry.to_numpy()[stop[stop >= 0]]
    return table.set_geometry(geopandas.GeoSeries(points, index=table.index, crs=table.crs))


def _with_datums(judged: Judged, sieve: Sieve, streets: geopandas.GeoDataFrame | Prepared) -> Judged:
    """What was judged, with the datum of each post."""
    # matching and the verdict stand on what is judged here
    from gridmap.tracks.datums import datum_flaws, verdicts
    from gridmap.tracks.matching import Prepared, prepared

    found = verdicts(judged.fixes, streets if isinstance(streets, Prepared) else prepared(streets))
    flaws = [*sieve.flaws, *datum_flaws(found)]
    return replace(judged, datums=found, faults=faults_table(flaws), held=held_table(flaws))


def _told(fixes: pd.DataFrame, sieve: Sieve, sifted: Sifted) -> Judged:
    """The tables of what was found."""
    gone = np.flatnonzero(sieve.why)
    dropped = pd.DataFrame(
        {"row": gone, "reason": pd.Series(np.array(REASONS, dtype=object)[sieve.why[gone]], dtype="str")}
    )
    return Judged(
        fixes=_kept(fixes, sieve.taken, sifted),
        dropped=dropped,
        stops=_stood(sieve.taken, sifted, _system(fixes)),
        faults=faults_table(sieve.flaws),
        waterfall=sieve.waterfall.table(),
        held=held_table(sieve.flaws),
        shapes=_shapes(sieve.taken, sifted),
    )


def _kept(fixes: pd.DataFrame, taken: Taken, sifted: Sifted) -> geopandas.GeoDataFrame:
    """The fixes that are kept."""
    course, row = sifted.course, sifted.course.row
    cells = {
        **_whose(taken, sifted, np.arange(len(row))),
        "leg": sifted.legs.leg,
        "time": _times(course.time_us),
        "accuracy_m": taken.accuracy_m[row],
        "speed_m_s": sifted.legs.speed_m_s,
        "stop": sifted.stops.stop,
        "row": row,
    }
    if isinstance(fixes, geopandas.GeoDataFrame):
        points: Any = fixes.geometry.array.take(row)
    else:
        points = shapely.points(taken.given[0][row], taken.given[1][row])
    return geopandas.GeoDataFrame(cells, geometry=points, crs=_system(fixes))


def _stood(taken: Taken, sifted: Sifted, crs: Any) -> geopandas.GeoDataFrame:
    """The stops."""
    course, stops = sifted.course, sifted.stops
    cells = {
        **_whose(taken, sifted, stops.first),
        "leg": sifted.legs.leg[stops.first],
        "arrived": _times(course.time_us[stops.first]),
        "left": _times(course.time_us[stops.last]),
        "fixes": stops.fixes,
    }
    x, y = crs_.convert(stops.x, stops.y, taken.metric, crs) if len(stops.x) else (stops.x, stops.y)
    return geopandas.GeoDataFrame(cells, geometry=shapely.points(x, y), crs=crs)


def _shapes(taken: Taken, sifted: Sifted) -> pd.DataFrame:
    """The rounds that are long enough to have a shape."""
    rounds = sifted.rounds
    table = pd.DataFrame({**_whose(taken, sifted, rounds.first), "shape": pd.Series(rounds.shape, dtype="str")})
    return table[table["shape"] != ""].reset_index(drop=True)


def _system(fixes: pd.DataFrame) -> Any:
    """The CRS of a table; bare longitude and latitude are WGS 84."""
    return fixes.crs if isinstance(fixes, geopandas.GeoDataFrame) else "EPSG:4326"


def _whose(taken: Taken, sifted: Sifted, at: Ints) -> dict[str, Any]:
    """Post and shift of some fixes."""
    post, shift = taken.post[sifted.course.row[at]], sifted.legs.shift[at]
    return {"post": _texts(taken.posts, post), "shift": _texts(sifted.legs.labels, shift)}


def _texts(names: list[str], codes: Ints) -> pd.Series[Any]:
    """Names by their positions, without looking at each text anew."""
    return pd.Series(pd.array(names, dtype="str").take(codes))


def _times(time_us: Ints) -> pd.DatetimeIndex:
    """Moments as the tables keep them."""
    return pd.DatetimeIndex(time_us.view("datetime64[us]")).tz_localize("UTC")
