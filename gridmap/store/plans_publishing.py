"""A plan comes into force, or is withdrawn before its day: rows of the areas, lineage and change sheet in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, func, insert, select, text, update

from gridmap.errors import ConflictError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import listed, plain_words
from gridmap.store.plans import PUBLISHED, WITHDRAWN, Plan, find, listing, names_of
from gridmap.store.rows import Source, publish
from gridmap.store.schema import areas, plan_lineage, plan_sheets, plans

#: What is kept of the lineage of an area.
LINEAGE = ("old", "new", "kind", "share_old", "share_new", "area_m2", "households")

Sheets = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Coming:
    """What comes into force with a plan."""

    #: all areas of all levels, with the codes that they will have
    areas: gpd.GeoDataFrame
    #: first day in force
    effective: date
    #: what became of each area: `LINEAGE`
    lineage: pd.DataFrame
    #: the change sheet
    sheets: Sheets
    #: what else the audit should know
    detail: Mapping[str, Any]


def hold_areas(connection: Connection) -> None:
    """Keep others from changing the areas of the record until the transaction ends; readers do not wait.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridmap.load.areas'))"))


def used_codes(connection: Connection) -> list[str]:
    """Return every code that an area of the record ever had, in order.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        return list(connection.scalars(select(areas.c.code).distinct().order_by(areas.c.code)))


def check_day(connection: Connection, effective: date) -> None:
    """Return if no other plan begins on a day or later.

    Raises
    ------
    ConflictError
        If one does: it is named, and stays.
    """
    found = [plan for plan in listing(connection, status=PUBLISHED) if plan.effective and plan.effective >= effective]
    if found:
        raise ConflictError(
            f"{effective} is not after the day of force of {names_of(found)}",
            do="choose a later day, or withdraw that plan first",
            code="overlapping_plan",
            values={"day": effective, "plans": [f"{plan.name} ({plan.effective})" for plan in found]},
        )


def bring_into_force(connection: Connection, plan: Plan, coming: Coming, *, actor: Actor | str) -> Plan:
    """Write what comes into force with a plan, and return the plan.

    Parameters
    ----------
    connection
        The transaction in which the plan was locked and the areas are held.
    plan
        The plan.
    coming
        What comes into force.
    actor
        Who publishes.

    Raises
    ------
    ConflictError
        As `gridmap.store.publish`; also if another plan begins on that day.
    TableError, RecordError
        As `gridmap.store.publish`.
    """
    before = _ends(connection, coming.effective)
    source = Source(file=f"plan {plan.id}: {plan.name}")
    report = publish(connection, coming.areas, effective=coming.effective, source=source, actor=actor)
    after = _ends(connection, coming.effective)
    ended = [[row, None if end is None else str(end)] for row, end in before.items() if after.get(row, "gone") != end]
    values = {"status": PUBLISHED, "effective": coming.effective, "load_id": report.load_id, "ended": ended}
    with plain_words():
        connection.execute(update(plans).values(**values, changed_at=func.now()).where(plans.c.plan_id == plan.id))
        _keep_lineage(connection, plan.id, coming)
        _keep_sheets(connection, plan.id, coming.sheets)
        said = {"plan": plan.id, "version": plan.version, "effective": str(coming.effective), **coming.detail}
        note(connection, actor, "publish plan", layer="areas", load_id=report.load_id, detail=said)
    return find(connection, plan.id)


def withdraw(connection: Connection, plan: Plan, *, actor: Actor | str) -> Plan:
    """Undo the publishing of a plan that is locked and whose day has not come, and return the plan.

    Its rows stay with an empty validity, so that their codes are never given again; what it ended goes on.

    Raises
    ------
    ConflictError
        If areas were changed since on top of it.
    RecordError
        If the server went away; then nothing was changed.
    """
    hold_areas(connection)
    query = select(plans.c.ended).where(plans.c.plan_id == plan.id)
    with plain_words():
        ended: Sequence[tuple[int, str | None]] = connection.execute(query).scalar_one()
        said = {
            "load_id": plan.load_id,
            "effective": plan.effective,
            "rows": [row for row, _ in ended],
            "ends": [end for _, end in ended],
        }
        if changed := list(connection.scalars(_CHANGED, said)):
            raise ConflictError(
                f"areas {listed(changed)} were changed after plan {plan.id} was published",
                do="undo that first",
                code="changed_since",
                values={"areas": changed},
            )
        connection.execute(_EMPTIED, said)
        connection.execute(_GOES_ON, said)
        values = {"status": WITHDRAWN, "changed_at": func.now()}
        connection.execute(update(plans).values(values).where(plans.c.plan_id == plan.id))
        detail = {"plan": plan.id, "effective": str(plan.effective), "rows": len(ended)}
        note(connection, actor, "withdraw plan", layer="areas", load_id=plan.load_id, detail=detail)
    return find(connection, plan.id)


def sheets_of(connection: Connection, plan_id: int) -> dict[str, pd.DataFrame]:
    """Return the change sheet that was kept of a plan; empty if there is none.

    Raises
    ------
    RecordError
        If the server went away.
    """
    query = select(plan_sheets.c.sheet, plan_sheets.c.content).where(plan_sheets.c.plan_id == plan_id)
    with plain_words():
        rows = connection.execute(query.order_by(plan_sheets.c.place)).all()
    return {sheet: pd.DataFrame(held["rows"], columns=held["columns"], dtype=object) for sheet, held in rows}


def lineage_of(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Return what became of each area when a plan came into force: `LINEAGE` and effective.

    Raises
    ------
    RecordError
        If the server went away.
    """
    columns = [plan_lineage.c[name] for name in (*LINEAGE, "effective")]
    query = select(*columns).where(plan_lineage.c.plan_id == plan_id).order_by(plan_lineage.c.row_id)
    with plain_words():
        rows = connection.execute(query).all()
    return pd.DataFrame(rows, columns=[*LINEAGE, "effective"], dtype=object)


