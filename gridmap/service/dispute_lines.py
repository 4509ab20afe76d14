"""Tables along the lines of a comparison: how far two claims lie apart step by step, and the posts of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes import Comparison, post_table, profile
from gridmap.errors import InputError

#: Step of a profile in metres, and most steps along one line.
_STEP_M, _MOST_STEPS = 0.5, 2000


def metric(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lines in metres: as they are where they are in metres already.

    Raises
    ------
    CrsError
        As `gridmap.crs.to_metric`.
    """
    return lines if is_metric(CRS(lines.crs)) else to_metric(lines)


def profiles(compared: Comparison) -> gpd.GeoDataFrame:
    """Return how far the lines of each pair of parties lie apart, a point every half metre along the first.

    Returns
    -------
    GeoDataFrame
        ``a``, ``b``, ``along_m``, ``offset_m`` (positive where the line of b lies left); points of the line of a. Half
        a metre is more on lines of more than 2000 steps.

    Raises
    ------
    CrsError
        As `gridmap.crs.to_metric`.
    """
    columns = ["a", "b", "along_m", "offset_m"]
    if compared.lines.empty:
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=compared.lines.crs)
    lines = metric(compared.lines)
    parts = []
    for row in lines.itertuples():
        one, other = shapely.get_parts(row.geometry)
        step = max(_STEP_M, float(shapely.length(one)) / _MOST_STEPS)
        parts.append(profile(one, other, step_m=step).assign(a=row.a, b=row.b))
    table = pd.concat(parts, ignore_index=True)
    points = gpd.GeoSeries(gpd.points_from_xy(table["x"], table["y"]), crs=lines.crs)
    back = to_system(points, CRS(compared.lines.crs))
    return gpd.GeoDataFrame(table[columns], geometry=back.to_numpy(), crs=compared.lines.crs)


def posts(
    candidates: gpd.GeoDataFrame, codes: Mapping[str, str], given: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Return the posts of candidates, numbered as GB/T 17796 does (see `gridmap.disputes.post_table`).

    Parameters
    ----------
    candidates
        ``id`` and lines.
    codes
        Four digits by candidate, those of all others under an empty name; a candidate without code has no posts.
    given
        Posts that are set, or to be set: points, ``letter?``, ``place?``, ``candidate?``; those that name no candidate
        stand on the nearest. Left out: one stands alone at each vertex.

    Returns
    -------
    DataFrame
        ``candidate``, then as `gridmap.disputes.post_table`.

    Raises
    ------
    InputError
        If a code or a post is of a candidate that there is not, or as `gridmap.disputes.post_table`.
    CrsError
        If the posts' datum is another than that of the candidates, or not stated.
    """
    lines = metric(candidates)
    named = [str(each) for each in lines["id"]]
    _refuse_strangers("a line code", {*codes} - {""}, named)
    coded = {name: codes.get(name, codes.get("")) for name in named}
    set_ = None if given is None else _standing(given, lines, [name for name in named if coded[name]])
    tables = []
    for name, line in zip(named, lines.geometry, strict=True):
        code = coded[name]
        own = _at_vertices(line, lines.crs) if set_ is None else set_[set_["candidate"] == name]
        if code is not None and len(own):
            tables.append(post_table(own, line, line_code=code).assign(candidate=name))
    if not tables:
        return pd.DataFrame({"candidate": pd.Series(dtype=str), "post": pd.Series(dtype=str)})
    found = pd.concat(tables, ignore_index=True)
    return found[["candidate", *(name for name in found if name != "candidate")]]


def _standing(given: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, named: list[str]) -> gpd.GeoDataFrame:
    """Posts in the metres of the lines, each with its candidate."""
    table = to_system(given.reset_index(drop=True), CRS(lines.crs))
    wrong = np.flatnonzero(shapely.get_type_id(table.geometry.to_numpy()) != shapely.GeometryType.POINT.value)
    if len(wrong):
        raise InputError(f"the post in row {int(wrong[0]) + 1} is no point", expected="points", code="wrong_geometry")
    coded = lines[lines["id"].astype(str).isin(named)].geometry.to_numpy()
    apart = shapely.distance(table.geometry.to_numpy()[:, None], coded[None, :])
    nearest = pd.Series(np.array(named, dtype=object)[apart.argmin(axis=1)]) if len(named) else pd.Series(dtype=object)
    own = (
        table["candidate"].astype(object) if "candidate" in table else pd.Series(None, index=table.index, dtype=object)
    )
    _refuse_strangers("a post", {str(each) for each in own.dropna()}, [str(each) for each in lines["id"]])
    return table.assign(candidate=own.where(own.notna(), nearest).astype(str))


def _at_vertices(line: Any, system: Any) -> gpd.GeoDataFrame:
    """A post at each vertex; one where a line ends where it began."""
    points = pd.DataFrame(shapely.get_coordinates(line)).drop_duplicates()
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(points[0], points[1]), crs=system)


def _refuse_strangers(what: str, names: set[str], known: list[str]) -> None:
    """Refuse names of candidates that there are not."""
    if strangers := sorted(names - {*known}):
        expected = f"candidates: {', '.join(known)}" if known else "candidates, or lines solved for a share"
        raise InputError(f"{what} of {', '.join(strangers)}", expected=expected, code="no_candidate")
