"""A case as one folder or archive, and back, to the last bit: `case.json` says it all, all other files follow from it.

An import takes nothing on trust: it makes each file anew from what `case.json` says, and any byte that differs, any
file too many or too few, any row that gridmap would not have written refuses the whole. Who makes up a whole case with
all its hashes is not found out by that: the last hash of each chain, which both parties may keep, tells which is which.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine

from gridmap.drafts import refuse_missing_folder
from gridmap.errors import ConflictError, FormatError, GridmapError, InputError, NotFoundError, RecordError
from gridmap.service.cases_archive import is_archive, unpack, write_archive
from gridmap.service.cases_files import FORMAT, VERSION, evidence_names, plain_files
from gridmap.store import Actor, cases_evidence, cases_import, note
from gridmap.store.cases_import import Document
from gridmap.store.cases_rows import Fault
from gridmap.store.conflicts import listed

#: Bytes of ``case.json``: a case of a hundred thousand corners has some megabytes.
DOCUMENT_MOST = 256 * 2**20
_READ_BYTES = 2**20


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
    with _opened(source) as folder:
        return _take(engine, folder, actor)


def compare_export(engine: Engine, code: str, source: Path) -> list[Fault]:
    """Return the rows of a case that are not those of a folder or archive which was handed over earlier.

    What both parties hold of a case is how a record is found out that was written anew, or put back from an older
    backup, with all its hashes: since then rows may have been added, and some withdrawn, but none may be another.

    Raises
    ------
    NotFoundError
        If there is no such case, folder or archive.
    FormatError, TooLargeError
        As `import_case`.
    InputError
        If it is of another case.
    RecordError
        If the server went away.
    """
    with _opened(source) as folder:
        given = _read(folder)
    if given["case"]["code"] != code:
        raise InputError(f"{source.name} is case {given['case']['code']}", expected=code, code="another_case")
    with engine.connect() as connection:
        held = cases_import.document(connection, code)["parts"]
    kept = {(part, row["number"]): row["hash"] for part, some in held.items() for row in some}
    return [
        Fault(
            part=part,
            number=row["number"],
            code="export",
            message=f"{part} {row['number']} is not what {source.name} has",
        )
        for part, some in given["parts"].items()
        for row in some
        if kept.get((part, row["number"])) != row["hash"]
    ]


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


def _contents(connection: Connection, document: Document) -> Iterator[tuple[str, bytes]]:
    """Every file of the folder of a case; evidence one by one, for it may be a gigabyte."""
    yield from plain_files(document).items()
    for row, name in zip(document["parts"]["evidence"], evidence_names(document), strict=True):
        content = cases_import.file_content(connection, row["sha256"])
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            given = f"evidence {row['number']} is not what was handed in"
            raise ConflictError(given, do="gridmap cases verify", code="evidence_changed")
        yield name, content


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The folder of a case, unpacked for a while where it is an archive."""
    if not is_archive(source):
        yield source
        return
    with TemporaryDirectory(prefix="gridmap-") as folder:
        unpack(source, Path(folder))
        yield Path(folder)


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


def _refuse_taken(target: Path) -> None:
    refuse_missing_folder(target.absolute())
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
