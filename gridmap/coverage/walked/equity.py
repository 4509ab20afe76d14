"""How evenly patrols are spread over areas, and whether they go where they are needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage.sweeping import Floats
from gridmap.errors import InputError

#: Share of all street that makes up the worst areas.
_WORST = 0.1


def equity(shares: npt.ArrayLike, weights: npt.ArrayLike, *, groups: npt.ArrayLike | None = None) -> pd.DataFrame:
    """Return how unevenly a share is spread over areas.

    Areas of which nothing is known are left out, and counted. *Gini* is 0 where all areas have the same share and
    nears 1 where one has all: ``1 - sum(w (S + S'))``, S the part of the whole up to an area in order of the share, S'
    before it. *Theil* is ``sum(w x/m ln(x/m))`` with m the mean; it is the sum of that between the means of groups
    (such as streets) and that within them (Theil, Economics and Information Theory, 1967). All are weighted by length.

    Parameters
    ----------
    shares
        Coverage of each area, 0 to 1, NaN where it is not known, shape (n,).
    weights
        Metres of street of each, shape (n,).
    groups
        Group of each area, such as the street it lies in.

    Returns
    -------
    pandas.DataFrame
        ``figure``, ``value``: areas, unknown, mean, gini, theil, theil_between, theil_within (missing without groups),
        p90, p10, p90_to_p10 (missing where p10 is 0), worst_decile (mean share of the tenth of all street that is worst
        covered).

    Raises
    ------
    InputError
        If lengths differ, or a share or weight is negative.

    Examples
    --------
    >>> equity([0.5, 0.5], [10, 30]).set_index("figure")["value"][["gini", "theil", "p90_to_p10"]].tolist()
    [0.0, 0.0, 1.0]
    """
    x, w = np.asarray(shares, dtype=float), np.asarray(weights, dtype=float)
    if x.shape != w.shape or np.any(x < 0) or np.any(~(w >= 0)):
        raise InputError(f"{len(x)} shares and {len(w)} weights", expected="as many of each, none negative")
    known = ~np.isnan(x) & (w > 0)
    within = None if groups is None else pd.factorize(np.asarray(groups, dtype=object)[known])[0]
    figures = {"areas": float(known.sum()), "unknown": float((np.isnan(x) & (w > 0)).sum())}
    figures |= _figures(x[known], w[known] / w[known].sum(), within) if known.any() else dict.fromkeys(_NAMES, np.nan)
    return pd.DataFrame({"figure": list(figures), "value": list(figures.values())})


_NAMES = ("mean", "gini", "theil", "theil_between", "theil_within", "p90", "p10", "p90_to_p10", "worst_decile")


def proportionality(visits: npt.ArrayLike, need: npt.ArrayLike) -> float:
    """Return how far patrols are from going where they are needed: 0 where they go in proportion, 1 where nowhere such.

    Half the sum of the differences of an area's shares in all visits and in all need (the index of dissimilarity):
    the share of visits that would have to go elsewhere. So what is equal is not asked where need differs.

    Parameters
    ----------
    visits, need
        Amounts of each area, such as kilometres walked and events, shape (n,).

    Returns
    -------
    float
        0 to 1; NaN where there are no visits or no need.

    Raises
    ------
    InputError
        If lengths differ or an amount is negative.

    Examples
    --------
    >>> proportionality([3, 1], [1, 1])
    0.25
    """
    a, b = np.asarray(visits, dtype=float), np.asarray(need, dtype=float)
    if a.shape != b.shape or np.any(~(a >= 0)) or np.any(~(b >= 0)):
        raise InputError(f"{len(a)} amounts of visits and {len(b)} of need", expected="as many, none negative")
    if not a.sum() or not b.sum():
        return float("nan")
    return float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)


def _figures(x: Floats, w: Floats, groups: Any) -> dict[str, float]:
    """Figures of shares with weights that add up to 1."""
    between = np.nan if groups is None else _theil(*_means(x, w, groups))
    theil = _theil(x, w)
    high, low = (_quantile(x, w, level) for level in (0.9, 0.1))
    ratio = high / low if low > 0 else np.nan
    values = (float(x @ w), _gini(x, w), theil, between, theil - between, high, low, ratio, _worst(x, w))
    return dict(zip(_NAMES, values, strict=True))


def _gini(x: Floats, w: Floats) -> float:
    """Twice the area between the curve of the whole and the diagonal."""
    order = np.argsort(x, kind="stable")
    part = np.concatenate([[0.0], np.cumsum((x * w)[order])])
    if not part[-1]:
        return float("nan")
    return max(0.0, float(1.0 - (w[order] * (part[1:] + part[:-1])).sum() / part[-1]))


def _theil(x: Floats, w: Floats) -> float:
    mean = float(x @ w)
    if not mean:
        return float("nan")
    ratio = x / mean
    return float((w * ratio * np.log(np.where(ratio > 0, ratio, 1.0))).sum())


def _means(x: Floats, w: Floats, groups: Any) -> tuple[Floats, Floats]:
    """Mean share and weight of each group."""
    weight = np.bincount(groups, w).astype(float)
    return np.asarray(np.bincount(groups, w * x) / weight), weight


def _quantile(x: Floats, w: Floats, level: float) -> float:
    """Least share that so great a part of the weight does not exceed."""
    order = np.argsort(x, kind="stable")
    at = int(np.searchsorted(np.cumsum(w[order]), level - 1e-12))
    return float(x[order][min(at, len(x) - 1)])


def _worst(x: Floats, w: Floats) -> float:
    """Mean of the worst tenth of the weight; of the area that stands across it, a part."""
    order = np.argsort(x, kind="stable")
    ahead = np.minimum(np.cumsum(w[order]), _WORST)
    return float((np.diff(ahead, prepend=0.0) * x[order]).sum() / _WORST)
