"""Fixes as devices hand them over: GPX, Parquet, JSON lines and CSV, streamed, and each way in which they are wrong."""

from __future__ import annotations

import json
import sys
import tracemalloc
from itertools import chain, islice

import geopandas
import pandas as pd
import pytest

from gridmap.errors import FormatError, InputError, TableError, TooLargeError
from gridmap.formats import gpx, read, read_fixes

HEAD = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
POINT = '<trkpt lat="32.0" lon="120.9"><time>2024-05-01T00:00:{:02d}Z</time></trkpt>'
ROWS = [("A", f"2024-05-06T08:00:0{k}+08:00", 120.9, 32.0 + k / 1000) for k in range(5)]


def gpx_file(folder, body):
    path = folder / "crew.gpx"
    path.write_text(f"{HEAD}{body}</gpx>", encoding="utf-8")
    return path


def track(points, name="岗一"):
    return f"<trk><name>{name}</name><trkseg>{points}</trkseg></trk>"


def lines_file(folder, lines):
    path = folder / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def table():
    made = pd.DataFrame(ROWS, columns=["post", "time", "lon", "lat"])
    points = geopandas.points_from_xy(made["lon"], made["lat"])
    return geopandas.GeoDataFrame(made[["post", "time"]], geometry=points, crs=4490)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        pytest.param("", "no_trk", "has no <trk>", id="no track"),
        pytest.param('<wpt lat="1" lon="2"/>', "no_trk", "only 1 wpt", id="waypoints only"),
        pytest.param("<trk><name>A</name></trk>", "no_trkseg", "has no <trkseg>", id="no segment"),
        pytest.param("<trk><trkseg/></trk>", "no_trkpt", "has no <trkpt>", id="no point"),
        pytest.param(
            track('<trkpt lat="32" lon="120.9"/>'),
            "no_times",
            "1 points and no time.*one that was drawn has none",
            id="no times",
        ),
    ],
)
def test_a_gpx_without_fixes_is_refused_by_what_it_lacks(tmp_path, body, code, said):
    with pytest.raises(FormatError, match=said) as refused:
        read(gpx_file(tmp_path, body), layer="fixes")
    assert refused.value.code == code


def test_a_gpx_that_declares_entities_is_refused_before_one_unfolds(tmp_path):
    bomb = '<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    (tmp_path / "a.gpx").write_text(f"{bomb}{HEAD}{track(POINT.format(0), '&b;')}</gpx>")
    with pytest.raises(FormatError, match="document type") as refused:
        list(read_fixes(tmp_path / "a.gpx"))
    assert refused.value.code == "xml_entities"


def test_a_gpx_cut_off_is_told_with_its_line(tmp_path):
    (tmp_path / "a.gpx").write_text(f"{HEAD}\n<trk><trkseg>\n{POINT.format(0)}")
    with pytest.raises(FormatError, match="line 3") as refused:
        list(read_fixes(tmp_path / "a.gpx"))
    assert refused.value.code == "broken_xml"


def test_a_gpx_of_too_many_points_is_refused(tmp_path):
    path = gpx_file(tmp_path, track("".join(POINT.format(k) for k in range(5))))
    with pytest.raises(TooLargeError, match="more than 4 points"):
        list(gpx.read_points(path, size=2, most=4))


def test_a_gpx_nested_beyond_measure_is_refused(tmp_path):
    with pytest.raises(TooLargeError, match="deeper than 64"):
        list(read_fixes(gpx_file(tmp_path, "<a>" * 70 + "</a>" * 70)))


def test_empty_segments_of_a_gpx_are_told_and_the_others_read(tmp_path):
    path = gpx_file(tmp_path, track(POINT.format(0)) + "<trk><name>岗二</name><trkseg/><trkseg></trkseg></trk>")
    found = read(path, layer="fixes")
    assert list(found["post"]) == ["岗一"]
    assert "2 segments have no points" in {warning["message"] for warning in found.attrs["reading"]["warnings"]}


def test_points_of_a_gpx_carry_their_speed_and_the_name_of_their_own_track(tmp_path):
    speed = "<extensions><g:speed xmlns:g='urn:g'>1.5</g:speed></extensions></trkpt>"
    path = gpx_file(tmp_path, track(POINT.format(0).replace("</trkpt>", speed)) + track(POINT.format(1), "岗二"))
    found = read(path, layer="fixes")
    assert list(found["post"]) == ["岗一", "岗二"]
    assert found["speed_m_s"].tolist()[0] == 1.5
    assert (found.geometry.x[1], found.geometry.y[1]) == (120.9, 32.0)


def test_a_track_without_a_name_is_of_the_post_that_the_file_is_called_by(tmp_path):
    path = gpx_file(tmp_path, f"<metadata><name>no</name></metadata><trk><trkseg>{POINT.format(0)}</trkseg></trk>")
    found = read(path, layer="fixes")
    assert found["post"].item() == "crew"
    assert "unnamed_track" in {warning["code"] for warning in found.attrs["reading"]["warnings"]}


