"""The two services that `http_locate.py` measures, each run as a process of its own."""

from __future__ import annotations

import sys

import geopandas as gpd
import shapely
import uvicorn
from fastapi import FastAPI

from gridmap.api import create_app, serve
from gridmap.api.server import server_config
from gridmap.atlas import Atlas

WEST, SOUTH, SIDE, ACROSS = 120.85, 31.95, 0.004, 40


def territory() -> gpd.GeoDataFrame:
    """Return 1600 square grids of 48 corners in a community, a street and a district."""
    wide = ACROSS * SIDE
    whole = shapely.box(WEST, SOUTH, WEST + wide, SOUTH + wide)
    upper = [("320613", "district", None), ("320613001", "street", "320613")]
    rows = [*upper, ("320613001001", "community", "320613001")]
    shapes = [whole] * len(rows)
    for east in range(ACROSS):
        for north in range(ACROSS):
            rows.append((f"320613001001{east:02d}{north:02d}", "grid", "320613001001"))
            corner = (WEST + east * SIDE, SOUTH + north * SIDE)
            square = shapely.box(*corner, WEST + (east + 1) * SIDE, SOUTH + (north + 1) * SIDE)
            shapes.append(shapely.segmentize(square, SIDE / 11.5))
    table = gpd.GeoDataFrame(rows, columns=["code", "level", "parent"], geometry=shapes, crs=4490)
    return table.assign(name="第" + table["code"].str[-4:] + "网格")


def addresses() -> gpd.GeoDataFrame:
    """Return one address: the measurement asks for points."""
    middle = shapely.points(WEST + SIDE / 2, SOUTH + SIDE / 2)
    return gpd.GeoDataFrame({"id": ["1"], "text": ["江苏省南通市崇川区青年路1号"]}, geometry=[middle], crs=4490)


def empty() -> FastAPI:
    """Return the least that FastAPI can do."""
    app = FastAPI()

    @app.get("/empty")
    async def nothing() -> dict[str, str]:
        return {}

    return app


def main(which: str, port: int) -> None:
    """Serve one of both: a bare app as uvicorn runs it, or gridmap as it runs itself, both with gridmap's bounds."""
    if which == "empty":
        uvicorn.Server(server_config(empty(), "127.0.0.1", port)).run()
        return
    atlas = Atlas.of_tables(territory(), addresses())
    atlas.territory()
    serve(create_app(atlas, open_read=True), "127.0.0.1", port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
