"""`/api/areas`: the four grids and their district as GeoJSON."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import shape

GRID = "32061300100100{}".format


def codes(client, **said):
    response = client.get("/api/areas", params=said)
    assert response.status_code == 200, response.text
    return [feature["id"] for feature in response.json()["features"]]


def test_all_areas_in_force_are_a_feature_collection_in_longitude_and_latitude(client):
    response = client.get("/api/areas")
    collection = response.json()
    assert response.headers["content-type"] == "application/geo+json"
    assert (collection["type"], collection["numberMatched"], collection["numberReturned"]) == (
        "FeatureCollection",
        5,
        5,
    )
    assert shape(collection["features"][0]["geometry"]).bounds == (120.0, 32.0, 120.02, 32.02)


def test_a_feature_holds_the_areas_columns_and_its_outer_ring_runs_counter_clockwise(client):
    feature = client.get(f"/api/areas/{GRID(2)}").json()
    assert feature["properties"] == {"code": GRID(2), "name": "二网格", "level": "grid", "parent": "320613"}
    assert shapely.is_ccw(shape(feature["geometry"]).exterior)
    assert shape(feature["geometry"]).equals(shapely.box(120.01, 32.0, 120.02, 32.01))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"level": "district"}, ["320613"]),
        ({"parent": "320613"}, [GRID(n) for n in (1, 2, 3, 4)]),
        ({"code": GRID(3)}, [GRID(3)]),
        ({"level": "grid", "code": "320613"}, []),
        ({"level": "grid", "bbox": "120.012,32.002,120.018,32.008"}, [GRID(2)]),
        ({"level": "grid", "bbox": "120.005,32.01,120.006,32.02"}, [GRID(1), GRID(3)]),
        ({"bbox": "0,0,1,1"}, []),
        ({"level": "grid", "bbox": "119.99,31.99,120.005,32.005"}, [GRID(1)]),
        ({"level": "grid", "bbox": "120.015,32.015,120.03,32.03"}, [GRID(4)]),
        ({"bbox": "119,31,119.9,33"}, []),
        ({"bbox": "119,32.1,121,33"}, []),
        ({"level": "grid", "limit": 2}, [GRID(1), GRID(2)]),
    ],
    ids=str,
)
def test_areas_are_picked_by_everything_a_request_says(client, said, expected):
    assert codes(client, **said) == expected


def test_a_limit_that_cuts_is_told(client):
    collection = client.get("/api/areas?limit=2").json()
    assert (collection["numberMatched"], collection["numberReturned"]) == (5, 2)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/areas?bbox=1,2,3", 400),
        ("/api/areas?bbox=3,0,1,1", 400),
        ("/api/areas?limit=0", 400),
        ("/api/areas?limit=1e3", 400),
        ("/api/areas?limit=60000", 413),
        ("/api/areas?colour=red", 400),
        ("/api/areas/999", 404),
        (f"/api/areas/{'9' * 60}", 400),
        ("/api/areas/320613?level=grid", 400),
    ],
)
def test_a_request_that_cannot_be_answered_is_a_problem(client, target, status):
    response = client.get(target)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_a_client_that_holds_the_version_is_sent_nothing_twice(client):
    first = client.get("/api/areas")
    again = client.get("/api/areas", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_long_answer_is_compressed_for_those_who_take_it(client):
    packed = client.get("/api/areas", headers={"accept-encoding": "gzip"})
    plain = client.get("/api/areas", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
