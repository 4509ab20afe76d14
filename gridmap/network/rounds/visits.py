"""Checkpoints as a shift finds them: how long after it begins each opens and closes, and in which order they come."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.errors import InputError

Floats = npt.NDArray[np.float64]

_HOUR_MIN, _DAY_MIN = 60, 24 * 60


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Checkpoints that a shift signs in at."""

    #: ids
    names: list[str]
    #: seconds from the start at which each opens next and then closes, shape (m, 2)
    windows_s: Floats
    #: place in the order that the plan fixes, NaN where it fixes none, shape (m,)
    place: Floats


def visits(checkpoints: gpd.GeoDataFrame | None, begins: str) -> Visits:
    """Return checkpoints as a shift finds them that begins at a time of day.

    Parameters
    ----------
    checkpoints
        ``id``, ``opens``, ``closes`` (HH:MM; either blank: always open), ``place_in_order`` where known; None: no one.
    begins
        Time of day, HH:MM, on the clock of the windows.

    Raises
    ------
    InputError
        If a time of day is none.
    """
    if checkpoints is None:
        return Visits(names=[], windows_s=np.zeros((0, 2)), place=np.zeros(0))
    count = len(checkpoints)
    names = [str(name) for name in (checkpoints["id"] if "id" in checkpoints else range(count))]
    begun = _minutes(begins, "begins")
    place = checkpoints.get("place_in_order", pd.Series(np.full(count, np.nan), index=checkpoints.index))
    windows = [_window(checkpoints, at, begun) for at in range(count)]
    return Visits(
        names=names,
        windows_s=np.array(windows, dtype=float).reshape(-1, 2),
        place=pd.to_numeric(place, errors="coerce").to_numpy(dtype=float, na_value=np.nan),
    )


def _window(checkpoints: gpd.GeoDataFrame, at: int, begun: int) -> tuple[float, float]:
    """Seconds from the start at which a checkpoint opens next and then closes."""
    cells = [None if name not in checkpoints else checkpoints[name].iloc[at] for name in ("opens", "closes")]
    if any(cell is None or pd.isna(cell) or not str(cell).strip() for cell in cells):
        return 0.0, np.inf
    opens, closes = (_minutes(str(cell), f"window of row {at + 1}") for cell in cells)
    long = (closes - opens) % _DAY_MIN or _DAY_MIN
    since = (begun - opens) % _DAY_MIN
    first = -since if since < long else _DAY_MIN - since
    return max(first, 0) * 60.0, np.inf if long == _DAY_MIN else (first + long) * 60.0


def _minutes(text: str, what: str) -> int:
    """Minutes of a time of day."""
    parts = text.strip().split(":")
    if len(parts) in {2, 3} and all(part.isdecimal() for part in parts):
        hours, minutes = int(parts[0]), int(parts[1])
        if hours * 60 + minutes <= _DAY_MIN and minutes < _HOUR_MIN:
            return hours * 60 + minutes
    raise InputError(f"{what}: {text!r}", expected="a time of day such as 08:30", code="bad_time")
