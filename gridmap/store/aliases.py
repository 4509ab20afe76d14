"""Aliases: what people call an address, and the address, road, compound or division that they mean by it.

An alias holds for a range of days, like every row of the record. Two of one *key* (the alias in the one way of writing
in which texts are compared) never hold on the same day; to give an alias another meaning, the old one is withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, func, insert, literal, not_, or_, select, update
from sqlalchemy.dialects.postgresql import DATERANGE

from gridmap.address.writing import LONGEST, masked, plain
from gridmap.errors import ConflictError, Fault, GridmapError, InputError, NotFoundError, TableError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import plain_words
from gridmap.store.schema import aliases

#: Columns of the table that `read` returns.
COLUMNS = ("alias", "means", "valid_from", "valid_to", "added_by")


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What people call an address, and what they mean by it."""

    #: as people write it
    alias: str
    #: a standard address, or the name of a road, compound or division
    means: str
    #: first day on which it holds
    valid_from: date
    #: first day on which it holds no longer; None until further notice
    valid_to: date | None
    #: the key or account that added it
    added_by: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One alias of a file."""

    #: where it stands, counted from 1
    number: int
    #: as people write it; None where the cell is blank
    alias: str | None
    #: what they mean by it; None where the cell is blank
    means: str | None


@dataclass(frozen=True, kw_only=True)
class AliasReport:
    """What a load of aliases did."""

    #: aliases that were not in force
    added: int
    #: aliases that the record held with the same meaning
    unchanged: int


def add(connection: Connection, alias: str, means: str, *, actor: Actor | str, effective: date) -> Alias:
    """Let an alias mean something from a day on, and return it as it is kept.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    alias
        As people write it; characters that cannot be printed are left out.
    means
        A standard address, or the name of a road, compound or division. That there is such a thing is for the caller
        to check: the record keeps the text.
    actor
        Who adds it.
    effective
        First day on which it holds.

    Returns
    -------
    Alias
        Its texts without what was left out.

    Raises
    ------
    InputError
        If a text is empty, has more than 200 characters, or holds a telephone or identity number; if both are the same.
    ConflictError
        If the alias holds already on some of these days.
    RecordError
        If the server went away; then nothing was changed.
    """
    alias, means = checked(alias, means)
    added = Alias(alias=alias, means=means, valid_from=effective, valid_to=None, added_by=_name(actor))
    with plain_words():
        connection.execute(insert(aliases).values(**_row(alias, means), **_since(effective, actor)))
        note(connection, actor, "add alias", detail={"alias": alias, "means": means, "effective": str(effective)})
    return added


def load(
    connection: Connection, lines: Sequence[Line], *, file: str, actor: Actor | str, effective: date
) -> AliasReport:
    """Add the aliases of a file: all of them when the transaction commits, or none.

    An alias that holds on the day with the same meaning is left alone.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    lines
        What the file says.
    file
        Its name, for the audit and for what is said of its faults.
    actor
        Who loads it.
    effective
        First day on which its aliases hold.

    Returns
    -------
    AliasReport
        How many were added, and how many were there.

    Raises
    ------
    TableError
        If an alias cannot be added: every fault, with its line.
    ConflictError
        If another change came in between.
    RecordError
        If the server went away; then nothing was changed.
    """
    rows, faults = _checked_lines(lines)
    with plain_words():
        known = {row.key: row for row in connection.execute(_from_day_on(effective, [row["key"] for row in rows]))}
        fresh = [row for row in rows if not _unchanged(row, known.get(row["key"]), effective)]
        faults += [_clash(row, known[row["key"]]) for row in fresh if row["key"] in known]
        if faults:
            raise TableError(file, sorted(faults, key=lambda fault: fault.line or 0))
        if fresh:
            values = [{name: row[name] for name in ("alias", "key", "means")} for row in fresh]
            connection.execute(insert(aliases).values(**_since(effective, actor)), values)
            detail = {"file": file, "effective": str(effective), "added": len(fresh)}
            note(connection, actor, "load aliases", detail=detail)
    return AliasReport(added=len(fresh), unchanged=len(rows) - len(fresh))


def withdraw(connection: Connection, alias: str, *, actor: Actor | str, effective: date) -> Alias:
    """End an alias that holds on a day, so that it holds no longer from that day on, and return it.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    alias
        As people write it, in whatever way: `add` tells which ways are the same.
    actor
        Who ends it.
    effective
        First day on which it holds no longer. One that ends on its first day never held.

    Raises
    ------
    NotFoundError
        If no such alias holds on that day.
    RecordError
        If the server went away; then nothing was changed.
    """
    # also by its very letters: what counts as one way of writing may have changed since it was added
    same = or_(aliases.c.key == plain(alias), aliases.c.alias == _printable(alias))
    ended = (
        update(aliases)
        .where(same, aliases.c.valid.contains(effective))
        .values(valid=_days(func.lower(aliases.c.valid), literal(effective)))
    )
    with plain_words():
        held = connection.execute(_aliases(effective).where(same)).mappings().first()
        if held is None or connection.execute(ended).rowcount == 0:
            raise NotFoundError(f"no alias {alias[:LONGEST]!r} holds on {effective}", do="see `gridmap aliases list`")
        detail = {"alias": held["alias"], "means": held["means"], "effective": str(effective)}
        note(connection, actor, "withdraw alias", detail=detail)
    return Alias(**{**held, "valid_to": effective})


def read(connection: Connection, *, on: date | None = None) -> pd.DataFrame:
    """Aliases that hold on a day, or all there ever were.

    Parameters
    ----------
    connection
        To the record.
    on
        The day; None for every alias of every day.

    Returns
    -------
    pandas.DataFrame
        Columns alias, means, valid_from, valid_to (first day on which it holds no longer, None until further notice)
        and added_by (key or account); sorted by alias and first day.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        rows = connection.execute(_aliases(on).order_by(aliases.c.alias, func.lower(aliases.c.valid))).all()
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(COLUMNS, ())
    kinds = {name: "object" if name.startswith("valid") else "str" for name in COLUMNS}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds[name]) for name, values in columns.items()})


