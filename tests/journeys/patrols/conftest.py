"""Services over the patrols of `tests.journeys.beat`: one record is filled and settled, all others are copies of it."""

from __future__ import annotations

import pytest

from tests.journeys.beat import cloned, fill, opened


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
