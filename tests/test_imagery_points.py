"""Control points are read from every form that mediators hold, and what is wrong with them has a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridmap.errors import FormatError
from gridmap.imagery import judge_control_points, read_control_points

Find = Callable[[str], Path]

GRID = np.array([[x, y] for x in (50.0, 400.0, 750.0) for y in (50.0, 300.0, 550.0)])


def table(pixels: np.ndarray, ground: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(np.hstack([pixels, ground]), columns=["pixel", "line", "x", "y"])


def upright(pixels: np.ndarray) -> np.ndarray:
    """Half a metre a pixel, north up, in zone 40; a decimetre of error that adds up to nothing."""
    noise = np.array([[1, -1], [-1, 0], [0, 1], [1, 1], [-1, -1], [0, 0], [1, 0], [0, -1], [-1, 1]]) * 0.1
    return pixels * [0.5, -0.5] + [520000.0, 3352000.0] + noise[: len(pixels)]


def codes(points: pd.DataFrame, **options: object) -> list[str]:
    return judge_control_points(points, **{"crs": 4549, "size": (800, 600), **options})["code"].tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("gcps-qgis.points", "qgis"),
        ("gcps-arcgis-csv.csv", "arcgis"),
        ("gcps-arcgis-tsv.txt", "arcgis"),
        ("gcps-gdal.txt", "gdal"),
    ],
)
def test_five_points_are_the_same_in_every_form(shared_data: Find, name: str, form: str) -> None:
    found = read_control_points(shared_data(f"control_points/apps_cli_test_input_gcps_{name}"))
    assert found.form == form
    assert found.pixels[0].tolist() == [3899.0, 6412.0]
    assert found.places[4].tolist() == [-18.1014216, 64.3331759]


def test_a_qgis_file_says_its_system(shared_data: Find) -> None:
    path = shared_data("control_points/apps_cli_test_input_gcps_gcps-qgis-projection.points")
    assert read_control_points(path).crs == "EPSG:3035"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("georeferenced-map-destinationpolynomial1rmsetoohigh", "residual_too_high"),
        ("georeferenced-map-log2sigmadistortiontoohigh", "area_distorted"),
        ("georeferenced-map-twoomegadistortiontoohigh", "angle_distorted"),
        ("georeferenced-map-polynomial1sheartoohigh", "sheared"),
        ("georeferenced-map-maskpointoutsidefullmask", "mask_outside_image"),
        ("proto-georeferenced-map-gcpgeorepeatedpoint", "duplicate_ground"),
        ("proto-georeferenced-map-gcpresourcerepeatedpoint", "duplicate_pixel"),
        ("proto-georeferenced-map-gcpincompleteresource", "incomplete"),
        ("proto-georeferenced-map-gcpoutsidemask", "outside_mask"),
        ("proto-georeferenced-map-gcpsamountlessthen3", "too_few"),
        ("proto-georeferenced-map-gcpsmissing", "too_few"),
        ("proto-georeferenced-map-maskmissing", "mask_missing"),
        ("proto-georeferenced-map-maskrepeatedpoint", "mask_repeated_point"),
    ],
)
def test_a_deliberate_fault_of_a_real_map_is_named(shared_data: Find, name: str, code: str) -> None:
    points = read_control_points(shared_data(f"control_points/{name}.json"))
    assert code in judge_control_points(points, method=points.method or "order1")["code"].tolist()


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("control_points/proto-georeferenced-map-no-gcpoutlier.json", None),
        ("history/c969e4bba21381cf-gcps.json", None),
        ("history/c969e4bba21381cf.json", None),
        *(("history/a0d6d3379cfd9f0a.json", item) for item in (1, 2, 3, 4)),
    ],
)
def test_a_sound_set_of_a_real_map_has_no_fault(shared_data: Find, name: str, item: int | None) -> None:
    points = read_control_points(shared_data(name), item=item)
    assert judge_control_points(points, method=points.method or "order1").empty


def test_a_page_of_several_maps_asks_which(shared_data: Find) -> None:
    with pytest.raises(FormatError, match="4 maps"):
        read_control_points(shared_data("history/a0d6d3379cfd9f0a.json"))


def test_points_with_a_decimetre_of_error_have_no_fault() -> None:
    assert codes(table(GRID, upright(GRID))) == []


def test_one_point_eight_metres_off_is_the_outlier() -> None:
    wrong = upright(GRID)
    wrong[7] += [8.0, 0.0]
    found = judge_control_points(table(GRID, wrong), crs=4549)
    assert found[["code", "points"]].to_numpy().tolist() == [["outlier", (7,)]]


def test_two_outliers_do_not_hide_each_other() -> None:
    pixels = np.vstack([GRID, GRID + np.array([100.0, 30.0])])
    wrong = pixels * [0.5, -0.5] + [520000.0, 3352000.0]
    wrong += np.tile([[0.1, -0.1], [-0.1, 0.1], [0.1, 0.1]], (6, 1))
    wrong[[2, 3]] += [30.0, 30.0]
    assert {place for row in judge_control_points(table(pixels, wrong), crs=4549)["points"] for place in row} == {2, 3}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p, g: (p[:2], g[:2]), "too_few"),
        (lambda p, g: (p[[0, 0, 1, 3]], g[[0, 1, 2, 3]]), "duplicate_pixel"),
        (lambda p, g: (p[[0, 1, 2, 3]], g[[0, 0, 2, 3]]), "duplicate_ground"),
        (lambda p, g: (p[[0, 4, 8]], g[[0, 4, 8]]), "collinear"),
        (lambda p, g: (p + np.array([300.0, 0.0]), g), "outside_image"),
        (lambda p, g: (p * [1, -1] + [0, 600], g), "y_sign"),
        (lambda p, g: (np.where(np.arange(9)[:, None] == 4, p * [1, -1], p), g), "y_sign"),
        (lambda p, g: (p, g[:, ::-1]), "axes_swapped"),
        (lambda p, g: (p, np.where(np.arange(18).reshape(9, 2) == 5, np.nan, g)), "incomplete"),
    ],
    ids=["two", "pixel", "ground", "line", "outside", "upwards", "mixed", "axes", "incomplete"],
)
def test_points_that_forbid_a_warp_are_named(change: Callable[..., tuple], code: str) -> None:  # type: ignore[type-arg]
    found = judge_control_points(table(*change(GRID, upright(GRID))), crs=4549, size=(800, 600))
    assert code in found.loc[found["severity"] == "error", "code"].tolist()


def test_a_spline_through_two_exchanged_points_folds() -> None:
    wrong = upright(GRID)
    wrong[[3, 5]] = wrong[[5, 3]]
    assert "folded" in codes(table(GRID, wrong), method="tps")


def test_metres_of_no_known_system_are_told() -> None:
    assert codes(table(GRID, upright(GRID)), crs=None) == ["crs_unknown"]


def test_points_switched_off_in_qgis_are_left_out_and_told(tmp_path: Path) -> None:
    lines = "mapX,mapY,sourceX,sourceY,enable\n1,2,10,-20,1\n3,4,30,-40,0\n"
    (tmp_path / "a.points").write_text(lines)
    found = read_control_points(tmp_path / "a.points")
    assert found.table[["pixel", "line"]].to_numpy().tolist() == [[10.0, 20.0]]
    assert found.decided["what"].tolist() == ["switched_off", "line_sign"]


def test_chinese_headings_are_read_in_gbk(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("点名,像素,行,东,北\n井,1,2,3,4\n".encode("gbk"))
    assert read_control_points(tmp_path / "a.csv").table.to_numpy().tolist() == [["井", 1.0, 2.0, 3.0, 4.0]]


@pytest.mark.parametrize(
    "text", ["pixel,line,x,y\n1,2,3,4\n1,b,3,4\n1,2,3\n", "pixel,line,x,y\n1,2,3,4\n1,inf,3,4\n1,2\n"]
)
def test_lines_that_hold_no_point_are_all_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(FormatError, match="line 3, 4"):
        read_control_points(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\x01\x02", b"{", b"[]", b'{"a": 1}', b"what,is,this\n1,2,3", b'{"body": 3}', b"[" * 100_000]
)
def test_a_file_that_holds_no_points_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(raw)
    with pytest.raises(FormatError):
        read_control_points(tmp_path / "a.csv")
