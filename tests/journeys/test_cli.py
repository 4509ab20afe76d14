"""What a person does from a shell, on files: no database is needed."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from gridmap import cli
from gridmap.cli.answers import show_answers
from gridmap.store import cluster

CELLS = {"g1": (0, 0), "g2": (1, 0), "g3": (0, 1), "g4": (1, 1)}


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


@pytest.fixture
def areas(tmp_path):
    """Four grids of 0.01 degree round 120.87 E, 32.01 N, with headings as an office writes them."""
    cells = [box(120.86 + i / 100, 32 + j / 100, 120.87 + i / 100, 32.01 + j / 100) for i, j in CELLS.values()]
    path = tmp_path / "grids.geojson"
    gpd.GeoDataFrame({"编号": list(CELLS), "geometry": cells}, crs=4326).to_file(path)
    return path


@pytest.fixture
def options(areas):
    return "--areas", areas, "--column", "code=编号"


def _answers(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_point_is_answered_as_json_and_nothing_else(run, options):
    status, out, _ = run("locate", "120.875,32.005", *options, "--json")
    assert (status, json.loads(out)["area"]) == (0, "g2")


def test_a_point_outside_ends_with_status_1(run, options):
    status, out, _ = run("locate", "121.5,32.005", *options, "--json")
    assert (status, json.loads(out)["status"]) == (1, "outside")


def test_a_point_may_be_given_in_the_system_of_a_web_map(run, options):
    # the GCJ-02 shift at Nantong is about 405 m east, 244 m south: 120.8655,32.0025 lies west of it, still in g1
    status, out, _ = run("locate", "120.8740,32.0025", *options, "--query-crs", "GCJ-02", "--json")
    assert (status, json.loads(out)["area"]) == (0, "g1")


def test_an_address_is_looked_up_in_a_file_of_addresses(run, options, tmp_path):
    plates = tmp_path / "plates.csv"
    plates.write_text("id,text,lon,lat\n1,人民路8号,120.865,32.015\n", encoding="utf-8")
    status, out, _ = run("locate", "人民路８号", *options, "--addresses", plates, "--json")
    answer = json.loads(out)
    assert (status, answer["area"], answer["address"]) == (0, "g3", "人民路8号")


def test_a_person_reads_the_area_and_the_distance_to_its_border(run, options):
    # 0.005 degrees of longitude at 32.005 N are 472.44 m on the ellipsoid, and 83 millionths more on the zone's plane
    _, out, _ = run("locate", "120.875,32.005", *options)
    assert out.splitlines() == [
        "120.875,32.005: found", "  g2  g2", "  120.875000, 32.005000; 472.5 m to the nearest border"
    ]  # fmt: skip


@pytest.fixture
def plates(tmp_path, options):
    """Options of a file of addresses: 人民路8号 in g3, and two places called 青年路5号."""
    path = tmp_path / "plates.csv"
    rows = ["1,人民路8号,120.865,32.015", "2,青年路5号,120.861,32.001", "3,青年路5号,120.862,32.001"]
    path.write_text("\n".join(["id,text,lon,lat", *rows]) + "\n", encoding="utf-8")
    return *options, "--addresses", path


def test_a_person_reads_the_standard_address_and_its_level(run, plates):
    _, out, _ = run("locate", "人民路８号", *plates)
    assert out.splitlines()[:3] == ["人民路８号: found", "  g3  g3", "  人民路8号 (number 门牌号)"]


def test_a_person_reads_in_both_languages_why_there_is_no_answer(run, plates):
    status, out, _ = run("locate", "人民路9号", *plates)
    assert (status, out.splitlines()[:2]) == (1, [
        "人民路9号: not_found", "  no_such_number: 没有这个门牌号 / no such house number"
    ])  # fmt: skip


def test_a_person_reads_all_places_that_may_be_meant_and_the_grid_that_holds_them(run, plates):
    _, out, _ = run("locate", "青年路5号", *plates)
    assert out.splitlines() == [
        "青年路5号: ambiguous", "  several_places: 有多个地点同样符合 / several places fit equally", "  g1  g1",
        "  or 青年路5号 g1", "  or 青年路5号 g1",
    ]  # fmt: skip


def test_the_steps_of_a_comparison_are_shown_to_who_asks(run, plates):
    _, out, _ = run("locate", "人民路8号", *plates, "--explain")
    assert ["step", "gain", "detail"] in [line.split() for line in out.splitlines()]
    assert json.loads(run("locate", "人民路8号", *plates, "--explain", "--json")[1])["steps"]
    assert "steps" not in json.loads(run("locate", "人民路8号", *plates, "--json")[1])


def test_text_of_a_question_is_never_taken_for_markup(capsys):
    place = {"query": "x", "status": "found", "area": None, "lon": None}
    step = {"name": "road", "gain": 1, "detail": "[red]人民路[/red]"}
    show_answers([{**place, "steps": [step]}], as_json=False)
    assert "[red]人民路[/red]" in capsys.readouterr().out


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_of_points_is_answered_in_order_with_its_own_columns(run, options, tmp_path, workers):
    queries, answers = tmp_path / "queries.csv", tmp_path / "answers.csv"
    queries.write_text("工单,lon,lat\na,120.865,32.005\nb,120.875,32.015\nc,1,1\nd,,\n", encoding="utf-8")
    status, out, _ = run("locate", *options, "--in", queries, "--out", answers, "--workers", workers, "--json")
    assert (status, json.loads(out)["status"]) == (0, {"found": 2, "outside": 1, "not_found": 1})
    rows = _answers(answers)
    assert [row["工单"] for row in rows] == list("abcd")
    assert [row["area"] for row in rows] == ["g1", "g4", "", ""]
    answers = ["status", "area", "address", "matched_level", "score", "lon", "lat", "border_m"]
    assert list(rows[0]) == ["工单", *answers, "standard", "accuracy_m", "reason", "notes"]


def test_own_columns_that_bear_the_name_of_an_answer_are_kept_beside_it(run, options, tmp_path):
    queries, answers = tmp_path / "queries.csv", tmp_path / "answers.csv"
    queries.write_text("lon,lat,area,address,score\n120.875,32.005,g9,near the bridge,7\n", encoding="utf-8")
    run("locate", *options, "--in", queries, "--out", answers)
    (row,) = _answers(answers)
    assert (row["area_given"], row["address_given"], row["score_given"]) == ("g9", "near the bridge", "7")
    assert (row["area"], row["lon"], row["lat"]) == ("g2", "120.875", "32.005")
    assert "lon_given" not in row


def test_coordinates_of_another_system_are_kept_beside_those_of_the_answer(run, options, tmp_path):
    queries, answers = tmp_path / "queries.csv", tmp_path / "answers.csv"
    queries.write_text("lon,lat\n120.8740,32.0025\n", encoding="utf-8")
    run("locate", *options, "--in", queries, "--out", answers, "--query-crs", "GCJ-02")
    (row,) = _answers(answers)
    assert (row["lon_given"], row["lat_given"], row["area"]) == ("120.8740", "32.0025", "g1")
    # GCJ-02 lies about 405 m east and 244 m south of WGS 84 at Nantong; a degree is 94.4 and 110.9 km there
    assert float(row["lon"]) == pytest.approx(120.8740 - 405 / 94_400, abs=0.0003)
    assert float(row["lat"]) == pytest.approx(32.0025 + 244 / 110_900, abs=0.0003)


@pytest.mark.parametrize("workers", [1, 2])
def test_many_points_stream_through_and_agree_with_single_questions(run, options, tmp_path, monkeypatch, workers):
    monkeypatch.setattr("gridmap.service.batch.CHUNK_ROWS", 7)
    queries, answers = tmp_path / "queries.csv", tmp_path / "answers.csv"
    table = pd.DataFrame({"lon": [120.8601 + i * 0.0002 for i in range(99)], "lat": 32.0051})
    table.to_csv(queries, index=False)
    run("locate", *options, "--in", queries, "--out", answers, "--workers", workers)
    # the border lies at 120.87: the first 50 points are west of it
    assert [row["area"] for row in _answers(answers)] == ["g1"] * 50 + ["g2"] * 49


def test_a_file_of_addresses_may_name_its_column_in_chinese(run, options, tmp_path):
    plates, queries, answers = (tmp_path / name for name in ("plates.csv", "queries.csv", "answers.csv"))
    plates.write_text("id,text,lon,lat\n1,人民路8号,120.865,32.015\n", encoding="utf-8")
    queries.write_text("来电地址\n人民路8号\n人民路9号\n", encoding="gb18030")
    run("locate", *options, "--addresses", plates, "--column", "query=来电地址", "--in", queries, "--out", answers)
    assert [(row["status"], row["area"]) for row in _answers(answers)] == [("found", "g3"), ("not_found", "")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("locate",), "expected TEXT, or --in"),
        (("locate", "x", "--by-hand", "h.csv"), "are for files"),
        (("locate", "x", "--areas", "missing.geojson"), "missing.geojson"),
        (("locate", "x", "--areas", "grids.geojson", "--column", "code"), "expected ours=theirs"),
        (("locate", "1,2", "--areas", "grids.geojson", "--query-crs", "mars"), "mars"),
        (("load", "dragons", "grids.geojson"), "one of areas, buildings"),
    ],
    ids=["no question", "a list of no file", "no such file", "half a mapping", "unknown CRS", "unknown layer"],
)
def test_bad_input_ends_with_status_2_and_one_message(run, areas, monkeypatch, words, said):
    monkeypatch.chdir(areas.parent)
    words = (*words, "--column", "code=编号") if "grids.geojson" in words and words[0] == "locate" else words
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_bad_queries_leave_no_answers_behind(run, options, tmp_path):
    queries, answers = tmp_path / "queries.csv", tmp_path / "answers.csv"
    queries.write_text("name\nx\n", encoding="utf-8")
    status, _, err = run("locate", *options, "--in", queries, "--out", answers)
    assert status == 2
    assert "expected a column query, or columns lon and lat" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grids.geojson", "queries.csv"]


def test_taipei_stops_fall_into_the_village_their_city_states_as_often_as_was_measured(run, shared_data, tmp_path):
    villages = shared_data("taipei/taipei_village.geojson")
    stops = gpd.read_file(shared_data("taipei/garbage_truck__97a0381c93ca.geojson"))
    queries, answers = tmp_path / "stops.csv", tmp_path / "answers.csv"
    pd.DataFrame({"lon": stops.geometry.x, "lat": stops.geometry.y}).to_csv(queries, index=False)
    columns = "--column", "code=CPTVID", "--column", "name=VNAME"
    _, _, err = run("locate", "--areas", villages, *columns, "--in", queries, "--out", answers, "--accuracy", 10)
    found = pd.read_csv(answers, dtype={"area": str})
    names = gpd.read_file(villages).set_index("CPTVID")[["TNAME", "VNAME"]]
    said = names.reindex(found["area"]).reset_index(drop=True)
    same_district = said["TNAME"] == stops["行政區"]
    same_village = same_district & (said["VNAME"] == stops["里別"])
    assert (found["status"] == "outside").sum() == 18
    assert "11 overlaps, 0.1" in err
    assert same_district.mean() >= 0.993
    assert 0.873 <= same_village.mean() <= 0.877
    assert (found.loc[~same_village, "status"] == "ambiguous").mean() >= 0.45


@pytest.fixture
def on_record(record_url, monkeypatch):
    """Commands work on a record of the test's own."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", record_url)


