"""A picture is drawn where the warp has it, pixel by pixel, and the file tells what it is worth and nothing else."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from PIL import Image
from scipy.interpolate import RBFInterpolator

from gridmap.errors import FormatError, InputError
from gridmap.imagery import colours as colours_module
from gridmap.imagery import control_points, georeference, read_control_points, read_scan
from gridmap.imagery.points import ControlPoints
from tests.imagery_sheet import METHODS, PIXELS, PLACES, POINTS, Numbers, coordinates, picture, table

#: Four corners of a scan of 80 x 60 pixels, half a metre each, north up: nothing is bent, a pixel stays a pixel.
CORNERS = np.array([[0.0, 0.0], [80.0, 0.0], [80.0, 60.0], [0.0, 60.0]])


def half_a_metre(pixels: Numbers) -> Numbers:
    return pixels * [0.5, -0.5] + [500000.0, 3500030.0]


PLAIN = table(CORNERS, half_a_metre(CORNERS))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return picture(tmp_path / "scan.png", ((np.indices((600, 800)).sum(0) // 20) % 2 * 200).astype("uint8")[None])


def drawn(scan: Path, points: pd.DataFrame | ControlPoints, **options: object) -> tuple[np.ndarray, Numbers]:
    """Bands of the picture on the ground, and east and north of its pixels' middles, shape (rows, columns, 2)."""
    out = scan.with_name("out.tif")
    found = georeference(scan, points, **{"method": "order1", "crs": 4549, "out": out, **options})  # type: ignore[arg-type]
    assert found.out == out, found.faults
    with rasterio.open(out) as file:
        row, column = np.indices(file.shape) + 0.5
        to = file.transform
        return file.read(), np.stack([to.c + column * to.a, to.f + row * to.e], axis=-1)


def powers(at: Numbers, order: int) -> Numbers:
    return np.stack([at[:, 0] ** i * at[:, 1] ** j for i in range(order + 1) for j in range(order + 1 - i)], axis=1)


def backwards(at: Numbers, order: int) -> Numbers:
    """The pixel and line of places by plain least squares from the ground to the scan, as GDAL draws polynomials."""
    origin, reach = PLACES.mean(axis=0), 200
    rule = np.linalg.lstsq(powers((PLACES - origin) / reach, order), PIXELS, rcond=None)[0]
    return powers((at - origin) / reach, order) @ rule


@pytest.mark.parametrize("method", METHODS)
def test_every_pixel_is_drawn_where_an_independent_warp_has_it(tmp_path: Path, method: str) -> None:
    # the upper left quarter of the sheet; its points beyond are as good
    quarter = replace(control_points(POINTS), mask=np.array([[0.0, 0.0], [400.0, 0.0], [400.0, 300.0], [0.0, 300.0]]))
    bands, places = drawn(coordinates(tmp_path / "scan.tif"), quarter, method=method)
    inner = (bands[2] > 0.999) & (bands[:2] > 2).all(axis=0) & (bands[0] < 398) & (bands[1] < 298)
    pixels = bands[:2, inner].T.astype(float)
    if method == "tps":
        # half a metre a pixel: the spline takes what is drawn to where it is drawn
        spline = RBFInterpolator(PIXELS / 400, PLACES - PLACES[12], kernel="thin_plate_spline", degree=1)
        off = (spline(pixels[::7] / 400) + PLACES[12] - places[inner][::7]) / 0.5
    else:
        off = backwards(places[inner], int(method[-1])) - pixels
    assert inner.sum() > 110_000
    assert np.abs(off).max() < (0.06 if method == "tps" else 1e-3)


def test_where_points_are_dense_the_spline_is_drawn_as_well(tmp_path: Path) -> None:
    # wrinkles of 1 pixel between points 30 pixels apart, which no paper has
    rng = np.random.default_rng(3)
    pixels = rng.uniform([0, 0], [300, 200], (60, 2))
    places = half_a_metre(pixels) + rng.normal(0, 0.4, (60, 2))
    bands, at = drawn(coordinates(tmp_path / "scan.tif", (300, 200)), table(pixels, places), method="tps")
    inner = (bands[2] > 0.999) & (bands[0] > 2) & (bands[0] < 298) & (bands[1] > 2) & (bands[1] < 198)
    spline = RBFInterpolator(pixels, places - places[0], kernel="thin_plate_spline", degree=1)
    assert np.abs(spline(bands[:2, inner].T.astype(float)) + places[0] - at[inner]).max() / 0.5 < 0.35


