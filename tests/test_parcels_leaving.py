"""Leaving Xian 1980 and Beijing 1954: by common points, by parameters that a check point confirms, by nothing else."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from pyproj.transformer import TransformerGroup

from gridmap.crs import SevenParameters, confirmed_parameters, convert, in_cgcs2000, plane_fit, zone_of
from gridmap.errors import CrsError, FormatError, InputError, TableError
from gridmap.formats.parcels import read_parcels
from tests.parcel_files import EAST, NORTH, exchange

COLUMNS = ["x_old", "y_old", "x_new", "y_new"]
#: Four corners of a county, moved by 100 m east and 50 m south.
MOVED = pd.DataFrame(
    [(EAST + x, NORTH + y, EAST + x + 100, NORTH + y - 50) for x, y in ((0, 0), (9000, 0), (9000, 9000), (0, 9000))],
    columns=COLUMNS,
)
#: The change that the seven numbers below stand for, with turns large enough to tell their sign.
SEVEN = (-20.0, 110.0, 60.0, 2.0, -3.0, 4.0, 6.0)


def by_hand(x, y, numbers, *, sign, epsg=2364):
    """A change of datum worked out by the textbook's matrix: turns small, position vector for sign +1."""
    lon, lat = np.radians(convert(x, y, epsg, 4610))
    a, f = 6378140.0, 1 / 298.257
    e2 = f * (2 - f)
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    place = np.array([n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - e2) * np.sin(lat)])
    rx, ry, rz = sign * np.radians(np.array(numbers[3:6]) / 3600)
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    moved = np.array(numbers[:3]) + (1 + numbers[6] * 1e-6) * turn @ place
    a, f = 6378137.0, 1 / 298.257222101
    e2, across = f * (2 - f), np.hypot(moved[0], moved[1])
    lat = np.arctan2(moved[2], across * (1 - e2))
    for _ in range(6):
        n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(moved[2] + e2 * n * np.sin(lat), across)
    return convert(np.degrees(np.arctan2(moved[1], moved[0])), np.degrees(lat), 4490, 4528)


def known(*, sign=1, shift=0.0):
    x, y = EAST + 5000.0, NORTH + 5000.0
    east, north = by_hand(x, y, SEVEN, sign=sign)
    return pd.DataFrame([(x, y, east + shift, north)], columns=COLUMNS)


@pytest.fixture
def read(tmp_path):
    def reading(datum="1980西安坐标系", **options):
        parameters = options.pop("parameters", "0,0,0,0,0,0,0")
        path = tmp_path / "a.txt"
        path.write_text(exchange(坐标系=datum, 转换参数=parameters), encoding="gbk", newline="")
        return read_parcels(path, **options)

    return reading


# --- common points


def test_common_points_bring_parcels_to_todays_datum(read):
    reading = read(datum_parameters=MOVED)
    assert (reading.epsg, reading.datum, reading.warnings.empty) == (4528, "CGCS2000", True)
    assert reading.parcels.geometry[0].bounds[:2] == pytest.approx((EAST + 100, NORTH - 50), abs=1e-6)
    assert "0.000 m with each left out" in reading.decided.set_index("what").loc["datum left", "why"]


def test_scale_and_rotation_are_those_of_the_points():
    # a quarter of a thousandth larger and 20 seconds anticlockwise about the first point
    turn = 1.00025 * np.exp(1j * np.radians(20 / 3600))
    old = np.array([0, 1000, 1000 + 2000j, -500 + 700j])
    new = 50 - 30j + turn * old
    fit = plane_fit(pd.DataFrame({"x_old": old.real, "y_old": old.imag, "x_new": new.real, "y_new": new.imag}))
    assert (fit.scale, fit.rotation_s) == (pytest.approx(1.00025), pytest.approx(20))
    assert (fit.residual_m, fit.leave_one_out_m) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_each_point_left_out_is_missed_as_by_a_fit_to_the_others():
    noisy = MOVED.assign(x_new=MOVED["x_new"] + [0.1, -0.2, 0.05, 0.3], y_new=MOVED["y_new"] + [0.0, 0.2, -0.1, 0.1])
    fit = plane_fit(noisy)
    others = noisy.drop(index=3)
    # an oracle of its own: the four unknowns by a general least squares
    rows = [[[1, 0, x, -y], [0, 1, y, x]] for x, y in others[["x_old", "y_old"]].to_numpy() - (EAST, NORTH)]
    goal = others[["x_new", "y_new"]].to_numpy().ravel() - np.tile((EAST, NORTH), 3)
    dx, dy, a, b = np.linalg.lstsq(np.vstack(rows), goal, rcond=None)[0]
    x, y = noisy.loc[3, ["x_old", "y_old"]].to_numpy() - [EAST, NORTH]
    miss = np.hypot(
        dx + a * x - b * y + EAST - noisy.loc[3, "x_new"], dy + b * x + a * y + NORTH - noisy.loc[3, "y_new"]
    )
    assert fit.points.loc[3, "leave_one_out_m"] == pytest.approx(miss, abs=1e-6)
    assert fit.leave_one_out_m > fit.residual_m > 0