def _plan(path, codes, **more):
    """A plan of square grids of 0.01 degree, one beside the other."""
    cells = [box(120.86 + i / 100, 32, 120.87 + i / 100, 32.01) for i in range(len(codes))]
    table = gpd.GeoDataFrame({"code": codes, "level": "grid", "geometry": cells, **more}, crs=4490)
    table.to_file(path, driver="GPKG")
    return path


@pytest.mark.usefixtures("on_record")
def test_areas_are_loaded_asked_and_dumped_as_of_a_day(run, tmp_path):
    assert run("load", "areas", _plan(tmp_path / "a.gpkg", ["g1", "g2"]), "--effective", "2020-01-01")[0] == 0
    assert json.loads(run("locate", "120.875,32.005", "--json")[1])["area"] == "g2"
    assert run("locate", "120.875,32.005", "--on", "2019-12-31")[0] == 2
    assert run("dump", "areas", tmp_path / "out.geojson", "--on", "2020-01-01")[0] == 0
    assert sorted(gpd.read_file(tmp_path / "out.geojson")["code"]) == ["g1", "g2"]


@pytest.mark.usefixtures("on_record")
def test_areas_of_the_record_answer_addresses_and_aliases_of_files(run, tmp_path):
    run("load", "areas", _plan(tmp_path / "a.gpkg", ["g1", "g2"]), "--effective", "2020-01-01")
    (tmp_path / "plates.csv").write_text("id,text,lon,lat\n1,人民路8号,120.875,32.005\n", encoding="utf-8")
    (tmp_path / "said.csv").write_text("alias,means\n", encoding="utf-8")
    files = ("--addresses", tmp_path / "plates.csv", "--aliases", tmp_path / "said.csv")
    assert json.loads(run("locate", "人民路8号", *files, "--json")[1])["area"] == "g2"
    assert run("locate", "人民路8号", "--json")[0] == 1


