"""Cameras out of national catalogues and plain tables: what is read, what is left out, and what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gridmap import formats, frames
from gridmap.errors import TableError
from gridmap.visibility.cameras.views import CERTAINTIES, views
from gridmap.visibility.reading import catalogue

CODE = "34020000001320000001"


def devices(**items):
    """A catalogue of one network camera outdoors that is online, items in the order of their rows."""
    rows = max([len(cells) for cells in items.values()] or [1])
    base = {
        "DeviceID": [f"3402000000132{row + 1:07d}" for row in range(rows)],
        "Longitude": ["117.2"] * rows,
        "Latitude": ["31.8"] * rows,
        "PTZType": ["3"] * rows,
        "DirectionType": ["1"] * rows,
        "Status": ["ON"] * rows,
    }
    return pd.DataFrame({**base, **items})


def read_one(**items):
    """The one camera of a catalogue, as a dict of what is known of it."""
    found, _ = catalogue.cameras(devices(**{name: [cell] for name, cell in items.items()}))
    return found.iloc[0].dropna().to_dict()


def told(**items):
    """Code and feature of each fault of a catalogue."""
    with pytest.raises(TableError) as caught:
        catalogue.cameras(devices(**items))
    return [(fault.code, fault.feature) for fault in caught.value.faults]


def test_items_of_the_catalogue_become_columns():
    found = read_one(
        Resolution="2560*1440",
        HorizontalFieldAngle="67.7",
        VerticalFieldAngle="41.4",
        MaxViewDistance="80",
        SupplyLightType="2",
        PointType="1",
        RoomType="1",
    )
    assert (found["width_px"], found["height_px"], found["hfov_deg"], found["vfov_deg"]) == (2560, 1440, 67.7, 41.4)
    assert (found["range_m"], found["light"], found["point_class"]) == (80, "ir", "1")
    assert (found["kind"], found["status"], found["octant"]) == ("fixed", "online", "E")
    assert found["geometry"].coords[0] == (117.2, 31.8)


@pytest.mark.parametrize(
    ("number", "octant"), list(zip("12345678", ["E", "W", "S", "N", "SE", "NE", "SW", "NW"], strict=True))
)
def test_the_eight_directions_of_the_catalogue_are_octants(number, octant):
    assert read_one(DirectionType=number)["octant"] == octant


@pytest.mark.parametrize(
    ("number", "kind"), list(zip("1234567", ["ptz", "fixed", "fixed", "ptz", "ptz", "fisheye", "fixed"], strict=True))
)
def test_the_kinds_of_the_catalogue_are_those_of_the_table(number, kind):
    assert read_one(PTZType=number)["kind"] == kind


@pytest.mark.parametrize("number", ["0", "9", "东偏北"])
def test_a_direction_that_is_none_leaves_the_heading_unknown_and_says_so(number):
    found, notes = catalogue.cameras(devices(DirectionType=[number]))
    assert found["octant"].isna().all()
    assert notes["code"].tolist() == ["unknown"]
    assert number in notes["what"][0]


def test_an_octant_of_the_catalogue_counts_in_three_shades():
    found, _ = catalogue.cameras(devices(DirectionType=["5"]))
    seen = views(found)
    assert [CERTAINTIES[grade] for grade in seen.certainty] == ["guaranteed", "nominal", "possible"]
    assert np.degrees(seen.heading[1]) == pytest.approx(-45, abs=0.2)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({"DeviceID": ["34020000002000000001"]}, "no camera"),
        ({"RoomType": ["2"]}, "indoors"),
        ({"RoomType": ["室内"]}, "indoors"),
        ({"MobileDeviceType": ["1"]}, "it moves"),
        ({"Longitude": ["0"], "Latitude": ["0"]}, "no place"),
        ({"Longitude": ["0.000000"], "Latitude": ["0.0"]}, "no place"),
        ({"Longitude": [""], "Latitude": [None]}, "no place"),
    ],
    ids=["server", "room", "room in words", "vehicle", "nought", "decimals", "empty"],
)
def test_what_does_not_watch_ground_from_one_place_is_left_out_with_a_reason(items, reason):
    found, notes = catalogue.cameras(devices(**items))
    assert (len(found), notes["code"].tolist()) == (0, ["left_out"])
    assert reason in notes["what"][0]


@pytest.mark.parametrize(
    ("items", "faults"),
    [
        ({"DeviceID": ["12", CODE]}, [("code_length", 1)]),
        ({"DeviceID": ["3402000000132000000A", CODE]}, [("code_not_digits", 1)]),
        ({"DeviceID": [CODE, CODE]}, [("duplicate_key", 2)]),
        ({"Longitude": ["117.2", "east"]}, [("not_a_number", 2)]),
        ({"HorizontalFieldAngle": ["90", "400"]}, [("out_of_range", 2)]),
        ({"MaxViewDistance": ["-5", "50"]}, [("negative", 1)]),
        ({"Longitude": ["31.8", "117.2"], "Latitude": ["117.2", "31.8"]}, [("swapped", 1)]),
        ({"DeviceID": ["12", CODE], "MaxViewDistance": ["50", "far"]}, [("code_length", 1), ("not_a_number", 2)]),
    ],
    ids=["short code", "letter", "twice", "longitude", "angle", "range", "swapped", "all at once"],
)
def test_faults_of_a_catalogue_are_told_with_their_rows(items, faults):
    assert told(**items) == faults


def test_rows_are_counted_as_they_stand_in_the_catalogue_when_others_are_left_out():
    assert told(RoomType=["2", "1", "1"], MaxViewDistance=["5", "5", "far"]) == [("not_a_number", 3)]


def test_a_status_that_is_not_stated_counts_as_offline_and_says_so():
    found, notes = catalogue.cameras(devices(Status=["ON", "OFF", ""]))
    assert found["status"].tolist() == ["online", "offline", "offline"]
    assert notes["code"].tolist() == ["assumed"]


@pytest.mark.parametrize(
    ("text", "length"), [("6", 6), ("6米", 6), ("3.5m", 3.5), ("350厘米", 3.5), ("20英尺", 6.096), ("６．５ 米", 6.5)]
)
def test_lists_of_offices_may_state_units_of_lengths(text, length):
    found = read_one(安装高度=text, MaxViewDistance=text)
    assert (found["height_m"], found["range_m"]) == (pytest.approx(length), pytest.approx(length))


@pytest.mark.parametrize("text", ["两层楼", "6楼", "-6米", "6丈"])
def test_a_height_that_is_no_length_is_told_as_a_fault(text):
    assert told(安装高度=["6米", text])[0][1] == 2


@pytest.mark.parametrize(("angle", "turned"), [("360", True), ("180", True), ("179", False)])
def test_a_turning_camera_of_a_wide_angle_turns_through_it(angle, turned):
    found = read_one(PTZType="1", HorizontalFieldAngle=angle)
    assert (found.get("turn_deg"), found.get("hfov_deg")) == ((float(angle), None) if turned else (None, float(angle)))


def test_a_device_that_says_that_it_does_not_move_stays():
    assert read_one(MobileDeviceType="0")["kind"] == "fixed"


def test_numbers_of_a_spreadsheet_are_those_of_the_catalogue():
    found = read_one(PTZType=1.0, DirectionType=5.0, RoomType="1.0")
    assert (found["kind"], found["octant"]) == ("ptz", "SE")


def test_a_resolution_that_cannot_be_read_is_noted():
    _, notes = catalogue.cameras(devices(Resolution=["高清"]))
    assert notes[["code", "what"]].to_numpy().tolist() == [["unknown", "its resolution cannot be read"]]


def test_a_list_of_an_office_with_chinese_items_is_a_catalogue_too():
    table = pd.DataFrame(
        {
            "设备编码": [CODE],
            "经度": [117.2],
            "纬度": [31.8],
            "摄像机类型": ["球机"],
            "监控方位": ["东南"],
            "设备状态": ["在线"],
        }
    )
    found, _ = catalogue.cameras(table)
    assert catalogue.is_catalogue(table)
    assert found[["kind", "octant", "status"]].to_numpy().tolist() == [["ptz", "SE", "online"]]


def test_what_a_list_says_beside_the_items_is_not_lost():
    found = read_one(方位角="200", 焦距="4", 像元尺寸="2.0", 水平像素="2560", 俯角="12")
    assert (found["heading_deg"], found["tilt_deg"], found["width_px"]) == (200, 12, 2560)
    assert views(catalogue.cameras(devices(方位角=["200"], 焦距=["4"], 像元尺寸=["2.0"]))[0]).edges[0, 2] == 80


def test_places_that_were_set_right_go_before_the_items(tmp_path):
    """GCJ-02 lies up to 700 m off here: its formula moves 117.2, 31.8 by about 520 m west and 210 m north."""
    devices().to_csv(tmp_path / "catalogue.csv", index=False)
    stated, right = (catalogue.cameras(formats.read(tmp_path / "catalogue.csv", crs=c))[0] for c in (4326, "GCJ-02"))
    moved = stated.to_crs(4549).distance(right.to_crs(4549)).item()
    assert stated.geometry[0].coords[0] == (117.2, 31.8)
    assert 400 < moved < 700


def test_what_opens_a_device_is_not_carried_along():
    found, _ = catalogue.cameras(devices(IPAddress=["10.0.0.1"], Port=["554"], Password=["secret"]))
    assert not {"IPAddress", "Port", "Password"} & set(found.columns)


def test_a_table_of_cameras_is_no_catalogue():
    assert not catalogue.is_catalogue(pd.DataFrame({"id": [], "code": [], "kind": [], "status": []}))


# files without kind or status


def test_a_table_without_kind_and_status_is_read_as_fixed_and_online_with_a_warning():
    table = frames.conform(pd.DataFrame({"id": ["1"], "lon": [120.9], "lat": [32.0]}), "cameras")
    assert table[["kind", "status"]].to_numpy().tolist() == [["fixed", "online"]]
    assert [warning["code"] for warning in table.attrs["warnings"]] == ["assumed_column", "assumed_column"]


def test_a_row_without_status_in_a_table_that_has_them_is_told():
    table = pd.DataFrame({"id": ["1", "2"], "kind": "fixed", "status": ["online", None], "lon": 120.9, "lat": 32.0})
    assert [(fault.code, fault.feature) for fault in frames.check(table, "cameras")] == [("missing_value", 2)]


def test_the_cameras_of_taipei_are_read_with_what_was_assumed(shared_data):
    table = formats.read(shared_data("taipei/cctv.geojson"), layer="cameras", columns={"id": "攝影機編號"})
    seen = views(table)
    assert (len(table), len(seen), len(seen.refused)) == (401, 401, 0)
    assert {warning["code"] for warning in table.attrs["reading"]["warnings"]} >= {"assumed_column"}
    assert {CERTAINTIES[grade] for grade in seen.certainty} == {"possible"}
