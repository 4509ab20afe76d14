"""The hand-made ground of the camera commands, and how a shell runs them."""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from gridmap import cli, formats

#: East and north of the corner of the hand-made ground, and its system.
CORNER, CRS = (500_000, 3_540_000), 4549


def shell(monkeypatch, capsys):
    """What runs a command as a shell would: exit status, output and error output."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


def ground(folder):
    """One camera that looks east behind a house at its back, and a street of 200 m before it; as options."""
    return {
        "--cameras": camera_file(folder / "c.gpkg", ("C1", 0, 0, 90.0)),
        "--buildings": house_file(folder / "b.gpkg", (-30, -10, -20, 10)),
        "--streets": street_file(folder / "s.gpkg", (50, -100), (50, 100)),
        "--out": folder / "coverage.gpkg",
    }


def at(x, y):
    return shapely.Point(CORNER[0] + x, CORNER[1] + y)


def camera_file(path, *rows, **columns):
    """A file of cameras: id, x, y, heading; 90 degrees wide, level, 100 m."""
    table = pd.DataFrame([(name, heading) for name, *_, heading in rows], columns=["id", "heading_deg"])
    level = {"hfov_deg": 90.0, "height_m": 6.0, "width_px": 2000, "range_m": 100.0, "kind": "fixed", "status": "online"}
    points = [at(x, y) for _, x, y, _ in rows]
    formats.write({"cameras": gpd.GeoDataFrame(table.assign(**level | columns), geometry=points, crs=CRS)}, path)
    return path


def house_file(path, *boxes, height=10.0):
    """A file of houses: west, south, east, north in metres from the corner."""
    shapes = [box(*(np.array(edges) + np.tile(CORNER, 2))) for edges in boxes]
    table = {"id": [str(n) for n in range(len(boxes))], "height_m": height}
    formats.write({"buildings": gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)}, path)
    return path


def street_file(path, *points):
    line = shapely.LineString([at(*point) for point in points])
    formats.write({"streets": gpd.GeoDataFrame({"id": ["S"], "class": "residential"}, geometry=[line], crs=CRS)}, path)
    return path


def options(named):
    return [word for pair in named.items() for word in pair]
