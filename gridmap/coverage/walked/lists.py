"""The list of what must be visited every so many days, such as each month: done, due or overdue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gridmap.coverage.walked.duties import number_column
from gridmap.coverage.walked.moments import seconds, stamps
from gridmap.errors import InputError

_DAY_S = 86_400.0


def must_visits(
    checkpoints: pd.DataFrame, scans: pd.DataFrame, *, now: Any, since: Any, ahead_days: float = 7.0
) -> pd.DataFrame:
    """Return the list of places that must be visited every so many days, and how it stands.

    A place is *done* while its last visit is not older than ``every_days``; it is *due* in the last ``ahead_days``
    before that, or where it was never visited and the record is not yet so old; after that it is *overdue*. Where
    several visits are needed, the oldest of the last so many counts.

    Parameters
    ----------
    checkpoints
        ``id``, ``every_days`` (those without it are on no list), ``visits`` (blank: 1).
    scans
        ``checkpoint``, ``time``: sign-ins that count (`gridmap.coverage.walked.signins`), or moments at which a track
        passed.
    now, since
        The moment asked about, and that since which the record is complete.
    ahead_days
        How long before its time a visit is called due.

    Returns
    -------
    pandas.DataFrame
        In the order of the checkpoints: ``checkpoint``, ``every_days``, ``needed``, ``visits`` (in the last
        ``every_days``), ``last`` (UTC; missing for never), ``next`` (until when the next is due), ``status``.

    Raises
    ------
    InputError
        If a moment states no zone, or ``every_days`` is not above 0.
    """
    moment, begun = seconds(now), seconds(since)
    every = number_column(checkpoints, "every_days").to_numpy()
    if np.any(every <= 0):
        raise InputError(f"a visit every {every[every <= 0][0]:g} days", expected="days above 0, or none")
    rows = np.flatnonzero(~np.isnan(every))
    needed = number_column(checkpoints, "visits").fillna(1).clip(lower=1).to_numpy(dtype=np.int64)[rows]
    ids = checkpoints["id"].to_numpy(dtype=object)[rows]
    times = seconds(scans["time"]) if len(scans) else np.zeros(0)
    of = scans["checkpoint"].to_numpy(dtype=object) if len(scans) else np.zeros(0, dtype=object)
    mine = [np.sort(times[(of == name) & (times <= moment)]) for name in ids]
    # with too few visits ever, the time runs since the record began
    base = [each[-count] if len(each) >= count else begun for each, count in zip(mine, needed, strict=True)]
    until = np.array(base, dtype=float) + every[rows] * _DAY_S
    short = np.array([len(each) < count for each, count in zip(mine, needed, strict=True)], dtype=bool)
    soon = short | (until - moment <= ahead_days * _DAY_S)
    recent = [int((each > moment - days * _DAY_S).sum()) for each, days in zip(mine, every[rows], strict=True)]
    return pd.DataFrame(
        {
            "checkpoint": ids,
            "every_days": every[rows],
            "needed": needed,
            "visits": np.array(recent, dtype=np.int64),
            "last": stamps([each[-1] if len(each) else np.nan for each in mine]),
            "next": stamps(until),
            "status": np.select([moment > until, soon], ["overdue", "due"], "done").astype(object),
        }
    )
