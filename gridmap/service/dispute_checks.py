"""What a file of claims must not be: somewhere else than it should, or a list of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from gridmap.errors import FormatError, InputError
from gridmap.formats.parcels.holders import tells_of_holders
from gridmap.formats.parcels.territory import ground_of, share_inside


def refuse_no_territory(within: gpd.GeoDataFrame | None) -> None:
    """Refuse a territory that is no ground.

    Raises
    ------
    InputError
        If it holds no polygon.
    """
    if within is not None and not (shapely.get_dimensions(within.geometry.dropna().to_numpy()) == 2).any():  # noqa: PLR2004
        raise InputError("a territory without polygons", expected="the ground that the claims lie in", code="no_ground")


def held_against(claims: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None, name: str) -> list[dict[str, Any]]:
    """Return a warning where some points of claims lie outside the territory; none where all lie in it.

    Parameters
    ----------
    claims
        The claims of a file.
    within
        The territory; None: nobody knows.
    name
        The file's.

    Raises
    ------
    FormatError
        ``E_OUTSIDE_TERRITORY`` if no point lies in it.
    CrsError
        If the territory does not say its CRS.
    """
    points = shapely.get_coordinates(claims.geometry.to_numpy())
    if within is None or not len(points):
        return []
    share = share_inside(points[:, 0], points[:, 1], claims.crs, ground_of(within))
    if share == 1:
        return []
    if not share:
        raise FormatError(
            f"{name}: no point lies in the territory",
            expected="claims in the territory that --within names",
            do="look whether the CRS, its central meridian or the territory is another",
            code="E_OUTSIDE_TERRITORY",
        )
    return [
        {
            "code": "W_OUTSIDE_TERRITORY",
            "message": f"{1 - share:.1%} of the points lie outside the territory",
            "message_zh": f"{1 - share:.1%}的点在所给区域之外",
        }
    ]


def refuse_holders(columns: Mapping[str, str], path: Path) -> None:
    """Refuse a column of names of persons as that of parties.

    Raises
    ------
    FormatError
        ``E_HOLDER`` if a stated column tells of holders.
    """
    for theirs in columns.values():
        if tells_of_holders(theirs):
            raise FormatError(
                f"{path.name}: {theirs!r} holds names of right holders, which are not kept",
                expected="a label for a party: a village, a group, 甲方",
                do="name the file by its party, or add a column of labels",
                code="E_HOLDER",
            )


def holders_told(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a warning where columns that tell of holders were left out."""
    left = [name for name in names if tells_of_holders(name)]
    if not left:
        return []
    said = ", ".join(left)
    return [
        {
            "code": "holders_left_out",
            "message": f"{said}: names of right holders are not kept",
            "message_zh": f"{said}：不保留权利人信息",
        }
    ]
