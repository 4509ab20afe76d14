"""Small files of areas, whole and broken."""

from __future__ import annotations

import json

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.errors import FormatError
from gridmap.formats import read

RING = [[120.0, 32.0], [120.1, 32.0], [120.1, 32.1], [120.0, 32.1], [120.0, 32.0]]
BOWTIE = [[120.0, 32.0], [120.001, 32.001], [120.001, 32.0], [120.0, 32.001], [120.0, 32.0]]


def feature(*rings, code="1", **properties):
    """A GeoJSON feature of one polygon."""
    geometry = {"type": "Polygon", "coordinates": list(rings or [RING])}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def geojson(path, *features, **members):
    """Write features as GeoJSON."""
    collection = {"type": "FeatureCollection", **members, "features": list(features or [feature()])}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def squares(count=1, crs=4549):
    """A table of squares of 10 m."""
    x = 500_000 + 20 * np.arange(count)
    codes = [str(row + 1) for row in range(count)]
    return geopandas.GeoDataFrame({"code": codes}, geometry=shapely.box(x, 3.5e6, x + 10, 3.5e6 + 10), crs=crs)


def shapefile(folder, table=None, **options):
    """Write a shapefile."""
    path = folder / "areas.shp"
    pyogrio.write_dataframe(squares() if table is None else table, path, **options)
    return path


def refusal(path, kind=FormatError, **options):
    """The error of a file that is refused."""
    with pytest.raises(kind) as caught:
        read(path, **options)
    return caught.value
