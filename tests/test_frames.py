"""What each table promises, and how each way of breaking a promise is told."""

from __future__ import annotations

import datetime as dt
import time

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import frames
from gridmap.errors import InputError, TableError

SQUARE = shapely.box(0, 0, 10, 10)
BOWTIE = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
FLAT = shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])


def areas(**columns):
    """A table of areas in metres: as many squares as the longest column has cells, code 1, 2, ... unless given."""
    rows = max([len(cells) for cells in columns.values()] or [1])
    geometry = columns.pop("geometry", [SQUARE] * rows)
    return geopandas.GeoDataFrame(
        {"code": [str(row + 1) for row in range(rows)], **columns}, geometry=geometry, crs=4549
    )


def cameras(**columns):
    """A table of one fixed camera that is online."""
    table = pd.DataFrame({"id": ["1"], "kind": ["fixed"], "status": ["online"], "lon": [120.9], "lat": [32.0]})
    return table.assign(**columns)


def fixes(*moments):
    """A table of fixes of one post at these moments."""
    return pd.DataFrame({"post": "A", "time": list(moments), "lon": 120.9, "lat": 32.0})


def told(table, layer, **options):
    """Code and feature of each fault."""
    return [(fault.code, fault.feature) for fault in frames.check(table, layer, **options)]


@pytest.mark.parametrize("name", frames.FRAMES)
def test_every_table_of_the_contract_has_a_key_among_its_columns_and_tells_what_each_column_means(name):
    frame = frames.FRAMES[name]
    assert frame.key is None or frame[frame.key].required
    assert all(column.meaning for column in frame.columns)
    assert len(set(frame.names)) == len(frame.names)


@pytest.mark.parametrize("name", frames.FRAMES)
def test_no_promised_column_and_no_synonym_tells_of_persons(name):
    words = [word for column in frames.FRAMES[name].columns for word in (column.name, *column.synonyms)]
    assert [word for word in words if frames.personal(word)] == []


@pytest.mark.parametrize("name", frames.FRAMES)
def test_no_synonym_means_two_columns_of_one_table(name):
    words = [frames.plain(word) for column in frames.FRAMES[name].columns for word in {column.name, *column.synonyms}]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_a_table_that_nobody_promised_is_refused_with_the_names_of_those_there_are():
    with pytest.raises(InputError, match=r"no table is called .houses.; expected one of areas, buildings"):
        frames.conform(areas(), "houses")


def test_a_conformed_table_has_all_promised_columns_in_order_and_nothing_else():
    table = frames.conform(areas(colour=["red"]), "areas")
    assert list(table.columns) == [*frames.FRAMES["areas"].names, "geometry"]
    assert table.crs.to_epsg() == 4549


def test_columns_that_are_not_promised_stay_behind_on_request():
    assert frames.conform(areas(colour=["red"]), "areas", keep_extra=True)["colour"].item() == "red"


def test_a_table_is_never_changed_in_place():
    table = areas(households=["3"])
    before = table.copy()
    frames.conform(table, "areas")
    pd.testing.assert_frame_equal(table, before)


def test_the_index_of_a_conformed_table_counts_from_nought():
    table = areas(households=[3, 4]).set_index(pd.Index([7, 9]))
    assert list(frames.conform(table, "areas").index) == [0, 1]


@pytest.mark.parametrize(
    ("column", "dtype"),
    [("code", "str"), ("households", "Int64"), ("valid_from", "object")],
)
def test_a_column_comes_in_its_promised_dtype_even_where_the_table_lacks_it(column, dtype):
    for table in (areas(), areas(households=[3], valid_from=["2024-01-01"])):
        assert frames.conform(table, "areas")[column].dtype == dtype


