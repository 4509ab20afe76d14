"""The page of patrols over HTTP: shares for every reader; streets and posts for operators alone, each look audited."""

from __future__ import annotations

import re

import pytest

from tests.journeys.beat import ONE, TWO, looks, told

pytestmark = pytest.mark.usefixtures("built_page")


def drawn(page):
    """What a page was drawn from, as text."""
    return re.search(r'id="gm-data"[^>]*>(.*?)</script>', page.text, re.DOTALL)[1]


def test_the_map_of_who_may_not_see_patrols_holds_no_streets_and_posts(reading):
    before = looks(reading.record)
    page = reading.get("/maps/patrols?on=2024-05-06", headers=reading.keys["viewer"])
    assert page.headers["etag"]
    assert not re.search(r'"(S|T|P\d|K\d|南街)"', drawn(page))
    assert looks(reading.record) == before
    again = {"If-None-Match": page.headers["etag"], **reading.keys["viewer"]}
    assert reading.get("/maps/patrols?on=2024-05-06", headers=again).status_code == 304


def test_the_map_of_operators_tells_streets_and_sign_ins_and_is_audited(reading):
    page = reading.get("/maps/patrols?on=2024-05-06")
    assert {"南街", "P1", "K1"} <= set(re.findall(r'"(南街|P1|K1)"', drawn(page)))
    assert page.headers["cache-control"] == "no-store"
    assert looks(reading.record)[-1][2] == {
        "area": None,
        "since": "2024-05-06",
        "until": "2024-05-06",
        "by": "/maps/patrols",
    }


def test_a_map_of_one_area_holds_what_lies_in_it(reading):
    text = drawn(reading.get(f"/maps/patrols?on=2024-05-06&area={ONE}"))
    assert (ONE in text, TWO in text, "K1" in text, "K2" in text) == (True, False, True, False)


def test_two_periods_lie_side_by_side_on_the_map(reading):
    page = reading.get("/maps/patrols?on=2024-05-07&old_from=2024-05-06&lang=en")
    assert ("Before: 2024-05-06" in page.text, '<html lang="en"' in page.text) == (True, True)
    assert [seen["since"] for _, _, seen in looks(reading.record)[-2:]] == ["2024-05-07", "2024-05-06"]


def test_a_map_says_what_does_not_count(reading):
    page = reading.get("/maps/patrols?on=2024-05-06&lang=en", headers=reading.keys["viewer"])
    assert "2 posts' shifts are held" not in page.text
    assert "1 posts' shifts are held" in page.text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("area=nowhere", 404, "no_such_area"), ("old_to=2024-05-06", 400, "compare_unclear"), ("lang=fr", 400, None)],
)
def test_a_map_that_cannot_be_drawn_is_refused(reading, query, status, code):
    assert told(reading.get(f"/maps/patrols?{query}")) == (status, code)