@pytest.mark.usefixtures("on_record")
def test_areas_may_be_loaded_whose_parents_are_in_the_record_already(run, tmp_path):
    cells = {"c1": box(120.86, 32, 120.87, 32.01), "c2": box(120.87, 32, 120.88, 32.01)}
    both = gpd.GeoDataFrame({"code": list(cells), "level": "community", "geometry": list(cells.values())}, crs=4490)
    both.to_file(tmp_path / "communities.gpkg")
    rows = {"code": ["c1", "g2"], "level": ["community", "grid"], "parent": [None, "c2"]}
    gpd.GeoDataFrame({**rows, "geometry": list(cells.values())}, crs=4490).to_file(tmp_path / "part.gpkg")
    assert run("load", "areas", tmp_path / "communities.gpkg", "--effective", "2020-01-01")[0] == 0
    assert run("load", "areas", tmp_path / "part.gpkg", "--effective", "2020-01-01")[0] == 0
    answer = json.loads(run("locate", "120.875,32.005", "--json")[1])
    assert [link["code"] for link in answer["chain"]] == ["c2", "g2"]


@pytest.mark.usefixtures("on_record")
def test_a_published_plan_answers_from_its_day_and_the_old_one_before(run, tmp_path):
    run("load", "areas", _plan(tmp_path / "old.gpkg", ["g1", "g2"]), "--effective", "2020-01-01")
    assert run("publish", _plan(tmp_path / "new.gpkg", ["n1", "n2"]), "--effective", "2024-03-01")[0] == 0
    days = {"2024-02-29": "g1", "2024-03-01": "n1"}
    asked = {day: json.loads(run("locate", "120.865,32.005", "--on", day, "--json")[1])["area"] for day in days}
    assert asked == days


