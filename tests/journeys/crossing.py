"""Two streets that cross, and walks along them, as files."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd

from gridmap.crs import convert

#: A street of 600 m that runs east from here, in the zone of Nantong.
X, Y, CRS = 580_000, 3_543_000, 4549
MORNING = pd.Timestamp("2024-05-06T09:00:00+08:00")


def named(files, *layers):
    """Layers as options."""
    return [word for name in layers for word in (f"--{name}", files[name])]


def lon_lat(x, y):
    """Metres from the corner as degrees."""
    return convert(np.asarray(x, float) + X, np.asarray(y, float) + Y, CRS, 4490)


def at(x, y):
    """Metres from the corner as an option: LON,LAT."""
    return ",".join(f"{value:.7f}" for value in np.ravel(lon_lat([x], [y])))


def walk(path, leg, *, start=MORNING, every=5):
    """A file of fixes of P1, some noise about every 5 m of a leg ((x, y), (x, y)), one every so many seconds."""
    spots = np.linspace(*leg, int(np.hypot(*np.subtract(*leg)) // 5) + 1)
    x, y = (spots + np.random.default_rng(len(spots)).normal(0, 1.5, spots.shape)).T
    lon, lat = lon_lat(x, y)
    times = [(start + dt.timedelta(seconds=every * number)).isoformat() for number in range(len(x))]
    table = pd.DataFrame({"post": "P1", "time": times, "lon": lon, "lat": lat})
    table.to_csv(path, index=False)
    return path


def cover(run, cross, tracks, *words):
    """Status and JSON of the coverage of the crossing."""
    layers = ("--streets", cross / "streets.gpkg", "--areas", cross / "areas.gpkg")
    status, out, err = run(
        "patrols", "coverage", "--tracks", tracks, *layers, "--out", cross / "c.gpkg", "--json", *words
    )
    return status, json.loads(out) if out else err
