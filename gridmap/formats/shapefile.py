"""Shapefiles: their companions, and the encoding of names and cells, which few of them say."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import FormatError, InputError
from gridmap.formats.encodings import decoded, named, pieces_encoding

#: What the language driver byte of a DBF says where it says anything (ESRI and dBASE drivers).
LANGUAGE_DRIVERS = {
    0x02: "cp850",
    0x03: "cp1252",
    0x13: "cp932",
    0x4D: "gb18030",
    0x4F: "big5hkscs",
    0x57: "",
    0x58: "cp1252",
    0x78: "big5hkscs",
    0x79: "cp949",
    0x7A: "gb18030",
    0x7B: "cp932",
}
#: Bytes of cells that are looked at.
SAMPLE = 2 * 1024**2
_HEADER, _FIELD, _NAME = 32, 32, 11


@dataclass(frozen=True, kw_only=True)
class Companions:
    """What lies beside a .shp."""

    #: encoding of names and cells
    encoding: str
    #: whether there is a .prj
    prj: bool
    #: notes for the reader: code and message
    warnings: tuple[tuple[str, str], ...] = ()


def companions(path: Path, *, encoding: str | None = None) -> Companions:
    """What lies beside a .shp, once nothing needed is missing.

    Parameters
    ----------
    path
        The .shp.
    encoding
        Where it is known; else it is taken from the .cpg, the DBF's language byte or, where these say nothing or what
        cannot be, from the bytes themselves.

    Raises
    ------
    FormatError
        ``missing_shx``, ``missing_dbf`` where a companion is missing, ``truncated`` where one is cut off.
    InputError
        If the stated encoding is not known.
    """
    for ending in (".shx", ".dbf"):
        if beside(path, ending) is None:
            given = f"{path.name} comes without its {ending}"
            do = f"get {path.stem}{ending} and put it beside the .shp"
            raise FormatError(given, expected=".shp, .shx and .dbf together", do=do, code=f"missing_{ending[1:]}")
    _refuse_cut(path)
    pieces, driver = dbf_pieces(beside(path, ".dbf") or path)
    warnings: list[tuple[str, str]] = []
    if encoding is None:
        encoding = _stated(path, driver, pieces, warnings) or pieces_encoding(pieces)
    return Companions(encoding=named(encoding), prj=beside(path, ".prj") is not None, warnings=tuple(warnings))


def beside(path: Path, ending: str) -> Path | None:
    """The companion of that ending, in small or capital letters, or None."""
    for name in (path.with_suffix(ending), path.with_suffix(ending.upper())):
        if name.is_file():
            return name
    return None


def dbf_pieces(path: Path) -> tuple[list[bytes], int]:
    """Names and cells of a DBF's text columns as bytes (of its first 2 MB), and its language driver byte.

    Raises
    ------
    FormatError
        If the DBF is cut off or is none.
    """
    with path.open("rb") as file:
        data = file.read(SAMPLE)
    if len(data) < _HEADER:
        raise FormatError(f"{path.name} is cut off: {len(data)} bytes", do="get it again", code="truncated")
    count, header, width = struct.unpack_from("<IHH", data, 4)
    names, spans = _fields(data[:header])
    records = min(count, max(len(data) - header, 0) // width) if width else 0
    if header > len(data) or (count and path.stat().st_size < header + width * (count - 1) + 1):
        given = f"{path.name} is cut off: its header promises {count} records of {width} bytes"
        raise FormatError(given, do="get it again", code="truncated")
    cells = [
        data[header + width * row + start : header + width * row + end].rstrip(b" \0")
        for row in range(records)
        for start, end in spans
    ]
    return names + cells, data[29]


def _fields(header: bytes) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Names of all columns, and where in a record its text columns are."""
    names, spans, start = [], [], 1
    for at in range(_HEADER, len(header) - _FIELD + 1, _FIELD):
        if header[at] == 0x0D:  # noqa: PLR2004 (the mark at the end of the descriptors)
            break
        names.append(header[at : at + _NAME].partition(b"\0")[0])
        width = header[at + 16]
        if header[at + 11] == ord("C"):
            width += 256 * header[at + 17]
            spans.append((start, start + width))
        start += width
    return names, spans


def _refuse_cut(path: Path) -> None:
    """Refuse a .shp that is shorter than its header says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(100)
    promised = 2 * int.from_bytes(head[24:28], "big") if len(head) == 100 else 100  # noqa: PLR2004 (the header's length)
    if size < promised:
        given = f"{path.name} is cut off: it has {size} of {promised} bytes"
        raise FormatError(given, do="get it again", code="truncated")


def _stated(path: Path, driver: int, pieces: list[bytes], warnings: list[tuple[str, str]]) -> str | None:
    """The encoding that the .cpg or the language byte states, where the bytes can be in it."""
    cpg = beside(path, ".cpg")
    text = cpg.read_bytes()[:64].decode("ascii", "ignore").strip() if cpg else ""
    for source, name in (
        (f"{path.stem}.cpg", text),
        ("the language byte of the DBF", LANGUAGE_DRIVERS.get(driver, "")),
    ):
        if not name:
            continue
        try:
            encoding = named(name)
        except InputError:
            warnings.append(("encoding_unknown", f"{source} says {name!r}, which is no known encoding; it was guessed"))
            continue
        fits = all(decoded(piece, encoding) is not None for piece in pieces)
        # any bytes are western text, and tools that know no other write that they are
        if fits and (encoding != "cp1252" or pieces_encoding(pieces) in {"cp1252", "utf-8"}):
            return encoding
        warnings.append(("encoding_contradicted", f"{source} says {name}, which the bytes are not; it was guessed"))
    return None
