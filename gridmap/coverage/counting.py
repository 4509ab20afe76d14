"""Which cameras count, and as what: by day, by status, and by how sure their heading is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import Fault, InputError, TableError
from gridmap.visibility.cameras.bands import BANDS
from gridmap.visibility.cameras.views import CERTAINTIES, GUARANTEED, NOMINAL, POSSIBLE, Views

__all__ = ["BANDS", "CERTAINTIES", "SHARES", "Counting", "band_number", "counted", "counted_views"]

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

#: Columns of a share, in that order.
SHARES = ("share_guaranteed", "share", "share_possible")


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What is counted."""

    #: day on which a camera must be in force (``valid_from <= on < valid_to``); None: on any
    on: date | None = None
    #: whether cameras that are offline count too: what would be seen if all worked
    offline: bool = False
    #: whether a band counts what is seen in it *or better*; else what is seen in it at best, so that bands add up
    at_least: bool = False
    #: band, or a better one, in which a metre must be seen where it is asked whether it is seen at all: by how many, by
    #: whom alone, by nobody, on one of two days
    band: str = "seen"


def counted(cameras: pd.DataFrame, counting: Counting | None = None) -> Flags:
    """Return which cameras count.

    Parameters
    ----------
    cameras
        ``status``, ``valid_from``, ``valid_to`` where known. Without a status, or with none stated, a camera is online;
        without a day it is in force.
    counting
        Day and status asked for.

    Returns
    -------
    numpy.ndarray of bool, shape (len(cameras),)

    Raises
    ------
    InputError
        If a day is none.

    Examples
    --------
    The day on which a camera ends is the first that it no longer counts:

    >>> cameras = pd.DataFrame({"status": ["online", "offline"], "valid_to": ["2026-03-01", None]})
    >>> counted(cameras, Counting(on=date(2026, 3, 1), offline=True)).tolist()
    [False, True]
    """
    asked = counting or Counting()
    counts = np.ones(len(cameras), dtype=bool)
    if not asked.offline and "status" in cameras:
        counts &= (cameras["status"] != "offline").to_numpy(dtype=bool, na_value=True)
    if asked.on is not None:
        begins, ends = (_days(cameras, name) for name in ("valid_from", "valid_to"))
        day = np.datetime64(asked.on)
        counts &= (np.isnat(begins) | (begins <= day)) & (np.isnat(ends) | (day < ends))
    return counts


def counted_views(views: Views, counts: Flags) -> Flags:
    """Return which views count as guaranteed, as nominal and as possible.

    A camera whose heading is known counts as all three by its one view. One whose heading is uncertain has views of its
    own for each; where it has none there is nothing guaranteed, or nothing nominal. So each camera counts at most once
    in each column, and guaranteed ground lies within nominal, nominal within possible.

    Parameters
    ----------
    views
        Views of cameras.
    counts
        Which cameras count, by their row.

    Returns
    -------
    numpy.ndarray of bool, shape (len(views), 3)
        Columns in the order of ``CERTAINTIES``.

    Raises
    ------
    TableError
        If there are not as many cameras as the views were made of.
    """
    if len(counts) != len(views.ids):
        message = f"{len(counts)} cameras; expected the {len(views.ids)} whose views these are, in their order"
        raise TableError("cameras", [Fault(code="other_cameras", message=message)])
    certainty, camera = np.asarray(views.certainty), np.asarray(views.camera)
    unsure = np.zeros(len(counts), dtype=bool)
    unsure[camera[certainty == POSSIBLE]] = True
    sure = (certainty == NOMINAL) & ~unsure[camera]
    flags = np.column_stack([sure | (certainty == at) for at in (GUARANTEED, NOMINAL, POSSIBLE)])
    return np.asarray(flags & counts[camera][:, None])


def band_number(band: str) -> int:
    """Return the number of a band: 0 for the best.

    Parameters
    ----------
    band
        Its name.

    Raises
    ------
    InputError
        If there is no such band.

    Examples
    --------
    >>> band_number("detect")
    2
    """
    if band not in BANDS:
        raise InputError(f"band {band!r}", expected=f"one of {', '.join(BANDS)}", code="unknown_band")
    return BANDS.index(band)


def _days(cameras: pd.DataFrame, name: str) -> Any:
    """A column of days, NaT where none is stated."""
    if name not in cameras:
        return np.full(len(cameras), np.datetime64("NaT", "D"))
    try:
        return pd.to_datetime(cameras[name]).to_numpy(dtype="datetime64[D]")
    except (ValueError, TypeError) as error:
        raise InputError(f"cameras whose {name} is no day", expected="days such as 2026-03-01") from error
