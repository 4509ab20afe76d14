"""What an operator does from a shell: what cameras see, band by band, what nobody sees, where the next ones go."""

from __future__ import annotations

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import box
from sqlalchemy import text

from gridmap import formats, store
from gridmap.samples import town
from tests.journeys.corner import CORNER, CRS, at, camera_file, ground, options, shell


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command as a shell would and return its exit status, output and error output."""
    return shell(monkeypatch, capsys)


@pytest.fixture
def corner(tmp_path):
    """One camera that looks east behind a house at its back, and a street of 200 m before it; as options."""
    return ground(tmp_path)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The sample town's layers as files, by name."""
    folder, tables = tmp_path_factory.mktemp("town"), town(seed=3, buildings=400)
    tables["areas"] = tables["areas"][tables["areas"]["level"] != "micro"]
    for name in ("cameras", "buildings", "streets", "areas", "checkpoints"):
        formats.write({name: tables[name]}, folder / f"{name}.gpkg")
    return {name: folder / f"{name}.gpkg" for name in ("cameras", "buildings", "streets", "areas", "checkpoints")}


def test_a_camera_in_the_open_sees_a_quarter_of_its_disc(run, corner):
    _, out, _ = run("cameras", "coverage", *options(corner), "--json")
    told = json.loads(out)
    # 90 degrees of a disc of 100 m
    assert sum(told["ground_m2"]["nominal"].values()) == pytest.approx(np.pi * 100**2 / 4, abs=0.3)
    # 2000 pixels over 90 degrees: 125 px/m at 8 m, 62.5 at 16 m, 25 at 40 m; triangles x * x
    assert told["ground_m2"]["nominal"] == pytest.approx(
        {"recognise": 64, "find": 256 - 64, "detect": 1600 - 256, "seen": np.pi * 2500 - 1600}, abs=0.3
    )


def test_metres_of_a_street_are_told_and_the_rest_is_blind(run, corner):
    _, out, _ = run("cameras", "coverage", *options(corner), "--json")
    told = json.loads(out)
    # where the sides, 45 degrees off east, cross the street at 50 m: from -50 m to 50 m of 200 m
    assert told["street_m"]["seen_m"]["seen"] == pytest.approx(100, abs=0.1)
    assert [row["length_m"] for row in told["blind"]] == pytest.approx([50, 50], abs=0.1)
    assert {row["band"]: row["share"] for row in told["streets"]}["seen"] == pytest.approx(0.5, abs=1e-3)


def test_the_file_has_the_layers_and_columns_that_others_read(run, files, tmp_path):
    out = tmp_path / "coverage.gpkg"
    named = [word for name in ("cameras", "buildings", "areas", "streets") for word in (f"--{name}", files[name])]
    status, said, _ = run("cameras", "coverage", *named, "--out", out)
    assert (status, "count as possible only" in said) == (0, True)
    columns = {name: {*gpd.read_file(out, layer=name).columns} for name, _ in pyogrio.list_layers(out)}
    assert {"camera", "band", "certainty", "area_m2"} <= columns["viewsheds"]
    assert {"code", "band", "seen_m2", "share", "share_guaranteed", "share_possible"} <= columns["areas"]
    assert {"id", "band", "seen_m", "share", "share_guaranteed", "share_possible"} <= columns["streets"]
    assert {"rank", "id", "length_m"} <= columns["blind"]
    assert {"camera", "code", "what"} <= columns["notes"]


def test_a_workbook_has_a_sheet_for_each_layer_and_no_shapes(run, corner, tmp_path):
    corner["--out"] = tmp_path / "coverage.xlsx"
    assert run("cameras", "coverage", *options(corner))[0] == 0
    sheets = pd.read_excel(corner["--out"], sheet_name=None)
    assert {"viewsheds", "streets", "blind", "losses", "notes"} <= {*sheets}
    assert not [name for name, sheet in sheets.items() if "geometry" in sheet]


