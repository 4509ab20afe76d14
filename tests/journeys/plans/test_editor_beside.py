"""What the editor tells beside the map: others at work, findings, two drafts, the list of plans; in a browser."""

from __future__ import annotations

import pytest

from tests.journeys.plans.page import FOURTH, SECOND, choose, selected, wait_for_version

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]


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


def test_the_editor_fits_a_phone_without_scrolling_sideways(editing):
    tab, _ = editing(width=390, height=844)
    choose(tab, SECOND)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
