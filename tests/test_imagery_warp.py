"""The warp is GDAL's, its error is told with each point left out, and the picture lies where the points say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.transform import GCPTransformer
from typer.testing import CliRunner

from gridmap.cli import app
from gridmap.crs import from_wgs84, to_wgs84
from gridmap.errors import FormatError, InputError
from gridmap.imagery import error_at, georeference, leave_one_out, read_pixels, read_scan
from gridmap.imagery.fitting import fit_warp, left_out
from tests.imagery_sheet import METHODS, PIXELS, PLACES, POINTS, Numbers, picture, true_place

Find = Callable[[str], Path]

#: Five points of a map of Delft and where its corner lies, published with the expected transformations.
DELFT_PIXELS = np.array([[853, 8548], [843, 6062], [2726, 2092], [2736, 9037], [2559, 6077]], dtype=float)
DELFT = np.array(
    [
        [4.3582994, 52.0084484],
        [4.3580358, 52.0083351],
        [4.3575017, 52.0082763],
        [4.3582039, 52.0085855],
        [4.357913, 52.0084386],
    ]
)


def gdal(pixels: Numbers, places: Numbers, method: str, at: Numbers) -> Numbers:
    """Where GDAL itself says that pixels lie."""
    gcps = [GroundControlPoint(row=p[1], col=p[0], x=g[0], y=g[1], z=0.0) for p, g in zip(pixels, places, strict=True)]
    return np.array(GCPTransformer(gcps, tps=method == "tps").xy(at[:, 1], at[:, 0], offset="ul")).T


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return picture(tmp_path / "scan.png", ((np.indices((600, 800)).sum(0) // 20) % 2 * 200).astype("uint8")[None])


@pytest.mark.parametrize(("method", "name"), [("order1", "polynomial"), ("tps", "tps")])
def test_published_transformations_are_reproduced(shared_data: Find, method: str, name: str) -> None:
    path = shared_data(f"control_points/apps_cli_test_output_coordinates_coordinates-{name}.txt")
    ground = np.array(from_wgs84(*DELFT.T, 3857)).T
    placed = fit_warp(DELFT_PIXELS, ground, method).place(np.array([[100.0, 100.0], [200.0, 200.0]]))
    assert np.abs(np.array(to_wgs84(*placed.T, 3857)).T - np.loadtxt(path)).max() < 1e-10


@pytest.mark.parametrize(
    ("method", "residual", "left"), [("order2", 3.68, 4.79), ("tps", 0.0, 2.01)], ids=["order2", "spline"]
)
def test_the_figures_of_the_waving_sheet_are_those_measured_before(method: str, residual: float, left: float) -> None:
    found = leave_one_out(POINTS, method=method, crs=4549)
    assert np.sqrt((found["residual_m"] ** 2).mean()) == pytest.approx(residual, abs=0.005)
    assert np.sqrt((found["leave_one_out_m"] ** 2).mean()) == pytest.approx(left, rel=0.015)


def refitted(method: str) -> Numbers:
    """The error of each point by a fit of all the others, in plain least squares or the spline's equations."""
    return np.array(
        [PLACES[i] - _by_hand(np.delete(PIXELS, i, 0), np.delete(PLACES, i, 0), method, PIXELS[i]) for i in range(25)]
    )


def _by_hand(pixels: Numbers, places: Numbers, method: str, at: Numbers) -> Numbers:
    origin = places.mean(axis=0)
    p, q = pixels / 400 - 1, (at / 400 - 1)[None]
    if method != "tps":
        order = int(method[-1])
        powers = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
        rows, row = (np.stack([z[:, 0] ** i * z[:, 1] ** j for i, j in powers], 1) for z in (p, q))
        return (row @ np.linalg.lstsq(rows, places - origin, rcond=None)[0])[0] + origin
    from scipy.interpolate import RBFInterpolator

    return RBFInterpolator(p, places - origin, kernel="thin_plate_spline", degree=1)(q)[0] + origin