def test_moments_come_in_utc_to_the_microsecond():
    moment = frames.conform(fixes("2024-05-01T08:00:00.25+08:00"), "fixes")["time"]
    assert moment.dtype == "datetime64[us, UTC]"
    assert moment.item() == pd.Timestamp("2024-05-01T00:00:00.25Z")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (320613001, "320613001"),
        (320613001.0, "320613001"),
        ("320613001.0", "320613001"),
        (" 320613001 ", "320613001"),
        ("３２０６１３００１", "320613001"),
        ("006", "006"),
        (np.int64(12345678901234567), "12345678901234567"),
    ],
    ids=["integer", "float", "float as text", "spaces", "full width", "leading noughts", "17 digits"],
)
def test_a_code_that_was_read_as_a_number_is_text_again(given, code):
    assert frames.conform(areas(code=[given]), "areas")["code"].item() == code


def test_a_code_of_more_digits_than_a_float_keeps_is_refused_rather_than_guessed():
    assert told(areas(code=[1.2345678901234567e16]), "areas") == [("lost_digits", 1)]
    assert told(areas(code=["a", 1.2345678901234567e16]), "areas") == [("lost_digits", 2)]


@pytest.mark.parametrize(
    ("theirs", "layer", "ours"),
    [
        ("网格编码", "areas", "code"),
        ("層級", "areas", "level"),
        ("户数", "areas", "households"),
        ("常住人口", "buildings", "residents"),
        ("层数", "buildings", "floors"),
        ("highway", "streets", "class"),
        ("标准地址", "addresses", "text"),
        ("岗位", "fixes", "post"),
        ("Heading_Deg", "cameras", "heading_deg"),
    ],
)
def test_usual_names_of_columns_are_known(theirs, layer, ours):
    found, _ = frames.columns_of([theirs], frames.FRAMES[layer])
    assert found == {ours: theirs}


@pytest.mark.parametrize(
    ("cut", "ours"),
    [("heading_de", "heading_deg"), ("所属社", "parent"), ("所属社区编", "parent"), ("行政区", "code")],
    ids=["ascii", "utf-8 after 9 bytes", "gbk after 10 bytes", "utf-8, three characters"],
)
def test_a_name_that_a_dbf_cut_at_ten_bytes_is_known_where_only_one_column_could_be_meant(cut, ours):
    layer = "cameras" if ours == "heading_deg" else "areas"
    assert frames.columns_of([cut], frames.FRAMES[layer])[0] == {ours: cut}


def test_a_cut_name_that_could_mean_two_columns_means_none():
    assert frames.columns_of(["签到点"], frames.FRAMES["checkpoints"])[0] == {}


def test_a_short_name_is_no_cut_one():
    assert frames.columns_of(["building"], frames.FRAMES["buildings"])[0] == {}


def test_the_promised_name_wins_over_a_synonym():
    table = areas(code=["1"], 编码=["2"])
    assert frames.conform(table, "areas")["code"].item() == "1"


def test_a_column_stated_by_the_user_wins_over_everything():
    table = areas(code=["1"], other=["2"])
    assert frames.conform(table, "areas", columns={"code": "other"})["code"].item() == "2"


def test_a_stated_column_that_the_file_lacks_is_told_with_what_the_file_has():
    faults = frames.check(areas(), "areas", columns={"name": "label"})
    assert [(fault.code, "it has code" in fault.message) for fault in faults] == [("unknown_column", True)]


def test_a_stated_column_that_nobody_promised_is_told_with_what_is_promised():
    faults = frames.check(areas(), "areas", columns={"colour": "code"})
    assert [(fault.code, "code, name, level" in fault.message) for fault in faults] == [("unknown_column", True)]


def test_a_missing_column_is_told_with_what_the_file_has_and_how_to_state_it():
    table = areas().rename(columns={"code": "Bezeichner"})
    (fault,) = frames.check(table, "areas")
    assert fault.code == "missing_column"
    assert "Bezeichner" in fault.message
    assert "--column code=" in fault.message


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"households": ["many"]}, "not_a_number"),
        ({"households": [True]}, "not_a_number"),
        ({"households": [-1]}, "negative"),
        ({"households": [2.5]}, "not_whole"),
        ({"households": [np.inf]}, "not_finite"),
        ({"households": ["inf"]}, "not_finite"),
        ({"households": [10**400]}, "not_finite"),
        ({"households": ["1,200"]}, "not_a_number"),
        ({"code": [None]}, "missing_value"),
        ({"code": ["  "]}, "missing_value"),
        ({"valid_from": ["yesterday"]}, "not_a_date"),
        ({"valid_from": ["2024-02-30"]}, "not_a_date"),
        ({"valid_from": [pd.Timestamp(2024, 1, 1, 8)]}, "not_a_date"),
        ({"valid_from": ["2024-01-02"], "valid_to": ["2024-01-02"]}, "empty_validity"),
    ],
    ids=str,
)
def test_each_wrong_cell_has_its_own_code(columns, code):
    assert told(areas(**columns), "areas") == [(code, 1)]


