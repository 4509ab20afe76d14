"""The page of a comparison on files, which both parties look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from gridmap.disputes import Comparison
    from gridmap.maps import Source
    from gridmap.service.disputes import Claims


def write_map(
    compared: Comparison,
    read: Claims,
    path: Path,
    *,
    sources: Sequence[Source] = (),
    buildings: gpd.GeoDataFrame | None = None,
    objects: gpd.GeoDataFrame | None = None,
    title: str = "",
    lang: str = "zh",
) -> None:
    """Write the page of a comparison, with what had to be taken for granted to read the claims.

    Parameters
    ----------
    compared
        What was found.
    read
        The claims that it was found of.
    path
        The file, .html.
    sources, buildings, objects, title, lang
        As `gridmap.maps.dispute_map` takes them.

    Raises
    ------
    InputError, CrsError, FormatError, TooLargeError, NotFoundError
        As `gridmap.maps.dispute_map`.
    """
    from gridmap import maps

    told = replace(compared, warnings=[*read.warnings, *compared.warnings])
    page = maps.dispute_map(told, sources=sources, buildings=buildings, objects=objects, title=title, lang=lang)
    maps.write_page(page, path)
