"""Names that two lists spell differently."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from gridmap.errors import Fault, TableError
from gridmap.partition.checking.found import Finding, as_table, named


def spellings(areas: gpd.GeoDataFrame, listed: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the areas and the rows of a list that have no namesake and differ by a single character.

    They are probably one place, but that is for people to say: 糖蔀里 and 糖廍里 are, 东一里 and 东二里 are not. So
    they are told and never joined.

    Parameters
    ----------
    areas
        ``code``, ``name`` and polygons; ``of``, the name of the area above, where names repeat.
    listed
        ``name``, and ``of`` if the areas have it: what another office calls them.

    Returns
    -------
    geopandas.GeoDataFrame
        Findings as of `gridmap.partition.check`, rule ``name_spelling``: one for each name of the list that no area
        bears and that differs by one character from that of an area which the list does not name.

    Raises
    ------
    TableError
        If a table lacks its columns.

    Examples
    --------
    >>> from shapely import box
    >>> areas = gpd.GeoDataFrame({"code": ["1"], "name": ["糖蔀里"]}, geometry=[box(0, 0, 1, 1)], crs=4490)
    >>> spellings(areas, pd.DataFrame({"name": ["糖廍里"]}))["message"].item()
    '糖廍里 is not the name of an area; 1 is called 糖蔀里, which differs in one character'
    """
    for source, table, needed in (("areas", areas, ("code", "name")), ("list", listed, ("name",))):
        if missing := [name for name in needed if name not in table]:
            fault = Fault(code="missing_column", message=f"no column {' or '.join(missing)}; map or add it")
            raise TableError(source, [fault])
    return as_table(_found(areas, listed), areas.crs)


def _found(areas: gpd.GeoDataFrame, listed: pd.DataFrame) -> Iterator[Finding]:
    """A finding for each name of the list that nearly is that of an area."""
    ours, theirs = _places(areas), _places(listed)
    lost = sorted(set(theirs) - set(ours))
    unnamed = [place for place in ours if place not in set(theirs)]
    for above, name in lost:
        near = [place for place in unnamed if place[0] == above and _differ_by_one(place[1], name)]
        if near:
            rows = [ours[place] for place in near]
            codes = tuple(str(areas["code"].iloc[row]) for row in rows)
            called = named(place[1] for place in near)
            verb = "is called" if len(near) == 1 else "are called"
            where = f" of {above}" if above else ""
            yield Finding(
                rule="name_spelling",
                codes=codes,
                measured=1.0,
                unit="characters",
                limit=0.0,
                message=f"{name} is not the name of an area{where}; {named(codes)} {verb} {called}, "
                "which differs in one character",
                mend="say which name is right; they are not joined until somebody does",
                place=areas.geometry.iloc[rows[0]],
                excess=1.0,
            )


def _places(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    """First row of each (name of the area above, name)."""
    above = table["of"].fillna("") if "of" in table else [""] * len(table)
    pairs = zip(above, table["name"].fillna(""), strict=True)
    places: dict[tuple[str, str], int] = {}
    for row, (of, name) in enumerate(pairs):
        if name:
            places.setdefault((str(of), str(name)), row)
    return places


def _differ_by_one(one: str, other: str) -> bool:
    """Whether two names are equally long and differ in a single character."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
