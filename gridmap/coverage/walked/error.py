"""How wrong a share of street may be: the error that matching is known to make on tracks such as these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import OBSERVED, Ledger, Visits
from gridmap.coverage.walked.sides import Sides
from gridmap.errors import Fault, TableError

#: The least and the greatest true metres for each metre claimed, given seconds between fixes, metres per second and the
#: standard error of a fix, shape (n,): what calibration on tracks of known truth tells.
Expected = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]
_NEEDED = ("post", "shift", "interval_p50_s", "sigma_m")


@dataclass(frozen=True, kw_only=True)
class Bars:
    """True metres for each metre claimed, by post and shift of the ledger; NaN where the track is not known."""

    #: least and greatest, shape (posts, shifts)
    low: Floats
    high: Floats

    def by_area(self, cut: Visits, laid: Sides, group: Ints, groups: int) -> tuple[Floats, Floats]:
        """Return the least and greatest true metres for each metre claimed, by group and area, shape (groups, areas).

        Where several tracks claim metres of an area, each counts by the metres that it claims; what is not known of one
        of them is not known of the area.

        Raises
        ------
        Nothing
            Where nothing is claimed there is nothing to err in.
        """
        claims = (group >= 0) & (cut.rank == OBSERVED)
        key = group[claims] * len(laid) + cut.line[claims]
        post, shift, metres = cut.post[claims], cut.shift[claims], cut.metres[claims]

        def summed(each: Floats) -> Floats:
            cells = np.bincount(key, each, groups * len(laid)).astype(float)
            return laid.per_area(cells.reshape(groups, len(laid)).T).T

        whole = summed(metres)
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = (summed(metres * each[post, shift]) / whole for each in (self.low, self.high))
        return np.where(whole > 0, low, 1.0), np.where(whole > 0, high, 1.0)


def bars(book: Ledger, tracks: pd.DataFrame, expected: Expected) -> Bars:
    """Return how many true metres stand behind each metre that a track claims, post by post and shift by shift.

    Parameters
    ----------
    book
        The ledger.
    tracks
        ``post``, ``shift``, ``interval_p50_s``, ``sigma_m``: what `gridmap.coverage.walked.quality` returned.
    expected
        What calibration tells of tracks of such an interval, speed and error.

    Returns
    -------
    Bars
        For `gridmap.coverage.walked.areas`.

    Raises
    ------
    TableError
        If a column is missing.
    """
    missing = [name for name in _NEEDED if name not in tracks]
    if missing:
        faults = [
            Fault(code="missing_column", message=f"no column {name}; give what quality returned") for name in missing
        ]
        raise TableError("tracks", faults)
    told = tracks.assign(speed=_speeds(book, tracks))
    known = told[["interval_p50_s", "speed", "sigma_m"]].notna().all(axis=1).to_numpy()
    post, shift = (_rows(getattr(book, f"{name}s"), told[name]) for name in ("post", "shift"))
    known = known & (post >= 0) & (shift >= 0)
    columns = (told[name].to_numpy(dtype=float)[known] for name in ("interval_p50_s", "speed", "sigma_m"))
    found = [np.full((len(book.posts), len(book.shifts)), np.nan) for _ in range(2)]
    for table, each in zip(found, expected(*columns), strict=True):
        table[post[known], shift[known]] = each
    return Bars(low=found[0], high=found[1])


def _rows(names: npt.NDArray[np.object_], asked: pd.Series) -> Ints:
    return np.asarray(pd.Index(names).get_indexer(pd.Index(asked.astype(str))), dtype=np.int64)


def _speeds(book: Ledger, tracks: pd.DataFrame) -> npt.NDArray[Any]:
    """Metres per second of what each track was observed to walk, NaN where that took no time."""
    visits = book.visits.credited()
    number = visits.post * len(book.shifts) + visits.shift
    cells = len(book.posts) * len(book.shifts)
    metres, took = (np.bincount(number, each, cells) for each in (visits.metres, visits.end - visits.start))
    post, shift = (_rows(getattr(book, f"{name}s"), tracks[name]) for name in ("post", "shift"))
    at = np.where((post >= 0) & (shift >= 0), post * len(book.shifts) + shift, cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.append(np.where(took > 0, metres / took, np.nan), np.nan)
    return speed[at]
