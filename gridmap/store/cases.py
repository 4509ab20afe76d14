"""Cases of land disputes in the record: opened, added to row by row, and never overwritten.

Every change adds one to the version of its case, and is audited; whoever names the version that he saw is refused when
others changed the case meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, Row, Select, func, insert, select, text, update

from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError
from gridmap.store import cases_words as words
from gridmap.store.audit import Actor, note
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewSource
from gridmap.store.cases_rows import append
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import PARTS, case_candidates, case_evidence, cases

OPEN, AGREED, CLOSED, WITHDRAWN = STATUSES = ("open", "agreed", "closed", "withdrawn")

#: What may follow a status. An agreement is made by `gridmap.store.cases_agreeing.agree` alone.
_NEXT = {OPEN: (CLOSED, WITHDRAWN), AGREED: (CLOSED,), CLOSED: (), WITHDRAWN: (OPEN,)}

_YEARLY = re.compile(r"(\d{4})-(\d{4,})")


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a case says of itself."""

    #: its number in this record
    case_id: int
    #: the code by which it is known everywhere
    code: str
    #: what it is called
    name: str
    #: what its mediator should know
    note: str
    #: ``open``, ``agreed``, ``closed`` or ``withdrawn``
    status: str
    #: EPSG code of the system in which it is measured; None before the first shape
    epsg: int | None
    #: how often it was changed
    version: int
    #: when it was opened
    created_at: datetime
    #: when it was changed last
    changed_at: datetime
    #: who opened it
    actor: str


def add_case(connection: Connection, new: NewCase, *, actor: Actor | str) -> Head:
    """Open a case, and return it.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    new
        What it is opened with; without a code it gets the next of this year.
    actor
        Who opens it.

    Raises
    ------
    InputError, TooLargeError
        If a text is none that a case may hold.
    ConflictError
        If there is a case of that code.
    RecordError
        If the server went away.
    """
    said = {"name": words.label(new.name, "name"), "note": words.note(new.note, "note"), "epsg": new.epsg}
    code = words.code(new.code) if new.code else None
    with plain_words():
        # two that open a case at once would both take the next code
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridmap.cases.open'))"))
        code = code or _next_code(connection)
        if connection.scalar(select(cases.c.case_id).where(cases.c.code == code)) is not None:
            raise ConflictError(
                f"there is a case {code}", do="give another code", code="case_exists", values={"case": code}
            )
        row = {**said, "code": code, "status": OPEN, "version": 0, "actor": name_of(actor)}
        connection.execute(insert(cases).values(row))
        note(connection, actor, "open case", detail={"case": code, "name": said["name"]})
    return find_case(connection, code)


