"""Maps of plans: old beside new, what became of each area, figures beside norms, findings that lead to the place."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from gridmap import maps, partition, plans
from gridmap.errors import InputError
from gridmap.maps import finding_words, lineage, words
from gridmap.maps.shading import shading
from gridmap.partition.checking import check as checking
from gridmap.standards import Norms
from tests.settling import settled

pytestmark = pytest.mark.usefixtures("built_page")

COMMUNITY = "320613001001"


def _plan(**grids):
    """Grids by the last digits of their code: west, south, east, north in hectometres."""
    shapes = [box(*(np.array(edges) * 100 + np.tile([500000, 3500000], 2))) for edges in grids.values()]
    codes = [f"{COMMUNITY}{name.removeprefix('g')}" for name in grids]
    names = [f"第{int(name.removeprefix('g'))}网格" for name in grids]
    table = {"code": codes, "name": names, "level": "grid", "parent": COMMUNITY}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4549)


def _houses(*houses):
    """Houses of 10 x 10 m: x and y of the middle in hectometres, households."""
    spots = [shapely.Point(500000 + 100 * x, 3500000 + 100 * y) for x, y, _ in houses]
    table = {"id": [f"h{n}" for n in range(len(houses))], "households": [count for *_, count in houses]}
    return gpd.GeoDataFrame(table, geometry=[spot.buffer(5, cap_style="square") for spot in spots], crs=4549)


# the western grid is split, the next gives a strip of 20 m to the one after, the last is as it was
OLD = _plan(g001=(0, 0, 4, 4), g002=(4, 0, 8, 4), g003=(8, 0, 12, 4), g004=(12, 0, 16, 4))
NEW = _plan(g005=(0, 0, 4, 2), g006=(0, 2, 4, 4), g002=(4, 0, 7.8, 4), g003=(7.8, 0, 12, 4), g004=(12, 0, 16, 4))
HOUSES = _houses((2, 1, 100), (2, 3, 200), (7.9, 2, 30), (5, 2, 170), (10, 2, 300), (14, 2, 600))


def _written(made):
    """What a page carries as data."""
    found = re.search(r'id="gm-data">(.*?)</script>', maps.page_html(made), re.DOTALL)
    return json.loads(found[1])


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a map in a browser without a network."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)

    def open_map(made, query=""):
        maps.write_page(made, tmp_path / "map.html")
        tab = context.new_page()
        tab.complaints = []
        tab.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("request", lambda request: tab.complaints.append(request.url) if "map.html" not in request.url else None)
        tab.goto((tmp_path / "map.html").as_uri() + query)
        tab.wait_for_selector("body[data-ready]")
        return tab

    yield open_map
    context.close()


def test_every_area_says_what_became_of_it():
    sides = _written(maps.grids(NEW, old=OLD, buildings=HOUSES))["sides"]
    kinds = {side: dict(zip(of["codes"], of["kinds"], strict=True)) for side, of in _grids(sides)}
    named = {side: {code[-1]: kind for code, kind in of.items()} for side, of in kinds.items()}
    assert named["new"] == {"5": "split", "6": "split", "2": "adjusted", "3": "adjusted", "4": "unchanged"}
    assert named["old"] == {"1": "split", "2": "adjusted", "3": "adjusted", "4": "unchanged"}


def _grids(sides):
    return [(side, plan["levels"]["grid"]) for side, plan in sides.items()]


def test_changes_are_told_one_by_one_with_the_households_whose_code_changes():
    events = _written(maps.grids(NEW, old=OLD, buildings=HOUSES))["events"]
    split, strip = events
    assert (split["kind"], [code[-1] for code in split["old"]], [code[-1] for code in split["new"]]) == (
        "split",
        ["1"],
        ["5", "6"],
    )
    assert (split["households"], split["area_m2"]) == (300, 160000)
    assert (strip["kind"], strip["old"][0][-1], strip["new"][0][-1]) == ("adjusted", "2", "3")
    assert (strip["households"], strip["area_m2"]) == (30, 8000)
    assert len(strip["ground"]) == 1


def test_without_buildings_nobody_knows_how_many_change():
    events = _written(maps.grids(NEW, old=OLD))["events"]
    assert [event["households"] for event in events] == [None, None]


def test_a_merger_and_what_is_new_or_gone_are_changes_too():
    old = _plan(g001=(0, 0, 4, 4), g002=(4, 0, 8, 4), g003=(20, 0, 24, 4))
    new = _plan(g009=(0, 0, 8, 4), g010=(40, 0, 44, 4))
    events = lineage.events(plans.compare(old, new).to_crs(4490))
    ends = {event["kind"]: (len(event["old"]), len(event["new"])) for event in events}
    assert ends == {"merge": (2, 1), "created": (0, 1), "abolished": (1, 0)}


def _changes(*rows):
    """Rows of a lineage: old, new, kind, households."""
    table = pd.DataFrame(rows, columns=["old", "new", "kind", "households"]).assign(level="grid", area_m2=1.0)
    return gpd.GeoDataFrame(table, geometry=[box(n, 0, n + 1, 1) for n in range(len(table))], crs=4490)


def test_an_area_that_takes_part_in_several_changes_is_called_by_the_weightiest():
    changes = _changes(
        ("a", "b", "split", 1), ("a", "c", "split", 1), ("d", "b", "adjusted", 1), ("d", "d", "adjusted", 1)
    )
    assert lineage.kinds_of(changes, "new") == {
        ("grid", "b"): "split",
        ("grid", "c"): "split",
        ("grid", "d"): "adjusted",
    }


def test_who_keeps_the_code_is_not_counted_as_changing_it():
    (event,) = lineage.events(_changes(("a", "a", "split", 10), ("a", "b", "split", 5)))
    assert event["households"] == 5


def test_borders_that_moved_are_changes_of_their_own():
    events = lineage.events(_changes(("a", "b", "adjusted", 1), ("a", "c", "adjusted", 2), ("b", "b", "adjusted", 9)))
    assert [(event["old"], event["new"]) for event in events] == [(["a"], ["c"]), (["a"], ["b"])]


def test_plans_that_are_the_same_have_no_change():
    written = _written(maps.grids(OLD, old=OLD))
    assert (written["events"], written["passing"]) == ([], [])
    assert len(written["shapes"]) == 4


@pytest.mark.browser
def test_old_and_new_lie_side_by_side_and_move_together(opened):
    tab = opened(maps.grids(NEW, old=OLD, buildings=HOUSES))
    assert tab.locator("#gm-old").bounding_box()["width"] == pytest.approx(
        tab.locator(".folium-map").bounding_box()["width"], abs=3
    )
    scales = "[...document.querySelectorAll('.leaflet-control-scale-line')].map((one) => one.innerText)"
    before = settled(tab, scales)
    for _ in range(3):
        tab.locator(".folium-map .leaflet-control-zoom-in").click()
        after = settled(tab, scales)
    assert before[0] == before[1] != after[0] == after[1]
    spot = tab.locator(".folium-map .leaflet-gm-marks-pane path")
    tab.locator("#gm-old").hover()
    assert spot.count() == 1
    tab.locator(".gm-side").hover()
    assert spot.count() == 0
    assert tab.complaints == []


@pytest.mark.browser
def test_a_change_leads_to_its_place_on_both_maps(opened):
    tab = opened(maps.grids(NEW, old=OLD, buildings=HOUSES, lang="en"))
    assert "2 changes; 330 households get another code (23.6 %)" in tab.locator("#gm-changes").inner_text()
    assert not tab.locator("input[data-layer=buildings]").is_checked()
    tab.locator("#gm-changes button").nth(0).click()
    tab.locator("#gm-changes button").nth(1).click()
    assert "30 households get another code" in tab.locator("#gm-changes [aria-pressed=true]").inner_text()
    assert tab.locator("#gm-old .leaflet-gm-marks-pane path").count() == 2
    assert tab.locator(".folium-map .leaflet-gm-marks-pane path").count() == 2


@pytest.mark.browser
def test_of_many_areas_in_one_change_only_the_first_are_named(opened):
    old = _plan(**{f"g{n:03d}": (n, 0, n + 1, 1) for n in range(6)})
    tab = opened(maps.grids(_plan(g009=(0, 0, 6, 1)), old=old, lang="en"))
    said = tab.locator("#gm-changes button span").first.inner_text().split("\n")[0]
    assert said == "merged: 第0网格, 第1网格, 第2网格 and others, 6 in all → 第9网格"


@pytest.mark.browser
def test_the_legend_counts_what_is_gone_among_the_old_areas(opened):
    tab = opened(maps.grids(_plan(g001=(0, 0, 4, 4)), old=_plan(g001=(0, 0, 4, 4), g002=(4, 0, 8, 4)), lang="en"))
    assert [row.split("\n") for row in tab.locator(".gm-legend li:has(small)").all_inner_texts()] == [
        ["unchanged", "1 areas"],
        ["abolished", "1 areas"],
    ]


@pytest.mark.browser
def test_areas_that_break_most_norms_come_first_and_three_or_more_are_one_class(opened):
    ranges = {"households": (150, 500), "compactness": (0.9, None), "area_m2": (0, 1), "residents": (1, 2)}
    areas = _plan(g001=(0, 0, 4, 4), g002=(4, 0, 8, 4)).assign(households=[300, 900], residents=[1, 9])
    tab = opened(maps.grids(areas, norms=Norms(ranges={"grid": ranges}), by="norms", lang="en"))
    # a square has a compactness of 0.785: the first breaks two norms, the second all four
    rows = tab.locator(".gm-legend li:has(small)").all_inner_texts()
    assert [row.split("\n") for row in rows if "0 areas" not in row] == [
        ["2 not kept", "1 areas"],
        ["≥ 3 not kept", "1 areas"],
    ]
    assert tab.locator("#gm-off button span").first.inner_text().startswith("第2网格")


@pytest.mark.browser
def test_a_pop_up_tells_figures_old_and_new_code_and_who_moves(opened):
    tab = opened(maps.grids(NEW, old=OLD, buildings=HOUSES, lang="en"))
    tab.locator(".folium-map .leaflet-gm-shaded-pane path").first.click()
    said = " ".join(tab.locator(".gm-popup").inner_text().split())
    assert "Households 100 ▼" in said
    assert f"split: {COMMUNITY}001 → {COMMUNITY}005 · 100 households" in said


@pytest.mark.browser
def test_the_level_and_the_figure_can_be_changed_and_named_in_the_address(opened):
    district = gpd.GeoDataFrame(
        {"code": [COMMUNITY], "level": ["community"], "name": ["社区"]}, geometry=[NEW.union_all()], crs=4549
    )
    made = maps.grids(pd.concat([NEW, district]), buildings=HOUSES, lang="en")
    tab = opened(made, "?by=compactness&level=community")
    assert tab.locator(".gm-legend h2").inner_text() == "Compactness per community / village"
    borders = [tab.locator(f"input[data-layer=borders-{level}]").is_checked() for level in ("community", "grid")]
    assert borders == [True, False]
    assert tab.locator("input[data-layer=buildings]").is_checked()
    assert tab.locator(".leaflet-gm-buildings-pane path").count() == 1
    tab.select_option("#gm-level", "grid")
    tab.select_option("#gm-by", "norms")
    assert tab.locator(".gm-legend h2").inner_text() == "Norms kept"
    # off 150 to 500: 100 and 600
    assert "all kept\n3 areas" in tab.locator(".gm-legend").inner_text()
    assert tab.locator("#gm-off button").count() == 2


@pytest.mark.browser
@pytest.mark.parametrize("query", ["?by=<img>&level=__proto__", "?by=change&level=", "?by=constructor&level=toString"])
def test_what_the_address_asks_and_is_not_known_is_passed_over(opened, query):
    tab = opened(maps.grids(NEW, buildings=HOUSES, lang="en"), query)
    assert tab.locator(".gm-legend h2").inner_text() == "Households per grid"
    assert tab.complaints == []


@pytest.mark.browser
def test_findings_are_listed_and_lead_to_their_place(opened):
    table = {"rule": ["gap", "cut_building"], "message": ["<b>8 m2</b>", "h1 is cut"], "mend": ["close it", None]}
    shapes = [box(500100, 3500100, 500102, 3500104), shapely.LineString([(500200, 3500200), (500210, 3500200)])]
    made = maps.grids(NEW, findings=gpd.GeoDataFrame(table, geometry=shapes, crs=4549), lang="en")
    tab = opened(made)
    assert tab.locator("#gm-findings summary").inner_text() == "Findings (2)"
    tab.locator("#gm-findings button").first.click()
    tab.wait_for_selector(".gm-popup")
    assert tab.locator(".gm-popup").inner_text().split("\n")[:2] == ["gap", "<b>8 m2</b>"]
    assert tab.complaints == []


def _rules():
    """Rules that the sources of the check name, and those that it says it has."""
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(checking.__file__).parent.glob("*.py")]
    given = [
        one.value for tree in trees for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "rule"
    ]
    stated = re.search(r"order of\s+their weight \(([^)]*)\)", partition.check.__doc__)[1]
    return {one.value for one in given if isinstance(one, ast.Constant)} | set(re.split(r",\s+", stated))


def _measured(rule, unit, *, codes="1;2", measured=7.5, limit=5.0):
    return {"rule": rule, "codes": codes, "measured": measured, "unit": unit, "limit": limit}


def _faulty():
    """What a check says of areas that break every rule: codes are numbers, so that all letters are the sentence's."""
    ring = box(0, 200, 100, 300) - box(40, 240, 60, 260)
    apart = shapely.union_all([box(200, 200, 240, 240), box(260, 200, 290, 240)])
    bow = shapely.Polygon([(0, 400), (100, 500), (100, 400), (0, 500)])
    shapes = [box(0, 0, 100, 100), box(90, 0, 200, 90), ring, apart, bow, box(200, 0, 201, 100), box(300, 0, 400, 100)]
    table = {"code": list("1234566"), "parent": ["9"] * 7, "residents": [5] * 7}
    areas = gpd.GeoDataFrame(table, geometry=shapes, crs=4549)
    houses = {"id": ["81", "82"], "households": [900, 1]}
    buildings = gpd.GeoDataFrame(houses, geometry=[box(340, 40, 350, 50), box(195, 10, 215, 20)], crs=4549)
    across = [shapely.LineString([(300, 50), (400, 50)])]
    return partition.check(
        areas,
        box(-10, -10, 390, 600),
        gpd.GeoDataFrame({"code": ["9"]}, geometry=[box(0, 0, 350, 600)], crs=4549),
        buildings=pd.concat([buildings, buildings.iloc[1:].assign(id="83").set_geometry([box(60, 10, 120, 20)])]),
        streets=gpd.GeoDataFrame({"barrier": ["river"]}, geometry=across, crs=4549),
        limits=partition.Limits(residents=(10, 20)),
    )


