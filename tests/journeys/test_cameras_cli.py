"""What an operator does from a shell: what cameras see, band by band, what nobody sees, where the next ones go."""

from __future__ import annotations

import json
import sys
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import box
from sqlalchemy import text

from gridmap import cli, formats, store
from gridmap.samples import town

#: East and north of the corner of the hand-made ground, and its system.
CORNER, CRS = (500_000, 3_540_000), 4549


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The sample town's layers as files, by name."""
    folder, tables = tmp_path_factory.mktemp("town"), town(seed=3, buildings=400)
    tables["areas"] = tables["areas"][tables["areas"]["level"] != "micro"]
    for name in ("cameras", "buildings", "streets", "areas", "checkpoints"):
        formats.write({name: tables[name]}, folder / f"{name}.gpkg")
    return {name: folder / f"{name}.gpkg" for name in ("cameras", "buildings", "streets", "areas", "checkpoints")}


def _at(x, y):
    return shapely.Point(CORNER[0] + x, CORNER[1] + y)


def _cameras(path, *rows, **columns):
    """A file of cameras: id, x, y, heading; 90 degrees wide, level, 100 m."""
    table = pd.DataFrame([(name, heading) for name, *_, heading in rows], columns=["id", "heading_deg"])
    level = {"hfov_deg": 90.0, "height_m": 6.0, "width_px": 2000, "range_m": 100.0, "kind": "fixed", "status": "online"}
    points = [_at(x, y) for _, x, y, _ in rows]
    formats.write({"cameras": gpd.GeoDataFrame(table.assign(**level | columns), geometry=points, crs=CRS)}, path)
    return path


def _houses(path, *boxes, height=10.0):
    """A file of houses: west, south, east, north in metres from the corner."""
    shapes = [box(*(np.array(edges) + np.tile(CORNER, 2))) for edges in boxes]
    table = {"id": [str(n) for n in range(len(boxes))], "height_m": height}
    formats.write({"buildings": gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)}, path)
    return path


def _street(path, *points):
    line = shapely.LineString([_at(*point) for point in points])
    formats.write({"streets": gpd.GeoDataFrame({"id": ["S"], "class": "residential"}, geometry=[line], crs=CRS)}, path)
    return path


@pytest.fixture
def corner(tmp_path):
    """One camera that looks east behind a house at its back, and a street of 200 m before it; as options."""
    return {
        "--cameras": _cameras(tmp_path / "c.gpkg", ("C1", 0, 0, 90.0)),
        "--buildings": _houses(tmp_path / "b.gpkg", (-30, -10, -20, 10)),
        "--streets": _street(tmp_path / "s.gpkg", (50, -100), (50, 100)),
        "--out": tmp_path / "coverage.gpkg",
    }


def _words(options):
    return [word for pair in options.items() for word in pair]


def test_a_camera_in_the_open_sees_a_quarter_of_its_disc(run, corner):
    _, out, _ = run("cameras", "coverage", *_words(corner), "--json")
    told = json.loads(out)
    # 90 degrees of a disc of 100 m
    assert sum(told["ground_m2"]["nominal"].values()) == pytest.approx(np.pi * 100**2 / 4, abs=0.3)
    # 2000 pixels over 90 degrees: 125 px/m at 8 m, 62.5 at 16 m, 25 at 40 m; triangles x * x
    assert told["ground_m2"]["nominal"] == pytest.approx(
        {"recognise": 64, "find": 256 - 64, "detect": 1600 - 256, "seen": np.pi * 2500 - 1600}, abs=0.3
    )


def test_metres_of_a_street_are_told_and_the_rest_is_blind(run, corner):
    _, out, _ = run("cameras", "coverage", *_words(corner), "--json")
    told = json.loads(out)
    # where the sides, 45 degrees off east, cross the street at 50 m: from -50 m to 50 m of 200 m
    assert told["street_m"]["seen_m"]["seen"] == pytest.approx(100, abs=0.1)
    assert [row["length_m"] for row in told["blind"]] == pytest.approx([50, 50], abs=0.1)
    assert {row["band"]: row["share"] for row in told["streets"]}["seen"] == pytest.approx(0.5, abs=1e-3)


