"""The comparison page of a dispute: two sources, a divider, claims over both, and what each candidate comes to."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from PIL import Image
from shapely import LineString, Point, box

from gridmap import maps
from gridmap.disputes.dates import SourceDates, parse_edtf
from gridmap.errors import CrsError, InputError
from gridmap.imagery import error_at, georeference
from gridmap.maps import dispute_contents, dispute_errors, dispute_pictures, dispute_sources, dispute_words
from tests.dispute_scene import METRES, X, Y, claims, compared, land, plain, shown, tiff, written

pytestmark = pytest.mark.usefixtures("built_page")

#: The claims and 75 m around them, metres of web Mercator.
WINDOW = dispute_pictures.web_mercator(
    *METRES.transform(X - 35, Y - 75, direction="INVERSE"), *METRES.transform(X + 135, Y + 175, direction="INVERSE")
)


def test_the_ledger_stands_in_square_metres_and_mu():
    # the line 5 m into the 20 m leaves 500 m2 (0.75 mu) to the western party, 1500 m2 (2.25 mu) to the eastern
    [one] = written(maps.dispute_map(compared(45)))["candidates"]
    books = {row["party"]: (row["gain"], row["loss"], row["net"]) for row in one["ledger"]}
    assert books["甲村"] == ([500.0, 0.75], [1500.0, 2.25], [-1000.0, -1.5])
    assert books["乙村"] == ([1500.0, 2.25], [500.0, 0.75], [1000.0, 1.5])


def test_ground_is_told_with_its_claimants_and_its_area():
    [piece] = written(maps.dispute_map(compared()))["contested"]
    assert (set(piece["parties"].split(" | ")), piece["m2"], piece["mu"]) == ({"甲村", "乙村"}, 2000.0, 3.0)


def test_lines_are_held_to_the_millimetre():
    [one] = written(maps.dispute_map(compared(45.003)))["candidates"]
    found = METRES.transform(*np.array(one["lines"][0])[:, ::-1].T)
    assert np.abs(found[0] - (X + 45.003)).max() < 0.002


def test_the_first_parties_are_drawn_red_and_blue_and_no_two_alike():
    looks = [
        (one["colour"], one["dash"])
        for one in dispute_contents.parties(
            replace(compared(), claims=pd.concat([claims()] * 9).assign(area_m2=1, area_mu=1))
        )
    ]
    (red, _), (blue, _) = looks[:2]
    assert int(red[1:3], 16) > 200 > int(red[3:5], 16)
    assert int(blue[5:7], 16) > 200 > int(blue[1:3], 16)
    assert len(set(looks)) == len(looks) == 18


def test_verdicts_are_told_in_the_language_of_the_page():
    found = compared()
    said = {lang: written(maps.dispute_map(found, lang=lang))["verdicts"][0] for lang in ("zh", "en")}
    assert said["en"]["said"] == found.lines["said"].iloc[0]
    assert said["zh"]["said"] == found.lines["said_zh"].iloc[0]
    assert abs(dict(map(tuple, said["zh"]["measured"]))["mean_offset_m"]) == pytest.approx(20)


def test_a_picture_lies_where_leaflet_draws_it():
    pixels = np.zeros((3, 100, 100), dtype=np.uint8)
    pixels[0, :, :50], pixels[1, :50, :] = 200, 180
    source = maps.Source(title="quarters", pixels=pixels, bounds=(X - 50, Y - 50, X + 150, Y + 150), crs=4549)
    _, at = shown(source)
    corners = [at(X + east, Y + north)[:3] for east, north in ((46, 54), (54, 54), (46, 46), (54, 46))]
    assert corners == [[200, 180, 0], [0, 180, 0], [200, 0, 0], [0, 0, 0]]


def test_a_picture_is_cut_to_the_surroundings_of_the_claims():
    wide = np.zeros((1, 1000, 1000), dtype=np.uint8)
    source = maps.Source(title="town", pixels=wide, bounds=(X - 5_000, Y - 5_000, X + 5_000, Y + 5_000), crs=4549)
    said = written(maps.dispute_map(compared(), sources=[source]))["sources"][0]["picture"]["bounds"]
    west, south = METRES.transform(*said[:2])
    east, north = METRES.transform(*said[2:])
    # the disputed 20 m by 100 m, and 75 m more on each side
    assert (east - west, north - south) == pytest.approx((170, 250), abs=1.5)


def test_what_is_no_picture_is_seen_through(tmp_path):
    pixels = np.full((1, 100, 100), 90, dtype=np.uint8)
    pixels[:, :, 50:] = 255
    _, at = shown(maps.Source(title="p", path=tiff(tmp_path / "p.tif", pixels, nodata=255)))
    assert (at(X + 20, Y + 50), at(X + 80, Y + 50)[3]) == ([90, 90, 90, 255], 0)


def test_a_mask_of_its_own_is_kept(tmp_path):
    pixels = np.full((4, 100, 100), 120, dtype=np.uint8)
    pixels[3, :, :50], pixels[3, :, 50:] = 0, 255
    _, at = shown(maps.Source(title="p", path=tiff(tmp_path / "p.tif", pixels, photometric="RGB", alpha="YES")))
    assert (at(X + 20, Y + 50)[3], at(X + 80, Y + 50)) == (0, [120, 120, 120, 255])


def test_numbers_other_than_bytes_are_spread_over_grey(tmp_path):
    slope = np.broadcast_to(np.linspace(0.2, 0.8, 100, dtype=np.float32), (1, 100, 100)).copy()
    slope[0, :10] = np.nan
    _, at = shown(maps.Source(title="p", path=tiff(tmp_path / "p.tif", slope)))
    west, middle, east = (at(X + east, Y + 50)[0] for east in (-30, 50, 130))
    assert (west, middle, east) == pytest.approx((5, 127, 250), abs=12)
    assert at(X + 50, Y + 145)[3] == 0


def test_a_picture_of_one_value_is_shown(tmp_path):
    flat = np.full((1, 50, 50), 7.0, dtype=np.float32)
    pixels, _ = shown(maps.Source(title="p", path=tiff(tmp_path / "p.tif", flat, step=4.0)))
    assert len(np.unique(pixels[pixels[..., 3] > 0][:, 0])) == 1


def test_a_picture_is_made_coarser_before_it_is_too_large():
    noise = np.random.default_rng(5).integers(0, 256, (200, 200, 4), dtype=np.uint8)
    noise[..., 3] = 255
    made, times = dispute_pictures.encoded(noise, 6_000)
    assert len(made) <= 6_000
    assert times == pytest.approx(200 / Image.open(io.BytesIO(made)).width)
    assert times > 1


def test_four_dates_of_fine_pictures_are_a_page_of_three_megabytes():
    noise = np.random.default_rng(5).integers(0, 256, (3, 900, 900), dtype=np.uint8)
    place = {"bounds": (X - 75, Y - 75, X + 175, Y + 175), "crs": 4549}
    sources = [maps.Source(title=f"p{n}", pixels=np.roll(noise, 50 * n, 1), **place) for n in range(4)]
    page = maps.dispute_map(compared(45), sources=sources)
    assert 1_000_000 < len(maps.page_html(page).encode()) <= 3_000_000


def test_all_pictures_together_take_what_a_page_has_for_them(monkeypatch):
    monkeypatch.setattr(dispute_pictures, "MOST_BYTES", 60_000)
    noise = np.random.default_rng(5).integers(0, 256, (3, 300, 300), dtype=np.uint8)
    place = {"bounds": (X - 75, Y - 75, X + 175, Y + 175), "crs": 4549}
    found = written(maps.dispute_map(compared(), sources=[maps.Source(title="p", pixels=noise, **place)] * 3))[
        "sources"
    ]
    assert 30_000 < sum(len(one["picture"]["uri"]) for one in found) <= 60_300


def test_a_picture_that_fits_is_shown_as_fine_as_it_is():
    notes = written(maps.dispute_map(compared(), sources=[plain((9, 9, 9))], lang="en"))["notes"]
    assert "picture: 2 m a pixel" in notes


def test_how_coarse_a_picture_is_shown_is_said():
    fine = np.zeros((1, 3_000, 3_000), dtype=np.uint8)
    source = maps.Source(title="fine", pixels=fine, bounds=(X - 150, Y - 150, X + 150, Y + 150), crs=4549)
    notes = written(maps.dispute_map(compared(), sources=[source], lang="en"))["notes"]
    [said] = [note for note in notes if "a pixel" in note]
    shown, given = map(float, re.findall(r"([\d.]+) m\b", said))
    assert (given, shown > 0.1) == (0.1, True)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            maps.Source(title="far", pixels=np.zeros((9, 9)), bounds=(X + 9e3, Y, X + 9.1e3, Y + 90), crs=4549),
            "far does not show",
        ),
        (maps.Source(title="p", pixels=np.zeros((9, 9))), "without a place"),
        (maps.Source(title="p", pixels=np.zeros((7, 9, 9)), bounds=(X, Y, X + 9, Y + 9), crs=4549), "shape"),
        (maps.Source(title="p", pixels=np.full((9, 9), np.nan), bounds=(X, Y, X + 90, Y + 90), crs=4549), "empty"),
        (maps.Source(title="p", kind="rumour"), "rumour"),
        (plain((0, 0, 0), error_m=float("nan")), "error"),
        (plain((0, 0, 0), error_m=-1.0), "error"),
        (
            maps.Source(
                title="p", kind="parcels", parcels=claims().set_geometry(claims().translate(9e4)).assign(id="1")
            ),
            "elsewhere",
        ),
    ],
    ids=["elsewhere", "no-place", "bands", "nothing", "kind", "nan-error", "negative-error", "parcels-elsewhere"],
)
def test_a_source_that_cannot_be_shown_is_refused_by_name(source, told):
    with pytest.raises(InputError, match=told):
        maps.dispute_map(compared(), sources=[source])


def test_a_scan_without_a_place_is_sent_to_its_control_points(tmp_path):
    path = tmp_path / "scan.png"
    Image.fromarray(np.zeros((9, 9), dtype=np.uint8)).save(path)
    with pytest.raises(InputError, match="parcels georeference"):
        maps.dispute_map(compared(), sources=[maps.Source(title="scan", path=path)])


def test_a_picture_of_another_datum_is_refused():
    with pytest.raises(CrsError, match="old map"):
        maps.dispute_map(compared(), sources=[plain((0, 0, 0), title="old map", crs=2379)])


def crossings(band):
    """How far east of the corner a line 50 m north of it crosses the edge of a band."""
    rings = [np.array(ring)[:, ::-1] for polygon in band for ring in polygon]
    edge = shapely.union_all([LineString(np.column_stack(METRES.transform(*ring.T))) for ring in rings])
    return sorted((shapely.get_coordinates(edge & LineString([(X, Y + 50), (X + 130, Y + 50)]))[:, 0] - X).tolist())


def test_the_error_of_a_picture_is_drawn_as_wide_as_it_is():
    said = written(maps.dispute_map(compared(45), sources=[plain((0, 0, 0), error_m=7.5)]))["sources"][0]
    # the parties' lines lie 40 m and 60 m east of the corner, the candidate between them at 45 m
    found = crossings(said["band"])
    assert found == pytest.approx([32.5, 52.5, 52.5, 67.5] if len(found) == 4 else [32.5, 67.5], abs=0.02)


@pytest.mark.parametrize(("error_m", "bands"), [(0.0, 0), (0.2, 2)])
def test_a_picture_without_error_has_no_band(error_m, bands):
    assert len(dispute_errors.band(compared(), error_m)) == bands


def test_a_band_goes_around_the_ends_of_lines_and_follows_their_bends():
    bent = LineString([(X + 50, Y), (X + 50, Y + 50), (X + 49, Y + 50.5), (X + 50, Y + 51), (X + 50, Y + 100)])
    found = replace(compared(), lines=gpd.GeoDataFrame(geometry=[bent], crs=4549))
    [[ring]] = dispute_errors.band(found, 3.0)
    x, y = METRES.transform(*np.array(ring)[:, ::-1].T)
    assert [x.min() - X, x.max() - X, y.min() - Y, y.max() - Y] == pytest.approx([46, 53, -3, 103], abs=0.1)


def test_a_georeferenced_scan_tells_its_error_itself(tmp_path):
    scan = tmp_path / "scan.png"
    Image.fromarray(np.full((100, 100), 200, dtype=np.uint8)).save(scan)
    corners = [(0, 0), (100, 0), (0, 100), (100, 100), (50, 50)]
    points = pd.DataFrame(
        [(c, r, X - 50 + 2 * c, Y + 150 - 2 * r) for c, r in corners], columns=["pixel", "line", "x", "y"]
    )
    points.loc[4, "x"] += 1.0
    made = georeference(scan, points, crs=4549, method="order1", out=tmp_path / "map.tif")
    said = written(maps.dispute_map(compared(), sources=[maps.Source(title="map", path=tmp_path / "map.tif")]))
    assert said["sources"][0]["error_m"] == pytest.approx(made.leave_one_out_m, abs=1e-6)
    assert said["sources"][0]["error_m"] > 0.5


def test_a_picture_of_unknown_error_is_said_to_be_one():
    assert any(
        "误差不详" in note for note in written(maps.dispute_map(compared(), sources=[plain((0, 0, 0))]))["notes"]
    )


def test_dates_of_capture_release_and_scan_are_told_apart():
    dates = SourceDates(capture=parse_edtf("1953~"), release=parse_edtf("../1990"), scan=parse_edtf("2004-07-01"))
    [said] = written(maps.dispute_map(compared(), sources=[plain((0, 0, 0), dates=dates)]))["sources"]
    # about 1953 is 1952 to 1954; years as numbers, their days as parts of them
    assert said["capture"]["text"] == "1953~"
    assert said["capture"]["years"] == [1952.0, pytest.approx(1954.997, abs=0.001)]
    assert said["release"]["years"][0] is None
    assert said["scan"]["years"] == [pytest.approx(2004.498, abs=0.002)] * 2


def test_what_is_certain_of_a_span_is_told_apart_from_what_is_possible():
    dates = SourceDates(capture=parse_edtf("1911/1953~"), release=parse_edtf("../1982"))
    [said] = written(maps.dispute_map(compared(), sources=[plain((0, 0, 0), dates=dates)]))["sources"]
    # it began on some day of 1911 and ended about 1953: all of 1912 to 1951 is certain
    assert said["capture"]["certain"] == [pytest.approx(1911.997, abs=0.001), 1952.0]
    assert said["release"]["certain"][0] is None


def test_a_picture_of_which_only_the_release_is_dated_is_said_to_be_older():
    dates = SourceDates(release=parse_edtf("2021"))
    page = written(maps.dispute_map(compared(), sources=[plain((0, 0, 0), dates=dates)], lang="en"))
    assert page["sources"][0]["capture"] is None
    assert any("some day before" in note for note in page["notes"])


def test_parcels_that_lie_far_off_are_left_out():
    parcels = gpd.GeoDataFrame(
        {"id": ["near", "far"]}, geometry=[box(X, Y, X + 50, Y + 50), box(X + 5e3, Y, X + 6e3, Y + 50)], crs=4549
    )
    [one] = written(maps.dispute_map(compared(), sources=[land(parcels)]))["sources"]
    assert (one["parcels"]["ids"], one["parcels"]["m2"]) == (["near"], [2500.0])


def test_parcels_beyond_what_a_page_holds_are_counted(monkeypatch):
    monkeypatch.setattr(dispute_sources, "MOST_PARCELS", 1)
    parcels = claims().assign(id=["1", "2"])
    page = written(maps.dispute_map(compared(), sources=[land(parcels)], lang="en"))
    assert "land: 1 more parcels are not drawn" in page["notes"]


def test_the_same_case_makes_the_same_page():
    pages = {maps.page_html(maps.dispute_map(compared(45), sources=[plain((9, 90, 9))])) for _ in range(2)}
    assert len(pages) == 1


def test_another_language_is_refused():
    with pytest.raises(InputError, match="'fr'"):
        maps.dispute_map(compared(), lang="fr")


@pytest.mark.parametrize("both", dispute_words.DISPUTES.own.values(), ids=dispute_words.DISPUTES.own)
def test_words_have_the_same_places_in_both_languages(both):
    chinese, english = (set(re.findall(r"\{(\w+)\}", text)) for text in both)
    assert chinese == english


def test_a_band_is_as_wide_as_the_error_is_there():
    off = [1.0, 2.0, 3.0, 8.0, 9.0, 2.0, 4.0]
    spots = [Point(X + east, Y + north) for east in (-50, 20, 130) for north in (0, 100)] + [Point(X + 60, Y + 40)]
    control = gpd.GeoDataFrame({"leave_one_out_m": off}, geometry=spots, crs=4549)
    source = plain((0, 0, 0), error_m=5.0, control=control.to_crs(4490), method="order2")
    said = written(maps.dispute_map(compared(), sources=[source]))["sources"][0]
    points = pd.DataFrame({"east": control.geometry.x, "north": control.geometry.y, "leave_one_out_m": off})
    west = error_at(points, np.array([[X + 40, Y + 50]]), method="order2")[0]
    assert crossings(said["band"])[0] == pytest.approx(40 - west, abs=0.05)
    assert [one[2] for one in said["control"]] == off
    assert METRES.transform(*said["control"][4][1::-1]) == pytest.approx((X + 130, Y), abs=0.2)


def test_where_points_are_too_few_to_tell_of_places_the_whole_error_counts():
    control = gpd.GeoDataFrame({"leave_one_out_m": [1.0, 9.0]}, geometry=[Point(X, Y), Point(X + 90, Y)], crs=4549)
    source = plain((0, 0, 0), error_m=7.5, control=control, method="tps")
    said = written(maps.dispute_map(compared(), sources=[source]))["sources"][0]
    assert crossings(said["band"])[0] == pytest.approx(32.5, abs=0.02)


def test_a_figure_that_is_stated_counts_before_what_the_file_knows_of_places(tmp_path):
    told = json.dumps([{"east": X, "north": Y, "leave_one_out_m": 1.0}])
    path = tiff(tmp_path / "p.tif", np.zeros((1, 100, 100), dtype=np.uint8))
    with rasterio.open(path, "r+") as file:
        file.update_tags(GRIDMAP_LEAVE_ONE_OUT_M="1.000", GRIDMAP_POINTS=told, GRIDMAP_METHOD="order1")
    sources = [maps.Source(title="p", path=path, error_m=error) for error in (None, 1.004, 2.0)]
    found = written(maps.dispute_map(compared(), sources=sources))["sources"]
    # a figure of fewer digits is the file's own
    assert [(one["error_m"], len(one["control"])) for one in found] == [(1.0, 1), (1.004, 1), (2.0, 0)]


def test_points_of_a_file_that_tells_no_error_of_the_whole_do_not_speak_for_another_figure(tmp_path):
    path = tiff(tmp_path / "p.tif", np.zeros((1, 100, 100), dtype=np.uint8))
    with rasterio.open(path, "r+") as file:
        file.update_tags(GRIDMAP_POINTS=json.dumps([{"east": X, "north": Y, "leave_one_out_m": 1.0}]))
    [one] = written(maps.dispute_map(compared(), sources=[maps.Source(title="p", path=path, error_m=2.0)]))["sources"]
    assert (one["error_m"], one["control"]) == (2.0, [])


@pytest.mark.parametrize("told", ["", "nonsense", "[]", '[{"x": 1}]', '{"east": "a"}', "7"])
def test_points_that_a_file_does_not_tell_properly_are_none(told):
    assert dispute_pictures._control(told, 4549) is None


def test_of_a_large_picture_only_what_is_shown_is_read(tmp_path):
    # a town of 10 km with a bright square of 20 m in the middle of the claims
    pixels = np.zeros((1, 5_000, 5_000), dtype=np.uint8)
    pixels[0, 2_470:2_480, 2_525:2_535] = 250
    path = tiff(tmp_path / "town.tif", pixels, corner=(X - 5_000, Y + 5_000), compress="deflate", tiled=True)
    given = dispute_pictures.read_raster(path, WINDOW, title="town")
    assert given.pixels.shape[1] < 200 > given.pixels.shape[2]
    _, at = shown(maps.Source(title="town", path=path))
    # north of the middle row 2 500 lie 60 m to 40 m, east of column 2 500 50 m to 70 m
    assert [at(X + 60, Y + north)[0] for north in (45, 50, 55)] == [250, 250, 250]
    assert [at(X + east, Y + north)[0] for east, north in ((45, 50), (75, 50), (60, 35), (60, 65))] == [0, 0, 0, 0]


def test_of_a_fine_picture_the_average_is_read_and_its_own_fineness_told(tmp_path, monkeypatch):
    monkeypatch.setattr(dispute_pictures, "MOST_SIDE", 50)
    stripes = np.zeros((1, 400, 400), dtype=np.uint8)
    stripes[:, :, ::2] = 200
    path = tiff(tmp_path / "fine.tif", stripes, step=0.5)
    given = dispute_pictures.read_raster(path, WINDOW, title="fine")
    # 170 m by 200 m of 0.5 m, and two columns on one side
    assert (given.coarser, given.pixels.shape) == (4, (1, 100, 86))
    assert set(given.pixels.ravel()) <= {99, 100, 101}
    notes = written(maps.dispute_map(compared(), sources=[maps.Source(title="fine", path=path)], lang="en"))["notes"]
    assert any("the file has 0.5 m" in note for note in notes)


def test_names_cannot_turn_the_page_around():
    page = maps.page_html(maps.dispute_map(compared(parties=("a\u202eb", "c\u2066")), title="\u202etitle"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    assert [one["name"] for one in written(maps.dispute_map(compared(parties=("a\u202eb", "c"))))["parties"]] == [
        "ab",
        "c",
    ]


def test_a_claim_that_winds_with_each_centimetre_has_its_band_in_no_time():
    edge = np.column_stack([X + 60 + 0.02 * np.sin(np.arange(4_000)), np.linspace(Y, Y + 100, 4_000)])
    found = replace(compared(), lines=gpd.GeoDataFrame(geometry=[LineString(edge)], crs=4549))
    [polygon] = dispute_errors.band(found, 3.0)
    assert crossings([polygon]) == pytest.approx([57, 63], abs=0.1)
    assert sum(map(len, polygon)) < 200


def test_things_of_any_shape_are_drawn_around_the_claims():
    shapes = [Point(X, Y), LineString([(X, Y), (X + 9, Y)]), box(X, Y, X + 5, Y + 5), Point(X + 9e3, Y)]
    named = {"id": ["t", "p", "w", "far"], "kind": ["tree", None, "well", "well"]}
    things = gpd.GeoDataFrame(named, geometry=shapes, crs=4549)
    drawn = written(maps.dispute_map(compared(), objects=things))["objects"]
    assert [(one["id"], one["kind"], len(one["points"]), len(one["lines"])) for one in drawn] == [
        ("t", "tree", 1, 0),
        ("p", "object", 0, 1),
        ("w", "well", 0, 1),
    ]


def test_a_line_that_was_solved_is_told_in_the_words_of_the_page():
    found = compared(45, 52, source=["solved: between", "village map"])
    told = [one["source"] for one in written(maps.dispute_map(found, lang="en"))["candidates"]]
    assert told == ["solved for a share", "village map"]