def test_every_rule_of_the_check_has_words_in_both_languages():
    for rule in _rules():
        said = [finding_words.finding_said(_measured(rule, "m2"), {}, lang) for lang in words.TAGS]
        assert None not in said, rule
        assert not re.search("[A-Za-z]", "".join(said[0])), rule
        assert finding_words.rule_name(rule, "zh") != rule


def test_findings_of_every_rule_read_in_chinese():
    findings = _faulty()
    assert set(findings["rule"]) == _rules() - {"name_spelling"}
    written = _written(maps.grids(NEW, findings=findings))["findings"]
    said = ["".join(one[name] for name in ("called", "message", "mend", "told")) for one in written]
    assert [text for text in said if re.search("[A-Za-z{}]|nan", text)] == []


@pytest.mark.parametrize(
    ("finding", "zh", "en"),
    [
        (_measured("overlap", "m2", measured=0.25), "东网格和2重叠 0.25 平方米", "东网格 and 2 overlap by 0.25 m²"),
        (
            _measured("gap", "m2", measured=1234.4),
            "东网格和2旁有 1234 平方米不属于任何区域",
            "no area holds 1234 m² beside",
        ),
        (_measured("gap", "m2", codes=""), "有 7.5 平方米不属于任何区域", "no area holds 7.5 m²"),
        (
            _measured("households", "households", measured=600, limit=500),
            "高于标准上限 500 户",
            "at most 500 households",
        ),
        (
            _measured("households", "households", measured=0, limit=150),
            "东网格只有 0 户，低于标准下限 150 户",
            "at least 150",
        ),
        (_measured("cut_building", "share", codes="7;1;2", measured=0.074), "建筑物 7 被东网格和2之间", "7 %"),
        (_measured("nesting", "m2"), "东网格有 7.5 平方米在所属的2之外", "7.5 m² of 东网格 lie outside 2"),
        (
            _measured("t_junction", "m"),
            "2在东网格的界线上有一个顶点，东网格在该处没有",
            "border of 东网格, which has none",
        ),
        (_measured("gap", "m2", codes="1;2;3;4;5;6"), "东网格、2、3、4、5 等 6 个旁", "4, 5 and others, 6 in all"),
        (_measured("overlap", "{0}"), "重叠 7.5 {0}", "by 7.5 {0}"),
    ],
)
def test_findings_are_told_by_names_and_measures(finding, zh, en):
    said = {lang: finding_words.finding_said(finding, {"1": "东网格"}, lang)[0] for lang in words.TAGS}
    assert zh in said["zh"]
    assert en in said["en"]


