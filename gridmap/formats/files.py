"""What a file is, told by its first bytes and its ending before any library opens it.

A library that is handed the wrong file answers in its own words, or worse: GDAL follows a description of a virtual
data set to other files and hosts. Only kinds that are known here are opened, and only when ending and content agree.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import FormatError, InputError, NotFoundError, TooLargeError

#: Files larger than this are refused unless the caller allows more.
MAX_BYTES = 2 * 1024**3
#: An archive that unpacks to more than this many times its size is a bomb.
MAX_RATIO = 200
#: Archives of fewer unpacked bytes than this are never bombs, however well they are packed.
SMALL_ARCHIVE = 50 * 1024**2

#: Kinds of files by their endings.
KINDS = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".geojsonl": "geojsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".gpkg": "gpkg",
    ".shp": "shapefile",
    ".fgb": "fgb",
    ".kml": "kml",
    ".kmz": "kmz",
    ".gpx": "gpx",
    ".gml": "gml",
    ".dxf": "dxf",
    ".tab": "mapinfo",
    ".mif": "mapinfo",
    ".gdb": "gdb",
    ".sqlite": "gpkg",
    ".pbf": "osm",
    ".osm": "osm",
    ".xlsx": "xlsx",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".zip": "zip",
}

#: How files of a kind begin; kinds that are not here are text without a mark of their own.
_MAGIC: dict[str, tuple[bytes, ...]] = {
    "gpkg": (b"SQLite format 3\0",),
    "shapefile": (b"\x00\x00\x27\x0a",),
    "fgb": (b"fgb",),
    "parquet": (b"PAR1",),
    "kmz": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04",),
}
#: What the first element of an XML file of a kind is called.
_ROOTS = {
    "kml": ("kml", "Document", "Folder", "Placemark"),
    "gpx": ("gpx",),
    "gml": ("FeatureCollection", "Feature", "GML", "gml"),
    "osm": ("osm",),
}
_LFS = b"version https://git-lfs.github.com/spec/"
_HEAD = 4096


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that is what its ending says."""

    #: where it is
    path: Path
    #: one of the values of ``KINDS``
    kind: str
    #: SHA-256 of its bytes in hexadecimal; empty for a folder
    sha256: str


def find(path: str | Path, *, max_bytes: int = MAX_BYTES) -> Found:
    """Return what the file is, once ending and content agree.

    Parameters
    ----------
    path
        The file; a folder only where it is a file geodatabase (``.gdb``).
    max_bytes
        Larger files are refused.

    Raises
    ------
    NotFoundError
        If there is no such file.
    TooLargeError
        If it is larger than ``max_bytes``, or an archive that unpacks beyond measure.
    FormatError
        If it is empty, a Git-LFS pointer, or not what its ending says.
    InputError
        If it is a folder, or its ending is none that is known.
    """
    path = Path(path)
    kind = _kind(path)
    if path.is_dir():
        return Found(path=path, kind=kind, sha256="")
    size = path.stat().st_size
    if size > max_bytes:
        raise TooLargeError(f"{path.name} has {size} bytes", expected=f"at most {max_bytes}", code="too_large")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _refuse_strangers(path, kind, head)
    if head.startswith(b"PK\x03\x04"):
        refuse_bombs(path, max_bytes=max_bytes)
    return Found(path=path, kind=kind, sha256=_sha256(path))


def _kind(path: Path) -> str:
    """The kind that the ending says, of a path that is there."""
    kind = KINDS.get(path.suffix.lower())
    if not path.exists():
        raise NotFoundError(f"there is no file {path}", do="check the name and the folder", code="missing_file")
    if path.is_dir() and kind != "gdb":
        inside = sorted(item.name for item in path.iterdir() if item.suffix.lower() in KINDS)[:10]
        do = f"name a file in it: {', '.join(inside)}" if inside else ""
        raise InputError(f"{path} is a folder", expected="a file, or a geodatabase .gdb", do=do, code="directory")
    if not path.is_dir() and not path.is_file():
        raise InputError(f"{path} is no ordinary file", expected="a file", code="directory")
    if kind is None:
        known = ", ".join(KINDS)
        raise InputError(
            f"the ending {path.suffix!r} of {path.name} is not known", expected=f"one of {known}", code="unknown_ending"
        )
    return kind


def _refuse_strangers(path: Path, kind: str, head: bytes) -> None:
    """Refuse a file whose first bytes are not those of its kind."""
    if not head.strip(b"\0 \t\r\n"):
        raise FormatError(f"{path.name} is empty", expected="a file with content", do="get it again", code="empty_file")
    if head.startswith(_LFS):
        raise FormatError(
            f"{path.name} is a Git-LFS pointer, not the data",
            do="run `git lfs pull` where it comes from, and take the file again",
            code="lfs_pointer",
        )
    if not _looks_like(kind, head):
        raise FormatError(
            f"{path.name} does not begin like a {kind} file; it looks like {_guess(head)}",
            expected=f"what its ending {path.suffix} says",
            do="give it the ending of what it is, or get it again",
            code="wrong_format",
        )


def _looks_like(kind: str, head: bytes) -> bool:
    """Whether a file of this kind may begin so."""
    if kind in _MAGIC:
        return head.startswith(_MAGIC[kind])
    if kind == "osm" and not head.lstrip().startswith(b"<"):
        return b"OSMHeader" in head[:64]
    if kind in _ROOTS:
        return _root(head) in _ROOTS[kind]
    if kind in {"geojson", "geojsonl", "jsonl"}:
        return _is_text(head) and _root(head) == ""
    return kind in {"mapinfo", "dxf"} or _is_text(head)


def _is_text(head: bytes) -> bool:
    """Whether bytes may be text: none of the marks of binary formats, no zero bytes unless it is UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(head.startswith(mark) for marks in _MAGIC.values() for mark in marks) and b"\0" not in head


def _root(head: bytes) -> str:
    """The name of the first element of an XML file, or nothing."""
    text = head.decode("utf-8-sig", "ignore").lstrip()
    while text.startswith(("<?", "<!")):
        end = "-->" if text.startswith("<!--") else ">"
        if text.startswith("<!DOCTYPE") and "[" in text.partition(">")[0]:
            end = "]>"
        text = text.partition(end)[2].lstrip()
    if not text.startswith("<"):
        return ""
    name = text[1:].replace(">", " ").replace("/", " ").split()
    return name[0].rpartition(":")[2] if name else ""


def _guess(head: bytes) -> str:
    """What a file looks like, in a word or two."""
    for kind, marks in _MAGIC.items():
        if head.startswith(marks):
            return "a zip archive (kmz, xlsx, zip)" if marks[0].startswith(b"PK") else f"a {kind} file"
    if root := _root(head):
        return f"an XML file <{root[:30]}>"
    return "text" if _is_text(head) else "a binary file of another kind"


def refuse_bombs(path: Path, *, max_bytes: int) -> None:
    """Refuse an archive that is broken, needs a password, or unpacks beyond measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(
            f"{path.name} is a broken archive ({error})", do="it may be cut off: get it again", code="broken_zip"
        ) from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise FormatError(f"{path.name} needs a password", do="unpack it first", code="password")
    whole = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if whole > max_bytes or (whole > SMALL_ARCHIVE and whole > MAX_RATIO * packed):
        raise TooLargeError(
            f"{path.name} has {packed} bytes and unpacks to {whole}", expected=f"at most {max_bytes}", code="zip_bomb"
        )


def _sha256(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
