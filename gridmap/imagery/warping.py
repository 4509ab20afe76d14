"""A scan warped onto the ground by GDAL, and kept as a cloud-optimised GeoTIFF, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster
from rasterio.warp import Resampling, reproject

from gridmap.errors import FormatError, InputError, TooLargeError
from gridmap.imagery.fitting import Warp, fit_warp
from gridmap.imagery.points import Numbers

#: How far a warped picture may grow over the scan, in pixels: a turn by 45 degrees doubles it.
_GROWTH = 4.0

#: Places along each side at which the edge of a picture is taken to the ground.
_EDGE = 65

#: A cloud-optimised file is the same for the same pixels: one thread, stated tile and overviews.
_COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "YES",
    "blocksize": 512,
    "num_threads": "1",
    "bigtiff": "IF_SAFER",
    "overview_resampling": "AVERAGE",
}


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The pixels of a warped picture on the ground."""

    #: from column and row to metres
    transform: Affine
    #: columns and rows
    size: tuple[int, int]
    #: side of a pixel, metres
    pixel_m: float


def outline(size: tuple[int, int], mask: Numbers | None) -> Numbers:
    """Return the ring around the part of a scan that is drawn, pixel and line, with places along each side."""
    width, height = size
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]) if mask is None else mask
    steps = np.linspace(0.0, 1.0, _EDGE)[:-1, None]
    following = np.roll(corners, -1, axis=0)
    sides = [start + steps * (end - start) for start, end in zip(corners, following, strict=True)]
    return np.vstack(sides)


def frame_of(warp: Warp, ring: Numbers, size: tuple[int, int]) -> Frame:
    """Return the pixels that a warped scan fills: as fine as the scan, their corners at multiples of their side.

    Parameters
    ----------
    warp
        From pixel and line to the ground.
    ring
        Around what is drawn; see `outline`.
    size
        Width and height of the scan.

    Returns
    -------
    Frame

    Raises
    ------
    TooLargeError
        If the warp stretches the scan so far that the picture would hold four times its pixels.
    """
    slope = np.median(np.abs(np.linalg.det(warp.slopes(ring))))
    pixel = float(f"{np.sqrt(slope):.3g}")
    placed = warp.place(ring)
    west, south = np.floor(placed.min(axis=0) / pixel) * pixel
    east, north = np.ceil(placed.max(axis=0) / pixel) * pixel
    columns, rows = round((east - west) / pixel), round((north - south) / pixel)
    if columns * rows > _GROWTH * size[0] * size[1] + max(size) * 4:
        given = f"the warp stretches the scan of {size[0]} x {size[1]} to {columns} x {rows} pixels"
        raise TooLargeError(given, do="give control points near its corners, an outline of the map, or a lower order")
    return Frame(transform=_corner(west, north, pixel), size=(columns, rows), pixel_m=pixel)


def _corner(west: float, north: float, pixel: float) -> Affine:
    """From column and row to metres, off the upper left corner."""
    return Affine(pixel, 0.0, west, 0.0, -pixel, north)


def drawn_off(warp: Warp, points: Numbers, ring: Numbers) -> float:
    """Return by how much pixels are drawn off the place that the warp gives them, root mean square in metres.

    GDAL draws by the same method fitted backwards, from the ground to the scan, which is not quite the inverse.

    Parameters
    ----------
    warp
        From pixel and line to the ground.
    points
        Pixel, line, east and north of each control point, shape (n, 4).
    ring
        Around what is drawn; see `outline`.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the points do not define the warp backwards.
    """
    back = fit_warp(points[:, 2:], points[:, :2], warp.method)
    inside = ring.mean(axis=0) + np.linspace(0.0, 1.0, 9)[:, None, None] * (ring - ring.mean(axis=0))
    pixels = inside.reshape(-1, 2)
    off = warp.place(back.place(warp.place(pixels))) - warp.place(pixels)
    return float(np.sqrt((off**2).sum(axis=1).mean()))


def warped(
    pixels: NDArray[Any], points: Numbers, method: str, frame: Frame, *, mask: Numbers | None = None
) -> NDArray[Any]:
    """Return a scan on the ground, warped by GDAL, with a last band that says where it is.

    Parameters
    ----------
    pixels
        Shape (bands, height, width).
    points
        Pixel, line, east and north of each control point, shape (n, 4).
    method
        order1, order2, order3 or tps.
    frame
        The pixels to fill.
    mask
        Outline of the part that is drawn, pixel and line; all of it if left out.

    Returns
    -------
    numpy.ndarray, shape (bands + 1, rows, columns)
        The last band holds the greatest value of the type where there is a picture, 0 elsewhere.
    """
    most = _greatest(pixels.dtype)
    shown = np.full(pixels.shape[1:], most, dtype=pixels.dtype)
    if mask is not None:
        shown = (rasterize([_polygon(mask)], out_shape=shown.shape, dtype="uint8") * most).astype(pixels.dtype)
    source = np.concatenate([pixels, shown[None]])
    target = np.zeros((len(source), frame.size[1], frame.size[0]), dtype=source.dtype)
    back = fit_warp(points[:, 2:], points[:, :2], method)
    for first in range(0, frame.size[0], _STRIP):
        strip = Frame(
            transform=_corner(frame.transform.c + first * frame.pixel_m, frame.transform.f, frame.pixel_m),
            size=(min(_STRIP, frame.size[0] - first), frame.size[1]),
            pixel_m=frame.pixel_m,
        )
        _fill(source, points, method, strip, target[:, :, first : first + _STRIP], _needed(back, strip, shown.shape))
    return target


