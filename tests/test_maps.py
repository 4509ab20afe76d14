"""Maps as pages that load nothing, run nothing that came with the data, and say what they show."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import box

from gridmap import maps
from gridmap.errors import CrsError, InputError
from gridmap.maps import backdrops, contents, display
from gridmap.maps.shading import UNKNOWN_COLOUR, shading

pytestmark = pytest.mark.usefixtures("built_page")

DISTRICT, COMMUNITY = "320613", "320613001001"
EVIL = {
    "tag": "<img src=x onerror=\"window.PWNED='tag'\">",
    "script": "</script><script>window.PWNED='script'</script>",
    "backtick": "`);window.PWNED='backtick';(`${window.PWNED='dollar'}",
    "quote": "\" onmouseover=\"window.PWNED='quote'",
    "template": "{{ 7*191 }}{% raw %}",
    "inherited": "constructor",
}


def _areas(count=4, **columns):
    """One district, one community and a row of grids 0.01 degree wide, from 120.80 E on."""
    rows = [(DISTRICT, "区", "district", None), (COMMUNITY, "社区", "community", DISTRICT)]
    rows += [(f"{COMMUNITY}{n:03d}", f"第{n}网格", "grid", COMMUNITY) for n in range(1, count + 1)]
    whole = box(120.80, 32.00, 120.80 + count / 100, 32.01)
    cells = [box(120.80 + n / 100, 32.00, 120.81 + n / 100, 32.01) for n in range(count)]
    table = gpd.GeoDataFrame(
        rows, columns=["code", "name", "level", "parent"], geometry=[whole, whole, *cells], crs=4490
    )
    return table.assign(**columns)


def _written(made):
    """What a page carries as data."""
    found = re.search(r'id="gm-data">(.*?)</script>', maps.page_html(made), re.DOTALL)
    return json.loads(found[1])


def _points(path):
    """The points of a path: the first in millionths of a degree, then steps."""
    return np.cumsum(np.reshape(path, (-1, 2)), axis=0).tolist()


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a map in a browser without a network: the page, its requests, its complaints."""
    context = chromium.new_context(viewport={"width": 1000, "height": 700}, offline=True)

    def open_map(made):
        maps.write_page(made, tmp_path / "map.html")
        tab, requests, complaints = context.new_page(), [], []
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto((tmp_path / "map.html").as_uri())
        tab.wait_for_selector("body[data-ready]")
        return tab, [url for url in requests[1:] if not url.startswith("data:")], complaints

    yield open_map
    context.close()


@pytest.mark.browser
def test_a_page_draws_every_area_without_a_single_request(opened):
    tab, requests, complaints = opened(maps.grids(_areas(4)))
    assert tab.locator("path.leaflet-interactive").count() == 4
    assert tab.locator(".leaflet-gm-borders-pane path").count() == 3
    tab.mouse.move(350, 380)
    assert tab.locator("path.leaflet-interactive[stroke]:not([stroke=none])").count() == 1
    tab.mouse.move(350, 80)
    assert tab.locator("path.leaflet-interactive[stroke]:not([stroke=none])").count() == 0
    assert (requests, complaints) == ([], [])


@pytest.mark.browser
def test_pointing_at_a_grid_tells_its_name_holders_code_and_households(opened):
    tab, _, _ = opened(maps.grids(_areas(1, households=[None, None, 321])))
    tab.mouse.move(350, 380)
    lines = tab.locator(".gm-tip").inner_text().split("\n")
    assert [line.strip() for line in lines] == ["第1网格", "区 › 社区", "代码 320613001001001", "户数（户） 321"]


@pytest.mark.browser
@pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())
def test_nothing_in_the_data_runs_as_script_or_template(opened, text):
    areas = _areas(1, name=[text] * 3, level=["district", text, "grid"])
    areas.attrs["reading"] = {"source": f"/home/{text.replace('/', '')}.gpkg"}
    tab, requests, complaints = opened(maps.grids(areas, title=text))
    tab.mouse.move(350, 380)
    assert tab.locator(".gm-tip strong").inner_text().strip() == text
    assert tab.locator("h1").inner_text() == text
    assert tab.evaluate("window.PWNED") is None
    assert (requests, complaints) == ([], [])


