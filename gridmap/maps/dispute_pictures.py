"""Pictures as a page shows them: laid out as Leaflet does, cut to the case, and no larger than they may be."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject, transform
from rasterio.windows import Window

from gridmap.crs import to_wgs84
from gridmap.errors import CrsError, InputError
from gridmap.imagery import read_pixels
from gridmap.imagery.scans import Scan, opened
from gridmap.maps.dispute_webp import encoded

#: What all pictures of a page may be together, characters of base64: with Leaflet and the rest it is 3 MB.
MOST_BYTES = 2_500_000
#: Longer side of a picture in pixels: more than a screen shows of it at once.
MOST_SIDE = 2_048
#: Pictures are read this many times finer than they are shown, so that lines stay where they are.
_FINER = 2
#: Columns and rows beside a window, so that its edges are mixed from what lies on both sides.
_BESIDE = 2
#: Numbers other than bytes are stretched between these percentiles of what is seen.
_STRETCH = (2, 98)
_EQUAL = 1e-6
_BASE64 = 4 / 3
#: The square that Leaflet lays the world out in.
_WEB = "EPSG:3857"
_RADIUS_M = 6_378_137.0
_COLOURS = 3
#: What a control point must tell: metres of the file's own system, and its error with the point left out.
_TOLD = ("east", "north", "leave_one_out_m")
#: Points along each edge of a picture.
_ALONG = 21

#: West, south, east and north.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Raster:
    """Pixels with their place."""

    #: bands of grey, or of red, green and blue; shape (bands, height, width)
    pixels: NDArray[Any]
    #: what of it is picture; shape (height, width)
    mask: NDArray[np.bool_]
    #: from columns and rows to its system
    transform: Any
    #: its system
    crs: Any
    #: what georeferencing wrote about its error, metres; None where it says nothing
    error_m: float | None = None
    #: its control points with ``leave_one_out_m``, and the method of its warp; None where they are not told
    control: gpd.GeoDataFrame | None = None
    method: str | None = None
    #: how many times its pixels are larger than those of the file
    coarser: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture as the page holds it."""

    #: its bytes as a data address
    uri: str
    #: west, south, east and north in degrees
    bounds: Box
    #: metres on the ground that a pixel of it covers, and one of what was given
    pixel_m: float
    given_m: float


def read_raster(path: Path, window: Box, *, title: str) -> Raster:
    """Return what a georeferenced picture shows of a window, its colours, its mask and what it says of its error.

    Only that part is read, and of one that is finer than a page can show the average of its pixels.

    Parameters
    ----------
    path
        The picture.
    window
        West, south, east and north of what is wanted, metres of web Mercator.
    title
        What it is called in refusals.

    Raises
    ------
    InputError
        If there is no such file, it does not say where it lies, or lies elsewhere.
    CrsError
        If its system cannot be joined with the others safely (Xian 1980, Beijing 1954).
    FormatError, TooLargeError
        As `gridmap.imagery.read_pixels`.
    """
    with opened(path) as (data, scan):
        if scan.crs is None:
            raise InputError(
                f"{path.name} does not say where it lies",
                expected="a georeferenced picture",
                do="give it control points first: gridmap parcels georeference",
            )
        _refuse_unsafe(scan.transform, scan.size, scan.crs, title)
        part = _part(scan, window, title)
        coarser = max(1.0, max(part.width, part.height) / (_FINER * MOST_SIDE))
        shape = (max(1, round(part.height / coarser)), max(1, round(part.width / coarser)))
        mask = data.dataset_mask(window=part, out_shape=shape) > 0
        tags = data.tags()
    error = tags.get("GRIDMAP_LEAVE_ONE_OUT_M")
    finer = Affine.scale(part.width / shape[1], part.height / shape[0])
    return Raster(
        pixels=read_pixels(path, window=part, shape=shape),
        mask=mask,
        transform=scan.transform @ Affine.translation(part.col_off, part.row_off) @ finer,
        crs=scan.crs,
        coarser=coarser,
        error_m=float(error) if error else None,
        control=_control(tags.get("GRIDMAP_POINTS", ""), scan.crs),
        method=tags.get("GRIDMAP_METHOD"),
    )


