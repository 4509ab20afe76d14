"""What is added to a case from files: claims, candidates, evidence; each file whole or not at all."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from gridmap.crs import zone_epsg, zone_of
from gridmap.errors import FormatError, InputError, NotFoundError, TooLargeError
from gridmap.service.cases_comparing import compare_case, get_case
from gridmap.service.disputes import Claims, read_claims, read_lines
from gridmap.store import Actor, cases_evidence
from gridmap.store import cases as books
from gridmap.store.cases_given import NewCandidate, NewClaim, NewEvidence
from gridmap.store.cases_heads import find_case


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was added to a case from files."""

    #: numbers of the rows
    numbers: list[int]
    #: what had to be taken for granted to read them: ``code``, ``about``, ``message``, ``message_zh``
    warnings: list[dict[str, Any]] = field(default_factory=list)


def put_claims(  # noqa: PLR0913 - what a file of claims does not say of itself
    engine: Engine,
    code: str,
    paths: Sequence[Path],
    *,
    actor: Actor | str,
    version: int | None = None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    said: Mapping[str, Any] | None = None,
    trust_names: bool = True,
) -> Added:
    """Add the claims in files to a case, all or none.

    Parameters
    ----------
    engine, code, actor, version
        As `gridmap.store.cases.add_claims`.
    paths
        Files, as `gridmap.service.disputes.read_claims`.
    crs
        The CRS of files that do not say; left out, eastings that carry no zone are those of the case's.
    columns
        Ours to theirs.
    said
        What the files do not say: ``party``, ``source``, ``date`` (EDTF), ``accuracy_m``, ``evidence``; ``file``, the
        name by which a file came that lies here under another. A party that is said stands for that of the file.
    trust_names
        Whether names of files say something: the party where nothing else does, and the source.

    Raises
    ------
    FormatError, TableError, CrsError
        As `gridmap.service.disputes.read_claims`.
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `gridmap.store.cases.add_claims`; InputError also if nothing says the party.
    """
    read = _read_claims(engine, code, paths, crs=crs, columns=columns)
    given = dict(said or {})
    given.setdefault("source", given.get("file") or (", ".join(path.name for path in paths) if trust_names else None))
    unnamed = any(one["code"] == "party_from_file" for one in read.warnings)
    if unnamed and not trust_names and not given.get("party"):
        raise InputError("nothing says whose claims these are", do="say the party", code="no_party")
    named = {"file": given["file"]} if given.get("file") else {}
    readings = [{**one, **named} for one in read.readings]
    reading = {"crs": str(read.table.crs), "readings": readings, "warnings": read.warnings}
    rows = read.table.drop(columns="geometry").to_dict("records")
    new = [
        _claim(dict(row), shape, given, crs=read.table.crs, reading=reading)
        for row, shape in zip(rows, read.table.geometry, strict=True)
    ]
    with engine.begin() as connection:
        numbers = books.add_claims(connection, code, new, actor=actor, version=version)
    dropped = {"party_from_file"} if given.get("party") else set()
    return Added(numbers=numbers, warnings=[one for one in read.warnings if one["code"] not in dropped])


def _read_claims(
    engine: Engine, code: str, paths: Sequence[Path], *, crs: str | None, columns: Mapping[str, str] | None
) -> Claims:
    """Claims in files; where these lack the zone it is that of the case, which is measured in it."""
    try:
        return read_claims(paths, crs=crs, columns=columns)
    except FormatError as error:
        with engine.connect() as connection:
            epsg = find_case(connection, code).epsg
        zone = None if epsg is None else zone_of(epsg)
        if error.code != "E_ZONE_UNKNOWN" or crs is not None or zone is None:
            raise
    bare = zone_epsg(zone.number, zone.width, prefixed=False, datum=zone.datum)
    return read_claims(paths, crs=str(bare), columns=columns)


def put_candidates(  # noqa: PLR0913 - as `put_claims`
    engine: Engine,
    code: str,
    path: Path,
    *,
    actor: Actor | str,
    version: int | None = None,
    crs: str | None = None,
    source: str | None = None,
) -> Added:
    """Add the lines in a file to a case as candidates, all or none.

    Raises
    ------
    FormatError, TableError, CrsError
        As `gridmap.service.disputes.read_lines`.
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `gridmap.store.cases.add_candidates`.
    """
    lines = read_lines(path, crs=crs)
    new = [
        NewCandidate(id=str(name), shape=shape, crs=lines.crs, source=_or_none(own) or source)
        for name, own, shape in zip(lines["id"], lines["source"], lines.geometry, strict=True)
    ]
    with engine.begin() as connection:
        return Added(numbers=books.add_candidates(connection, code, new, actor=actor, version=version))


def put_solved(
    engine: Engine, code: str, share: float, *, actor: Actor | str, version: int | None = None, name: str | None = None
) -> Added:
    """Add the line that gives the party that comes first by its label a share of the disputed ground.

    Raises
    ------
    InputError, CrsError, TooLargeError
        As `gridmap.disputes.compare`; InputError also if no such line is found.
    NotFoundError, StaleError, ConflictError, RecordError
        As `gridmap.store.cases.add_candidates`.
    """
    compared = compare_case(get_case(engine, code), shares=[share], candidates=False)
    solved = compared.candidates
    new = [
        NewCandidate(id=name or str(one), shape=shape, crs=solved.crs, source="solved", params={"share": share})
        for one, shape in zip(solved["id"], solved.geometry, strict=True)
    ]
    with engine.begin() as connection:
        return Added(
            numbers=books.add_candidates(connection, code, new, actor=actor, version=version),
            warnings=compared.warnings,
        )


def put_evidence(
    engine: Engine,
    code: str,
    path: Path,
    new: NewEvidence | None = None,
    *,
    actor: Actor | str,
    version: int | None = None,
) -> int:
    """Add a file to the evidence of a case, and return its number.

    Raises
    ------
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `gridmap.store.cases_evidence.add_evidence`; NotFoundError also if there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", do="name one", code="missing_file")
    if path.stat().st_size > cases_evidence.FILE_MOST:
        raise TooLargeError(f"{path.name} is too large", expected=f"{cases_evidence.FILE_MOST} bytes at most")
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    new = NewEvidence(file=path.name, media_type=kind) if new is None else new
    with engine.begin() as connection:
        return cases_evidence.add_evidence(connection, code, new, path.read_bytes(), actor=actor, version=version)


def _claim(row: dict[str, Any], shape: Any, said: Mapping[str, Any], *, crs: Any, reading: dict[str, Any]) -> NewClaim:
    """A row of a file as a claim; what is said beside the file fills what it lacks."""
    day = _or_none(row.get("date"))
    return NewClaim(
        party=said.get("party") or row["party"],
        shape=shape,
        crs=crs,
        source=_or_none(row.get("source")) or said.get("source"),
        date=str(day) if day is not None else said.get("date"),
        accuracy_m=_or_none(row.get("accuracy_m")) if said.get("accuracy_m") is None else said["accuracy_m"],
        evidence=said.get("evidence"),
        reading=reading,
    )


def _or_none(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
