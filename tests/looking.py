"""Tables of cameras for tests: fixed, online, in one place, and the lens of the worked numbers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.visibility.cameras.views import views

#: On the central meridian of the zone, where grid north is true north.
MERIDIAN = shapely.Point(500_000, 3_500_000)


def near(value, digits=3):
    """A worked number, good to its last digit."""
    return pytest.approx(value, abs=0.6 * 10**-digits)


def cameras(count=1, *, at=MERIDIAN, crs=4549, **columns):
    """A table of cameras at one place: fixed and online unless said otherwise."""
    rows = {"id": [f"c{row + 1}" for row in range(count)], "kind": "fixed", "status": "online", **columns}
    return gpd.GeoDataFrame(pd.DataFrame(rows, index=range(count)), geometry=[at] * count, crs=crs)


def worked(**columns):
    """The camera of the worked numbers at 5 m, heading north."""
    lens = {"focal_mm": 4.0, "sensor_mm": 5.37, "width_px": 2560, "height_px": 1440, "range_m": 100.0}
    return cameras(height_m=5.0, heading_deg=0.0, **lens, **columns)


def told(table, **options):
    """Codes of what is refused."""
    return views(table, **options).refused["code"].tolist()


def taken(table, **options):
    """Columns that something was taken for granted of."""
    return set(views(table, **options).assumed["column"])