@pytest.mark.browser
def test_the_page_states_source_and_scale_and_shows_no_flag(opened):
    areas = _areas(2)
    areas.attrs["reading"] = {"source": "/data/chongchuan.gpkg"}
    tab, _, _ = opened(maps.grids(areas))
    assert tab.locator(".leaflet-control-attribution").inner_text() == "数据：chongchuan.gpkg"
    assert re.fullmatch(r"\d+ (k?m)", tab.locator(".leaflet-control-scale-line").inner_text())
    assert tab.locator(".gm-north").inner_text().split() == ["↑", "北"]


@pytest.mark.browser
def test_more_than_three_thousand_polygons_are_drawn_on_a_canvas(opened):
    tab, _, complaints = opened(maps.grids(_areas(3000)))
    assert tab.locator(".leaflet-pane path").count() == 0
    assert tab.locator(".leaflet-pane canvas").count() >= 1
    assert "简化" in tab.locator(".gm-legend p").last.inner_text()
    assert complaints == []


def test_no_source_link_or_style_of_a_page_names_a_host():
    page = maps.page_html(maps.grids(_areas()))
    assert re.findall(r"""(?:src|href)\s*=\s*\\?["']?https?:|url\(\s*["']?https?:|@import""", page) == []


def test_a_page_forbids_everything_from_outside_before_anything_else():
    page = maps.page_html(maps.grids(_areas()))
    head = page[page.index("<head>") :]
    assert head.split("\n")[1].startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\';')


def test_a_map_that_would_load_something_is_refused_by_name():
    with pytest.raises(InputError, match=r"loads https://cdn\.jsdelivr\.net/npm/leaflet"):
        maps.page_html(folium.Map(tiles=None))


def test_a_map_with_tiles_of_another_host_is_refused():
    made = maps.grids(_areas())
    folium.TileLayer("https://tiles.example/{z}/{x}/{y}.png", attr="x").add_to(made)
    with pytest.raises(InputError, match=r"https://tiles\.example"):
        maps.page_html(made)


def test_the_same_areas_make_the_same_bytes():
    assert maps.page_html(maps.grids(_areas())) == maps.page_html(maps.grids(_areas()))


def test_maps_made_in_several_threads_do_not_touch_each_other():
    with ThreadPoolExecutor(4) as pool:
        pages = set(pool.map(lambda _: maps.page_html(maps.grids(_areas())), range(8)))
    assert len(pages) == 1


def test_other_maps_of_the_process_keep_their_links():
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    maps.grids(_areas())
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before


def test_a_refused_page_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "map.html").write_text("old")
    with pytest.raises(InputError):
        maps.write_page(folium.Map(tiles=None), tmp_path / "map.html")
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
    assert (tmp_path / "map.html").read_text() == "old"


def test_a_page_takes_the_place_of_the_old_one_at_once(tmp_path):
    (tmp_path / "map.html").write_text("old")
    (tmp_path / "being read").hardlink_to(tmp_path / "map.html")
    maps.write_page(maps.grids(_areas()), tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "being read").read_text() == "old"


def test_the_tables_given_are_not_changed():
    areas = _areas()
    before = areas.copy()
    maps.grids(areas)
    assert_geodataframe_equal(areas, before)


def test_the_page_holds_every_level_coarsest_first():
    levels = _written(maps.grids(_areas(3)))["sides"]["new"]["levels"]
    assert {level: len(of["codes"]) for level, of in levels.items()} == {"district": 1, "community": 1, "grid": 3}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "heading", "dated"),
    [("zh", "每网格户数（户）", "2026-01-31 的区划"), ("en", "Households per grid", "Areas as of 2026-01-31")],
)
def test_the_page_speaks_the_language_asked_for(opened, lang, heading, dated):
    tab, _, _ = opened(maps.grids(_areas(households=list(range(6))), lang=lang, on=date(2026, 1, 31)))
    assert tab.locator(".gm-legend h2").inner_text() == heading
    assert tab.locator(".gm-head p").inner_text() == dated


