r"""An index in one file: arrays as their bytes behind a table of contents, refused when a byte is wrong.

::

    gridmap addresses <version>\\n
    <length of the contents, 8 bytes> <BLAKE2 of all that follows, 32 bytes>
    <contents: JSON> <arrays, each from a multiple of 8>

Nothing in the file is run: it holds numbers and texts only.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import FormatError

#: Changed whenever what is kept, or how texts are read into it, changes.
VERSION = 2

_NAME = b"gridmap addresses "
_DIGEST = 32
_ALIGNED = 8

#: Kinds of arrays that may stand in a file.
_TYPES = frozenset({"|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f8"})

Arrays = Mapping[str, NDArray[Any]]


def keep(path: Path, contents: dict[str, Any], arrays: Arrays) -> None:
    """Write contents and arrays to a file, all or nothing.

    Parameters
    ----------
    path
        The file, replaced if it exists.
    contents
        What JSON can hold.
    arrays
        One-dimensional arrays of numbers by name.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    listed, parts, at = [], [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        listed.append([name, array.dtype.str, at, len(data)])
        parts.append(data + bytes(-len(data) % _ALIGNED))
        at += len(parts[-1])
    head = json.dumps({"contents": contents, "arrays": listed}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    head += b" " * (-len(head) % _ALIGNED)
    digest = blake2b(head, digest_size=_DIGEST)
    for part in parts:
        digest.update(part)
    begin = _NAME + f"{VERSION}\n".encode()
    _replace(path, [begin, struct.pack("<Q", len(head)), digest.digest(), head, *parts])


def _replace(path: Path, parts: list[bytes]) -> None:
    """Write a file beside its place, then put it there."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def kept(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return contents and arrays of a file that `keep` wrote.

    Raises
    ------
    FormatError
        If it is no such file, of another version, cut off or damaged.
    OSError
        If it cannot be read.
    """
    data = path.read_bytes()
    line, _, rest = data.partition(b"\n")
    if not line.startswith(_NAME):
        raise FormatError(f"{path}: not an index of addresses", do="build it again", code="not_an_index")
    if line != _NAME + str(VERSION).encode():
        given = line[len(_NAME) :].decode("ascii", "replace")
        raise FormatError(
            f"{path}: version {given[:20]}", expected=f"version {VERSION}", do="build it again", code="other_version"
        )
    body = memoryview(rest)[8 + _DIGEST :]
    if blake2b(body, digest_size=_DIGEST).digest() != rest[8 : 8 + _DIGEST]:
        raise FormatError(f"{path}: damaged or cut off", do="build it again", code="damaged")
    length = struct.unpack("<Q", rest[:8])[0]
    head = json.loads(bytes(body[:length]).decode("utf-8", "surrogatepass"))
    return head["contents"], {name: _array(body[length:], *where) for name, *where in head["arrays"]}


def _array(body: memoryview, kind: str, start: int, size: int) -> NDArray[Any]:
    """Return one array of a file."""
    if kind not in _TYPES:
        raise FormatError(f"an array of type {kind[:20]}", expected=", ".join(sorted(_TYPES)), code="damaged")
    return np.frombuffer(body[start : start + size], np.dtype(kind))
