"""Borders, grids and buildings edited with the mouse, in a browser."""

from __future__ import annotations

import pytest
import shapely

from tests.journeys.plans.page import (
    FOURTH,
    PICTURE,
    SECOND,
    choose,
    chord,
    corners,
    drag,
    go_to_corner,
    middle,
    picture,
    shared_corner,
    wait_for_version,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]


def test_dragging_a_shared_corner_moves_it_in_both_grids_and_nowhere_else(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    choose(tab, SECOND)
    tab.click("#tool-border")
    x, y = shared_corner(tab)
    drag(tab, (x, y), (x + 25, y - 10))
    wait_for_version(tab, 1)
    after = office.areas(plan)
    assert {code for code in after if after[code] != before[code]} == {SECOND, FOURTH}
    gone = [corners(before[code]) - corners(after[code]) for code in (SECOND, FOURTH)]
    came = [corners(after[code]) - corners(before[code]) for code in (SECOND, FOURTH)]
    assert (gone[0], came[0]) == (gone[1], came[1])
    ((old,), (new,)) = (gone[0], came[0])
    assert (new[0] > old[0], new[1] > old[1]) == (True, True)
    assert tab.locator(".figures .changed").count() > 0


def test_dragging_a_side_puts_a_corner_into_it_for_both_grids(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    choose(tab, SECOND)
    tab.click("#tool-border")
    start = shared_corner(tab)
    tab.keyboard.press("ArrowRight")
    end = middle(tab, ".corner")
    between = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    drag(tab, between, (between[0] + 20, between[1]))
    wait_for_version(tab, 1)
    after = office.areas(plan)
    came = [corners(after[code]) - corners(before[code]) for code in (SECOND, FOURTH)]
    assert len(came[0]) == 1
    assert came[0] == came[1]


def test_a_border_of_communities_moves_only_where_that_is_allowed(editing, office):
    tab, plan = editing()
    choose(tab, "320613005001001")
    tab.click("#tool-border")
    x, y = shared_corner(tab, "虹桥社区第1网格、虹东社区第1网格")
    drag(tab, (x, y), (x + 10, y + 10))
    tab.wait_for_selector(".said.bad")
    assert office.version(plan) == 0
    tab.check("#across")
    drag(tab, (x, y), (x + 10, y + 10))
    wait_for_version(tab, 1)


def test_drawn_ground_goes_to_the_neighbour_and_nobody_else_is_touched(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    choose(tab, SECOND)
    tab.click("#tool-give")
    tab.select_option("#neighbour", FOURTH)
    x, y = shared_corner(tab)
    draw(tab, (x - 60, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 60, y + 30))
    wait_for_version(tab, 1)
    after = office.areas(plan)
    assert {code for code in after if after[code] != before[code]} == {SECOND, FOURTH}
    assert after[SECOND].area < before[SECOND].area
    assert after[SECOND].union(after[FOURTH]).equals(before[SECOND].union(before[FOURTH]))


def test_a_building_is_given_by_its_number_with_the_ground_around_it(editing, office, town):
    tab, plan = editing()
    before = office.areas(plan)
    border = before[SECOND].intersection(before[FOURTH])
    inside = town["buildings"][town["buildings"].within(before[SECOND])]
    building = inside.iloc[shapely.distance(inside.geometry.to_numpy(), border).argmin()]
    choose(tab, SECOND)
    tab.click("#tool-give")
    tab.select_option("#neighbour", FOURTH)
    tab.fill("#buildings", building["id"])
    tab.press("#buildings", "Enter")
    wait_for_version(tab, 1)
    assert office.areas(plan)[FOURTH].contains(building.geometry)


def test_a_redrawn_border_runs_where_it_was_drawn(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    choose(tab, SECOND)
    tab.click("#tool-redraw")
    tab.select_option("#neighbour", FOURTH)
    start = shared_corner(tab)
    tab.keyboard.press("ArrowRight")
    end = middle(tab, ".corner")
    draw(tab, start, (start[0] - 50, (start[1] + end[1]) / 2), end)
    wait_for_version(tab, 1)
    after = office.areas(plan)
    assert {code for code in after if after[code] != before[code]} == {SECOND, FOURTH}
    came = [corners(after[code]) - corners(before[code]) for code in (SECOND, FOURTH)]
    assert (len(came[0]), came[0]) == (1, came[1])
    assert after[FOURTH].area > before[FOURTH].area


def draw(tab, *points):
    """Click from point to point, and end with a double click."""
    *first, last = points
    for point in first:
        tab.mouse.click(*point)
    tab.mouse.dblclick(*last)


def test_an_edit_that_is_refused_says_why_and_the_shape_springs_back(editing, office):
    tab, plan = editing()
    choose(tab, SECOND)
    tab.click("#tool-border")
    shared_corner(tab)
    while "外边界" not in tab.inner_text("#corners"):
        tab.keyboard.press("ArrowRight")
    corner = middle(tab, ".corner")
    tab.mouse.move(700, 740)
    shown = picture(tab)
    drag(tab, corner, (corner[0] + 40, corner[1] + 30))
    tab.wait_for_selector(".said.bad")
    assert tab.inner_text(".said").startswith("没有执行，方案未变：")
    tab.mouse.move(700, 740)
    tab.wait_for_function(f"(shown) => {PICTURE} === shown", arg=shown)
    assert office.version(plan) == 0


def test_a_line_that_is_drawn_near_corners_runs_from_corner_to_corner(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    choose(tab, SECOND)
    tab.click("#tool-split")
    ends = []
    for number in chord(before[SECOND]):
        go_to_corner(tab, number)
        x, y = middle(tab, ".corner")
        ends.append((x + 5, y - 4))
    tab.mouse.click(*ends[0])
    tab.mouse.dblclick(*ends[1])
    wait_for_version(tab, 1)
    after = office.areas(plan)
    (new,) = set(after) - set(before)
    assert corners(after[SECOND]) | corners(after[new]) == corners(before[SECOND])
