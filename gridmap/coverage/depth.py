"""By how many cameras streets are seen, whole or in an area: one, two, three or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.counting import Counting, band_number, counted, counted_views
from gridmap.coverage.cuts import Cuts, over
from gridmap.coverage.sweeping import Floats, Stretches, swept
from gridmap.visibility.cameras.views import NOMINAL, Views

if TYPE_CHECKING:
    from gridmap.visibility.lines import Parts

#: Numbers of cameras that are told apart; the last stands for itself and more.
DEPTHS = (1, 2, 3)


def nominal(parts: Parts, views: Views, cameras: pd.DataFrame, counting: Counting | None = None) -> Parts:
    """Return the parts that cameras that count see nominally, in the band asked for or a better one.

    Parameters
    ----------
    parts, views
        Metres of street in view, and the views.
    cameras
        The table the views were made of.
    counting
        Day, status and band.

    Raises
    ------
    InputError
        If there is no such band.
    TableError
        If the cameras are not those of the views.
    """
    asked = counting or Counting()
    flags = counted_views(views, counted(cameras, asked))[:, NOMINAL]
    return parts.taken(flags[parts.view] & (parts.band <= band_number(asked.band)))


def depth(
    parts: Parts, views: Views, streets: pd.DataFrame, cameras: pd.DataFrame, *, counting: Counting | None = None
) -> pd.DataFrame:
    """Return how many metres of each street at least one, two and three cameras see.

    Parameters
    ----------
    parts, views
        Metres of the streets in view, and the views.
    streets
        ``id``: the table the parts were taken of.
    cameras
        The table the views were made of.
    counting
        Day and status, and the band, or better, in which a camera must see a metre to count for it.

    Returns
    -------
    pandas.DataFrame
        In the order of the streets: ``id``, ``length_m``, ``seen_1_m``, ``seen_2_m``, ``seen_3_m``: by at least so
        many, so that each holds the next.

    Raises
    ------
    InputError
        If there is no such band.
    TableError
        If the cameras are not those of the views.
    """
    metres = _metres(nominal(parts, views, cameras, counting))
    return _told("id", streets["id"].to_numpy(), parts.length_m, metres)


def area_depth(
    parts: Parts, views: Views, laid: Cuts, cameras: pd.DataFrame, *, counting: Counting | None = None
) -> pd.DataFrame:
    """Return how many metres of street in each area at least one, two and three cameras see.

    Parameters
    ----------
    parts, views
        Metres of the streets in view, and the views.
    laid
        The streets cut along the areas.
    cameras, counting
        As `depth`.

    Returns
    -------
    pandas.DataFrame
        In the order of the areas: ``code``, ``length_m``, ``seen_1_m``, ``seen_2_m``, ``seen_3_m``; an area has what
        the areas in it have, and what lies in none of them.

    Raises
    ------
    InputError, TableError
        As `depth`.
    """
    metres = _metres(over(nominal(parts, views, cameras, counting), laid))
    codes = laid.areas["code"].to_numpy(dtype=object)
    return _told("code", codes, laid.per_area(laid.length_m), laid.per_area(metres))


def _metres(parts: Parts) -> Floats:
    """Metres of each line that at least so many see, shape (lines, 3)."""
    found = stretches(parts)
    return found.summed(len(parts.length_m), found.sums[:, :1] >= np.array(DEPTHS))


def _told(name: str, keys: npt.NDArray[np.object_], length_m: Floats, metres: Floats) -> pd.DataFrame:
    columns = {f"seen_{number}_m": metres[:, at] for at, number in enumerate(DEPTHS)}
    return pd.DataFrame({name: keys, "length_m": length_m, **columns})


def stretches(parts: Parts) -> Stretches:
    """Return stretches of lines with the number of cameras that see each; parts hold one view of a camera.

    Raises
    ------
    Nothing
        Any parts have stretches.
    """
    return swept(parts.line, parts.from_m, parts.to_m, np.ones((len(parts), 1), np.int64))
