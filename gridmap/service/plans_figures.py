"""Figures of the areas of a draft: how many live there, how large and how compact each is, how far from its target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs


class Figures(TypedDict):
    """What is measured of one area."""

    #: households, residents and buildings in it; None where that is not known
    households: int | None
    residents: int | None
    buildings: int | None
    #: square metres
    area_m2: float
    #: Polsby-Popper compactness, 0 to 1
    compactness: float
    #: (households - target) / target; None where the households are not known
    deviation: float | None
    #: pieces of ground that do not meet
    parts: int


def figures_of(leaves: gpd.GeoDataFrame, target: float, *, metric: int | None = None) -> dict[str, Figures]:
    """Return the figures of areas by their codes.

    Compactness is 4 pi area / perimeter squared, 1 for a circle (Polsby and Popper, 1991).

    Parameters
    ----------
    leaves
        code, households, residents, buildings (missing where unknown) and polygons in any CRS.
    target
        Households that an area should have.
    metric
        EPSG code of the system to measure in; None: that of the place.

    Raises
    ------
    CrsError
        If the areas cannot be taken to metres.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=4549)
    >>> figures_of(square.assign(households=330, residents=pd.NA, buildings=12), 300)["a"]["deviation"]
    0.1
    """
    if not len(leaves):
        return {}
    shapes = in_metres(leaves, metric)
    area, length = shapely.area(shapes), shapely.length(shapes)
    measured = zip(area.tolist(), length.tolist(), shapely.get_num_geometries(shapes).tolist(), strict=True)
    counts = [leaves[name].tolist() for name in ("households", "residents", "buildings")]
    return {
        code: _figures(tuple(map(_count, known)), target, *sizes)
        for code, known, sizes in zip(leaves["code"], zip(*counts, strict=True), measured, strict=True)
    }


def in_metres(areas: gpd.GeoDataFrame, metric: int | None = None) -> npt.NDArray[np.object_]:
    """Return the ground of areas in a metric system; None: that of the place.

    Raises
    ------
    CrsError
        If the areas cannot be taken to metres.
    """
    if metric is None or areas.crs is None:
        return np.asarray(crs.to_metric(areas[[areas.geometry.name]]).geometry.to_numpy())
    source = areas.crs

    def way(x: Any, y: Any) -> tuple[Any, Any]:
        return crs.convert(x, y, source, metric)

    return np.asarray(shapely.transform(areas.geometry.to_numpy(), way, interleaved=False))


def before_and_after(
    before: Mapping[str, Figures], after: Mapping[str, Figures], codes: tuple[str, ...]
) -> dict[str, dict[str, Figures | None]]:
    """Return the figures of areas on both sides of a change, None where an area was or is not there.

    Raises
    ------
    None
    """
    return {code: {"before": before.get(code), "after": after.get(code)} for code in codes}


def _figures(known: tuple[int | None, ...], target: float, area: float, length: float, parts: int) -> Figures:
    households, residents, buildings = known
    return Figures(
        households=households,
        residents=residents,
        buildings=buildings,
        area_m2=round(area, 3),
        compactness=round(4 * math.pi * area / length**2, 4) if length else 0.0,
        deviation=None if households is None else round((households - target) / target, 4),
        parts=parts,
    )


def _count(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]
