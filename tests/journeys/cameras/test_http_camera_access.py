"""Who may see cameras over HTTP: places are refused to others, each look is audited, and the map tells no more."""

from __future__ import annotations

from datetime import timedelta
from math import pi

import geopandas as gpd
import httpx
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridmap.territory import today
from tests.journeys.watching import (
    APART_M,
    COVERAGE,
    DISTRICT,
    ONE,
    READERS,
    STREET_M,
    TWO,
    WATCHERS,
    WHAT_IF,
    cameras,
    drawn,
    load,
    looks,
    share,
    told,
)

pytestmark = pytest.mark.usefixtures("built_page")


# who may see what


def test_an_area_of_everybody_tells_shares_and_nothing_of_single_cameras(reading):
    for role in READERS:
        answer = reading.get(COVERAGE, headers=reading.keys[role])
        assert (answer.status_code, answer.json()["blind"]) == (200, None)
        assert "C1" not in answer.text
        assert "coordinates" not in answer.text
        assert share(answer.json(), ONE)["seen"] == pytest.approx(200, rel=1e-5)


def test_operators_are_told_blind_streets_the_longest_first(reading):
    for role in WATCHERS:
        blind = reading.get(COVERAGE, headers=reading.keys[role]).json()["blind"]
        # all of grid 2; of grid 1 five eighths behind the camera and three before it, less the 100 m that it sees
        metres = [STREET_M / 2, STREET_M / 2 * 5 / 8 - 100, STREET_M / 2 * 3 / 8 - 100]
        assert [row["code"] for row in blind["streets"]] == [TWO, ONE, ONE]
        assert [row["length_m"] for row in blind["streets"]] == pytest.approx(metres, rel=1e-4)


@pytest.fixture
def doubled(service):
    """A second camera that works just east of C1, and a school at either end of the street."""
    load(service.record, "cameras", cameras(("C1", 120.005, "online"), ("C3", 120.0052, "online")))
    schools = gpd.GeoDataFrame(
        {"id": ["near", "far"], "kind": "school"}, geometry=shapely.points([120.005, 120.0175], 32.005), crs=4490
    )
    load(service.record, "places", schools)
    return service


def test_streets_and_places_are_counted_by_how_many_cameras_see_them(doubled):
    answer = doubled.get(COVERAGE, headers=doubled.keys["viewer"]).json()
    seen = {area["code"]: [row["seen"] for row in area["depth"]] for area in answer["areas"]}
    wanted = [200 + APART_M, 200 - APART_M, 0]
    assert seen[ONE] == seen[DISTRICT] == pytest.approx(wanted, rel=1e-4)
    assert [row["share"] for row in answer["areas"][0]["depth"]] == pytest.approx(np.array(wanted) / STREET_M, rel=1e-4)
    counts = [{"cameras": 1, "places": 1}, {"cameras": 2, "places": 1}, {"cameras": 3, "places": 0}]
    assert answer["places"] == {"of": 2, "depth": counts}
    assert answer["losses"] is None


def test_operators_are_told_which_places_few_cameras_see(doubled):
    listed = doubled.get(COVERAGE).json()["places"]["places"]
    assert [(row["id"], row["kind"], row["cameras"]) for row in listed] == [("far", "school", 0), ("near", "school", 2)]


def test_operators_are_told_what_is_lost_with_a_camera_and_with_those_of_a_street(doubled):
    losses = doubled.get(COVERAGE).json()["losses"]
    lost = {row["camera"]: (row["lost_m"], row["seen_m"]) for row in losses["cameras"]["cameras"]}
    assert lost == {name: pytest.approx((APART_M, 200), rel=1e-3) for name in ("C1", "C3")}
    (street,) = losses["streets"]["streets"]
    # C2 stands on it too, though it does not work
    assert (street["street"], street["cameras"]) == ("S", 3)
    assert (street["lost_m"], street["seen_m"]) == pytest.approx((200 + APART_M, 200 + APART_M), rel=1e-4)
    assert doubled.get(f"/api/coverage/cameras?area={TWO}").json()["losses"]["cameras"]["numberMatched"] == 0


PLACES = [
    ("GET", "/api/cameras", None),
    ("GET", "/api/cameras/C1", None),
    ("POST", WHAT_IF, {"remove": ["C1"]}),
    ("PUT", "/api/cameras/C1", {"camera": {"heading_deg": 1.0}}),
    ("DELETE", "/api/cameras/C1?seen=x", None),
]


