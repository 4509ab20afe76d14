"""A plan in which areas are merged by a table: 49 communities into 18."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import Fault, TableError
from gridmap.frames import counts
from gridmap.partition.findings import mended, together
from gridmap.plans.sides import codes_of, counts_of, levels_of, refuse_faulty, texts
from gridmap.tessellation.lineage import Texts


def merged(areas: gpd.GeoDataFrame, into: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return a plan in which some areas are merged; what lies in them stays as it is.

    Areas that go into one code become one area: the union of their ground with every vertex of their outer border as
    it was, so that neighbours and areas within still fit to the last digit. Its name, level, parent and all else are
    those of the member with the most households (of equal ones, of the least code); households and residents are sums,
    missing where one is.
    Areas within get the new code as their parent.

    Parameters
    ----------
    areas
        All levels (code, level, parent; polygon); a partition on each.
    into
        New code by old code; areas that it does not name stay. An area may be given another code by itself.

    Returns
    -------
    geopandas.GeoDataFrame
        The same columns; the merged areas stand where their first member did.

    Raises
    ------
    TableError
        If codes are missing or repeated, the table of mergers names an area that is not there, members of one area are
        of several levels or parents, overlap, do not share their borders exactly or do not touch; all faults at once.

    Examples
    --------
    >>> from shapely import box
    >>> squares = gpd.GeoDataFrame({"code": ["a", "b", "c"], "households": [1, 2, 3]},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)], crs=4549)
    >>> merged(squares, {"a": "d", "b": "d"})[["code", "households"]]
      code  households
    0    d           3
    1    c           3
    """
    refuse_faulty(areas, "areas")
    codes, groups = codes_of(areas), dict[str, list[int]]()
    for row, code in enumerate(codes.tolist()):
        groups.setdefault(into.get(code, code), []).append(row)
    shapes = areas.geometry.to_numpy()
    ground = [together(mended(shapes[rows])) if len(rows) > 1 else shapes[rows[0]] for rows in groups.values()]
    _refuse(areas, into, groups, ground)
    plan = areas.iloc[_main(areas, codes, groups)].assign(code=list(groups))
    for name in ("households", "residents"):
        if name in areas:
            known = counts(areas, name, source="areas")
            sums = [known.iloc[rows].sum(skipna=False) for rows in groups.values()]
            plan[name] = pd.array(sums, dtype="Int64").astype(areas[name].dtype)
    if "parent" in areas:
        plan["parent"] = [into.get(parent, parent) for parent in plan["parent"].tolist()]
    return plan.set_geometry(gpd.GeoSeries(ground, index=plan.index, crs=areas.crs)).reset_index(drop=True)


def _main(areas: gpd.GeoDataFrame, codes: Texts, groups: Mapping[str, list[int]]) -> list[int]:
    """Return the members that areas are named after."""
    homes = counts_of(areas, "households")
    return [min(rows, key=lambda row: (-homes[row], codes[row])) for rows in groups.values()]


def _refuse(
    areas: gpd.GeoDataFrame, into: Mapping[str, str], groups: Mapping[str, list[int]], ground: Sequence[Any]
) -> None:
    """Refuse mergers that make no area."""
    levels = levels_of([areas])[0]
    above = np.array([into.get(parent, parent) for parent in texts(areas, "parent").tolist()], dtype=object)
    shapes = areas.geometry.to_numpy()
    parts = shapely.get_num_geometries(shapes)
    faults = [
        Fault(code="unknown_code", message=f"{code}: no such area; name one of the plan", column="code")
        for code in sorted(set(into) - set(codes_of(areas).tolist()))
    ]
    for (code, rows), shape in zip(groups.items(), ground, strict=True):
        if len(set(zip(levels[rows].tolist(), above[rows].tolist(), strict=True))) > 1:
            faults.append(Fault(code="mixed", message=f"{code}: its members are of several levels or parents"))
        if len(rows) > 1 and not shapely.coverage_is_valid(shapes[rows]):
            message = f"{code}: its members overlap or do not share their borders exactly; clean the areas first"
            faults.append(Fault(code="overlap", message=message))
        elif shapely.get_num_geometries(shape) > parts[rows].sum() - len(rows) + 1:
            faults.append(Fault(code="apart", message=f"{code}: its members do not touch; merge neighbours only"))
    if faults:
        raise TableError("mergers", faults)