def test_the_spline_is_truly_used(scan: Path) -> None:
    bent, places = drawn(scan, POINTS, method="tps")
    even, others = drawn(scan, POINTS, method="order1")
    row, column = np.rint((places[100, 100] - others[0, 0]) / [0.5, -0.5])[::-1].astype(int)
    seen = even[0, row : row + 400, column : column + 600] > 100
    assert ((bent[0, 100:500, 100:700] > 100) != seen).mean() > 0.05


#: A page with a mark in its upper left corner, as EXIF stores it by each orientation: where first row and column go.
TURNS = {1: "", 2: "h", 3: "hv", 4: "v", 5: "t", 6: "tv", 7: "thv", 8: "th"}


def stored(page: np.ndarray, orientation: int) -> np.ndarray:
    """What a camera stores of a page that it shows by this orientation; Pillow's own turning is the judge."""
    kinds = Image.Transpose
    back = {
        2: kinds.FLIP_LEFT_RIGHT,
        3: kinds.ROTATE_180,
        4: kinds.FLIP_TOP_BOTTOM,
        5: kinds.TRANSPOSE,
        6: kinds.ROTATE_90,
        7: kinds.TRANSVERSE,
        8: kinds.ROTATE_270,
    }
    image = Image.fromarray(page)
    return np.asarray(image if orientation == 1 else image.transpose(back[orientation]))


@pytest.fixture
def page() -> np.ndarray:
    """A page of 80 x 60 pixels, dark at its upper left, with its head in half tone."""
    page = np.full((60, 80), 255, dtype=np.uint8)
    page[:30] = 128
    page[:20, :40] = 0
    return page


def photographed(path: Path, page: np.ndarray, orientation: int) -> Path:
    exif = Image.Exif()
    exif[274] = orientation
    options = {"quality": 100} if path.suffix == ".jpg" else {}
    Image.fromarray(stored(page, orientation)).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_lies_as_it_was_seen(tmp_path: Path, page: np.ndarray, orientation: int, ending: str) -> None:
    bands, _ = drawn(photographed(tmp_path / f"scan.{ending}", page, orientation), PLAIN)
    assert bands.shape == (2, 60, 80)
    assert np.abs(bands[0].astype(int) - page)[2:-2, 2:-2].max() <= 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.points", "mapX,mapY,sourceX,sourceY,enable\n{0},{3},0,0,1\n{1},{3},80,0,1\n{1},{2},80,-60,1\n"),
        ("a.txt", "0\t0\t{0}\t{3}\n80\t0\t{1}\t{3}\n80\t-60\t{1}\t{2}\n"),
        ("a.txt", "-gcp 0 0 {0} {3}\n-gcp 80 0 {1} {3}\n-gcp 80 60 {1} {2}\n"),
        ("a.csv", "pixel,line,x,y\n0,0,{0},{3}\n80,0,{1},{3}\n80,60,{1},{2}\n"),
    ],
    ids=["qgis", "arcgis", "gdal", "own"],
)
def test_pixel_0_line_0_is_the_upper_left_corner_of_the_picture(
    tmp_path: Path, page: np.ndarray, name: str, text: str
) -> None:
    Image.fromarray(page).save(tmp_path / "scan.png")
    (tmp_path / name).write_text(text.format(500000, 500040, 3500000, 3500030))
    bands, places = drawn(tmp_path / "scan.png", read_control_points(tmp_path / name))
    # 80 x 60 pixels of half a metre fill 40 m x 30 m, and the middle of the first is a quarter of a metre inside
    assert (bands[0] == page).all()
    assert places[0, 0].tolist() == [500000.25, 3500029.75]


@pytest.mark.parametrize("form", ["qgis", "arcgis", "gdal"])
def test_programs_that_do_not_turn_count_in_the_picture_as_it_is_stored(
    tmp_path: Path, page: np.ndarray, form: str
) -> None:
    lying = table(CORNERS[:, ::-1], half_a_metre(CORNERS[:, ::-1]))
    bands, _ = drawn(photographed(tmp_path / "scan.png", page, 6), replace(control_points(lying), form=form))
    assert (bands[0] == stored(page, 6)).all()


@pytest.mark.parametrize(
    ("size", "counted", "told"),
    [
        ((80, 60), None, "shown"),
        ((60, 80), None, "stored"),
        (None, None, "shown"),
        ((80, 60), "stored", "stored"),
        (None, "shown", "shown"),
    ],
)
def test_what_is_turned_and_why_is_told(
    tmp_path: Path, page: np.ndarray, size: tuple[int, int] | None, counted: str | None, told: str
) -> None:
    scan = photographed(tmp_path / "scan.png", page, 8)
    points = replace(control_points(PLAIN), size=None if counted else size, counted=counted)
    found = georeference(scan, points, method="order1", crs=4549).decided.set_index("what")
    assert found.loc["pixels", "value"] == told
    assert "orientation 8" in found.loc["pixels", "why"]


