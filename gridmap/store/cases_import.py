"""A case as one JSON document with all its rows, and back into the record as it was, checked row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict

import shapely
from sqlalchemy import Connection, insert, select

from gridmap.errors import InputError
from gridmap.store import cases_words as words
from gridmap.store.cases_agreeing import LINEAGE, put_lineage
from gridmap.store.cases_evidence import CASE_MOST, FILE_MOST
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewEvidence, NewSource
from gridmap.store.cases_heads import STATUSES, find_case, seals
from gridmap.store.cases_reading import head_faults
from gridmap.store.cases_rows import Row, columns, moment, put, rows
from gridmap.store.cases_rows import faults as chain_faults
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import PARTS, cases, evidence_files


class Document(TypedDict):
    """All that is kept of a case."""

    #: what it says of itself
    case: dict[str, Any]
    #: its rows by their part
    parts: dict[str, list[Row]]


#: What is kept of a case's head.
_HEAD = ("code", "name", "note", "status", "epsg", "version", "created_at", "changed_at", "actor")

#: Kinds of lineage: see `gridmap.disputes.epochs`.
_KINDS = frozenset({"unchanged", "renamed", "adjusted", "split", "merge", "complex", "created", "abolished"})

_HASH = re.compile(r"[0-9a-f]{64}")


def document(connection: Connection, code: str) -> Document:
    """Return a case as a document.

    Raises
    ------
    NotFoundError
        If there is no such case.
    RecordError
        If the server went away.
    """
    case = find_case(connection, code)
    return {"case": case.said(), "parts": {part: rows(connection, case.case_id, part) for part in PARTS}}


def known(connection: Connection, code: str) -> bool:
    """Tell whether the record has a case of a code, which nobody else can make until the transaction ends.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('gridmap.cases.open'))")
        return connection.scalar(select(cases.c.case_id).where(cases.c.code == code)) is not None