def test_what_only_one_camera_sees_is_lost_without_it(run, corner, tmp_path):
    corner["--cameras"] = camera_file(tmp_path / "two.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 40, 90.0))
    lost = {
        row["camera"]: row["lost_m"]
        for row in json.loads(run("cameras", "coverage", *options(corner), "--json")[1])["losses"]
    }
    # C1 sees the street from -50 m to 50 m, C2 from -10 m to 90 m
    assert lost == pytest.approx({"C1": 40, "C2": 40}, abs=0.1)


def test_what_only_the_cameras_of_one_street_see_is_lost_with_them(run, corner, tmp_path):
    rows = (("C1", 30, 0, 90.0), ("C2", 30, 40, 90.0), ("C3", 0, 0, 90.0))
    corner["--cameras"] = camera_file(tmp_path / "three.gpkg", *rows)
    told = json.loads(run("cameras", "coverage", *options(corner), "--json")[1])
    # C1 and C2 stand 20 m off the street and see it from -20 m to 60 m; C3, on no street, from -50 m to 50 m
    assert [(row["street"], row["lost_m"], row["seen_m"]) for row in told["street_losses"]] == [
        ("S", pytest.approx(10, abs=0.1), pytest.approx(80, abs=0.1))
    ]


def test_metres_are_told_by_how_many_cameras_see_them(run, corner, tmp_path):
    corner["--cameras"] = camera_file(tmp_path / "two.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 40, 90.0))
    told = json.loads(run("cameras", "coverage", *options(corner), "--json")[1])
    # -50 m to 50 m and -10 m to 90 m: 140 m together, 60 m twice
    assert told["depth_m"] == pytest.approx({"1": 140, "2": 60, "3": 0}, abs=0.1)
    assert [row["seen_2_m"] for row in told["depth"]] == pytest.approx([60], abs=0.1)
    assert "2 or more 60 m, 3 or more 0 m" in run("cameras", "coverage", *options(corner))[1]


def _places(path, **places):
    table = gpd.GeoDataFrame({"编号": list(places)}, geometry=[at(*place) for place in places.values()], crs=CRS)
    formats.write({"doors": table}, path)
    return path


def test_places_are_told_with_who_sees_them_and_the_key_places_rate_with_its_target(run, corner, tmp_path):
    corner["--places"] = _places(tmp_path / "p.gpkg", gate=(10, 0), yard=(35, 0), back=(-5, 0))
    words = (*options(corner), "--column", "places.id=编号")
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
    corner["--cameras"] = camera_file(tmp_path / "o.gpkg", *rows, status=["online", "offline", "online", "online"])
    assert "rate: online 3 of 4 (75.0 %), target 95.0 %: missed" in run("cameras", "coverage", *options(corner))[1]


@pytest.fixture
def moved(corner, tmp_path):
    """The camera of the corner stands 40 m to the north since 2026, and the ground is one area."""
    days = {"valid_from": [date(2020, 1, 1), date(2026, 1, 1)], "valid_to": [date(2026, 1, 1), None]}
    ground = {"code": ["32061300101"], "name": "A", "level": "community"}
    table = gpd.GeoDataFrame(ground, geometry=[box(*np.add(np.tile(CORNER, 2), [-200, -100, 200, 100]))], crs=CRS)
    formats.write({"areas": table}, tmp_path / "areas.gpkg")
    cameras = camera_file(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), ("C1", 0, 40, 90.0), **days)
    return corner | {"--cameras": cameras, "--areas": tmp_path / "areas.gpkg", "--on": "2026-02-01"}


def test_two_days_compare_by_street_and_by_area(run, moved):
    told = json.loads(run("cameras", "coverage", *options(moved), "--old", "2025-12-31", "--json")[1])
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
        in run("cameras", "coverage", *options(moved), "--old", "2025-12-31")[1]
    )


def test_a_file_of_other_cameras_compares_as_another_day_does(run, corner, tmp_path):
    other = camera_file(tmp_path / "other.gpkg", ("X", 0, 0, 90.0), ("Y", 0, 40, 90.0))
    told = json.loads(run("cameras", "coverage", *options(corner), "--old", other, "--json")[1])
    assert told["changes_m"] == pytest.approx({"gained": 0, "lost": 40}, abs=0.1)
    assert "changes" not in told


@pytest.mark.parametrize(
    ("old", "said"),
    [("last year", "a day such as 2025-12-31"), ("2019-01-01", "no camera is in force on 2019-01-01")],
    ids=["neither day nor file", "before there were any"],
)
def test_what_cannot_be_compared_with_is_refused(run, moved, old, said):
    status, _, err = run("cameras", "coverage", *options(moved), "--old", old)
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
    corner["--cameras"] = camera_file(tmp_path / "n.gpkg", ("C1", 0, 0, None))
    _, out, _ = run("cameras", "coverage", *options(corner), "--json")
    told = json.loads(out)
    assert told["cameras"]["possible_only"] == 1
    assert {row["certainty"] for row in told["viewsheds"]} == {"possible"}
    assert (told["street_m"]["share"], told["street_m"]["share_possible"] > 0.5) == (0, True)
    assert [note["cameras"] for note in told["notes"] if note["code"] == "heading_deg"] == [1]


def test_an_offline_camera_counts_only_where_that_is_asked(run, corner, tmp_path):
    rows = (("C1", 0, 0, 90.0), ("C2", 0, 60, 90.0))
    corner["--cameras"] = camera_file(tmp_path / "o.gpkg", *rows, status=["online", "offline"])
    seen = [
        {
            row["camera"]
            for row in json.loads(run("cameras", "coverage", *options(corner), "--json", *more)[1])["viewsheds"]
        }
        for more in ((), ("--status", "all"))
    ]
    assert seen == [{"C1"}, {"C1", "C2"}]


def test_where_all_are_offline_it_is_said_instead_of_an_empty_answer(run, corner, tmp_path):
    corner["--cameras"] = camera_file(tmp_path / "o.gpkg", ("C1", 0, 0, 90.0), status="offline")
    status, _, err = run("cameras", "coverage", *options(corner))
    assert (status, "all 1 cameras are offline; count them as well: --status all" in err) == (2, True)


