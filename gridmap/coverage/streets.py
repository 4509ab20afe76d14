"""Share of each street that cameras see, band by band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.counting import BANDS, CERTAINTIES, SHARES, Counting, counted, counted_views
from gridmap.coverage.sweeping import Floats, Ints, swept
from gridmap.errors import Fault, TableError

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts


def streets(
    parts: Parts, views: Views, streets: pd.DataFrame, cameras: pd.DataFrame, *, counting: Counting | None = None
) -> pd.DataFrame:
    """Return how many metres of each street are seen, and which share that is, band by band.

    A metre that several cameras see counts once, for the best band in which it is seen: the four bands of a street are
    disjoint and add up to all that is seen of it. With ``counting.at_least`` a band counts what is seen in it or
    better, so that ``seen`` counts all. Only then is ``share_guaranteed <= share <= share_possible`` band by band: a
    metre that is possibly recognised is one less that is possibly found at best.

    Parameters
    ----------
    parts
        Metres of the streets in view.
    views
        The views they belong to.
    streets
        ``id``: the table the parts were taken of, row by row.
    cameras
        The table the views were made of: ``status``, ``valid_from``, ``valid_to`` where known.
    counting
        Day, status and bands; by default cameras that are online, on any day, bands disjoint.

    Returns
    -------
    pandas.DataFrame
        Street by street in the order of the table and band by band, best first: ``id``, ``band``, ``seen_m``,
        ``share`` of the street's metres (nominal; missing for a street without length), ``share_guaranteed``,
        ``share_possible``.

    Raises
    ------
    TableError
        If the tables are not those of the parts and the views.
    """
    asked = counting or Counting()
    _refuse_others(parts, streets)
    metres = seen_metres(parts, counted_views(views, counted(cameras, asked)), at_least=asked.at_least)
    return shares_of(streets["id"].to_numpy(), "id", metres, parts.length_m).rename(columns={"seen": "seen_m"})


def seen_metres(parts: Parts, flags: npt.NDArray[np.bool_], *, at_least: bool) -> Floats:
    """Return the metres of each line seen, shape (lines, 3 certainties, 4 bands).

    Parameters
    ----------
    parts
        Metres in view.
    flags
        Which views count as what: `counted_views`.
    at_least
        Whether a band counts what is seen in it or better.

    Raises
    ------
    Nothing
        Lines without parts have none seen.
    """
    metres = np.zeros((len(parts.length_m), len(CERTAINTIES), len(BANDS)))
    for at, same_as in enumerate(_alike(flags)):
        if same_as < at:
            metres[:, at] = metres[:, same_as]
            continue
        found = parts.taken(flags[parts.view, at])
        over = swept(found.line, found.from_m, found.to_m, by_band(found.band))
        metres[:, at] = over.summed(len(parts.length_m), reached(over.sums) if at_least else best(over.sums))
    return metres


def by_band(band: Ints) -> Ints:
    """Return a one in the column of each band, shape (n, 4).

    Raises
    ------
    Nothing
        Every part has a band.

    Examples
    --------
    >>> by_band(np.array([3, 0])).tolist()
    [[0, 0, 0, 1], [1, 0, 0, 0]]
    """
    return np.asarray(band[:, None] == np.arange(len(BANDS)), dtype=np.int64)


def reached(sums: Ints) -> npt.NDArray[np.bool_]:
    """Return whether each band or a better one is reached, given how many see a stretch in each band, shape (n, 4).

    Raises
    ------
    Nothing
        What nobody sees reaches no band.

    Examples
    --------
    >>> reached(np.array([[0, 2, 0, 1]])).tolist()
    [[False, True, True, True]]
    """
    return np.asarray(np.cumsum(sums, axis=1) > 0)


def best(sums: Ints) -> npt.NDArray[np.bool_]:
    """Return which band is the best reached, as a mask of shape (n, 4).

    Raises
    ------
    Nothing
        What nobody sees has no best band.

    Examples
    --------
    >>> best(np.array([[0, 2, 0, 1]])).tolist()
    [[False, True, False, False]]
    """
    so_far = reached(sums)
    so_far[:, 1:] &= ~so_far[:, :-1].copy()
    return so_far


def shares_of(keys: npt.NDArray[np.object_], name: str, amounts: Floats, whole: Floats) -> pd.DataFrame:
    """Return amounts by key, certainty and band as rows with their shares of the whole, missing where that is 0.

    Parameters
    ----------
    keys, name
        Codes or ids, shape (n,), and the name of their column.
    amounts
        Shape (n, 3 certainties, 4 bands).
    whole
        Shape (n,).

    Raises
    ------
    Nothing
        Nothing at all has no share.

    Examples
    --------
    >>> shares_of(np.array(["a"], object), "id", np.full((1, 3, 4), 5.0), np.array([20.0])).values.tolist()[0]
    ['a', 'recognise', 5.0, 0.25, 0.25, 0.25]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole[:, None, None] > 0, amounts / whole[:, None, None], np.nan)
    columns = {certainty: share[:, at].ravel() for at, certainty in enumerate(SHARES)}
    return pd.DataFrame(
        {
            name: np.repeat(keys, len(BANDS)),
            "band": np.tile(np.array(BANDS, dtype=object), len(keys)),
            "seen": amounts[:, CERTAINTIES.index("nominal")].ravel(),
            "share": columns["share"],
            "share_guaranteed": columns["share_guaranteed"],
            "share_possible": columns["share_possible"],
        }
    )


def _alike(flags: npt.NDArray[np.bool_]) -> list[int]:
    """First column that is the same as each: where every heading is known, all three are."""
    columns = range(flags.shape[1])
    return [next(at for at in columns if np.array_equal(flags[:, at], flags[:, column])) for column in columns]


def _refuse_others(parts: Parts, streets: pd.DataFrame) -> None:
    if "id" not in streets:
        raise TableError("streets", [Fault(code="missing_column", message="no column id; map or add it")])
    if len(streets) != len(parts.length_m):
        message = f"{len(streets)} streets; expected the {len(parts.length_m)} whose parts these are, in their order"
        raise TableError("streets", [Fault(code="other_streets", message=message)])