def test_two_points_fit_exactly_and_say_nothing_of_their_error(read):
    fit = plane_fit(MOVED[:2])
    assert np.isnan(fit.leave_one_out_m)
    assert np.isnan(fit.residual_m)
    assert "unknown error" in read(datum_parameters=MOVED[:2]).decided["why"].iloc[-1]


@pytest.mark.parametrize(
    "points",
    [
        MOVED[:1],
        pd.concat([MOVED[:1]] * 3),
        MOVED.assign(x_new=MOVED["x_new"] * 2),
        MOVED.rename(columns=str.upper),
        MOVED.assign(y_old=np.nan),
    ],
    ids=["one", "the same thrice", "another scale", "columns", "missing"],
)
def test_common_points_that_tell_nothing_are_refused(read, points):
    with pytest.raises((InputError, TableError)):
        plane_fit(points)
    with pytest.raises(FormatError, match="E_"):
        read(datum_parameters=points)


# --- seven parameters


@pytest.mark.parametrize("sign", [1, -1], ids=["position vector", "coordinate frame"])
def test_seven_parameters_move_places_as_worked_out_by_hand(sign):
    change = dict(zip(("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm"), SEVEN, strict=True))
    convention = "position_vector" if sign == 1 else "coordinate_frame"
    x, y = in_cgcs2000(np.array([EAST]), np.array([NORTH]), SevenParameters(**change, convention=convention), 2364)
    assert (x[0], y[0]) == pytest.approx(by_hand(EAST, NORTH, SEVEN, sign=sign), abs=0.005)


@pytest.mark.parametrize(
    ("sign", "turns", "scale"),
    list(itertools.product((1, -1), (1.0, np.pi / 180 / 3600), (1.0, 1e-6))),
    ids=lambda value: f"{value:.3g}",
)
def test_a_check_point_tells_how_the_seven_parameters_of_a_file_are_meant(read, sign, turns, scale):
    written = (*SEVEN[:3], *(turn * turns for turn in SEVEN[3:6]), SEVEN[6] * scale)
    reading = read(parameters=",".join(map(repr, map(float, written))), datum_parameters=known(sign=sign))
    assert (reading.epsg, reading.warnings.empty) == (4528, True)
    assert reading.parcels.geometry[0].bounds[:2] == pytest.approx(by_hand(EAST, NORTH, SEVEN, sign=sign), abs=0.02)
    meant = "position vector" if sign == 1 else "coordinate frame"
    assert meant in reading.decided.set_index("what").loc["datum left", "why"]


def test_parameters_that_miss_the_check_point_are_refused(read):
    with pytest.raises(FormatError, match=r"E_DATUM_PARAMETERS.*miss the check points"):
        read(parameters=",".join(map(str, SEVEN)), datum_parameters=known(shift=2.0))


def test_parameters_that_meet_the_check_point_in_two_ways_are_refused():
    # a turn of half a thousandth of a second moves a place by 15 mm, one way or the other: no check point tells which
    small = (*SEVEN[:3], 0.0005, 0.0, 0.0, 0.0)
    x, y = EAST, NORTH
    point = pd.DataFrame([(x, y, *by_hand(x, y, small, sign=1))], columns=COLUMNS)
    with pytest.raises(InputError, match="two ways"):
        confirmed_parameters(small, point, zone_of(2364))


# --- nothing else


@pytest.mark.parametrize("datum", ["1980西安坐标系", "1954北京坐标系"])
def test_parameters_of_a_file_alone_move_nothing(read, datum):
    reading = read(datum, parameters=",".join(map(str, SEVEN)))
    assert reading.parcels.geometry[0].bounds[:2] == (EAST, NORTH)
    assert reading.warnings["code"].tolist() == ["W_DATUM_NEEDS_PARAMETERS"]
    assert "one point known in both" in reading.warnings["message"][0]


@pytest.mark.parametrize("epsg", [2364, 2385, 2335, 2346, 2416, 2437, 21421, 21461, 4610, 4214])
@pytest.mark.parametrize("target", [4490, 4528, 4326, 3857])
def test_no_old_system_is_left_in_silence_though_proj_would(epsg, target):
    # what PROJ would do without a word: a shift of 0 m, or that of another region
    assert TransformerGroup(epsg, target, always_xy=True).transformers
    with pytest.raises(CrsError, match="parameters"):
        convert(EAST, NORTH, epsg, target)


def test_parameters_for_coordinates_of_today_are_told_as_unused(read):
    reading = read("2000国家大地坐标系", datum_parameters=MOVED)
    assert reading.parcels.geometry[0].bounds[:2] == (EAST, NORTH)
    assert reading.warnings["code"].tolist() == ["W_PARAMETERS_UNUSED"]


@pytest.mark.parametrize("text", ["a,b,c,d,e,f,g", "1,2,3"], ids=["words", "three"])
def test_parameters_that_are_no_seven_numbers_are_told(read, text):
    assert "W_PARAMETERS" in read("2000国家大地坐标系", parameters=text).warnings["code"].tolist()