def test_the_file_has_the_layers_and_columns_that_others_read(run, files, tmp_path):
    out = tmp_path / "coverage.gpkg"
    options = [word for name in ("cameras", "buildings", "areas", "streets") for word in (f"--{name}", files[name])]
    status, said, _ = run("cameras", "coverage", *options, "--out", out)
    assert (status, "count as possible only" in said) == (0, True)
    columns = {name: {*gpd.read_file(out, layer=name).columns} for name, _ in pyogrio.list_layers(out)}
    assert {"camera", "band", "certainty", "area_m2"} <= columns["viewsheds"]
    assert {"code", "band", "seen_m2", "share", "share_guaranteed", "share_possible"} <= columns["areas"]
    assert {"id", "band", "seen_m", "share", "share_guaranteed", "share_possible"} <= columns["streets"]
    assert {"rank", "id", "length_m"} <= columns["blind"]
    assert {"camera", "code", "what"} <= columns["notes"]


def test_a_workbook_has_a_sheet_for_each_layer_and_no_shapes(run, corner, tmp_path):
    corner["--out"] = tmp_path / "coverage.xlsx"
    assert run("cameras", "coverage", *_words(corner))[0] == 0
    sheets = pd.read_excel(corner["--out"], sheet_name=None)
    assert {"viewsheds", "streets", "blind", "losses", "notes"} <= {*sheets}
    assert not [name for name, sheet in sheets.items() if "geometry" in sheet]


