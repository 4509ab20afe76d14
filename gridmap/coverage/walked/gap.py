"""Streets that neither a patrol nor a camera looks after (双盲), by day and by night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.coverage.sweeping import Floats, swept
from gridmap.coverage.walked.daylight import Clock, Daylight, by_day, halved
from gridmap.coverage.walked.laying import overlaid
from gridmap.coverage.walked.ledger import Ledger, Visits
from gridmap.coverage.walked.sides import Sides, over
from gridmap.errors import Fault, TableError

if TYPE_CHECKING:
    from gridmap.visibility.lines import Parts

#: The four lengths, in the order of their columns.
FOUR = ("neither_m", "camera_m", "patrol_m", "both_m")
#: When, in the order of the rows.
HALVES = ("all", "day", "night")


def gap(
    book: Ledger,
    seen: Parts | dict[str, Parts],
    laid: Sides,
    *,
    daylight: Daylight | None = None,
    least: str = "observed",
) -> pd.DataFrame:
    """Return how many metres of street in each area neither a patrol nor a camera covers, one alone, and both.

    The four lengths are disjoint and add up to the length of street in the area. By day a metre is patrolled when
    somebody walked it by day; over all, when somebody ever did.

    Parameters
    ----------
    book
        The ledger of the period asked about.
    seen
        The metres of the ledger's streets that working cameras see in the band asked for: what
        `gridmap.coverage.depth.nominal` returns; by night cameras see otherwise, so there may be one for each of all,
        day and night.
    laid
        The streets cut along the areas.
    daylight
        What tells day from night.
    least
        Least sure class that counts.

    Returns
    -------
    pandas.DataFrame
        For all, day and night, area by area: ``code``, ``shift``, ``length_m``, ``neither_m``, ``camera_m``,
        ``patrol_m`` (that alone), ``both_m``.

    Raises
    ------
    TableError
        If the metres seen are those of other streets.
    """
    telling = daylight or Clock()
    cut = over(halved(book.visits.credited(least), telling), laid)
    day = by_day(cut, telling)
    length = laid.per_area(laid.length_m)
    tables = []
    for half, mask in zip(HALVES, (np.ones(len(cut), dtype=bool), day, ~day), strict=True):
        cameras = seen[half] if isinstance(seen, dict) else seen
        four = laid.per_area(_four(cut.taken(mask), cameras, laid, book))
        four[:, 0] = length - four[:, 1:].sum(axis=1)
        columns = {"code": laid.areas["code"].to_numpy(dtype=object), "shift": half, "length_m": length}
        tables.append(pd.DataFrame({**columns, **dict(zip(FOUR, np.maximum(four, 0.0).T, strict=True))}))
    return pd.concat(tables, ignore_index=True)


def _four(cut: Visits, cameras: Parts, laid: Sides, book: Ledger) -> Floats:
    """Metres of each stretch that only cameras see, only patrols walk, or both; the first column is empty."""
    of_streets(cameras, book)
    row, _, begin, end = overlaid((cameras.line, cameras.from_m, cameras.to_m), (laid.street, laid.from_m, laid.to_m))
    who = np.repeat(np.eye(2, dtype=np.int64), [len(cut), len(row)], axis=0)
    low, high = np.concatenate([cut.from_m, begin]), np.concatenate([cut.to_m, end])
    found = swept(np.concatenate([cut.line, row]), low, high, who)
    patrol, camera = (found.sums > 0).T
    chosen = np.column_stack([np.zeros(len(camera), dtype=bool), camera & ~patrol, patrol & ~camera, camera & patrol])
    return found.summed(len(laid), chosen)


def of_streets(cameras: Parts, book: Ledger) -> None:
    """Refuse metres that cameras see of other streets than those of the ledger.

    Raises
    ------
    TableError
        If there are not as many.
    """
    if len(cameras.length_m) != len(book.ids):
        message = f"metres of {len(cameras.length_m)} streets; expected the {len(book.ids)} of the ledger, in order"
        raise TableError("streets", [Fault(code="other_streets", message=message)])
