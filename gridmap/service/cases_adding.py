"""What is added to a case from files: claims, candidates, evidence; each file whole or not at all."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine

from gridmap.crs import zone_epsg, zone_of
from gridmap.disputes.proposals import Share
from gridmap.errors import FormatError, InputError, NotFoundError, TooLargeError
from gridmap.formats.parcels.holders import tells_of_holders
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
    #: what was decided to read each file, as `gridmap.service.disputes.Claims` has it
    readings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a line is to be solved for."""

    #: share of the disputed ground, more than 0 and less than 1
    share: float
    #: the party that is to get it; None: the one that comes first by its label
    party: str | None = None
    #: what the line is to be called; None: after its share
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hints:
    """How to read what files of claims do not say of themselves."""

    #: the CRS of those that do not say theirs
    crs: str | None = None
    #: ours to theirs
    columns: Mapping[str, str] | None = None
    #: the territory, which tells the zone of eastings that carry none
    within: gpd.GeoDataFrame | None = None
    #: points on an old datum and on CGCS2000
    common_points: pd.DataFrame | None = None


def put_claims(  # noqa: PLR0913 - what a file of claims does not say of itself
    engine: Engine,
    code: str,
    paths: Sequence[Path],
    *,
    actor: Actor | str,
    version: int | None = None,
    hints: Hints = Hints(),
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
    hints
        How to read what files do not say; without it, eastings that carry no zone are those of the case's.
    said
        What the files do not say: ``party``, ``source``, ``date`` (EDTF), ``accuracy_m``, ``evidence``; ``file``, the
        name by which a file came that lies here under another. A party that is said stands for that of the file.
    trust_names
        Whether the name of a file may be the label of a party where nothing else says it.

    Raises
    ------
    FormatError, TableError, CrsError
        As `gridmap.service.disputes.read_claims`.
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `gridmap.store.cases.add_claims`; InputError also if nothing says the party.
    """
    given = dict(said or {})
    _refuse_holders(hints)
    read = _called(_read_claims(engine, code, paths, hints), paths, given.get("file"))
    if given.get("party"):
        read = replace(read, warnings=[one for one in read.warnings if one["code"] != "party_from_file"])
    elif not trust_names and any(one["code"] == "party_from_file" for one in read.warnings):
        raise InputError("nothing says whose claims these are", do="say the party", code="no_party")
    given.setdefault("source", given.get("file") or ", ".join(path.name for path in paths))
    reading = {"crs": str(read.table.crs), "readings": read.readings, "warnings": read.warnings}
    rows = read.table.drop(columns="geometry").to_dict("records")
    new = [
        _claim(dict(row), shape, given, crs=read.table.crs, reading=reading)
        for row, shape in zip(rows, read.table.geometry, strict=True)
    ]
    with engine.begin() as connection:
        standing = books.standing_claims(connection, code)
        numbers = books.add_claims(connection, code, new, actor=actor, version=version)
    again = _claimed_already({one.party for one in new}, standing)
    return Added(numbers=numbers, warnings=[*read.warnings, *again], readings=read.readings)


def _refuse_holders(hints: Hints) -> None:
    """Refuse the column of holders of land as that of parties."""
    column = (hints.columns or {}).get("party")
    if column is not None and tells_of_holders(column):
        given = f"the column {column} tells who holds the land"
        expected = "labels of parties, no names of persons"
        raise InputError(given, expected=expected, do="say the party", code="tells_of_persons", values={"name": column})


def _read_claims(engine: Engine, code: str, paths: Sequence[Path], hints: Hints) -> Claims:
    """Claims in files; where these lack the zone it is that of the case, which is measured in it, and this is said."""
    try:
        return read_claims(paths, **vars(hints))
    except FormatError as error:
        with engine.connect() as connection:
            epsg = find_case(connection, code).epsg
        zone = None if epsg is None else zone_of(epsg)
        if error.code != "E_ZONE_UNKNOWN" or hints.crs is not None or zone is None:
            raise
    bare = zone_epsg(zone.number, zone.width, prefixed=False, datum=zone.datum)
    read = read_claims(paths, **{**vars(hints), "crs": str(bare)})
    told = {
        "code": "zone_of_case",
        "about": code,
        "message": f"eastings without a zone are read in the zone of the case, EPSG:{bare}",
        "message_zh": f"横坐标未注明带号，按本案所用的EPSG:{bare}读取",
    }
    return replace(read, warnings=[*read.warnings, told])


def _called(read: Claims, paths: Sequence[Path], name: str | None) -> Claims:
    """What was read of a file, told by the name under which it came."""
    if name is None:
        return read
    path = paths[0]
    names = {path.name: name, path.stem: Path(name).stem}

    def said(text: Any) -> Any:
        return names.get(text, text.replace(path.name, name)) if isinstance(text, str) else text

    warnings = [{key: said(text) for key, text in one.items()} for one in read.warnings]
    return replace(read, warnings=warnings, readings=[{**one, "file": name} for one in read.readings])


def _claimed_already(parties: set[str], standing: Mapping[str, list[int]]) -> list[dict[str, Any]]:
    """What to say of parties whose earlier claims stand beside the new ones."""
    return [
        {
            "code": "claims_already",
            "about": party,
            "message": f"{party} has claims that stand already, and count too: {_listed(standing[party])}",
            "message_zh": f"{party}已有有效主张，将一并计算：第{_listed(standing[party])}号",
        }
        for party in sorted(parties & standing.keys())
    ]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def put_candidates(  # noqa: PLR0913 - as `put_claims`
    engine: Engine,
    code: str,
    path: Path,
    *,
    actor: Actor | str,
    version: int | None = None,
    crs: str | None = None,
    source: str | None = None,
    name: str | None = None,
) -> Added:
    """Add the lines in a file to a case as candidates, all or none; under a name, numbered if they are several.

    Raises
    ------
    FormatError, TableError, CrsError
        As `gridmap.service.disputes.read_lines`.
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `gridmap.store.cases.add_candidates`.
    """
    lines = read_lines(path, crs=crs)
    new = [
        NewCandidate(id=one, shape=shape, crs=lines.crs, source=_or_none(own) or source)
        for one, own, shape in zip(_called_all(lines["id"], name), lines["source"], lines.geometry, strict=True)
    ]
    with engine.begin() as connection:
        return Added(numbers=books.add_candidates(connection, code, new, actor=actor, version=version))


def put_solved(engine: Engine, code: str, wanted: Wanted, *, actor: Actor | str, version: int | None = None) -> Added:
    """Add the line that gives a party, or the one that comes first by its label, a share of the disputed ground.

    Raises
    ------
    InputError, CrsError, TooLargeError
        As `gridmap.disputes.compare`; InputError also if no such line is found.
    NotFoundError, StaleError, ConflictError, RecordError
        As `gridmap.store.cases.add_candidates`.
    """
    asked: Share = wanted.share if wanted.party is None else (wanted.party, wanted.share)
    compared = compare_case(get_case(engine, code), shares=[asked], candidates=False)
    solved = compared.candidates
    params = {name: value for name, value in (("share", wanted.share), ("party", wanted.party)) if value is not None}
    new = [
        NewCandidate(id=one, shape=shape, crs=solved.crs, source="solved", params=params)
        for one, shape in zip(_called_all(solved["id"], wanted.name), solved.geometry, strict=True)
    ]
    with engine.begin() as connection:
        return Added(
            numbers=books.add_candidates(connection, code, new, actor=actor, version=version),
            warnings=compared.warnings,
        )


def _called_all(ids: Sequence[Any], name: str | None) -> list[str]:
    """What lines are called: by their own ids, or by a name, numbered if they are several."""
    if name is None:
        return [str(one) for one in ids]
    return [name] if len(ids) == 1 else [f"{name} {place}" for place in range(1, len(ids) + 1)]


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
