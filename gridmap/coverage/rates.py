"""Rates of a camera network beside their targets: online, networked, high definition, key places seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.counting import Counting, band_number, counted
from gridmap.errors import Fault, TableError

#: Words for yes in a column of yes and no.
_YES = frozenset({"1", "true", "yes", "y", "是", "已联网"})


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Shares that a network should reach by 2020 (发改高技[2015]996号), and what counts towards them."""

    #: key public places that a camera sees: 重点公共区域视频监控覆盖率
    key_places: float = 1.0
    #: cameras of class 1, on streets and squares, that work: 重点公共区域视频监控摄像机完好率
    online_key: float = 0.98
    #: all cameras that work, the lower target of key industries: 重点行业、领域涉及公共区域完好率
    online: float = 0.95
    #: cameras that are joined to the network: 联网率
    networked: float = 1.0
    #: cameras of high definition: 高清率 of what is new or renewed
    high_definition: float = 1.0
    #: pixels across from which a picture is of high definition; 1280 (720p) is the least that is called so
    high_definition_px: int = 1280
    #: band, or better, in which a key place must be seen: who enters is detected
    key_band: str = "detect"


def rates(
    cameras: pd.DataFrame,
    *,
    seen: pd.DataFrame | None = None,
    targets: Targets | None = None,
    counting: Counting | None = None,
) -> pd.DataFrame:
    """Return the rates of a network on a day beside their targets.

    A rate is a share of what is known: a camera whose pixels nobody states counts neither as of high definition nor as
    not. ``unknown`` says how many there are.

    Parameters
    ----------
    cameras
        ``status``, ``valid_from``, ``valid_to``, ``width_px``, ``networked``, ``point_class`` where known.
    seen
        What `gridmap.coverage.places_seen` returned for the key places.
    targets
        What should be reached.
    counting
        The day. Cameras that are offline are always among those asked about.

    Returns
    -------
    pandas.DataFrame
        ``figure`` (online, online_key, networked, high_definition, key_places), ``count``, ``of``, ``unknown``,
        ``rate`` (missing where nothing is known), ``target``, ``kept`` (missing where the rate is).

    Raises
    ------
    InputError
        If a day or the band is none.
    TableError
        If ``seen`` is no table of places seen.

    Examples
    --------
    >>> cameras = pd.DataFrame({"status": ["online"] * 19 + ["offline"], "width_px": [1920] * 10 + [None] * 10})
    >>> table = rates(cameras).set_index("figure")
    >>> table.loc[["online", "high_definition"], ["count", "of", "unknown", "rate", "kept"]].values.tolist()
    [[19, 20, 0, 0.95, True], [10, 10, 10, 1.0, True]]
    """
    goals = targets or Targets()
    asked = counting or Counting()
    there = cameras[counted(cameras, Counting(on=asked.on, offline=True))]
    works = _column(there, "status").map(lambda word: None if word is None else float(word != "offline"))
    width = pd.to_numeric(_column(there, "width_px"), errors="coerce")
    wide = (width >= goals.high_definition_px).astype(float).where(width.notna())
    key = _column(there, "point_class").astype(str).isin({"1", "1.0", "一类"})
    joined = _column(there, "networked").map(lambda word: None if word is None else float(str(word).lower() in _YES))
    rows = [
        _row("online", works, goals.online),
        _row("online_key", works[key], goals.online_key),
        _row("networked", joined, goals.networked),
        _row("high_definition", wide, goals.high_definition),
        _row("key_places", _met(seen, goals), goals.key_places),
    ]
    table = pd.DataFrame(rows, columns=["figure", "count", "of", "unknown", "rate", "target", "kept"])
    return table.astype({"rate": "float64", "kept": "boolean"})


def _row(figure: str, met: pd.Series, target: float) -> tuple[str, int, int, int, float | None, float, bool | None]:
    """A rate: 1 where a camera or place meets it, 0 where not, missing where nobody knows."""
    known = pd.to_numeric(met, errors="coerce").to_numpy(dtype=float)
    known = known[~np.isnan(known)]
    count, of = int(known.sum()), len(known)
    rate = count / of if of else None
    return figure, count, of, len(met) - of, rate, target, None if rate is None else rate >= target


def _met(seen: pd.DataFrame | None, goals: Targets) -> pd.Series:
    """Whether each key place is seen well enough."""
    if seen is None:
        return pd.Series(dtype=float)
    if "band" not in seen:
        message = "no column band; give what places_seen returned"
        raise TableError("places seen", [Fault(code="missing_column", message=message)])
    enough = band_number(goals.key_band)
    numbers: npt.NDArray[np.int64] = np.array(
        [enough + 1 if pd.isna(word) else band_number(word) for word in seen["band"]], dtype=np.int64
    )
    return pd.Series((numbers <= enough).astype(float))


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column, None where it or a value is missing."""
    if name not in table:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    return table[name].astype(object).where(table[name].notna(), None)
