"""Fixes matched to streets: where each was, and which stretches were walked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs as systems
from gridmap.compiling import COMPILED
from gridmap.errors import InputError
from gridmap.streets import graph
from gridmap.tracks.judging import Judged, judge
from gridmap.tracks.matching.corridors import Corridors
from gridmap.tracks.matching.ground import Ground, ground
from gridmap.tracks.matching.laying import Beside, laid
from gridmap.tracks.matching.limits import Matching
from gridmap.tracks.matching.paths import CLASSES
from gridmap.tracks.matching.states import Track
from gridmap.tracks.matching.tracing import Traced, traced
from gridmap.tracks.matching.visits import Visits, directions

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Metres of accuracy, the radius that holds 68 % of the errors, to one standard error along an axis.
ACCURACY_SIGMA = 1.51
#: Standard errors that are believed, metres.
_BELIEVED = (3.0, 15.0)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Streets made ready once, for matching batch after batch."""

    ground: Ground
    #: which streets run along which
    corridors: Corridors
    #: id of every row of the table of streets
    ids: npt.NDArray[np.object_]

    @property
    def spacing_m(self) -> float:
        """Metres between junctions, the mean of all edges: the kind of network that calibration goes by."""
        graph = self.ground.graph
        return float(graph.length_m.sum() / max(len(graph), 1))


def prepared(
    streets: geopandas.GeoDataFrame, *, matching: Matching | None = None, beside: Beside | None = None
) -> Prepared:
    """Return streets made ready for matching: their graph, segments by cell, and the table of routes.

    Parameters
    ----------
    streets
        The table ``streets`` in any CRS.
    matching
        Limits and weights.
    beside
        What counts as running along a street; ``Beside(width_m=0)`` leaves every street its own corridor.

    Raises
    ------
    TableError, CrsError
        As `gridmap.streets.graph` raises.
    """
    ids = streets["id"] if "id" in streets else pd.Series(streets.index)
    made = ground(graph(streets), matching)
    along = laid(made, streets.get("name"), beside)
    return Prepared(ground=made, corridors=along, ids=ids.to_numpy(dtype=object))


def match(
    fixes: geopandas.GeoDataFrame | None,
    streets: geopandas.GeoDataFrame | Prepared,
    *,
    judged: Judged | None = None,
    matching: Matching | None = None,
) -> tuple[geopandas.GeoDataFrame, pd.DataFrame]:
    """Return fixes with the streets they lie on, and the stretches of street that were walked.

    A fix lies on the street on which the likeliest way through all fixes of its leg has it (a hidden Markov model:
    Newson and Krumm 2009, doi 10.1145/1653771.1653818), and not on the nearest. A *visit* is a stretch of street walked
    in one go. It is *observed* where fixes lie at most 30 s apart, *inferred* where the shortest route bridges up to
    180 s, or fixes far from all streets, and *unknown* where the shortest route over a longer gap would lead: that is
    no walk, and never credited. Nothing observed spans a gap. Stops are one place: they add no way. What is walked
    beside a street is walked on it (see `Corridors`). Streets are passed in both directions, one-way or not: crews on
    foot do, and crews on electric bicycles are not judged by where they ride.

    Parameters
    ----------
    fixes
        The table ``fixes`` in any CRS; not looked at where `judged` is given.
    streets
        The table ``streets`` (id, class?, name?; line) in any CRS, or what `prepared` made of it.
    judged
        What `gridmap.tracks.judge` gave; by default `fixes` are judged by its defaults.
    matching
        Limits and weights; those of `prepared` where that was given.

    Returns
    -------
    fixes
        The fixes kept, by post, leg and time, in their CRS: post, shift, leg, time and what else they were judged with;
        ``street``, ``along_m`` (metres along the main street of the corridor; none where no street is near), ``way``,
        ``way_m`` (the street or path itself), ``offset_m`` (metres from there to the fix).
    walked
        By post, shift and time: post, shift, street (a main street), from_m, to_m (metres along its line, parts one
        after the other, ``from_m < to_m``), start, end (UTC), direction (1 along the line, -1 against it, 0 there and
        back), class.

    Raises
    ------
    InputError
        If neither fixes nor judged fixes are given.
    TableError, CrsError
        As `gridmap.tracks.judge` and `gridmap.streets.graph` raise.

    Examples
    --------
    Two minutes of silence are bridged, but not said to have been seen.

    >>> street = geopandas.GeoDataFrame({"id": ["A"]}, geometry=[shapely.LineString([(0, 0), (400, 0)])], crs=4549)
    >>> times = pd.to_datetime([0, 10, 20, 140, 150], unit="s", utc=True, origin="2024-05-06")
    >>> points = geopandas.points_from_xy([20, 35, 50, 230, 245], [3] * 5)
    >>> fixes = geopandas.GeoDataFrame({"post": "P", "time": times}, geometry=points, crs=4549)
    >>> match(fixes, street)[1][["from_m", "to_m", "class"]].round().to_numpy().tolist()
    [[20.0, 50.0, 'observed'], [50.0, 230.0, 'inferred'], [230.0, 245.0, 'observed']]
    """
    ready = streets if isinstance(streets, Prepared) else prepared(streets, matching=matching)
    if judged is None:
        if fixes is None:
            raise InputError("neither fixes nor judged fixes were given", expected="one of them")
        judged = judge(fixes)
    track, group = _track(judged, ready.ground)
    batches = [
        traced(ready.ground, ready.corridors, track.part(rows), group[rows], kernel=COMPILED)
        for rows in _batches(group, ready.ground)
    ]
    return _fixes(judged, ready, batches), _walked(judged, ready, batches, np.flatnonzero(np.diff(group, prepend=-1)))


