"""The comparison page of a dispute as people use it: by mouse, finger and keys, from a file, without any network."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import pytest
from PIL import Image
from shapely import LineString, Point, box

from gridmap import maps
from gridmap.disputes.dates import SourceDates, parse_edtf
from tests.dispute_scene import EVIL, X, Y, claims, compared, land, plain, taken
from tests.settling import eventually, settled

pytestmark = pytest.mark.usefixtures("built_page")


@pytest.fixture(params=["mouse", "finger"])
def pointer(request):
    return request.param


@pytest.fixture
def opened(chromium, tmp_path):
    """A page on disk in a browser without a network: the page, what it asked of others, its complaints."""
    context = chromium.new_context(viewport={"width": 1000, "height": 700}, has_touch=True)
    context.set_offline(True)

    def open_page(page, viewport=None):
        maps.write_page(page, tmp_path / "page.html")
        tab, requests, complaints = context.new_page(), [], []
        if viewport:
            tab.set_viewport_size(viewport)
        own = ((tmp_path / "page.html").as_uri(), "data:")
        tab.on("request", lambda request: request.url.startswith(own) or requests.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto((tmp_path / "page.html").as_uri())
        tab.wait_for_selector("body[data-ready]")
        settled(tab, SEEN)
        return tab, requests, complaints

    yield open_page
    context.close()


#: What the panes of both sides are cut to, and whether their pictures have come.
SEEN = """() => [...document.querySelectorAll(".leaflet-gm-left-pane, .leaflet-gm-right-pane")].map((pane) =>
  pane.style.clipPath + [...pane.querySelectorAll("img")].map((img) => img.complete)).join()"""
RED, BLUE = (210, 40, 40), (40, 60, 210)


def _two(**options):
    """Red on the left, blue on the right."""
    return maps.dispute_map(compared(45), sources=[plain(RED, title="red"), plain(BLUE, title="blue")], **options)


def _colour(tab, share, height=0.9):
    """Which picture is seen at a place of the map; far from all lines."""
    box = tab.locator(".folium-map").bounding_box()
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    red, _, blue = picture.getpixel((box["x"] + share * box["width"], box["y"] + height * box["height"]))
    return "red" if red > blue + 60 else "blue" if blue > red + 60 else "neither"


def _drag(tab, pointer, to, *, start=None):
    """Drag the divider (or a place) to a share of the map's width, by mouse or by a finger."""
    box = tab.locator(".folium-map").bounding_box()
    knob = tab.locator(".gm-divider b").bounding_box()
    begin = start or (knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
    ends = [(begin[0] + step / 4 * (box["x"] + to * box["width"] - begin[0]), begin[1]) for step in range(5)]
    if pointer == "mouse":
        tab.mouse.move(*ends[0])
        tab.mouse.down()
        for end in ends[1:]:
            tab.mouse.move(*end)
        # a map that is let go while it moves glides on
        settled(tab, SEEN)
        tab.mouse.up()
        return
    session = tab.context.new_cdp_session(tab)
    touch = lambda kind, at: session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})  # noqa: E731 - one line
    touch("touchStart", [{"x": ends[0][0], "y": ends[0][1]}])
    for end in ends[1:]:
        touch("touchMove", [{"x": end[0], "y": end[1]}])
    touch("touchEnd", [])


def _now(tab):
    return int(tab.locator(".gm-divider").get_attribute("aria-valuenow"))


@pytest.mark.browser
def test_the_divider_is_moved_by_mouse_and_by_finger_without_any_network(opened, pointer):
    tab, requests, complaints = opened(_two())
    assert (_now(tab), _colour(tab, 0.4), _colour(tab, 0.6)) == (50, "red", "blue")
    _drag(tab, pointer, 0.25)
    assert eventually(tab, lambda: _now(tab) == 25)
    assert (_colour(tab, 0.22), _colour(tab, 0.28)) == ("red", "blue")
    _drag(tab, pointer, 0.8)
    assert eventually(tab, lambda: _now(tab) == 80)
    assert (_colour(tab, 0.77), _colour(tab, 0.83)) == ("red", "blue")
    assert (requests, complaints) == ([], [])