def _part(scan: Scan, window: Box, title: str) -> Window:
    """The columns and rows of a picture that show a window, and a few beside them."""
    west, south, east, north = window
    along = np.linspace(0, 1, _ALONG)
    x, y = np.meshgrid(west + along * (east - west), south + along * (north - south))
    columns, rows = _place(~scan.transform, *map(np.asarray, transform(_WEB, scan.crs, x.ravel(), y.ravel())))
    ends = [
        (max(0, math.floor(float(at.min())) - _BESIDE), min(size, math.ceil(float(at.max())) + _BESIDE))
        for at, size in zip((columns, rows), scan.size, strict=True)
    ]
    (left, right), (top, bottom) = ends
    if left >= right or top >= bottom:
        raise _elsewhere(title)
    return Window(left, top, right - left, bottom - top)


def _elsewhere(title: str) -> InputError:
    return InputError(f"{title} does not show the ground of the claims", expected="a picture of the same place")


def _control(text: str, crs: Any) -> gpd.GeoDataFrame | None:
    """The control points that a file tells; None where it tells none, or not where they lie."""
    try:
        told = pd.DataFrame(json.loads(text)).astype(dict.fromkeys(_TOLD, float))
    except (ValueError, KeyError, TypeError):
        return None
    places = gpd.points_from_xy(told["east"], told["north"])
    return gpd.GeoDataFrame(told[["leave_one_out_m"]], geometry=places, crs=crs) if len(told) else None


def raster(pixels: NDArray[Any], bounds: Box, crs: Any) -> Raster:
    """Return pixels that fill a box of some system, north above, as a picture with a place.

    Raises
    ------
    InputError
        If they are not rows and columns of grey, or of one to four bands.
    """
    bands = np.atleast_3d(pixels) if pixels.ndim == 2 else np.moveaxis(pixels, 0, -1)  # noqa: PLR2004 - a plane of grey
    if bands.ndim != 3 or not 1 <= bands.shape[-1] <= 4 or 0 in bands.shape:  # noqa: PLR2004 - colours and a mask
        raise InputError(f"pixels of shape {pixels.shape}", expected="(height, width) or (bands, height, width)")
    height, width, count = bands.shape
    mask = bands[..., -1] > 0 if count in (2, 4) else np.ones((height, width), dtype=bool)
    return Raster(pixels=np.moveaxis(bands, -1, 0), mask=mask, transform=_north_up(*bounds, width, height), crs=crs)


def shown(given: Raster, window: Box, *, title: str, most_bytes: int = MOST_BYTES) -> Shown:
    """Return a picture as a page shows it: of the window only, in Leaflet's projection, within so many bytes.

    Parameters
    ----------
    given
        The picture.
    window
        West, south, east and north of what is wanted, metres of web Mercator.
    title
        What it is called in refusals.
    most_bytes
        Characters of base64 that it may take.

    Raises
    ------
    InputError
        If it lies elsewhere, or nothing in the window is picture.
    CrsError
        If its system cannot be joined with the others safely (Xian 1980, Beijing 1954).
    """
    height, width = given.mask.shape
    _refuse_unsafe(given.transform, (width, height), given.crs, title)
    box, metres = _laid_out(given, window, title)
    pixels = _warped(given, box, metres)
    if not pixels[..., -1].any():
        raise InputError(f"{title} is empty where the claims lie", expected="a picture of the claims")
    picture, scale = encoded(pixels, int(most_bytes / _BASE64))
    north, south = (_latitude(y) for y in (box[3], box[1]))
    on_ground = math.cos(math.radians((north + south) / 2))
    uri = "data:image/webp;base64," + base64.b64encode(picture).decode()
    west, east = (math.degrees(x / _RADIUS_M) for x in (box[0], box[2]))
    shown_m = (box[2] - box[0]) / pixels.shape[1] * scale
    return Shown(
        uri=uri,
        bounds=(west, south, east, north),
        pixel_m=shown_m * on_ground,
        given_m=metres / given.coarser * on_ground,
    )


def web_mercator(west: float, south: float, east: float, north: float) -> Box:
    """Return a box in degrees as one in metres of web Mercator.

    Examples
    --------
    >>> [round(value) for value in web_mercator(0, 0, 180, 45)]
    [0, 0, 20037508, 5621521]
    """
    ys = [_RADIUS_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) for lat in (south, north)]
    return math.radians(west) * _RADIUS_M, ys[0], math.radians(east) * _RADIUS_M, ys[1]


def _north_up(west: float, south: float, east: float, north: float, width: int, height: int) -> Affine:
    """From columns and rows of so many pixels to the box that they fill."""
    return Affine((east - west) / width, 0.0, west, 0.0, (south - north) / height, north)


