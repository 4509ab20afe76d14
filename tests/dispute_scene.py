"""Two parties that both claim a strip of land, lines that are proposed, and pictures of one colour around them."""

from __future__ import annotations

import base64
import io
import json
import math
import re

import geopandas as gpd
import numpy as np
import rasterio
from PIL import Image
from pyproj import Transformer
from rasterio.transform import Affine
from shapely import LineString, box

from gridmap import maps
from gridmap.disputes import compare
from gridmap.disputes.dates import SourceDates, parse_edtf

EVIL = "</script><script>window.PWNED=1</script><img src=x onerror='window.PWNED=2'>{{ 7*191 }}"
X, Y = 500_000, 3_540_000
#: From degrees to the metric system of all tables here, by pyproj alone.
METRES = Transformer.from_crs(4490, 4549, always_xy=True)


def claims(parties=("甲村", "乙村"), **columns):
    """Two parties that both claim 20 m by 100 m between them: 2000 m2, 3 mu."""
    land = [box(X, Y, X + 60, Y + 100), box(X + 40, Y, X + 100, Y + 100)]
    return gpd.GeoDataFrame({"party": list(parties), "accuracy_m": 0.05, **columns}, geometry=land, crs=4549)


def candidates(*easts, **columns):
    """Lines from south to north, so many metres east of the corner."""
    lines = [LineString([(X + east, Y), (X + east, Y + 100)]) for east in easts]
    return gpd.GeoDataFrame({"id": [f"M{east}" for east in easts], **columns}, geometry=lines, crs=4549)


def compared(*easts, parties=("甲村", "乙村"), **columns):
    return compare(claims(parties), candidates(*easts, **columns) if easts else None)


def plain(colour, **options):
    """A picture of one colour that reaches 300 m beyond the claims, in pixels of 2 m."""
    pixels = np.broadcast_to(np.array(colour, dtype=np.uint8)[:, None, None], (3, 350, 350))
    bounds = (X - 300, Y - 300, X + 400, Y + 400)
    return maps.Source(**{"title": "picture", "pixels": pixels, "bounds": bounds, "crs": 4549, **options})


def taken(day):
    """The dates of what was taken on a day, and of which no more is known."""
    return SourceDates(capture=parse_edtf(day))


def land(parcels, dated=None, **options):
    """An epoch of parcels."""
    dates = taken(dated) if dated else SourceDates()
    return maps.Source(**{"title": "land", "kind": "parcels", "parcels": parcels, "dates": dates, **options})


def tiff(path, pixels, *, corner=(X - 50, Y + 150), step=2.0, **profile):
    """A GeoTIFF whose north-western corner lies there."""
    shape = {"count": len(pixels), "height": pixels.shape[1], "width": pixels.shape[2], "dtype": pixels.dtype}
    place = {"transform": Affine(step, 0, corner[0], 0, -step, corner[1]), "crs": "EPSG:4549"}
    with rasterio.open(path, "w", driver="GTiff", **shape, **place, **profile) as file:
        file.write(pixels)
    return path


def written(page):
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', maps.page_html(page), re.DOTALL)[1])


def picture(said):
    """Pixels of a picture of the page, and the one at metres of the metric system, by Leaflet's own layout."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(said["uri"].split(",")[1]))).convert("RGBA"))
    west, south, east, north = said["bounds"]
    top, bottom = (math.asinh(math.tan(math.radians(lat))) for lat in (north, south))

    def at(x, y):
        lon, lat = METRES.transform(x, y, direction="INVERSE")
        row = (top - math.asinh(math.tan(math.radians(lat)))) / (top - bottom) * pixels.shape[0]
        return pixels[int(row), int((lon - west) / (east - west) * pixels.shape[1])].tolist()

    return pixels, at


def shown(source, **options):
    said = written(maps.dispute_map(compared(), sources=[source], **options))["sources"][0]
    return picture(said["picture"])