def test_what_only_one_camera_sees_is_lost_without_it(run, corner, tmp_path):
    corner["--cameras"] = _cameras(tmp_path / "two.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 40, 90.0))
    lost = {
        row["camera"]: row["lost_m"]
        for row in json.loads(run("cameras", "coverage", *_words(corner), "--json")[1])["losses"]
    }
    # C1 sees the street from -50 m to 50 m, C2 from -10 m to 90 m
    assert lost == pytest.approx({"C1": 40, "C2": 40}, abs=0.1)


def test_metres_are_told_by_how_many_cameras_see_them(run, corner, tmp_path):
    corner["--cameras"] = _cameras(tmp_path / "two.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 40, 90.0))
    told = json.loads(run("cameras", "coverage", *_words(corner), "--json")[1])
    # -50 m to 50 m and -10 m to 90 m: 140 m together, 60 m twice
    assert told["depth_m"] == pytest.approx({"1": 140, "2": 60, "3": 0}, abs=0.1)
    assert [row["seen_2_m"] for row in told["depth"]] == pytest.approx([60], abs=0.1)
    assert "2 or more 60 m, 3 or more 0 m" in run("cameras", "coverage", *_words(corner))[1]


def _places(path, **places):
    table = gpd.GeoDataFrame({"编号": list(places)}, geometry=[_at(*place) for place in places.values()], crs=CRS)
    formats.write({"doors": table}, path)
    return path


def test_places_are_told_with_who_sees_them_and_the_key_places_rate_with_its_target(run, corner, tmp_path):
    corner["--places"] = _places(tmp_path / "p.gpkg", gate=(10, 0), yard=(35, 0), back=(-5, 0))
    words = (*_words(corner), "--column", "places.id=编号")
    told = json.loads(run("cameras", "coverage", *words, "--json")[1])
    # 62.5 px/m to 16 m, 25 to 40 m; the back lies behind the camera
    assert {row["id"]: (row["cameras"], row["band"], row["by"]) for row in told["places"]} == {
        "gate": (1, "find", "C1"),
        "yard": (1, "detect", "C1"),
        "back": (0, None, ""),
    }
    rates = {row["figure"]: (row["count"], row["of"], row["kept"]) for row in told["rates"]}
    assert (rates["key_places"], rates["online"]) == ((2, 3, False), (1, 1, True))
    said = run("cameras", "coverage", *words)[1]
    assert "places: 2 of 3 are seen, at best recognise 0, find 1, detect 1, seen 0" in said
    assert "rate: key_places 2 of 3 (66.7 %), target 100.0 %: missed" in said


def test_offline_cameras_lower_the_rate_though_they_are_not_counted_in_the_ground(run, corner, tmp_path):
    rows = [(f"C{n}", 0, 10 * n, 90.0) for n in range(4)]
    corner["--cameras"] = _cameras(tmp_path / "o.gpkg", *rows, status=["online", "offline", "online", "online"])
    assert "rate: online 3 of 4 (75.0 %), target 95.0 %: missed" in run("cameras", "coverage", *_words(corner))[1]


@pytest.fixture
def moved(corner, tmp_path):
    """The camera of the corner stands 40 m to the north since 2026, and the ground is one area."""
    days = {"valid_from": [date(2020, 1, 1), date(2026, 1, 1)], "valid_to": [date(2026, 1, 1), None]}
    ground = {"code": ["32061300101"], "name": "A", "level": "community"}
    table = gpd.GeoDataFrame(ground, geometry=[box(*np.add(np.tile(CORNER, 2), [-200, -100, 200, 100]))], crs=CRS)
    formats.write({"areas": table}, tmp_path / "areas.gpkg")
    cameras = _cameras(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), ("C1", 0, 40, 90.0), **days)
    return corner | {"--cameras": cameras, "--areas": tmp_path / "areas.gpkg", "--on": "2026-02-01"}


def test_two_days_compare_by_street_and_by_area(run, moved):
    told = json.loads(run("cameras", "coverage", *_words(moved), "--old", "2025-12-31", "--json")[1])
    metres = {"old_m": 100, "new_m": 100, "gained_m": 40, "lost_m": 40, "kept_m": 60}
    for layer in ("street_changes", "changes"):
        assert {name: told[layer][0][name] for name in metres} == pytest.approx(metres, abs=0.1)
    # a quarter of a disc of 100 m, and the same less what lies more than 60 m north of the camera:
    # (y sqrt(R2 - y2) + R2 asin(y / R) - y2) / 2 from 60 m to 70.71 m
    assert told["changes"][0]["old_m2"] == pytest.approx(7853.98, abs=0.5)
    assert told["changes"][0]["new_m2"] == pytest.approx(7853.98 - 109.49, abs=0.5)
    assert told["changes_m"] == pytest.approx({"gained": 40, "lost": 40}, abs=0.1)
    assert (
        "since then: 40 m of street are seen more, 40 m no more"
        in run("cameras", "coverage", *_words(moved), "--old", "2025-12-31")[1]
    )


def test_a_file_of_other_cameras_compares_as_another_day_does(run, corner, tmp_path):
    other = _cameras(tmp_path / "other.gpkg", ("X", 0, 0, 90.0), ("Y", 0, 40, 90.0))
    told = json.loads(run("cameras", "coverage", *_words(corner), "--old", other, "--json")[1])
    assert told["changes_m"] == pytest.approx({"gained": 0, "lost": 40}, abs=0.1)
    assert "changes" not in told


@pytest.mark.parametrize(
    ("old", "said"),
    [("last year", "a day such as 2025-12-31"), ("2019-01-01", "no camera is in force on 2019-01-01")],
    ids=["neither day nor file", "before there were any"],
)
def test_what_cannot_be_compared_with_is_refused(run, moved, old, said):
    status, _, err = run("cameras", "coverage", *_words(moved), "--old", old)
    assert (status, said in err) == (2, True)


def test_bands_of_an_area_add_up_to_what_is_seen_of_it(run, files, tmp_path):
    out = tmp_path / "coverage.gpkg"
    run(
        "cameras",
        "coverage",
        *[w for n in ("cameras", "buildings", "areas") for w in (f"--{n}", files[n])],
        "--out",
        out,
    )
    ground, areas = gpd.read_file(out, layer="viewsheds"), gpd.read_file(out, layer="areas")
    whole = gpd.read_file(files["areas"]).query("level == 'district'").to_crs(CRS).geometry.union_all()
    seen = ground[ground["certainty"] == "nominal"].to_crs(CRS).geometry.union_all().intersection(whole)
    of_district = areas.loc[areas["level"] == "district", "seen_m2"].sum()
    assert of_district == pytest.approx(seen.area, rel=1e-3)


def test_a_heading_that_nobody_stated_is_never_invented(run, corner, tmp_path):
    corner["--cameras"] = _cameras(tmp_path / "n.gpkg", ("C1", 0, 0, None))
    _, out, _ = run("cameras", "coverage", *_words(corner), "--json")
    told = json.loads(out)
    assert told["cameras"]["possible_only"] == 1
    assert {row["certainty"] for row in told["viewsheds"]} == {"possible"}
    assert (told["street_m"]["share"], told["street_m"]["share_possible"] > 0.5) == (0, True)
    assert [note["cameras"] for note in told["notes"] if note["code"] == "heading_deg"] == [1]


def test_an_offline_camera_counts_only_where_that_is_asked(run, corner, tmp_path):
    rows = (("C1", 0, 0, 90.0), ("C2", 0, 60, 90.0))
    corner["--cameras"] = _cameras(tmp_path / "o.gpkg", *rows, status=["online", "offline"])
    seen = [
        {
            row["camera"]
            for row in json.loads(run("cameras", "coverage", *_words(corner), "--json", *more)[1])["viewsheds"]
        }
        for more in ((), ("--status", "all"))
    ]
    assert seen == [{"C1"}, {"C1", "C2"}]


def test_where_all_are_offline_it_is_said_instead_of_an_empty_answer(run, corner, tmp_path):
    corner["--cameras"] = _cameras(tmp_path / "o.gpkg", ("C1", 0, 0, 90.0), status="offline")
    status, _, err = run("cameras", "coverage", *_words(corner))
    assert (status, "all 1 cameras are offline; count them as well: --status all" in err) == (2, True)


def test_cameras_count_from_their_first_day_to_the_one_before_their_last(run, corner, tmp_path):
    days = {"valid_from": [date(2026, 1, 1)], "valid_to": [date(2026, 3, 1)]}
    corner["--cameras"] = _cameras(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), **days)
    status = [run("cameras", "coverage", *_words(corner), "--on", day)[0] for day in ("2026-01-01", "2026-02-28")]
    gone = run("cameras", "coverage", *_words(corner), "--on", "2026-03-01")
    assert (status, gone[0], "2026-03-01" in gone[2]) == ([0, 0], 2, True)


