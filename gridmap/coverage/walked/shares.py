"""Shares of street that were walked: by street, by area, by shift, by day and night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats, Ints
from gridmap.coverage.walked.daylight import Clock, Daylight, by_day, halved
from gridmap.coverage.walked.error import Bars
from gridmap.coverage.walked.ledger import CLASSES, OBSERVED, UNKNOWN, Ledger, Visits, rows_of
from gridmap.coverage.walked.sides import Sides, over
from gridmap.coverage.walked.unions import union_metres

#: Numbers that are worked out at a time: stretches by shifts.
_CELLS = 2_000_000
#: A street of which so great a share was walked is done: what remains are corners and the noise of fixes.
DONE = 0.9


def street_shares(book: Ledger) -> pd.DataFrame:
    """Return how much of each street was walked.

    *Coverage* is the share of a street's metres on which somebody was observed at least once. The four shares of a
    street (observed, inferred, unknown, never) are disjoint and add up to 1: a metre counts for the surest of its
    visits.

    Parameters
    ----------
    book
        The ledger, of a period if need be.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``length_m``, ``walked_m``, ``share``, ``share_inferred``,
        ``share_unknown``, ``share_never``; shares are missing for what is no street.

    Raises
    ------
    Nothing
        Where nobody walked, nothing was.
    """
    one = np.zeros(len(book.visits), np.int64)
    metres = union_metres(book.visits, one, 1)[:, 0]
    return _table({"id": book.ids}, book.length_m, book.per_street(metres))


def must_walk(book: Ledger, required: npt.NDArray[np.bool_], *, least: float = DONE) -> pd.DataFrame:
    """Return the streets that must be walked (必巡线), with what was, and whether they are done.

    A street is done when so great a share of its length was walked; nodes or crossings are not counted. It is not known
    whether it is where what is inferred or unknown could complete it.

    Parameters
    ----------
    book
        The ledger of the period in which they are due.
    required
        Which streets must be walked, shape (streets,).
    least
        Share of its length at which a street is done.

    Returns
    -------
    pandas.DataFrame
        The columns of `street_shares` for these streets, and ``done`` (missing where it is not known).

    Raises
    ------
    Nothing
        Nothing need be required.
    """
    table = street_shares(book)[np.asarray(required, dtype=bool)].reset_index(drop=True)
    possible = table[["share", "share_inferred", "share_unknown"]].sum(axis=1)
    done = (table["share"] >= least).astype("boolean")
    table["done"] = done.mask((table["share"] < least) & (possible >= least))
    return table


def areas(
    book: Ledger,
    laid: Sides,
    *,
    daylight: Daylight | None = None,
    shifts: Sequence[str] | None = None,
    bars: Bars | None = None,
) -> pd.DataFrame:
    """Return how much street was walked in each area: in all, by day, by night and shift by shift.

    Unions come before sums: a metre counts once however often and by however many it was walked. A street on the border
    of two areas counts in both and once in their parent, so that children less ``shared_m`` make up their parent. The
    four shares add up to 1. *Unknown is never nought*: a shift of which there is no record is unknown as a whole, and
    where nothing is known but that somebody may have been there, ``share`` is missing.

    Parameters
    ----------
    book
        The ledger, of a period if need be.
    laid
        Its streets cut along the areas.
    daylight
        What tells day from night; by default the clock of the shifts.
    shifts
        The shifts asked for, by default those of the ledger. Name those that were planned, so that one without any
        record shows.
    bars
        How wrong tracks such as these are (`gridmap.coverage.walked.bars`).

    Returns
    -------
    pandas.DataFrame
        For all, day, night and each shift, area by area: ``code``, ``shift``, ``length_m``, ``walked_m``, ``share``,
        ``share_inferred``, ``share_unknown``, ``share_never`` (missing where an area has no street), ``shared_m`` and
        ``shared_walked_m``: metres that two areas inside count both. With bars also ``share_low`` and ``share_high``,
        between which the true share lies in nine of ten tracks; missing where the share or a track's error is. Where
        fixes lie more than 30 s apart, the bar is about what was observed and inferred.

    Raises
    ------
    Nothing
        Nobody need have walked.
    """
    telling = daylight or Clock()
    cut = over(halved(book.visits, telling), laid)
    asked = list(book.shifts) if shifts is None else list(shifts)
    label = rows_of(np.array(asked, dtype=object), book.shifts)[cut.shift]
    night = np.where(by_day(cut, telling), 0, 1)
    groupings = [(np.zeros(len(cut), np.int64), ["all"]), (night, ["day", "night"]), (label, asked)]
    tables = [table for group, names in groupings for table in _groups(cut, laid, group, names, bars)]
    return pd.concat(tables, ignore_index=True)


def _groups(cut: Visits, laid: Sides, group: Ints, names: Sequence[str], bars: Bars | None) -> Iterator[pd.DataFrame]:
    """Tables of the groups, as many at a time as fit."""
    codes = laid.areas["code"].array
    length, shared = laid.per_area(laid.length_m), laid.shared(laid.length_m)
    batch = max(1, _CELLS // max(len(laid), 1))
    for first in range(0, len(names), batch):
        some = names[first : first + batch]
        mine = np.where((group >= first) & (group < first + batch), group - first, -1)
        metres = union_metres(cut, mine, len(some))
        known = np.bincount(mine[mine >= 0], minlength=len(some)) > 0
        areas = laid.per_area(metres).transpose(1, 0, 2)
        areas[~known, :, UNKNOWN] = length
        table = _table(
            {
                "code": codes.take(np.tile(np.arange(len(codes)), len(some))),
                "shift": pd.array(list(some), dtype="str").take(np.repeat(np.arange(len(some)), len(codes))),
            },
            np.tile(length, len(some)),
            areas.reshape(-1, len(CLASSES)),
        )
        table["shared_m"] = np.tile(shared, len(some))
        table["shared_walked_m"] = laid.shared(metres[:, :, OBSERVED]).T.ravel()
        if bars is not None:
            low, high, part = bars.by_area(cut, laid, mine, len(some))
            claimed = table["share"] + table["share_inferred"] * part.ravel()
            table["share_low"] = claimed * low.ravel()
            table["share_high"] = (claimed * high.ravel()).clip(upper=1.0)
        yield table


def _table(keys: dict[str, Any], length: Floats, metres: Floats) -> pd.DataFrame:
    """Metres observed, at least inferred and at least guessed as the shares of four classes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length[:, None] > 0, np.diff(metres, axis=1, prepend=0.0) / length[:, None], np.nan)
        never = np.where(length > 0, 1.0 - metres[:, UNKNOWN] / length, np.nan)
    share, never = np.clip(share, 0.0, 1.0), np.clip(never, 0.0, 1.0)
    guessed = (metres[:, UNKNOWN] > 0) & (metres[:, UNKNOWN - 1] == 0)
    return pd.DataFrame(
        {
            **keys,
            "length_m": length,
            "walked_m": metres[:, OBSERVED],
            "share": np.where(guessed, np.nan, share[:, OBSERVED]),
            "share_inferred": share[:, OBSERVED + 1],
            "share_unknown": share[:, UNKNOWN],
            "share_never": never,
        }
    )
