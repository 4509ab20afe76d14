"""`/api/locate`: points and addresses on four square grids, answers worked out by hand."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.api import create_app
from gridmap.api.limits import Limits

GRID = "32061300100100{}".format

#: On every line and corner of the four grids: the east side of a north-south line, the north side of an east-west one,
#: and on the outer rim, where that side is nobody's, the area whose border it is (the least code of two).
ON_BORDERS = {
    "line between 1 and 2": (120.01, 32.005, GRID(2)),
    "line between 1 and 3": (120.005, 32.01, GRID(3)),
    "corner of all four": (120.01, 32.01, GRID(4)),
    "west rim": (120.0, 32.005, GRID(1)),
    "south rim": (120.005, 32.0, GRID(1)),
    "east rim": (120.02, 32.005, GRID(2)),
    "north rim": (120.005, 32.02, GRID(3)),
    "north-east corner": (120.02, 32.02, GRID(4)),
    "south end of the middle line": (120.01, 32.0, GRID(2)),
    "east end of the middle line": (120.02, 32.01, GRID(2)),
    "north end of the middle line": (120.01, 32.02, GRID(3)),
}


def ask(client, **said):
    response = client.get("/api/locate", params=said)
    assert response.status_code == 200, response.text
    return response.json()


def refused(client, target):
    response = client.get(target)
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["detail"]


def csv_of(response):
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


def post_csv(client, text, **params):
    return client.post("/api/locate", content=text, params=params, headers={"content-type": "text/csv"})


def test_a_point_is_told_its_area_and_the_chain_of_areas_above_it(client):
    answer = ask(client, lon=120.005, lat=32.005)
    assert (answer["status"], answer["area"]) == ("found", GRID(1))
    assert [link["code"] for link in answer["chain"]] == ["320613", GRID(1)]
    assert answer["chain"][0] == {"level": "district", "code": "320613", "name": "崇川区"}


def test_the_distance_to_the_nearest_border_is_in_metres(client):
    # 0.005 degrees of longitude at 32.005 N on the CGCS2000 ellipsoid: 6378137 / sqrt(1 - e2 sin2) * cos * radians
    assert ask(client, lon=120.005, lat=32.005)["border_m"] == pytest.approx(472.4, abs=0.3)


@pytest.mark.parametrize(("lon", "lat", "area"), ON_BORDERS.values(), ids=ON_BORDERS)
def test_a_point_on_a_border_belongs_to_exactly_one_area(client, lon, lat, area):
    answer = ask(client, lon=lon, lat=lat)
    assert (answer["status"], answer["area"], answer["border_m"]) == ("found", area, 0)


def test_a_point_outside_every_area_is_outside(client):
    answer = ask(client, lon=121, lat=32)
    assert (answer["status"], answer["area"], answer["chain"]) == ("outside", None, [])


def test_a_point_nearer_to_a_border_than_its_accuracy_is_ambiguous(client):
    # 0.0001 degrees of longitude are 9.4 m
    assert ask(client, lon=120.0099, lat=32.005, accuracy=10)["status"] == "ambiguous"
    assert ask(client, lon=120.0099, lat=32.005, accuracy=9)["status"] == "found"


def test_an_address_is_told_its_area(client):
    answer = ask(client, address="崇川区青年路2号")
    assert (answer["status"], answer["area"], answer["address"]) == ("found", GRID(4), "江苏省南通市崇川区青年路2号")


def test_an_address_is_told_with_its_standard_writing_and_all_that_is_said_of_it(client):
    answer = ask(client, address="青年路1号")
    assert answer["standard"] == "江苏省南通市崇川区青年路1号"
    assert (answer["matched_level"], answer["accuracy_m"], answer["reason"], answer["known"]) == (
        "number",
        None,
        None,
        None,
    )
    assert (answer["notes"], answer["candidates"]) == ([], [])
    assert "steps" not in answer


def test_the_steps_are_told_to_who_asks(client):
    assert ask(client, address="青年路1号", explain="true")["steps"]
    assert "steps" not in ask(client, address="青年路1号", explain="false")
    assert refused(client, "/api/locate?address=x&explain=yes")[0] == 400


def test_an_address_that_nobody_has_is_not_found(client):
    assert ask(client, address="崇川区青年路77号")["status"] == "not_found"


def test_a_point_of_a_chinese_map_is_moved_back_to_the_ground(client):
    # GCJ-02 shifts this place by some 480 m to the east, across the line between grids 1 and 2
    assert ask(client, lon=120.0105, lat=32.005, crs="GCJ-02")["area"] == GRID(1)
    assert ask(client, lon=120.0105, lat=32.005)["area"] == GRID(2)


def test_projected_coordinates_are_taken_with_their_epsg_code(client):
    # EPSG:4549 has its central meridian at 120 E and a false easting of 500 000 m: 500 m east of it lies in grid 1
    assert ask(client, lon=500_500, lat=3_542_500, crs="4549")["area"] == GRID(1)


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("/api/locate", "no place"),
        ("/api/locate?lon=120.005", "gives lon"),
        ("/api/locate?address=x&lon=1&lat=2", "address and lon and lat"),
        ("/api/locate?lon=nan&lat=32", "lon='nan'"),
        ("/api/locate?lon=1_2&lat=32", "lon='1_2'"),
        ("/api/locate?lon=32&lat=120", "their order"),
        ("/api/locate?lon=120&lat=32&on=20240101", "on='20240101'"),
        ("/api/locate?lon=120&lat=32&on=2024-02-30", "on='2024-02-30'"),
        ("/api/locate?lon=120&lat=32&accuracy=-1", "accuracy='-1'"),
        ("/api/locate?lon=120&lat=32&crs=Mars", "Mars"),
        ("/api/locate?lon=120&lat=32&lon=121", "lon is given twice"),
        ("/api/locate?lon=120&lat=32&latt=1", "unknown parameter 'latt'"),
        ("/api/locate?lon=120&lat=32&address=%FF", "query string"),
    ],
    ids=lambda text: text.removeprefix("/api/locate") if text.startswith("/") else "",
)
def test_a_request_that_cannot_be_used_is_told_why(client, target, word):
    status, detail = refused(client, target)
    assert status == 400
    assert word in detail


def test_an_address_of_more_than_500_characters_is_refused(client):
    assert ask(client, address="路" * 500)["status"] == "not_found"
    assert refused(client, f"/api/locate?address={'路' * 501}")[0] == 413


def test_a_form_may_leave_fields_empty(client):
    assert client.get("/api/locate?address=&lon=120.005&lat=32.005&accuracy=&on=").json()["area"] == GRID(1)


def test_a_problem_is_titled_in_the_readers_language(client):
    titles = [
        client.get("/api/locate", headers={"accept-language": language}).json()["title"]
        for language in ("zh-CN,zh;q=0.9,en;q=0.8", "en-GB,en;q=0.9", "zh;q=0.1,en;q=0.2", "de")
    ]
    english = "The request cannot be used"
    assert titles == ["请求内容有误", english, english, english]


def test_an_answer_says_which_version_it_is_from(client):
    response = client.get("/api/locate?lon=120.005&lat=32.005&on=2024-05-01")
    assert response.headers["x-gridmap-version"] == str(response.json()["version"]) == "0"
    assert response.json()["on"] == "2024-05-01"


def test_a_list_is_answered_in_its_order_with_what_else_its_rows_hold(client):
    rows = [{"id": 7, "lon": 120.015, "lat": 32.005}, {"id": "b", "address": "崇川区青年路1号"}, {"query": "x"}]
    answers = client.post("/api/locate", json=rows).json()
    assert [(a.get("id"), a["status"], a["area"]) for a in answers] == [
        (7, "found", GRID(2)),
        ("b", "found", GRID(1)),
        (None, "not_found", None),
    ]


@pytest.mark.parametrize(
    "row",
    [
        *(5, None, [], {}, {"address": 5}, {"lon": 120}, {"address": "路" * 501}),
        *({"lon": "x", "lat": 1}, {"lon": True, "lat": 1}, {"lon": 1e300, "lat": 1}),
    ],
    ids=str,
)
def test_a_bad_row_gets_a_status_and_a_reason_and_the_others_are_answered(client, row):
    bad, good = client.post("/api/locate", json=[row, {"lon": 120.005, "lat": 32.005}]).json()
    assert (bad["status"], bad["area"], good["area"]) == ("not_found", None, GRID(1))
    assert bad["message"]


def test_points_and_addresses_in_one_list_are_answered_as_each_alone(client):
    rows = [
        {"address": "青年路1号"},
        {"lon": 120.0099, "lat": 32.005},
        {"query": "青年路9号"},
        {"lon": 121.0, "lat": 32.0},
    ]
    alone = [ask(client, accuracy=10, **{"address" if name == "query" else name: value for name, value in row.items()})
             for row in rows]  # fmt: skip
    assert client.post("/api/locate?accuracy=10", json=rows).json() == alone


def test_an_empty_list_is_answered_by_an_empty_list(client):
    assert client.post("/api/locate", json=[]).json() == []


def test_a_single_point_and_the_same_point_in_a_list_are_answered_alike(client):
    alone = ask(client, lon=120.0099, lat=32.005, accuracy=10)
    listed = client.post("/api/locate?accuracy=10", json=[{"lon": 120.0099, "lat": 32.005}]).json()
    assert listed == [alone]


def test_a_csv_of_points_is_answered_by_the_columns_of_the_contract(client):
    rows = csv_of(post_csv(client, "note,lon,lat\n甲,120.005,32.015\n乙,121,32\n"))
    assert [(row["note"], row["status"], row["district"], row["grid"], row["area"]) for row in rows] == [
        ("甲", "found", "320613", GRID(3), GRID(3)),
        ("乙", "outside", "", "", ""),
    ]
    assert {"address", "matched_level", "score", "lon", "lat", "border_m"} <= set(rows[0])


def test_a_csv_of_addresses_is_answered_by_their_areas(client):
    rows = csv_of(post_csv(client, "query\n崇川区青年路1号\n崇川区青年路99号\n"))
    assert [(row["status"], row["area"]) for row in rows] == [("found", GRID(1)), ("not_found", "")]


def test_a_csv_row_that_is_no_point_is_not_found_and_the_others_are_answered(client):
    rows = csv_of(post_csv(client, "lon,lat\nx,32\n,\n120.005,32.005\n"))
    assert [row["status"] for row in rows] == ["not_found", "not_found", "found"]


def test_a_csv_in_the_chinese_national_encoding_is_read(client):
    rows = csv_of(post_csv(client, "query,备注\n崇川区青年路1号,好\n".encode("gb18030")))
    assert (rows[0]["area"], rows[0]["备注"]) == (GRID(1), "好")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01"], ids=["empty", "no columns to read", "not text"])
def test_a_csv_that_cannot_be_read_is_refused_before_anything_is_answered(client, text):
    response = post_csv(client, text)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def post_workbook(client, body, **params):
    return client.post("/api/locate", content=body, params=params, headers={"content-type": XLSX})


def test_a_workbook_is_answered_by_a_workbook(client):
    response = post_workbook(client, workbook(["备注", "地址"], ["甲", "崇川区青年路2号"], ["乙", "崇川区青年路99号"]))
    assert (response.status_code, response.headers["content-type"]) == (200, XLSX)
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    heads, *rows = book["answers"].iter_rows(values_only=True)
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [(row["备注"], row["status"], row["area"]) for row in found] == [
        ("甲", "found", GRID(4)), ("乙", "not_found", None)
    ]  # fmt: skip
    assert book.sheetnames == ["answers", "by_hand", "summary"]


def test_points_in_a_workbook_are_taken_in_the_system_that_is_said(client):
    body = workbook(["lon", "lat"], [120.0105, 32.005])
    book = openpyxl.load_workbook(io.BytesIO(post_workbook(client, body, crs="GCJ-02").content))
    assert GRID(1) in next(book["answers"].iter_rows(min_row=2, values_only=True))


@pytest.mark.parametrize(
    "body", [b"", b"PK\x03\x04", b"query\nx\n", workbook(), workbook(["name"], ["x"])],
    ids=["empty", "cut off", "text", "blank", "nothing asks"],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_is_refused(client, body):
    response = post_workbook(client, body)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


def test_a_workbook_that_unpacks_beyond_measure_or_has_too_many_rows_is_refused(small_atlas, serving):
    limits = Limits(sheet_rows=2, sheet_unpacked=100_000)
    with serving(create_app(small_atlas, open_read=True, limits=limits)) as client:
        assert post_workbook(client, workbook(["query"], *[["x"]] * 2)).status_code == 200
        assert post_workbook(client, workbook(["query"], *[["x"]] * 3)).status_code == 413
        wide = ["x", *(f"{place}{'y' * 30_000}" for place in range(4))]
        assert post_workbook(client, workbook(["query", *"abcd"], wide)).status_code == 413


@pytest.mark.parametrize(
    "body", ["", "{", '{"lon": 1}', "5", "[" * 5000], ids=["none", "broken", "object", "5", "deep"]
)
def test_a_json_body_that_is_no_list_is_refused(client, body):
    response = client.post("/api/locate", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


def test_a_body_of_another_type_is_refused(client):
    response = client.post("/api/locate", content="<a/>", headers={"content-type": "application/xml"})
    assert response.status_code == 415


ODD_TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["nan", "inf", "1e999", "-0", "١٢٠", "120,5", "' OR 1=1--", "../../etc/passwd", "\u202e", "4326", "GCJ-02", "bd09"]
)
NAMES = ["address", "lon", "lat", "crs", "accuracy", "on", "x"]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(repr)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.dictionaries(st.sampled_from(NAMES), ODD_TEXT | NUMBERS, max_size=5))
def test_no_query_however_hostile_makes_the_service_fail(client, said):
    response = client.get("/api/locate", params=said)
    assert response.status_code in {200, 400, 404, 413}
    assert response.headers["content-type"] in {"application/json", "application/problem+json"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "status"]), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(JSON_VALUES, max_size=4))
def test_no_list_however_hostile_makes_the_service_fail(client, rows):
    response = client.post("/api/locate", json=rows)
    assert response.status_code == 200
    assert len(response.json()) == len(rows)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.builds(lambda text: b"query\n" + text.encode(), ODD_TEXT))
def test_no_csv_however_hostile_makes_the_service_fail(client, body):
    assert post_csv(client, body).status_code in {200, 400}