def test_cameras_count_from_their_first_day_to_the_one_before_their_last(run, corner, tmp_path):
    days = {"valid_from": [date(2026, 1, 1)], "valid_to": [date(2026, 3, 1)]}
    corner["--cameras"] = camera_file(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), **days)
    status = [run("cameras", "coverage", *options(corner), "--on", day)[0] for day in ("2026-01-01", "2026-02-28")]
    gone = run("cameras", "coverage", *options(corner), "--on", "2026-03-01")
    assert (status, gone[0], "2026-03-01" in gone[2]) == ([0, 0], 2, True)


def test_densities_of_the_standard_of_2025_can_be_asked_for(run, corner):
    _, out, _ = run("cameras", "coverage", *options(corner), "--profile", "oodpcvs", "--json")
    # 80 px/m at 12.5 m
    assert json.loads(out)["ground_m2"]["nominal"]["find"] == pytest.approx(12.5**2 - 64, abs=0.3)


def test_without_buildings_the_ground_is_open_only_if_that_is_asked_for_and_then_it_is_said(run, corner):
    del corner["--buildings"]
    _, out, _ = run("cameras", "coverage", *options(corner), "--open-ground", "--json")
    assert "no buildings are known: nothing hides the ground" in {note["what"] for note in json.loads(out)["notes"]}


def test_a_page_is_drawn_beside_the_file(run, corner, tmp_path, built_page):  # noqa: ARG001 - maps carry a part of it
    page = tmp_path / "coverage.html"
    status, *_ = run("cameras", "coverage", *options(corner), "--map", page, "--lang", "en")
    assert status == 0
    assert "What cameras see" in page.read_text("utf-8")


def test_two_days_are_drawn_side_by_side(run, corner, tmp_path, built_page):  # noqa: ARG001 - as above
    page, days = tmp_path / "days.html", {"valid_from": [date(2020, 1, 1), date(2026, 1, 1)]}
    corner["--cameras"] = camera_file(tmp_path / "d.gpkg", ("C1", 0, 0, 90.0), ("C2", 0, 50, 90.0), **days)
    del corner["--out"]
    status, *_ = run("maps", "cameras", *options(corner), "--old", "2025-12-31", "--on", "2026-01-01", "--out", page)
    data = json.loads(page.read_text("utf-8").split('id="gm-data">')[1].split("</script>")[0])
    assert (status, [len(data["sides"][side]["cameras"]) for side in ("old", "new")]) == (0, [1, 2])


def test_a_page_to_be_passed_on_holds_shares_only(run, files, tmp_path, built_page):  # noqa: ARG001 - as above
    page = tmp_path / "shares.html"
    named = [word for name in ("cameras", "buildings", "areas") for word in (f"--{name}", files[name])]
    run("maps", "cameras", *named, "--shares-only", "--out", page)
    assert "C00001" not in page.read_text("utf-8")


def test_places_for_cameras_are_ranked_by_what_they_add(run, files, tmp_path):
    out = tmp_path / "places.gpkg"
    named = [word for name in ("cameras", "buildings", "streets") for word in (f"--{name}", files[name])]
    status, said, _ = run("cameras", "place", *named, "--count", 3, "--band", "detect", "--out", out)
    placed = gpd.read_file(out, layer="places")
    assert (status, placed["rank"].tolist(), placed["gain_m"].is_monotonic_decreasing) == (0, [1, 2, 3], True)
    assert placed["total_share"].is_monotonic_increasing
    assert "detect or better now" in said


def test_what_is_proposed_adds_the_metres_that_coverage_then_tells(run, corner, tmp_path):
    words = options({name: corner[name] for name in ("--streets", "--buildings")})
    _, out, _ = run(
        "cameras", "place", *words, "--count", 1, "--band", "detect", "--out", tmp_path / "p.gpkg", "--json"
    )
    told = json.loads(out)
    places = gpd.read_file(tmp_path / "p.gpkg", layer="places").assign(kind="fixed", status="online", id="P1")
    formats.write({"cameras": places}, tmp_path / "new.gpkg")
    corner["--cameras"] = tmp_path / "new.gpkg"
    seen = json.loads(run("cameras", "coverage", *options(corner), "--json")[1])["street_m"]["seen_m"]
    assert told["places"][0]["gain_m"] == pytest.approx(seen["recognise"] + seen["find"] + seen["detect"], abs=0.2)


def test_cameras_that_are_offline_keep_no_street_from_being_seen_unless_that_is_asked(run, corner, tmp_path):
    corner["--cameras"] = camera_file(tmp_path / "off.gpkg", ("C1", 0, 0, 90.0), status="offline")
    placed = [run("cameras", "place", *options(corner), "--count", "1", *more)[1] for more in ((), ("--status", "all"))]
    assert ["1 cameras are offline and not counted" in said for said in placed] == [True, False]


def test_no_camera_to_place_is_a_mistake_of_usage(run, corner, tmp_path):
    words = options({name: corner[name] for name in ("--streets", "--buildings")})
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


def test_an_empty_record_says_what_is_missing(run, tmp_path, monkeypatch, record_url):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)
    status, _, err = run("cameras", "coverage", "--out", tmp_path / "record.gpkg")
    assert (status, "no cameras in the record" in err, "--cameras FILE" in err) == (2, True, True)
