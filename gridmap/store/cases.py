"""Cases of land disputes in the record: opened, added to row by row, and never overwritten.

Every change adds one to the version of its case, and is audited; whoever names the version that he saw is refused when
others changed the case meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, func, insert, select, text, update

from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError
from gridmap.store import cases_words as words
from gridmap.store.audit import Actor, note
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewSource
from gridmap.store.cases_heads import AGREED, CLOSED, OPEN, STATUSES, WITHDRAWN, Head, find_case, next_code, seals
from gridmap.store.cases_rows import append
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import PARTS, case_candidates, case_claims, case_evidence, cases

#: What may follow a status. An agreement is made by `gridmap.store.cases_agreeing.agree` alone.
_NEXT = {OPEN: (CLOSED, WITHDRAWN), AGREED: (CLOSED,), CLOSED: (), WITHDRAWN: (OPEN,)}


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
        code = code or next_code(connection)
        if connection.scalar(select(cases.c.case_id).where(cases.c.code == code)) is not None:
            raise ConflictError(
                f"there is a case {code}", do="give another code", code="case_exists", values={"case": code}
            )
        row = {**said, "code": code, "status": OPEN, "version": 0, "actor": name_of(actor)}
        connection.execute(insert(cases).values(row))
        case = find_case(connection, code)
        detail = {"case": code, "name": case.name, "seals": seals(connection, case)}
        note(connection, actor, "open case", detail=detail)
    return case


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


def standing_claims(connection: Connection, code: str) -> dict[str, list[int]]:
    """Return the numbers of the claims of a case that stand, by their party.

    Raises
    ------
    NotFoundError
        If there is no such case.
    RecordError
        If the server went away.
    """
    table = case_claims.c
    wanted = (table.case_id == find_case(connection, code).case_id) & ~table.withdrawn
    found: dict[str, list[int]] = {}
    with plain_words():
        for number, party in connection.execute(select(table.number, table.party).where(wanted).order_by(table.number)):
            found.setdefault(party, []).append(number)
    return found


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
            do="open it again" if case.status == WITHDRAWN else "open another: what was settled stays",
            code="case_not_open",
            values={"status": case.status},
        )
    return case


def changed(
    connection: Connection, case: Head, actor: Actor | str, action: str, detail: Mapping[str, Any], **values: Any
) -> Head:
    """Count a change of a case, and audit it with the seals that it leaves behind; return the case as it is then.

    Raises
    ------
    RecordError
        If the server went away.
    """
    said = {"version": case.version + 1, "changed_at": func.now(), **values}
    with plain_words():
        connection.execute(update(cases).values(said).where(cases.c.case_id == case.case_id))
        after = find_case(connection, case.code)
        told = {"case": case.code, "version": after.version, **detail, "seals": seals(connection, after)}
        note(connection, actor, action, detail=told)
    return after


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
    word = part.removesuffix("s")
    given = f"no {word} {number} stands in case {code}"
    return NotFoundError(given, do="look at the case", code="no_row", values={"part": word, "number": number})