@pytest.mark.browser
def test_the_map_stays_where_it_is_while_the_divider_moves(opened, pointer):
    tab, _, _ = opened(_two())
    place = "() => document.querySelector('.leaflet-map-pane').style.transform"
    before = tab.evaluate(place)
    _drag(tab, pointer, 0.2)
    assert eventually(tab, lambda: _now(tab) == 20)
    tab.keyboard.press("ArrowLeft")
    assert settled(tab, place) == before


@pytest.mark.browser
def test_keys_move_the_divider_and_it_tells_where_it_is(opened):
    tab, _, _ = opened(_two(lang="en"))
    divider = tab.get_by_role("slider")
    divider.focus()
    for keys, now in (("ArrowRight", 51), ("PageDown", 41), ("ArrowLeft", 40), ("End", 100), ("ArrowRight", 100)):
        tab.keyboard.press(keys)
        assert _now(tab) == now
    assert _colour(tab, 0.97) == "red"
    tab.keyboard.press("Home")
    assert (_now(tab), _colour(tab, 0.03)) == (0, "blue")
    assert divider.get_attribute("aria-valuetext").startswith("left: red")


@pytest.mark.browser
def test_the_cut_stays_below_the_divider_when_the_map_is_moved_and_zoomed(opened):
    tab, _, _ = opened(_two())
    _drag(tab, "mouse", 0.6)
    _drag(tab, "mouse", 0.75, start=(560, 600))
    settled(tab, SEEN)
    assert (_now(tab), _colour(tab, 0.57), _colour(tab, 0.63)) == (60, "red", "blue")
    tab.mouse.move(500, 500)
    tab.mouse.wheel(0, 120)
    settled(tab, SEEN)
    assert (_now(tab), _colour(tab, 0.57), _colour(tab, 0.63)) == (60, "red", "blue")
    tab.set_viewport_size({"width": 1200, "height": 640})
    settled(tab, SEEN)
    assert (_now(tab), _colour(tab, 0.57), _colour(tab, 0.63)) == (60, "red", "blue")


@pytest.mark.browser
def test_any_two_sources_can_be_put_on_either_side_or_nothing(opened):
    tab, _, complaints = opened(_two())
    tab.select_option("#gm-by", label="blue")
    settled(tab, SEEN)
    assert (_colour(tab, 0.4), _colour(tab, 0.6)) == ("blue", "blue")
    tab.locator("[data-put=right-0]").click()
    settled(tab, SEEN)
    assert (_colour(tab, 0.4), _colour(tab, 0.6)) == ("blue", "red")
    tab.select_option("#gm-by", "none")
    settled(tab, SEEN)
    assert (_colour(tab, 0.4), complaints) == ("neither", [])


@pytest.mark.browser
def test_one_picture_is_set_against_the_plain_ground(opened):
    tab, _, complaints = opened(maps.dispute_map(compared(45), sources=[plain(RED, title="red")]))
    assert (_colour(tab, 0.4), _colour(tab, 0.6), complaints) == ("red", "neither", [])


def _picked(tab, where, year):
    """What the page says when a year is picked for a side."""
    tab.locator(f"[data-pick={where}]").fill(str(year))
    return tab.locator(f".gm-pick:has([data-pick={where}]) output").inner_text()


@pytest.mark.browser
def test_a_year_that_is_picked_shows_what_is_of_it_or_nearest_to_it(opened):
    dated = {"1998-05": BLUE, "1953~": RED, "198X": RED, "2003-05?": RED, "2010/2013": RED}
    sources = [plain(colour, title=day, dates=taken(day)) for day, colour in dated.items()]
    sources += [plain(BLUE, title="satellite", dates=SourceDates(release=parse_edtf("2021")))]
    tab, _, complaints = opened(maps.dispute_map(compared(45), sources=sources, lang="en"))
    # the oldest lies on the left, the newest on the right
    assert [tab.locator(f".gm-divider .gm-{side}").inner_text().split("\n")[0] for side in ("left", "right")] == [
        "1953~",
        "satellite",
    ]
    assert [_picked(tab, "left", year) for year in (1998, 1985, 1970, 1992, 2003, 2010)] == [
        "1998: 1998-05",
        "1985: 198X (perhaps)",
        "1970: nothing; nearest is 198X",
        "1992: nothing; nearest is 198X",
        "2003: 2003-05? (perhaps)",
        "2010: 2010/2013",
    ]
    tab.locator("[data-pick=left]").press("End")
    settled(tab, SEEN)
    assert (_colour(tab, 0.4), tab.locator("#gm-by").input_value(), complaints) == ("blue", "5", [])


