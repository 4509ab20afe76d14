"""The web page in a browser: what a person does with it, and that it talks to nobody but its own service."""

from __future__ import annotations

import math
import re
import struct
import zlib
from datetime import date
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest

from gridmap import store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.crs import from_wgs84
from tests.settling import PICTURE, settled

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_page")]

GRID_1, GRID_4 = "320613001001001", "320613001001004"
#: No wider than what the page needs; whoever loosens it has to say so here.
STRICT = {"default-src": "'none'", "script-src": "'self'"}

#: How many pixels the middle of all red on the map lies east and south of the middle of the map; how much red there is.
RED_CENTRE = """() => {
    const canvas = document.querySelector("#map canvas"), {width, height} = canvas;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let [x, y, n] = [0, 0, 0];
    for (let i = 0; i < width * height; i++) {
        if (pixels[4 * i] > 200 && pixels[4 * i + 1] < 90 && pixels[4 * i + 2] < 90) {
            [x, y, n] = [x + i % width, y + Math.floor(i / width), n + 1];
        }
    }
    return [x / n + 0.5 - width / 2, y / n + 0.5 - height / 2, n];
}"""


#: Type a text into the query, a character after the other, faster than any pause.
TYPED_AT_ONCE = """(text) => {
    const query = document.querySelector("#query");
    query.focus();
    for (const one of text) {
        query.value += one;
        query.dispatchEvent(new InputEvent("input", { bubbles: true, data: one, inputType: "insertText" }));
    }
}"""


@pytest.fixture
def visit(chromium):
    """Open the page of a service, in Chinese unless said otherwise; at the end nothing may have been complained of.

    A browser complains of every request that is refused, even where the page tells of it: ``refused`` allows that.
    """
    contexts, foreign, complaints = [], [], []

    def open_page(address, *, locale="zh-CN", width=1366, height=768, before=None, refused=False):
        context = chromium.new_context(locale=locale, viewport={"width": width, "height": height})
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: None if request.url.startswith(address) else foreign.append(request.url))
        if not refused:
            tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        if before is not None:
            before(tab)
        tab.goto(address)
        tab.wait_for_selector("#levels input")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert (foreign, complaints) == ([], [])


def _address(client):
    return str(client.base_url).rstrip("/") + "/"


def _ask(tab, text):
    tab.fill("#query", text)
    tab.press("#query", "Enter")
    tab.wait_for_selector("#answer[aria-busy=false] .status")


def _chain(tab):
    """Level, name and code of the areas in the answer, coarsest first."""
    rows = tab.locator(".chain tbody tr").all()
    return [tuple(row.locator("th, td").all_inner_texts()) for row in rows]


def _tile(url, lon, lat):
    """A white web Mercator tile as PNG with a red square of 41 pixels around a place."""
    zoom, x, y = (int(part) for part in re.findall(r"\d+", url.split("/tiles/")[1])[:3])
    world = 256 * 2**zoom
    east = (lon + 180) / 360 * world - 256 * x
    south = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * world - 256 * y
    middle = np.arange(256) + 0.5
    red = (abs(middle - east) < 20.5)[None, :] & (abs(middle - south) < 20.5)[:, None]
    rows = np.where(red[..., None], [255, 0, 0], 255).astype(np.uint8).reshape(256, -1)
    data = zlib.compress(np.insert(rows, 0, 0, axis=1).tobytes())
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    packed = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_an_operator_types_an_address_of_the_town_and_reads_its_grid(visit, live_server, town):
    address, truth = town["addresses"].iloc[0], town["truth_addresses"].iloc[0]
    tab = visit(live_server.rstrip("/") + "/")
    _ask(tab, address["text"])
    codes = [code for _, _, code in _chain(tab)]
    assert codes == [truth[level] for level in ("district", "street", "community", "grid", "micro")]


def test_an_address_is_answered_with_every_level_and_the_distance_to_the_border(visit, client):
    tab = visit(_address(client))
    _ask(tab, "青年路1号")
    assert tab.locator("h2").inner_text() == "位于 崇川区 一网格"
    assert _chain(tab) == [("区县", "崇川区", "320613"), ("网格", "一网格", GRID_1)]
    # the middle of a square of 0.01 degrees: 0.005 degrees of longitude at 32 N are 472 m, less than those of latitude
    assert re.search(r"距最近区界\s+472 米", tab.locator(".facts").inner_text())


