"""A crossing as files, and services over patrols: one record is filled and settled, all others are copies of it."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, box

from gridmap import formats
from tests.journeys.beat import cloned, fill, opened
from tests.journeys.corner import shell
from tests.journeys.crossing import CRS, X, Y


@pytest.fixture(scope="session")
def settled_record(database_server, record_template, four_grids):
    """Name of a record that holds two streets and what crews did on them, settled; to be cloned."""
    with cloned(database_server, record_template, "beat") as record:
        fill(record, four_grids)
        # nobody may be connected to what is cloned
        record.dispose()
        yield record.url.database


@pytest.fixture(scope="session")
def reading(database_server, settled_record, serving):
    """A service that no test changes but its audit trail."""
    with cloned(database_server, settled_record, "patrols") as record, opened(record, serving) as client:
        yield client


@pytest.fixture
def service(database_server, settled_record, serving):
    """A service of the test's own."""
    with cloned(database_server, settled_record, "service") as record, opened(record, serving) as client:
        yield client


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""
    return shell(monkeypatch, capsys)


@pytest.fixture
def cross(tmp_path):
    """Two streets of 600 m and 400 m that cross at 300 m of the first, and the area around them."""
    lines = [
        LineString([(X, Y), (X + 300, Y), (X + 600, Y)]),
        LineString([(X + 300, Y - 200), (X + 300, Y), (X + 300, Y + 200)]),
    ]
    streets = gpd.GeoDataFrame({"id": ["east", "north"], "name": ["东街", "北街"]}, geometry=lines, crs=CRS)
    ground = {"code": ["320613"], "name": ["区"], "level": ["district"]}
    areas = gpd.GeoDataFrame(ground, geometry=[box(X - 50, Y - 250, X + 650, Y + 250)], crs=CRS)
    formats.write({"streets": streets}, tmp_path / "streets.gpkg")
    formats.write({"areas": areas}, tmp_path / "areas.gpkg")
    return tmp_path
