"""A plan beside what was done of it: streets walked, streets besides, and the order of the sign-ins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import swept
from gridmap.coverage.walked.laying import overlaid
from gridmap.coverage.walked.ledger import Ledger, rows_of
from gridmap.errors import Fault, TableError


def adherence(
    planned: pd.DataFrame,
    done: Ledger,
    *,
    order: tuple[Sequence[str], Sequence[str]] | None = None,
    least: str = "observed",
) -> pd.DataFrame:
    """Return how far a round was walked as planned.

    Unions come before sums: a street planned or walked twice counts once.

    Parameters
    ----------
    planned
        ``street``, ``from_m``, ``to_m``: the stops of a round (`gridmap.network`).
    done
        The ledger of what was walked, such as that of one shift and post.
    order
        Checkpoints in the order planned, and in the order of their sign-ins.
    least
        Least sure class that counts.

    Returns
    -------
    pandas.DataFrame
        One row: ``planned_m``, ``done_m``, ``both_m``, ``share_done`` (both in planned), ``share_besides`` (of what was
        walked, what was not planned), ``order`` (`tau`); shares are missing where there is nothing to share.

    Raises
    ------
    TableError
        If a planned street is unknown, or metres are none.
    """
    line = rows_of(done.ids, planned["street"].to_numpy(dtype=object))
    one, other = (pd.to_numeric(planned[name], errors="coerce").to_numpy(dtype=float) for name in ("from_m", "to_m"))
    wrong = np.flatnonzero((line < 0) | np.isnan(one) | np.isnan(other))
    if len(wrong):
        message = "no such street, or no metres; expected a street of the ledger with from_m and to_m"
        faults = [Fault(code="unknown_street", message=message, feature=int(row) + 1) for row in wrong]
        raise TableError("planned", faults)
    visits = done.visits.credited(least)
    held = (done.street, visits.begins_m, visits.ends_m)
    row, _, low, high = overlaid((line, np.minimum(one, other), np.maximum(one, other)), held)
    who = np.repeat(np.eye(2, dtype=np.int64), [len(row), len(visits)], axis=0)
    low, high = np.concatenate([low, visits.from_m]), np.concatenate([high, visits.to_m])
    found = swept(np.concatenate([row, visits.line]), low, high, who)
    wanted, walked = (found.sums > 0).T
    sums = [float(found.metres[rows].sum()) for rows in (wanted, walked, wanted & walked)]
    return pd.DataFrame(
        {
            "planned_m": [sums[0]],
            "done_m": [sums[1]],
            "both_m": [sums[2]],
            "share_done": [sums[2] / sums[0] if sums[0] else np.nan],
            "share_besides": [(sums[1] - sums[2]) / sums[1] if sums[1] else np.nan],
            "order": [np.nan if order is None else tau(*order)],
        }
    )


def tau(planned: Sequence[str], done: Sequence[str]) -> float:
    """Return how well an order was kept: 1 as planned, 0 as by chance, -1 backwards.

    Kendall's tau over the checkpoints in both: pairs in the planned order less pairs in the other, in all pairs. Of one
    that was signed in at several times the first counts.

    Parameters
    ----------
    planned, done
        Checkpoints in order.

    Returns
    -------
    float
        -1 to 1; NaN where fewer than two are in both.

    Raises
    ------
    Nothing
        Any two orders can be compared.

    Examples
    --------
    >>> tau(["a", "b", "c"], ["a", "c", "b"])
    0.3333333333333333
    """
    place = {name: at for at, name in reversed(list(enumerate(planned)))}
    ranks = np.array([place[name] for name in dict.fromkeys(done) if name in place])
    if len(ranks) < 2:  # noqa: PLR2004 (a pair)
        return float("nan")
    signs = np.sign(ranks[None, :] - ranks[:, None])[np.triu_indices(len(ranks), 1)]
    return float(signs.mean())
