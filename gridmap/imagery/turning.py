"""Which way up a picture is shown: a phone stores what its sensor saw, and says beside it how to turn it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

#: Tag of the orientation in EXIF and TIFF 6.0.
_ORIENTATION = 274

#: Orientation as stored, and the greatest there is.
AS_STORED, _MOST = 1, 8

#: Orientations whose first stored row is shown at the bottom or the right; whose first stored column is.
_ROWS_TURNED, _COLUMNS_TURNED = frozenset({3, 4, 6, 7}), frozenset({2, 3, 7, 8})

#: From here on rows are shown as columns.
_LYING = 5

#: A directory of tags is 2 bytes of count and 12 bytes a tag; no camera writes more of them.
_ENTRY, _MOST_TAGS = 12, 1_000

#: Kind of a tag's value: two bytes.
_SHORT = 3

_PNG_HEAD, _PNG_CHUNK = 8, 12


def orientation_of(path: Path, kind: str, told: str | None) -> int:
    """Return how a picture is shown, as EXIF counts: 1 as stored, 3 upside down, 6 turned right, 8 turned left, ...

    Parameters
    ----------
    path
        The picture.
    kind
        PNG, JPEG or GTiff.
    told
        What GDAL read of it, where it did (JPEG); it passes over the tag of PNG and TIFF.

    Returns
    -------
    int
        1 to 8; 1 where nothing sensible is said.

    Raises
    ------
    InputError
        Never: a picture without this tag, or with a broken one, is shown as stored.
    """
    if kind == "JPEG":
        found = int(told) if told is not None and told.isdecimal() else AS_STORED
    else:
        with path.open("rb") as file:
            start = _exif_of_png(file) if kind == "PNG" else 0
            found = AS_STORED if start is None else _tag(file, start)
    return found if AS_STORED <= found <= _MOST else AS_STORED


def shown_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return width and height as shown of a picture stored with this width and height.

    Examples
    --------
    >>> shown_size((800, 600), 6), shown_size((800, 600), 3)
    ((600, 800), (800, 600))
    """
    return (size[1], size[0]) if orientation >= _LYING else size


def turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return stored pixels as they are shown; rows and columns are the last two axes.

    Examples
    --------
    A phone held upright stores the top of the page at the left: turned right, the last row comes first, as a column.

    >>> import numpy as np
    >>> turned(np.array([[1, 2, 3], [4, 5, 6]]), 6).tolist()
    [[4, 1], [5, 2], [6, 3]]
    """
    rows = pixels[..., ::-1, :] if orientation in _ROWS_TURNED else pixels
    both = rows[..., ::-1] if orientation in _COLUMNS_TURNED else rows
    return both.swapaxes(-1, -2) if orientation >= _LYING else both


def shown_at(first: int, count: int, height: int, orientation: int) -> tuple[int, int]:
    """Return the row and column at which stored rows stand when they are shown.

    Parameters
    ----------
    first, count
        The first of the stored rows, and how many they are.
    height
        Of the stored picture.
    orientation
        As `orientation_of`.

    Returns
    -------
    tuple of int
        Row and column of their upper left pixel.

    Raises
    ------
    InputError
        Never.

    Examples
    --------
    >>> shown_at(0, 16, 600, 1), shown_at(0, 16, 600, 3), shown_at(0, 16, 600, 6), shown_at(0, 16, 600, 8)
    ((0, 0), (584, 0), (0, 584), (0, 0))
    """
    at = height - first - count if orientation in _ROWS_TURNED else first
    return (0, at) if orientation >= _LYING else (at, 0)


def _exif_of_png(file: BinaryIO) -> int | None:
    """Where the EXIF of a PNG begins; None where it has none before its pixels."""
    at = _PNG_HEAD
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < len(b"lengname") or head[4:] == b"IDAT":
            return None
        if head[4:] == b"eXIf":
            return at + len(head)
        at += _PNG_CHUNK + int(struct.unpack(">I", head[:4])[0])


def _tag(file: BinaryIO, start: int) -> int:
    """The orientation that the first directory of TIFF-like tags states; as stored where it states none."""
    file.seek(start)
    head = file.read(8)
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(head[:4])
    if order is None or len(head) < len(b"II*\0off1"):
        return AS_STORED
    file.seek(start + struct.unpack(order + "I", head[4:])[0])
    count = file.read(2)
    if len(count) < len(b"nn"):
        return AS_STORED
    tags = file.read(_ENTRY * min(_MOST_TAGS, struct.unpack(order + "H", count)[0]))
    for at in range(0, len(tags) - _ENTRY + 1, _ENTRY):
        name, kind, _, value = struct.unpack(order + "HHIH", tags[at : at + 10])
        if (name, kind) == (_ORIENTATION, _SHORT):
            return int(value)
    return AS_STORED
