"""Two days, or two ways of counting, beside each other: metres of street gained and lost in each area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.coverage.counting import Counting
from gridmap.coverage.cuts import Cuts, over
from gridmap.coverage.depth import nominal
from gridmap.coverage.sweeping import swept

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts


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
    sides = [over(nominal(parts, views, cameras, counting), laid) for counting in (old, new)]
    line, from_m, to_m = (
        np.concatenate([getattr(side, name) for side in sides]) for name in ("line", "from_m", "to_m")
    )
    side = np.repeat(np.eye(2, dtype=np.int64), [len(each) for each in sides], axis=0)
    found = swept(line, from_m, to_m, side)
    before, after = (found.sums > 0).T
    chosen = np.column_stack([before, after, after & ~before, before & ~after, before & after])
    metres = laid.per_area(found.summed(len(laid), chosen))
    columns = dict(zip(("old_m", "new_m", "gained_m", "lost_m", "kept_m"), metres.T, strict=True))
    return pd.DataFrame({"code": laid.areas["code"].to_numpy(), **columns})