@pytest.mark.usefixtures("on_record")
def test_levels_that_a_published_file_ends_as_a_whole_are_warned_of(run, tmp_path):
    whole = gpd.GeoDataFrame(
        {"code": ["c"], "level": ["community"]}, geometry=[box(120.86, 32, 120.88, 32.01)], crs=4490
    )
    grids = gpd.read_file(_plan(tmp_path / "grids.gpkg", ["g1", "g2"]))
    pd.concat([whole, grids.assign(parent="c")]).to_file(tmp_path / "all.gpkg", driver="GPKG")
    status, _, err = run("publish", tmp_path / "all.gpkg", "--effective", "2024-03-01")
    assert (status, "level community" in err) == (0, False), err
    status, _, err = run("publish", tmp_path / "grids.gpkg", "--effective", "2024-04-01")
    assert (status, "since the file holds none: 1 of level community" in err) == (0, True)


@pytest.mark.usefixtures("on_record")
def test_a_plan_whose_areas_overlap_is_refused_with_status_1_and_changes_nothing(run, tmp_path):
    wide = _plan(tmp_path / "wide.gpkg", ["g1", "g2"], name=["a", "b"])
    table = gpd.read_file(wide)
    table.loc[0, "geometry"] = box(120.86, 32, 120.8700001, 32.01)
    table.to_file(wide, driver="GPKG")
    status, out, err = run("publish", wide, "--effective", "2024-03-01")
    # 0.0000001 x 0.01 degree at 32 N: 9.44 mm x 1 109 m are 10.5 m2
    assert (status, out) == (1, "")
    assert "g1" in err
    assert "overlap by 10 m2" in err
    assert run("locate", "120.865,32.005", "--on", "2024-03-01")[0] == 2


