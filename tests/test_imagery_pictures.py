"""Pictures are known by their bytes, refused before they fill the memory, and read in part where a part will do."""

from __future__ import annotations

import os
import resource
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.windows import Window

from gridmap.errors import FormatError, InputError, TooLargeError
from gridmap.imagery import ScanLimits, control_points, georeference, read_pixels, read_scan, warping
from gridmap.imagery.scans import Scan
from gridmap.imagery.seeing import as_seen
from gridmap.imagery.turning import orientation_of
from tests.imagery_sheet import PIXELS, PLACES, POINTS, picture, table


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG of grey by hand: head, pixels, end."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """Four columns of grey, two pixels each, in two rows."""
    return picture(tmp_path / "ramp.tif", np.array([[0, 0, 10, 10, 20, 20, 30, 30]] * 2, dtype=np.uint8)[None])


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of(60_000, 60_000))
    for look in (read_scan, read_pixels):
        with pytest.raises(TooLargeError, match="60000 x 60000 pixels, decodes to 3600000000 bytes"):
            look(tmp_path / "bomb.png")


@pytest.mark.parametrize("size", [(65_501, 1), (1, 65_501)])
def test_a_side_that_no_writer_makes_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "long.png").write_bytes(png_of(*size))
    with pytest.raises(TooLargeError, match="sides of 65500"):
        read_scan(tmp_path / "long.png")


def test_a_picture_of_just_the_limit_is_read(ramp: Path) -> None:
    assert read_pixels(ramp, limits=ScanLimits(bytes_decoded=16)).shape == (1, 2, 8)
    for look in (read_scan, read_pixels):
        with pytest.raises(TooLargeError, match="16 bytes; expected at most 15"):
            look(ramp, limits=ScanLimits(bytes_decoded=15))
    with pytest.raises(TooLargeError, match="expected at most 99"):
        read_scan(ramp, limits=ScanLimits(bytes_on_disk=99))


def test_a_part_of_a_large_picture_is_read_within_the_limit(ramp: Path) -> None:
    few = ScanLimits(bytes_decoded=4)
    assert read_pixels(ramp, limits=few, window=Window(1, 0, 3, 1)).tolist() == [[[0, 10, 10]]]
    assert read_pixels(ramp, limits=few, shape=(1, 4)).tolist() == [[[0, 10, 20, 30]]]
    # the average of 0, 0, 10, 10 and of 20, 20, 30, 30
    assert read_pixels(ramp, limits=few, shape=(1, 2)).tolist() == [[[5, 25]]]
    assert read_pixels(ramp, limits=few, window=Window(2, 0, 4, 2), shape=(1, 1)).tolist() == [[[15]]]
    with pytest.raises(TooLargeError):
        read_pixels(ramp, limits=few, window=Window(0, 0, 3, 2))


def test_colours_of_a_palette_are_never_mixed(tmp_path: Path) -> None:
    image = Image.new("P", (8, 2), 0)
    image.putpalette([0, 0, 0, 9, 9, 9, 200, 100, 50])
    image.paste(2, (4, 0, 8, 2))
    image.save(tmp_path / "scan.png")
    assert read_pixels(tmp_path / "scan.png", shape=(1, 1)).ravel().tolist() in ([0, 0, 0], [200, 100, 50])


@pytest.mark.parametrize(("ending", "kind"), [("jpg", "PNG"), ("tif", "JPEG"), ("png", "TIFF"), ("pdf", "PNG")])
def test_a_picture_is_known_by_its_bytes_whatever_its_ending(tmp_path: Path, ending: str, kind: str) -> None:
    Image.new("L", (8, 6), 90).save(tmp_path / f"scan.{ending}", format=kind)
    found = read_scan(tmp_path / f"scan.{ending}")
    assert (found.format, found.size) == ({"TIFF": "GTiff"}.get(kind, kind), (8, 6))


@pytest.mark.parametrize(("bands", "dtype"), [(5, "uint8"), (1, "complex64"), (1, "int64")])
def test_numbers_that_cannot_be_drawn_are_refused(tmp_path: Path, bands: int, dtype: str) -> None:
    picture(tmp_path / "scan.tif", np.zeros((bands, 4, 4), dtype=dtype))
    with pytest.raises(FormatError, match=f"{bands} bands of {dtype}"):
        read_scan(tmp_path / "scan.tif")


def test_a_jpeg_with_a_hole_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1, 200, 200), dtype=np.uint8)
    scan = picture(tmp_path / "scan.jpg", noise)
    raw = scan.read_bytes()
    scan.write_bytes(raw[:4000] + raw[9000:])
    with pytest.raises(FormatError):
        read_pixels(scan)


def test_a_folder_that_is_not_there_and_other_endings_are_refused_before_any_work(tmp_path: Path) -> None:
    for out, match in (("no/map.tif", "no folder"), ("map.png", "expected .tif")):
        with pytest.raises(InputError, match=match):
            georeference(tmp_path / "no scan.png", POINTS, method="order1", out=tmp_path / out)
    page = picture(tmp_path / "page.png", np.zeros((1, 60, 80), dtype=np.uint8))
    georeference(page, table(PIXELS / 10, PLACES), crs=4549, method="order1", out=tmp_path / "MAP.TIF")
    assert (tmp_path / "MAP.TIF").exists()


def test_the_scan_itself_is_never_written_over(ramp: Path) -> None:
    (ramp.with_name("again.tif")).hardlink_to(ramp)
    before = ramp.read_bytes()
    for out in (ramp, ramp.with_name("again.tif")):
        with pytest.raises(InputError, match="is the scan itself"):
            georeference(ramp, POINTS, method="order1", crs=4549, out=out)
    assert ramp.read_bytes() == before


def placed(path: Path, **options: object) -> Path:
    """A scan that says itself where it lies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path, "w", driver="GTiff", width=800, height=600, count=1, dtype="uint8", **options) as file:
            file.write(np.full((1, 600, 800), 90, dtype=np.uint8))
    return path


