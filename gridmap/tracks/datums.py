"""Which datum the fixes of a post are in, told from how well they fit the streets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import crs as crs_
from gridmap.tracks.fitting import DATUMS, ON_STREET_M, Fit, fitted
from gridmap.tracks.flaws import Flaw
from gridmap.tracks.judging import judge
from gridmap.tracks.matching import Prepared, prepared

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

UNDECIDED = "undecided"
#: Columns of the table of verdicts.
VERDICTS = ("post", "datum", "margin", "reason", "fixes")

#: Metres between the fixes that are looked at: nearer ones have the same error, and fixes of a stop tell nothing new.
_THIN_M = 5.0
#: Fixes looked at for each post at most, in stretches of so many.
_MOST, _STRETCH = 360, 60
#: Fixes below which, and metres in all below which, nothing is said.
_FEWEST, _SHORTEST_M = 24, 150.0
#: By how much the best datum must fit better than the next: per fix, and over all fixes. Costs are logarithms of
#: likelihoods; of tracks made with known datums, wrong ones never fitted better by more than half of the latter.
_MARGIN, _EVIDENCE = 0.3, 20.0
#: What fixes of a usual receiver cost in their own datum.
_USUAL = 0.7
#: Share of fixes that must be on a street.
_ON_STREETS = 0.5


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    """What was found of one post."""

    datum: str
    margin: float
    #: a short stable word: fits, few, outside, off_streets, close
    code: str
    reason: str


def datum_of(fixes: geopandas.GeoDataFrame, streets: geopandas.GeoDataFrame | Prepared) -> pd.DataFrame:
    """The datum that the fixes of each post are in, as far as the streets tell.

    Web maps of China shift places by some hundred metres: GCJ-02 once, BD-09 once more. Fixes are read in each of the
    three ways and matched to the streets. The cost of a reading is the mean over the fixes of squared distance to the
    street, of the difference between route and straight line, and of breaks where no street leads on; the *margin* is
    by how much the second best costs more than the best. A verdict is given if that is 0.3 at least, and 20 over all
    fixes together: short tracks stay undecided rather than be wrong.

    Parameters
    ----------
    fixes
        The table ``fixes``, in the CRS that they are stated to be in.
    streets
        The table ``streets``, or what `gridmap.tracks.matching.prepared` made of it, in a true CRS.

    Returns
    -------
    DataFrame
        post, datum (``WGS 84``, which is CGCS2000 within centimetres, ``GCJ-02``, ``BD-09``, ``undecided``), margin,
        reason (a sentence), fixes (how many were looked at), code (``fits``, ``few``, ``outside``, ``off_streets``,
        ``close``, ``no_shift``); by post.

    Raises
    ------
    TableError, CrsError
        As `gridmap.tracks.judge` and `gridmap.streets.graph`.
    """
    ready = streets if isinstance(streets, Prepared) else prepared(streets)
    return verdicts(judge(fixes).fixes, ready)


def datum_flaws(verdicts: pd.DataFrame) -> list[Flaw]:
    """What verdicts say against posts: another datum is held for review, the rest is told.

    Parameters
    ----------
    verdicts
        What `datum_of` gave.

    Raises
    ------
    Nothing
    """
    flaws = []
    columns = (verdicts[name] for name in ("post", "datum", "margin", "reason", "code"))
    for post, datum, margin, reason, code in zip(*columns, strict=True):
        if datum not in {UNDECIDED, DATUMS[0]}:
            message = f"{post} is in {datum}, not in the datum stated: {reason}, {margin:.2f} apart; state {datum}"
            flaws.append(Flaw(code="datum", message=f"{message} if that is so", post=post, held=True))
        elif code in {"outside", "off_streets"}:
            flaws.append(Flaw(code=code, message=f"{post}: {reason}", post=post))
    return flaws


def verdicts(kept: geopandas.GeoDataFrame, ready: Prepared) -> pd.DataFrame:
    """The table of `datum_of` for fixes that are judged already.

    Parameters
    ----------
    kept
        ``Judged.fixes``.
    ready
        The streets.

    Raises
    ------
    CrsError
        As `datum_of`.
    """
    x, y = (np.asarray(axis, dtype=float) for axis in (kept.geometry.x, kept.geometry.y))
    lon, lat = crs_.to_wgs84(x, y, kept.crs)
    east, north = crs_.from_wgs84(lon, lat, ready.ground.graph.crs)
    looked = _looked_at(kept, east, north)
    names, post = np.unique(kept["post"].to_numpy(dtype=object)[looked], return_inverse=True)
    fit = fitted(ready.ground, lon[looked], lat[looked], kept["leg"].to_numpy(dtype=np.int64)[looked])
    rows = []
    for number, name in enumerate(names):
        mine = np.flatnonzero(post == number)
        far = float(np.hypot(np.diff(east[looked[mine]]), np.diff(north[looked[mine]])).sum())
        part = Fit(cost=fit.cost[:, mine], offset_m=fit.offset_m[:, mine], inside=fit.inside[:, mine])
        found = _verdict(part, far)
        rows.append((name, found.datum, found.margin, found.reason, len(mine), found.code))
    missing = sorted(set(kept["post"]) - set(names))
    rows += [(name, UNDECIDED, 0.0, _FEW, 0, "few") for name in missing]
    table = pd.DataFrame(sorted(rows), columns=[*VERDICTS, "code"])
    return table.astype({"post": "str", "datum": "str", "reason": "str", "code": "str", "margin": float, "fixes": int})


_FEW = "too few fixes in motion: no verdict; state the datum, or wait for ten minutes of walking"


def _looked_at(kept: geopandas.GeoDataFrame, east: Floats, north: Floats) -> Ints:
    """Rows that tell something: one every few metres, out of stops, some stretches of each post."""
    leg, stop = kept["leg"].to_numpy(), kept["stop"].to_numpy()
    moving = np.flatnonzero(stop < 0)
    step = np.hypot(np.diff(east[moving], prepend=np.nan), np.diff(north[moving], prepend=np.nan))
    begins = np.diff(leg[moving], prepend=-1) != 0
    paced = np.floor(np.cumsum(np.where(begins, 0.0, np.nan_to_num(step))) / _THIN_M)
    rows: Ints = moving[begins | (np.diff(paced, prepend=-1) != 0)]
    post = kept["post"].to_numpy(dtype=object)[rows]
    if not len(rows):
        return rows
    first = np.flatnonzero(np.concatenate([[True], post[1:] != post[:-1]]))
    looked: Ints = rows[np.concatenate(list(_stretches(first, len(rows))))]
    return looked


def _stretches(first: Ints, count: int) -> Iterator[Ints]:
    """Positions of the fixes of each post: all, or stretches spread evenly."""
    for begin, end in zip(first.tolist(), [*first[1:].tolist(), count], strict=True):
        if end - begin <= _MOST:
            yield np.arange(begin, end)
        else:
            starts = np.linspace(begin, end - _STRETCH, _MOST // _STRETCH).astype(np.int64)
            yield np.unique(starts[:, None] + np.arange(_STRETCH))


def _verdict(fit: Fit, far: float) -> _Verdict:
    """The verdict on the fixes of one post."""
    means = fit.cost.mean(axis=1)
    order = np.argsort(means, kind="stable")
    best, second = int(order[0]), int(order[1])
    difference = fit.cost[second] - fit.cost[best]
    margin = float(difference.mean())
    inside = float(fit.inside[best].mean())
    on_street = float((fit.offset_m[best] <= ON_STREET_M).mean())
    if len(difference) < _FEWEST or far < _SHORTEST_M:
        return _Verdict(datum=UNDECIDED, margin=margin, code="few", reason=_FEW)
    if inside < _ON_STREETS:
        reason = f"{1 - inside:.0%} of the fixes lie outside the district of these streets: only its ground is known"
        return _Verdict(datum=UNDECIDED, margin=margin, code="outside", reason=reason)
    if on_street < _ON_STREETS:
        reason = f"{on_street:.0%} of the fixes lie within {ON_STREET_M:.0f} m of a street, however they are read"
        return _Verdict(datum=UNDECIDED, margin=margin, code="off_streets", reason=reason)
    # fixes that fit worse than their errors explain say less
    limit = max(_MARGIN, _EVIDENCE / len(difference)) * max(1.0, float(means[best]) / _USUAL)
    said = (
        f"the fixes fit the streets as {DATUMS[best]} at {means[best]:.2f}, as {DATUMS[second]} at {means[second]:.2f}"
    )
    if margin < limit:
        reason = f"{said}: too close to tell, {limit:.2f} apart would do"
        return _Verdict(datum=UNDECIDED, margin=margin, code="close", reason=reason)
    return _Verdict(datum=DATUMS[best], margin=margin, code="fits", reason=said)
