"""What is printed and filed of a new plan: sheets in Chinese and English, and a registration form for each grid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.plans.bounds import SIDES, bounds_in_words
from gridmap.plans.changes import common_level
from gridmap.plans.lineage import COUNTS
from gridmap.plans.sides import codes_of, levels_of, texts
from gridmap.plans.words import COLUMNS, KINDS, LEVELS, SHEETS, said
from gridmap.plans.words import SIDES as WAYS
from gridmap.tessellation.lineage import in_metres

#: Columns whose words are told in both languages.
_TERMS = {"kind": KINDS, "level": LEVELS, "side": WAYS}

#: Decimal places of numbers that a person reads.
_DIGITS = {"area_m2": 1, "share_old": 4, "share_new": 4}


def sheets(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables as a person reads them: names, headings and words in Chinese and English.

    Parameters
    ----------
    tables
        What `gridmap.plans.change_sheet` and `registration_forms` returned, by name.

    Returns
    -------
    dict of str to pandas.DataFrame
        The same rows, for ``gridmap.formats.write(..., "changes.xlsx")``: each a sheet.

    Raises
    ------
    None

    Examples
    --------
    >>> table = sheets({"buildings": pd.DataFrame({"id": ["B1"], "kind": ["split"]})})["楼栋变更 Buildings"]
    >>> list(table), table.iloc[0].tolist()
    (['编号 id', '变更类型 kind of change'], ['B1', '拆分 split'])
    """
    return {said(SHEETS, name): _readable(table) for name, table in tables.items()}


def registration_forms(
    areas: gpd.GeoDataFrame,
    changes: pd.DataFrame,
    *,
    effective: date,
    streets: gpd.GeoDataFrame | None = None,
    level: str | None = None,
) -> pd.DataFrame:
    """Return the grid-division registration form (网格划分登记表) of each grid that a new plan makes or changes.

    Parameters
    ----------
    areas
        The new plan, all levels (code, name, level, parent; polygon).
    changes
        What `gridmap.plans.compare` returned of it, with buildings if households are to be told.
    effective
        The day it comes into force.
    streets
        For the four boundaries (see `gridmap.plans.bounds.bounds_in_words`).
    level
        The level that is registered; where it is left out, ``grid``, or the finest of a plan without grids.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``name``, ``community``, ``community_name``, ``kind``, ``households``, ``residents``, ``buildings``
        (missing where the changes have none), ``area_m2``, ``east``, ``south``, ``west``, ``north``, ``old_codes`` (of
        the grids whose ground it has, largest share first, joined by ``、``), ``effective``; by code.

    Raises
    ------
    CrsError
        If a table says no CRS, or one that cannot be taken to metres.
    TableError
        If an area has no level where there are several.
    """
    if not len(areas):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in FORM})
    among = areas[levels_of([areas])[0] == (level or common_level(areas, areas))]
    touched = changes[(changes["kind"] != "unchanged") & changes["new"].isin(codes_of(among))]
    concerned = among[pd.Series(codes_of(among), index=among.index).isin(touched["new"])]
    if not len(concerned):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in FORM})
    (shapes,), _ = in_metres(concerned)
    codes, parents = codes_of(concerned), texts(concerned, "parent")
    named = dict(zip(codes_of(areas).tolist(), texts(areas, "name").tolist(), strict=True))
    words = bounds_in_words(concerned, streets, among=among)
    table = pd.DataFrame(
        {
            "code": codes,
            "name": texts(concerned, "name"),
            "community": parents,
            "community_name": [named.get(parent) for parent in parents.tolist()],
            "area_m2": shapely.area(shapes),
            **{side: words[side].to_numpy() for side in SIDES},
            "effective": effective,
        }
    )
    return table.join(_past(touched), on="code")[list(FORM)].sort_values("code").reset_index(drop=True)


#: Columns of the registration form, in their order.
FORM = (
    *("code", "name", "community", "community_name", "kind", *COUNTS, "area_m2"),
    *(*SIDES, "old_codes", "effective"),
)


def _past(touched: pd.DataFrame) -> pd.DataFrame:
    """Return the kind, the counts and the old codes of each new area."""
    ranked = touched.sort_values(["new", "share_new", "old"], ascending=[True, False, True])
    groups = ranked.groupby("new")
    past = groups[list(COUNTS)].sum(min_count=1)
    return past.assign(
        kind=groups["kind"].first(), old_codes=groups["old"].agg(lambda codes: "、".join(codes.dropna()))
    )


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with headings and words in both languages."""
    columns: dict[str, Any] = {}
    for name in table.columns:
        cells = table[name]
        if name in _TERMS:
            cells = cells.map(lambda word, terms=_TERMS[name]: said(terms, word))
        columns[said(COLUMNS, name)] = cells.round(_DIGITS[name]) if name in _DIGITS else cells
    return pd.DataFrame(columns, index=table.index)
