"""The mediation sheet of disputes that lie apart: an overview, and a map, tables and colours for each of them."""

from __future__ import annotations

import re
from functools import cache

import geopandas as gpd
import pytest
import shapely
import shapely.affinity
from shapely import LineString, Point, box

from gridmap.disputes import compare
from gridmap.maps.sheet import making, reading, sheet
from gridmap.maps.sheet.paper import PAPERS
from gridmap.maps.sheet.reading import disputes, in_metres
from gridmap.maps.sheet.scene import looks
from gridmap.maps.sheet.words import voice
from tests.leaves import boxes, inks, leaves, lengths, overlapping, paths, words
from tests.test_sheet import BLACK, BLUE, HALF_WAY, NORTHERN, RED, SOUTH, claimed, placed, proposed

#: So far east lies the other quarrel.
AWAY = 3000


def moved(shape, east, north=0.0):
    return shapely.affinity.translate(shape, east, north)


def told(compared):
    """Parties and candidates of each dispute."""
    return [(part.claims["party"].tolist(), part.candidates["number"].tolist()) for part in disputes(compared)]


@cache
def quarrels():
    """甲 and 乙, who overlap by 4 m; three kilometres away 丙 and 丁, whose line is proposed first; between them 戊."""
    grounds = (SOUTH, NORTHERN, moved(SOUTH, AWAY), moved(NORTHERN, AWAY), moved(SOUTH, AWAY / 2))
    lines = proposed(moved(HALF_WAY, AWAY), HALF_WAY, moved(HALF_WAY, 0, 1))
    well = gpd.GeoDataFrame({"id": ["w1"], "kind": ["well"]}, geometry=placed(Point(AWAY + 9, 37)), crs=4528)
    return compare(claimed(*grounds, parties="甲乙丙丁戊"), lines, objects=well)


@pytest.fixture(scope="module")
def content():
    return sheet(quarrels())


@pytest.fixture(scope="module")
def parts():
    return disputes(in_metres(quarrels()))


def test_each_dispute_has_its_parties_and_its_candidates_the_first_proposed_first():
    assert told(in_metres(quarrels())) == [(["丙", "丁"], [1]), (["甲", "乙"], [2, 3])]


def test_every_row_of_a_comparison_is_told_in_one_dispute(parts):
    whole = quarrels()
    for name in ("contested", "ledger", "lines", "objects", "areas", "candidates"):
        rows = [getattr(part, name) for part in parts]
        # 戊 has ground and no dispute
        assert sum(map(len, rows)) == len(getattr(whole, name)) - (name == "areas") > 0, name
        assert min(map(len, rows)) > 0 or name == "objects"


def test_each_dispute_has_a_map_at_its_own_exact_scale_and_the_overview_none_of_their_lines(content):
    with leaves(content) as pages:
        scales = [re.findall(r"Scale 1:(\d+?)(?=2000国)", words(page)) for page in pages]
        pens = [lengths(page, BLACK, 0.45) for page, scale in zip(pages, scales, strict=True) if scale]
    # 3060 m into 178 mm and 80 m into 155 mm, each less a tenth or so
    assert [scale[0] for scale in scales if scale] == ["20000", "600", "600"]
    # 60 m at 1:600, two lines at the second; samples of the legend are shorter
    drawn = [[each for each in lines if each > 20] for lines in pens]
    assert drawn == [[], pytest.approx([100.0], abs=0.01), pytest.approx([100.0, 100.0], abs=0.01)]


def test_the_overview_says_on_which_page_each_dispute_is(content):
    with leaves(content) as pages:
        texts = [words(page) for page in pages]
        first = boxes(pages[0])
    begun = [k for k, text in enumerate(texts, start=1) if text.startswith("争议")]
    assert texts[begun[0] - 1].startswith("争议 1: 丙 | 丁")
    assert texts[begun[1] - 1].startswith("争议 2: 甲 | 乙")
    # one digit at the end of either row
    ends = [low for left, low, right, _ in first if right == pytest.approx(198, abs=0.5) and right - left < 2]
    rows = [low for left, low, right, _ in first if left == pytest.approx(13, abs=0.5) and low < 297 - 240]
    assert begun == [3, 5]
    # written when all pages are
    assert "1:60035" in texts[0]
    assert len(ends) == 2
    assert ends == pytest.approx(sorted(rows, reverse=True)[-2:], abs=0.5)


def test_two_who_quarrel_are_red_and_blue_on_the_overview_and_on_their_map(content):
    with leaves(content) as pages:
        pens = [{pen for _, pen, wide in paths(pages[k]) if round(wide, 2) == 0.3} for k in (0, 2, 4)]
    assert pens == [{RED, BLUE}] * 3


def test_claims_that_meet_are_never_drawn_alike():
    row = [box(60 * k, 0, 60 * k + 62, 40) for k in range(4)]
    compared = in_metres(compare(claimed(*row, parties="甲乙丙丁")))
    drawn = looks(compared, disputes(compared))
    assert len({drawn[party].colour for party in "甲乙"}) == 2
    assert drawn["甲"] != drawn["乙"] != drawn["丙"] != drawn["丁"]


def test_all_who_quarrel_over_one_ground_are_drawn_differently():
    rows = [box(0, 20 * k - 2, 400, 20 * k + 20) for k in range(9)]
    compared = in_metres(compare(claimed(*rows, parties="甲乙丙丁戊己庚辛壬")))
    assert len(set(looks(compared, [compared]).values())) == 9