def test_densities_of_the_standard_of_2025_can_be_asked_for(run, corner):
    _, out, _ = run("cameras", "coverage", *_words(corner), "--profile", "oodpcvs", "--json")
    # 80 px/m at 12.5 m
    assert json.loads(out)["ground_m2"]["nominal"]["find"] == pytest.approx(12.5**2 - 64, abs=0.3)


def test_without_buildings_the_ground_is_open_only_if_that_is_asked_for_and_then_it_is_said(run, corner):
    del corner["--buildings"]
    _, out, _ = run("cameras", "coverage", *_words(corner), "--open-ground", "--json")
    assert "no buildings are known: nothing hides the ground" in {note["what"] for note in json.loads(out)["notes"]}


def test_progress_and_warnings_go_to_standard_error_and_json_alone_to_standard_output(run, corner, tmp_path):
    corner["--cameras"] = tmp_path / "bare.geojson"
    point = gpd.GeoSeries([_at(0, 0)], crs=CRS).to_crs(4326)
    gpd.GeoDataFrame({"id": ["C1"]}, geometry=point).to_file(corner["--cameras"])
    status, out, err = run("cameras", "coverage", *_words(corner), "--json")
    assert (status, json.loads(out)["cameras"]["counted"]) == (0, 1)
    assert "no column kind" in err


def test_a_column_of_one_file_is_stated_for_its_layer(run, corner, tmp_path):
    for layer, key in (("cameras", "--cameras"), ("streets", "--streets")):
        table = gpd.read_file(corner[key]).rename(columns={"id": f"{layer}_nr"})
        formats.write({layer: table}, tmp_path / f"renamed_{layer}.gpkg")
        corner[key] = tmp_path / f"renamed_{layer}.gpkg"
    stated = ("--column", "cameras.id=cameras_nr", "--column", "streets.id=streets_nr")
    told = json.loads(run("cameras", "coverage", *_words(corner), *stated, "--json")[1])
    assert ({row["camera"] for row in told["viewsheds"]}, {row["id"] for row in told["streets"]}) == ({"C1"}, {"S"})


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("camera.id=nr", "--column camera.; expected one of areas., buildings., streets., addresses., cameras."),
        ("streets.id=nr", "'nr', stated for id, is not in the file"),
        ("id=nr", "state it for that layer alone, as in --column cameras.ours=theirs"),
        ("idd=nr", "has no column 'idd'"),
    ],
    ids=["no such layer", "not in that file", "not in every file", "no such column"],
)
def test_a_column_that_cannot_be_meant_is_refused(run, corner, column, said):
    status, _, err = run("cameras", "coverage", *_words(corner), "--column", column)
    assert (status, said in err) == (2, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--out": "coverage.docx"}, "the ending '.docx'"),
        ({"--out": "nowhere/coverage.gpkg"}, "there is no folder"),
        ({"--map": "page.pdf"}, "expected a file that ends in .html"),
        ({"--map": "nowhere/page.html"}, "there is no folder"),
        ({"--cameras": "missing.gpkg"}, "missing.gpkg"),
    ],
    ids=["ending", "folder", "page", "page's folder", "no file"],
)
def test_what_cannot_be_read_or_written_is_refused_with_one_message_and_nothing_left(
    run, corner, tmp_path, changed, said
):
    corner |= {name: tmp_path / value for name, value in changed.items()}
    before = sorted(tmp_path.iterdir())
    status, out, err = run("cameras", "coverage", *_words(corner))
    assert (status, out, said in err, err.count("gridmap:")) == (2, "", True, 1)
    assert sorted(tmp_path.iterdir()) == before


