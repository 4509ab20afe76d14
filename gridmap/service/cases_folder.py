"""A case as one folder or archive, and back, to the last bit: `case.json` says it all, all other files follow from it.

An import takes nothing on trust: it makes each file anew from what `case.json` says, and any byte that differs, any
file too many or too few, any row that gridmap would not have written refuses the whole. Who makes up a whole case with
all its hashes is not found out by that: the last hash of each chain, which both parties may keep, tells which is which.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely
from sqlalchemy import Connection, Engine

from gridmap.errors import ConflictError, FormatError, GridmapError, InputError, NotFoundError, RecordError
from gridmap.service.cases_archive import is_archive, unpack, write_archive
from gridmap.store import Actor, cases_evidence, cases_import, note
from gridmap.store.cases_import import Document
from gridmap.store.conflicts import listed

#: What a folder of a case says that it is, and the version of its form.
FORMAT, VERSION = "gridmap-case", 1
#: Bytes of ``case.json``: a case of a hundred thousand corners has some megabytes.
DOCUMENT_MOST = 256 * 2**20
#: Bytes of a name that file systems hold.
_NAME_MOST = 255
#: Bytes of an ending; what is longer is none.
_ENDING_MOST = 16
_READ_BYTES = 2**20

_README = """This folder is one case of a land dispute, as gridmap wrote it.
本文件夹为一宗土地争议案卷，由 gridmap 导出。

case.json            everything: the case, its sources, claims, candidates, evidence, agreements; times are in UTC
claims.geojson       the claims for any map program (EPSG:4490, CGCS2000, longitude before latitude)
candidates.geojson   the lines proposed to settle, likewise
evidence/            the files that were handed in, each by its number, the beginning of its SHA-256 and its name
chain.txt            the chain of hashes, to be read and kept
SHA256SUMS           the SHA-256 of every other file

Check it 校验:  sha256sum -c SHA256SUMS
Take it in 导入: gridmap cases import FOLDER
Each row carries hash = sha256(hash of the row before || the row as JSON with sorted keys and no blanks); a row that is
altered, taken out or put in between no longer fits. 每条记录均含前一条的散列值，任何改动都会被发现。
"""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did."""

    #: the case
    code: str
    #: whether it is new; False: the record held the very same
    new: bool
    #: rows of the case
    rows: int
    #: files of evidence
    files: int


def export_case(engine: Engine, code: str, target: Path, *, actor: Actor | str) -> Path:
    """Write a case into a folder that is not there yet, or empty, or as one ZIP; it is whole, or not there.

    The same case makes the same bytes. The export is audited, since it holds all evidence.

    Parameters
    ----------
    engine
        The record.
    code
        The case.
    target
        The folder; or, ending in ``.zip``, the archive, which is not there yet.
    actor
        Who exports it.

    Raises
    ------
    NotFoundError
        If there is no such case.
    InputError
        If the target holds something, or lies in no folder.
    ConflictError
        If a row or file of the case is not as it was handed in: see `gridmap.store.cases_reading.verify`.
    RecordError
        If the server went away, or the target cannot be written.
    """
    _refuse_taken(target)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        document = cases_import.document(connection, code)
        if faults := cases_import.faults(document):
            raise ConflictError(f"case {code}: {listed(faults)}", do="gridmap cases verify", code="case_changed")
        with _draft(target) as draft:
            write = write_archive if is_archive(target) else _write_folder
            write(draft, _contents(connection, document))
            with engine.begin() as noting:
                note(noting, actor, "export case", detail={"case": code, "version": document["case"]["version"]})
    return target


def import_case(engine: Engine, source: Path, *, actor: Actor | str) -> Imported:
    """Take a case from a folder or an archive, all of it or nothing; parcels that it agreed on do not come into force.

    Parameters
    ----------
    engine
        The record.
    source
        What `export_case` wrote.
    actor
        Who imports it.

    Raises
    ------
    NotFoundError
        If there is no such folder or archive.
    FormatError
        If a byte of it is not as `export_case` wrote it; every file that is wrong is named.
    TooLargeError
        If an archive unpacks to more than a case may have.
    ConflictError
        If the record has another case of that code.
    RecordError
        If the server went away; then nothing was changed.
    """
    if not is_archive(source):
        return _take(engine, source, actor)
    with TemporaryDirectory(prefix="gridmap-") as folder:
        unpack(source, Path(folder))
        return _take(engine, Path(folder), actor)