def test_a_place_that_the_scan_claims_for_itself_is_not_asked(tmp_path: Path) -> None:
    wrong = placed(tmp_path / "wrong.tif", crs="EPSG:3857", transform=rasterio.Affine(9, 0, 7, 0, -9, 7))
    found = georeference(wrong, POINTS, method="order1", crs=4549)
    assert found.crs == "EPSG:4549"
    assert np.abs(found.footprint.total_bounds - [520000, 3351700, 520400, 3352000]).max() < 15


def test_a_scan_with_a_system_and_no_place_is_a_plain_scan(tmp_path: Path) -> None:
    assert read_scan(placed(tmp_path / "plain.tif", crs="EPSG:4549")).crs is None


def test_what_lies_beside_the_scan_is_not_read(tmp_path: Path) -> None:
    scan = placed(tmp_path / "scan.tif", crs="EPSG:4549")
    (tmp_path / "scan.tfw").write_text("1\n0\n0\n-1\n500000\n3500000\n")
    assert read_scan(scan).crs is None
    aux = "<PAMDataset><GeoTransform>500000,1,0,3500000,0,-1</GeoTransform></PAMDataset>"
    (tmp_path / "scan.tif.aux.xml").write_text(aux)
    assert read_scan(scan).crs is None


def test_control_points_that_a_tiff_carries_are_used_where_no_others_are_given(tmp_path: Path) -> None:
    carried = [GroundControlPoint(row=p[1], col=p[0], x=g[0], y=g[1], z=0) for p, g in zip(PIXELS, PLACES, strict=True)]
    found = georeference(placed(tmp_path / "scan.tif", gcps=carried, crs="EPSG:4549"), method="order2")
    assert (found.crs, len(found.points)) == ("EPSG:4549", 25)
    assert found.residual_m == pytest.approx(3.68, abs=0.005)
    with pytest.raises(InputError, match="carries no control points"):
        georeference(placed(tmp_path / "none.tif"))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "orientation"), [(3, 6), (4, 1)], ids=["as a short", "as a long"])
def test_the_orientation_of_a_tiff_is_read_in_either_order_of_bytes(
    tmp_path: Path, order: str, kind: int, orientation: int
) -> None:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    tags = struct.pack(order + "HHHI4s", 1, 256, 3, 1, b"\0\0\0\0")[2:]
    tags += struct.pack(order + "HHIHH", 274, kind, 1, 6, 0)
    (tmp_path / "a").write_bytes(mark + struct.pack(order + "IH", 8, 2) + tags + bytes(4))
    assert orientation_of(tmp_path / "a", "GTiff", None) == orientation