CATALOGUE = """DeviceID,Name,Longitude,Latitude,PTZType,DirectionType,Status,Resolution,HorizontalFieldAngle
34020000001320000001,东门,{lon},{lat},3,1,ON,1920*1080,90
34020000002000000001,平台,{lon},{lat},3,1,ON,1920*1080,90
"""


def test_a_national_catalogue_knows_headings_as_octants_and_servers_are_no_cameras(run, corner, tmp_path):
    place = gpd.GeoSeries([_at(0, 0)], crs=CRS).to_crs(4490)[0]
    corner["--cameras"] = tmp_path / "catalogue.csv"
    corner["--cameras"].write_text(CATALOGUE.format(lon=place.x, lat=place.y), encoding="utf-8")
    _, out, _ = run("cameras", "coverage", *_words(corner), "--json")
    told = json.loads(out)
    counts = told["cameras"]
    assert (counts["counted"], counts["heading_uncertain"], counts["possible_only"]) == (1, 1, 0)
    shares = [told["street_m"][name] for name in ("share_guaranteed", "share", "share_possible")]
    assert shares == sorted(shares)
    assert shares[0] < shares[2]


OSM = """<osm version="0.6"><node id="1" lon="{0}" lat="{1}"><tag k="man_made" v="surveillance"/>
<tag k="surveillance:type" v="camera"/><tag k="camera:direction" v="90"/><tag k="camera:type" v="fixed"/></node>
<node id="2" lon="{2}" lat="{3}"/><node id="3" lon="{4}" lat="{3}"/><node id="4" lon="{4}" lat="{5}"/>
<node id="5" lon="{2}" lat="{5}"/><way id="9"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/>
<tag k="building" v="yes"/><tag k="building:levels" v="{6}"/></way></osm>"""


@pytest.mark.parametrize(("levels", "beyond"), [("1", True), ("9", False)], ids=["low", "high"])
def test_openstreetmap_is_cameras_and_buildings_in_one_and_its_levels_are_heights(run, tmp_path, levels, beyond):
    west, east = (gpd.GeoSeries([_at(x, y)], crs=CRS).to_crs(4326)[0] for x, y in ((20, -30), (25, 30)))
    camera = gpd.GeoSeries([_at(0, 0)], crs=CRS).to_crs(4326)[0]
    path, out = tmp_path / "place.osm", tmp_path / "coverage.gpkg"
    path.write_text(OSM.format(camera.x, camera.y, west.x, west.y, east.x, east.y, levels), encoding="utf-8")
    status, *_ = run("cameras", "coverage", "--cameras", path, "--buildings", path, "--out", out)
    ground = gpd.read_file(out, layer="viewsheds").to_crs(CRS)
    # from 6 m up, one floor of 3 m in 20 to 25 m hides no more than to 50 m; nine floors hide all
    assert (status, ground.intersects(_at(60, 0)).any(), ground.intersects(_at(10, 0)).any()) == (0, beyond, True)


def test_a_direction_in_words_is_a_heading_where_its_street_is_known(run, corner, tmp_path):
    corner["--cameras"] = _cameras(tmp_path / "w.gpkg", ("C1", 0, 0, None), direction="朝人民路")
    streets = gpd.read_file(corner["--streets"]).assign(name="人民路")
    formats.write({"streets": streets}, tmp_path / "named.gpkg")
    corner["--streets"] = tmp_path / "named.gpkg"
    told = json.loads(run("cameras", "coverage", *_words(corner), "--json")[1])
    assert told["cameras"]["possible_only"] == 0
    assert "朝人民路: it looks at the nearest point of 人民路" in {note["what"] for note in told["notes"]}


