"""Shares of what cameras see, kept for live edit: by cameras that work and by all; carried over where a few changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage import Counting, Cuts
from gridmap.coverage.ground import Ground
from gridmap.coverage.live import Sees, Standing, replaced, stands
from gridmap.visibility.lines import Parts
from gridmap.visibility.seeing import Sight

#: What is told apart wherever cameras are counted: those that work, and all.
COUNTINGS = {"online": Counting(), "all": Counting(offline=True)}

#: Cameras that may differ from those that were counted at once: each change asks all of them, and adds a rounding.
MOST_CARRIED = 50

Standings = Mapping[str, Standing]


def stood(
    sight: Sight, parts: Parts, cameras: pd.DataFrame, streets: pd.DataFrame, laid: Cuts, plots: Ground
) -> Standings:
    """Return the shares of all streets and areas by each way of counting.

    Parameters
    ----------
    sight, parts
        Ground and metres of street in view.
    cameras, streets
        The tables that these were made of.
    laid, plots
        Streets cut along areas, and the ground of areas.

    Returns
    -------
    dict of str to Standing
        By `COUNTINGS`. Where all cameras work, the two share all they hold.

    Raises
    ------
    TableError
        If ids of cameras are repeated.
    """
    seen = sight.pieces, sight.views, parts
    if _offline(cameras):
        found = stands(seen, cameras, streets, laid, plots=plots, countings=tuple(COUNTINGS.values()))
        return dict(zip(COUNTINGS, found, strict=True))
    (every,) = stands(seen, cameras, streets, laid, plots=plots, countings=(COUNTINGS["all"],))
    return {name: replace(every, counting=counting) for name, counting in COUNTINGS.items()}


def carried(
    before: Standings,
    sees: Mapping[str, Sees | None],
    *,
    most: int = MOST_CARRIED,
) -> Standings | None:
    """Return shares as they stand after some cameras changed: those of counting anew, but for rounding.

    Parameters
    ----------
    before
        What stood.
    sees
        What each camera sees now that changed, by its id; None where it is gone.
    most
        Cameras that may have changed since all were counted at once.

    Returns
    -------
    dict of str to Standing, or None
        By `COUNTINGS`; None where more cameras changed.

    Raises
    ------
    TableError
        If a camera that is gone is not known.
    """
    every, online = before["all"], before["online"]
    if len({*sees, *every.changed}) > most:
        return None
    after = replaced(every, sees).after
    if online.lines is every.lines and all(one is None or not _offline(one.camera) for one in sees.values()):
        return {name: replace(after, counting=counting) for name, counting in COUNTINGS.items()}
    return {"online": replaced(online, sees).after, "all": after}


def differing(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return the ids of rows that are in one table alone, or not the same in both, in order.

    Raises
    ------
    Nothing
        Ids may be repeated in neither table.

    Examples
    --------
    >>> old = pd.DataFrame({"id": ["a", "b", "c"], "kind": ["fixed", None, "ptz"]})
    >>> differing(old, pd.DataFrame({"id": ["c", "b", "d"], "kind": ["fixed", None, "ptz"]}))
    ['a', 'c', 'd']
    """
    one, other = (table.set_index("id").reindex(columns=new.columns.drop("id")) for table in (old, new))
    both = one.index.intersection(other.index)
    alone = one.index.symmetric_difference(other.index)
    differ = np.zeros(len(both), dtype=bool)
    for name in one.columns:
        was, now = (_cells(table.loc[both, name]) for table in (one, other))
        differ |= was != now
    return sorted([*alone, *both[differ]])


def _cells(column: pd.Series) -> npt.NDArray[np.object_]:
    """Cells of a column, None where missing: what is missing in both is the same."""
    cells: npt.NDArray[np.object_] = column.to_numpy(dtype=object, copy=True)
    cells[pd.isna(cells)] = None
    return cells


def _offline(cameras: pd.DataFrame) -> bool:
    return bool((cameras["status"] == "offline").any())