@pytest.mark.parametrize("text", ["120.015,32.015", "32.015 120.015", "北纬32°0'54\" 东经120°0'54\""])
def test_coordinates_may_be_typed_in_any_order_and_notation(visit, client, text):
    tab = visit(_address(client))
    _ask(tab, text)
    assert _chain(tab)[-1] == ("网格", "四网格", GRID_4)


def test_a_click_on_the_map_asks_for_that_point(visit, client):
    tab = visit(_address(client))
    box = tab.locator("#map").bounding_box()
    tab.mouse.click(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2 + 60)
    tab.wait_for_selector("#answer .chain")
    assert _chain(tab)[-1][2] == GRID_1


def test_everything_can_be_done_from_the_keyboard(visit, client):
    tab = visit(_address(client))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    tab.keyboard.type("青年路2号")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#answer .chain")
    assert _chain(tab)[-1][2] == GRID_4
    tab.focus("#map")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#answer[aria-busy=false] h2")
    assert _chain(tab)[-1][2] == GRID_4


def test_the_enter_that_ends_a_pinyin_composition_asks_nothing(visit, client):
    tab = visit(_address(client))
    tab.fill("#query", "qingnian")
    cancelled = tab.evaluate(
        "() => !document.getElementById('query').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, cancelable: true, bubbles: true}))"
    )
    assert cancelled
    assert tab.locator("#answer .status").count() == 0


def test_the_language_is_the_browsers_and_the_choice_of_another_is_remembered(visit, client):
    tab = visit(_address(client), locale="en-GB")
    assert (tab.get_attribute("html", "lang"), tab.inner_text("button.primary")) == ("en", "Search")
    _ask(tab, "青年路1号")
    tab.click("[data-lang=zh]")
    assert _chain(tab)[-1] == ("网格", "一网格", GRID_1)
    tab.reload()
    tab.wait_for_selector("#levels input")
    assert (tab.get_attribute("html", "lang"), tab.inner_text("button.primary")) == ("zh-CN", "查询")


@pytest.mark.parametrize(
    ("text", "accuracy", "said"),
    [
        ("120.0101,32.005", "50", "位置不能确定"),
        ("121.5,33", "", "该点不在任何网格之内"),
        ("没有这条路99号", "", "没有找到这个地址"),
        ("120.5,95", "", "坐标超出范围"),
        (" ", "", "请输入地址或坐标"),
    ],
    ids=["ambiguous", "outside", "not found", "off the globe", "empty"],
)
def test_what_has_no_plain_answer_is_told_as_such(visit, client, text, accuracy, said):
    tab = visit(_address(client))
    tab.fill("#accuracy", accuracy)
    _ask(tab, text)
    assert tab.locator(".status").inner_text().startswith(said)


def test_an_ambiguous_point_names_the_areas_it_may_be_in(visit, client):
    tab = visit(_address(client))
    tab.fill("#accuracy", "50")
    _ask(tab, "120.0101,32.005")
    assert tab.locator(".areas li .code").all_inner_texts() == [GRID_1, "320613001001002"]


def test_a_past_day_is_asked_about_and_stated_in_the_answer(visit, client):
    tab = visit(_address(client))
    tab.fill("#on", "2021-03-04")
    _ask(tab, "青年路1号")
    assert re.search(r"日期\s+2021-03-04$", tab.locator(".facts").inner_text(), re.MULTILINE)
    tab.fill("#on", "")
    tab.wait_for_selector(".facts :text('(今天)')")


def test_several_addresses_that_match_are_offered_and_one_is_chosen(visit, client):
    places = [("青年路1号甲", 120.005, 32.005, GRID_1), ("<img src=x onerror=alert(1)>", 120.015, 32.015, GRID_4)]
    candidates = [dict(zip(("address", "lon", "lat", "area"), place, strict=True)) for place in places]
    answer = {"status": "ambiguous", "area": None, "chain": [], "lon": None, "lat": None, "border_m": None}
    tab = visit(_address(client))
    tab.route("**/api/locate?address=*", lambda route: route.fulfill(json={**answer, "candidates": candidates}))
    _ask(tab, "青年路")
    assert tab.locator(".status").inner_text() == "有 2 处地址相符，请选择"
    tab.locator(".candidates button").nth(1).click()
    tab.wait_for_selector(".chain")
    assert _chain(tab)[-1][2] == GRID_4