def _take(engine: Engine, folder: Path, actor: Actor | str) -> Imported:
    document = _read(folder)
    names = evidence_names(document)
    _refuse_altered(folder, document, names)
    code = document["case"]["code"]
    counts = {"rows": sum(map(len, document["parts"].values())), "files": len(names)}
    with engine.begin() as connection:
        if cases_import.known(connection, code):
            _refuse_other(connection, document)
            return Imported(code=code, new=False, **counts)
        for row, name in zip(document["parts"]["evidence"], names, strict=True):
            content = (folder / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != row["sha256"]:
                raise FormatError(f"{name} has changed while it was read", do="copy the folder again")
            cases_evidence.keep_file(connection, row["sha256"], content)
        seals = cases_import.put_document(connection, document)
        note(connection, actor, "import case", detail={"case": code, **counts, "seals": seals})
    return Imported(code=code, new=True, **counts)


def evidence_names(document: Document) -> list[str]:
    """Return where the files of evidence lie in the folder of a case, in the order of their numbers.

    Raises
    ------
    None
    """
    return [f"evidence/{_within(row)}" for row in document["parts"]["evidence"]]


def plain_files(document: Document) -> dict[str, bytes]:
    """Return the files of a case but its evidence, by their names.

    Raises
    ------
    None
    """
    said = {"format": FORMAT, "version": VERSION, **document}
    files = {
        "README.txt": _README.encode(),
        "candidates.geojson": _geojson(document["parts"]["candidates"], ("number", "id", "source", "withdrawn")),
        "case.json": _json(said),
        "chain.txt": _chain(document),
        "claims.geojson": _geojson(
            document["parts"]["claims"], ("number", "party", "source", "date", "accuracy_m", "withdrawn")
        ),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    rows = document["parts"]["evidence"]
    sums |= {name: row["sha256"] for row, name in zip(rows, evidence_names(document), strict=True)}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    return {**files, "SHA256SUMS": "".join(lines).encode()}


def _contents(connection: Connection, document: Document) -> Iterator[tuple[str, bytes]]:
    """Every file of the folder of a case; evidence one by one, for it may be a gigabyte."""
    yield from plain_files(document).items()
    for row, name in zip(document["parts"]["evidence"], evidence_names(document), strict=True):
        content = cases_import.file_content(connection, row["sha256"])
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            given = f"evidence {row['number']} is not what was handed in"
            raise ConflictError(given, do="gridmap cases verify", code="evidence_changed")
        yield name, content


def _write_folder(folder: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    folder.mkdir(mode=0o700)
    for name, content in contents:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def _read(folder: Path) -> Document:
    """What `case.json` says, if gridmap could have written it."""
    path = folder / "case.json"
    if not folder.is_dir() or path.is_symlink() or not path.is_file():
        raise NotFoundError(f"{folder} is no folder of a case: it has no case.json", code="no_case_folder")
    if path.stat().st_size > DOCUMENT_MOST:
        raise FormatError("case.json is too large", expected=f"{DOCUMENT_MOST} bytes at most", code="large_file")
    try:
        given = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"case.json is no JSON: {error}", do="copy the folder again", code="broken_json") from error
    if not isinstance(given, dict) or (given.get("format"), given.get("version")) != (FORMAT, VERSION):
        found = (given.get("format"), given.get("version")) if isinstance(given, dict) else type(given).__name__
        raise FormatError(f"case.json is {found}", expected=f"{FORMAT}, version {VERSION}", code="unknown_version")
    try:
        return cases_import.checked(given)
    except GridmapError as error:
        raise FormatError(f"case.json: {error}", do="copy the folder again", code="case_changed") from error


def _refuse_altered(folder: Path, document: Document, names: list[str]) -> None:
    """Refuse a folder that is not, byte by byte, what the document makes; every file that differs is named."""
    plain = plain_files(document)
    rows = document["parts"]["evidence"]
    wanted = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in plain.items()}
    wanted |= {name: (row["bytes"], row["sha256"]) for row, name in zip(rows, names, strict=True)}
    found = dict(_listing(folder))
    faults = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
    faults += [f"{name} is none of the case" for name in sorted(found.keys() - wanted.keys())]
    faults += [
        f"{name} has changed" for name in sorted(wanted.keys() & found.keys()) if _differs(found[name], wanted[name])
    ]
    if faults:
        raise FormatError(f"{folder.name}: {listed(faults)}", do="nothing was taken in", code="case_changed")


def _listing(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file in a folder, by its name from there; a link or a device is one too, and never looked into."""
    for root, folders, files in os.walk(folder):
        for name in (*files, *(one for one in folders if (Path(root) / one).is_symlink())):
            path = Path(root) / name
            yield path.relative_to(folder).as_posix(), path


def _differs(path: Path, wanted: tuple[int, str]) -> bool:
    """Whether a file is other than it should be."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != wanted[0]:
        return True
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while some := file.read(_READ_BYTES):
            digest.update(some)
    return digest.hexdigest() != wanted[1]


def _refuse_other(connection: Connection, document: Document) -> None:
    """Refuse a case of the code of one that the record holds, unless it is the very same."""
    code = document["case"]["code"]
    held = cases_import.document(connection, code)
    if plain_files(held) != plain_files(document):
        raise ConflictError(
            f"the record has another case {code}", do="see both; neither was changed", code="case_exists"
        )


def _within(row: Mapping[str, Any]) -> str:
    """The name of a file after its number and hash, cut so that file systems hold it; its ending stays."""
    before, name = f"{row['number']:03}_{row['sha256'][:12]}_", row["file"]
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > _ENDING_MOST:
        stem, dot, ending = name, "", ""
    room = _NAME_MOST - len((before + dot + ending).encode())
    return str(before + stem.encode()[:room].decode(errors="ignore") + dot + ending)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _geojson(rows: list[dict[str, Any]], names: tuple[str, ...]) -> bytes:
    """Rows as a layer, coordinates to the last bit."""
    features = [
        {
            "type": "Feature",
            "properties": {name: row[name] for name in names},
            "geometry": shapely.geometry.mapping(shapely.from_wkb(bytes.fromhex(row["geom"]))),
        }
        for row in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return _json({"type": "FeatureCollection", "crs": crs, "features": features})


def _chain(document: Document) -> bytes:
    """The chains as lines to be read."""
    head: Mapping[str, Any] = document["case"]
    lines = [f"case {head['code']}  {head['name']}  {head['status']}  version {head['version']}"]
    for part, rows in sorted(document["parts"].items()):
        lines += ["", f"{part}: {len(rows)}"]
        for row in rows:
            file = f"  sha256 {row['sha256']}  {row['bytes']} bytes  {row['file']}" if part == "evidence" else ""
            lines.append(f"{row['number']:>4}  {row['at']}  {row['hash']}{file}")
    return ("\n".join(lines) + "\n").encode()


def _refuse_taken(target: Path) -> None:
    if not target.absolute().parent.is_dir():
        raise InputError(f"there is no folder {target.parent}", do="make it first", code="missing_folder")
    empty = target.is_dir() and not target.is_symlink() and not is_archive(target) and not any(target.iterdir())
    if not empty and (target.is_symlink() or target.exists()):
        raise InputError(f"{target} holds something", expected="a new folder, or a new .zip", code="folder_taken")


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A place beside the one that is wanted, which it takes once it is whole."""
    target = target.absolute()
    with TemporaryDirectory(prefix=".gridmap-", dir=target.parent) as folder:
        try:
            yield Path(folder, "draft")
            if target.exists():
                target.rmdir()
            Path(folder, "draft").rename(target)
        except OSError as error:
            raise RecordError(f"{target} cannot be written: {error.strerror}") from error
