"""Two periods beside each other: which streets and areas gained or lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import Floats, swept
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.sides import Sides, over
from gridmap.errors import ConflictError

_COLUMNS = ("old_m", "new_m", "gained_m", "lost_m", "kept_m")


def compare_streets(old: Ledger, new: Ledger, *, least: str = "observed") -> pd.DataFrame:
    """Return how many metres of each street were walked in one period and not in the other.

    Parameters
    ----------
    old, new
        Ledgers on the same streets, such as two periods of one (`Ledger.during`).
    least
        Least sure class that counts.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``length_m``, ``old_m``, ``new_m``, ``gained_m`` (now and not before),
        ``lost_m``, ``kept_m``; ``new_m - old_m = gained_m - lost_m``.

    Raises
    ------
    ConflictError
        If the ledgers are of different streets.
    """
    _refuse_others(old, new)
    metres = _both(old.visits.credited(least), new.visits.credited(least))
    return _table({"id": old.ids}, old.length_m, old.per_street(metres))


def compare_areas(old: Ledger, new: Ledger, laid: Sides, *, least: str = "observed") -> pd.DataFrame:
    """Return how many metres of street in each area were walked in one period and not in the other.

    Parameters
    ----------
    old, new, least
        As of `compare_streets`.
    laid
        The streets cut along the areas.

    Returns
    -------
    pandas.DataFrame
        In the order of the areas: ``code`` and the columns of `compare_streets`.

    Raises
    ------
    ConflictError
        If the ledgers are of different streets.
    """
    _refuse_others(old, new)
    metres = _both(*(over(each.visits.credited(least), laid) for each in (old, new)))
    codes = laid.areas["code"].to_numpy(dtype=object)
    return _table({"code": codes}, laid.per_area(laid.length_m), laid.per_area(metres))


def _both(old: Visits, new: Visits) -> Floats:
    """Metres of each line walked before, now, only now, only before, and both."""
    line, low, high = (
        np.concatenate([getattr(each, name) for each in (old, new)]) for name in ("line", "from_m", "to_m")
    )
    found = swept(line, low, high, np.repeat(np.eye(2, dtype=np.int64), [len(old), len(new)], axis=0))
    before, after = (found.sums > 0).T
    chosen = np.column_stack([before, after, after & ~before, before & ~after, before & after])
    return found.summed(len(old.length_m), chosen)


def _refuse_others(old: Ledger, new: Ledger) -> None:
    if not np.array_equal(old.ids, new.ids):
        raise ConflictError("ledgers of different streets", do="make both from one table of streets")


def _table(keys: dict[str, Any], length: Floats, metres: Floats) -> pd.DataFrame:
    return pd.DataFrame({**keys, "length_m": length, **dict(zip(_COLUMNS, metres.T, strict=True))})