def test_a_page_is_drawn_beside_the_file(run, corner, tmp_path, built_page):  # noqa: ARG001 - maps carry a part of it
    page = tmp_path / "coverage.html"
    status, *_ = run("cameras", "coverage", *_words(corner), "--map", page, "--lang", "en")
    assert status == 0
    assert "What cameras see" in page.read_text("utf-8")


def test_two_days_are_drawn_side_by_side(run, corner, tmp_path, built_page):  # noqa: ARG001 - as above
    page, days = tmp_path / "days.html", {"valid_from": [date(2020, 1, 1), date(2026, 1, 1)]}
    corner["--cameras"] = _cameras(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 50, 90.0), **days)
    del corner["--out"]
    status, *_ = run("maps", "cameras", *_words(corner), "--old", "2025-12-31", "--on", "2026-01-01", "--out", page)
    data = json.loads(page.read_text("utf-8").split('id="gm-data">')[1].split("</script>")[0])
    assert (status, [len(data["sides"][side]["cameras"]) for side in ("old", "new")]) == (0, [1, 2])


def test_a_page_to_be_passed_on_holds_shares_only(run, files, tmp_path, built_page):  # noqa: ARG001 - as above
    page = tmp_path / "shares.html"
    options = [word for name in ("cameras", "buildings", "areas") for word in (f"--{name}", files[name])]
    run("maps", "cameras", *options, "--shares-only", "--out", page)
    assert "C00001" not in page.read_text("utf-8")


def test_places_for_cameras_are_ranked_by_what_they_add(run, files, tmp_path):
    out = tmp_path / "places.gpkg"
    options = [word for name in ("cameras", "buildings", "streets") for word in (f"--{name}", files[name])]
    status, said, _ = run("cameras", "place", *options, "--count", 3, "--band", "detect", "--out", out)
    placed = gpd.read_file(out, layer="places")
    assert (status, placed["rank"].tolist(), placed["gain_m"].is_monotonic_decreasing) == (0, [1, 2, 3], True)
    assert placed["total_share"].is_monotonic_increasing
    assert "detect or better now" in said


def test_what_is_proposed_adds_the_metres_that_coverage_then_tells(run, corner, tmp_path):
    words = _words({name: corner[name] for name in ("--streets", "--buildings")})
    _, out, _ = run(
        "cameras", "place", *words, "--count", 1, "--band", "detect", "--out", tmp_path / "p.gpkg", "--json"
    )
    told = json.loads(out)
    places = gpd.read_file(tmp_path / "p.gpkg", layer="places").assign(kind="fixed", status="online", id="P1")
    formats.write({"cameras": places}, tmp_path / "new.gpkg")
    corner["--cameras"] = tmp_path / "new.gpkg"
    seen = json.loads(run("cameras", "coverage", *_words(corner), "--json")[1])["street_m"]["seen_m"]
    assert told["places"][0]["gain_m"] == pytest.approx(seen["recognise"] + seen["find"] + seen["detect"], abs=0.2)


def test_no_camera_to_place_is_a_mistake_of_usage(run, corner, tmp_path):
    words = _words({name: corner[name] for name in ("--streets", "--buildings")})
    assert run("cameras", "place", *words, "--count", 0, "--out", tmp_path / "p.gpkg")[0] == 2


def test_the_record_is_asked_where_files_are_left_out(run, files, tmp_path, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path / "data"))
    for layer in ("areas", "buildings", "streets", "cameras"):
        assert run("load", layer, files[layer])[0] == 0
    status, out, _ = run("cameras", "coverage", "--out", tmp_path / "record.gpkg", "--json")
    words = [word for name in ("cameras", "buildings", "areas", "streets") for word in (f"--{name}", files[name])]
    _, same, _ = run("cameras", "coverage", *words, "--out", tmp_path / "files.gpkg", "--json")
    recorded, filed = json.loads(out), json.loads(same)
    assert (status, recorded["cameras"]) == (0, filed["cameras"])
    assert recorded["street_m"]["share"] == pytest.approx(filed["street_m"]["share"], abs=1e-6)
    engine = store.connect(record_url)
    with engine.connect() as connection:
        asked = text("SELECT detail FROM audit WHERE action = 'look at cameras'")
        looks = connection.execute(asked).scalars().all()
    engine.dispose()
    assert [(look["by"], look["cameras"]) for look in looks] == [
        ("gridmap cameras coverage", filed["cameras"]["total"])
    ]


