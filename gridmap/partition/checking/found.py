"""Findings: a rule, where it is broken, by how much, and what could be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

COLUMNS = ("rule", "codes", "measured", "unit", "limit", "message", "mend")

#: How many codes a sentence names before it only counts the rest.
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One place where one rule is broken."""

    #: short stable word: ``gap``, ``overlap``, ``outside`` ...
    rule: str
    #: the areas (or buildings) concerned
    codes: tuple[str, ...]
    #: what was measured there
    measured: float
    #: of what: m2, m, households, residents, parts, areas, share
    unit: str
    #: where the rule draws its line
    limit: float
    #: a sentence for the grid administrator
    message: str
    #: what would mend it; empty where only people can know
    mend: str
    #: the place, in the CRS of the areas
    place: Any
    #: how far beyond the limit, for the order
    excess: float


def as_table(findings: Iterable[Finding], system: Any) -> gpd.GeoDataFrame:
    """Return findings as a table, in the order of the rules, the worst first within each."""
    listed = list(findings)
    order = {rule: place for place, rule in enumerate(dict.fromkeys(found.rule for found in listed))}
    listed.sort(key=lambda found: (order[found.rule], -found.excess, found.codes))
    columns: dict[str, Any] = {name: [getattr(found, name) for found in listed] for name in COLUMNS}
    columns["codes"] = [";".join(codes) for codes in columns["codes"]]
    # a column of no texts would be one of numbers
    columns = {
        name: np.array(cells, dtype=np.float64 if name in {"measured", "limit"} else object)
        for name, cells in columns.items()
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([found.place for found in listed], crs=system))


def named(codes: Iterable[str]) -> str:
    """Return codes as the end of a sentence: all of them, or the first few and how many more.

    Examples
    --------
    >>> named(["a", "b"])
    'a and b'
    >>> named("abcdefg")
    'a, b, c, d, e and 2 more'
    """
    listed = list(codes)
    if len(listed) > NAMED:
        return ", ".join(listed[:NAMED]) + f" and {len(listed) - NAMED} more"
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def noun(word: str, number: float) -> str:
    """Return a word of several things as it stands behind a number: without its s behind one, as it is shown.

    Examples
    --------
    >>> noun("households", 1), noun("households", 0.2), noun("residents", 27)
    ('household', 'households', 'residents')
    """
    return word.removesuffix("s") if round(number) == 1 else word


def metres2(area: float) -> str:
    """Return square metres as a text: exact to the square millimetre where they are few.

    Examples
    --------
    >>> metres2(0.25), metres2(1234.5)
    ('0.250 m2', '1234 m2')
    """
    return f"{area:.3f} m2" if area < 10 else f"{area:.0f} m2"  # noqa: PLR2004 - millimetres matter in slivers only