def _place(to: Affine, column: Any, row: Any) -> tuple[Any, Any]:
    """Where columns and rows lie."""
    return to.a * column + to.b * row + to.c, to.d * column + to.e * row + to.f


def _latitude(y: float) -> float:
    """The latitude of a northing of web Mercator, degrees."""
    return math.degrees(2 * math.atan(math.exp(y / _RADIUS_M)) - math.pi / 2)


def _refuse_unsafe(to: Affine, size: tuple[int, int], crs: Any, title: str) -> None:
    """Refuse a picture whose datum nobody can join with that of the map."""
    try:
        to_wgs84(*_place(to, size[0] / 2, size[1] / 2), crs)
    except CrsError as error:
        raise CrsError(f"{title}: {error}") from None


def _laid_out(given: Raster, window: Box, title: str) -> tuple[Box, float]:
    """The part of the window that a picture covers, and the size of its own pixels there, metres of web Mercator."""
    outline = _outline(given)
    (west, south), (east, north) = outline.min(axis=0), outline.max(axis=0)
    box = (max(west, window[0]), max(south, window[1]), min(east, window[2]), min(north, window[3]))
    if box[0] >= box[2] or box[1] >= box[3]:
        raise _elsewhere(title)
    return box, _pixel(given)


def _outline(given: Raster) -> NDArray[np.float64]:
    """Points around a picture, metres of web Mercator: its edges are no straight lines there."""
    height, width = given.mask.shape
    along = np.linspace(0, 1, _ALONG)
    sides = [(along, 0 * along), (along, 0 * along + 1), (0 * along, along), (0 * along + 1, along)]
    columns, rows = (np.concatenate(parts) for parts in zip(*sides, strict=True))
    return _on_web(given, columns * width, rows * height)


def _pixel(given: Raster) -> float:
    """The size of a pixel in the middle of a picture, metres of web Mercator."""
    height, width = (side / 2 for side in given.mask.shape)
    middle, right, below = _on_web(given, np.array([width, width + 1, width]), np.array([height, height, height + 1]))
    return float(np.sqrt(np.hypot(*(right - middle)) * np.hypot(*(below - middle))))


def _on_web(given: Raster, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places of columns and rows, metres of web Mercator; shape (n, 2)."""
    return np.column_stack(transform(given.crs, _WEB, *_place(given.transform, columns, rows)))


def _warped(given: Raster, box: Box, metres: float) -> NDArray[np.uint8]:
    """The pixels of a box: red, green, blue and mask; shape (height, width, 4)."""
    step = max(metres, max(box[2] - box[0], box[3] - box[1]) / MOST_SIDE)
    width, height = (max(1, round(side / step)) for side in (box[2] - box[0], box[3] - box[1]))
    known = given.mask & np.isfinite(given.pixels).all(axis=0)
    bands = given.pixels[:_COLOURS] if len(given.pixels) >= _COLOURS else given.pixels[:1]
    bands = np.where(known, bands, 0)
    kind = Resampling.average if step > metres else Resampling.bilinear
    place = {"dst_transform": _north_up(*box, width, height), "dst_crs": _WEB, "num_threads": 1}
    place |= {"src_transform": given.transform, "src_crs": given.crs}
    colours = np.zeros((len(bands), height, width), dtype=np.uint8 if bands.dtype == np.uint8 else np.float64)
    mask = np.zeros((height, width), dtype=np.uint8)
    reproject(bands if bands.dtype == np.uint8 else bands.astype(np.float64), colours, resampling=kind, **place)
    reproject(known.astype(np.uint8) * np.uint8(255), mask, resampling=Resampling.nearest, **place)
    made = np.zeros((height, width, 4), dtype=np.uint8)
    made[..., :_COLOURS] = np.moveaxis(_stretched(colours, mask > 0), 0, -1)
    made[..., _COLOURS] = mask
    return made


def _stretched(colours: NDArray[Any], seen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Bytes as they are; other numbers spread over them, those of all bands alike."""
    if colours.dtype == np.uint8 or not seen.any():
        return np.asarray(colours, dtype=np.uint8)
    low, high = np.percentile(colours[:, seen], _STRETCH)
    # what a warp adds to equal numbers is no difference between them
    flat = high - low <= _EQUAL * max(abs(high), abs(low))
    spread = np.full(colours.shape, 127.5) if flat else (colours - low) / (high - low) * 255
    return np.clip(np.where(seen, spread, 0), 0, 255).round().astype(np.uint8)