def _answer(client, address, **more):
    """What the service answers to an address, with more or other things said."""
    return {**client.get("/api/locate", params={"address": address}).json(), **more}


def _suggested(tab):
    """Texts of the list below the search box, once there is one."""
    tab.wait_for_selector("#suggestions li")
    return tab.locator("#suggestions .name").all_inner_texts()


def _count_requests(tab, path):
    """The addresses asked for below a path, from now on."""
    asked = []
    tab.on("request", lambda request: asked.append(request.url) if path in request.url else None)
    return asked


def test_an_address_is_chosen_from_what_is_suggested_by_the_keyboard(visit, client):
    tab = visit(_address(client))
    tab.type("#query", "青年路")
    assert _suggested(tab) == ["青年路", "青年路1号", "青年路2号"]
    for _ in range(3):
        tab.press("#query", "ArrowDown")
    assert tab.get_attribute("#query", "aria-activedescendant") == "suggestions-2"
    assert tab.locator("[role=option][aria-selected=true]").inner_text().startswith("青年路2号")
    tab.press("#query", "Enter")
    tab.wait_for_selector("#answer .chain")
    assert tab.input_value("#query") == "江苏省南通市崇川区青年路2号"
    assert _chain(tab)[-1][2] == GRID_4
    assert tab.locator("#suggestions").is_hidden()


def test_an_address_is_chosen_from_what_is_suggested_by_the_mouse(visit, client):
    tab = visit(_address(client))
    tab.type("#query", "qnl1")
    assert _suggested(tab) == ["青年路1号"]
    tab.click("#suggestions li")
    tab.wait_for_selector("#answer .chain")
    assert _chain(tab)[-1][2] == GRID_1


def test_what_was_typed_is_set_off_and_a_road_says_how_many_addresses_it_has(visit, client):
    tab = visit(_address(client))
    tab.type("#query", "青年")
    _suggested(tab)
    option = tab.locator("#suggestions li").first
    assert option.locator("mark").inner_text() == "青年"
    assert option.locator(".what").inner_text() == "道路 · 2 个地址"
    assert option.locator(".within").inner_text() == "崇川区"


def test_an_alias_shows_what_it_means_and_asks_for_that_when_it_is_chosen(visit, serving, four_grids, two_addresses):
    aliases = pd.DataFrame({"alias": ["老粮站"], "means": ["青年路2号"]})
    atlas = Atlas.of_tables(four_grids, two_addresses, aliases=aliases)
    with serving(create_app(atlas, open_read=True)) as running:
        tab = visit(_address(running))
        tab.type("#query", "老粮")
        assert _suggested(tab) == ["老粮站"]
        assert tab.locator("#suggestions .what").inner_text() == "别名"
        assert tab.locator("#suggestions .within").inner_text() == "= 江苏省南通市崇川区青年路2号"
        tab.click("#suggestions li")
        tab.wait_for_selector("#answer .chain")
        assert tab.input_value("#query") == "江苏省南通市崇川区青年路2号"
        assert _chain(tab)[-1][2] == GRID_4


def test_escape_closes_the_list_and_keeps_what_was_typed(visit, client):
    tab = visit(_address(client))
    tab.type("#query", "青年")
    _suggested(tab)
    assert tab.get_attribute("#query", "aria-expanded") == "true"
    tab.press("#query", "Escape")
    assert tab.locator("#suggestions").is_hidden()
    assert (tab.input_value("#query"), tab.get_attribute("#query", "aria-expanded")) == ("青年", "false")


def test_enter_without_a_choice_asks_for_what_was_typed(visit, client):
    tab = visit(_address(client))
    tab.type("#query", "青年路2号")
    _suggested(tab)
    tab.press("#query", "Enter")
    tab.wait_for_selector("#answer .chain")
    assert tab.locator("#suggestions").is_hidden()


def test_coordinates_ask_for_no_suggestions(visit, client):
    tab = visit(_address(client))
    asked = _count_requests(tab, "/api/suggest")
    tab.type("#query", "120.015, 32.015")
    tab.wait_for_timeout(300)
    assert not [url for url in asked if "%2C" in url]


