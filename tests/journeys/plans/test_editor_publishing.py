"""From a new draft to grids in force, and back, in a browser."""

from __future__ import annotations

import itertools

import openpyxl
import pytest
import shapely

from tests.journeys.plans.page import (
    FOURTH,
    SECOND,
    TODAY,
    TOMORROW,
    choose,
    drag,
    middle,
    shared_corner,
    wait_for_territory,
    wait_for_version,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]


def test_what_was_edited_is_published_and_answers_from_its_day_on(visit, publishing_office, tmp_path):
    office = publishing_office
    tab = visit(office.address)
    plan = made_draft(tab, office)
    old = office.areas(plan)
    move_border(tab)
    split_from_south_to_north(tab, FOURTH)
    merge_and_undo_and_redo(tab, old)
    draft = office.areas(plan)
    codes = published(tab, TOMORROW)
    new = {codes.get(code, code): ground for code, ground in draft.items()}
    assert not any(code.startswith("new-") for code in new)
    assert {"areas", "buildings", "inform"} <= downloaded_sheets(tab, tmp_path)
    wait_for_territory(office, 2)
    for areas, day in ((old, TODAY), (new, TOMORROW)):
        held = {code: office.holder(ground.representative_point(), day) for code, ground in areas.items()}
        assert held == {code: code for code in areas}


def made_draft(tab, office):
    """Sign in, make a draft, and return its number."""
    tab.goto(f"{office.address}plans")
    tab.fill("#key", office.keys["grid-admin"])
    tab.press("#key", "Enter")
    tab.fill("#new-name", "冬季调整")
    tab.click("form.new .primary")
    tab.wait_for_selector("#grids li")
    return int(tab.evaluate("location.hash")[1:])


def move_border(tab):
    choose(tab, SECOND)
    tab.click("#tool-border")
    x, y = shared_corner(tab)
    drag(tab, (x, y), (x + 25, y))
    wait_for_version(tab, 1)


def split_from_south_to_north(tab, code):
    """Draw a line through a grid, which choosing has brought into the middle of the map."""
    choose(tab, code)
    tab.click("#tool-split")
    x, _ = middle(tab, "#map")
    box = tab.locator("#map").bounding_box()
    tab.mouse.click(x, box["y"] + box["height"] - 15)
    tab.mouse.dblclick(x, box["y"] + 15)
    wait_for_version(tab, 2)


def merge_and_undo_and_redo(tab, areas):
    """Merge the two grids of another community with the longest border between them."""
    others = [code for code in sorted(areas) if code.startswith("320613018001")]
    pairs = itertools.combinations(others, 2)
    pair = max(pairs, key=lambda pair: shapely.length(shapely.intersection(*(areas[code] for code in pair))))
    choose(tab, *pair)
    tab.click("#tool-merge")
    tab.click("#merge-now")
    wait_for_version(tab, 3)
    tab.click("#undo")
    wait_for_version(tab, 4)
    assert tab.locator(f"#grid-{pair[1]}").count() == 1
    tab.keyboard.press("Control+y")
    wait_for_version(tab, 5)
    assert tab.locator(f"#grid-{pair[1]}").count() == 0


def published(tab, day):
    """Publish the draft, and return the codes that were given by those that it had."""
    tab.click(".head .primary")
    assert "须告知" in tab.locator("#inform").inner_text()
    tab.fill("#effective", str(day))
    tab.press("#effective", "Enter")
    tab.wait_for_selector("dialog .download")
    tab.wait_for_function("() => document.querySelector('#plan-state').innerText.startsWith('已发布')")
    return dict(row.locator("td").all_inner_texts() for row in tab.locator("dialog tbody tr").all())


def downloaded_sheets(tab, folder):
    """Names of the sheets of the change sheet."""
    with tab.expect_download() as download:
        tab.click("dialog .download")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return set(openpyxl.load_workbook(path, read_only=True).sheetnames)


def test_a_plan_is_withdrawn_before_its_day_as_if_it_had_never_been(visit, publishing_office):
    office = publishing_office
    plan = office.draft("春季")
    place = office.areas(plan)[FOURTH].representative_point()
    office.edit(plan, 0, op="merge", codes=[SECOND, FOURTH], into=SECOND)
    said = {"version": 1, "effective": str(TOMORROW)}
    office.client.post(f"/api/plans/{plan}/publish", json=said).raise_for_status()
    tab = visit(office.address, office.keys["grid-admin"])
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.goto(f"{office.address}plans")
    assert str(TOMORROW) in tab.inner_text(".list .published")
    tab.click(".list .published .actions button:last-child")
    tab.wait_for_selector(".list .withdrawn")
    wait_for_territory(office, 3)
    assert office.holder(place, TOMORROW) == FOURTH
