"""The editor of draft plans from the keyboard alone, in a browser."""

from __future__ import annotations

import pytest

from tests.journeys.plans.page import SECOND, chord, corners, go_to_corner, selected, shared_corner, wait_for_version

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]


def press(tab, selector):
    tab.focus(selector)
    tab.keyboard.press("Enter")


def test_everything_can_be_done_from_the_keyboard(editing, office):
    tab, plan = editing()
    before = office.areas(plan)
    tab.focus("#grids")
    tab.keyboard.press("Home")
    while selected(tab) != [SECOND]:
        tab.keyboard.press("ArrowDown")

    press(tab, "#tool-border")
    shared_corner(tab)
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("Enter")
    wait_for_version(tab, 1)
    moved = office.areas(plan)
    ((old,), (new,)) = (
        corners(before[SECOND]) - corners(moved[SECOND]),
        corners(moved[SECOND]) - corners(before[SECOND]),
    )
    # ten metres at 32.0 N: 10 / (111 195 cos 32.0) degrees
    assert (new[0] - old[0], new[1]) == (pytest.approx(10 / (111_195 * 0.848), rel=1e-3), pytest.approx(old[1]))
    assert tab.evaluate("document.activeElement.id") == "corners"

    press(tab, "#tool-split")
    for number in chord(moved[SECOND]):
        go_to_corner(tab, number)
        tab.keyboard.press("Enter")
    tab.keyboard.press("f")
    wait_for_version(tab, 2)
    assert len(office.areas(plan)) == len(before) + 1

    press(tab, "#tool-merge")
    tab.focus("#neighbour")
    tab.keyboard.type("new")
    press(tab, "#merge-now")
    wait_for_version(tab, 3)
    tab.keyboard.press("Control+z")
    wait_for_version(tab, 4)
    tab.keyboard.press("Control+z")
    wait_for_version(tab, 5)
    tab.keyboard.press("Control+z")
    wait_for_version(tab, 6)
    assert office.areas(plan) == before


def test_several_grids_are_selected_from_the_keyboard(editing):
    tab, _ = editing()
    tab.focus("#grids")
    tab.keyboard.press("Home")
    first = selected(tab)
    for key in ("Control+ArrowDown", "Control+ArrowDown", "Space"):
        tab.keyboard.press(key)
    listed = [one.get_attribute("data-code") for one in tab.locator("#grids li").all()]
    assert first == listed[:1]
    assert selected(tab) == [listed[0], listed[2]]
    tab.keyboard.press("Space")
    assert selected(tab) == listed[:1]
