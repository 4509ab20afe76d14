"""The editor of draft plans in a browser: what a grid administrator does with it, by mouse and by keyboard alone."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta

import openpyxl
import pytest
import shapely

from gridmap.territory import today
from tests.plan_office import FOLLOWED_S, FOURTH, PICTURE, SECOND, choose, middle, selected, wait_for_version

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]

TODAY, TOMORROW = today(), today() + timedelta(days=1)


def drag(tab, start, end):
    tab.mouse.move(*start)
    tab.mouse.down()
    tab.mouse.move(*end, steps=5)
    tab.mouse.up()


def corners(polygon):
    return set(polygon.exterior.coords)


def shared_corner(tab, names="虹桥社区第2网格、虹桥社区第4网格"):
    """Point at a corner inside the territory that only two grids share, by keyboard, and return where it is."""
    tab.focus("#corners")
    for _ in range(30):
        text = tab.inner_text("#corners")
        if text.endswith(f"属于：{names}"):
            return middle(tab, ".corner")
        tab.keyboard.press("ArrowRight")
    return pytest.fail(f"no corner of both grids alone: {text}")


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
    shown = tab.evaluate(PICTURE)
    drag(tab, corner, (corner[0] + 40, corner[1] + 30))
    tab.wait_for_selector(".said.bad")
    assert tab.inner_text(".said").startswith("没有执行，方案未变：")
    tab.mouse.move(700, 740)
    tab.wait_for_function(f"(shown) => {PICTURE} === shown", arg=shown)
    assert office.version(plan) == 0


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


def wait_for_territory(office, version):
    """Wait until the service answers by a version of the territory."""
    until = time.monotonic() + FOLLOWED_S
    while office.client.get("/api/config").json()["version"] < version and time.monotonic() < until:
        time.sleep(0.05)


def chord(polygon):
    """Numbers of two corners between which a straight line cuts a polygon into two pieces as equal as can be."""
    ring = list(polygon.exterior.coords)[:-1]

    def smaller(pair):
        one, other = sorted(pair)
        line = shapely.LineString([ring[one], ring[other]])
        if not 2 <= other - one <= len(ring) - 2 or not polygon.buffer(1e-9).contains(line):
            return 0
        return min(shapely.Polygon(ring[one : other + 1]).area, shapely.Polygon(ring[other:] + ring[: one + 1]).area)

    return max(itertools.combinations(range(len(ring)), 2), key=smaller)


def go_to_corner(tab, number):
    """Walk to a corner by its number with the arrow keys."""
    tab.focus("#corners")
    while not tab.inner_text("#corners").startswith(f"第 {number + 1} /"):
        tab.keyboard.press("ArrowRight")


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


@pytest.mark.parametrize("choice", ["load", "on top"])
def test_what_another_editor_did_meanwhile_is_shown_and_never_settled_silently(editing, office, choice):
    tab, plan = editing()
    choose(tab, SECOND)
    tab.click("#tool-merge")
    far = [code for code in office.areas(plan) if code.startswith("320613018200")]
    office.edit(plan, 0, op="rename", code=far[0], name="别人改的名")
    tab.select_option("#neighbour", FOURTH)
    tab.click("#merge-now")
    tab.wait_for_selector(".met .status")
    assert "五星村第1网格" in tab.inner_text(".met")
    assert (tab.is_disabled("#tool-split"), office.version(plan)) == (True, 1)
    tab.click(".met .primary" if choice == "load" else ".met .choice")
    wait_for_version(tab, 1 if choice == "load" else 2)
    assert tab.locator(".met .status").count() == 0
    assert "别人改的名" in tab.inner_text("#grids")
    assert (FOURTH in office.areas(plan)) == (choice == "load")


def test_two_edits_of_the_same_grid_do_not_pass_even_when_asked_to(editing, office):
    tab, plan = editing()
    choose(tab, SECOND)
    tab.click("#tool-merge")
    office.edit(plan, 0, op="rename", code=FOURTH, name="别人改的名")
    tab.select_option("#neighbour", FOURTH)
    tab.click("#merge-now")
    tab.click(".met .choice")
    tab.wait_for_function("() => document.querySelector('.said').getAttribute('aria-busy') === 'false'")
    assert tab.locator(".met .status").count() == 1
    assert FOURTH in office.areas(plan)


def test_findings_are_told_beside_the_map_and_lead_to_their_place(editing):
    tab, _ = editing()
    choose(tab, SECOND)
    tab.click("#tool-merge")
    tab.select_option("#neighbour", FOURTH)
    tab.click("#merge-now")
    wait_for_version(tab, 1)
    # 235 and 220 households are 455, in the norm; with the 398 of the third grid they are 853, more than 500
    choose(tab, SECOND)
    tab.select_option("#neighbour", "320613005001003")
    tab.click("#merge-now")
    wait_for_version(tab, 2)
    finding = tab.locator(".finding", has_text="853 户，限值 500 户")
    choose(tab, "320613018200001")
    finding.click()
    assert selected(tab) == [SECOND]


def test_two_drafts_are_shown_side_by_side_with_what_differs(editing, office):
    tab, plan = editing("one")
    other = office.draft("other")
    office.edit(other, 0, op="merge", codes=[SECOND, FOURTH], into=SECOND)
    tab.click(".head a.choice")
    tab.wait_for_selector(".twin .frame")
    scales = "[...document.querySelectorAll('.ol-scale-line-inner')].map((one) => one.innerText)"
    was = tab.evaluate(scales)
    tab.click(".ol-zoom-in >> nth=0")
    tab.wait_for_function(f"(was) => {scales}.every((scale) => scale && scale !== was[0])", arg=was)
    assert tab.locator(".findings li").count() == 0
    tab.select_option("#than", str(other))
    tab.wait_for_function(f"() => location.hash === '#{plan}/{other}' && document.querySelector('.findings li')")
    assert tab.locator(".findings .rule").all_inner_texts() == ["拆分", "拆分"]
    assert tab.locator(".whose").all_inner_texts() == ["other", "one"]
    assert tab.locator(".figures tbody tr").first.locator("td").all_inner_texts() == ["16", "17"]


def test_a_key_that_may_not_draft_is_told_so_plainly(visit, office):
    tab = visit(office.address, office.keys["operator"])
    tab.goto(f"{office.address}plans")
    assert "只有网格管理员" in tab.locator(".status").inner_text()
    assert tab.locator("form.new").count() == 0


def test_a_service_of_files_says_that_it_holds_no_plans(visit, client):
    address = str(client.base_url).rstrip("/") + "/"
    tab = visit(address)
    tab.goto(f"{address}plans")
    assert "没有方案库" in tab.locator(".status").inner_text()
    assert tab.locator("#key").count() == 0


def test_the_way_to_the_plans_is_shown_to_those_who_may_draft(visit, office):
    shown = {}
    for role in ("grid-admin", "operator", None):
        tab = visit(office.address, office.keys.get(role, ""))
        tab.goto(office.address)
        tab.wait_for_selector("#levels input")
        shown[role] = tab.locator("#plans").is_visible()
    assert shown == {"grid-admin": True, "operator": False, None: False}


def test_a_draft_is_copied_and_discarded_from_the_list(editing, office):
    tab, plan = editing("春季")
    tab.goto(f"{office.address}plans#")
    tab.locator(".list tr", has_text="春季").locator("button").first.click()
    copied = tab.locator(".list tr", has_text="春季（副本）")
    assert copied.locator("td").first.inner_text() == "草稿"
    tab.on("dialog", lambda dialog: dialog.accept())
    copied.locator("button").last.click()
    tab.wait_for_selector(".list .withdrawn")
    assert copied.locator("td").first.inner_text() == "已撤回"
    assert office.client.get(f"/api/plans/{plan}").json()["plan"]["status"] == "draft"


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


def test_the_editor_fits_a_phone_without_scrolling_sideways(editing):
    tab, _ = editing(width=390, height=844)
    choose(tab, SECOND)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