def find_case(connection: Connection, code: str, *, lock: bool = False) -> Head:
    """Return a case by its code.

    Parameters
    ----------
    connection
        To the record.
    code
        Its code.
    lock
        Keep others from changing it until the transaction ends; they wait.

    Raises
    ------
    NotFoundError
        If there is no such case.
    RecordError
        If the server went away.
    """
    query = _heads().where(cases.c.code == code)
    with plain_words():
        # a text with a zero character is none that the record could be asked for
        found = None if "\0" in code else connection.execute(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFoundError(f"there is no case {code!r}", do="list them", code="no_case", values={"case": code})
    return _head(found)


def list_cases(connection: Connection, *, status: str | None = None) -> list[Head]:
    """Return the cases by code; only those of a status where one is given.

    Raises
    ------
    RecordError
        If the server went away.
    """
    query = _heads().order_by(cases.c.code)
    with plain_words():
        found = connection.execute(query if status is None else query.where(cases.c.status == status))
        return [_head(row) for row in found]


def add_claims(
    connection: Connection, code: str, new: Sequence[NewClaim], *, actor: Actor | str, version: int | None = None
) -> list[int]:
    """Add claims to a case, and return their numbers.

    Raises
    ------
    NotFoundError
        If there is no such case, or no evidence of the number that a claim names.
    StaleError
        If it was changed since ``version``.
    ConflictError
        If it is not open.
    InputError, TooLargeError, CrsError
        If a claim says what a case may not hold.
    RecordError
        If the server went away.
    """
    values = [one.row() for one in new]
    return _added(connection, code, "claims", values, actor=actor, version=version)


def add_candidates(
    connection: Connection, code: str, new: Sequence[NewCandidate], *, actor: Actor | str, version: int | None = None
) -> list[int]:
    """Add lines that are proposed to settle, and return their numbers.

    Raises
    ------
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, CrsError, RecordError
        As `add_claims`; ConflictError also if the case has, or had, a candidate of that id.
    """
    values = [one.row() for one in new]
    return _added(connection, code, "candidates", values, actor=actor, version=version)


def add_sources(
    connection: Connection, code: str, new: Sequence[NewSource], *, actor: Actor | str, version: int | None = None
) -> list[int]:
    """Add maps, pictures and surveys that show the place, and return their numbers.

    Raises
    ------
    NotFoundError, StaleError, ConflictError, InputError, TooLargeError, RecordError
        As `add_claims`.
    """
    values = [one.row() for one in new]
    return _added(connection, code, "sources", values, actor=actor, version=version)


def withdraw(
    connection: Connection, code: str, part: str, number: int, *, actor: Actor | str, version: int | None = None
) -> Head:
    """Mark a claim or a candidate as one that no longer stands; it stays, and another may follow it.

    Raises
    ------
    InputError
        If ``part`` is neither ``claims`` nor ``candidates``.
    NotFoundError
        If there is no such case, or no such row that stands.
    StaleError, ConflictError, RecordError
        As `add_claims`.
    """
    if part not in {"claims", "candidates"}:
        raise InputError(f"{part} cannot be withdrawn", expected="claims or candidates", code="not_withdrawable")
    case = changing(connection, code, version)
    table = PARTS[part]
    standing = (table.c.case_id == case.case_id) & (table.c.number == number) & ~table.c.withdrawn
    with plain_words():
        if not connection.execute(update(table).values(withdrawn=True).where(standing)).rowcount:
            raise no_row(part, number, code)
    return changed(connection, case, actor, f"withdraw {part}", {"number": number})


def set_status(
    connection: Connection, code: str, status: str, *, actor: Actor | str, version: int | None = None
) -> Head:
    """Close or withdraw a case, or open one again that was withdrawn.

    Raises
    ------
    NotFoundError, StaleError, RecordError
        As `add_claims`.
    ConflictError
        If that status cannot follow the one it has.
    InputError
        If there is no such status.
    """
    if status not in STATUSES:
        raise InputError(f"the status {status!r}", expected=", ".join(STATUSES), code="unknown_status")
    case = changing(connection, code, version, statuses=STATUSES)
    if status not in _NEXT[case.status]:
        can = " or ".join(_NEXT[case.status]) or "nothing"
        raise ConflictError(
            f"case {code} is {case.status}",
            expected=f"then {can}",
            code="status_cannot_follow",
            values={"status": case.status},
        )
    return changed(connection, case, actor, f"{status} case", {}, status=status)


def changing(connection: Connection, code: str, version: int | None, *, statuses: Sequence[str] = (OPEN,)) -> Head:
    """Return a case that is locked, has one of these statuses, and was not changed since it was seen.

    Raises
    ------
    NotFoundError
        If there is no such case.
    StaleError
        If it has another version.
    ConflictError
        If it has another status.
    """
    case = find_case(connection, code, lock=True)
    if version is not None and version != case.version:
        raise StaleError(
            f"case {code} is of version {case.version}, not {version}",
            version=case.version,
            changed=(),
            code="stale_case",
            do="look at it again",
            values={"case": code},
        )
    if case.status not in statuses:
        raise ConflictError(
            f"case {code} is {case.status}",
            expected="an open case",
            code="case_not_open",
            values={"status": case.status},
        )
    return case


def changed(
    connection: Connection, case: Head, actor: Actor | str, action: str, detail: Mapping[str, Any], **values: Any
) -> Head:
    """Count a change of a case, and audit it.

    Raises
    ------
    RecordError
        If the server went away.
    """
    said = {"version": case.version + 1, "changed_at": func.now(), **values}
    with plain_words():
        connection.execute(update(cases).values(said).where(cases.c.case_id == case.case_id))
        note(connection, actor, action, detail={"case": case.code, "version": case.version + 1, **detail})
    return find_case(connection, case.code)


def name_of(actor: Actor | str) -> str:
    """Return the name of a key or account.

    Raises
    ------
    None
    """
    return actor if isinstance(actor, str) else actor.name


def _added(
    connection: Connection,
    code: str,
    part: str,
    values: Sequence[dict[str, Any]],
    *,
    actor: Actor | str,
    version: int | None,
) -> list[int]:
    if not values:
        raise InputError(f"there are no {part} to add", expected="at least one", code="nothing_given")
    case = changing(connection, code, version)
    if part == "candidates":
        _refuse_known(connection, case, [row["id"] for row in values])
    _refuse_unknown_evidence(connection, case, values)
    return written(connection, case, part, values, actor)


def written(
    connection: Connection, case: Head, part: str, values: Sequence[dict[str, Any]], actor: Actor | str
) -> list[int]:
    """Write rows, count the change, settle where the case is measured when its first shape comes; return the numbers.

    Raises
    ------
    ConflictError
        If the record refuses a row.
    RecordError
        If the server went away.
    """
    with plain_words():
        numbers = [row["number"] for row in append(connection, (case.case_id, case.code), part, values, name_of(actor))]
    zone = {"epsg": _zone(values)} if case.epsg is None and "geom" in values[0] else {}
    changed(connection, case, actor, f"add {part}", {"numbers": numbers, **zone}, **zone)
    return numbers


def _zone(values: Sequence[dict[str, Any]]) -> int:
    """The system in which to measure at the place of these rows: the 3-degree zone of the middle of their box."""
    from gridmap.crs import metric_epsg

    shapes = gpd.GeoSeries.from_wkb([bytes.fromhex(row["geom"]) for row in values])
    west, south, east, north = shapes.total_bounds
    return metric_epsg(float(west + east) / 2, float(south + north) / 2)


def _refuse_known(connection: Connection, case: Head, ids: Sequence[str]) -> None:
    table = case_candidates.c
    known = set(connection.scalars(select(table.id).where(table.case_id == case.case_id)))
    again = sorted(known & set(ids) | {one for one in ids if ids.count(one) > 1})
    if again:
        given = f"case {case.code} has, or had, a candidate {', '.join(again)}"
        raise ConflictError(
            given, do="give another id: what was proposed is never overwritten", code="candidate_exists"
        )


def _refuse_unknown_evidence(connection: Connection, case: Head, values: Sequence[dict[str, Any]]) -> None:
    table = case_evidence.c
    known = set(connection.scalars(select(table.number).where(table.case_id == case.case_id)))
    for number in {row["evidence"] for row in values if row.get("evidence") is not None} - known:
        raise no_row("evidence", number, case.code)


def no_row(part: str, number: int, code: str) -> NotFoundError:
    """Return the refusal of a number that a case has not.

    Raises
    ------
    None
    """
    given = f"there is no {part} {number} that stands in case {code}"
    return NotFoundError(given, do="look at the case", code="no_row", values={"part": part, "number": number})


def _next_code(connection: Connection) -> str:
    year = connection.execute(text("SELECT gridmap_today()")).scalar_one().year
    held = connection.scalars(select(cases.c.code).where(cases.c.code.startswith(f"{year}-")))
    found = [_YEARLY.fullmatch(code) for code in held]
    return f"{year}-{max((int(one[2]) for one in found if one), default=0) + 1:04}"


def _heads() -> Select[Any]:
    return select(*[cases.c[name] for name in Head.__dataclass_fields__])


def _head(row: Row[Any]) -> Head:
    return Head(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public way to a row's names)