def test_points_counted_in_neither_are_refused(tmp_path: Path, page: np.ndarray) -> None:
    scan = photographed(tmp_path / "scan.png", page, 8)
    with pytest.raises(InputError, match="shown or stored"):
        georeference(scan, replace(control_points(PLAIN), counted="turned"))


@pytest.mark.parametrize("exif", [b"MM\x00*", b"XX\x00*\x00\x00\x00\x08", b"II*\x00\xff\xff\xff\xff", b""])
def test_a_broken_exif_turns_nothing(tmp_path: Path, page: np.ndarray, exif: bytes) -> None:
    Image.fromarray(page).save(tmp_path / "scan.png", exif=b"Exif\x00\x00" + exif)
    assert read_scan(tmp_path / "scan.png").orientation == 1


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_there_is_not_turns_nothing(tmp_path: Path, page: np.ndarray, value: int) -> None:
    for name in ("scan.jpg", "scan.tif"):
        exif = Image.Exif()
        exif[274] = value
        Image.fromarray(page).save(tmp_path / name, exif=exif)
        assert read_scan(tmp_path / name).orientation == 1


def test_points_of_a_larger_copy_are_brought_to_the_scan_at_hand(tmp_path: Path, page: np.ndarray) -> None:
    Image.fromarray(page).save(tmp_path / "scan.png")
    large = control_points(table(CORNERS * 4, half_a_metre(CORNERS)))
    outline = np.array([[0.0, 0.0], [160.0, 0.0], [160.0, 240.0], [0.0, 240.0]])
    bands, _ = drawn(tmp_path / "scan.png", replace(large, size=(320, 240), mask=outline))
    # the left half, 40 of 80 columns, is map
    assert bands.shape == (2, 60, 40)
    assert (bands[0] == page[:, :40]).all()


def test_points_of_a_picture_of_other_shape_are_refused(tmp_path: Path, page: np.ndarray) -> None:
    Image.fromarray(page).save(tmp_path / "scan.png")
    with pytest.raises(InputError, match="320 x 200 pixels, a scan of 80 x 60"):
        georeference(tmp_path / "scan.png", replace(control_points(PLAIN), size=(320, 200)))


def colours(**modes: object) -> dict[str, Image.Image]:
    """The same red page with a green corner, in each way in which a scanner stores it."""
    red = Image.new("RGB", (80, 60), (220, 30, 40))
    red.paste((20, 200, 60), (0, 0, 40, 30))
    return {"rgb": red, "palette": red.quantize(16), "cmyk": red.convert("CMYK"), "rgba": red.convert("RGBA"), **modes}  # type: ignore[dict-item]


#: The forms that each kind of file can hold.
MODES = {"png": ("rgb", "palette", "rgba"), "tif": ("rgb", "palette", "cmyk", "rgba"), "jpg": ("rgb", "cmyk")}


@pytest.mark.parametrize(("ending", "mode"), [(ending, mode) for ending, modes in MODES.items() for mode in modes])
def test_colours_stay_colours_however_they_are_stored(tmp_path: Path, ending: str, mode: str) -> None:
    colours()[mode].save(tmp_path / f"scan.{ending}")
    bands, _ = drawn(tmp_path / f"scan.{ending}", PLAIN)
    assert bands.shape == (4, 60, 80)
    assert np.abs(bands[:3, 10, 10].astype(int) - [20, 200, 60]).max() < 12
    assert np.abs(bands[:3, 50, 70].astype(int) - [220, 30, 40]).max() < 12
    assert (bands[3] == 255).all()


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_single_bits_are_black_and_white(tmp_path: Path, page: np.ndarray, ending: str) -> None:
    Image.fromarray(page).convert("1", dither=Image.Dither.NONE).save(tmp_path / f"scan.{ending}")
    bands, _ = drawn(tmp_path / f"scan.{ending}", PLAIN)
    assert bands[:, 10, 10].tolist()[0] == 0
    assert bands[:, 50, 70].tolist()[0] == 255


