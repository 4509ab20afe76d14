"""Codes of areas: kept where an area goes on, numbered as a page is read, and never used twice."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gridmap.errors import InputError, TableError
from gridmap.plans import CodeRule, Tier, assign_codes
from gridmap.plans.serials import reading_order

COMMUNITY = "320613001002"


def squares(*places, parent=COMMUNITY, level="grid", size=100):
    """Square areas with their south-west corners there, coded a, b, c ... in the order given."""
    table = {"code": [chr(ord("a") + k) for k in range(len(places))], "parent": parent, "level": level}
    return gpd.GeoDataFrame(table, geometry=[box(x, y, x + size, y + size) for x, y in places], crs=4549)


def serials(areas, **options):
    """The last three digits of the codes that areas get."""
    return [code[-3:] for code in assign_codes(areas, **options)["code"]]


def test_grids_are_numbered_west_to_east_and_then_north_to_south():
    assert serials(squares((0, 0), (100, 0), (0, 100), (100, 100))) == ["003", "004", "001", "002"]


def test_a_code_is_that_of_the_area_above_and_a_serial():
    assert assign_codes(squares((0, 0)))["code"].tolist() == ["320613001002001"]


def test_grids_of_a_row_may_lie_somewhat_higher_or_lower():
    assert serials(squares((0, 0), (100, 60), (200, -10))) == ["001", "002", "003"]


def test_a_grid_that_lies_a_whole_row_lower_opens_a_row():
    assert serials(squares((0, 0), (100, 80), (200, 0))) == ["002", "001", "003"]


@pytest.mark.parametrize("turn", [[3, 2, 1, 0], [1, 3, 0, 2]], ids=["backwards", "mixed"])
def test_the_order_of_rows_does_not_decide(turn):
    areas = squares((0, 0), (100, 0), (0, 100), (100, 100))
    assert assign_codes(areas.iloc[turn])["code"].tolist() == assign_codes(areas)["code"].iloc[turn].tolist()


def test_each_community_is_numbered_by_itself():
    areas = squares((0, 0), (100, 0), (200, 0)).assign(parent=[COMMUNITY, "320613001003", COMMUNITY])
    assert serials(areas) == ["001", "001", "002"]


def test_a_code_that_was_ever_used_is_not_given_again():
    used = [f"{COMMUNITY}001", f"{COMMUNITY}002", "320613001003005", "一号网格"]
    assert serials(squares((0, 0), (100, 0)), used=used) == ["003", "004"]


def test_serials_that_were_passed_over_are_taken_when_none_is_left_above():
    rule = CodeRule(tiers={"grid": Tier(digits=1)})
    used = [f"{COMMUNITY}{serial}" for serial in "123679"]
    codes = assign_codes(squares((0, 0), (100, 0), (200, 0)), used=used, rule=rule)["code"]
    assert [code[-1] for code in codes] == ["4", "5", "8"]


def test_an_area_that_goes_on_keeps_its_code():
    used = [f"{COMMUNITY}001", f"{COMMUNITY}007"]
    kept = {"b": f"{COMMUNITY}007"}
    assert serials(squares((0, 0), (100, 0)), used=used, keep=kept) == ["008", "007"]


def test_a_code_that_is_kept_is_never_given_to_another_even_if_the_record_is_not_told():
    assert serials(squares((0, 0), (100, 0)), keep={"b": f"{COMMUNITY}001"}) == ["002", "001"]


def test_a_grid_whose_community_is_another_now_gets_a_code_of_that():
    codes = assign_codes(squares((0, 0)), keep={"a": "320613001001004"})["code"]
    assert codes.tolist() == ["320613001002001"]


def test_a_code_of_another_shape_is_kept_wherever_its_area_lies():
    assert assign_codes(squares((0, 0)), keep={"a": "XQ-17"})["code"].tolist() == ["XQ-17"]


def nested():
    """A community not coded yet in a street that is, with two grids."""
    above = squares((0, 0), (0, 0), size=200).assign(code=["320613001", "new"], level=["street", "community"])
    above["parent"] = [None, "320613001"]
    grids = squares((0, 0), (100, 0), parent="new").assign(code=["e", "w"])
    return pd.concat([grids, above], ignore_index=True)


def test_areas_within_follow_the_new_code_of_the_area_above():
    coded = assign_codes(nested())
    assert coded["code"].tolist() == ["320613001001001", "320613001001002", "320613001", "320613001001"]
    assert coded["parent"].fillna("none").tolist() == ["320613001001", "320613001001", "none", "320613001"]
    assert coded["draft_code"].tolist() == ["e", "w", "320613001", "new"]


def test_a_community_merged_from_several_is_numbered_from_601():
    coded = assign_codes(nested(), used=["320613001004"], merged=["new"])
    assert coded["code"].tolist()[-1] == "320613001601"
    again = assign_codes(nested(), used=["320613001601"], merged=["new"])
    assert again["code"].tolist()[-1] == "320613001602"


def test_other_communities_do_not_run_into_the_range_of_merged_ones():
    with pytest.raises(InputError, match="320613001"):
        assign_codes(nested(), used=[f"320613001{serial:03d}" for serial in range(1, 601)])


def test_special_grids_have_a_range_of_their_own_where_the_rule_says_so():
    areas = squares((0, 0), (100, 0), (200, 0)).assign(kind=["special", "basic", "special"])
    assert serials(areas) == ["001", "002", "003"]
    rule = CodeRule(tiers={"grid": Tier(special_first=901)})
    assert serials(areas, rule=rule, used=[f"{COMMUNITY}901"]) == ["902", "001", "903"]


def test_levels_that_the_rule_does_not_number_keep_the_codes_that_they_bring():
    areas = squares((0, 0), level="street", parent=None).assign(code="320613009")
    assert assign_codes(areas, used=["320613009"])["code"].tolist() == ["320613009"]


def test_the_twenty_digits_of_cjt_349_end_in_00_where_a_community_has_one_grid():
    rule = CodeRule(tiers={"grid": Tier(lead="010101", digits=2, sole=0)})
    assert assign_codes(squares((0, 0)), rule=rule)["code"].tolist() == ["010101" + COMMUNITY + "00"]
    two = assign_codes(squares((0, 0), (100, 0)), rule=rule)["code"].tolist()
    assert two == ["010101" + COMMUNITY + "01", "010101" + COMMUNITY + "02"]


def test_a_rule_may_join_serials_in_its_own_way():
    rule = CodeRule(tiers={"grid": Tier(joint="-", digits=2, first=10)})
    assert assign_codes(squares((0, 0)), rule=rule, used=["K7-10"])["code"].tolist() == [f"{COMMUNITY}-10"]
    other = squares((0, 0), parent="K7")
    assert assign_codes(other, rule=rule, used=["K7-10"])["code"].tolist() == ["K7-11"]


def test_a_community_without_serials_left_is_named():
    used = [f"{COMMUNITY}{serial:03d}" for serial in range(1, 1000)]
    with pytest.raises(InputError, match=rf"no serial is left under {COMMUNITY} \(1 new\).*at most 999") as caught:
        assign_codes(squares((0, 0)), used=used)
    assert caught.value.code == "no_serial_left"


def test_the_last_serial_can_be_given():
    assert serials(squares((0, 0)), used=[f"{COMMUNITY}998"]) == ["999"]


@pytest.mark.parametrize(
    ("areas", "keep", "message"),
    [
        (squares((0, 0), parent=None), {}, "feature 1, column parent: a: no parent"),
        (squares((0, 0), (100, 0)), {"a": "G1", "b": "G1"}, "G1 would be the code of two areas"),
        (squares((0, 0), (100, 0)).assign(code="a"), {}, "another area has"),
    ],
    ids=["no parent", "one code kept twice", "one code drawn twice"],
)
def test_what_cannot_be_coded_is_refused(areas, keep, message):
    with pytest.raises(TableError, match=message):
        assign_codes(areas, keep=keep)


def test_the_draft_is_not_changed():
    areas = squares((0, 0))
    assign_codes(areas)
    assert areas["code"].tolist() == ["a"]


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(1, 40)), st.integers(1, 9), st.randoms(use_true_random=False))
def test_no_code_is_ever_used_twice(used, count, chance):
    places = [(chance.randrange(0, 2000), chance.randrange(0, 2000)) for _ in range(count)]
    ever = {f"{COMMUNITY}{serial:03d}" for serial in used}
    codes = assign_codes(squares(*places), used=ever)["code"].tolist()
    assert len(set(codes)) == count
    assert not ever & set(codes)


def test_of_areas_at_one_place_the_larger_comes_first():
    assert reading_order(np.array([box(40, 40, 60, 60), box(0, 0, 100, 100)])).tolist() == [1, 0]


@pytest.mark.alone
def test_thousands_of_areas_are_coded_in_a_second():
    places = [(x, y) for y in range(0, 5000, 100) for x in range(0, 5000, 100)]
    areas = squares(*places).assign(
        parent=[f"320613001{k // 25:03d}" for k in range(2500)], code=[*map(str, range(2500))]
    )
    start = time.process_time()
    assert assign_codes(areas)["code"].is_unique
    assert time.process_time() - start < 1.5
