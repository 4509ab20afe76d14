"""Service places over HTTP: whom they reach on foot, and their floor space and staff beside the norms."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from gridmap.api import create_app, services_examples
from tests.journeys.beat import DISTRICT, ONE, STREET_M, TWO, cloned, load, opened, streets, told

pytestmark = pytest.mark.usefixtures("built_page")

SERVICES = f"/api/coverage/services?area={DISTRICT}"
#: Metres that are walked in a minute.
MINUTE_M = 1.3 * 60


def houses():
    """A house every 0.001 degrees beside S, each of ten households and thirty residents: eight in either grid."""
    west = [120.0025 + 0.001 * number for number in range(16)]
    ground = [shapely.box(x - 2e-5, 32.00505, x + 2e-5, 32.0051) for x in west]
    ids = [f"B{number:02}" for number in range(16)]
    return gpd.GeoDataFrame({"id": ids, "households": 10, "residents": 30, "floors": 2}, geometry=ground, crs=4490)


def places():
    """A clinic at the west end of S, and a kiosk, which is no place that norms count."""
    columns = {"id": ["clinic", "kiosk"], "kind": ["clinic", "kiosk"], "floor_m2": [400.0, 9.0], "staff": [6, 1]}
    return gpd.GeoDataFrame(columns, geometry=shapely.points([120.0025, 120.0175], 32.005), crs=4490)


@pytest.fixture(scope="module")
def reading(database_server, record_template, four_grids, serving):
    """A service on one street with a clinic and sixteen houses."""
    with cloned(database_server, record_template, "services") as record:
        layers = {"areas": four_grids, "streets": streets(), "buildings": houses(), "places": places()}
        for layer, table in layers.items():
            load(record, layer, table)
        with opened(record, serving) as client:
            yield client


def kind_of(answer, code, kind="all"):
    (area,) = (area for area in answer["areas"] if area["code"] == code)
    (found,) = (one for one in area["kinds"] if one["kind"] == kind)
    return found


def test_households_are_reached_that_lie_within_the_minutes_along_the_street(reading):
    answer = reading.get(SERVICES).json()
    # a house every 0.001 degrees from the clinic on; those in grid 1 and in grid 2
    apart = STREET_M / 16
    for reach in kind_of(answer, DISTRICT)["reach"]:
        within = sum(number * apart <= reach["minutes"] * MINUTE_M for number in range(16))
        assert (reach["reached"], reach["share"]) == (10 * within, within / 16)
    assert [row["reached"] for row in kind_of(answer, TWO)["reach"]] == [0, 10, 50]


def test_floor_space_and_staff_of_an_area_are_told_by_its_people(reading):
    found = kind_of(reading.get(SERVICES).json(), ONE, "clinic")
    # 400 m2 to eighty households, six staff to 240 residents
    assert (found["places"], found["floor_m2_per_100"], found["staff_per_10000"]) == (1, 500, 250)
    assert found["floor_norm"] is None


def test_norms_hold_for_all_places_that_they_count_together(reading):
    answer = reading.get(SERVICES).json()
    (within,) = (row for row in kind_of(answer, ONE)["reach"] if row["minutes"] == 15)
    assert (within["norm"], within["kept"]) == (0.9, True)
    assert {row["norm"] for row in kind_of(answer, ONE, "kiosk")["reach"]} == {None}


def test_other_minutes_are_answered_if_asked(reading):
    answer = reading.get(f"{SERVICES}&minutes=3,1,3").json()
    # 78 m and 234 m, with a house every 94.5 m
    assert answer["minutes"] == [1, 3]
    assert [row["reached"] for row in kind_of(answer, DISTRICT)["reach"]] == [10, 30]


def test_places_off_the_streets_are_counted(reading):
    assert reading.get(SERVICES).json()["places"] == {"of": 2, "off_streets": 0}


def test_an_answer_is_kept_until_the_record_changes(reading):
    first = reading.get(SERVICES)
    again = {"If-None-Match": first.headers["etag"]}
    assert reading.get(SERVICES, headers=again).status_code == 304
    load(reading.record, "places", places().assign(staff=[12, 1]))
    changed = reading.get(SERVICES, headers=again).json()
    assert kind_of(changed, ONE, "clinic")["staff_per_10000"] == 500
    load(reading.record, "places", places())


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "no_area_asked"),
        ("area=nowhere", 404, "no_such_area"),
        (f"area={DISTRICT}&minutes=0", 400, "no_minutes"),
        (f"area={DISTRICT}&minutes=61", 400, "no_minutes"),
        (f"area={DISTRICT}&minutes=1,2,3,4,5,6", 400, "no_minutes"),
        (f"area={DISTRICT}&minutes=soon", 400, None),
        (f"area={DISTRICT}&on=1990-01-01", 404, None),
    ],
)
def test_a_question_about_services_that_cannot_be_answered_is_refused(reading, query, status, code):
    assert told(reading.get(f"/api/coverage/services?{query}")) == (status, code)


def test_a_record_without_places_says_so(record, four_grids, serving):
    load(record, "areas", four_grids)
    load(record, "streets", streets())
    with opened(record, serving) as client:
        assert told(client.get(SERVICES)) == (404, "no_places")


def test_a_service_that_answers_from_files_says_that_it_has_no_places(small_atlas, serving):
    with serving(create_app(small_atlas, open_read=True)) as client:
        assert told(client.get(SERVICES)) == (404, "no_record")


def test_the_example_of_the_documentation_has_the_shape_of_the_answer(reading):
    answer, example = reading.get(SERVICES).json(), services_examples.COVERAGE
    assert (answer.keys(), answer["areas"][0].keys()) == (example.keys(), example["areas"][0].keys())
    kinds = [one["areas"][0]["kinds"][0] for one in (answer, example)]
    assert kinds[0].keys() == kinds[1].keys()
    assert kinds[0]["reach"][0].keys() == kinds[1]["reach"][0].keys()