@pytest.mark.parametrize("ending", ["csv", "gpkg", "xlsx"])
def test_what_is_written_of_an_empty_record_has_the_promised_columns_and_says_that_there_are_no_rows(
    run, tmp_path, monkeypatch, record_url, ending
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    out = tmp_path / f"cameras.{ending}"
    status, _, err = run("dump", "cameras", out, "--on", "2026-01-01")
    read = {"csv": pd.read_csv, "gpkg": gpd.read_file, "xlsx": pd.read_excel}[ending](out)
    assert (status, len(read), {"id", "heading_deg", "kind", "status"} <= {*read.columns}) == (0, 0, True)
    assert "0 rows of cameras" in err
    assert "the record holds none in force on 2026-01-01" in err


def test_cameras_of_a_catalogue_are_loaded_as_they_are_asked_and_what_is_left_out_is_said(
    run, tmp_path, monkeypatch, record_url
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(CATALOGUE.format(lon=120.0, lat=31.9), encoding="utf-8")
    status, out, err = run("load", "cameras", catalogue)
    assert (status, "1 added" in out) == (0, True)
    assert "warning: camera 34020000002000000001: it is no camera" in err


def test_codes_of_a_plain_table_that_are_none_are_told_and_hinder_nothing(run, corner, tmp_path):
    wrong = ["340200000013200000", "34020000002000000001", "34020000001320000001", "34020000001320000001"]
    rows = [(f"C{n}", 0, 10 * n, 90.0) for n in range(4)]
    corner["--cameras"] = _cameras(tmp_path / "codes.gpkg", *rows, code=wrong)
    status, out, _ = run("cameras", "coverage", *_words(corner))
    assert (status, "4 of 4 cameras count" in out) == (0, True)
    assert "note: camera C0: its code has 18 characters; expected 20 digits (GB/T 28181)" in out
    assert "note: camera C1: its code has type 200 (SIP server)" in out
    assert "note: camera C3: its code is that of feature 3 already" in out


def test_a_table_with_wrong_codes_is_loaded_with_a_warning_and_its_columns_may_be_stated_by_layer(
    run, tmp_path, monkeypatch, record_url
):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    path = tmp_path / "cameras.csv"
    path.write_text("nr,code,kind,status,lon,lat\n7,12,fixed,online,120.0,31.9\n", encoding="utf-8")
    status, out, err = run("load", "cameras", path, "--column", "cameras.id=nr")
    assert (status, "1 added" in out) == (0, True)
    assert "warning: camera 7: its code has 2 characters" in err


def test_an_empty_record_says_what_is_missing(run, tmp_path, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    status, _, err = run("cameras", "coverage", "--out", tmp_path / "record.gpkg")
    assert (status, "no cameras in the record" in err, "--cameras FILE" in err) == (2, True, True)


def test_helsinki_has_221_cameras_of_which_nobody_knows_where_they_look(run, tmp_path, shared_data):
    path = shared_data("helsinki_osm/Helsinki.osm.pbf")
    words = ("--cameras", path, "--buildings", path, "--streets", path)
    status, out, _ = run("cameras", "coverage", *words, "--out", tmp_path / "helsinki.gpkg", "--json")
    told = json.loads(out)
    assert (status, told["cameras"]["total"]) == (0, 221)
    assert told["cameras"]["possible_only"] + told["cameras"]["refused"] == 221
    assert (told["street_m"]["share"], 0.3 < told["street_m"]["share_possible"] < 0.8) == (0, True)


def test_taipeis_cameras_are_told_village_by_village(run, tmp_path, shared_data):
    cameras, villages = shared_data("taipei/cctv.geojson"), shared_data("taipei/taipei_village.geojson")
    words = ("--cameras", cameras, "--column", "cameras.id=攝影機數字編號", "--open-ground", "--areas", villages)
    words = (*words, "--column", "areas.code=CPTVID", "--column", "areas.name=TVNAME")
    status, out, _ = run("cameras", "coverage", *words, "--out", tmp_path / "taipei.gpkg", "--json")
    told = json.loads(out)
    assert (status, told["cameras"]["possible_only"]) == (0, 401)
    assert len({row["code"] for row in told["areas"]}) == 456
    assert all(row["share"] == 0 for row in told["areas"])
    assert sum(row["share_possible"] > 0 for row in told["areas"]) > 200
