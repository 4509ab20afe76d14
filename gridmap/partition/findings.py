"""Where areas overlap, and where they leave gaps."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.partition.checking.found import metres2
from gridmap.partition.edges import Ints, Polygons
from gridmap.partition.orientation import Flags

#: Least area that is reported: a strip of 1 mm by 1 m. Below lie the roundings of vertices on one side only.
LEAST_M2 = 0.001

COLUMNS = ("rule", "codes", "measured", "unit", "message")


def find(table: gpd.GeoDataFrame, *, depths: Any, finest: Flags, least_m2: float = LEAST_M2) -> gpd.GeoDataFrame:
    """Return the overlaps and gaps of each layer of areas, the finest layer first.

    An *overlap* is ground that two of its areas hold; a *gap* is ground that they enclose and none
    of them holds. What two layers have in common is reported once. Rings that cross themselves are read as even-odd.

    Parameters
    ----------
    table
        ``code`` and polygons, with a CRS.
    depths
        Number of ancestors of each area, shape (n,).
    finest
        Whether each area is the parent of none, shape (n,).
    least_m2
        Smaller findings are left out.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rule`` (overlap, gap), ``codes`` (of the areas that overlap or touch the gap, joined by ``;``), ``measured``,
        ``unit`` (m2), ``message``, ``geometry`` in the CRS of the table; largest first within a rule.

    Raises
    ------
    CrsError
        If the table says no CRS, or one that cannot be taken to metres.
    """
    shapes = mended(table.geometry.to_numpy())
    found: dict[tuple[str, tuple[int, ...], bytes], Any] = {}
    for rows in layers(depths, finest):
        for rule, members, shape in [*_overlaps(shapes[rows]), *_gaps(shapes[rows])]:
            touched = tuple(rows[list(members)].tolist())
            found.setdefault((rule, touched if rule == "overlap" else (), shapely.to_wkb(shape)), (touched, shape))
    return _table([(key[0], *value) for key, value in found.items()], table, least_m2)


def layers(depths: Any, finest: Flags) -> list[Ints]:
    """Return the rows of each layer of areas, the finest first.

    A *layer* is made of the areas of one depth and of those above it that are divided no further, which together should
    fill the territory.

    Parameters
    ----------
    depths
        Number of ancestors of each area, shape (n,).
    finest
        Whether each area is the parent of none, shape (n,).

    Raises
    ------
    Nothing
        No areas have no layer.

    Examples
    --------
    >>> [rows.tolist() for rows in layers(np.array([0, 0, 1, 1]), np.array([False, True, True, True]))]
    [[1, 2, 3], [0, 1]]
    """
    return [np.flatnonzero((depths == depth) | (finest & (depths < depth))) for depth in np.unique(depths)[::-1]]


def summed_up(findings: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return (rule, sentence) for each rule that found something: how often, how much in all, and the worst case.

    Parameters
    ----------
    findings
        What `find` returned.

    Raises
    ------
    Nothing
        No findings make no sentences.
    """
    return [
        (
            str(rule),
            f"{len(of)} {rule}{'s' * (len(of) > 1)}, {of['measured'].sum():.3f} m2 in all: {of['message'].iloc[0]}",
        )
        for rule, of in findings.groupby("rule", sort=False)
    ]


def mended(shapes: Polygons) -> Polygons:
    """Return valid polygons of the same ground, rings that cross themselves being read as even-odd."""
    shapes = shapes.copy()
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    shapes[broken] = [ground_of(shape) for shape in shapely.make_valid(shapes[broken])]
    return shapes


def ground_of(shape: Any) -> Any:
    """Return the polygons of a geometry as one MultiPolygon, without its lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def together(shapes: Polygons) -> Any:
    """Return the ground of areas as one: quickly where they share their vertices, slowly where they do not."""
    return shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)


def _overlaps(shapes: Polygons) -> list[tuple[str, tuple[int, ...], Any]]:
    """Return (rule, the two areas, ground) for each pair of areas that overlap."""
    if shapely.coverage_is_valid(shapes):
        return []
    involved = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    one, other = shapely.STRtree(shapes).query(shapes[involved], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([involved[one], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    return [
        ("overlap", (int(pair[0]), int(pair[1])), ground_of(shape))
        for pair, shape in zip(pairs, common, strict=True)
        if shapely.area(shape) > 0
    ]


def _gaps(shapes: Polygons) -> list[tuple[str, tuple[int, ...], Any]]:
    """Return (rule, areas that touch it, ground) for each enclosed place that no area holds."""
    union = together(shapes)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    if not rings:
        return []
    holes = shapely.difference(shapely.polygons(rings), union)
    hole, area = shapely.STRtree(shapes).query(holes, predicate="intersects")
    return [("gap", tuple(area[hole == which].tolist()), shape) for which, shape in enumerate(holes)]


def _table(found: list[tuple[str, tuple[int, ...], Any]], table: gpd.GeoDataFrame, least_m2: float) -> gpd.GeoDataFrame:
    """Return the findings as a table, measured in metres."""
    shapes = gpd.GeoSeries([shape for _, _, shape in found], crs=table.crs)
    if not found:
        return gpd.GeoDataFrame({**dict.fromkeys(COLUMNS, ()), "measured": np.empty(0)}, geometry=shapes)
    area = shapely.area(_metric(shapes).to_numpy())
    codes = table["code"].to_numpy(dtype=object)
    names = [";".join(sorted(str(codes[row]) for row in rows)) for _, rows, _ in found]
    rules = [rule for rule, _, _ in found]
    frame = pd.DataFrame(dict(zip(COLUMNS, (rules, names, area, "m2", ""), strict=True)))
    frame["message"] = [_message(*row) for row in zip(rules, names, area, strict=True)]
    result = gpd.GeoDataFrame(frame, geometry=shapes)
    result = result[result["measured"] >= least_m2]
    return result.sort_values(["rule", "measured"], ascending=[False, False], kind="stable").reset_index(drop=True)


def _metric(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the shapes where their area is in square metres."""
    if not len(shapes) or (shapes.crs is not None and crs.is_metric(shapes.crs)):
        return shapes
    return crs.to_metric(shapes)


def _message(rule: str, codes: str, area_m2: float) -> str:
    """Return the finding as a sentence."""
    if rule == "overlap":
        return f"{' and '.join(codes.split(';', 1))} overlap by {metres2(area_m2)}"
    return f"no area holds {metres2(area_m2)} between {codes.replace(';', ', ')}"