@pytest.mark.parametrize(
    "wrong",
    [{"rule": "unheard"}, {"measured": None}, {"limit": "?"}, {"codes": None}],
    ids=["rule", "measure", "limit", "codes"],
)
def test_a_finding_without_words_is_told_by_its_message(wrong):
    row = _measured("overlap", "m2") | {"message": "as it came", "mend": "do it"} | wrong
    findings = gpd.GeoDataFrame([row], geometry=[box(500100, 3500100, 500102, 3500104)], crs=4549)
    (said,) = _written(maps.grids(NEW, findings=findings))["findings"]
    assert (said["message"], said["mend"]) == ("as it came", "do it")
    assert said["called"] == ("unheard" if row["rule"] == "unheard" else "重叠")


def test_areas_of_one_name_are_told_apart_by_their_codes():
    row = _measured("overlap", "m2", codes=f"{COMMUNITY}002;{COMMUNITY}005")
    findings = gpd.GeoDataFrame([row], geometry=[box(500100, 3500100, 500102, 3500104)], crs=4549)
    table = NEW.assign(name=["一", "一", "东", "南", "西"])
    (said,) = _written(maps.grids(table, findings=findings))["findings"]
    assert said["message"] == f"东和一（{COMMUNITY}005）重叠 7.5 平方米"


