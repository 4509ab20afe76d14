"""Questions about cameras that make no sense are refused in words, in the language of the reader."""

from __future__ import annotations

import pytest

from gridmap.api import create_app
from tests.journeys.watching import COVERAGE, DISTRICT, ONE, WHAT_IF, told

pytestmark = pytest.mark.usefixtures("built_page")


# what is asked wrongly


ASKED_WRONGLY = [
    ("", 400, "no_area_asked"),
    ("area=nowhere", 404, "no_such_area"),
    (f"area={DISTRICT}&band=blurred", 400, "no_band"),
    (f"area={DISTRICT}&on=2026-02-30", 400, None),
    (f"area={DISTRICT}&from=2026-02-30&to=2026-03-01", 400, "no_day"),
    (f"area={DISTRICT}&from=2026-03-01&to=2026-03-01", 400, "days_reversed"),
    (f"area={DISTRICT}&to=2026-03-01", 400, "days_unclear"),
    (f"area={DISTRICT}&on=2026-03-01&from=2026-01-01", 400, "days_unclear"),
    (f"area={DISTRICT}&on=1990-01-01", 404, None),
    (f"area={DISTRICT}&status=online", 400, None),
    (f"area={DISTRICT}&area={ONE}", 400, None),
]


@pytest.mark.parametrize(("query", "status", "code"), ASKED_WRONGLY, ids=[query for query, _, _ in ASKED_WRONGLY])
def test_a_question_about_coverage_that_cannot_be_answered_is_refused(reading, query, status, code):
    assert told(reading.get(f"/api/coverage/cameras?{query}")) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "nothing_changes"),
        ({"move": []}, 400, None),
        ([], 400, None),
        ({"remove": ["C7"]}, 404, "no_camera"),
        ({"remove": ["C1"], "set": [{"id": "C1"}]}, 400, "nothing_changes"),
        ({"remove": "C1"}, 400, None),
        ({"set": [{"lon": 120.0}]}, 400, "camera_without_id"),
        ({"set": [{"id": "C9", "kind": "fixed"}]}, 400, "camera_without_place"),
        ({"set": [{"id": "C1", "lon": None}]}, 400, "camera_without_place"),
        ({"set": [{"id": "C1", "colour": "red"}]}, 400, "camera_says_other"),
        ({"set": [{"id": "C1", "valid_from": "2026-01-01"}]}, 400, "camera_says_other"),
        ({"set": [{"id": "C1", "heading_deg": 400}]}, 400, None),
        ({"set": [{"id": "C1", "heading_deg": "east"}]}, 400, None),
        ({"set": [{"id": "C1", "lon": 32.0, "lat": 120.0}]}, 400, None),
        ({"set": [{"id": "C9", "lon": 120.0, "lat": 32.0}]}, 400, "camera_without_kind"),
        ({"remove": ["C1"], "on": "tomorrow"}, 400, "no_day"),
        ({"remove": [f"C{number}" for number in range(201)]}, 413, "too_many_cameras"),
    ],
)
def test_a_question_what_if_that_makes_no_sense_is_refused(reading, body, status, code):
    assert told(reading.post(WHAT_IF, json=body)) == (status, code)


def test_a_refusal_speaks_the_language_of_its_reader(reading):
    answers = [
        reading.get("/api/coverage/cameras?area=nowhere", headers={"Accept-Language": language}).json()
        for language in ("en", "zh-CN")
    ]
    assert "No area in force has the code nowhere" in answers[0]["detail"]
    assert "没有代码为 nowhere 的生效区域" in answers[1]["detail"]


def test_one_band_alone_is_answered_if_asked(reading):
    answer = reading.get(f"{COVERAGE}&band=find").json()
    assert {row["band"] for area in answer["areas"] for row in area["shares"]} == {"find"}


def test_a_service_that_answers_from_files_says_that_it_has_no_cameras(small_atlas, serving):
    with serving(create_app(small_atlas, open_read=True)) as client:
        assert told(client.get(COVERAGE)) == (404, "no_cameras")