@pytest.mark.browser
def test_between_two_epochs_the_page_tells_what_became_of_the_parcels(opened):
    halves = [box(X, Y, X + 50, Y + 50), box(X, Y + 50, X + 50, Y + 100)]
    beside = box(X + 50, Y, X + 90, Y + 100)
    old = gpd.GeoDataFrame({"id": ["12", "13"]}, geometry=[box(X, Y, X + 50, Y + 100), beside], crs=4549)
    new = gpd.GeoDataFrame({"id": ["12-1", "12-2", "13"]}, geometry=[*halves, beside], crs=4549)
    sources = [land(new, "2021", title="after"), land(old, "1998", title="before"), plain(RED, title="red")]
    tab, _, complaints = opened(maps.dispute_map(compared(45), sources=sources, lang="en"))
    assert tab.locator("#gm-changes").is_hidden()
    tab.locator("[data-put=left-1]").click()
    tab.locator("[data-put=right-0]").click()
    pressed = [
        tab.locator(f"[data-put={put}]").get_attribute("aria-pressed") for put in ("left-1", "right-0", "right-1")
    ]
    assert pressed == ["true", "true", "false"]
    entry = tab.locator("#gm-changes button")
    assert entry.inner_text().split("\n") == ["12 → 12-1, 12-2", "split · 5,000.0 m²"]
    fills = """() => ["left", "right"].map((side) => [...document.querySelectorAll(`.leaflet-gm-${side}-pane path`)]
      .map((path) => path.getAttribute("fill")))"""
    split, stays = "#e69f00", "#5eead4"
    assert tab.evaluate(fills) == [[split, stays], [split, split, stays]]
    entry.click()
    assert tab.locator(".leaflet-gm-marks-pane path").count() == 1
    tab.locator("[data-put=right-2]").click()
    assert (tab.locator("#gm-changes").is_hidden(), complaints) == (True, [])


@pytest.mark.browser
def test_control_points_lie_on_their_picture_and_go_with_its_error(opened):
    control = gpd.GeoDataFrame({"leave_one_out_m": [2.0, 5.0]}, geometry=[Point(X, Y), Point(X + 90, Y)], crs=4549)
    source = plain(RED, error_m=4.0, control=control)
    tab, _, _ = opened(maps.dispute_map(compared(45), sources=[source]))
    pins = tab.locator(".leaflet-gm-left-pane path.leaflet-interactive")
    assert pins.count() == 2
    tab.locator(".gm-layers summary").click()
    tab.locator("[data-layer=errors]").uncheck()
    assert pins.count() == 0


@pytest.mark.browser
def test_trees_and_paths_are_drawn_and_told(opened):
    shapes = [Point(X + 30, Y + 50), LineString([(X, Y + 20), (X + 90, Y + 20)]), Point(X + 9e3, Y)]
    things = gpd.GeoDataFrame({"id": ["T1", "P", "far"], "kind": ["tree", "沟渠", "well"]}, geometry=shapes, crs=4549)
    tab, _, complaints = opened(maps.dispute_map(compared(45), objects=things, lang="en"))
    drawn = tab.locator(".leaflet-gm-things-pane path")
    tree = drawn.first.bounding_box()
    tab.mouse.move(tree["x"] + tree["width"] / 2, tree["y"] + tree["height"] / 2)
    # a kind that the page has no word for is told as it is written
    assert (drawn.count(), tab.locator(".gm-tip strong").inner_text(), complaints) == (2, "tree T1", [])


@pytest.mark.browser
def test_parcels_are_cut_as_pictures_are(opened):
    field = gpd.GeoDataFrame({"id": ["1"]}, geometry=[box(X - 200, Y - 70, X + 300, Y + 170)], crs=4549)
    tab, _, _ = opened(maps.dispute_map(compared(45), sources=[plain(RED, title="red"), land(field)]))
    path = tab.locator(".leaflet-gm-right-pane path.leaflet-interactive").bounding_box()
    assert path["x"] < 100
    tab.mouse.move(150, 620)
    assert tab.locator(".gm-tip").count() == 0
    tab.mouse.move(500, 620)
    assert tab.locator(".gm-tip strong").inner_text() == "1"