def _fill(
    source: NDArray[Any], points: Numbers, method: str, strip: Frame, target: NDArray[Any], needed: tuple[slice, slice]
) -> None:
    """Warp the part of a scan that a strip of the picture needs into it."""
    part = source[:, needed[0], needed[1]]
    if part.size == 0:
        return
    # without z rasterio drops the points in silence, and its option tps is not passed on: GDAL's own names are
    gcps = [
        GroundControlPoint(row=line - needed[0].start, col=pixel - needed[1].start, x=x, y=y, z=0.0)
        for pixel, line, x, y in points
    ]
    options = {"SRC_METHOD": "GCP_TPS"} if method == "tps" else {"MAX_GCP_ORDER": method[-1]}
    filled = np.zeros_like(target)
    reproject(
        np.ascontiguousarray(part),
        filled,
        gcps=gcps,
        src_crs=_PLANE,
        dst_crs=_PLANE,
        dst_transform=strip.transform,
        resampling=Resampling.bilinear,
        num_threads=1,
        **options,
    )
    target[:] = filled


def _needed(back: Warp, strip: Frame, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The lines and pixels of a scan that a strip of the picture is made of."""
    columns, rows = np.linspace(0, strip.size[0], 9), np.linspace(0, strip.size[1], _EDGE)
    across, down = np.meshgrid(columns, rows)
    corner = np.array([strip.transform.c, strip.transform.f])
    sides = np.stack([across.ravel(), -down.ravel()], axis=1) * strip.pixel_m
    pixels = back.place(corner + sides)
    low = np.clip(np.floor(pixels.min(axis=0)) - _MARGIN, 0, shape[::-1]).astype(int)
    high = np.clip(np.ceil(pixels.max(axis=0)) + _MARGIN, 0, shape[::-1]).astype(int)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


#: Columns that are warped at once. GDAL draws a straight line through the middle of each row and looks no further if
#: its middle is right: over a whole row a wave of the paper slips through, 12 pixels in the worst case measured.
_STRIP = 64

#: Pixels around what a strip needs, for what lies between the places looked at.
_MARGIN = 64

#: Metres of no place in particular: the points are in the system of the result already, and no datum is asked.
_PLANE = rasterio.crs.CRS.from_wkt(
    'LOCAL_CS["metres",UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
)


def write_cog(pixels: NDArray[Any], frame: Frame, crs: str | None, tags: Mapping[str, str], path: Path) -> None:
    """Write a warped scan as a cloud-optimised GeoTIFF; while it is written, what was there before stays.

    Parameters
    ----------
    pixels
        As `warped` returns them.
    frame
        Where they lie.
    crs
        Name of the system; None for metres of no known one.
    tags
        What the file tells about itself.
    path
        The file.

    Raises
    ------
    InputError
        If its folder is not there, or the ending is not .tif or .tiff.
    FormatError
        If GDAL cannot write it.
    """
    refuse_unwritable_tiff(path)
    profile = {
        "driver": "GTiff",
        "width": frame.size[0],
        "height": frame.size[1],
        "count": len(pixels),
        "dtype": pixels.dtype,
        "crs": crs,
        "transform": frame.transform,
        "photometric": "RGB" if len(pixels) > 3 else "MINISBLACK",  # noqa: PLR2004 - three colours and a mask
        "alpha": "YES",
    }
    try:
        with tempfile.TemporaryDirectory(prefix=".gridmap-", dir=path.parent) as folder, MemoryFile() as memory:
            with memory.open(**profile) as draft:
                draft.write(pixels)
                draft.update_tags(**tags)
            whole = Path(folder) / path.name
            with memory.open() as draft:
                copy_raster(draft, whole, **_COG)
            with whole.open("rb") as file:
                os.fsync(file.fileno())
            whole.replace(path)
    except RasterioError as error:
        raise FormatError(f"{path.name} cannot be written: {error}") from None


def refuse_unwritable_tiff(path: Path) -> None:
    """Refuse a file that `write_cog` could not write, before the work is done; raises InputError."""
    if path.suffix.lower() not in {".tif", ".tiff"}:
        raise InputError(f"the ending {path.suffix!r} of {path.name}", expected=".tif", code="unknown_ending")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", do="make it first", code="missing_folder")


def _greatest(dtype: np.dtype[Any]) -> Any:
    """What a band of a type holds where it says "here"."""
    return np.iinfo(dtype).max if dtype.kind in "ui" else 1.0


def _polygon(mask: Numbers) -> tuple[dict[str, Any], int]:
    """An outline as rasterio burns it."""
    ring = [tuple(corner) for corner in mask.tolist()]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, 1
