"""Rounds over HTTP: within some minutes for what is owed most, or through all streets of an area."""

from __future__ import annotations

import pytest

from gridmap.api import patrols_examples
from tests.journeys.beat import DEGREE_M, DISTRICT, ONE, PACE_M_S, READERS, STREET_M, WEEK, asked, looks, told

pytestmark = pytest.mark.usefixtures("built_page")

ROUND = f"/api/patrols/round?area={DISTRICT}&lon=120.002&lat=32.005&from=2024-05-06&to=2024-05-10"


def test_a_round_goes_where_most_is_owed_within_its_minutes_and_comes_back(reading):
    way, *stretches = asked(reading, f"{ROUND}&minutes=45")["features"]
    # along S and back takes 39 minutes; T does not lead there
    assert [one["properties"]["street"] for one in stretches] == ["S", "S"]
    assert way["properties"]["length_m"] == pytest.approx(2 * STREET_M, rel=1e-3)
    assert way["geometry"]["coordinates"][0] == way["geometry"]["coordinates"][-1]
    assert way["properties"]["collected"] == pytest.approx(debt_of(reading, "S"))


def debt_of(reading, street):
    """What a street is owed."""
    (row,) = (row for row in asked(reading, WEEK)["overdue"]["streets"] if row["id"] == street)
    return row["debt_m"]


def test_a_round_without_the_time_for_anything_goes_nowhere(reading):
    (way,) = asked(reading, f"{ROUND}&minutes=38")["features"]
    assert (way["properties"]["length_m"], way["properties"]["collected"]) == (0, 0)


def test_a_round_through_all_streets_of_an_area_is_the_shortest(reading):
    way, *_ = asked(reading, ROUND.replace(DISTRICT, ONE))["features"]
    # S is walked to its end and back, as it is one street that runs on beyond the grid
    assert way["properties"]["length_m"] == pytest.approx(2 * STREET_M, rel=1e-3)
    assert way["properties"]["gap"] == pytest.approx(0)


def test_a_round_meets_the_checkpoints_while_they_are_open(reading):
    way, *_ = asked(reading, f"{ROUND}&minutes=120&signins=true")["features"]
    times = {row["checkpoint"]: row["minutes"] for row in way["properties"]["signins"]}
    assert set(times) == {"K1", "K2"}
    assert times["K1"] >= 0.003 * DEGREE_M / PACE_M_S / 60 - 0.1


def test_a_round_for_a_phone_is_a_file(reading):
    answer = reading.get(f"{ROUND}&minutes=45&f=gpx")
    assert answer.headers["content-type"] == "application/gpx+xml"
    assert answer.headers["content-disposition"].endswith('filename="round.gpx"')
    assert answer.content.startswith(b"<?xml")
    assert b"<trkpt" in answer.content


def test_every_round_is_in_the_audit_trail(reading):
    assert reading.get(f"{ROUND}&minutes=30").headers["cache-control"] == "no-store"
    assert looks(reading.record)[-1][2] == {
        "area": DISTRICT,
        "since": "2024-05-06",
        "until": "2024-05-10",
        "by": "/api/patrols/round",
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (("&lon=120.002", ""), 400, "no_start"),
        ((DISTRICT, "nowhere"), 404, "no_such_area"),
        (("lat=32.005", "lat=32.3"), 400, "start_off_streets"),
        (("to=2024-05-10", "to=2024-05-06&minutes=30"), 404, "nothing_owed"),
        (("to=2024-05-10", "to=2024-05-10&minutes=1000"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&minutes=30&begins=25:00"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&mode=horse"), 400, None),
        (("to=2024-05-10", "to=2024-05-10&f=pdf"), 400, None),
    ],
)
def test_a_round_that_cannot_be_planned_is_refused(reading, change, status, code):
    assert told(reading.get(ROUND.replace(*change))) == (status, code)


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_see_patrols_is_planned_no_round(reading, role):
    assert told(reading.get(ROUND, headers=reading.keys[role]))[0] == 403


def test_the_example_of_a_round_has_the_shape_of_the_answer(reading):
    answer = asked(reading, f"{ROUND}&minutes=120&signins=true")
    kinds = [[one["properties"].keys() for one in each["features"][:2]] for each in (answer, patrols_examples.ROUND)]
    assert (kinds[0], answer.keys()) == (kinds[1], patrols_examples.ROUND.keys())
