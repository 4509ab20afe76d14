"""Cases over HTTP: opened, filled from files, compared, signed; mediators write, grid administrators read."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from gridmap import store
from gridmap.api.auth import GRANTS, MEDIATE, READ_CASES
from gridmap.store.keys import ROLES
from tests.journeys.beat import cloned, load, opened, told
from tests.journeys.strip import (
    NORTH_VILLAGE,
    SOUTH_VILLAGE,
    exchange,
    filled,
    geojson,
    ground,
    line,
    looks,
    opened_case,
    sent,
)

pytestmark = pytest.mark.usefixtures("built_page")

STATEMENT = b"\xff\xd8\xff" + "河西岸为界".encode()


@pytest.fixture(scope="module")
def service(database_server, record_template, four_grids, serving):
    """A service on four grids, asked with the key of a mediator."""
    with cloned(database_server, record_template, "cases") as record:
        load(record, "areas", four_grids)
        with opened(record, serving) as client:
            client.headers.update(client.keys["mediator"])
            yield client


@pytest.fixture(scope="module")
def case(service):
    """The address of a case with two claims and a line half way, which tests only read."""
    return filled(service)


def code_of(case):
    return case.rpartition("/")[2]


def test_the_books_of_a_line_half_way_balance(service, case):
    books = service.get(f"{case}/ledger").json()
    rows = {row["party"]: row for row in books["ledger"]}
    assert rows.keys() == {SOUTH_VILLAGE, NORTH_VILLAGE}
    for row in rows.values():
        assert [row["gain_m2"], row["loss_m2"], row["gain_mu"]] == pytest.approx([100, 100, 0.15], abs=1e-5)
    assert [row["area_m2"] for row in books["contested"]] == pytest.approx([200], abs=1e-5)
