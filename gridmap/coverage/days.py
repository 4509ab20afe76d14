"""Two days, or two ways of counting, beside each other: metres of street gained and lost in each area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.coverage.counting import Counting
from gridmap.coverage.cuts import Cuts, over
from gridmap.coverage.depth import nominal
from gridmap.coverage.sweeping import Floats, swept

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts

#: Metres that are told of two sides: seen on each, on the new alone, on the old alone, on both.
METRES = ("old_m", "new_m", "gained_m", "lost_m", "kept_m")


def compare(
    parts: Parts, views: Views, laid: Cuts, cameras: pd.DataFrame, *, old: Counting, new: Counting
) -> pd.DataFrame:
    """Return how many metres of street are seen in each area by one way of counting and not by another.

    Two days compare by their ``on``; what works beside what there is, by ``offline``. A metre that one camera saw and
    another sees now is kept: what counts is whether anybody sees it. A camera that was moved stands in the table twice,
    with the days on which it stood there.

    Parameters
    ----------
    parts, views
        Metres of street in view of all cameras of both days, and the views.
    laid
        The streets cut along areas.
    cameras
        The table the views were made of: ``status``, ``valid_from``, ``valid_to``.
    old, new
        What counts on each side: day, status and band.

    Returns
    -------
    pandas.DataFrame
        In the order of the areas, parents the sums of their children: ``code``, ``old_m``, ``new_m`` (metres seen),
        ``gained_m``, ``lost_m``, ``kept_m``.

    Raises
    ------
    InputError
        If there is no such band.
    TableError
        If the cameras are not those of the views.
    """
    before, after = (nominal(parts, views, cameras, counting) for counting in (old, new))
    metres = laid.per_area(changed(before, after, laid))
    return pd.DataFrame({"code": laid.areas["code"].to_numpy(), **dict(zip(METRES, metres.T, strict=True))})


def changed(before: Parts, after: Parts, laid: Cuts) -> Floats:
    """Return how many metres of each stretch of street are seen before, after, and at one of both or at both.

    Parameters
    ----------
    before, after
        What counts on each side, as `gridmap.coverage.depth.nominal` returned it, by views of its own.
    laid
        The streets cut along areas.

    Returns
    -------
    numpy.ndarray of float64, shape (len(laid), 5)
        Metres, in the order of `METRES`.

    Raises
    ------
    Nothing
        Where nobody sees anything, it is 0.
    """
    sides = [over(side, laid) for side in (before, after)]
    line, from_m, to_m = (
        np.concatenate([getattr(side, name) for side in sides]) for name in ("line", "from_m", "to_m")
    )
    side = np.repeat(np.eye(2, dtype=np.int64), [len(each) for each in sides], axis=0)
    found = swept(line, from_m, to_m, side)
    old, new = (found.sums > 0).T
    return found.summed(len(laid), np.column_stack([old, new, new & ~old, old & ~new, old & new]))