def dates_of_change(connection: Connection) -> list[date]:
    """Days on which aliases begin or end, in order.

    Parameters
    ----------
    connection
        To the record.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    spans = connection.execute(select(func.lower(aliases.c.valid), func.upper(aliases.c.valid)).distinct())
    return sorted({day for span in spans for day in span if day is not None})


def checked(alias: str, means: str) -> tuple[str, str]:
    """Return both texts as they are kept: without characters that cannot be printed, nor blanks around them.

    Parameters
    ----------
    alias, means
        As they were given.

    Raises
    ------
    InputError
        If one is empty, too long, or holds a telephone or identity number; if both are the same when compared.

    Examples
    --------
    >>> checked(" 老纺\u200b厂 ", "工农路10号")
    ('老纺厂', '工农路10号')
    """
    alias, means = _text(alias, "the alias"), _text(means, "its meaning")
    if plain(alias) == plain(means):
        raise InputError(f"the alias {alias!r} means itself", expected="what people mean by it")
    return alias, means


def _text(given: str, what: str) -> str:
    """One text as it is kept."""
    kept = _printable(given)
    if masked(kept) != kept:
        raise InputError(f"{what} holds a telephone or identity number", do="leave it out: gridmap keeps none")
    length = max(len(kept), len(plain(kept)))
    if length > LONGEST:
        raise InputError(f"{what} has {length} characters", expected=f"at most {LONGEST}")
    if not plain(kept):
        raise InputError(f"{what} is empty", expected="an address, or a name")
    return kept


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()


def _name(actor: Actor | str) -> str:
    return actor if isinstance(actor, str) else actor.name


def _row(alias: str, means: str) -> dict[str, Any]:
    return {"alias": alias, "key": plain(alias), "means": means}


def _since(effective: date, actor: Actor | str) -> dict[str, Any]:
    """What all aliases that are added at once share."""
    return {"valid": _days(literal(effective), literal(None)), "added_by": _name(actor)}


def _days(start: ColumnElement[date], end: ColumnElement[Any]) -> ColumnElement[object]:
    return func.daterange(start, end, type_=DATERANGE)


def _aliases(on: date | None) -> Select[Any]:
    """Aliases that hold on a day; every one that ever held if none is given."""
    columns = (aliases.c.alias, aliases.c.means, func.lower(aliases.c.valid).label("valid_from"))
    ends = func.upper(aliases.c.valid).label("valid_to")
    held = aliases.c.valid.contains(on) if on else not_(func.isempty(aliases.c.valid))
    return select(*columns, ends, aliases.c.added_by).where(held)


def _from_day_on(effective: date, keys: Sequence[str]) -> Select[Any]:
    """The last alias of each of these keys that holds on a day or later."""
    days = _days(literal(effective), literal(None))
    columns = (aliases.c.key, aliases.c.means, func.lower(aliases.c.valid).label("starts"))
    found = select(*columns, func.upper_inf(aliases.c.valid).label("open"))
    return found.where(aliases.c.key == func.any(list(keys)), aliases.c.valid.overlaps(days)).order_by("starts")


def _checked_lines(lines: Sequence[Line]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The rows that can be kept, with their line, and what is wrong with the others."""
    rows: dict[str, dict[str, Any]] = {}
    faults = []
    for line in lines:
        try:
            row = {**_row(*checked(line.alias or "", line.means or "")), "line": line.number}
            first = rows.setdefault(row["key"], row)
            if first["means"] != row["means"]:
                raise ConflictError(f"{row['alias']!r} means something else in line {first['line']}")
        except GridmapError as error:
            faults.append(Fault(code="bad_alias", message=str(error), line=line.number))
    return list(rows.values()), faults


def _unchanged(row: dict[str, Any], known: Any, effective: date) -> bool:
    """Whether the record says the same from that day on."""
    return known is not None and known.open and known.starts <= effective and known.means == row["means"]


def _clash(row: dict[str, Any], known: Any) -> Fault:
    message = f"{row['alias']!r} means {known.means!r} from {known.starts} on; withdraw that first"
    return Fault(code="alias_in_use", message=message, line=row["line"])