@pytest.mark.parametrize(
    ("dtype", "most"),
    [("uint8", 255), ("int8", 127), ("uint16", 65_535), ("int16", 32_767), ("int32", 65_535), ("float64", 1)],
)
def test_each_type_keeps_its_depth_and_says_where_the_picture_is(tmp_path: Path, dtype: str, most: int) -> None:
    value = 0.75 if dtype == "float64" else most // 3
    bands, _ = drawn(picture(tmp_path / "scan.tif", np.full((1, 60, 80), value, dtype=dtype)), PLAIN)
    assert (bands.dtype, bands[:, 30, 40].tolist()) == (np.dtype(dtype), [value, most])


def half_transparent(path: Path, kind: str) -> Path:
    """A page whose right half is no picture: transparent, of the number that means nothing, or no number."""
    left = np.arange(80) < 40
    if kind == "alpha":
        return picture(path, np.where(left, [[[90]], [[255]]], 0).repeat(60, axis=1).astype("uint8"))
    if kind == "nodata":
        return picture(path, np.where(left, 90, 7).astype("uint8")[None, None].repeat(60, axis=1), nodata=7)
    return picture(path, np.where(left, 90, np.nan).astype("float32")[None, None].repeat(60, axis=1))


@pytest.mark.parametrize(("kind", "ending"), [("alpha", "png"), ("nodata", "tif"), ("not a number", "tif")])
def test_what_is_no_picture_stays_transparent_and_bleeds_into_nothing(tmp_path: Path, kind: str, ending: str) -> None:
    # a quarter of a pixel to the east, so that each pixel is mixed of two
    places = half_a_metre(CORNERS) + np.array([0.125, 0.0])
    bands, at = drawn(half_transparent(tmp_path / f"scan.{ending}", kind), table(CORNERS, places))
    assert bands.shape[0] == 2
    middle = 500000 + 20.125
    assert (bands[1][at[..., 0] > middle + 0.5] == 0).all()
    assert (bands[1][:, 1:][at[:, 1:, 0] < middle - 0.5] > 0).all()
    assert set(bands[0][bands[1] > 0].tolist()) == {90}