@pytest.mark.parametrize(("method", "path", "body"), PLACES, ids=[f"{method} {path}" for method, path, _ in PLACES])
@pytest.mark.parametrize("role", READERS)
def test_who_may_not_see_cameras_is_refused_all_that_tells_of_them(reading, role, method, path, body):
    before = looks(reading.record)
    assert told(reading.request(method, path, headers=reading.keys[role], json=body))[0] == 403
    assert looks(reading.record) == before


def test_a_list_of_cameras_tells_where_they_stand(reading):
    answer = reading.get(f"/api/cameras?area={ONE}")
    (camera,) = answer.json()["features"]
    assert (camera["id"], camera["geometry"]["coordinates"]) == ("C1", [120.005, 32.005])
    assert answer.headers["cache-control"] == "no-store"


def test_a_camera_is_told_with_the_ground_that_it_sees(reading):
    answer = reading.get("/api/cameras/C2").json()
    areas = [one["properties"]["area_m2"] for one in answer["viewsheds"]["features"]]
    assert sum(areas) == pytest.approx(pi * 100**2)
    assert answer["camera"]["properties"]["status"] == "offline"


@pytest.mark.parametrize(
    ("method", "path", "body", "seen"),
    [
        ("GET", f"/api/cameras?area={ONE}", None, {"area": ONE, "cameras": 1, "by": "/api/cameras"}),
        ("GET", "/api/cameras", None, {"area": None, "cameras": 2, "by": "/api/cameras"}),
        ("GET", "/api/cameras/C1", None, {"area": None, "cameras": 1, "by": "/api/cameras/C1"}),
        (
            "POST",
            "/api/coverage/cameras/what-if",
            {"set": [{"id": "C1", "heading_deg": 1.0}], "remove": ["C2"]},
            {"area": None, "cameras": 2, "by": "/api/coverage/cameras/what-if"},
        ),
        ("GET", "/maps/cameras", None, {"area": None, "cameras": 2, "by": "/maps/cameras"}),
    ],
    ids=["an area", "the territory", "one camera", "what if", "the map"],
)
def test_every_look_at_cameras_is_in_the_audit_trail(reading, method, path, body, seen):
    assert reading.request(method, path, json=body).status_code == 200
    assert looks(reading.record)[-1] == ("desk", "operator", {"on": str(today()), **seen})


def test_a_look_that_cannot_be_noted_is_no_look(service):
    with service.record.begin() as connection:
        connection.execute(text("CREATE RULE no_room AS ON INSERT TO audit DO INSTEAD SELECT 1/0"))
    answer = service.get("/api/cameras")
    assert answer.status_code == 503
    assert "120.005" not in answer.text


def test_shares_are_no_look_at_cameras(reading):
    before = looks(reading.record)
    assert reading.get(COVERAGE).status_code == 200
    assert looks(reading.record) == before


def test_the_map_of_who_may_not_see_cameras_holds_no_places(reading):
    before = looks(reading.record)
    page = reading.get("/maps/cameras", headers=reading.keys["viewer"])
    assert page.status_code == 200
    assert page.headers["etag"]
    assert "C1" not in drawn(page)
    assert "C1" in drawn(reading.get("/maps/cameras"))
    assert len(looks(reading.record)) == len(before) + 1


def test_nobody_without_a_key_is_shown_places(reading):
    with httpx.Client(base_url=reading.base_url) as nobody:
        assert nobody.get(COVERAGE).json()["blind"] is None
        assert "C1" not in drawn(nobody.get("/maps/cameras"))


@pytest.mark.parametrize(("lang", "title"), [("zh", "视频覆盖图"), ("en", "What cameras see")])
def test_the_map_says_that_it_is_one_of_cameras(reading, lang, title):
    assert f"<h1>{title}</h1>" in reading.get(f"/maps/cameras?lang={lang}").text


def test_two_days_lie_side_by_side_on_the_map(service):
    load(service.record, "cameras", cameras(("C3", 120.012, "online")), effective=today())
    yesterday = today() - timedelta(days=1)
    page = service.get(f"/maps/cameras?old_on={yesterday}&lang=en")
    assert page.status_code == 200
    assert str(yesterday) in page.text
    assert '<html lang="en"' in page.text
    assert [detail["cameras"] for _, _, detail in looks(service.record)] == [3, 2]


def test_a_day_is_not_laid_beside_itself_on_the_map(reading):
    assert told(reading.get("/maps/cameras?on=2026-03-01&old_on=2026-03-01")) == (400, "same_day")
