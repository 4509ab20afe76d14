"""One set-based step from a staged table to its layer: what is new, what has changed, what ends.

Rows are known by their key. A row of the layer that is in force when the staged one starts, and says the same, is left
alone; one that says otherwise ends on that day and the staged row follows it. Nothing that ended before is touched.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from gridmap.errors import ConflictError
from gridmap.store.conflicts import NAMED, listed
from gridmap.store.schema import KEYS, LAYERS
from gridmap.store.staging import promised_columns


def merge(connection: Connection, layer: str, staged: Table, effective: date) -> None:
    """Decide the fate of each staged row: ``added``, ``changed`` or ``unchanged``; refuse what cannot be.

    Parameters
    ----------
    connection
        Inside the transaction that loads, with the layer locked against other loads.
    layer
        Name of the layer.
    staged
        What :func:`gridmap.store.staging.stage` returned.
    effective
        Day of force of changes that name none.

    Raises
    ------
    ConflictError
        If a row comes twice with different content, starts before a later one of its code, or a fix or a sign-in says
        otherwise than one of the same moment.
    """
    _forget_repeated(connection, layer, staged)
    if "valid" not in LAYERS[layer].c:
        _decide_undated(connection, layer, staged)
        return
    _move_known_starts(connection, layer, staged, effective)
    _decide(connection, layer, staged)
    _refuse_before_later(connection, layer, staged)


def close_changed(connection: Connection, layer: str, staged: Table) -> None:
    """End the rows that staged ones follow; one that is replaced on its first day keeps an empty validity."""
    target = LAYERS[layer]
    connection.execute(
        update(target)
        .values(valid=_days(func.lower(target.c.valid), staged.c.starts))
        .where(target.c.row_id == staged.c.current, staged.c.fate == "changed")
    )


def close_missing(connection: Connection, layer: str, staged: Table, effective: date) -> int:
    """End the rows whose key is not staged, on the given day, and return how many those were.

    Raises
    ------
    ConflictError
        If the layer holds rows that begin later: what would become of them is not said.
    """
    target = LAYERS[layer]
    missing = and_(
        _goes_on(target, effective), not_(exists().where(*_same_key(layer, target, staged)).correlate(target))
    )
    later = connection.scalars(
        select(target.c[KEYS[layer][0]]).where(missing, func.lower(target.c.valid) > effective).limit(NAMED + 1)
    ).all()
    if later:
        raise ConflictError(
            f"{layer}: {listed(later)} begin after {effective} and are not in the file",
            do="choose a later day, or end them first",
        )
    closed = connection.execute(
        update(target).values(valid=_days(func.lower(target.c.valid), literal(effective))).where(missing)
    )
    return closed.rowcount


def insert_rows(connection: Connection, layer: str, staged: Table, load_id: int) -> None:
    """Insert the staged rows that are new or changed, in the order of their file."""
    target = LAYERS[layer]
    own = [name for name in ("digest", "depth") if name in target.c]
    names = [*promised_columns(layer), *own, "geom", "load_id"]
    values: list[ColumnElement[object]] = [staged.c[name] for name in names[:-1]]
    values.append(literal(load_id))
    if "valid" in target.c:
        names.append("valid")
        values.append(_days(staged.c.starts, staged.c.ends))
    rows = select(*values).where(staged.c.fate != "unchanged").order_by(staged.c.ordinal)
    connection.execute(insert(target).from_select(names, rows))


def clashes(connection: Connection, layer: str, staged: Table) -> list[str]:
    """Rows of the layer that stand in the way of staged ones, in words; asked when the constraint has refused them."""
    target = LAYERS[layer]
    found = (
        select(target.c[KEYS[layer][0]], func.lower(target.c.valid))
        .where(
            *_same_key(layer, target, staged),
            staged.c.fate != "unchanged",
            target.c.row_id.is_distinct_from(staged.c.current),
            target.c.valid.overlaps(_days(staged.c.starts, staged.c.ends)),
        )
        .limit(NAMED + 1)
    )
    return [f"{key} (recorded from {day})" for key, day in connection.execute(found)]


def _forget_repeated(connection: Connection, layer: str, staged: Table) -> None:
    """Let a row that repeats an earlier one of its file count as unchanged."""
    earlier = staged.alias("earlier")
    connection.execute(
        update(staged)
        .values(fate="unchanged")
        .where(
            *_same_key(layer, staged, earlier),
            earlier.c.ordinal < staged.c.ordinal,
            staged.c.starts.is_not_distinct_from(earlier.c.starts),
            staged.c.ends.is_not_distinct_from(earlier.c.ends),
            _same_content(layer, staged, earlier),
        )
    )


def _decide_undated(connection: Connection, layer: str, staged: Table) -> None:
    """Let what the record knows be unchanged; what happened once is never said otherwise."""
    target = LAYERS[layer]
    same = and_(*_same_key(layer, target, staged))
    differs = select(staged.c.ordinal).where(same, not_(_same_content(layer, target, staged))).limit(NAMED + 1)
    if rows := connection.scalars(differs).all():
        raise ConflictError(
            f"{layer}: features {listed(rows)} say otherwise than the record does of the same post and time",
            do="what is recorded of a moment is never changed: correct the file",
        )
    connection.execute(update(staged).values(fate="unchanged").where(same))
    connection.execute(update(staged).values(fate="added").where(staged.c.fate.is_(None)))


def _move_known_starts(connection: Connection, layer: str, staged: Table, effective: date) -> None:
    """Start changed rows on the day of force where their file only repeats the first day that the record knows."""
    target = LAYERS[layer]
    connection.execute(
        update(staged)
        .values(starts=effective)
        .where(
            *_same_key(layer, target, staged),
            func.lower(target.c.valid) == staged.c.starts,
            staged.c.starts < effective,
            or_(staged.c.ends.is_(None), staged.c.ends > effective),
            not_(_same_content(layer, target, staged)),
        )
    )


def _decide(connection: Connection, layer: str, staged: Table) -> None:
    target, later = LAYERS[layer], LAYERS[layer].alias("later")
    followed = exists().where(*_same_key(layer, later, target), func.lower(later.c.valid) >= func.upper(target.c.valid))
    same_end = or_(
        staged.c.ends.is_not_distinct_from(func.upper(target.c.valid)),
        and_(staged.c.ends.is_(None), followed.correlate(target)),
    )
    unchanged = and_(_same_content(layer, target, staged), same_end)
    connection.execute(
        update(staged)
        .values(current=target.c.row_id, fate=case((unchanged, "unchanged"), else_="changed"))
        .where(*_same_key(layer, target, staged), _in_force(target, staged.c.starts), staged.c.fate.is_(None))
    )
    connection.execute(update(staged).values(fate="added").where(staged.c.fate.is_(None)))
    # what was decided is news to the planner
    connection.exec_driver_sql("ANALYZE staged")


def _refuse_before_later(connection: Connection, layer: str, staged: Table) -> None:
    target = LAYERS[layer]
    key = staged.c[KEYS[layer][0]]
    clashes = (
        select(key, staged.c.starts, func.lower(target.c.valid))
        .where(
            *_same_key(layer, target, staged),
            staged.c.fate != "unchanged",
            func.lower(target.c.valid) > staged.c.starts,
            or_(staged.c.ends.is_(None), staged.c.ends > func.lower(target.c.valid)),
        )
        .order_by(staged.c.ordinal)
        .limit(NAMED + 1)
    )
    if rows := connection.execute(clashes).all():
        words = [f"{code} (from {start}; the record knows it from {known})" for code, start, known in rows]
        raise ConflictError(
            f"{layer}: {listed(words)} would change what is recorded for later days",
            do="load with a later day of force (--effective): rows are never overwritten",
        )


def _same_key(layer: str, one: FromClause, other: FromClause) -> list[ColumnElement[bool]]:
    return [_key_cell(layer, one, name) == _key_cell(layer, other, name) for name in KEYS[layer]]


def _key_cell(layer: str, rows: FromClause, name: str) -> ColumnElement[object]:
    """A part of the key; none is the same as none, said so that rows can still be joined by hash."""
    cell: ColumnElement[object] = func.coalesce(rows.c[name], "")
    return cell if LAYERS[layer].c[name].nullable else rows.c[name]


def _same_content(layer: str, one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether two rows say the same, to the last bit of their coordinates."""
    names = [name for name in promised_columns(layer) if name not in KEYS[layer]]
    same = [one.c[name].is_not_distinct_from(other.c[name]) for name in names]
    return and_(*same, func.ST_AsBinary(one.c.geom).is_not_distinct_from(func.ST_AsBinary(other.c.geom)))


def _in_force(target: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a row is in force on a day that differs from row to row.

    Said by its bounds, so that rows are joined by their key alone: joined by range, through the index of the exclusion
    constraint, 200 000 rows take hours.
    """
    return and_(
        func.lower(target.c.valid) <= day, or_(func.upper_inf(target.c.valid), func.upper(target.c.valid) > day)
    )


def _goes_on(target: Table, effective: date) -> ColumnElement[bool]:
    """Whether a row is in force on the day or later."""
    goes_on: ColumnElement[bool] = target.c.valid.overlaps(_days(literal(effective), literal(None)))
    return goes_on


def _days(start: ColumnElement[date], end: ColumnElement[date | None]) -> ColumnElement[object]:
    return func.daterange(start, end, type_=DATERANGE)
