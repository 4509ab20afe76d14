"""What a user would otherwise pick to find the areas of many points.

Each gives the row number of an area per point, -1 for none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

Answer = np.ndarray


def paired(points: int, point: Any, area: Any) -> Answer:
    """Return the area of each point from (point, area) pairs."""
    answer = np.full(points, -1, np.int64)
    answer[np.asarray(point)] = area
    return answer


def sjoin(
    areas: gpd.GeoDataFrame, x: Answer, y: Answer, predicate: str
) -> tuple[Callable[[], Any], Callable[[Any], Answer]]:
    """Return GeoPandas' spatial join, and how to read it; both tables get fresh geometry so that no tree is kept."""
    points, shapes = shapely.points(x, y), areas.geometry.to_numpy()
    numbers = pd.DataFrame({"area": np.arange(len(areas))})

    def work() -> Any:
        left = gpd.GeoDataFrame(geometry=points.copy(), crs=areas.crs)
        return gpd.sjoin(left, gpd.GeoDataFrame(numbers, geometry=shapes.copy(), crs=areas.crs), predicate=predicate)

    return work, lambda joined: paired(len(x), joined.index, joined["area"])


def tree_of_areas(areas: gpd.GeoDataFrame, x: Answer, y: Answer) -> tuple[Any, Callable[[Any], Any]]:
    """Return how to build shapely's tree over the areas, and how to ask it for all points."""
    points, shapes = shapely.points(x, y), areas.geometry.to_numpy()
    return lambda: _built(shapes), lambda tree: paired(len(x), *tree.query(points, predicate="intersects"))


def tree_of_points(areas: gpd.GeoDataFrame, x: Answer, y: Answer) -> tuple[Any, Callable[[Any], Any]]:
    """Return how to build shapely's tree over the points, and how to ask it for all areas."""
    points, shapes = shapely.points(x, y), areas.geometry.to_numpy()
    return lambda: _built(points), lambda tree: paired(len(x), *tree.query(shapes, predicate="contains")[::-1])


def _built(shapes: Any) -> Any:
    """Return a tree that has answered its first question, by which it is built."""
    tree = shapely.STRtree(shapes)
    tree.query(shapely.Point(0, 0))
    return tree


def duckdb(areas: gpd.GeoDataFrame, x: Answer, y: Answer) -> tuple[Any, Callable[[Any], Any]]:
    """Return how to load DuckDB's tables, and how to join them by its spatial join, on one thread."""
    import duckdb as engine
    import duckdb_extension_spatial as extension

    file = Path(extension.__file__).parent / "extensions" / f"v{engine.__version__}" / "spatial.duckdb_extension"
    points = pd.DataFrame({"point": np.arange(len(x)), "x": x, "y": y})
    shapes = pd.DataFrame({"area": np.arange(len(areas)), "wkb": shapely.to_wkb(areas.geometry.to_numpy())})

    def load() -> Any:
        connection = engine.connect(config={"threads": 1})
        connection.execute(f"LOAD '{file}'")
        connection.register("p", points)
        connection.register("a", shapes)
        connection.execute("CREATE TABLE points AS SELECT point, st_point(x, y) AS geom FROM p")
        connection.execute("CREATE TABLE areas AS SELECT area, st_geomfromwkb(wkb::blob) AS geom FROM a")
        return connection

    def join(connection: Any) -> Answer:
        query = "SELECT point, area FROM points JOIN areas ON st_contains(areas.geom, points.geom)"
        found = connection.execute(query).fetchnumpy()
        return paired(len(x), found["point"], found["area"])

    return load, join


class PostGIS:
    """Tables in a temporary schema of a session; CPU time is that of the session's own server process.

    It must run on this machine. Areas stand outside and ask the index of the points: the other way round takes seven
    times as long.
    """

    def __init__(self, url: str) -> None:
        import psycopg

        self.connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
        self.connection.execute("SET max_parallel_workers_per_gather = 0")
        self.connection.execute("SET max_parallel_maintenance_workers = 0")
        row = self.connection.execute("SELECT pg_backend_pid(), postgis_lib_version()").fetchone()
        assert row is not None
        self._stat, self.version = Path(f"/proc/{row[0]}/stat"), row[1]
        # a server on another machine cannot be measured: this says so before the tables are copied
        self.clock()

    def clock(self) -> float:
        """Return CPU seconds of the session's server process, in steps of 10 ms."""
        fields = self._stat.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def load(self, areas: gpd.GeoDataFrame, x: Answer, y: Answer) -> None:
        """Copy points and areas into temporary tables, and index the points."""
        self.connection.execute("DROP TABLE IF EXISTS pg_temp.points, pg_temp.areas")
        self.connection.execute("CREATE TEMP TABLE points (point int, geom geometry)")
        self.connection.execute("CREATE TEMP TABLE areas (area int, geom geometry)")
        for name, shapes in (("points", shapely.points(x, y)), ("areas", areas.geometry.to_numpy())):
            with self.connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for number, wkb in enumerate(shapely.to_wkb(shapes, hex=True)):
                    copy.write_row((number, wkb))
        self.connection.execute("CREATE INDEX ON points USING gist (geom)")
        self.connection.execute("ANALYZE points")
        self.connection.execute("ANALYZE areas")

    def join(self) -> None:
        """Write which area contains each point to a third table."""
        self.connection.execute("DROP TABLE IF EXISTS pg_temp.found")
        self.connection.execute(
            "CREATE TEMP TABLE found AS SELECT point, area FROM areas CROSS JOIN LATERAL"
            " (SELECT point FROM points WHERE st_contains(areas.geom, points.geom) OFFSET 0) AS inside"
        )

    def read(self, points: int) -> Answer:
        """Return what `join` found."""
        found = np.array(self.connection.execute("SELECT point, area FROM found").fetchall(), np.int64).reshape(-1, 2)
        return paired(points, *found.T)