@pytest.mark.parametrize("method", METHODS)
def test_the_error_left_out_is_that_of_a_fit_without_the_point(method: str) -> None:
    assert np.abs(left_out(PIXELS, PLACES, method) - refitted(method)).max() < 1e-6


def test_the_error_left_out_is_gdals_own_within_5_percent() -> None:
    # GDAL's transformer of points inverts the spline from the ground to the scan, 2 cm off the one that it draws by
    off = [gdal(np.delete(PIXELS, i, 0), np.delete(PLACES, i, 0), "tps", PIXELS[[i]])[0] - PLACES[i] for i in range(25)]
    ours = left_out(PIXELS, PLACES, "tps")
    assert np.sqrt((ours**2).sum(1).mean()) == pytest.approx(np.sqrt((np.array(off) ** 2).sum(1).mean()), rel=0.05)


def test_the_same_scan_gives_the_same_bytes(scan: Path, tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        georeference(scan, POINTS, method="order2", crs=4549, out=tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_the_method_that_errs_least_left_out_is_taken(scan: Path) -> None:
    assert georeference(scan, POINTS, crs=4549).method == "tps"


@pytest.mark.parametrize(("epsg", "datum"), [(2385, "Xian 1980"), (2437, "Beijing 1954")])
def test_old_datums_are_never_shifted(scan: Path, epsg: int, datum: str) -> None:
    found = georeference(scan, POINTS, method="order1", crs=epsg)
    assert datum.split(maxsplit=1)[0] in rasterio.crs.CRS.from_string(str(found.crs)).to_wkt()
    assert found.points["east"].tolist() == POINTS["x"].tolist()


def test_gcj_points_are_unshifted_and_it_is_told(scan: Path) -> None:
    lon, lat = to_wgs84(*PLACES.T, 4549)
    x, y = from_wgs84(lon, lat, "GCJ-02")
    found = georeference(scan, POINTS.assign(x=x, y=y), method="order1", crs="GCJ-02")
    assert np.abs(found.points[["east", "north"]].to_numpy() - PLACES).max() < 1e-3
    assert "measured_in" in found.decided["what"].tolist()


def test_three_points_give_no_error_to_trust(scan: Path) -> None:
    found = georeference(scan, POINTS.iloc[[0, 4, 20]], method="order1", crs=4549)
    assert np.isnan(found.leave_one_out_m)
    assert np.isnan(error_at(found.points, PLACES)).all()


def test_what_nobody_knows_is_null_in_what_the_picture_tells(scan: Path, tmp_path: Path) -> None:
    georeference(scan, POINTS.iloc[[0, 4, 20]], method="order1", crs=4549, out=tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        tags = file.tags()
    assert "NaN" not in tags["GRIDMAP_POINTS"]
    assert [point["leave_one_out_m"] for point in json.loads(tags["GRIDMAP_POINTS"])] == [None] * 3
    assert tags.get("GRIDMAP_LEAVE_ONE_OUT_M", "") == ""


def test_a_forbidden_warp_leaves_what_was_there(scan: Path, tmp_path: Path) -> None:
    (tmp_path / "map.tif").write_bytes(b"old")
    found = georeference(scan, POINTS.iloc[:2], method="order1", crs=4549, out=tmp_path / "map.tif")
    assert (found.out, (tmp_path / "map.tif").read_bytes()) == (None, b"old")


@pytest.mark.parametrize("raw", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nrubbish", b"II*\x00rubbish"])
def test_what_is_no_picture_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.png").write_bytes(raw)
    with pytest.raises(FormatError):
        read_scan(tmp_path / "a.png")


def test_a_picture_that_is_cut_off_is_refused(scan: Path) -> None:
    scan.write_bytes(scan.read_bytes()[:600])
    with pytest.raises(FormatError):
        read_pixels(scan)


def test_an_unknown_method_is_refused(scan: Path) -> None:
    with pytest.raises(InputError, match="order1, order2, order3, tps"):
        georeference(scan, POINTS, method="affine", crs=4549)


def test_dated_pictures_say_where_they_lie(shared_data: Find) -> None:
    for year in (2015, 2016, 2017):
        found = read_scan(shared_data(f"dated_images/ndvi_{year}.tif"))
        assert (found.size, rasterio.crs.CRS.from_wkt(str(found.crs)).to_epsg()) == ((100, 101), 32633)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["parcels", "georeference", *map(str, arguments)])
    return result.exit_code, result.stdout


def test_the_command_writes_the_picture_and_its_errors(scan: Path, tmp_path: Path) -> None:
    POINTS.to_csv(tmp_path / "gcps.csv", index=False)
    options = ("--points", tmp_path / "gcps.csv", "--crs", 4549, "--method", "order2", "--json")
    status, said = run(scan, *options, "--out", tmp_path / "map.tif")
    told = json.loads(said)
    assert (status, told["method"], told["faults"]) == (0, "order2", [])
    assert told["leave_one_out_m"] == pytest.approx(4.7932, abs=1e-4)
    assert (tmp_path / "map.tif").exists()


def test_the_command_ends_with_1_where_points_are_faulty(scan: Path, tmp_path: Path) -> None:
    POINTS.iloc[:2].to_csv(tmp_path / "gcps.csv", index=False)
    status, said = run(scan, "--points", tmp_path / "gcps.csv", "--crs", 4549, "--json", "--out", tmp_path / "map.tif")
    assert (status, json.loads(said)["faults"][0]["code"]) == (1, "too_few")
    assert not (tmp_path / "map.tif").exists()


def test_the_ground_that_is_drawn_bulges_where_the_paper_does(scan: Path) -> None:
    found = georeference(scan, POINTS, method="tps", crs=4549)
    along = np.linspace(0, 1, 400)
    sides = [np.stack([800 * along, 0 * along + y], 1) for y in (0, 600)]
    sides += [np.stack([0 * along + x, 600 * along], 1) for x in (0, 800)]
    true = true_place(np.vstack(sides))
    # the corners alone lie 5 m within it
    assert np.abs(found.footprint.total_bounds - [*true.min(0), *true.max(0)]).max() < 2.0
    left, top = found.frame.transform.c, found.frame.transform.f  # type: ignore[union-attr]
    assert abs(left - true[:, 0].min()) < 2.5
    assert abs(top - true[:, 1].max()) < 2.5


def test_the_command_takes_the_map_of_a_page_that_is_meant(scan: Path, tmp_path: Path) -> None:
    def listed(count: int) -> dict[str, object]:
        lon, lat = to_wgs84(*PLACES.T, 4549)
        pairs = zip(PIXELS.tolist(), lon, lat, strict=True)
        return {"gcps": [{"resource": pixel, "geo": [x, y]} for pixel, x, y in pairs][:count]}

    (tmp_path / "page.json").write_text(json.dumps({"items": [listed(25), listed(9)]}))
    for item, count in ((1, 25), (2, 9)):
        _, said = run(scan, "--points", tmp_path / "page.json", "--item", item, "--method", "order1", "--json")
        assert len(json.loads(said)["points"]) == count


def test_the_command_counts_in_the_picture_that_is_stated(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 3
    Image.new("L", (800, 600)).save(tmp_path / "phone.jpg", exif=exif)
    POINTS.to_csv(tmp_path / "gcps.csv", index=False)
    for asked in ("shown", "stored"):
        options = ("--points", tmp_path / "gcps.csv", "--crs", 2385, "--method", "order1", "--pixels", asked, "--json")
        told = {row["what"]: row["value"] for row in json.loads(run(tmp_path / "phone.jpg", *options)[1])["decided"]}
        assert (told["pixels"], told["crs"]) == (asked, "EPSG:2385")


def test_how_far_a_polynomial_is_drawn_off_its_place_is_told(scan: Path) -> None:
    # a third of a metre over the drawn picture of order 3, place by place; the spline is drawn where it is
    off = {method: georeference(scan, POINTS, method=method, crs=4549).drawn_off_m for method in ("order3", "tps")}
    assert off["tps"] == 0
    assert 0.2 < off["order3"] < 0.9