@pytest.mark.parametrize(
    "given",
    [
        "2024-05-01",
        "2024/5/1",
        "20240501",
        "2024年5月1日",
        "2024-05-01T00:00:00",
        dt.date(2024, 5, 1),
        np.datetime64("2024-05-01"),
    ],
    ids=str,
)
def test_dates_are_read_as_people_write_them(given):
    assert frames.conform(areas(valid_from=[given]), "areas")["valid_from"].item() == dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("heading_deg", 360.5, 360),
        ("heading_deg", -1, 0),
        ("hfov_deg", 361, 360),
        ("tilt_deg", -91, -90),
        ("vfov_deg", 181, 180),
    ],
)
def test_an_angle_outside_its_circle_is_told_and_its_end_is_inside(column, bad, good):
    assert told(cameras(**{column: [bad]}), "cameras") == [("out_of_range", 1)]
    assert told(cameras(**{column: [good]}), "cameras") == []


def test_a_bad_choice_is_told_with_the_choices():
    (fault,) = frames.check(cameras(kind=["drone"]), "cameras")
    assert (fault.code, fault.column) == ("bad_choice", "kind")
    assert "fixed, ptz, fisheye" in fault.message


def test_chinese_words_for_kinds_states_and_levels_are_translated():
    table = frames.conform(cameras(kind=["球机"], status=["离线"]), "cameras")
    assert (table["kind"].item(), table["status"].item()) == ("ptz", "offline")
    assert frames.conform(areas(level=["社区"]), "areas")["level"].item() == "community"


def test_a_level_of_ones_own_is_kept():
    assert frames.conform(areas(level=["precinct"]), "areas")["level"].item() == "precinct"


def test_a_camera_without_heading_has_none_and_none_is_invented():
    assert np.isnan(frames.conform(cameras(), "cameras")["heading_deg"].item())


@pytest.mark.parametrize(
    ("moment", "codes"),
    [("2024-05-01T08:00:00", ["no_zone"]), ("8 o'clock", ["not_a_time"]), ("2024-05-01T08:00:00Z", [])],
)
def test_a_fix_without_a_time_zone_is_refused(moment, codes):
    assert [code for code, _ in told(fixes(moment), "fixes")] == codes


def test_moments_with_and_without_zone_are_told_apart_row_by_row():
    table = fixes("2024-05-01T08:00:00+08:00", "2024-05-01 08:00:00", "2024-05-01T08:00:00+0800")
    assert told(table, "fixes") == [("no_zone", 2)]


def test_moments_of_a_naive_column_are_each_refused():
    table = fixes(pd.Timestamp("2024-05-01 08:00"), pd.Timestamp("2024-05-01 09:00"))
    assert told(table, "fixes") == [("no_zone", 1), ("no_zone", 2)]


SIGNIN = {"post": ["p1"], "checkpoint": ["gate"], "time": ["2024-05-01T08:00:00+08:00"]}


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ({}, []),
        ({"lon": [None], "lat": [None]}, []),
        ({"lon": [120.9], "lat": [32.0]}, []),
        ({"lon": [120.9], "lat": [None]}, ["missing_value"]),
        ({"lon": [32.0], "lat": [120.9]}, ["swapped"]),
        ({"lon": [999.0], "lat": [32.0]}, ["degrees"]),
    ],
    ids=["no columns", "blank", "there", "half", "swapped", "nowhere on the globe"],
)
def test_a_sign_in_may_be_without_its_place_but_not_with_half_of_it(place, codes):
    assert [code for code, _ in told(pd.DataFrame(SIGNIN | place), "signins")] == codes