def test_areas_without_a_level_take_the_one_of_their_code():
    levels = _written(maps.grids(_areas().drop(columns="level")))["sides"]["new"]["levels"]
    assert {level: len(of["codes"]) for level, of in levels.items()} == {"district": 1, "community": 1, "grid": 4}


def test_without_grids_the_finest_level_is_shown_first():
    villages = _areas().iloc[:2].assign(households=[None, 50])
    assert _written(maps.grids(villages))["start"] == {"by": "households", "level": "community"}


@pytest.mark.browser
def test_an_area_whose_households_are_not_known_is_grey(opened):
    tab, _, _ = opened(maps.grids(_areas(2, households=[None, None, 100, None])))
    fills = [path.get_attribute("fill") for path in tab.locator("path.leaflet-interactive").all()]
    assert fills[1] == UNKNOWN_COLOUR
    assert fills[0] != UNKNOWN_COLOUR


def test_grids_are_shown_first_even_where_there_are_finer_areas():
    micro = _areas().assign(level=["district", "community", "grid", "grid", "micro", "micro"])
    assert _written(maps.grids(micro))["start"]["level"] == "grid"


def test_areas_of_few_vertices_are_drawn_as_they_are_and_of_many_are_thinned(monkeypatch):
    saw = shapely.Polygon([(x / 1000, 1e-8 * (x % 2)) for x in range(101)] + [(0.1, 0.1), (0, 0.1)])
    plan = contents.plan(gpd.GeoDataFrame({"code": ["1"]}, geometry=[saw], crs=4490))
    exact = contents.thinned(plan)
    monkeypatch.setattr(display, "MANY_VERTICES", 100)
    thin = contents.thinned(plan)
    assert (exact.without, thin.without.size > 90) == (None, True)


def test_areas_in_metres_are_drawn_in_degrees():
    # worked point: 120.2158 E 30.2936 N is 520760.1990 E 3352680.1240 N in EPSG:4549
    corner = box(520760.199, 3352680.124, 521760.199, 3353680.124)
    areas = gpd.GeoDataFrame({"code": ["330106001001001"]}, geometry=[corner], crs=4549)
    ((ring,),) = _written(maps.grids(areas))["shapes"][0]
    assert [120_215_800, 30_293_600] in _points(ring)


def test_buildings_streets_and_barriers_are_layers_of_their_own():
    buildings = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(120.801, 32.001, 120.802, 32.002)], crs=4490)
    lines = [shapely.LineString([(120.80, 32.00 + n / 1000), (120.84, 32.005)]) for n in range(4)]
    columns = {"barrier": [None, None, "river", "railway"], "class": ["residential", "primary", None, None]}
    streets = gpd.GeoDataFrame(columns, geometry=lines, crs=4490)
    layers = _written(maps.grids(_areas(), buildings=buildings, streets=streets))["backdrops"]
    assert {name: len(shapes) for name, shapes in layers.items()} == dict.fromkeys(
        ("buildings", "streets", "main", "rivers", "railways"), 1
    )


def test_a_page_of_many_buildings_counts_them_and_does_not_draw_them(monkeypatch):
    monkeypatch.setattr(backdrops, "MOST_BUILDINGS", 1)
    two = [box(120.801, 32.001, 120.802, 32.002), box(120.803, 32.001, 120.804, 32.002)]
    buildings = gpd.GeoDataFrame({"id": ["a", "b"], "households": [3, 4]}, geometry=two, crs=4490)
    written = _written(maps.grids(_areas(1), buildings=buildings))
    assert written["backdrops"] == {}
    assert written["notes"] == ["2 栋建筑物未绘出"]
    assert written["sides"]["new"]["levels"]["grid"]["figures"]["households"] == [7]


