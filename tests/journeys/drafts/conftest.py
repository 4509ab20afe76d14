"""Services over the four grids of `tests.journeys.drafting`."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import create_engine, make_url, text

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.store.keys import ROLES
from tests.journeys.drafting import bearer, load


@pytest.fixture
def filled(record, four_grids):
    """A record of the four grids in one community, and a house of 120 households just east of their middle."""
    whole = shapely.box(120.0, 32.0, 120.02, 32.02)
    above = {"code": ["320613001", "320613001001"], "level": ["street", "community"], "parent": ["320613", "320613001"]}
    upper = gpd.GeoDataFrame(above, geometry=[whole, whole], crs=4490)
    grids = four_grids.assign(parent=[None, *["320613001001"] * 4])
    load(record, "areas", pd.concat([grids, upper], ignore_index=True))
    house = shapely.box(120.0104, 32.0049, 120.0106, 32.0051)
    load(record, "buildings", gpd.GeoDataFrame({"id": ["1"], "households": [120]}, geometry=[house], crs=4490))
    return record


@pytest.fixture
def service(filled, serving):
    """A client that sends the key of a grid administrator with every request."""
    with serving(create_app(Atlas.of_record(filled), engine=filled, open_read=True)) as client:
        client.headers.update(bearer(filled, "grid-admin"))
        yield client


@pytest.fixture(scope="module")
def closed(small_atlas, serving, database_server, record_template):
    """A client of an open service on an empty record, and a key of each role."""

    name = f"{record_template}_plans"
    root = create_engine(
        make_url(database_server).set(drivername="postgresql+psycopg", database="postgres"),
        isolation_level="AUTOCOMMIT",
    )
    with root.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {record_template}"))
    engine = store.connect(make_url(database_server).set(database=name).render_as_string(hide_password=False))
    keys = {role: bearer(engine, role) for role in ROLES}
    with serving(create_app(small_atlas, engine=engine, open_read=True)) as client:
        yield client, keys
    engine.dispose()
    with root.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    root.dispose()
