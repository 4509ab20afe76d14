"""Services over the cameras of `tests.journeys.watching`."""

from __future__ import annotations

import os

import psycopg
import pytest
from sqlalchemy import make_url

from gridmap import store
from tests.journeys.watching import fill, opened


@pytest.fixture(scope="session")
def reading(database_server, record_template, four_grids, serving):
    """A service that no test changes but its audit trail."""
    plain = make_url(database_server).set(drivername="postgresql", database="postgres")
    name = f"gridmap_cameras_{os.getpid()}"
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {record_template} STRATEGY FILE_COPY")
        record = store.connect(make_url(database_server).set(database=name).render_as_string(hide_password=False))
        fill(record, four_grids)
        with opened(record, serving) as client:
            yield client
        record.dispose()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def service(record, four_grids, serving):
    """A service of the test's own."""
    fill(record, four_grids)
    with opened(record, serving) as client:
        yield client