@pytest.mark.browser
def test_the_names_of_both_sides_keep_clear_of_the_buttons_and_vanish_where_there_is_no_room(opened):
    long = "Sheet 12 of the survey of all villages on the northern bank"
    tab, _, _ = opened(maps.dispute_map(compared(45), sources=[plain(RED, title=long), plain(BLUE, title=long)]))
    left, zoom = (tab.locator(name).bounding_box() for name in (".gm-divider .gm-left", ".leaflet-control-zoom"))
    right, north = (tab.locator(name).bounding_box() for name in (".gm-divider .gm-right", ".gm-north"))
    assert left["x"] >= zoom["x"] + zoom["width"]
    assert right["x"] + right["width"] <= north["x"]
    tab.get_by_role("slider").press("Home")
    assert (tab.locator(".gm-left").is_visible(), tab.locator(".gm-right").is_visible()) == (False, True)


@pytest.mark.browser
def test_claims_lie_over_both_sides(opened):
    tab, _, _ = opened(_two())
    drawn = tab.evaluate("""() => ["ground", "claims", "candidates"].map((name) => {
      const pane = document.querySelector(`.leaflet-gm-${name}-pane`);
      return [pane.style.clipPath, pane.querySelectorAll("path").length];
    })""")
    assert drawn == [["", 1], ["", 2], ["", 1]]


@pytest.mark.browser
def test_choosing_a_candidate_marks_it_its_rows_and_its_ground(opened):
    tab, _, complaints = opened(maps.dispute_map(compared(45, 52), lang="en"))
    # from west to east
    widths = """() => [...document.querySelectorAll(".leaflet-gm-candidates-pane path")]
      .map((path) => [path.getBoundingClientRect().left, Number(path.getAttribute("stroke-width"))])
      .sort(([one], [other]) => one - other).map(([, width]) => width)"""
    gains = tab.locator(".leaflet-gm-gains-pane path")
    assert gains.count() == 0
    tab.locator("[data-candidate=M52]").click()
    western, eastern = settled(tab, widths)
    assert eastern > western
    assert gains.count() == 2
    assert "M52" in tab.locator("tbody.gm-chosen").inner_text()
    # 12 m of the 20 m go to the western party: 1200 m2, 1.8 mu
    assert "1,200.00" in tab.locator("tbody.gm-chosen").inner_text()
    cells = tab.locator("tbody.gm-chosen tr").nth(1).locator("td").all_inner_texts()
    assert ["±" in cell for cell in cells] == [False, False, False, True]
    assert [cell.split("\n")[0] for cell in cells[1:]] == ["1,200.00", "800.00", "+400.00"]
    assert "−400.00" in tab.locator("tbody.gm-chosen tr").nth(2).inner_text()
    assert tab.locator(".gm-name").inner_text() == "M52"
    tab.locator("[data-candidate=M52]").click()
    assert (gains.count(), tab.locator(".gm-name").count(), complaints) == (0, 0, [])


@pytest.mark.browser
def test_nothing_in_the_data_runs_as_script_or_template(opened):
    parcels = claims().assign(id=[EVIL, "2"])
    sources = [plain(RED, title=EVIL), maps.Source(title=EVIL, kind="parcels", parcels=parcels)]
    found = compared(45, parties=(EVIL, "乙村"), source=[EVIL])
    found = replace(found, candidates=found.candidates.assign(id=EVIL))
    tab, requests, complaints = opened(maps.dispute_map(found, sources=sources, title=EVIL))
    assert tab.locator("h1").inner_text() == EVIL
    assert tab.locator(".gm-divider .gm-left").inner_text().startswith(EVIL)
    tab.locator("#gm-ledger button").click()
    tab.mouse.move(560, 420)
    assert (tab.evaluate("window.PWNED ?? null"), requests, complaints) == (None, [], [])


@pytest.mark.browser
def test_on_a_phone_the_map_and_the_ledger_lie_below_each_other(opened):
    tab, _, _ = opened(_two(), viewport={"width": 390, "height": 800})
    shown = [tab.locator(name).bounding_box() for name in (".folium-map", ".gm-side")]
    assert shown[0]["width"] == shown[1]["width"] == 390
    assert shown[1]["y"] >= shown[0]["y"] + shown[0]["height"] - 1
    _drag(tab, "finger", 0.2)
    assert eventually(tab, lambda: _now(tab) == 20)
