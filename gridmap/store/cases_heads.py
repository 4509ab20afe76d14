"""What a case says of itself, found by its code or in the order of changes; and the seals under what it holds.

A *seal* is a hash over what stands of a part of a case. The audit trail, itself a chain, tells with each change the
seals that it left behind: rows taken off the end of a chain, a withdrawal undone, a status turned back do not fit them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, literal, select, text, true, tuple_

from gridmap.errors import InputError, NotFoundError
from gridmap.store.cases_rows import canonical, head, moment
from gridmap.store.conflicts import plain_words
from gridmap.store.schema_cases import PARTS, cases

OPEN, AGREED, CLOSED, WITHDRAWN = STATUSES = ("open", "agreed", "closed", "withdrawn")

_YEARLY = re.compile(r"(\d{4})-(\d{4,})")
_PLACE = re.compile(r"(\d{8}T\d{6}\.\d{6})-(\d{1,18})", re.ASCII)


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

    def said(self) -> dict[str, Any]:
        """Return it as JSON has it, without its number, which is another in each record.

        Raises
        ------
        None
        """
        values = {name: value for name, value in vars(self).items() if name != "case_id"}
        return {name: moment(value) if isinstance(value, datetime) else value for name, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some of the cases, those changed last first."""

    #: those of this page
    heads: list[Head]
    #: how many there are on all pages
    matched: int
    #: where the next page begins; None on the last
    after: str | None


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
        raise NotFoundError(
            f"there is no case {code!r}", do="see gridmap cases list", code="no_case", values={"case": code}
        )
    return _head(found)


def list_cases(
    connection: Connection, *, status: str | None = None, limit: int | None = None, after: str | None = None
) -> Page:
    """Return cases, those changed last first.

    Parameters
    ----------
    connection
        To the record.
    status
        Only those of this status.
    limit
        How many at most; None: all.
    after
        ``after`` of the page before. A case that was changed since then has moved before it.

    Raises
    ------
    InputError
        If ``after`` is none that a page gave.
    RecordError
        If the server went away.
    """
    wanted = cases.c.status == status if status is not None else true()
    order = cases.c.changed_at, cases.c.case_id
    rest = wanted if after is None else wanted & (tuple_(*order) < tuple_(*map(literal, _place(after))))
    query = _heads().where(rest).order_by(*(column.desc() for column in order))
    with plain_words():
        matched = connection.scalar(select(func.count()).select_from(cases).where(wanted)) or 0
        # one more than wanted tells whether there is another page
        found = [_head(row) for row in connection.execute(query.limit(None if limit is None else limit + 1))]
    heads = found[:limit]
    more = len(found) > len(heads)
    return Page(heads=heads, matched=matched, after=_token(heads[-1]) if more and heads else None)


def next_code(connection: Connection) -> str:
    """Return the code after the last of this year, in China's time.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    year = connection.execute(text("SELECT gridmap_today()")).scalar_one().year
    held = connection.scalars(select(cases.c.code).where(cases.c.code.startswith(f"{year}-")))
    found = [_YEARLY.fullmatch(code) for code in held]
    return f"{year}-{max((int(one[2]) for one in found if one), default=0) + 1:04}"


def seals(connection: Connection, case: Head) -> dict[str, str]:
    """Return the seals of a case: under ``case`` that of what it says of itself, and one of each part that has rows.

    Raises
    ------
    RecordError
        If the server went away.
    """
    found = {"case": hashlib.sha256(canonical(case.said())).hexdigest()}
    for part, table in PARTS.items():
        names = [name for name in ("number", "hash", "withdrawn") if name in table.c]
        query = select(*(table.c[name] for name in names)).where(table.c.case_id == case.case_id).order_by("number")
        with plain_words():
            held = [dict(row) for row in connection.execute(query).mappings()]
        found |= {part: head(held)} if held else {}
    return found


_TOLD = text("""
    SELECT detail -> 'seals' FROM audit
    WHERE detail ->> 'case' = :code AND detail ? 'seals' ORDER BY audit_id DESC LIMIT 1
""")
_NAMED = text("SELECT EXISTS (SELECT FROM audit WHERE detail ->> 'case' = :code)")


def told_seals(connection: Connection, code: str) -> dict[str, str] | None:
    """Return the seals that the audit trail told of last: none where it does not know the case.

    None of a case that has not changed since before there were seals: the trail tells of it, but never told any.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        told: dict[str, str] | None = connection.scalar(_TOLD, {"code": code})
        return None if told is None and connection.scalar(_NAMED, {"code": code}) else told or {}


def _heads() -> Select[Any]:
    return select(*[cases.c[name] for name in Head.__dataclass_fields__])


def _head(row: Row[Any]) -> Head:
    return Head(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public way to a row's names)


def _token(last: Head) -> str:
    """Where a page ends: nothing that an address must escape."""
    return f"{last.changed_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{last.case_id}"


def _place(after: str) -> tuple[datetime, int]:
    found = _PLACE.fullmatch(after)
    try:
        if found:
            return datetime.strptime(f"{found[1]}+0000", "%Y%m%dT%H%M%S.%f%z"), int(found[2])
    except ValueError:
        pass
    raise InputError(f"after={after[:40]!r}", expected="what the page before gave", code="no_page")
