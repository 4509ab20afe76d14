"""Maps of what cameras see: bands and certainties, shares of areas, blind streets, two days; nothing leaks or loads."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from gridmap import maps
from gridmap.errors import CrsError, InputError
from gridmap.maps import backdrops, camera_contents, camera_words
from gridmap.maps.camera_contents import BANDS, CERTAINTIES, Seen

pytestmark = pytest.mark.usefixtures("built_page")

#: East and north of the corner of all ground here, and its system.
CORNER, CRS = (500_000, 3_540_000), 4549
EVIL = "</script><script>window.PWNED=1</script><img src=x onerror='window.PWNED=2'>{{ 7*191 }}"


def _square(west, south, east, north):
    """A box in hectometres from the corner."""
    return box(*(np.array([west, south, east, north]) * 100 + np.tile(CORNER, 2)))


def _viewsheds(*rows):
    """Ground: camera, band, certainty, west, south, east, north in hectometres."""
    table = pd.DataFrame([row[:3] for row in rows], columns=["camera", "band", "certainty"])
    shapes = [_square(*row[3:]) for row in rows]
    return gpd.GeoDataFrame(table.assign(area_m2=[shape.area for shape in shapes]), geometry=shapes, crs=CRS)


def _cameras(**places):
    """Cameras by id: east and north in hectometres, heading."""
    points = [shapely.Point(CORNER[0] + 100 * x, CORNER[1] + 100 * y) for x, y, _ in places.values()]
    table = {"id": [*places], "kind": "fixed", "status": "online", "heading_deg": [h for *_, h in places.values()]}
    return gpd.GeoDataFrame(table, geometry=points, crs=CRS)


def _shares(**areas):
    """Shares of areas by code: recognise, find, detect, seen."""
    rows = [
        (code.removeprefix("g"), band, share * 40_000, share)
        for code, shares in areas.items()
        for band, share in zip(BANDS, shares, strict=True)
    ]
    return pd.DataFrame(rows, columns=["code", "band", "seen_m2", "share"])


AREAS = gpd.GeoDataFrame(
    {"code": ["320613001001001", "320613001001002"], "name": ["东网格", "西网格"], "level": "grid"},
    geometry=[_square(0, 0, 2, 2), _square(2, 0, 4, 2)],
    crs=CRS,
)
FIRST, SECOND = AREAS["code"]
#: C1 looks north, C2 nobody knows where
SEEN = Seen(
    viewsheds=_viewsheds(
        ("C1", "recognise", "nominal", 1, 1, 1.1, 1.1),
        ("C1", "find", "nominal", 1, 1.1, 1.1, 1.3),
        ("C2", "detect", "possible", 3, 1, 3.4, 1.4),
    ),
    shares=_shares(**{FIRST: (0.0025, 0.005, 0, 0), SECOND: (0, 0, 0, 0)}),
    blind=gpd.GeoDataFrame(
        {"rank": [1], "id": ["S1"], "name": ["人民路"], "class": ["primary"], "length_m": [390.04]},
        geometry=[shapely.LineString([(500_000, 3_540_150), (500_390, 3_540_150)])],
        crs=CRS,
    ),
    cameras=_cameras(C1=(1.05, 1, 0.0), C2=(3.2, 1.2, None)),
    on=date(2026, 6, 1),
)


def _page(seen=SEEN, **options):
    return maps.page_html(maps.cameras(seen, areas=AREAS, **options))


def _written(page):
    """What a page carries as data."""
    return json.loads(re.search(r'id="gm-data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a map in a browser without a network."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)

    def open_map(page, query=""):
        (tmp_path / "map.html").write_text(page, encoding="utf-8")
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


def test_ground_is_held_by_camera_band_and_certainty_with_its_exact_metres():
    ground = _written(_page())["sides"]["new"]["ground"]
    said = list(zip(*(ground[name] for name in ("camera", "band", "certainty", "m2")), strict=True))
    assert said == [("C1", 0, 1, 100.0), ("C1", 1, 1, 200.0), ("C2", 2, 2, 1600.0)]


def test_shares_of_an_area_are_those_of_the_table_and_what_is_recognised_is_found_as_well():
    grids = _written(_page())["areas"]["grid"]
    assert grids["shares"]["new"]["rows"][0][:2] == [[100.0, 0.0025, None, None], [200.0, 0.005, None, None]]
    assert grids["shares"]["new"]["percent"] == [[0.25, 0.75, 0.75, 0.75], [0, 0, 0, 0]]


def test_an_area_without_a_row_of_shares_is_not_known_to_be_dark():
    grids = _written(_page(replace(SEEN, shares=SEEN.shares[SEEN.shares["code"] == FIRST])))["areas"]["grid"]
    assert grids["shares"]["new"]["percent"][1] == [None] * 4
    assert grids["shares"]["new"]["classes"]["seen"][1] is None


def test_both_days_have_the_same_classes_so_that_they_compare():
    old = replace(SEEN, shares=_shares(**{FIRST: (0, 0, 0, 0), SECOND: (0.4, 0, 0, 0)}), on=date(2026, 1, 1))
    data = _written(_page(old=old))
    classes = {side: of["classes"]["seen"] for side, of in data["areas"]["grid"]["shares"].items()}
    assert classes["old"][0] == classes["new"][1] == 0
    assert classes["old"][1] == len(data["areas"]["grid"]["classes"]["seen"]["colours"]) - 1


def test_a_camera_takes_1500_bytes_so_that_a_page_of_ten_thousand_stays_below_15_mb():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, np.pi / 2, 24) + rng.uniform(0, 2 * np.pi, (1_000, 1))
    middle = rng.uniform(0, 1_500, (1_000, 1, 2)) + CORNER
    # walls leave ragged edges: every corner at a depth of its own, nothing that thinning could take away
    depths = rng.uniform(0.8, 1, (1_000, 24, 1)) * np.array([15, 30, 55, 100])[:, None, None, None]
    edge = middle + depths * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    inner = np.concatenate([np.broadcast_to(middle, (1, 1_000, 24, 2)), edge[:-1]])
    rings = np.concatenate([edge, inner[:, :, ::-1]], axis=2).reshape(4_000, 48, 2)
    shapes = shapely.polygons(rings)
    table = {"camera": np.tile(np.arange(1_000), 4), "band": np.repeat(BANDS, 1_000), "area_m2": shapely.area(shapes)}
    ground = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    points = gpd.GeoDataFrame({"id": np.arange(1_000)}, geometry=shapely.points(middle[:, 0]), crs=CRS)
    page = maps.page_html(maps.cameras(Seen(viewsheds=ground, cameras=points.assign(kind="fixed", status="online"))))
    assert len(page.encode()) < 1.5e6


def test_ground_that_both_days_share_is_written_once():
    old = replace(SEEN, on=date(2026, 1, 1))
    assert len(_written(_page(old=old))["shapes"]) == len(_written(_page())["shapes"]) == 3


def test_who_may_not_know_places_gets_shares_and_nothing_from_which_they_could_be_told():
    page = _page(replace(SEEN, notes=("1 of 2 cameras",)), exact=False, old=replace(SEEN, on=None))
    data = _written(page)
    assert [data["shapes"], *(data["sides"][side]["cameras"] for side in ("new", "old"))] == [[], [], []]
    assert not {"C1", "C2", "S1", "人民路"} & set(re.findall(r'"([^"]*)"', json.dumps(data, ensure_ascii=False)))
    assert data["areas"]["grid"]["shares"]["new"]["rows"][0][0][1] == 0.0025


def test_little_ground_is_drawn_as_it_is_and_much_is_thinned_and_said(monkeypatch):
    arc = shapely.Point(500_100, 3_540_100).buffer(80, quad_segs=400)
    many = gpd.GeoDataFrame({"camera": ["C"], "band": "seen", "area_m2": arc.area}, geometry=[arc], crs=CRS)
    exact = _written(_page(Seen(viewsheds=many)))
    monkeypatch.setattr(camera_contents, "MANY_VERTICES", 1000)
    thin = _written(_page(Seen(viewsheds=many), lang="en"))
    assert len(exact["shapes"][0][0][0]) == 2 * 1600 > 10 * len(thin["shapes"][0][0][0])
    assert exact["sides"]["new"]["ground"]["m2"] == thin["sides"]["new"]["ground"]["m2"] == [round(arc.area, 1)]
    assert [note for note in thin["notes"] if "simplified" in note]
    assert not exact["notes"]


def test_buildings_that_a_canvas_cannot_hold_are_counted(monkeypatch):
    monkeypatch.setattr(backdrops, "MOST_BUILDINGS_ON_CANVAS", 1)
    houses = gpd.GeoDataFrame(geometry=[_square(0, 0, 1, 1), _square(2, 0, 3, 1)], crs=CRS)
    drawn, counted = (_written(_page(buildings=houses.iloc[:count], lang="en")) for count in (1, 2))
    assert (len(drawn["backdrops"]["buildings"]), drawn["notes"]) == (1, [])
    assert (counted["backdrops"], counted["notes"]) == ({}, ["2 buildings are counted, not drawn"])


def test_thinned_ground_stays_where_it_is_to_half_a_metre(monkeypatch):
    monkeypatch.setattr(camera_contents, "MANY_VERTICES", 1000)
    arc = shapely.Point(500_100, 3_540_100).buffer(80, quad_segs=400)
    many = gpd.GeoDataFrame({"camera": ["C"], "band": "seen", "area_m2": arc.area}, geometry=[arc], crs=CRS)
    path = _written(_page(Seen(viewsheds=many)))["shapes"][0][0][0]
    drawn = gpd.GeoSeries([shapely.Polygon(np.cumsum(np.reshape(path, (-1, 2)), axis=0) / 1e6)], crs=4490).to_crs(CRS)
    assert drawn.hausdorff_distance(arc).item() < 0.7


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_of_the_page_is_known_in_both_languages(lang):
    words = camera_words.CAMERAS.every(lang)
    names = ("texts", "sides", "areas", "panels", "shares", "ground", "cameras")
    script = "".join((Path(maps.__file__).parent / f"{name}.js").read_text("utf-8") for name in names)
    asked = set(re.findall(r'word\("(\w+)"', script)) | {*BANDS, *CERTAINTIES} | {f"share_{band}" for band in BANDS}
    assert asked <= set(words)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "beautiful"}, "areas shaded by beautiful"),
        ({"level": "ward"}, "level ward"),
        ({"lang": "fr"}, "language 'fr'"),
    ],
    ids=["shade", "level", "language"],
)
def test_what_a_page_cannot_show_first_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        maps.cameras(SEEN, areas=AREAS, **options)


def test_a_band_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="band identify; expected one of recognise, find, detect, seen"):
        maps.cameras(replace(SEEN, viewsheds=SEEN.viewsheds.assign(band="identify")))


def test_ground_without_a_system_is_refused():
    with pytest.raises(CrsError):
        maps.cameras(replace(SEEN, viewsheds=SEEN.viewsheds.set_crs(None, allow_override=True)))


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="nothing to draw"):
        maps.cameras(Seen())


def test_the_tables_given_are_left_as_they_were():
    before = SEEN.viewsheds.copy(), SEEN.shares.copy(), SEEN.cameras.copy()
    _page()
    for table, kept in zip((SEEN.viewsheds, SEEN.shares, SEEN.cameras), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(kept))


def test_the_same_tables_make_the_same_page():
    assert _page() == _page()


#: What is drawn of ground and cameras.
DRAWN = "document.querySelector('.leaflet-gm-ground-pane canvas').toDataURL()"


def _pixel(tab, east, north):
    """Colour on the canvas of ground at a place, hectometres from the corner."""
    point = gpd.GeoSeries([shapely.Point(CORNER[0] + 100 * east, CORNER[1] + 100 * north)], crs=CRS).to_crs(4490)[0]
    return tab.evaluate(
        """([lat, lon]) => {
          const map = Object.values(window).find((one) => one instanceof L.Map);
          const canvas = document.querySelector(".leaflet-gm-ground-pane canvas");
          const at = map.latLngToLayerPoint([lat, lon]).subtract(L.DomUtil.getPosition(canvas));
          return [...canvas.getContext("2d").getImageData(Math.round(at.x), Math.round(at.y), 1, 1).data];
        }""",
        [point.y, point.x],
    )


def test_bands_and_certainties_are_put_on_and_off(opened):
    tab = opened(_page(by="none"))
    shown = _pixel(tab, 1.05, 1.2)
    assert shown[3] == pytest.approx(128, abs=2)
    tab.uncheck("input[data-band=find]")
    assert _pixel(tab, 1.05, 1.2)[3] == 0
    assert _pixel(tab, 3.1, 1.05)[3] == pytest.approx(51, abs=2)
    tab.uncheck("input[data-certainty=possible]")
    assert _pixel(tab, 3.1, 1.05)[3] == 0
    tab.check("input[data-band=find]")
    assert _pixel(tab, 1.05, 1.2) == shown
    assert tab.complaints == []


def test_where_several_look_the_best_band_counts_and_holes_stay_empty(opened):
    # a hole wound as its shell is, which tables do not forbid
    ring = shapely.Polygon(_square(0, 0, 1, 1).exterior, [_square(0.4, 0.4, 0.6, 0.6).exterior])
    both = pd.concat(
        [_viewsheds(("C1", "find", "nominal", 1, 1, 2, 2)), _viewsheds(("C2", "seen", "nominal", 1, 1, 2, 2))]
    )
    ground = pd.concat([both, _viewsheds(("C3", "find", "nominal", 0, 0, 1, 1)).set_geometry([ring], crs=CRS)])
    sure = _viewsheds(("C4", "seen", "guaranteed", 3, 0, 4, 1), ("C4", "find", "possible", 3, 0, 4, 1))
    tab = opened(_page(Seen(viewsheds=pd.concat([ground, sure]).set_crs(CRS)), by="none"))
    assert _pixel(tab, 1.5, 1.5) == _pixel(tab, 0.2, 0.2)
    assert _pixel(tab, 0.5, 0.5)[3] == 0
    # what is surer lies above: e0b400 at three quarters over 31688e at a fifth
    red, _, blue, _ = _pixel(tab, 3.5, 0.5)
    assert (red > 200, blue < 40) == (True, True)


def test_a_share_of_an_area_is_read_from_its_card(opened):
    tab = opened(_page(lang="en"))
    assert tab.locator("#gm-areas button span").first.inner_text().split("\n") == ["西网格", "0.0 %"]
    tab.click("#gm-areas button:has-text('东网格')")
    assert tab.text_content("td[data-band=find][data-share]") == "0.5 %"
    assert tab.get_attribute("td[data-band=find][data-share]", "data-share") == "0.005"
    assert tab.text_content("tr[data-band=all] td[data-share]") == "0.8 %"


def _click_camera(tab, east, north):
    """Click at a place of the map, hectometres from the corner."""
    point = gpd.GeoSeries([shapely.Point(CORNER[0] + 100 * east, CORNER[1] + 100 * north)], crs=CRS).to_crs(4490)[0]
    at = tab.evaluate(
        """([lat, lon]) => {
          const map = Object.values(window).find((one) => one instanceof L.Map);
          const box = map.getContainer().getBoundingClientRect();
          const at = map.latLngToContainerPoint([lat, lon]);
          return [box.x + at.x, box.y + at.y];
        }""",
        [point.y, point.x],
    )
    tab.mouse.click(*at)


def test_the_card_of_a_camera_says_where_it_looks_or_that_nobody_knows(opened):
    tab = opened(_page(lang="en"))
    _click_camera(tab, 1.05, 1)
    said = tab.text_content("[data-camera=C1]")
    assert "Heading0°" in said
    assert "together300 m²" in said
    _click_camera(tab, 3.2, 1.2)
    assert "heading not known: possible only" in tab.text_content("[data-camera=C2]")
    chosen = tab.evaluate(DRAWN)
    tab.click(".leaflet-popup-close-button")
    assert tab.evaluate(DRAWN) != chosen
    tab.click(".gm-layers summary")
    tab.uncheck("input[data-layer=cameras]")
    _click_camera(tab, 1.05, 1)
    assert tab.query_selector("[data-camera]") is None


def test_a_fisheye_without_a_heading_and_an_octant_look_where_they_are_said_to(opened):
    cameras = _cameras(F=(0.5, 1.5, None), O=(2.5, 1.5, None)).assign(kind=["fisheye", "fixed"], octant=[None, "NE"])
    ground = _viewsheds(("O", "find", "nominal", 2.5, 1.5, 3, 2), ("O", "find", "possible", 2.5, 1.5, 3.5, 2))
    tab = opened(_page(Seen(viewsheds=ground, cameras=cameras), lang="en", by="none"))
    for at, told in ((0.5, "all round"), (2.5, "octant only: NE")):
        _click_camera(tab, at, 1.5)
        assert told in tab.text_content("[data-camera]")


def test_two_days_lie_side_by_side_and_what_changed_is_listed(opened):
    old = replace(
        SEEN,
        cameras=_cameras(C1=(1.05, 0.9, 90.0), C9=(0.5, 0.5, 0.0)),
        shares=_shares(**{FIRST: (0, 0, 0, 0), SECOND: (0.4, 0, 0, 0)}),
        on=date(2026, 1, 1),
    )
    tab = opened(_page(old=old, lang="en"))
    assert [box.text_content() for box in tab.query_selector_all(".gm-caption")] == [
        "Before: 2026-01-01",
        "After: 2026-06-01",
    ]
    changed = [entry.text_content() for entry in tab.query_selector_all("#gm-changed li")]
    assert changed == ["C1moved · turned", "C2new", "C9gone"]
    assert "40.0 % → 0.0 % (−40.0 points)" in tab.text_content("#gm-areas li")
    assert tab.complaints == []


def test_the_list_of_blind_streets_leads_to_the_place_and_says_how_many_more_there_are(opened, monkeypatch):
    monkeypatch.setattr(camera_contents, "MOST_BLIND", 201)
    many = pd.concat([SEEN.blind] * 203, ignore_index=True)
    tab = opened(_page(replace(SEEN, blind=many), lang="en"))
    tab.click("#gm-blind summary")
    assert "Stretches that no camera sees: 203, 79,178 m in all" in tab.text_content("#gm-blind")
    assert tab.locator("#gm-blind > p").last.inner_text() == "and 3 more"
    assert tab.locator("#gm-blind button").count() == 200
    tab.locator("#gm-blind button").first.click()
    assert tab.evaluate("document.querySelectorAll('.leaflet-gm-marks-pane path').length") == 1


def test_names_are_text_and_never_run(opened):
    evil = replace(SEEN, cameras=SEEN.cameras.assign(id=["C1", EVIL]), notes=(EVIL,))
    tab = opened(maps.page_html(maps.cameras(evil, areas=AREAS.assign(name=EVIL), title=EVIL)))
    _click_camera(tab, 3.2, 1.2)
    assert tab.evaluate("window.PWNED ?? null") is None
    assert "1337" not in tab.text_content("body")


def test_a_page_for_viewers_opens_without_anything_to_click_but_areas(opened):
    tab = opened(_page(exact=False, lang="en"))
    assert tab.query_selector("input[data-band]") is None
    assert tab.query_selector("input[data-layer=cameras]") is None
    tab.click("#gm-areas button:has-text('东网格')")
    assert tab.get_attribute("td[data-band=recognise][data-share]", "data-share") == "0.0025"
    assert tab.complaints == []
