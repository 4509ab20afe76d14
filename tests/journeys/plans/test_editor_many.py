"""The editor of draft plans, on many areas at once, on files, and on the buildings that a border cuts."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from gridmap import formats
from tests.journeys.plans.page import FOURTH, SECOND, choose, selected, wait_for_version
from tests.settling import eventually

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]

#: Communities of the sample town, in the order of their codes.
FIRST_COMMUNITIES = "#grids li >> nth=0", "#grids li >> nth=2"


def communities(office, plan):
    """Codes of the communities of a draft, in order."""
    upper = office.client.get(f"/api/plans/{plan}").json()["upper"]
    return [area["code"] for area in upper if area["level"] == "community"]


def speak(tab, language):
    tab.click(f"[data-lang={language}]")
    tab.wait_for_selector("#grids li")


def test_communities_are_merged_many_at_once_and_their_grids_stay(editing, office):
    tab, plan = editing()
    before, grids = communities(office, plan), office.areas(plan)
    tab.select_option("#level", "community")
    tab.click("#tool-merge")
    first, third = FIRST_COMMUNITIES
    tab.click(first)
    tab.click(third, modifiers=["Shift"])
    assert selected(tab) == before[:3]
    tab.click("#merge-now")
    wait_for_version(tab, 1)
    assert (communities(office, plan), selected(tab)) == ([before[0], *before[3:]], before[:1])
    assert office.areas(plan) == grids


def test_communities_are_merged_from_the_keyboard_alone(editing, office):
    tab, plan = editing()
    before = communities(office, plan)
    tab.focus("#level")
    tab.keyboard.press("ArrowDown")
    tab.focus("#tool-merge")
    tab.keyboard.press("Enter")
    tab.focus("#grids")
    for key in ("Home", "Shift+ArrowDown", "Shift+ArrowDown"):
        tab.keyboard.press(key)
    assert selected(tab) == before[:3]
    tab.focus("#merge-now")
    tab.keyboard.press("Enter")
    wait_for_version(tab, 1)
    assert communities(office, plan) == [before[0], *before[3:]]


def test_a_click_on_the_map_selects_the_community_that_holds_the_grid(editing):
    tab, _ = editing()
    choose(tab, SECOND)
    tab.select_option("#level", "community")
    assert selected(tab) == [SECOND[:12]]
    box = tab.locator("#map").bounding_box()
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert selected(tab) == [SECOND[:12]]
    tab.select_option("#level", "")
    choose(tab, SECOND)
    assert tab.is_enabled("#tool-border")


def test_a_box_drawn_with_shift_selects_all_grids_in_it(editing, office):
    tab, plan = editing()
    box = tab.locator("#map").bounding_box()
    tab.keyboard.down("Shift")
    tab.mouse.move(box["x"] + 70, box["y"] + 5)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] - 5, steps=4)
    tab.mouse.up()
    tab.keyboard.up("Shift")
    assert set(selected(tab)) == set(office.areas(plan))
    households = sum(
        feature["properties"]["households"] for feature in office.client.get(f"/api/plans/{plan}").json()["features"]
    )
    assert str(households) in tab.inner_text(".sums")


def test_several_grids_go_to_another_community_in_one_step(editing, office):
    tab, plan = editing()
    to = next(code for code in communities(office, plan) if code != SECOND[:12])
    choose(tab, SECOND, FOURTH)
    tab.click(".grid-panel summary")
    tab.select_option("#assign", to)
    tab.click(".grid-panel form:has(#assign) button")
    wait_for_version(tab, 1)
    features = office.client.get(f"/api/plans/{plan}").json()["features"]
    assert {one["id"] for one in features if one["properties"]["parent"] == to} >= {SECOND, FOURTH}


@pytest.mark.parametrize(("language", "said"), [("zh", "没有共同的界线"), ("en", "have no border in common")])
def test_a_refusal_speaks_the_language_of_the_page(editing, office, language, said):
    tab, plan = editing()
    speak(tab, language)
    far = next(code for code in office.areas(plan) if code.startswith("320613018200"))
    tab.click("#tool-merge")
    choose(tab, SECOND, far)
    tab.check("#across")
    tab.click("#merge-now")
    tab.wait_for_selector(".said.bad")
    assert said in tab.inner_text(".said")
    assert "虹桥社区第2网格" in tab.inner_text(".said")


def drawn(tmp_path, office, codes):
    """A file of the ground of the two first grids of a draft, and its path."""
    shapes = list(office.areas(office.draft()).values())[:2]
    path = tmp_path / "drawn.gpkg"
    formats.write({"grids": gpd.GeoDataFrame({"code": codes, "level": "grid"}, geometry=shapes, crs=4490)}, path)
    return path


def uploading(visit, office, path):
    tab = visit(office.address, office.keys["grid-admin"])
    tab.goto(f"{office.address}plans")
    tab.set_input_files("#upload", path)
    tab.click("form:has(#upload) button")
    return tab


def test_a_drawn_file_becomes_a_draft_named_after_it(visit, office, tmp_path):
    tab = uploading(visit, office, drawn(tmp_path, office, ["G1", "G2"]))
    tab.wait_for_selector("#grids li")
    assert tab.inner_text(".head h2") == "drawn"
    assert [one.get_attribute("data-code") for one in tab.locator("#grids li").all()] == ["G1", "G2"]


def test_every_fault_of_a_file_is_listed_with_its_place(visit, office, tmp_path):
    tab = uploading(visit, office, drawn(tmp_path, office, ["G1", "G1"]))
    tab.wait_for_selector(".faults li")
    assert tab.locator(".faults li").all_inner_texts() == ["第 2 个要素、字段 code：代码与另一个区域重复"]


def test_a_file_of_another_kind_is_refused_before_it_is_sent(visit, office, tmp_path):
    path = tmp_path / "grids.dwg"
    path.write_bytes(b"AC1027")
    tab = uploading(visit, office, path)
    tab.wait_for_selector(".upload-said .bad")
    assert ".gpkg" in tab.inner_text(".upload-said")


def test_a_draft_is_downloaded_with_all_its_levels(editing, office, tmp_path):
    tab, plan = editing()
    with tab.expect_download() as download:
        tab.click("text=下载网格")
    download.value.save_as(tmp_path / "plan.gpkg")
    areas = formats.read(tmp_path / "plan.gpkg", layer="areas")
    assert set(areas[areas["level"] == "grid"]["code"]) == set(office.areas(plan))
    assert {"district", "street", "community"} <= set(areas["level"])


def test_buildings_come_into_view_with_those_that_a_border_cuts(editing, office, town):
    tab, plan = editing()
    asked = []
    tab.on("response", lambda response: asked.append(response) if "/buildings" in response.url else None)
    # what was asked before anybody listened is not asked again
    tab.reload()
    choose(tab, SECOND)
    here = office.areas(plan)[SECOND]
    inside = town["buildings"][shapely.covered_by(town["buildings"].geometry.to_numpy(), here)]

    def held():
        features = asked[-1].json()["features"] if asked else []
        return {one["id"] for one in features if one["properties"]["area"] == SECOND}

    assert eventually(tab, lambda: set(inside["id"]) <= held())
    tab.uncheck("#show-buildings")
    tab.wait_for_selector("#map[aria-busy=false]")
    asked.clear()
    choose(tab, FOURTH)
    tab.wait_for_timeout(600)
    assert asked == []
