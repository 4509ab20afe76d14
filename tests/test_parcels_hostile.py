"""Whatever bytes a file of parcels holds, the answer is a reading or a refusal: no crash, no hang, nothing strange."""

from __future__ import annotations

import contextlib
import time

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gridmap.errors import FormatError
from gridmap.formats.parcels import Reading, read_parcels, write_parcels
from tests.parcel_files import EAST, HEAD, NORTH, PARCEL, exchange, square

OURS = ["txt", "csv", "kml", "geojson", "xlsx", "kmz", "dxf"]
fuzz = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking a file takes minutes and tells little
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(path):
    """Read a file; the answer must be a reading or a refusal with a code."""
    try:
        answer = read_parcels(path)
    except FormatError as refusal:
        answer = refusal
    assert isinstance(answer, Reading) or (answer.code.startswith("E_") and answer.values["faults"])


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """The bytes of a valid file of each ending."""
    folder = tmp_path_factory.mktemp("valid")
    (folder / "a.txt").write_bytes(exchange().encode("gbk"))
    reading = read_parcels(folder / "a.txt")
    for ending in ("csv", "xlsx", "kml", "dxf", "gpkg", "geojson"):
        write_parcels(reading, folder / f"a.{ending}")
    return {path.suffix[1:]: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("ending", [*OURS, "gpkg", "shp"])
@fuzz
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"\0" * 200)
@example(data=b"PK\x03\x04" + b"\0" * 60)
@example(data=b"SQLite format 3\0" + b"\xff" * 184)
def test_any_bytes_are_read_or_refused(tmp_path, ending, data):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data)
    survives(path)


@pytest.mark.parametrize("ending", ["txt", "csv", "kml", "geojson", "xlsx", "dxf", "gpkg"])
@fuzz
@given(data=st.data())
def test_a_file_with_some_bytes_changed_is_read_or_refused(tmp_path, valid, ending, data):
    body = bytearray(valid[ending])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        cut = data.draw(st.integers(0, 40))
        body[at : at + cut] = data.draw(st.binary(max_size=12))
        if not body:
            return
    path = tmp_path / f"a.{ending}"
    path.write_bytes(bytes(body))
    survives(path)


CELLS = st.sampled_from(
    [
        *HEAD.values(),
        *square(),
        *(PARCEL, "5,1e9,x,y,面,,,,@", "[地块坐标]", "[", "@", ",,,@", "=", "\x0b", "；", "带号=x"),
        *("X坐标,Y坐标", "点号,纵坐标,横坐标", "宗地代码,1", "J1,1,,", "J1,1,nan,inf", "J1,9,3352700,40520700"),
        *("-1,-1,-1,-1", "1e308,1e308,1e308,1e308", "3352700,40520700", "甲,3352700,40520700"),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(CELLS, max_size=30), ending=st.sampled_from(["txt", "csv"]))
def test_any_order_of_lines_is_read_or_refused(tmp_path, lines, ending):
    path = tmp_path / f"a.{ending}"
    path.write_text("\n".join(lines), encoding="gb18030")
    survives(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=14),
)
def test_any_points_make_valid_shapes_or_a_refusal(tmp_path, places):
    rows = [f"J{at},{ring},{NORTH + 10 * up},{EAST + 10 * right}" for at, (up, right, ring) in enumerate(places)]
    path = tmp_path / "a.txt"
    path.write_text(exchange(rows), encoding="gbk")
    with contextlib.suppress(FormatError):
        parcels = read_parcels(path).parcels
        assert parcels.is_valid.all()
        assert (parcels["area_m2"] > 0).all()


@pytest.mark.parametrize(
    "text",
    [
        exchange(parcel="999999999999999999999,0.6667,D,组,面,,,,@"),
        exchange(parcel="5,1e308,D,组,面,,,,@"),
        exchange(parcel=f"5,0.6667,{'甲' * 100_000},组,面,,,,@"),
        exchange() + "," * 1_000_000,
        exchange() + "[" * 1_000_000,
        exchange(带号="9" * 5000),
        exchange(转换参数=",".join(["1e308"] * 7)),
    ],
    ids=["count", "area", "long name", "commas", "brackets", "zone", "parameters"],
)
def test_huge_things_are_read_or_refused_soon(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="gbk")
    begin = time.process_time()
    survives(path)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "repeated", [["J1,1,3352700,40520700", "J2,1,3352700,40520710"], square()], ids=["spikes", "rings"]
)
def test_rings_without_end_take_no_time_without_end(tmp_path, repeated):
    path = tmp_path / "a.txt"
    path.write_text(exchange(repeated * 8000), encoding="gbk")
    begin = time.process_time()
    survives(path)
    assert time.process_time() - begin < 6


def test_more_points_than_allowed_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text(exchange(), encoding="gbk")
    with pytest.raises(FormatError, match="E_TOO_LARGE, line 16"):
        read_parcels(tmp_path / "a.txt", max_points=4)
    with pytest.raises(FormatError, match="E_TOO_LARGE"):
        read_parcels(tmp_path / "a.txt", max_bytes=100)


def test_a_pointer_of_git_lfs_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(FormatError, match="E_LFS_POINTER"):
        read_parcels(tmp_path / "a.txt")


def test_shapes_are_built_about_their_own_place_and_lose_no_digit(tmp_path):
    # a triangle of half a square millimetre times a thousand: 1 m by 1 mm, 40 thousand km from the origin
    rows = ["J1,1,3352700.000,40520700.000", "J2,1,3352700.000,40520701.000", "J3,1,3352700.001,40520701.000"]
    (tmp_path / "a.txt").write_text(exchange(rows), encoding="gbk")
    parcels = read_parcels(tmp_path / "a.txt").parcels
    assert parcels["area_m2"][0] == pytest.approx(0.0005, rel=1e-5)
    assert np.array_equal(shapely.get_coordinates(parcels.geometry[0])[0], [EAST, NORTH])