def _track(sound: Judged, ground: Ground) -> tuple[Track, Ints]:
    """Judged fixes as arrays, and the number of the post's shift that each is of."""
    table = sound.fixes
    x, y = shapely.get_coordinates(table.geometry.to_numpy()).T
    x, y = systems.convert(x, y, table.crs, ground.graph.crs)
    leg = table["leg"].to_numpy(dtype=np.int64)
    starts = np.flatnonzero(np.diff(leg, prepend=leg[0] - 1 if len(leg) else 0))
    shift = table[["post", "shift"]].iloc[starts]
    fresh = (shift["post"] != shift["post"].shift()) | (shift["shift"] != shift["shift"].shift())
    group = np.repeat(np.cumsum(fresh.to_numpy()) - 1, np.diff(np.append(starts, len(leg))))
    accuracy = table["accuracy_m"].to_numpy(dtype=np.float64) if "accuracy_m" in table else np.full(len(x), np.nan)
    sigma = np.clip(accuracy / ACCURACY_SIGMA, *_BELIEVED)
    track = Track(
        x=np.ascontiguousarray(x),
        y=np.ascontiguousarray(y),
        time=table["time"].to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6,
        leg=leg,
        stop=table["stop"].to_numpy(dtype=np.int64),
        sigma=np.where(np.isfinite(sigma), sigma, ground.matching.sigma_m),
    )
    return track, group.astype(np.int64)


def _batches(group: Ints, ground: Ground) -> Iterator[slice]:
    """Yield stretches of fixes, whole shifts of posts each, as many as may be matched at a time."""
    starts = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group))
    at = 0
    while at < len(starts) - 1:
        to = max(int(np.searchsorted(starts, starts[at] + ground.matching.batch, side="right")) - 1, at + 1)
        yield slice(int(starts[at]), int(starts[to]))
        at = to


def _fixes(sound: Judged, ready: Prepared, batches: list[Traced]) -> geopandas.GeoDataFrame:
    """The fixes kept, with street, metres along it and metres from it."""
    found = {
        "street": _named(ready, _column(batches, "street", np.int64)),
        "along_m": np.round(_column(batches, "along"), 3),
        "offset_m": np.round(_column(batches, "offset"), 3),
        "way": _named(ready, _column(batches, "way", np.int64)),
        "way_m": np.round(_column(batches, "way_along"), 3),
    }
    return sound.fixes.assign(**found)


def _walked(sound: Judged, ready: Prepared, batches: list[Traced], first: Ints) -> pd.DataFrame:
    """The stretches walked, by post, shift and time; `first` is the first fix of each shift."""
    each = [part.visits for part in batches]
    shift = sound.fixes[["post", "shift"]].iloc[first[_column(batches, "group", np.int64)]].reset_index(drop=True)
    rows = {
        "street": _named(ready, _column(each, "line", np.int64)),
        "from_m": np.round(_column(each, "low"), 3),
        "to_m": np.round(_column(each, "high"), 3),
        "start": _moments(_column(each, "begun")),
        "end": _moments(_column(each, "ended")),
        "direction": np.concatenate([np.empty(0, np.int64), *[directions(part) for part in each]]),
        "class": pd.array(list(CLASSES), dtype="str").take(_column(each, "kind", np.int64)),
    }
    walked: pd.DataFrame = pd.concat([shift, pd.DataFrame(rows)], axis=1)
    return walked


def _named(ready: Prepared, rows: Ints) -> Any:
    """Ids of streets by row, missing where the row is -1."""
    ids = pd.Series(ready.ids).infer_objects()
    if isinstance(ids.dtype, pd.StringDtype):
        return ids.array.take(rows, allow_fill=True)
    return np.append(ready.ids, np.array([None], dtype=object))[rows]


def _column(parts: Sequence[Traced] | Sequence[Visits], name: str, kind: type = np.float64) -> npt.NDArray[Any]:
    """One column of all batches."""
    return np.concatenate([np.empty(0, kind), *[getattr(part, name) for part in parts]])


def _moments(seconds: Floats) -> pd.DatetimeIndex:
    """Moments so many seconds after 1970, to the millisecond."""
    milliseconds = np.round(seconds * 1e3).astype(np.int64)
    return pd.DatetimeIndex((milliseconds * 1000).view("datetime64[us]")).tz_localize("UTC")