@pytest.mark.browser
def test_a_chinese_page_tells_findings_in_chinese(opened):
    tab = opened(
        maps.grids(NEW, buildings=HOUSES, findings=_faulty().set_geometry(_faulty().translate(500000, 3500000)))
    )
    tab.locator("#gm-findings button").first.click()
    tab.wait_for_selector(".gm-popup")
    assert not re.search("[A-Za-z]", tab.locator("#gm-findings").inner_text() + tab.locator(".gm-popup").inner_text())
    assert tab.complaints == []


@pytest.mark.browser
def test_a_narrow_screen_shows_both_maps_one_above_the_other(opened):
    tab = opened(maps.grids(NEW, old=OLD))
    tab.set_viewport_size({"width": 390, "height": 844})
    old, new = (tab.locator(one).bounding_box() for one in ("#gm-old", ".folium-map"))
    assert old["width"] == new["width"] == 390
    assert new["y"] >= old["y"] + old["height"] - 2
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_areas_that_no_figure_can_be_told_of_are_drawn_all_the_same():
    twice = pd.concat([OLD, OLD.iloc[:1]]).assign(households=[1, 2, 3, 4, 1])
    of = _written(maps.grids(twice))["sides"]["new"]["levels"]["grid"]
    assert of["figures"] == {"households": [1, 2, 3, 4, 1]}