def test_a_sign_in_with_a_blank_place_has_no_point_rather_than_an_empty_one():
    blank = {name: values * 2 for name, values in SIGNIN.items()} | {"lon": [None, 120.9], "lat": [None, 32.0]}
    assert [shape is None for shape in frames.conform(pd.DataFrame(blank), "signins").geometry] == [True, False]


@pytest.mark.parametrize(
    ("clock", "codes"), [("08:30", []), ("24:00", []), ("8.30", ["bad_text"]), (dt.time(8, 30), [])], ids=str
)
def test_opening_hours_are_times_of_day(clock, codes):
    table = pd.DataFrame({"id": ["1"], "opens": [clock], "lon": [120.9], "lat": [32.0]})
    assert [code for code, _ in told(table, "checkpoints")] == codes


@pytest.mark.parametrize(
    "name",
    [
        "姓名",
        "户主姓名",
        "身份证号码",
        "公民身份号码",
        "手机号",
        "联系电话",
        "Phone",
        "ID_Card",
        "resident_name",
        "face",
        "人脸照片",
    ],
)
def test_a_column_that_tells_of_persons_is_refused_by_its_name(name):
    faults = frames.check(areas(**{name: ["x"]}), "areas")
    assert [(fault.code, fault.column) for fault in faults] == [("personal", name)]


@pytest.mark.parametrize("name", ["surface", "户数", "人口", "face_count", "telegraph", "面积"])
def test_a_column_that_counts_or_names_things_is_not_personal(name):
    assert told(areas(**{name: [1 if name in {"户数", "人口"} else "x"]}), "areas") == []


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "missing_geometry"),
        (shapely.Polygon(), "empty_geometry"),
        (shapely.Point(1, 1), "wrong_geometry"),
        (shapely.GeometryCollection([SQUARE]), "wrong_geometry"),
        (BOWTIE, "invalid_ring"),
        (FLAT, "zero_area"),
        (shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)]), "not_finite"),
    ],
    ids=["none", "empty", "point", "collection", "bowtie", "flat", "infinite"],
)
def test_each_wrong_geometry_has_its_own_code_and_feature_number(shape, code):
    assert told(areas(geometry=[SQUARE, shape], code=["1", "2"]), "areas") == [(code, 2)]


def test_an_invalid_ring_is_told_with_reason_and_place():
    (fault,) = frames.check(areas(geometry=[BOWTIE]), "areas")
    assert fault.message.startswith("Self-intersection[2 2]")


def test_a_line_of_no_length_is_told():
    table = geopandas.GeoDataFrame({"id": ["1"]}, geometry=[shapely.LineString([(1, 1), (1, 1)])], crs=4549)
    assert told(table, "streets") == [("zero_length", 1)]


@pytest.mark.parametrize(
    ("corner", "codes"),
    [
        ((120.5, 32), []),
        ((32, 120.5), ["swapped"]),
        ((500000, 3500000), ["degrees"]),
        ((180, 90), []),
        ((181, 0), ["degrees"]),
    ],
    ids=["degrees", "latitude first", "metres", "the globe's corner", "beyond the globe"],
)
def test_degrees_must_be_longitude_and_latitude_on_the_globe(corner, codes):
    table = geopandas.GeoDataFrame({"id": ["1"], "kind": ["x"]}, geometry=[shapely.Point(corner)], crs=4490)
    assert [code for code, _ in told(table, "places")] == codes


def test_heights_of_coordinates_are_dropped_with_a_warning():
    table = frames.conform(areas(geometry=[shapely.force_3d(SQUARE, 5)]), "areas")
    assert not table.has_z.any()
    assert [warning["code"] for warning in table.attrs["warnings"]] == ["height_dropped"]


