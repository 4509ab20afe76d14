"""The pixels of a picture as colours: palettes and single bits spelt out, what is transparent told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.warp import Resampling
from rasterio.windows import Window

from gridmap.errors import FormatError
from gridmap.imagery.scans import Scan, ScanLimits, opened, refuse_cut_off, refuse_decoded

#: Bytes of a picture that are decoded at once.
_AT_ONCE = 16_000_000

_COLOURS = 3

#: Greatest alpha. GDAL reckons it in real numbers, and 32 bits come out one too many: below zero.
_LONG = 65_535


def read_pixels(
    path: str | Path,
    *,
    limits: ScanLimits | None = None,
    window: Window | None = None,
    shape: tuple[int, int] | None = None,
) -> NDArray[Any]:
    """Return the pixels of a picture, shape (bands, height, width): grey or colour, palettes and bits spelt out.

    Parameters
    ----------
    path, limits
        As `gridmap.imagery.read_scan`; what is held against the limit is what is decoded into memory.
    window
        The part that is wanted; all of it if left out.
    shape
        Rows and columns to put it in: the average of the pixels, of a palette one of them. As many as there are if
        left out.

    Returns
    -------
    numpy.ndarray
        As stored, not turned by EXIF; of a palette red, green and blue; of single bits 0 and 255.

    Raises
    ------
    FormatError, TooLargeError, InputError
        As `gridmap.imagery.read_scan`; also where the pixels are cut off.
    """
    limits = limits or ScanLimits()
    with opened(path, limits=limits) as (source, scan):
        rows, columns = shape or ((scan.size[1], scan.size[0]) if window is None else _extent(window))
        refuse_decoded(scan, limits, pixels=rows * columns)
        refuse_cut_off(scan)
        palette = _palette(source)
        kind = Resampling.average if palette is None else Resampling.nearest
        out = None if shape is None else (scan.bands, *shape)
        return _spelt_out(source, palette, _read(source, scan, window=window, out_shape=out, resampling=kind))[0]


def rows_of(source: Any, scan: Scan) -> Iterator[tuple[int, NDArray[Any]]]:
    """Return the rows of an open picture some at a time: the first one's number, and bands of colour and one of alpha.

    Alpha is `greatest` where there is a picture: not where the scan is transparent, holds its "no data", or what is no
    number.

    Raises
    ------
    FormatError
        If the pixels are damaged or cut off.
    """
    refuse_cut_off(scan)
    palette = _palette(source)
    width, height = scan.size
    step = max(1, _AT_ONCE // (width * scan.bands * np.dtype(scan.dtype).itemsize))
    for first in range(0, height, step):
        window = Window(0, first, width, min(step, height - first))
        colours, seen = _spelt_out(source, palette, _read(source, scan, window=window))
        seen &= source.dataset_mask(window=window) > 0
        if colours.dtype.kind == "f":
            seen &= np.isfinite(colours).all(axis=0)
        alpha = seen * greatest(colours.dtype)
        yield first, np.concatenate([colours, alpha[None].astype(colours.dtype)])


def colours_of(source: Any) -> tuple[int, str]:
    """Return how many bands of colour `rows_of` spells an open picture out to, and of which type."""
    return (_COLOURS, "uint8") if _palette(source) is not None else (len(_opaque(source)), source.dtypes[0])


def greatest(dtype: np.dtype[Any]) -> Any:
    """Return what a band of a type holds where it says "here": 1 of real numbers, of long ones what 16 bits hold."""
    return min(int(np.iinfo(dtype).max), _LONG) if dtype.kind in "ui" else 1.0


def _extent(window: Window) -> tuple[int, int]:
    """Rows and columns of a window."""
    return round(window.height), round(window.width)


def _read(source: Any, scan: Scan, **options: Any) -> NDArray[Any]:
    """The pixels of an open picture."""
    try:
        pixels: NDArray[Any] = source.read(**options)
    except RasterioError as error:
        raise FormatError(f"{scan.path.name} is damaged or cut off: {error.__cause__ or error}") from None
    return pixels


def _palette(source: Any) -> NDArray[np.uint8] | None:
    """Red, green, blue and opacity of each number of a palette; None where the numbers are colours themselves."""
    try:
        listed = source.colormap(1) if source.count == 1 else {}
    except ValueError:
        listed = {}
    if not listed:
        return None
    colours = np.zeros((max(256, max(listed) + 1), 4), dtype=np.uint8)
    for number, colour in listed.items():
        colours[number] = colour
    return colours


def _opaque(source: Any) -> list[int]:
    """Positions of the bands that are colours."""
    return [place for place, kind in enumerate(source.colorinterp) if kind is not ColorInterp.alpha]


def _spelt_out(
    source: Any, palette: NDArray[np.uint8] | None, pixels: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Colours for the numbers of a palette, 0 and 255 for single bits, which could not be mixed; and what is opaque."""
    seen = np.ones(pixels.shape[1:], dtype=bool)
    if palette is not None:
        colours = np.moveaxis(palette[pixels[0]], -1, 0)
        return colours[:_COLOURS], colours[_COLOURS] > 0
    if source.count == 1 and source.tags(1, ns="IMAGE_STRUCTURE").get("NBITS") == "1":
        return pixels * np.uint8(255), seen
    return pixels[_opaque(source)], seen