def test_nothing_is_asked_while_characters_are_being_composed(visit, client):
    tab = visit(_address(client))
    asked = _count_requests(tab, "/api/suggest")
    tab.focus("#query")
    keyboard = tab.context.new_cdp_session(tab)
    for typed in ("q", "qing", "qingnian"):
        keyboard.send("Input.imeSetComposition", {"text": typed, "selectionStart": 0, "selectionEnd": len(typed)})
        tab.wait_for_timeout(150)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "青年"})
    assert _suggested(tab)[0] == "青年路"
    assert len(asked) == 1


def test_a_fast_typist_asks_once_and_a_late_answer_shows_nothing(visit, client):
    tab = visit(_address(client))
    asked = _count_requests(tab, "/api/suggest")
    # in one turn of the page's loop: a slow machine would make a slow typist of every other hand
    tab.evaluate(TYPED_AT_ONCE, "青年路2")
    assert _suggested(tab) == ["青年路2号"]
    assert len(asked) == 1
    tab.route("**/api/suggest?q=*", lambda route: (tab.wait_for_timeout(400), route.continue_()))
    tab.type("#query", "号")
    tab.wait_for_timeout(150)
    tab.press("#query", "Enter")
    tab.wait_for_selector("#answer .chain")
    tab.wait_for_timeout(600)
    assert tab.locator("#suggestions").is_hidden()


def test_why_there_is_no_answer_is_told_with_what_is_known(visit, client):
    known = {"text": "青年路2号", "level": "number", "area": GRID_4}
    refused = _answer(client, "没有这条路99号", reason="no_such_building", known=known)
    tab = visit(_address(client))
    tab.route(lambda url: quote("9幢") in url, lambda route: route.fulfill(json=refused))
    _ask(tab, "青年路2号9幢")
    assert tab.locator(".more").inner_text() == "没有这栋楼。"
    tab.click(".known button")
    tab.wait_for_selector("#answer .chain")
    assert tab.input_value("#query") == "青年路2号"


def test_what_was_taken_on_trust_is_told_and_how_far_off_the_place_may_be(visit, client):
    notes = [
        {"code": "typo", "given": "清年路", "taken": "青年路"},
        {"code": "interpolated", "given": "7号", "taken": "5号, 9号"},
        {"code": "unheard of", "given": "<b>", "taken": ""},
    ]
    said = _answer(client, "青年路1号", notes=notes, accuracy_m=120.0, matched_level="interpolated")
    tab = visit(_address(client))
    tab.route("**/api/locate?address=*", lambda route: route.fulfill(json=said))
    _ask(tab, "清年路7号")
    assert tab.locator(".notes li").all_inner_texts() == [
        "“清年路”按“青年路”查找。",
        "没有 7号 的门牌，位置按 5号, 9号 推算。",
        "unheard of <b>",
    ]
    assert re.search(r"位置误差\s+约 120 米以内", tab.locator(".facts").inner_text())


def test_a_place_among_several_is_chosen_by_its_mark_on_the_map(visit, client):
    place = {"address": "青年路2号", "level": "number", "lon": 120.015, "lat": 32.015, "area": GRID_4}
    several = _answer(client, "没有这条路99号", status="ambiguous", candidates=[place])
    tab = visit(_address(client))
    tab.route("**/api/locate?address=*", lambda route: route.fulfill(json=several))
    _ask(tab, "青年路2号")
    assert tab.locator(".candidates .mark").all_inner_texts() == ["1"]
    # the map goes to the only mark, which then stands in its middle
    settled(tab, PICTURE)
    box = tab.locator("#map").bounding_box()
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.wait_for_selector("#answer .chain")
    assert re.search(r"标准地址\s+青年路2号", tab.locator(".facts").inner_text())


def test_how_an_address_was_compared_is_shown_to_who_asks(visit, client):
    steps = [{"name": "road", "gain": 3.0, "detail": "青年路"}, {"name": "district", "gain": -4.25, "detail": "<i>"}]
    explained = _answer(client, "青年路1号", steps=steps)
    tab = visit(_address(client))
    asked = _count_requests(tab, "explain=true")
    tab.route("**/api/locate?*explain=true*", lambda route: route.fulfill(json=explained))
    _ask(tab, "青年路1号")
    assert asked == []
    tab.click(".explain summary")
    tab.wait_for_selector(".steps tr")
    rows = [row.locator("th, td").all_inner_texts() for row in tab.locator(".steps tr").all()]
    assert rows == [["道路", "+3", "青年路"], ["区县", "-4.25", "<i>"]]