def test_a_point_table_without_geometry_takes_lon_and_lat():
    table = frames.conform(pd.DataFrame({"编号": ["1"], "地址": ["a"], "经度": ["120.5"], "纬度": [32]}), "addresses")
    assert table.geometry.item() == shapely.Point(120.5, 32)
    assert table.crs.to_epsg() == 4326


def test_lon_and_lat_of_other_names_can_be_stated():
    table = pd.DataFrame({"id": ["1"], "text": ["a"], "E": [120.5], "N": [32]})
    assert frames.conform(table, "addresses", columns={"lon": "E", "lat": "N"}).geometry.item() == shapely.Point(
        120.5, 32
    )


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [("east", 32, "not_a_number"), (None, 32, "missing_value"), (32, 120, "swapped"), (500, 32, "degrees")],
)
def test_each_wrong_lon_or_lat_is_told_once(lon, lat, code):
    table = pd.DataFrame({"id": ["1"], "text": ["a"], "lon": [lon], "lat": [lat]})
    assert told(table, "addresses") == [(code, 1)]


def test_a_table_of_polygons_without_geometry_is_told_once_for_all():
    assert told(pd.DataFrame({"code": ["1", "2"]}), "areas") == [("missing_geometry", None)]


def test_a_key_that_is_there_already_is_told_with_the_feature_that_has_it():
    (fault,) = frames.check(areas(code=["7", "8", "7.0"]), "areas")
    assert (fault.code, fault.feature) == ("duplicate_key", 3)
    assert "feature 1" in fault.message


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (("2020-01-01", "2021-01-01"), ("2021-01-01", None), False),
        (("2020-01-01", "2021-01-02"), ("2021-01-01", None), True),
        ((None, None), ("2021-01-01", None), True),
        (("2021-01-01", None), (None, "2021-01-01"), False),
        (("2021-01-01", None), (None, "2021-01-02"), True),
    ],
    ids=["the next day", "a day too long", "always", "order in the file is free", "reversed and a day too long"],
)
def test_one_code_may_come_twice_only_on_different_days(first, second, clash):
    table = areas(code=["1", "1"], valid_from=[first[0], second[0]], valid_to=[first[1], second[1]])
    assert told(table, "areas") == ([("duplicate_key", 2)] if clash else [])


def test_a_long_validity_clashes_with_all_later_ones_inside_it():
    days = ["2020-01-01", "2020-02-01", "2020-03-01"]
    table = areas(code=["1"] * 3, valid_from=days, valid_to=[None, "2020-02-02", "2020-03-02"])
    assert told(table, "areas") == [("duplicate_key", 2), ("duplicate_key", 3)]


def test_two_columns_of_one_name_are_told():
    table = areas()
    table.insert(0, "code", ["9"], allow_duplicates=True)
    assert told(table, "areas") == [("repeated_column", None)]


def test_all_faults_are_told_at_once_in_the_order_of_the_features():
    table = areas(code=["1", "1", None], households=[-1, 2, 3], geometry=[SQUARE, BOWTIE, SQUARE])
    with pytest.raises(TableError, match="4 faults, nothing was loaded") as caught:
        frames.conform(table, "areas", source="grids.shp")
    assert [fault.feature for fault in caught.value.faults] == [1, 2, 2, 3]


@pytest.mark.alone
def test_200_000_buildings_conform_in_seconds():
    size = 200_000
    x, y = np.meshgrid(np.arange(500) * 30.0, np.arange(400) * 30.0)
    table = geopandas.GeoDataFrame(
        {"编号": np.arange(size), "户数": 3.0, "名称": "楼"},
        geometry=shapely.box(x, y, x + 20, y + 12).ravel(),
        crs=4549,
    )
    start = time.process_time()
    assert len(frames.conform(table, "buildings")) == size
    assert time.process_time() - start < 4


def test_a_fault_that_is_tolerated_is_only_warned_of():
    bow_tie = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    areas = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[bow_tie], crs=4547)
    table = frames.conform(areas, "areas", tolerate=("invalid_ring",))
    assert [(warning["code"], warning["feature"]) for warning in table.attrs["warnings"]] == [("invalid_ring", 1)]