def test_a_palette_with_a_transparent_colour_is_transparent_there(tmp_path: Path) -> None:
    image = Image.new("P", (80, 60), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.paste(0, (0, 0, 40, 60))
    image.save(tmp_path / "scan.png", transparency=bytes([0, 255]))
    bands, _ = drawn(tmp_path / "scan.png", PLAIN)
    assert (bands[3, 30, 10], bands[:, 30, 60].tolist()) == (0, [200, 0, 0, 255])


def test_outside_the_outline_of_the_map_nothing_is_drawn(tmp_path: Path, page: np.ndarray) -> None:
    Image.fromarray(page).save(tmp_path / "scan.png")
    outline = np.array([[0.0, 0.0], [80.0, 0.0], [0.0, 60.0]])
    bands, _ = drawn(tmp_path / "scan.png", replace(control_points(PLAIN), mask=outline))
    assert (bands[1, 5, 5], bands[1, 55, 75]) == (255, 0)
    # half of it, to within the pixels on the slanting edge
    assert (bands[1] > 127).sum() == pytest.approx(80 * 60 / 2, abs=80)


def directories(raw: bytes) -> list[tuple[int, dict[int, tuple[int, int]]]]:
    """Where each directory of a little-endian TIFF stands, and its tags with count and value, read byte by byte."""
    found, at = [], struct.unpack("<I", raw[4:8])[0]
    while at:
        count = struct.unpack("<H", raw[at : at + 2])[0]
        entries = (struct.unpack("<HHII", raw[at + 2 + 12 * k : at + 14 + 12 * k]) for k in range(count))
        found.append((at, {tag: (number, value) for tag, _, number, value in entries}))
        at = struct.unpack("<I", raw[at + 2 + 12 * count : at + 6 + 12 * count])[0]
    return found


def first_tile(raw: bytes, tags: dict[int, tuple[int, int]]) -> int:
    """Where the first tile of a directory that holds any lies."""
    count, value = tags[324]
    return value if count == 1 else min(o for o in struct.unpack(f"<{count}I", raw[value : value + 4 * count]) if o)


def test_the_file_is_cloud_optimised(tmp_path: Path) -> None:
    points = table(CORNERS * 20, half_a_metre(CORNERS * 20))
    noise = np.random.default_rng(0).integers(0, 255, (1, 1200, 1600), dtype=np.uint8)
    drawn(picture(tmp_path / "scan.tif", noise), points)
    raw = (tmp_path / "out.tif").read_bytes()
    found = directories(raw)
    widths = [tags[256][1] for _, tags in found]
    # in tiles, each overview half as wide as the one before, until all fits one tile
    assert widths == [1600, 800, 400]
    assert all(tags[322][1] == tags[323][1] == 512 for _, tags in found)
    # all directories before all pixels, the pixels of the coarsest first
    tiles = [first_tile(raw, tags) for _, tags in found]
    assert max(at for at, _ in found) < min(tiles)
    assert tiles == sorted(tiles, reverse=True)
    # deflate with differences; the last band is alpha that is not multiplied in
    assert {(tags[259][1], tags[317][1], tags[338][1]) for _, tags in found} == {(8, 2, 2)}


def test_the_picture_tells_how_it_was_made_and_what_it_is_worth(scan: Path) -> None:
    drawn(scan, POINTS, method="tps")
    found = georeference(scan, POINTS, method="tps", crs=4549)
    with rasterio.open(scan.with_name("out.tif")) as file:
        tags, code = file.tags(), file.crs.to_epsg()
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert (code, tags["GRIDMAP_METHOD"], tags["GRIDMAP_GDAL"]) == (4549, "tps", rasterio.__gdal_version__)
    assert float(tags["GRIDMAP_LEAVE_ONE_OUT_M"]) == pytest.approx(found.leave_one_out_m, abs=1e-6)
    told = pd.DataFrame(json.loads(tags["GRIDMAP_POINTS"]))
    assert told[["pixel", "line", "x", "y"]].to_numpy() == pytest.approx(POINTS.to_numpy(), abs=1e-8)
    assert told[["east", "north"]].to_numpy() == pytest.approx(PLACES, abs=1e-8)


def test_the_other_side_can_make_the_same_file_of_what_it_tells(scan: Path, tmp_path: Path) -> None:
    drawn(scan, POINTS, method="order2")
    with rasterio.open(tmp_path / "out.tif") as file:
        tags = file.tags()
    points = pd.DataFrame(json.loads(tags["GRIDMAP_POINTS"]))
    assert tags["GRIDMAP_SOURCE_SHA256"] == hashlib.sha256(scan.read_bytes()).hexdigest()
    georeference(scan, points, method=tags["GRIDMAP_METHOD"], crs=4549, out=tmp_path / "again.tif")
    assert (tmp_path / "again.tif").read_bytes() == (tmp_path / "out.tif").read_bytes()


def test_where_and_by_whom_a_photograph_was_taken_is_not_carried_over(tmp_path: Path, page: np.ndarray) -> None:
    exif = Image.Exif()
    exif[315] = "Zhang San"
    exif[272] = "Phone of Zhang"
    exif.get_ifd(0x8825)[2] = (30.0, 17.0, 36.96)
    for ending in ("jpg", "png", "tif"):
        Image.fromarray(page).save(tmp_path / f"scan.{ending}", exif=exif)
        drawn(tmp_path / f"scan.{ending}", PLAIN)
        with rasterio.open(tmp_path / "out.tif") as file:
            assert {key.split("_")[0] for key in file.tags()} == {"GRIDMAP", "AREA"}
        assert b"Zhang" not in (tmp_path / "out.tif").read_bytes()


def test_nothing_lies_beside_the_picture(scan: Path, tmp_path: Path) -> None:
    drawn(scan, POINTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tif", "scan.png"]


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("ending", "spoil"),
    [
        ("png", lambda raw: raw[:-40]),
        ("png", lambda raw: raw[:300] + bytes(60) + raw[360:]),
        ("jpg", lambda raw: raw[: len(raw) // 2]),
        ("tif", lambda raw: raw[: len(raw) // 2]),
    ],
    ids=["png without its end", "png with a hole", "half a jpg", "half a tif"],
)
def test_a_damaged_scan_leaves_no_file_and_what_was_there(tmp_path: Path, ending: str, spoil: Spoil) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1, 60, 80), dtype=np.uint8)
    scan = picture(tmp_path / f"scan.{ending}", noise)
    scan.write_bytes(spoil(scan.read_bytes()))
    (tmp_path / "out.tif").write_bytes(b"old")
    with pytest.raises(FormatError):
        georeference(scan, PLAIN, method="order1", crs=4549, out=tmp_path / "out.tif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tif", scan.name]
    assert (tmp_path / "out.tif").read_bytes() == b"old"


@pytest.mark.parametrize("orientation", [3, 5, 6, 7, 8])
def test_a_photograph_read_a_few_rows_at_a_time_is_the_same(
    tmp_path: Path, page: np.ndarray, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours_module, "_AT_ONCE", 700)
    bands, _ = drawn(photographed(tmp_path / "scan.png", page, orientation), PLAIN)
    assert (bands[0] == page).all()
