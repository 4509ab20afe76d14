"""Cameras over HTTP: shares for every reader, places for operators alone, each look in the audit trail."""

from __future__ import annotations

from datetime import date
from math import pi

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import text

from gridmap import store
from gridmap.api import create_app
from gridmap.api.auth import GRANTS, WATCH
from gridmap.atlas import Atlas
from gridmap.store.keys import ROLES

SINCE = date(2024, 1, 1)
ONE, TWO, THREE, FOUR = (f"32061300100100{number}" for number in (1, 2, 3, 4))
DISTRICT = "320613"
COVERAGE = f"/api/coverage/cameras?area={DISTRICT}"
WATCHERS = [role for role in ROLES if WATCH in GRANTS[role]]
READERS = [role for role in ROLES if WATCH not in GRANTS[role]]

#: A street through the middle of grid 1 and of grid 2, 0.008 degrees in each; its metres by the ellipsoid.
STREET = shapely.LineString([(120.002, 32.005), (120.01, 32.005), (120.018, 32.005)])
STREET_M = Geod(ellps="GRS80").geometry_length(STREET)


def cameras(*rows):
    """Cameras in open country that look all round and see 100 m: id, longitude on the street, status."""
    ids, lons, status = zip(*rows, strict=True)
    columns = {"id": ids, "kind": "fisheye", "status": status, "height_m": 6.0, "range_m": 100.0, "width_px": 1920}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(lons, 32.005), crs=4490)


def load(record, layer, table, effective=SINCE):
    with record.begin() as connection:
        store.load(connection, layer, table, source=store.Source(file=layer), actor="test", effective=effective)


def bearer(record, role, name=None):
    with record.begin() as connection:
        return {"Authorization": f"Bearer {store.add_key(connection, name or role, role, actor='test')}"}


@pytest.fixture
def filled(record, four_grids):
    """Four grids, one street, C1 that works in grid 1, C2 that does not in grid 2, and a house far from both."""
    load(record, "areas", four_grids)
    load(record, "streets", gpd.GeoDataFrame({"id": ["S"], "class": ["residential"]}, geometry=[STREET], crs=4490))
    house = shapely.box(120.001, 32.015, 120.0012, 32.0152)
    load(record, "buildings", gpd.GeoDataFrame({"id": ["B"], "height_m": [9.0]}, geometry=[house], crs=4490))
    load(record, "cameras", cameras(("C1", 120.005, "online"), ("C2", 120.015, "offline")))
    return record


@pytest.fixture
def service(filled, serving):
    """A client that sends the key of an operator with every request."""
    with serving(create_app(Atlas.of_record(filled), engine=filled, open_read=True)) as client:
        client.headers.update(bearer(filled, "operator", "desk"))
        yield client


@pytest.fixture
def keys(filled):
    """Headers with the key of each role."""
    return {role: bearer(filled, role) for role in ROLES}


def share(answer, code, **wanted):
    """The one share of an area that is of a kind."""
    (area,) = (area for area in answer["areas"] if area["code"] == code)
    kind = {"of": "streets", "cameras": "online", "band": "any", **wanted}
    (found,) = (row for row in area["shares"] if all(row[name] == value for name, value in kind.items()))
    return found


def looks(record):
    """What the audit trail says of looks at cameras: who, role, and what."""
    query = text("SELECT actor, role, detail FROM audit WHERE action = 'look at cameras' ORDER BY audit_id")
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        return [tuple(row) for row in connection.execute(query)]


def told(response):
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json().get("code")


# shares of areas


def test_an_area_is_answered_with_its_children_in_the_order_of_their_codes(service):
    answer = service.get(COVERAGE).json()
    assert [area["code"] for area in answer["areas"]] == [DISTRICT, ONE, TWO, THREE, FOUR]
    assert answer["areas"][0]["streets_m"] == pytest.approx(STREET_M, rel=1e-5)


