"""Plans over HTTP: drafts made, edited, looked at and kept from each other, by grid administrators alone."""

from __future__ import annotations

from datetime import date

import pytest

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas

SINCE = date(2024, 1, 1)


def bearer(record, name, role):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name, role, actor='test')}"}


@pytest.fixture
def filled(record, four_grids):
    """A record of the four grids."""
    with record.begin() as connection:
        store.load(
            connection, "areas", four_grids, source=store.Source(file="areas"), actor="test", effective=SINCE
        )
    return record


@pytest.fixture
def service(filled, serving):
    """A client that sends the key of a grid administrator with every request."""
    with serving(create_app(Atlas.of_record(filled), engine=filled, open_read=True)) as client:
        client.headers.update(bearer(filled, "grid office", "grid-admin"))
        yield client


def drafted(service, name="draft"):
    made = service.post("/api/plans", json={"name": name})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_draft_holds_the_areas_in_force_with_their_figures(service):
    plan = drafted(service)
    answer = service.get(f"/api/plans/{plan['id']}")
    features = answer.json()["features"]
    assert [feature["id"][-1] for feature in features] == ["1", "2", "3", "4"]
    assert answer.json()["upper"] == [{"code": "320613", "name": "崇川区", "level": "district", "parent": None}]
