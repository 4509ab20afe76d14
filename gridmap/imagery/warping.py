"""A scan drawn on the ground by GDAL, piece by piece, and kept as a cloud-optimised GeoTIFF, whole or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from gridmap.drafts import draft, refuse_missing_folder
from gridmap.errors import FormatError, InputError
from gridmap.imagery.colours import colours_of, greatest, rows_of
from gridmap.imagery.framing import Frame
from gridmap.imagery.points import Numbers
from gridmap.imagery.scans import GDAL_TYPES, Scan, opened
from gridmap.imagery.turning import shown_at, shown_size, turned

#: Side of the tiles of a file, pixels.
_TILE = 512

#: Memory that GDAL may keep pixels in, bytes; left to itself it takes a twentieth of the machine's.
_CACHE = 128_000_000

#: A cloud-optimised file is the same for the same pixels: one thread, stated tile and overviews.
_COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "YES",
    "blocksize": _TILE,
    "num_threads": "1",
    "bigtiff": "IF_SAFER",
    "overview_resampling": "AVERAGE",
}

#: Columns and rows that are warped at once. GDAL draws a straight line through the ends of each row of a piece and
#: looks no further where its middle is right: over whole rows a wave of the paper slips through, 12 pixels in the
#: worst case measured.
_PIECE = (64, 512)

#: How far that line may be off the spline, in pixels of the scan; each place by itself takes four times as long.
#: Polynomials are asked at each place.
_APPROXIMATE = 0.05

_COLOURS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """How a scan is drawn on the ground."""

    #: order1, order2, order3 or tps
    method: str
    #: pixel and line as shown, east and north of each control point, shape (n, 4)
    points: Numbers
    #: the pixels to fill
    frame: Frame
    #: name of the system; None for metres of no known one
    crs: str | None
    #: outline of the part that is drawn, pixel and line as shown; None for all of it
    mask: Numbers | None = None
    #: how the scan is turned before pixels and lines are counted; see `gridmap.imagery.turning`
    orientation: int = 1


def draw(scan: Scan, drawing: Drawing, tags: Mapping[str, str], path: Path) -> None:
    """Write a scan on the ground as a cloud-optimised GeoTIFF; while it is written, what was there before stays.

    Bands of grey or of red, green and blue, then one of alpha. Nothing that the scan tells of itself is carried over:
    a phone writes where and by whom a picture was taken. Memory is that of a few rows, whatever the size.

    Parameters
    ----------
    scan
        The scan.
    drawing
        How to draw it.
    tags
        What the file tells about itself.
    path
        The file.

    Raises
    ------
    InputError
        If its folder is not there, the ending is not .tif or .tiff, or the file cannot be written.
    FormatError
        If the scan is damaged, or the picture cannot be written: no room on the disk.
    """
    refuse_unwritable_tiff(path, scan.path)
    with draft(path) as fresh, rasterio.Env(GDAL_CACHEMAX=_CACHE):
        folder = fresh.parent / "making"
        folder.mkdir()
        try:
            bands, dtype = _upright(scan, drawing, folder / "upright.tif")
            _warp(drawing, bands, dtype, tags, folder)
            copy_raster(folder / "warped.tif", folder / "cloud.tif", **_COG)
            same = _equal(folder / "warped.tif", folder / "cloud.tif")
        except (RasterioError, CPLE_BaseError) as error:
            given = f"{path.name} cannot be written: {error.__cause__ or error}"
            raise FormatError(given, do="make room on the disk", code="not_written") from None
        if not same:
            raise _no_room(path)
        (folder / "cloud.tif").replace(fresh)


def _no_room(path: Path) -> FormatError:
    """What is said where a file does not hold what was written into it: GDAL itself only mutters."""
    return FormatError(f"{path.name} cannot be written whole", do="make room on the disk", code="not_written")


def _refuse_short(path: Path, file: Any) -> None:
    """Refuse a file of tiles without compression that is shorter than its pixels."""
    tiles = math.ceil(file.width / _TILE) * math.ceil(file.height / _TILE)
    if path.stat().st_size < tiles * _TILE**2 * file.count * np.dtype(file.dtypes[0]).itemsize:
        raise _no_room(path)


def _equal(one: Path, other: Path) -> bool:
    """Tell whether two pictures hold the same pixels."""
    with rasterio.open(one) as first, rasterio.open(other) as second:
        return all(
            (first.read(window=window) == second.read(window=window)).all() for _, window in first.block_windows(1)
        )


def refuse_unwritable_tiff(path: Path, scan: Path) -> None:
    """Refuse a file that `draw` could not write, or that is the scan, before the work is done; raises InputError."""
    if path.suffix.lower() not in {".tif", ".tiff"}:
        raise InputError(f"the ending {path.suffix!r} of {path.name}", expected=".tif", code="unknown_ending")
    refuse_missing_folder(path)
    if path.exists() and scan.exists() and path.samefile(scan):
        raise InputError(f"{path.name} is the scan itself", expected="another file to write", code="same_file")


def _upright(scan: Scan, drawing: Drawing, path: Path) -> tuple[int, str]:
    """Write the scan as it is shown, with a band of alpha, in tiles that can be read in any order: bands and type."""
    with opened(scan.path) as (source, _):
        colours, dtype = colours_of(source)
        size = shown_size(scan.size, drawing.orientation)
        with rasterio.open(path, "w", **_profile(size, colours + 1, dtype)) as file:
            for first, rows in rows_of(source, scan):
                piece = turned(rows, drawing.orientation)
                row, column = shown_at(first, rows.shape[1], scan.size[1], drawing.orientation)
                window = Window(column, row, piece.shape[2], piece.shape[1])
                file.write(_within(piece, drawing.mask, window), window=window)
        _refuse_short(path, file)
    return colours + 1, dtype


def _within(piece: np.ndarray[Any, Any], mask: Numbers | None, window: Window) -> np.ndarray[Any, Any]:
    """Rows of a scan, transparent outside the outline of the map."""
    if mask is None:
        return piece
    ring = [(float(x) - window.col_off, float(y) - window.row_off) for x, y in mask]
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    inside = rasterize([(shape, 1)], out_shape=piece.shape[1:], dtype="uint8").astype(bool)
    return np.concatenate([piece[:-1], np.where(inside, piece[-1:], 0)])


def _warp(drawing: Drawing, bands: int, dtype: str, tags: Mapping[str, str], folder: Path) -> None:
    """Write the warped picture, with what it tells about itself."""
    frame = drawing.frame
    (folder / "recipe.vrt").write_text(_recipe(drawing, bands, dtype), encoding="utf-8")
    with (
        rasterio.open(folder / "recipe.vrt") as recipe,
        rasterio.open(
            folder / "warped.tif",
            "w",
            crs=drawing.crs,
            transform=frame.transform,
            **_profile(frame.size, bands, dtype),
        ) as file,
    ):
        for window in _pieces(frame.size):
            file.write(recipe.read(window=window), window=window)
        file.update_tags(**tags)
    _refuse_short(folder / "warped.tif", file)


def _pieces(size: tuple[int, int]) -> Iterator[Window]:
    """Windows that fill a picture, those of one row of tiles after another."""
    for row in range(0, size[1], _PIECE[1]):
        for column in range(0, size[0], _PIECE[0]):
            yield Window(column, row, min(_PIECE[0], size[0] - column), min(_PIECE[1], size[1] - row))


def _profile(size: tuple[int, int], bands: int, dtype: str) -> dict[str, Any]:
    """A picture in tiles, its last band alpha."""
    return {
        "driver": "GTiff",
        "width": size[0],
        "height": size[1],
        "count": bands,
        "dtype": dtype,
        "photometric": "RGB" if bands > _COLOURS else "MINISBLACK",
        "alpha": "YES",
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "interleave": "pixel",
        "bigtiff": "IF_SAFER",
    }


def _recipe(drawing: Drawing, bands: int, dtype: str) -> str:
    """The warp as GDAL writes one down (VRT): the one form in which it can be told to ask the warp at each place.

    Through rasterio it approximates (rows at once, see `_PIECE`), whatever is asked.
    """
    size, to = drawing.frame.size, drawing.frame.transform
    numbers = range(1, bands + 1)
    made = "".join(
        f'<VRTRasterBand dataType="{GDAL_TYPES[dtype]}" band="{band}" subClass="VRTWarpedRasterBand"/>'
        for band in numbers
    )
    listed = "".join(f'<BandMapping src="{band}" dst="{band}"/>' for band in numbers if band < bands)
    most = greatest(np.dtype(dtype))
    return (
        f'<VRTDataset rasterXSize="{size[0]}" rasterYSize="{size[1]}" subClass="VRTWarpedDataset">'
        f"<GeoTransform>{_six(to)}</GeoTransform>{made}"
        f"<BlockXSize>{_PIECE[0]}</BlockXSize><BlockYSize>{_PIECE[1]}</BlockYSize>"
        f"<GDALWarpOptions><ResampleAlg>Bilinear</ResampleAlg><WorkingDataType>{GDAL_TYPES[dtype]}</WorkingDataType>"
        f'<Option name="INIT_DEST">0</Option><Option name="NUM_THREADS">1</Option>'
        # as fine as the scan: else GDAL guesses a scale for each piece, and blurs those that it takes for coarser
        f'<Option name="XSCALE">1</Option><Option name="YSCALE">1</Option>'
        f'<Option name="SRC_ALPHA_MAX">{most}</Option><Option name="DST_ALPHA_MAX">{most}</Option>'
        f'<SourceDataset relativeToVRT="1">upright.tif</SourceDataset>'
        f"<Transformer>{_transformer(drawing.method, drawing.points, to)}</Transformer>"
        f"<BandList>{listed}</BandList><SrcAlphaBand>{bands}</SrcAlphaBand><DstAlphaBand>{bands}</DstAlphaBand>"
        f"</GDALWarpOptions></VRTDataset>"
    )


def _transformer(method: str, points: Numbers, to: Any) -> str:
    """From pixels of the picture to those of the scan."""
    listed = "".join(
        f'<GCP Id="{number}" Pixel="{pixel!r}" Line="{line!r}" X="{x!r}" Y="{y!r}"/>'
        for number, (pixel, line, x, y) in enumerate(points.tolist())
    )
    gcps = f"<Reversed>0</Reversed><GCPList>{listed}</GCPList>"
    if method == "tps":
        warp = f"<SrcTPSTransformer><TPSTransformer>{gcps}</TPSTransformer></SrcTPSTransformer>"
    else:
        order = f"<Order>{method[-1]}</Order>"
        warp = f"<SrcGCPTransformer><GCPTransformer>{order}{gcps}</GCPTransformer></SrcGCPTransformer>"
    placed = f"<DstGeoTransform>{_six(to)}</DstGeoTransform><DstInvGeoTransform>{_six(~to)}</DstInvGeoTransform>"
    each = f"<GenImgProjTransformer>{warp}{placed}</GenImgProjTransformer>"
    if method != "tps":
        return each
    most = f"<MaxError>{_APPROXIMATE}</MaxError>"
    return f"<ApproxTransformer>{most}<BaseTransformer>{each}</BaseTransformer></ApproxTransformer>"


def _six(to: Any) -> str:
    """An affine transform as GDAL writes it."""
    return ",".join(repr(float(number)) for number in to.to_gdal())