@pytest.mark.parametrize("raw", [b"", b"II*\0", b"II*\0\x08\0\0", b"II*\0\x08\0\0\0", b"II*\0\x08\0\0\0\x01", b"PK"])
def test_a_directory_that_is_cut_off_says_nothing(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a").write_bytes(raw)
    assert orientation_of(tmp_path / "a", "GTiff", None) == 1


def test_exif_behind_the_pixels_of_a_png_is_not_looked_for(tmp_path: Path) -> None:
    whole = png_of(4, 4, bytes(20))
    exif = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHH", 1, 274, 3, 1, 6, 0)
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    (tmp_path / "behind.png").write_bytes(whole[:-12] + chunk + whole[-12:])
    (tmp_path / "before.png").write_bytes(whole[:33] + chunk + whole[33:])
    assert [read_scan(tmp_path / name).orientation for name in ("behind.png", "before.png")] == [1, 6]


def scan_of(size: tuple[int, int], orientation: int = 1) -> Scan:
    return Scan(path=Path("a"), format="PNG", size=size, orientation=orientation, bands=1, dtype="uint8", crs=None,
                transform=None, gcps=(), gcps_crs=None)  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "fits"),
    [((8000, 6000), True), ((8001, 5999), True), ((1601, 1200), True), ((400, 300), True), ((8000, 6020), False),
     ((600, 800), False), ((0, 0), False), ((-800, -600), False)],
)  # fmt: skip
def test_copies_are_told_by_their_proportions_to_the_pixel(stated: tuple[int, int], fits: int) -> None:
    points = replace(control_points(POINTS), size=stated)
    if not fits:
        with pytest.raises(InputError, match="the same picture"):
            as_seen(scan_of((800, 600)), points)
        return
    seen = as_seen(scan_of((800, 600)), points)
    assert seen.points.pixels == pytest.approx(PIXELS * np.array([800, 600]) / stated)
    assert seen.points.decided["what"].tolist() == ["scaled"]


def test_a_square_page_upside_down_is_not_told_by_its_size() -> None:
    points = replace(control_points(POINTS), size=(800, 600), form="qgis")
    assert as_seen(scan_of((800, 600), 3), points).orientation == 1
    assert as_seen(scan_of((800, 600), 3), replace(points, form="own")).orientation == 3


def test_a_picture_as_it_is_shown_to_all_is_not_talked_about() -> None:
    assert as_seen(scan_of((800, 600)), control_points(POINTS)).points.decided.empty


@pytest.mark.parametrize("room", [1_000, 700_000, 1_500_000])
def test_a_disk_without_room_leaves_no_file(tmp_path: Path, room: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1, 600, 800), dtype=np.uint8)
    scan = picture(tmp_path / "scan.png", noise)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(FormatError, match="make room"):
            georeference(scan, POINTS, method="order1", crs=4549, out=tmp_path / "map.tif")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["scan.png"]


@pytest.mark.parametrize("name", ["upright.tif", "warped.tif", "cloud.tif"])
def test_a_file_that_came_out_short_is_not_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """GDAL mutters of a disk without room and goes on: here a file is cut as soon as the next one is begun."""
    scan = picture(tmp_path / "scan.png", np.random.default_rng(0).integers(0, 255, (1, 600, 800), dtype=np.uint8))
    monkeypatch.setattr(warping, "_refuse_short", cutting(warping._refuse_short, name))
    monkeypatch.setattr(warping, "copy_raster", blackening(warping.copy_raster, name))
    with pytest.raises(FormatError, match="make room"):
        georeference(scan, POINTS, method="order1", crs=4549, out=tmp_path / "map.tif")
    assert [path.name for path in tmp_path.iterdir()] == ["scan.png"]


def cutting(check: Callable[..., None], name: str) -> Callable[..., None]:
    """The check of a file's length, of a file that lost a part before."""

    def cut(path: Path, file: object) -> None:
        if path.name == name:
            os.truncate(path, path.stat().st_size - 300_000)
        check(path, file)

    return cut


def blackening(copy: Callable[..., None], name: str) -> Callable[..., None]:
    """The last copy, of a picture in which a tile came out black."""

    def blacken(source: Path, target: Path, **options: object) -> None:
        copy(source, target, **options)
        if target.name == name:
            with rasterio.open(target, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as file:
                file.write(np.zeros((2, 9, 9), dtype=np.uint8), window=Window(100, 100, 9, 9))

    return blacken