def test_points_of_a_gpx_are_handed_over_a_part_at_a_time_and_none_twice(tmp_path):
    path = gpx_file(tmp_path, track("".join(POINT.format(k) for k in range(5))))
    seconds = [list(part["time"].dt.second) for part in read_fixes(path, chunk=2)]
    assert list(chain(*seconds)) == [0, 1, 2, 3, 4]
    assert max(map(len, seconds)) == 2


def test_a_real_track_without_times_is_refused_for_that(shared_data):
    with pytest.raises(FormatError, match="21 points and no time"):
        read(shared_data("smart_patrols/andorra.gpx"), layer="fixes")


def test_a_real_table_of_fixes_is_read_with_the_users_names(shared_data):
    pytest.importorskip("pyarrow")
    path = shared_data("smart_patrols/get-patrol-observations-from-smart.parquet")
    parts = list(read_fixes(path, columns={"post": "patrol_id", "time": "fixtime"}, chunk=20_000))
    assert [len(part) for part in parts] == [20_000, 12_145]
    assert parts[0].crs.to_epsg() == 4326


def test_parquet_with_a_geometry_is_read_in_its_own_crs(tmp_path, table):
    pytest.importorskip("pyarrow")
    table.to_crs(4549).to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", layer="fixes")
    assert found.crs.to_epsg() == 4549
    assert found.to_crs(4490).geometry.y.round(6).tolist() == [32.0, 32.001, 32.002, 32.003, 32.004]


def test_parquet_of_longitudes_and_latitudes_is_read_in_parts(tmp_path):
    pytest.importorskip("pyarrow")
    pd.DataFrame(ROWS, columns=["post", "time", "lon", "lat"]).to_parquet(tmp_path / "a.parquet")
    parts = list(read_fixes(tmp_path / "a.parquet", chunk=2))
    assert [list(part.index) for part in parts] == [[0, 1], [2, 3], [4]]
    assert parts[2].geometry.y.item() == 32.004


def test_parquet_cut_off_is_refused_in_our_words(tmp_path, table):
    pytest.importorskip("pyarrow")
    table.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    with pytest.raises(FormatError, match=r"b\.parquet cannot be read as Parquet") as refused:
        list(read_fixes(tmp_path / "b.parquet"))
    assert refused.value.code == "broken_parquet"


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"PAR1....PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("gridmap.formats.parquet.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"install gridmap\[parquet\]") as refused:
        list(read_fixes(tmp_path / "a.parquet"))
    assert refused.value.code == "missing_extra"


def test_a_text_that_is_called_parquet_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_text("post,time\n")
    with pytest.raises(FormatError, match="does not begin like a parquet file"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("{", "broken_json", id="cut off"),
        pytest.param("[1]", "broken_json", id="no object"),
        pytest.param('{"post": {"name": 1}}', "nested_value", id="nested"),
        pytest.param("[" * 100_000, "broken_json", id="nested without end"),
        pytest.param('{"post": "' + "a" * 1_000_001 + '"}', "too_large", id="endless line"),
    ],
)
def test_a_line_that_is_no_object_is_told_with_its_number(tmp_path, line, code):
    good = '{"post": "A", "time": "2024-05-06T08:00:00Z", "lon": 120.9, "lat": 32}'
    with pytest.raises(TableError) as refused:
        list(read_fixes(lines_file(tmp_path, [good, "", line, good])))
    assert [(fault.code, fault.line) for fault in refused.value.faults] == [(code, 3)]


def test_json_lines_are_fixes_in_any_order_of_names(tmp_path):
    lines = [
        '{"lat": 32, "lon": 120.9, "post": "A", "time": "2024-05-06T08:00:00Z"}',
        '{"post": "B", "time": "2024-05-06T08:00:01Z", "lon": 121, "lat": 32.5, "speed_m_s": 1.25}',
    ]
    found = read(lines_file(tmp_path, lines), layer="fixes")
    assert list(found["post"]) == ["A", "B"]
    assert found.geometry.x.tolist() == [120.9, 121.0]
    assert found["speed_m_s"].isna().tolist() == [True, False]


def test_a_file_of_blank_lines_has_no_fixes(tmp_path):
    with pytest.raises(FormatError):
        list(read_fixes(lines_file(tmp_path, [" ", "", " ", "\t"])))


def test_a_fault_in_a_later_part_is_told_with_its_line_and_feature(tmp_path):
    text = "".join(f"{post},{time},{lon},{lat}\n" for post, time, lon, lat in ROWS)
    (tmp_path / "a.csv").write_text("post,time,lon,lat\n" + text.replace("08:00:03+08:00", "08:00:03"))
    with pytest.raises(TableError) as refused:
        list(read_fixes(tmp_path / "a.csv", chunk=2))
    assert [(fault.code, fault.feature, fault.line) for fault in refused.value.faults] == [("no_zone", 4, 5)]


