"""The web page in a browser: what a person does with it, and that it talks to nobody but its own service."""

from __future__ import annotations

import math
import re
import struct
import zlib

import numpy as np
import pytest

from gridmap.crs import from_wgs84

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


@pytest.fixture
def visit(chromium):
    """Open the page of a service, in Chinese unless said otherwise; at the end nothing may have been complained of."""
    contexts, foreign, complaints = [], [], []

    def open_page(address, *, locale="zh-CN", width=1366, height=768, before=None):
        context = chromium.new_context(locale=locale, viewport={"width": width, "height": height})
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: None if request.url.startswith(address) else foreign.append(request.url))
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
    tab.wait_for_timeout(300)
    east_px, south_px, pixels = tab.evaluate(RED_CENTRE)
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
