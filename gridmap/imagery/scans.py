"""Scans and pictures as they lie on disk: opened with care, their size known before a pixel is read."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from gridmap.errors import FormatError, InputError, TooLargeError
from gridmap.imagery.turning import orientation_of

#: What a file of each format begins with.
_BEGINNINGS = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "GTiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
}

#: No file beside the scan is read (a world file or an .aux.xml may lie about it), and a damaged JPEG is an error.
_CAREFUL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_ERROR_ON_LIBJPEG_WARNING": "YES",
}

#: What a whole file ends with, but for what some programs hang on behind.
_ENDINGS = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_TAIL = 65_536

_BAND_LIMIT = 4

#: Types of pixels that can be warped, as numpy and as GDAL call them.
GDAL_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "float32": "Float32",
    "float64": "Float64",
}


@dataclass(frozen=True, kw_only=True)
class ScanLimits:
    """What a picture may be at most."""

    #: greatest file: an A0 sheet at 400 dpi, without compression
    bytes_on_disk: int = 1_000_000_000
    #: greatest width or height, pixels: what PNG and JPEG writers agree on
    side: int = 65_500
    #: greatest picture decoded, bytes: 139 million pixels (A0 at 300 dpi) in colour; a bomb decodes to more
    bytes_decoded: int = 600_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """What is known of a picture without its pixels."""

    #: where it lies
    path: Path
    #: PNG, JPEG or GTiff
    format: str
    #: width and height as stored, pixels
    size: tuple[int, int]
    #: how it is to be turned when it is shown, 1 (not at all) to 8; see `gridmap.imagery.turning`
    orientation: int
    #: how many bands of which type
    bands: int
    dtype: str
    #: the system that the file itself says, as WKT, and its affine transform; None where it is a plain scan
    crs: str | None
    transform: Any
    #: the file's own control points as rows of pixel, line, x, y, and their system as WKT
    gcps: tuple[tuple[float, float, float, float], ...]
    gcps_crs: str | None


def read_scan(path: str | Path, *, limits: ScanLimits | None = None) -> Scan:
    """Return what a picture is, its pixels unread: format, size, bands, and the georeference it carries.

    Parameters
    ----------
    path
        A PNG, JPEG or TIFF file; recognised by its bytes, whatever its ending.
    limits
        What it may be at most.

    Returns
    -------
    Scan

    Raises
    ------
    FormatError
        If it is none of these formats, empty or damaged.
    TooLargeError
        If it is larger than the limits, on disk or decoded.
    InputError
        If there is no such file.
    """
    limits = limits or ScanLimits()
    with opened(path, limits=limits) as (_, scan):
        refuse_decoded(scan, limits, pixels=scan.size[0] * scan.size[1])
        return scan


@contextmanager
def opened(path: str | Path, *, limits: ScanLimits | None = None) -> Iterator[tuple[Any, Scan]]:
    """A picture opened for reading, and what it is; raises as `read_scan`, but for what it would be decoded."""
    limits = limits or ScanLimits()
    path = Path(path)
    driver = _format(path, limits)
    with rasterio.Env(**_CAREFUL), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            source = rasterio.open(path, driver=driver, sharing=False)
        except RasterioError as error:
            raise FormatError(f"{path.name} begins as {driver} but cannot be read: {error}") from None
        with source:
            scan = _described(source, path)
            _refuse_unusable(scan, limits)
            yield source, scan


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _format(path: Path, limits: ScanLimits) -> str:
    """The format that a file's bytes begin as."""
    if not path.is_file():
        raise InputError(f"there is no file {path}", expected="a PNG, JPEG or TIFF picture")
    size = path.stat().st_size
    if size > limits.bytes_on_disk:
        raise TooLargeError(f"{path.name} is {size} bytes", expected=f"at most {limits.bytes_on_disk}")
    with path.open("rb") as file:
        head = file.read(8)
    for name, beginnings in _BEGINNINGS.items():
        if head.startswith(beginnings):
            return name
    raise FormatError(f"{path.name} is no picture that can be read", expected="PNG, JPEG or TIFF")


def _described(source: Any, path: Path) -> Scan:
    """What an open picture says about itself."""
    gcps, gcps_crs = source.gcps
    placed = source.crs is not None and not source.transform.is_identity
    return Scan(
        path=path,
        format=source.driver,
        size=(source.width, source.height),
        orientation=orientation_of(path, source.driver, source.tags().get("EXIF_Orientation")),
        bands=source.count,
        dtype=source.dtypes[0],
        crs=source.crs.to_wkt() if placed else None,
        transform=source.transform if placed else None,
        gcps=tuple((point.col, point.row, point.x, point.y) for point in gcps),
        gcps_crs=gcps_crs.to_wkt() if gcps_crs else None,
    )


def _refuse_unusable(scan: Scan, limits: ScanLimits) -> None:
    """Refuse a picture that no program could have made for good, or whose numbers cannot be warped."""
    width, height = scan.size
    if max(width, height) > limits.side:
        raise TooLargeError(f"{scan.path.name} is {width} x {height} pixels", expected=f"sides of {limits.side}")
    if scan.dtype not in GDAL_TYPES or scan.bands > _BAND_LIMIT:
        given = f"{scan.path.name} has {scan.bands} bands of {scan.dtype}"
        raise FormatError(given, expected=f"at most {_BAND_LIMIT} bands of {', '.join(GDAL_TYPES)}")


def refuse_decoded(scan: Scan, limits: ScanLimits, *, pixels: int) -> None:
    """Refuse to decode so many pixels of a picture that they would not fit; raises TooLargeError."""
    if (decoded := pixels * scan.bands * np.dtype(scan.dtype).itemsize) > limits.bytes_decoded:
        given = f"{scan.path.name}, {scan.size[0]} x {scan.size[1]} pixels, decodes to {decoded} bytes"
        raise TooLargeError(given, expected=f"at most {limits.bytes_decoded}", do="scan it in fewer dots per inch")


def refuse_cut_off(scan: Scan) -> None:
    """Refuse a PNG or JPEG without its end, raising FormatError: GDAL fills what is missing and says nothing."""
    ending = _ENDINGS.get(scan.format)
    if ending is None:
        return
    with scan.path.open("rb") as file:
        file.seek(max(0, scan.path.stat().st_size - _TAIL))
        if ending not in file.read():
            raise FormatError(f"{scan.path.name} is cut off", expected=f"a whole {scan.format}")