def test_disputes_that_fit_on_one_map_share_it_and_all_are_drawn_differently():
    rows = [box(0, 20 * k - 2, 400, 20 * k + 20) for k in range(5)]
    with leaves(sheet(compare(claimed(*rows, parties="甲乙丙丁戊")), lang="zh")) as pages:
        assert "争议一览" not in "".join(map(words, pages))
        assert len({pen for _, pen, wide in paths(pages[0]) if round(wide, 2) == 0.3}) == 5


@pytest.mark.parametrize(("away", "maps"), [(250, 3), (110, 1)], ids=["3.3 times smaller", "1.7 times smaller"])
def test_disputes_have_maps_of_their_own_where_one_of_all_is_half_as_large(away, maps):
    # 310 m and 170 m into 178 mm less a tenth or so: 1:2000 and 1:1000, where each alone takes 1:600
    grounds = (SOUTH, NORTHERN, moved(SOUTH, away), moved(NORTHERN, away))
    read = in_metres(compare(claimed(*grounds, parties="甲乙丙丁")))
    assert len(making.leaves(read, PAPERS["A4"].frame, None, voice("zh"))) == maps


def test_ground_between_the_same_two_is_one_dispute_however_far_apart():
    two = [shapely.union(SOUTH, moved(SOUTH, AWAY)), shapely.union(NORTHERN, moved(NORTHERN, AWAY))]
    assert told(in_metres(compare(claimed(*two), proposed(HALF_WAY)))) == [(["甲方", "乙方"], [1])]


def test_a_line_that_only_touches_the_ground_of_others_is_not_theirs():
    # 乙 overlaps 甲 in the south and 丙 in the north; the line of 甲 and 乙 ends where the ground of 丙 begins
    grounds = [box(0, 0, 60, 40), box(0, 36, 120, 80), box(60, 76, 120, 120)]
    line = LineString([(0, 38), (60, 38), (60, 76)])
    compared = in_metres(compare(claimed(*grounds, parties="甲乙丙"), proposed(line)))
    assert compared.areas["name"].tolist() == ["甲", "乙", "丙", "甲 | 乙", "乙 | 丙"]
    assert [(sorted(parties), lines) for parties, lines in told(compared)] == [(["乙", "甲"], [1]), (["丙", "乙"], [])]


def test_a_line_that_concerns_nobody_is_told_of_at_the_nearest_dispute():
    far = compare(
        claimed(SOUTH, NORTHERN, moved(SOUTH, AWAY), moved(NORTHERN, AWAY), parties="甲乙丙丁"),
        proposed(moved(HALF_WAY, AWAY, 300)),
    )
    assert told(in_metres(far)) == [(["丙", "丁"], [1]), (["甲", "乙"], [])]


def test_of_very_many_disputes_the_last_map_holds_the_rest(monkeypatch):
    monkeypatch.setattr(reading, "_MOST_DISPUTES", 3)
    grounds = [moved(shape, 500 * k) for k in range(5) for shape in (SOUTH, NORTHERN)]
    parts = disputes(in_metres(compare(claimed(*grounds, parties="甲乙丙丁戊己庚辛壬癸"))))
    assert [len(part.contested) for part in parts] == [1, 1, 3]


def test_what_a_line_cuts_is_told_of_with_that_line_though_other_ground_is_nearer():
    grounds = (SOUTH, NORTHERN, moved(SOUTH, 120), moved(NORTHERN, 120))
    shed = gpd.GeoDataFrame({"id": ["h1"]}, geometry=placed(box(105, 34, 112, 42)), crs=4528)
    line = proposed(LineString([(0, 38), (115, 38)]))
    parts = disputes(in_metres(compare(claimed(*grounds, parties="甲乙丙丁"), line, shed)))
    assert [(part.claims["party"].tolist(), len(part.objects)) for part in parts] == [
        (["甲", "乙"], 1),
        (["丙", "丁"], 0),
    ]


def test_lines_are_told_by_how_far_they_lie_apart_and_not_to_which_side():
    south, north = (LineString([(0, y), (60, y)]) for y in (0, 2))
    ways = [
        in_metres(compare(claimed(*pair))).lines["mean_offset_m"].tolist() for pair in ((south, north), (north, south))
    ]
    assert ways == [[pytest.approx(2)], [pytest.approx(2)]]


def test_who_has_no_dispute_is_told_of_on_the_overview(content):
    with leaves(content) as pages:
        texts = [words(page).replace(" ", "") for page in pages]
    assert [k for k, text in enumerate(texts) if "戊2,400.003.6000" in text] == [1]
    assert [k for k, text in enumerate(texts) if "甲2,400.003.6000" in text] == [5]


def test_pages_of_a_dispute_bear_its_name_and_those_that_are_signed_that_of_the_case(content):
    with leaves(content) as pages:
        heads = [words(page)[:60] for page in pages]
        assert [overlapping(page) for page in pages] == [0] * len(pages)
        assert min(share for page in pages for _, share in inks(page)) > 0
    assert ["争议 1" in head for head in heads] == [False, False, True, True, False, False, False]
    assert ["争议 2" in head for head in heads] == [False, False, False, False, True, True, False]
