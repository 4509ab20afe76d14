"""Ledgers in a tiny language, for the tests of coverage by patrols."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.coverage.walked import ledger

ZONE = 4549
X0, Y0 = 500_000.0, 3_540_000.0
COLUMNS = ("post", "shift", "street", "from_m", "to_m", "start", "end", "class")


def moment(text):
    """``08:30`` of 2024-05-06 in China, or ``7T02:00`` of the seventh."""
    day, _, clock = text.rpartition("T")
    return f"2024-05-{int(day or 6):02d}T{clock}:00+08:00"


def rows(*visits):
    """Visits such as ``P1 day a 0 50 08:00 08:10 inferred`` as a table; the class may be left out."""
    split = [(visit + " observed").split()[:8] for visit in visits]
    table = pd.DataFrame(split, columns=COLUMNS)
    times = {name: table[name].map(moment) for name in ("start", "end")}
    return table.assign(**times, shift="2024-05-06 " + table["shift"])


def streets(**lines):
    """Streets by id; numbers are metres eastwards from the origin, else lists of places."""
    drawn = [
        [(0, 10 * at), (line, 10 * at)] if isinstance(line, int) else line for at, line in enumerate(lines.values())
    ]
    shapes = [shapely.LineString([(X0 + x, Y0 + y) for x, y in line]) for line in drawn]
    return gpd.GeoDataFrame({"id": list(lines), "class": "residential"}, geometry=shapes, crs=ZONE)


def book(*visits, **lines):
    """A ledger of visits; without streets there is one, a, of 100 m."""
    return ledger(rows(*visits), streets(**(lines or {"a": 100})))


def areas(**boxes):
    """Areas by code from boxes (west, south, east, north); ``parent__code`` names the parent."""
    names = [name.split("__") for name in boxes]
    shapes = [shapely.box(X0 + w, Y0 + s, X0 + e, Y0 + n) for w, s, e, n in boxes.values()]
    parents = [name[0] if len(name) > 1 else None for name in names]
    return gpd.GeoDataFrame({"code": [name[-1] for name in names], "parent": parents}, geometry=shapes, crs=ZONE)
