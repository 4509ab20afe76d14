"""What drawing is asked for, checked before anything is begun."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import geopandas
import numpy as np

from gridmap.errors import Fault, InputError, TableError
from gridmap.frames import conform
from gridmap.partition.drawing.atoms import Atoms
from gridmap.partition.orientation import Floats

#: What grids may be balanced by.
WEIGHTS = ("households", "residents")
#: Tolerances beyond this are no wish any more: grids of twice the target would do.
_WIDEST = 1.0


def check_wish(target: float, tolerance: float, band: tuple[float, float] | None, weight: str) -> None:
    """Refuse sizes that no grid can have.

    Parameters
    ----------
    target, tolerance, band, weight
        See `gridmap.partition.drawing.drawing.draw`.

    Raises
    ------
    InputError
        If the target is not above 0, the tolerance not between 0 and 1, the band not two rising numbers from 0 up, or
        the weight none of `WEIGHTS`.
    """
    if not (_number(target) and target > 0):
        raise InputError(f"target {target!r}", expected="households or residents of a grid, above 0")
    if not (_number(tolerance) and 0 < tolerance < _WIDEST):
        raise InputError(f"tolerance {tolerance!r}", expected="a share of the target between 0 and 1, such as 0.1")
    if band is not None and not _rising(band):
        raise InputError(f"band {band!r}", expected="least and greatest size of a grid, such as (300, 500)")
    if weight not in WEIGHTS:
        raise InputError(f"weight {weight!r}", expected=" or ".join(WEIGHTS))


def _number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value)


def _rising(band: Any) -> bool:
    """Whether a band is two numbers, 0 <= low < high."""
    if not isinstance(band, Sequence) or isinstance(band, str):
        return False
    return len(band) == 2 and all(map(_number, band)) and 0 <= band[0] < band[1]  # noqa: PLR2004 (low and high)


def check_given(**tables: geopandas.GeoDataFrame | None) -> None:
    """Refuse tables that are given and hold nothing: a filter that let nothing pass is no wish to go without.

    Parameters
    ----------
    **tables
        By what they are called: see `gridmap.partition.drawing.drawing.draw`.

    Raises
    ------
    InputError
        If one is empty; it is named.
    """
    for name, table in tables.items():
        if table is not None and not len(table):
            raise InputError(f"{name} without any area", expected="one area or more, or None for none")


def check_ground(ground: Any) -> Atoms | None:
    """Return the ground of a former plan, or refuse what is none.

    Parameters
    ----------
    ground
        See `gridmap.partition.drawing.drawing.draw`.

    Raises
    ------
    InputError
        If it is something else than `Atoms` or None.
    """
    if ground is None or isinstance(ground, Atoms):
        return ground
    raise InputError(
        f"ground of type {type(ground).__name__}", expected="the ground of a plan drawn before: drawn.ground"
    )


def check_special(fixed: geopandas.GeoDataFrame | None, special: Collection[str]) -> frozenset[int]:
    """Return the rows of the fixed pieces whose kind makes them grids of their own.

    Parameters
    ----------
    fixed, special
        See `gridmap.partition.drawing.drawing.draw`.

    Raises
    ------
    InputError
        If a kind is asked for that no piece has, or ``special`` is a text instead of several.
    """
    if isinstance(special, str):
        raise InputError(f"special {special!r}", expected="several kinds, such as ['school']")
    known = set() if fixed is None or "kind" not in fixed.columns else set(fixed["kind"].dropna())
    if missing := [kind for kind in special if kind not in known]:
        given = f"special grids of kind {', '.join(missing)}"
        raise InputError(
            given, expected=f"kinds of fixed pieces: {', '.join(sorted(map(str, known))) or 'there are none'}"
        )
    if fixed is None or not special:
        return frozenset()
    return frozenset(np.flatnonzero(fixed["kind"].isin(list(special)).to_numpy()).tolist())


def checked_buildings(buildings: geopandas.GeoDataFrame, weight: str) -> tuple[geopandas.GeoDataFrame, list[str]]:
    """Return buildings as promised, further columns kept, and what was assumed of them.

    Parameters
    ----------
    buildings
        Table as promised in `gridmap.frames`.
    weight
        The column that grids are balanced by.

    Raises
    ------
    TableError
        If the table breaks its promise, is empty, or no building has a weight; all faults of the table at once.
    """
    table = conform(buildings, "buildings", keep_extra=True)
    if table.empty:
        raise TableError("buildings", [Fault(code="empty_table", message="no buildings; expected at least one")])
    if table[weight].isna().all():
        message = f"no building says how many {weight} it has; add the column {weight}"
        raise TableError("buildings", [Fault(code="missing_column", message=message, column=weight)])
    if not (table[weight].fillna(0) > 0).any():
        message = f"all buildings have 0 {weight}; expected at least one with some"
        raise TableError("buildings", [Fault(code="no_weight", message=message, column=weight)])
    missing = int(table[weight].isna().sum())
    return table, [f"{missing} buildings do not say their {weight}: taken as 0"] if missing else []


def weights_of(areas: geopandas.GeoDataFrame, weight: str) -> Floats:
    """Return the weights of areas, shape (n,).

    Parameters
    ----------
    areas
        Table with a column of counts.
    weight
        Its name.

    Raises
    ------
    InputError
        If the column is missing, holds something else than finite numbers from 0 up, or nothing above 0.
    """
    if weight not in areas.columns:
        raise InputError(f"areas without a column {weight}", expected=f"one of {', '.join(map(str, areas.columns))}")
    try:
        values = areas[weight].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {weight} holds text", expected="numbers from 0 up") from error
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if len(wrong):
        given = f"{weight} {values[wrong[0]]} of area {wrong[0] + 1} (and {len(wrong) - 1} more)"
        raise InputError(given, expected="finite numbers from 0 up")
    if not (values > 0).any():
        raise InputError(f"no area has {weight}", expected="at least one above 0")
    weights: Floats = values
    return weights