def file_content(connection: Connection, sha256: str) -> bytes:
    """Return the bytes of a file of evidence by its hash.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        query = select(evidence_files.c.content).where(evidence_files.c.sha256 == sha256)
        return bytes(connection.execute(query).scalar_one())


def put_document(connection: Connection, given: Document) -> dict[str, str]:
    """Write a case as a document says, and return its seals; its files of evidence must be kept already.

    Raises
    ------
    ConflictError
        If the record refuses a row.
    RecordError
        If the server went away.
    """
    said = dict(given["case"])
    said |= {name: datetime.fromisoformat(said[name]) for name in ("created_at", "changed_at")}
    with plain_words():
        case_id: int = connection.execute(insert(cases).values(said).returning(cases.c.case_id)).scalar_one()
        for part, held in given["parts"].items():
            put(connection, case_id, part, held)
        for row in given["parts"]["agreements"]:
            put_lineage(connection, case_id, row)
    return seals(connection, find_case(connection, said["code"]))


def faults(given: Document) -> list[str]:
    """Return what does not fit in the chains of a document.

    Raises
    ------
    None
    """
    code = given["case"]["code"]
    found = [fault for part, held in given["parts"].items() for fault in chain_faults(code, part, held)]
    return [fault.message for fault in [*found, *head_faults(given["parts"])]]


def checked(given: Mapping[str, Any]) -> Document:
    """Return a document that gridmap could have written.

    Parameters
    ----------
    given
        Anything that JSON may hold.

    Raises
    ------
    InputError
        If something is missing or too much, a value is none that a case may hold, or a chain is broken; the row is
        named.
    """
    head, parts = given.get("case"), given.get("parts")
    if not isinstance(head, dict) or not isinstance(parts, dict) or set(parts) != set(PARTS):
        raise InputError("it has no case, or other parts", expected=", ".join(PARTS), code="broken_case")
    if set(given) - {"format", "version", "case", "parts"}:
        raise InputError("it says more than a case does", expected="case and parts", code="broken_case")
    _try("the case", lambda: _check_head(head))
    for part, held in parts.items():
        if not isinstance(held, list):
            raise InputError(f"{part} is no list", code="broken_case")
        for place, row in enumerate(held, 1):
            _try(f"{part} {place}", lambda row=row, part=part: _check_row(part, row))  # type: ignore[misc]
    found: Document = {"case": head, "parts": {part: parts[part] for part in PARTS}}
    if broken := faults(found):
        raise InputError(", ".join(broken[:5]), expected="rows as they were written", code="broken_case")
    _check_ties(found)
    return found


def _try(what: str, check: Callable[[], None]) -> None:
    """Check something hostile: whatever fails is a refusal that says where."""
    try:
        check()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(f"{what}: {error}", expected="what gridmap writes", code="broken_case") from error
    except shapely.errors.GEOSException as error:
        raise InputError(f"{what}: {error}", expected="a shape", code="broken_case") from error


def _check_head(head: dict[str, Any]) -> None:
    _same(sorted(head), sorted(_HEAD), "columns")
    NewCase(name=head["name"], epsg=head["epsg"])
    _same(words.code(head["code"]), head["code"], "code")
    _same(words.label(head["name"], "name"), head["name"], "name")
    _same(words.note(head["note"], "note"), head["note"], "note")
    _same(words.label(head["actor"], "actor"), head["actor"], "actor")
    _same(head["status"] in STATUSES, True, "status")
    _same(type(head["version"]) is int and head["version"] >= 0, True, "version")
    for name in ("created_at", "changed_at"):
        _same(moment(datetime.fromisoformat(head[name])), head[name], name)


def _check_row(part: str, row: Row) -> None:
    """Refuse a row that gridmap would not have written: it is written anew, and must come out alike."""
    _same(sorted(row), sorted(columns(part)), "columns")
    _same(type(row["number"]) is int, True, "number")
    _same(moment(datetime.fromisoformat(row["at"])), row["at"], "at")
    _same(words.label(row["actor"], "actor"), row["actor"], "actor")
    _same(bool(_HASH.fullmatch(row["prev"]) and _HASH.fullmatch(row["hash"])), True, "hash")
    _same(type(row.get("withdrawn", False)), bool, "withdrawn")
    again = _AGAIN[part](row)
    for name, value in again.items():
        _same(row[name], value, name)


def _claim(row: Row) -> Row:
    shape = shapely.from_wkb(bytes.fromhex(row["geom"]))
    names = ("party", "source", "date", "accuracy_m", "evidence", "reading")
    return NewClaim(shape=shape, crs=4490, **{name: row[name] for name in names}).row()


def _candidate(row: Row) -> Row:
    shape = shapely.from_wkb(bytes.fromhex(row["geom"]))
    return NewCandidate(shape=shape, crs=4490, **{name: row[name] for name in ("id", "source", "params")}).row()


def _source(row: Row) -> Row:
    return NewSource(**{name: row[name] for name in NewSource.__dataclass_fields__}).row()


def _evidence(row: Row) -> Row:
    if type(row["bytes"]) is not int or not 0 < row["bytes"] <= FILE_MOST or not _HASH.fullmatch(row["sha256"]):
        raise InputError("bytes or hash of the file", expected="those of a file", code="broken_case")
    return NewEvidence(**{name: row[name] for name in NewEvidence.__dataclass_fields__}).row()


def _agreement(row: Row) -> Row:
    for one in row["parcels"]:
        _same(sorted(one), ["geom", "id", "party"], "parcels")
        NewClaim(
            party=one["party"] or one["id"], source=one["id"], shape=shapely.from_wkb(bytes.fromhex(one["geom"]))
        ).row()
    for one in row["lineage"]:
        _same(sorted(one), sorted(LINEAGE), "lineage")
        _same(one["kind"] in _KINDS, True, "lineage")
        _same([words.label(one[name], name) for name in ("old", "new") if one[name] is not None] != [], True, "lineage")
        _same(all(one[name] is None or type(one[name]) in (int, float) for name in LINEAGE[3:]), True, "lineage")
    _same(all(_HASH.fullmatch(row[f"{part}_head"]) for part in ("claims", "candidates", "evidence")), True, "heads")
    return {
        "candidate": words.label(row["candidate"], "candidate"),
        "agreed_on": date.fromisoformat(row["agreed_on"]).isoformat(),
        "effective": date.fromisoformat(row["effective"]).isoformat(),
        "parties": [words.label(party, "party") for party in row["parties"]],
        "terms": words.note(row["terms"], "terms"),
        "sheet_sha256": words.hexadecimal(row["sheet_sha256"], "hash of the sheet"),
    }


#: How a row of each part is made anew from what it says.
_AGAIN: dict[str, Callable[[Row], Row]] = {
    "sources": _source,
    "claims": _claim,
    "candidates": _candidate,
    "evidence": _evidence,
    "agreements": _agreement,
}


def _check_ties(found: Document) -> None:
    """Refuse rows that name what is not there, and more evidence than a case may have."""
    parts = found["parts"]
    files = {row["number"] for row in parts["evidence"]}
    named = [row["evidence"] for part in ("sources", "claims") for row in parts[part] if row["evidence"] is not None]
    ids = [row["id"] for row in parts["candidates"]]
    agreed = {row["candidate"] for row in parts["agreements"]}
    if not set(named) <= files or not agreed <= set(ids) or len(set(ids)) < len(ids):
        raise InputError("a row names evidence or a candidate that is not there", code="broken_case")
    if sum(row["bytes"] for row in parts["evidence"]) > CASE_MOST:
        raise InputError("its evidence is too large", expected=f"{CASE_MOST} bytes", code="large_case")


def _same(given: Any, expected: Any, what: str) -> None:
    """Refuse a value that is another, or of another kind: true is not 1."""
    if given != expected or type(given) is not type(expected):
        raise InputError(f"{what} is not as gridmap writes it", code="broken_case")
