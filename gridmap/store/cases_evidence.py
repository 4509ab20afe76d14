"""Files that parties hand in: each with its SHA-256, and each look at one audited."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from gridmap.errors import ConflictError, InputError, TooLargeError
from gridmap.store.audit import Actor, note
from gridmap.store.cases import changing, no_row, written
from gridmap.store.cases_given import NewEvidence
from gridmap.store.cases_heads import Head, find_case
from gridmap.store.cases_rows import Row, rows
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import evidence_files

#: Bytes of a file of evidence, and of all of a case.
FILE_MOST, CASE_MOST = 64 * 2**20, 2**30


def add_evidence(
    connection: Connection,
    code: str,
    new: NewEvidence,
    content: bytes,
    *,
    actor: Actor | str,
    version: int | None = None,
) -> int:
    """Add a file to the chain of evidence of a case, and return its number.

    The same file may come from two parties: it is kept once.

    Raises
    ------
    NotFoundError, StaleError, RecordError
        As `add_claims`.
    ConflictError
        If the case is not open, or has that file from that party already.
    InputError
        If the file is empty, or something said of it may not stand in a case.
    TooLargeError
        If it has more than `FILE_MOST` bytes, or the case would have more than `CASE_MOST`.
    """
    if not content:
        raise InputError(f"the file {new.file!r} is empty", expected="at least one byte", code="empty_file")
    if len(content) > FILE_MOST:
        raise TooLargeError(f"the file has {len(content)} bytes", expected=f"{FILE_MOST} at most", code="large_file")
    row = {**new.row(), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    case = changing(connection, code, version)
    _refuse_repeated(connection, case, row)
    with plain_words():
        keep_file(connection, row["sha256"], content)
    return written(connection, case, "evidence", [row], actor)[0]


def keep_file(connection: Connection, sha256: str, content: bytes) -> None:
    """Keep the content of a file, once however many cases hold it.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be written.
    """
    values = insert(evidence_files).values(sha256=sha256, content=content)
    connection.execute(values.on_conflict_do_nothing())


def read_evidence(connection: Connection, code: str, number: int, *, actor: Actor | str) -> tuple[Row, bytes]:
    """Return what is said of a file of evidence, and its bytes; the look is audited.

    Raises
    ------
    NotFoundError
        If there is no such case, or no evidence of that number.
    ConflictError
        If its bytes are not those that were handed in: see `gridmap.store.cases_reading.verify`.
    RecordError
        If the server went away.
    """
    case = find_case(connection, code)
    row = next((row for row in rows(connection, case.case_id, "evidence") if row["number"] == number), None)
    if row is None:
        raise no_row("evidence", number, code)
    with plain_words():
        query = select(evidence_files.c.content).where(evidence_files.c.sha256 == row["sha256"])
        content = bytes(connection.execute(query).scalar_one())
        note(connection, actor, "look at evidence", detail={"case": code, "number": number, "sha256": row["sha256"]})
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        given = f"evidence {number} of case {code} is not what was handed in"
        raise ConflictError(given, do="restore it from an export or a backup", code="evidence_changed")
    return row, content


def _refuse_repeated(connection: Connection, case: Head, row: Mapping[str, Any]) -> None:
    """Refuse a file that the case has from that party, or that would make it too large."""
    held = rows(connection, case.case_id, "evidence")
    again = [one["number"] for one in held if (one["sha256"], one["party"]) == (row["sha256"], row["party"])]
    if again:
        given = f"case {case.code} has that file as evidence {again[0]}"
        raise ConflictError(given, do="name its number", code="evidence_exists", values={"number": again[0]})
    if sum(one["bytes"] for one in held) + row["bytes"] > CASE_MOST:
        raise TooLargeError(f"case {case.code} would be too large", expected=f"{CASE_MOST} bytes", code="large_case")
