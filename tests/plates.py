"""Tables of addresses, and the texts of what is suggested."""

from __future__ import annotations

import geopandas as gpd
import shapely


def plates(*texts, at=None):
    """Addresses of these texts, one after the other along a line, or where they are said to be."""
    at = at or [(120.8 + 0.001 * place, 32.0) for place in range(len(texts))]
    return gpd.GeoDataFrame(
        {"id": [f"A{place + 1}" for place in range(len(texts))], "text": texts}, geometry=shapely.points(at), crs=4490
    )


def numbered(road, *numbers):
    """Plates of a road."""
    return [f"{road}{number}号" for number in numbers]


def texts(suggestions, typed, **options):
    return [one.text for one in suggestions.suggest(typed, **options)]