@pytest.mark.parametrize(
    ("areas", "options", "error"),
    [
        (_areas().iloc[:0], {}, InputError),
        (_areas(), {"lang": "fr"}, InputError),
        (_areas().set_crs(None, allow_override=True), {}, CrsError),
    ],
    ids=["no areas", "a language it does not speak", "a table that does not say its CRS"],
)
def test_what_cannot_be_drawn_is_refused(areas, options, error):
    with pytest.raises(error):
        maps.grids(areas, **options)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        # quintiles 2.8, 4.6, 6.4, 8.2, rounded to whole numbers
        (range(1, 11), ("1–2", "3–4", "5", "6–7", "8–10")),
        # range 400: limits are multiples of 20; quintiles 180, 260, 340, 420
        ([100, 200, 300, 400, 500], ("100–179", "180–259", "260–339", "340–419", "420–500")),
        ([7, 7, 7], ("7",)),
        ([0, 1], ("0", "1")),
    ],
    ids=["ten", "hundreds", "all equal", "two"],
)
def test_classes_hold_about_equally_many_areas_between_round_limits(values, labels):
    assert shading(list(values)).labels == labels


def test_each_number_lies_in_the_class_that_says_so():
    classes = shading([100, 200, 300, 400, 500])
    assert [classes.colours.index(classes.colour(n)) for n in (100, 179, 180, 419, 420, 500)] == [0, 0, 1, 3, 4, 4]


def test_where_no_number_is_known_there_are_no_classes():
    assert shading([np.nan]) is None


def test_thinned_neighbours_still_share_their_border():
    # a saw of 1.6 km: two areas north of it meet at a tooth that the one south of it could do without
    steps = np.arange(0, 102)
    border = np.column_stack([steps / 1000, 0.05 + 0.0016 * (steps % 2)])
    south = shapely.Polygon([(0, 0), *border, (0.101, 0)])
    west = shapely.Polygon([(0, 0.1), *border[:52], (0.051, 0.1)])
    east = shapely.Polygon([(0.051, 0.1), *border[51:], (0.101, 0.1)])
    lighter = _thinned([south, west, east], 0.002)
    assert shapely.get_num_coordinates(lighter).sum() < 60
    assert shapely.coverage_is_valid(lighter)
    assert shapely.area(lighter).sum() == pytest.approx(0.0101, abs=1e-12)


def test_what_is_the_same_in_two_plans_is_thinned_alike_and_written_once():
    steps = np.arange(0, 102)
    saw = np.column_stack([steps / 1000, 0.05 + 0.0016 * (steps % 2)])
    south = shapely.Polygon([(0, 0), *saw, (0.101, 0)])
    west, east = (shapely.Polygon([*saw[part], end, start]) for part, start, end in _HALVES)
    without = display.dispensable([np.array([south]), np.array([south, west, east])], 0.002)
    shapes = contents.Shapes(without)
    assert shapes.numbers(np.array([south])) == [0]
    assert shapes.numbers(np.array([west, south, east])) == [1, 0, 2]
    # the tooth at which the halves meet stays in the area that could do without it
    assert [51_000, 51_600] in _points(shapes.listed[0][0][0])


_HALVES = ((slice(0, 52), (0, 0.1), (0.051, 0.1)), (slice(51, 102), (0.051, 0.1), (0.101, 0.1)))


def test_a_ring_that_would_be_nothing_without_its_vertices_keeps_them():
    square = np.array([box(0, 0, 0.00001, 0.00001)])
    every = shapely.get_coordinates(square) @ np.array([1, 1j])
    assert len(_points(display.polygons(square, every)[0][0][0])) == 4


def test_points_that_the_last_digit_does_not_tell_apart_are_one():
    line = shapely.LineString([(120, 32), (120.0000001, 32), (120.000002, 32)])
    assert display.lines(np.array([line])) == [[[120_000_000, 32_000_000, 2, 0]]]


def test_holes_and_several_parts_are_drawn():
    ring = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
    (drawn,) = display.polygons(np.array([shapely.union_all([ring, box(6, 0, 7, 1)])]))
    assert sorted(len(part) for part in drawn) == [1, 2]


def _thinned(polygons, tolerance):
    """Polygons as a page would draw them."""
    given = np.array(polygons)
    paths = display.polygons(given, display.dispensable([given], tolerance))
    return np.array([shapely.Polygon(np.array(_points(shell)) / 1e6) for ((shell,),) in paths])
