"""Rows of a case, each chained to the one before it: ``hash = sha256(previous hash || the row as canonical JSON)``.

The canonical JSON of a row is UTF-8 with sorted keys and no blanks. It holds the case's code, the word of its part, and
every column but the hashes and ``withdrawn``, which may change. Geometry is hexadecimal EWKB, so that the last bit of a
coordinate counts; moments are in UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from gridmap.errors import InputError
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import PARTS

Row = dict[str, Any]

#: The hash before the first row.
ZERO = "0" * 64
#: Columns that the hash of a row does not cover.
_UNHASHED = frozenset({"prev", "hash", "withdrawn"})
_DATES = frozenset({"agreed_on", "effective"})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A row that is not as it was written."""

    #: ``sources``, ``claims``, ``candidates``, ``evidence``, ``agreements``, or ``case`` for what it says of itself
    part: str
    #: number of the row; None for all of them
    number: int | None
    #: a short stable word: ``changed``, ``missing``, ``content``, ``head``, ``lineage``, ``seal``
    code: str
    #: what is wrong
    message: str


def columns(part: str) -> list[str]:
    """Return the names of what a row of a part says, without the number of its case.

    Raises
    ------
    None
    """
    return [column.name for column in PARTS[part].columns if column.name != "case_id"]


def canonical(value: Any) -> bytes:
    """Return a value as the one JSON text that it has.

    Raises
    ------
    InputError
        If it holds numbers that JSON has not (not a number, infinity).

    Examples
    --------
    >>> canonical({"b": 1.0, "a": "甲"}).decode()
    '{"a":"甲","b":1.0}'
    """
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise InputError("a number that is none", expected="finite numbers", code="not_a_number") from error
    return text.encode()


def row_hash(code: str, part: str, row: Mapping[str, Any], prev: str) -> str:
    """Return the hash of a row, in hexadecimal.

    Raises
    ------
    InputError
        As `canonical`.
    """
    said = {name: row[name] for name in columns(part) if name not in _UNHASHED}
    return hashlib.sha256(bytes.fromhex(prev) + canonical({"case": code, "part": part, **said})).hexdigest()


def moment(at: datetime) -> str:
    """Return a moment as it is written everywhere: UTC, to the microsecond.

    Raises
    ------
    None
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def rows(connection: Connection, case_id: int, part: str) -> list[Row]:
    """Return the rows of a part of a case by number, as JSON has them.

    Raises
    ------
    RecordError
        If the server went away.
    """
    table = PARTS[part]
    asked = [table.c.geom.ST_AsEWKB("NDR").label("geom") if name == "geom" else table.c[name] for name in columns(part)]
    query = select(*asked).where(table.c.case_id == case_id).order_by(table.c.number)
    with plain_words():
        return [{name: _plain(value) for name, value in row.items()} for row in connection.execute(query).mappings()]


def append(
    connection: Connection, case: tuple[int, str], part: str, values: Sequence[Mapping[str, Any]], actor: str
) -> list[Row]:
    """Write rows of a part after those that are there, and return them.

    Parameters
    ----------
    connection
        The transaction in which the case is locked.
    case
        Its number and its code.
    part
        A word of `PARTS`.
    values
        What each row says, as JSON has it.
    actor
        Who writes.

    Raises
    ------
    InputError
        As `canonical`.
    sqlalchemy.exc.IntegrityError
        If the record refuses a row.
    """
    case_id, code = case
    table = PARTS[part]
    last = connection.execute(
        select(table.c.number, table.c.hash).where(table.c.case_id == case_id).order_by(table.c.number.desc()).limit(1)
    ).one_or_none()
    number, prev = (last.number, last.hash) if last else (0, ZERO)
    at = _plain(connection.execute(select(func.now())).scalar_one())
    written: list[Row] = []
    for given in values:
        number += 1
        row = {**dict.fromkeys(columns(part)), **given, "number": number, "actor": actor, "at": at, "prev": prev}
        if "withdrawn" in row:
            row["withdrawn"] = bool(row["withdrawn"])
        prev = row["hash"] = row_hash(code, part, row, prev)
        written.append(row)
    put(connection, case_id, part, written)
    return written


def put(connection: Connection, case_id: int, part: str, written: Sequence[Row]) -> None:
    """Write rows that are whole: numbered and hashed.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If the record refuses a row.
    """
    for row in written:
        connection.execute(insert(PARTS[part]).values(case_id=case_id, **{k: _stored(k, v) for k, v in row.items()}))


def faults(code: str, part: str, held: Sequence[Row]) -> list[Fault]:
    """Return the rows of a part that are not as they were written, each with its number.

    Raises
    ------
    None
    """
    found: list[Fault] = []
    prev, place = ZERO, 0
    for row in held:
        place += 1
        if row["number"] != place:
            found.append(_fault(part, place, "missing", f"{part} {place} is missing"))
            place = int(row["number"])
        elif row["prev"] != prev:
            found.append(_fault(part, place, "changed", f"{part} {place} does not follow the row before it"))
        if not _as_written(code, part, row):
            found.append(_fault(part, place, "changed", f"{part} {place} is not as it was written"))
        prev = row["hash"]
    return found


def head(held: Sequence[Row]) -> str:
    """Return a hash over what stands of a part: its last hash and the numbers that are not withdrawn.

    Raises
    ------
    None
    """
    last = held[-1]["hash"] if held else ZERO
    standing = [row["number"] for row in held if not row.get("withdrawn")]
    return hashlib.sha256(canonical([last, standing])).hexdigest()


def _fault(part: str, number: int | None, code: str, message: str) -> Fault:
    return Fault(part=part, number=number, code=code, message=message)


def _as_written(code: str, part: str, row: Row) -> bool:
    """Whether a row has its own hash."""
    try:
        return bool(row_hash(code, part, row, row["prev"]) == row["hash"])
    except (ValueError, TypeError):
        return False


def _plain(value: Any) -> Any:
    """A value of the record as JSON has it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex().upper() if isinstance(value, bytes | memoryview) else value


def _stored(name: str, value: Any) -> Any:
    """A value of JSON as the record has it."""
    if name == "geom":
        return func.ST_GeomFromEWKB(bytes.fromhex(value))
    if name == "at":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in _DATES else value