def test_other_kinds_of_files_are_handed_over_in_parts_too(tmp_path, table):
    table.to_file(tmp_path / "a.gpkg")
    assert [len(part) for part in read_fixes(tmp_path / "a.gpkg", chunk=3)] == [3, 2]


def test_memory_does_not_grow_with_the_file(tmp_path):
    line = "A,2024-05-06T08:00:00+08:00,120.9,32.0\n"
    (tmp_path / "a.csv").write_text("post,time,lon,lat\n" + line * 8_000)
    peaks = []
    for most in (2, None):
        tracemalloc.start()
        for _ in islice(read_fixes(tmp_path / "a.csv", chunk=500), most):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_json_lines_all_of_which_are_faulty_are_told_a_part_at_a_time(tmp_path):
    with pytest.raises(TableError) as refused:
        list(read_fixes(lines_file(tmp_path, ["{"] * 5), chunk=2))
    assert [fault.line for fault in refused.value.faults] == [1, 2]


def test_parquet_whose_row_groups_unpack_beyond_measure_is_refused(tmp_path, table, monkeypatch):
    pytest.importorskip("pyarrow")
    table.to_parquet(tmp_path / "a.parquet")
    monkeypatch.setattr("gridmap.formats.parquet.MAX_GROUP", 10)
    with pytest.raises(TooLargeError, match="a row group of") as refused:
        list(read_fixes(tmp_path / "a.parquet"))
    assert refused.value.code == "too_large"


def geoparquet(path, table, *, crs=..., broken=None):
    """The file of a table, its stated CRS replaced (None: left out), one geometry made no WKB."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table.to_parquet(path)
    made = parquet.read_table(path)
    geo = json.loads(made.schema.metadata[b"geo"])
    if crs is None:
        del geo["columns"]["geometry"]["crs"]
    shapes = made["geometry"].to_pylist()
    if broken is not None:
        shapes[broken] = b"no wkb"
    at = made.schema.get_field_index("geometry")
    made = made.set_column(at, "geometry", pyarrow.array(shapes, pyarrow.binary()))
    parquet.write_table(made.replace_schema_metadata({b"geo": json.dumps(geo)}), path)


def test_geoparquet_that_is_silent_about_its_crs_is_in_longitude_and_latitude(tmp_path, table):
    geoparquet(tmp_path / "a.parquet", table, crs=None)
    found = read(tmp_path / "a.parquet", layer="fixes")
    assert (found.crs.is_geographic, found.geometry.y.tolist()[0]) == (True, 32.0)


def test_a_geometry_of_parquet_that_is_none_is_told_with_its_row(tmp_path, table):
    geoparquet(tmp_path / "a.parquet", table, broken=3)
    with pytest.raises(TableError) as refused:
        read(tmp_path / "a.parquet", layer="fixes")
    assert [(fault.code, fault.feature) for fault in refused.value.faults] == [("missing_geometry", 4)]


def test_of_an_endless_text_in_gpx_the_beginning_is_kept(tmp_path):
    words = track(POINT.format(0), "岗" + "<!-- -->".join(["一" * 9_000] * 3))
    assert read(gpx_file(tmp_path, words), layer="fixes")["post"].str.len().item() <= 10_000


def test_times_and_names_beside_the_points_of_a_gpx_are_not_theirs(tmp_path):
    """The metadata have a time, a link in the track has a name, and the second track has none."""
    body = "<metadata><time>2000-01-01T00:00:00Z</time></metadata>"
    body += track(POINT.format(0)).replace("<trkseg>", "<link href='x'><name>elsewhere</name></link><trkseg>")
    body += f"<trk><trkseg>{POINT.format(1)}</trkseg></trk>"
    found = read(gpx_file(tmp_path, body), layer="fixes")
    assert list(found["post"]) == ["岗一", "crew"]
    assert set(found["time"].dt.year) == {2024}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_without_rows_is_told_what_columns_it_lacks(tmp_path, ending):
    empty = pd.DataFrame({"who": [], "time": [], "lon": [], "lat": []})
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    empty.to_csv(tmp_path / "a.csv", index=False) if ending == "csv" else empty.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(TableError, match="no column post"):
        list(read_fixes(tmp_path / f"a.{ending}"))


@pytest.mark.parametrize("geometry", [True, False], ids=["points", "longitudes and latitudes"])
def test_a_parquet_without_rows_that_lacks_no_column_has_no_fixes(tmp_path, table, geometry):
    pytest.importorskip("pyarrow")
    bare = pd.DataFrame(ROWS, columns=["post", "time", "lon", "lat"])
    (table if geometry else bare).iloc[:0].to_parquet(tmp_path / "a.parquet")
    assert list(read_fixes(tmp_path / "a.parquet")) == []