def test_figures_beside_a_norm_part_their_classes_at_it():
    held = _written(maps.grids(NEW, buildings=HOUSES))["classes"]["grid"]["households"]
    # 100 | 170, 200, 330 | 600; thirds of those within are 190 and 243.3, in steps of 5
    assert list(zip(held["labels"], held["sides"], strict=True)) == [
        ("100–149", -1),
        ("150–189", 0),
        ("190–244", 0),
        ("245–500", 0),
        ("501–600", 1),
    ]


@pytest.mark.parametrize(
    ("values", "norm", "labels", "sides"),
    [
        ([0.1, 0.3], (0.2, None), ("0.1–0.2", "0.2–0.3"), (-1, 0)),
        ([0.2, 0.5], (0.2, 0.5), None, (0, 0, 0)),
        ([1, 9], (3, 6), ("1–6", "7–9"), (-1, 1)),
        ([5, 5], (3, 6), ("5",), (0,)),
    ],
    ids=["below and within", "both limits are within", "none within", "one number"],
)
def test_classes_lie_on_their_side_of_the_norm(values, norm, labels, sides):
    classes = shading(values, norm)
    assert classes.sides == sides
    assert labels is None or classes.labels == labels
    assert len(classes.colours) == len(sides) == len(set(classes.colours))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "change"}, "areas shaded by change"),
        ({"by": "staff"}, "areas shaded by staff"),
        ({"level": "ward"}, "level ward"),
        ({"old": OLD.iloc[:0]}, "no areas to draw"),
    ],
)
def test_what_is_not_known_cannot_be_shown_first(options, message):
    with pytest.raises(InputError, match=message):
        maps.grids(NEW, **options)
