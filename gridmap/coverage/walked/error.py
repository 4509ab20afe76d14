"""How wrong a share of street may be: the error that matching is known to make on tracks such as these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.ledger import OBSERVED, Ledger, Visits
from gridmap.coverage.walked.sides import Sides
from gridmap.errors import Fault, TableError


class Error(Protocol):
    """What calibration tells of a kind of track."""

    @property
    def low(self) -> float:
        """Least true metres for each metre claimed."""
        ...

    @property
    def high(self) -> float:
        """Greatest true metres for each metre claimed."""
        ...


#: The error of tracks with such seconds between fixes, metres per second and standard error of a fix.
Expected = Callable[[float, float, float], Error]
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
        What calibration tells of tracks of such an interval, speed and error:
        `gridmap.tracks.matching.calibration.expected`.

    Returns
    -------
    Bars
        For `gridmap.coverage.walked.areas`. What is claimed is always among what may be true.

    Raises
    ------
    TableError
        If a column is missing.
    """
    missing = [name for name in _NEEDED if name not in tracks]
    if missing:
        message = "no column {}; give what quality returned"
        raise TableError("tracks", [Fault(code="missing_column", message=message.format(name)) for name in missing])
    post, shift = (_rows(getattr(book, f"{name}s"), tracks[name]) for name in ("post", "shift"))
    figures = [tracks["interval_p50_s"], _speeds(book, post, shift), tracks["sigma_m"]]
    told = np.column_stack([np.asarray(each, dtype=float) for each in figures])
    low, high = (np.full((len(book.posts), len(book.shifts)), np.nan) for _ in range(2))
    # tracks without a positive figure have none to be compared by
    for row in np.flatnonzero((told > 0).all(axis=1) & (post >= 0) & (shift >= 0)):
        error = expected(*told[row].tolist())
        low[post[row], shift[row]] = min(error.low, 1.0)
        high[post[row], shift[row]] = max(error.high, 1.0)
    return Bars(low=low, high=high)


def _rows(names: npt.NDArray[np.object_], asked: pd.Series) -> Ints:
    return np.asarray(pd.Index(names).get_indexer(pd.Index(asked.astype(str))), dtype=np.int64)


def _speeds(book: Ledger, post: Ints, shift: Ints) -> Floats:
    """Metres per second of what was observed of tracks, NaN where that took no time."""
    visits = book.visits.credited()
    number, cells = visits.post * len(book.shifts) + visits.shift, len(book.posts) * len(book.shifts)
    metres, took = (np.bincount(number, each, cells) for each in (visits.metres, visits.end - visits.start))
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.append(np.where(took > 0, metres / took, np.nan), np.nan)
    return speed[np.where((post >= 0) & (shift >= 0), post * len(book.shifts) + shift, cells)]