@pytest.mark.usefixtures("on_record")
def test_a_layer_shifted_by_a_web_maps_formula_against_the_record_is_warned_of(run, shared_data):
    truth = shared_data("nantong/CLIP_tianditu_districts_1563206.geojson")
    shifted = shared_data("nantong/datav_320682.json")
    run("load", "areas", truth, "--column", "code=gb", "--effective", "2023-01-01")
    status, _, err = run("load", "areas", shifted, "--column", "code=adcode", "--effective", "2024-01-01", "--mend")
    assert status == 0
    assert "GCJ-02" in err


@pytest.mark.usefixtures("on_record")
def test_a_key_is_printed_once_and_only_its_hash_is_kept(run):
    _, secret, _ = run("keys", "add", "hotline desk", "--role", "viewer")
    _, listed, _ = run("keys", "list")
    assert "hotline desk" in listed
    assert secret.strip() not in listed
    assert run("keys", "revoke", "hotline desk")[0] == 0
    assert run("keys", "add", "x", "--role", "emperor")[0] == 2


def test_the_demo_holds_both_epochs_of_the_sample_territory(record):
    from gridmap import service, store

    rows = service.load_demo(record, buildings=200)
    with record.connect() as connection:
        days = store.dates_of_change(connection, "areas")
        before, now = (len(store.read(connection, "areas", on=day)) for day in days[:2])
        parcels = [len(store.read(connection, "parcels", on=day)) for day in days[:2]]
    assert [str(day) for day in days] == ["2016-01-01", "2020-01-01"]
    assert before > now == rows["areas"]
    assert parcels[0] < parcels[1] == rows["parcels"]


@pytest.fixture
def private(monkeypatch):
    """Commands work on a private record of the test's own; its server may run as an unprivileged user."""
    with tempfile.TemporaryDirectory(prefix="gridmap-cli-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        monkeypatch.delenv("GRIDMAP_DATABASE_URL", raising=False)
        monkeypatch.setenv("GRIDMAP_DATA_DIR", folder)
        yield Path(folder)
        cluster.down(folder)


@pytest.mark.slow
def test_the_private_record_is_started_backed_up_restored_and_stopped(run, private, tmp_path):
    assert run("db", "status")[0] == 1
    assert run("db", "up")[0] == 0
    assert json.loads(run("db", "status", "--json")[1])["stays"] is True
    run("load", "areas", _plan(tmp_path / "a.gpkg", ["g1"]), "--effective", "2020-01-01")
    assert run("db", "backup", private / "record.backup")[0] == 0
    run("publish", _plan(tmp_path / "b.gpkg", ["n1"]), "--effective", "2020-02-01")
    assert run("db", "restore", private / "record.backup")[0] == 0
    assert json.loads(run("locate", "120.865,32.005", "--json")[1])["area"] == "g1"
    assert run("db", "down")[0] == 0
    assert run("db", "status")[0] == 1


def test_a_fault_of_our_own_is_told_in_one_line_that_names_the_details(run, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("gridmap.cli.opening.settings", lambda: 1 / 0)
    status, out, err = run("db", "status")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "ZeroDivisionError" in next(tmp_path.glob("gridmap-fault-*")).read_text()