def test_a_service_without_a_record_offers_no_correction(visit, client):
    tab = visit(_address(client))
    _ask(tab, "青年路1号")
    assert tab.locator(".correct").count() == 0


def test_an_administrator_says_what_a_text_means(visit, record, serving, four_grids, two_addresses):
    with record.begin() as connection:
        for layer, table in (("areas", four_grids), ("addresses", two_addresses)):
            source = store.Source(file=layer)
            store.load(connection, layer, table, source=source, actor="test", effective=date(2024, 1, 1))
        key = store.add_key(connection, "grid office", "grid-admin", actor="test")
    atlas = Atlas.of_record(record)
    atlas.keep_fresh()
    with serving(create_app(atlas, engine=record, open_read=True)) as service:
        tab = visit(_address(service))
        _ask(tab, "老纺织厂门口")
        tab.click(".correct summary")
        tab.fill("#key", key)
        tab.press("#key", "Enter")
        tab.wait_for_selector("#means", state="attached")
        tab.click(".correct summary")
        tab.fill("#means", "江苏省南通市崇川区青年路1号")
        tab.press("#means", "Enter")
        tab.wait_for_selector("#answer .chain")
        assert _chain(tab)[-1][2] == GRID_1
        assert tab.evaluate("[localStorage.length, sessionStorage.length]") == [1, 1]
    atlas.close()


def test_a_correction_that_is_refused_says_why(visit, client):
    config = {**client.get("/api/config").json(), "corrects": "yes"}
    problem = {"title": "refused", "status": 422, "detail": "<b>no such address</b>"}

    def serve(tab):
        tab.route("**/api/config", lambda route: route.fulfill(json=config))
        tab.route("**/api/aliases", lambda route: route.fulfill(status=422, json=problem))

    tab = visit(_address(client), before=serve, refused=True)
    _ask(tab, "青年路1号")
    tab.click(".correct summary")
    tab.fill("#means", "没有这条路")
    tab.press("#means", "Enter")
    tab.wait_for_selector(".correct .bad")
    assert tab.locator(".correct .bad").inner_text() == "<b>no such address</b>"


def test_the_map_shows_the_grid_that_was_found_and_its_borders(visit, client):
    tab = visit(_address(client))
    with tab.expect_response(lambda response: f"code={GRID_1}" in response.url) as found:
        _ask(tab, "青年路1号")
    assert found.value.json()["features"][0]["properties"]["code"] == GRID_1
    assert tab.locator("#map canvas").count() >= 1


def test_a_basemap_in_gcj_02_is_put_back_where_it_belongs(visit, client):
    # the corner of the four grids is the middle of the map; such tiles draw it some 500 m beside it
    corner = from_wgs84(120.01, 32.01, "GCJ-02")
    basemap = {"url": "/tiles/{z}/{x}/{y}.png", "crs": "GCJ-02", "attribution": "<b>tiles"}
    config = {**client.get("/api/config").json(), "basemap": basemap}

    def serve_tiles(tab):
        tab.route("**/api/config", lambda route: route.fulfill(json=config))
        tab.route("**/tiles/**", lambda route: route.fulfill(body=_tile(route.request.url, *corner)))

    tab = visit(_address(client), before=serve_tiles)
    tab.wait_for_load_state("networkidle")
    east_px, south_px, pixels = settled(tab, RED_CENTRE)
    assert pixels > 100
    assert max(abs(east_px), abs(south_px)) <= 1.5
    assert tab.locator(".ol-attribution").inner_text().strip().endswith("<b>tiles")


def test_the_service_forbids_the_page_everything_from_outside(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert {name: rules.get(name) for name in STRICT} == STRICT
    assert "http" not in policy


def test_the_page_fits_a_phone_without_scrolling_sideways(visit, client):
    tab = visit(_address(client), width=390, height=844)
    _ask(tab, "青年路1号")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
