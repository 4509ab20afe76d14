from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gridmap.errors import InputError, TableError
from gridmap.hierarchy import (
    CODE_LENGTHS,
    LEVELS,
    chain,
    depths,
    level_of_code,
    level_rank,
    parent_rows,
    roll_up,
    split_code,
)


def areas(*rows: str) -> pd.DataFrame:
    """Build a table from words like ``grid:g1<c1``: level, code, parent."""
    table = []
    for row in rows:
        level, _, rest = row.rpartition(":")
        code, _, parent = rest.partition("<")
        table.append({"code": code or None, "level": level or None, "parent": parent or None})
    return pd.DataFrame(table, columns=["code", "level", "parent"])


def faults(table: pd.DataFrame) -> list[tuple[str, int | None]]:
    with pytest.raises(TableError) as refused:
        depths(table)
    return [(fault.code, fault.feature) for fault in refused.value.faults]


def test_parents_are_found_wherever_they_stand_in_the_table():
    table = areas("grid:g<c", "district:d", "community:c<s", "street:s<d")
    assert parent_rows(table).tolist() == [2, -1, 3, 1]
    assert depths(table).tolist() == [3, 0, 2, 1]


def test_the_input_table_is_not_changed():
    table = areas("grid:g<c", "community:c")
    before = table.copy()
    depths(table), roll_up(table, [1, 2])
    pd.testing.assert_frame_equal(table, before)


def test_without_parents_depth_is_the_rank_of_the_level_among_those_present():
    table = areas("micro:m", "street:s", "grid:g", "street:t")
    assert depths(table).tolist() == [2, 0, 1, 0]
    assert depths(table.drop(columns="parent")).tolist() == [2, 0, 1, 0]
    assert parent_rows(table).tolist() == [-1, -1, -1, -1]


def test_without_parents_and_levels_the_length_of_the_codes_tells():
    assert depths(pd.DataFrame({"code": ["320613001", "320613", "320613001002003"]})).tolist() == [1, 0, 2]


def test_codes_of_another_kind_without_parents_are_all_at_the_top():
    assert depths(pd.DataFrame({"code": ["A-1", "B"]})).tolist() == [0, 0]


def test_a_level_of_another_name_is_refused_only_without_parents():
    assert depths(areas("block:b<g", "grid:g")).tolist() == [1, 0]
    assert faults(areas("block:b", "grid:g")) == [("unknown_level", 1)]


def test_a_file_of_grids_alone_may_name_communities_that_it_does_not_hold():
    table = areas("grid:g<c1", "grid:h<c2", "micro:m<h")
    assert parent_rows(table).tolist() == [-1, -1, 1]
    assert depths(table).tolist() == [0, 0, 1]


def test_an_unknown_parent_is_a_fault_where_coarser_areas_are_present():
    assert faults(areas("street:s", "grid:g<c1", "grid:h<s", "grid:i<c2")) == [
        ("unknown_parent", 2),
        ("unknown_parent", 4),
    ]


def test_an_unknown_parent_is_a_fault_where_others_of_unnamed_level_have_theirs():
    assert faults(areas("a", "b<a", "c<x")) == [("unknown_parent", 3)]
    assert depths(areas("b<x", "c<x")).tolist() == [0, 0]


def test_all_faults_are_listed_at_once_in_the_order_of_the_features():
    table = areas("grid:a<b", "grid:b<a", "street:s", "grid:s<zz", "grid:")
    assert faults(table) == [
        ("cycle", 1),
        ("cycle", 2),
        ("duplicate_code", 4),
        ("unknown_parent", 4),
        ("missing_code", 5),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(("a<a",), [1]), (("a<b", "b<c", "c<a"), [1, 2, 3]), (("x<a", "a<b", "b<a"), [2, 3])],
    ids=["itself", "three", "one outside that leads in"],
)
def test_an_area_that_lies_in_itself_is_a_fault_of_those_on_the_circle_only(rows, expected):
    assert faults(areas(*rows)) == [("cycle", feature) for feature in expected]


def test_more_than_a_hundred_ancestors_are_a_mistake():
    table = areas("a0", *(f"a{i}<a{i - 1}" for i in range(1, 102)))
    assert faults(table) == [("too_deep", 102)]


def test_a_table_without_codes_is_refused():
    with pytest.raises(TableError, match="code"):
        parent_rows(pd.DataFrame({"name": ["x"]}))


def test_an_empty_table_has_no_parents_and_no_depths():
    table = areas()
    assert len(parent_rows(table)) == len(depths(table)) == len(roll_up(table, [])) == 0


def test_a_chain_goes_from_the_coarsest_area_to_the_finest():
    parents = parent_rows(areas("grid:g<c", "district:d", "community:c<s", "street:s<d"))
    assert chain(0, parents) == (1, 3, 2, 0)
    assert chain(1, parents) == (1,)
    assert chain(-1, parents) == ()


def test_a_row_that_is_not_in_the_table_has_no_chain():
    with pytest.raises(InputError, match="row 3"):
        chain(3, [-1, 0])


def test_counts_of_children_add_up_in_their_parents():
    table = areas("grid:g1<c", "community:c<s", "grid:g2<c", "street:s", "street:t")
    assert roll_up(table, [300, 1, 250, 0, 7]).tolist() == [300, 551, 250, 551, 7]


def test_several_counts_roll_up_side_by_side():
    table = areas("a", "b<a", "c<b")
    assert roll_up(table, [[1, 0], [2, 5], [4, 0]]).tolist() == [[7, 5], [6, 5], [4, 0]]


def test_a_missing_count_makes_the_sums_above_it_missing():
    totals = roll_up(areas("a", "b<a", "c<a", "d"), [0.0, np.nan, 1.0, 2.0])
    assert np.isnan(totals[:2]).all()
    assert totals[2:].tolist() == [1.0, 2.0]


def test_there_must_be_one_count_for_each_area():
    with pytest.raises(InputError, match="3"):
        roll_up(areas("a", "b<a", "c<a"), [1, 2])


def test_levels_are_ranked_from_district_to_micro_grid():
    assert [level_rank(level) for level in LEVELS] == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="borough"):
        level_rank("borough")


@pytest.mark.parametrize("level", LEVELS)
def test_a_code_tells_its_level_by_its_length(level):
    assert level_of_code("1" * CODE_LENGTHS[level]) == level


@pytest.mark.parametrize(
    "code", ["", "32061", "32061300", "３２０６１３", "32061A"], ids=["empty", "5", "8", "wide", "letter"]
)
def test_other_codes_tell_no_level_and_cannot_be_split(code):
    assert level_of_code(code) is None
    with pytest.raises(InputError):
        split_code(code)


def test_a_micro_grids_code_holds_those_of_all_areas_above_it():
    assert split_code("32061300100200304") == {
        "district": "320613",
        "street": "320613001",
        "community": "320613001002",
        "grid": "320613001002003",
        "micro": "32061300100200304",
    }
