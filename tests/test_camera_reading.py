"""Cameras out of catalogues, OpenStreetMap and lists in words: what is read, what is left out, and what is said."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap import formats, frames
from gridmap.errors import InputError, TableError
from gridmap.visibility.cameras.views import CERTAINTIES, views
from gridmap.visibility.reading import catalogue, codes, osm_tags, words

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


def nodes(*tags):
    """Nodes of OpenStreetMap with these tags, every one a camera."""
    rows = [{"osm_id": str(row + 1), "man_made": "surveillance", **found} for row, found in enumerate(tags)]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[shapely.Point(24.94, 60.17)] * len(rows), crs=4326)


def tagged(**tags):
    """The one camera of a node with these tags (``:`` written as ``__``), as a dict of what is known of it."""
    found, _ = osm_tags.cameras(nodes({name.replace("__", ":"): value for name, value in tags.items()}))
    return found.iloc[0].dropna().to_dict()


def remarks(**tags):
    """Codes of what is said of a node."""
    _, notes = osm_tags.cameras(nodes({name.replace("__", ":"): value for name, value in tags.items()}))
    return notes["code"].tolist()


# codes of GB/T 28181


def test_a_code_is_taken_apart():
    found = codes.parse_code("32061300801325000007")
    assert (found.division, found.unit, found.industry, found.type) == ("320613", "00", "80", "132")
    assert (found.network, found.serial) == ("5", "000007")
    assert (found.industry_name, found.type_name, found.network_name) == ("residents", "network camera", "police")
    assert found.is_camera


@pytest.mark.parametrize(
    ("industry", "name"),
    [("00", "social security, roads"), ("11", "education"), ("12", "government, reserved"), ("40", "enterprises")],
)
def test_industries_have_their_names(industry, name):
    assert codes.parse_code(f"34020000{industry}1310000001").industry_name == name


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("3402000000132000001", ["code_length"]),
        ("340200000013200000011", ["code_length"]),
        ("3402000000132000000A", ["code_not_digits"]),
        ("34-0200-00001320000001", ["code_not_digits", "code_length"]),
        ("", ["code_length"]),
        ("34020000002000000001", ["not_a_camera"]),
        ("34020000001110000001", ["not_a_camera"]),
        ("99020000001320000001", ["unknown_division"]),
        ("34020000001329000001", ["unknown_network"]),
        ("99020000002009000001", ["unknown_division", "unknown_network", "not_a_camera"]),
    ],
    ids=["short", "long", "letter", "hyphens", "empty", "server", "recorder", "province", "network", "all at once"],
)
def test_every_fault_of_a_code_has_its_name(code, faults):
    assert [fault.code for fault in codes.code_faults(code)] == faults
    with pytest.raises(InputError) as caught:
        codes.parse_code(code)
    assert caught.value.code == faults[0]


@pytest.mark.parametrize(
    "text", [f" {CODE} ", "３４０２００００００１３２００００００１"], ids=["spaces", "full width"]
)
def test_spaces_and_full_width_digits_make_no_difference(text):
    assert codes.parse_code(text).serial == "000001"


def test_a_division_is_held_to_those_that_there_are_where_they_are_given():
    assert codes.code_faults(CODE, divisions={"340200"}) == []
    assert [fault.code for fault in codes.code_faults(CODE, divisions={"320613"})] == ["unknown_division"]


def test_a_server_is_told_by_name():
    (fault,) = codes.code_faults("34020000002000000001")
    assert "SIP server" in fault.message
    assert "131 or 132" in fault.message


def test_codes_of_a_table_are_told_with_their_rows_and_their_doubles():
    faults = codes.table_faults([CODE, None, "12", "", CODE])
    assert [(fault.code, fault.feature) for fault in faults] == [("code_length", 3), ("duplicate_code", 5)]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1920*1080", (1920, 1080)),
        ("2560x1440", (2560, 1440)),
        ("3840 × 2160", (3840, 2160)),
        ("1080P", (1920, 1080)),
        ("720p", (1280, 720)),
        ("4K", (3840, 2160)),
        ("4MP", (2560, 1440)),
        ("400万", (2560, 1440)),
        ("200万像素", (1920, 1080)),
        ("8M", (3840, 2160)),
        ("6", (1920, 1080)),
        ("4/5/6", (1920, 1080)),
        ("D1", (720, 576)),
        ("高清", None),
        ("7MP", None),
        ("", None),
    ],
)
def test_resolutions_are_read_however_they_are_written(text, size):
    assert codes.resolution(text) == size


# the catalogue


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
        ({"MobileDeviceType": ["1"]}, "it moves"),
        ({"Longitude": ["0"], "Latitude": ["0"]}, "no place"),
        ({"Longitude": ["0.000000"], "Latitude": ["0.0"]}, "no place"),
        ({"Longitude": [""], "Latitude": [None]}, "no place"),
    ],
    ids=["server", "room", "vehicle", "nought", "decimals", "empty"],
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


def test_a_turning_camera_of_a_wide_angle_turns_through_it():
    found = read_one(PTZType="1", HorizontalFieldAngle="360")
    assert (found["turn_deg"], "hfov_deg" in found) == (360, False)


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


# tags of OpenStreetMap


@pytest.mark.parametrize(
    ("text", "heading", "span", "accuracy"),
    [
        ("90", 90, None, 0),
        ("0", 0, None, 0),
        ("360", 0, None, 0),
        ("123.5°", 123.5, None, 0),
        ("E", 90, None, 22.5),
        ("nw", 315, None, 22.5),
        ("SSE", 157.5, None, 11.25),
        ("south-west", 225, None, 22.5),
        ("239-284", 261.5, 45, 0),
        ("350-10", 0, 20, 0),
        ("10-350", 180, 340, 0),
        ("N-E", 45, 90, 22.5),
    ],
)
def test_a_direction_is_a_number_a_point_or_a_clockwise_range(text, heading, span, accuracy):
    (look,) = osm_tags.looks(text)
    assert (look.heading_deg, look.span_deg, look.accuracy_deg) == (heading, span, accuracy)


@pytest.mark.parametrize("text", ["-90", "400", "forward", "both", "90-90", "0-360", "10-20-30", "N;upwards", ""])
def test_a_direction_that_cannot_be_read_gives_no_heading_and_says_so(text):
    assert osm_tags.looks(text) == []
    assert "heading_deg" not in tagged(camera__type="fixed", camera__direction=text)
    assert remarks(camera__type="fixed", camera__direction=text) == (["unknown"] if text else [])


def test_a_list_of_directions_is_as_many_cameras_on_one_pole():
    found, notes = osm_tags.cameras(nodes({"camera:direction": "N;120;350-10", "camera:type": "fixed"}))
    assert found["id"].tolist() == ["1/1", "1/2", "1/3"]
    assert found["heading_deg"].tolist() == [0, 120, 0]
    assert notes["code"].tolist() == ["assumed", "assumed"]


def test_the_range_of_a_fixed_camera_is_its_angle_of_view_and_of_a_turning_one_where_it_turns():
    fixed = tagged(camera__type="fixed", camera__direction="239-284")
    turning = tagged(camera__type="panning", camera__direction="239-284")
    assert (fixed["kind"], fixed["heading_deg"], fixed["hfov_deg"]) == ("fixed", 261.5, 45)
    assert (turning["kind"], turning["turn_deg"], "hfov_deg" in turning) == ("ptz", 45, False)


def test_a_range_that_no_flat_picture_spans_is_one_that_the_camera_turns_through():
    found = tagged(camera__type="fixed", camera__direction="10-350")
    assert (found["kind"], found["turn_deg"]) == ("ptz", 340)


@pytest.mark.parametrize(
    ("tags", "tilt"),
    [
        ({"camera__angle": "15"}, 15),
        ({"camera__tilt": "-15"}, 15),
        ({"camera__tilt": "-90"}, 90),
        ({"camera__tilt": "10"}, -10),
        ({"camera__tilt": "0"}, 0),
    ],
)
def test_angle_counts_downwards_and_tilt_upwards(tags, tilt):
    assert tagged(camera__type="fixed", **tags)["tilt_deg"] == tilt


@pytest.mark.parametrize("tags", [{"camera__angle": "-15"}, {"camera__tilt": "-120"}, {"camera__tilt": "down"}])
def test_a_tilt_that_cannot_be_read_is_not_known_and_says_so(tags):
    assert "tilt_deg" not in tagged(camera__type="fixed", **tags)
    assert remarks(camera__type="fixed", **tags) == ["unknown"]


@pytest.mark.parametrize(
    ("text", "metres"),
    [("8", 8), ("8 m", 8), ("8,5", 8.5), ("350 cm", 3.5), ("10 ft", 3.048), ("10'", 3.048), ("10'6\"", 3.2004)],
)
def test_heights_are_metres_unless_they_state_feet(text, metres):
    assert tagged(camera__type="fixed", height=text)["height_m"] == pytest.approx(metres)


@pytest.mark.parametrize("text", ["2nd floor", "-3", "high", "3-5"])
def test_a_height_that_cannot_be_read_is_not_known_and_says_so(text):
    assert "height_m" not in tagged(camera__type="fixed", height=text)
    assert remarks(camera__type="fixed", height=text) == ["unknown"]


@pytest.mark.parametrize(
    ("tags", "kind", "said"),
    [
        ({"camera__type": "fixed"}, "fixed", []),
        ({"camera__type": "panning"}, "ptz", []),
        ({"camera__type": "dome"}, "ptz", []),
        ({"camera__type": "bulb"}, "fixed", ["unknown"]),
        ({"revolving": "yes"}, "ptz", ["assumed"]),
        ({}, "fixed", ["assumed"]),
    ],
)
def test_types_of_cameras_are_kinds(tags, kind, said):
    assert tagged(**tags)["kind"] == kind
    assert remarks(**tags) == said


@pytest.mark.parametrize(
    "tags",
    [{"surveillance": "indoor"}, {"indoor": "yes"}, {"surveillance:type": "guard"}],
    ids=["indoor", "indoor=yes", "guard"],
)
def test_rooms_and_guards_are_left_out_with_a_reason(tags):
    found, notes = osm_tags.cameras(nodes(tags, {"surveillance": "public", "camera:type": "fixed"}))
    assert found["id"].tolist() == ["2"]
    assert notes[["camera", "code"]].to_numpy().tolist() == [["1", "left_out"]]


def test_tags_are_found_in_the_pairs_of_gdal_too():
    table = gpd.GeoDataFrame(
        {"osm_id": ["7"], "other_tags": ['"man_made"=>"surveillance","camera:direction"=>"90","note"=>"a \\"b\\", c"']},
        geometry=[shapely.Point(24.94, 60.17)],
        crs=4326,
    )
    assert osm_tags.is_surveillance(table)
    assert osm_tags.cameras(table)[0]["heading_deg"].tolist() == [90]


def test_what_is_no_camera_is_passed_over():
    table = nodes({}, {"man_made": "mast"})
    assert osm_tags.cameras(table)[0]["id"].tolist() == ["1"]
    assert not osm_tags.is_surveillance(table[table["man_made"] == "mast"])


def test_the_cameras_of_helsinki_are_all_read_and_none_gets_a_heading(shared_data):
    table = pyogrio.read_dataframe(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="points")
    found, notes = osm_tags.cameras(table)
    assert (len(found), int((found["kind"] == "ptz").sum()), int(found["height_m"].notna().sum())) == (221, 40, 7)
    seen = views(found)
    assert {CERTAINTIES[grade] for grade in seen.certainty} == {"possible"}
    assert (len(seen), len(seen.refused), set(notes["code"])) == (221, 0, {"assumed"})


def test_the_cameras_of_taipei_are_read_with_what_was_assumed(shared_data):
    table = formats.read(shared_data("taipei/cctv.geojson"), layer="cameras", columns={"id": "攝影機編號"})
    seen = views(table)
    assert (len(table), len(seen), len(seen.refused)) == (401, 401, 0)
    assert {warning["code"] for warning in table.attrs["reading"]["warnings"]} >= {"assumed_column"}
    assert {CERTAINTIES[grade] for grade in seen.certainty} == {"possible"}


# directions in words

#: A town of streets around the origin: one 30 m east that runs north, one 40 m north that runs east, one that is
#: far away, one through the origin that runs north-east, and one whose name is the end of another's.
ORIGIN = (500_000.0, 3_500_000.0)
STREETS = {
    "人民东路": [(30, -200), (30, 200)],
    "解放路": [(-200, 40), (200, 40)],
    "远方大道": [(900, 900), (950, 900)],
    "斜街": [(-60, -60), (60, 60)],
    "东路": [(-90, 0), (-90, 50)],
}


def streets(**lines):
    """Named streets in metres from the origin."""
    found = {**STREETS, **lines}
    shapes = [shapely.LineString(np.add(line, ORIGIN)) for line in found.values()]
    return gpd.GeoDataFrame({"name": list(found)}, geometry=shapes, crs=4549)


def worded(text, *, at=(0, 0), **columns):
    """The camera whose direction is stated in words, and what is said of it."""
    rows = {"id": ["c"], "kind": ["fixed"], "direction": [text], **columns}
    table = gpd.GeoDataFrame(rows, geometry=[shapely.Point(np.add(at, ORIGIN))], crs=4549)
    found, notes = words.headings(table, streets())
    return found.iloc[0], notes


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("东", 90),
        ("朝东", 90),
        ("朝向东南", 135),
        ("面向西北方向", 315),
        ("正北", 0),
        ("向南", 180),
        ("朝東", 90),
        ("由西向东", 90),
        ("自南往北", 0),
        ("东向西", 270),
        ("路口朝东", 90),
        ("北偏东30度", 30),
        ("南偏西 15°", 195),
        ("西偏北10", 280),
    ],
)
def test_points_of_the_compass_are_headings(text, heading):
    assert worded(text)[0]["heading_deg"] == heading


def test_a_point_of_the_compass_is_an_eighth_of_it_and_a_stated_angle_is_exact():
    assert worded("朝东")[0]["heading_accuracy_deg"] == 22.5
    assert worded("北偏东30度")[0]["heading_accuracy_deg"] == 0


@pytest.mark.parametrize(
    ("text", "heading"),
    [("朝人民东路", 90), ("朝向解放路", 0), ("对着人民东路", 90), ("朝人民東路", 90)],
)
def test_towards_a_street_is_the_way_to_its_nearest_point(text, heading):
    found, notes = worded(text)
    assert found["heading_deg"] == pytest.approx(heading, abs=1e-6)
    assert notes["code"].tolist() == ["assumed"]
    assert "nearest point" in notes["what"][0]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("沿人民东路向北", 0),
        ("沿人民东路向南", 180),
        ("沿着人民东路由南向北", 0),
        ("解放路西向", 270),
        ("沿解放路向东北", 90),
        ("沿斜街向北", 45),
        ("沿斜街向西", 225),
    ],
)
def test_along_a_street_is_its_way_there_that_is_nearer_to_the_named_point(text, heading):
    found, notes = worded(text)
    assert found["heading_deg"] == pytest.approx(heading, abs=1e-6)
    assert (found["heading_accuracy_deg"], notes["code"].tolist()) == (11.25, ["assumed"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("路口", "several ways"),
        ("球机", "many ways"),
        ("云台", "many ways"),
        ("人民东路", "two ways"),
        ("沿人民东路", "two ways"),
        ("沿人民东路向东", "does not run that way"),
        ("朝远方大道", "m away"),
        ("朝中山路", "no street is called 中山路"),
        ("朝人民东路与解放路", "several streets"),
        ("朝东门", "no direction"),
        ("东侧", "no direction"),
        ("东西向", "no direction"),
        ("朝东朝西", "no direction"),
        ("大门", "no direction"),
        ("北偏南20度", "no direction"),
    ],
)
def test_words_that_leave_it_open_give_no_heading_and_a_reason(text, why):
    found, notes = worded(text)
    assert np.isnan(found["heading_deg"])
    assert notes["code"].tolist() == ["unknown"]
    assert why in notes["what"][0]


def test_the_name_of_a_street_is_no_point_of_the_compass():
    """人民东路 holds 东, and 朝东大街 names a street."""
    assert worded("朝人民东路", at=(60, 0))[0]["heading_deg"] == pytest.approx(270, abs=1e-3)
    assert "朝东大街" not in STREETS
    assert np.isnan(worded("朝东大街")[0]["heading_deg"])


def test_of_a_street_in_pieces_the_nearest_one_says_which_way_it_runs():
    lines = [[(-90, -90), (-90, 90)], [(-20, 15), (20, 15)]]
    pieces = gpd.GeoDataFrame(
        {"name": ["弯街", "弯街"]}, geometry=[shapely.LineString(np.add(line, ORIGIN)) for line in lines], crs=4549
    )
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["沿弯街向东"]}, geometry=[shapely.Point(ORIGIN)], crs=4549)
    assert words.headings(table, pieces)[0]["heading_deg"][0] == pytest.approx(90, abs=1e-3)


def test_on_a_street_the_way_to_it_says_nothing():
    found, notes = worded("朝人民东路", at=(30.5, 0))
    assert np.isnan(found["heading_deg"])
    assert "stands on" in notes["what"][0]


def test_a_street_that_is_as_near_on_two_sides_gives_no_heading():
    both = gpd.GeoDataFrame(
        {"name": ["环路", "环路"]},
        geometry=[shapely.LineString(np.add(line, ORIGIN)) for line in ([(-20, -9), (-20, 9)], [(20, -9), (20, 9)])],
        crs=4549,
    )
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["朝环路"]}, geometry=[shapely.Point(ORIGIN)], crs=4549)
    found, notes = words.headings(table, both)
    assert np.isnan(found["heading_deg"][0])
    assert "several directions" in notes["what"][0]


@pytest.mark.parametrize("text", ["全景", "360度", "360°全景", "环视四周"])
def test_all_round_is_a_fisheye_where_a_camera_was_said_to_be_fixed_and_no_heading_where_it_turns(text):
    assert worded(text)[0]["kind"] == "fisheye"
    turning, notes = worded(text, kind=["ptz"])
    assert (turning["kind"], notes["code"].tolist()) == ("ptz", ["unknown"])
    assert worded(text, hfov_deg=[60.0])[0]["kind"] == "fixed"


def test_a_heading_that_is_known_is_left_as_it_is():
    found, notes = worded("朝东", heading_deg=[200.0])
    assert (found["heading_deg"], len(notes)) == (200, 0)


def test_words_that_contradict_the_octant_give_no_heading():
    assert worded("朝东", octant=["SE"])[0]["heading_deg"] == 90
    found, notes = worded("朝东", octant=["W"])
    assert np.isnan(found["heading_deg"])
    assert "contradicts" in notes["what"][0]


def test_without_streets_points_of_the_compass_are_read_all_the_same():
    rows = {"id": ["a", "b", "c"], "direction": ["朝东", "朝人民路", None]}
    table = gpd.GeoDataFrame(rows, geometry=[shapely.Point(120.9, 32.0)] * 3, crs=4490)
    found, notes = words.headings(table)
    assert found["heading_deg"].tolist()[:1] == [90]
    assert (found["heading_deg"].isna().tolist(), notes["camera"].tolist()) == ([False, True, True], ["a", "b"])


def test_a_heading_out_of_geometry_is_from_true_north():
    """At 121 E, 30 N the grid of 120 E leans half a degree east: a street to the grid's east lies at 90.5 degrees."""
    place = gpd.GeoSeries([shapely.Point(121.0, 30.0)], crs=4490).to_crs(4549)
    line = shapely.LineString([(place[0].x + 30, place[0].y - 50), (place[0].x + 30, place[0].y + 50)])
    table = gpd.GeoDataFrame({"id": ["c"], "direction": ["朝人民路"]}, geometry=place)
    found, _ = words.headings(table, gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[line], crs=4549))
    assert found["heading_deg"][0] == pytest.approx(90.5, abs=1e-3)
    back = views(found.assign(kind="fixed", status="online"))
    assert np.degrees(back.heading[1]) == pytest.approx(0, abs=1e-6)


def test_the_table_of_cameras_is_left_as_it_was():
    table = gpd.GeoDataFrame(
        {"id": ["c"], "direction": ["朝东"]}, geometry=[shapely.Point(ORIGIN)], crs=4549, index=[7]
    )
    before = table.copy()
    found, _ = words.headings(table)
    pd.testing.assert_frame_equal(table, before)
    assert found.index.tolist() == [7]