# The rows that are in force on a day or later, and when each ends.
_ENDS = text("""
    SELECT row_id, upper(valid) FROM areas WHERE valid && daterange(CAST(:day AS date), NULL)
""")

# Rows of the plan that are not as it left them, and rows that it ended and that are not so any more.
_CHANGED = text("""
    SELECT code FROM areas
    WHERE load_id = :load_id AND NOT isempty(valid) AND valid IS DISTINCT FROM daterange(:effective, NULL)
    UNION
    SELECT code FROM areas WHERE row_id = ANY(CAST(:rows AS bigint[])) AND NOT (
        isempty(valid) OR upper(valid) = CAST(:effective AS date))
    UNION
    SELECT code FROM areas WHERE load_id > :load_id AND valid && daterange(:effective, NULL)
    ORDER BY code
""")

_EMPTIED = text("UPDATE areas SET valid = 'empty' WHERE load_id = :load_id")

# A row that began on the very day has lost its beginning: its plan's own day is it.
_GOES_ON = text("""
    UPDATE areas SET valid = daterange(
        CASE WHEN isempty(valid) THEN CAST(:effective AS date) ELSE lower(valid) END, ended.upto)
    FROM unnest(CAST(:rows AS bigint[]), CAST(:ends AS date[])) AS ended (row_id, upto)
    WHERE areas.row_id = ended.row_id
""")


def _ends(connection: Connection, day: date) -> dict[int, date | None]:
    with plain_words():
        return {row: end for row, end in connection.execute(_ENDS, {"day": day})}  # noqa: C416 (rows are no tuples)


def _keep_lineage(connection: Connection, plan_id: int, coming: Coming) -> None:
    rows = _records(coming.lineage[list(LINEAGE)])
    if rows:
        said = {"plan_id": plan_id, "effective": coming.effective}
        connection.execute(insert(plan_lineage), [{**row, **said} for row in rows])


def _keep_sheets(connection: Connection, plan_id: int, sheets: Sheets) -> None:
    for place, (sheet, table) in enumerate(sheets.items()):
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        rows = [list(row.values()) for row in _records(plain)]
        content = {"columns": [str(name) for name in plain.columns], "rows": rows}
        connection.execute(insert(plan_sheets).values(plan_id=plan_id, sheet=sheet, place=place, content=content))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table, missing values as None, numbers as Python has them."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return str(value)
    return value.item() if hasattr(value, "item") else value