def test_a_camera_on_a_street_sees_its_range_to_both_sides(service):
    answer = service.get(COVERAGE).json()
    assert share(answer, ONE)["seen"] == pytest.approx(200, rel=1e-5)
    assert share(answer, ONE)["share"] == pytest.approx(200 / (STREET_M / 2), rel=1e-4)
    assert share(answer, DISTRICT)["share"] == pytest.approx(200 / STREET_M, rel=1e-4)


def test_a_camera_that_does_not_work_counts_among_all_alone(service):
    answer = service.get(COVERAGE).json()
    assert [share(answer, TWO, cameras=which)["seen"] for which in ("online", "all")] == pytest.approx(
        [0, 200], rel=1e-5
    )
    assert (answer["cameras"]["total"], answer["cameras"]["online"]) == (2, 1)


def test_ground_is_seen_by_the_square_metre(service):
    answer = service.get(COVERAGE).json()
    assert share(answer, ONE, of="ground")["seen"] == pytest.approx(pi * 100**2, rel=1e-3)


def test_bands_add_up_to_what_is_seen(service):
    answer = service.get(COVERAGE).json()
    for of in ("streets", "ground", "open_ground"):
        bands = [share(answer, ONE, of=of, band=band)["seen"] for band in ("recognise", "find", "detect", "seen")]
        assert sum(bands) == pytest.approx(share(answer, ONE, of=of)["seen"])


# what would be


def what_if(service, **body):
    return service.post("/api/coverage/cameras/what-if", json=body)


def change_of(answer, code, **wanted):
    kind = {"code": code, "of": "streets", "cameras": "online", "band": "any", **wanted}
    (found,) = (row for row in answer["shares"] if all(row[name] == value for name, value in kind.items()))
    return found


def test_a_camera_moved_to_another_grid_takes_its_metres_there(service):
    answer = what_if(service, set=[{"id": "C1", "lon": 120.012}]).json()
    one, two = (change_of(answer, code) for code in (ONE, TWO))
    assert [one["seen_before"], one["seen_after"]] == pytest.approx([200, 0], abs=0.01)
    assert [two["seen_before"], two["seen_after"]] == pytest.approx([0, 200], abs=0.01)
    assert (answer["cameras"], one["level"]) == ([{"id": "C1", "kind": "changed"}], "grid")


def test_a_camera_removed_is_missed_by_those_that_work_and_by_all(service):
    answer = what_if(service, remove=["C1"]).json()
    lost = [change_of(answer, DISTRICT, cameras=which)["seen_after"] for which in ("online", "all")]
    assert lost == pytest.approx([0, 200], abs=0.01)
    assert (answer["viewsheds"]["features"], answer["cameras"]) == ([], [{"id": "C1", "kind": "removed"}])


def test_a_camera_added_shows_the_ground_that_it_would_see(service):
    new = {"id": "C9", "lon": 120.005, "lat": 32.015, "kind": "fisheye", "height_m": 6, "range_m": 50, "width_px": 1920}
    answer = what_if(service, set=[new]).json()
    assert sum(one["properties"]["area_m2"] for one in answer["viewsheds"]["features"]) == pytest.approx(pi * 50**2)
    assert change_of(answer, THREE, of="ground")["seen_after"] == pytest.approx(pi * 50**2, rel=1e-3)


def test_nothing_of_a_question_is_saved(service):
    before = service.get(COVERAGE).json()
    what_if(service, set=[{"id": "C1", "lon": 120.012}], remove=["C2"])
    assert service.get(COVERAGE).json() == before


def test_what_would_be_is_what_is_once_it_is_saved(service):
    asked = {"lon": 120.0093, "height_m": 4.5, "kind": "fixed", "heading_deg": 100.0, "hfov_deg": 70.0, "range_m": 90}
    told = what_if(service, set=[{"id": "C1", **asked}]).json()
    seen = service.get("/api/cameras/C1").json()["camera"]["properties"]["seen"]
    assert service.put("/api/cameras/C1", json={"seen": seen, "camera": asked}).status_code == 200
    after = service.get(COVERAGE).json()
    for row in told["shares"]:
        held = share(after, row["code"], of=row["of"], cameras=row["cameras"], band=row["band"])
        assert row["seen_after"] == pytest.approx(held["seen"], abs=0.01)
