"""Records that several tests of the store begin with."""

from __future__ import annotations

import os

import pytest

from gridmap import store
from tests.conftest import _database, _number, _url
from tests.store.patrol_walks import load, streets


@pytest.fixture
def town(record):
    """A record with streets."""
    load(record, "streets", streets())
    return record


@pytest.fixture(scope="module")
def _kept_record(database_server, record_template):
    """An engine on an empty record of the module's own: making one takes longer than most tests."""
    name = f"gridmap_kept_{os.getpid()}_{next(_number)}"
    _database(database_server, f"CREATE DATABASE {{}} TEMPLATE {record_template} STRATEGY FILE_COPY", name)
    engine = store.connect(_url(database_server, name))
    yield engine
    engine.dispose()
    _database(database_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def undone(_kept_record):
    """A connection to an empty record; what a test does there is undone after it."""
    with _kept_record.connect() as connection:
        yield connection
