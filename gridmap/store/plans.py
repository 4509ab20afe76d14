"""Plans in the record: drafts of areas, each with every edit that made it what it is.

A plan is changed by edits alone. Its version is the number of the last one; undoing and doing again are edits too, so
the numbers only grow, and whoever names the version that he saw can be told what has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, select, text, update

from gridmap.errors import ConflictError, NotFoundError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import listed, plain_words
from gridmap.store.plans_rows import PlanRow, put
from gridmap.store.schema import plan_areas, plan_edits, plans

DRAFT, PUBLISHED, WITHDRAWN = STATUSES = ("draft", "published", "withdrawn")

#: Two digests of each area by its code: of what it says, and of its ground.
Digests = Mapping[str, Sequence[str]]

#: How a refusal of something done to a plan that is none any more is known.
NOT_A_DRAFT = "not_a_draft"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a plan says of itself, without its areas."""

    #: its number
    id: int
    #: what it is called; no two drafts share a name
    name: str
    #: what its makers should know
    note: str
    #: ``draft``, ``published`` or ``withdrawn``
    status: str
    #: number of its last edit
    version: int
    #: the day whose areas in force it was made from
    base: date
    #: the finest level of its areas; None: whatever is finest
    level: str | None
    #: households that an area should have
    target: float
    #: first day on which it is in force; None for a draft
    effective: date | None
    #: when it was made
    created_at: datetime
    #: when it was changed last
    changed_at: datetime
    #: the load that brought it into force
    load_id: int | None
    #: how many areas it has that no other divides
    areas: int
    #: whether an edit stands that could be undone
    can_undo: bool
    #: whether an edit was undone that could be done again
    can_redo: bool


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """What a plan is made with."""

    #: what it is called
    name: str
    #: the day whose areas in force it is made from
    base: date
    #: a digest of each of these, as `base_digests` returns them
    base_areas: Digests
    #: the finest level of its areas; None: whatever is finest
    level: str | None
    #: households that an area should have
    target: float
    #: what its makers should know
    note: str = ""


def make(connection: Connection, new: NewPlan, rows: Sequence[PlanRow], *, actor: Actor | str) -> Plan:
    """Make a draft of areas, and return it.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    new
        What it is made with.
    rows
        Its areas; one with geometry is divided by no other.
    actor
        Who makes it.

    Raises
    ------
    ConflictError
        If another draft has that name, or two areas share a code.
    RecordError
        If the server went away; then nothing was changed.
    """
    said = {"status": DRAFT, "version": 0, "actor": name_of(actor)}
    with plain_words():
        query = insert(plans).values(**vars(new), **said).returning(plans.c.plan_id)
        plan_id: int = connection.execute(query).scalar_one()
        put(connection, plan_id, rows)
        note(connection, actor, "draft plan", detail={"plan": plan_id, "name": new.name, "areas": len(rows)})
    return find(connection, plan_id)


def find(connection: Connection, plan_id: int, *, lock: bool = False) -> Plan:
    """Return a plan by its number.

    Parameters
    ----------
    connection
        To the record.
    plan_id
        Its number.
    lock
        Keep others from changing it until the transaction ends; they wait.

    Raises
    ------
    NotFoundError
        If there is no such plan.
    """
    query = _summaries().where(plans.c.plan_id == plan_id)
    with plain_words():
        row = connection.execute(query.with_for_update(of=plans) if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(
            f"there is no plan {plan_id}", do="list them at /api/plans", code="no_plan", values={"plan": plan_id}
        )
    return _plan(row)


def listing(connection: Connection, *, status: str | None = None) -> list[Plan]:
    """Return the plans, those changed last first; only those of a status where one is given.

    Raises
    ------
    RecordError
        If the server went away.
    """
    query = _summaries().order_by(plans.c.changed_at.desc(), plans.c.plan_id.desc())
    with plain_words():
        return [_plan(row) for row in connection.execute(query if status is None else query.where(_is(status)))]


def count(connection: Connection, status: str) -> int:
    """Return how many plans are of a status.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        number: int = connection.execute(select(func.count()).select_from(plans).where(_is(status))).scalar_one()
    return number


def check_draft(plan: Plan) -> None:
    """Return if a plan is a draft.

    Raises
    ------
    ConflictError
        If it is not.
    """
    if plan.status != DRAFT:
        raise ConflictError(
            f"plan {plan.id} is {plan.status}",
            expected="a draft",
            do="copy it to go on",
            code=NOT_A_DRAFT,
            values={"status": plan.status},
        )


def put_away(connection: Connection, plan: Plan, *, actor: Actor | str) -> Plan:
    """Withdraw a draft: it stays as it is, and can be copied.

    Raises
    ------
    RecordError
        If the server went away; then nothing was changed.
    """
    with plain_words():
        connection.execute(
            update(plans).values(status=WITHDRAWN, changed_at=func.now()).where(plans.c.plan_id == plan.id)
        )
        note(connection, actor, "put away plan", detail={"plan": plan.id, "version": plan.version})
    return find(connection, plan.id)


def base_areas(connection: Connection, plan_id: int) -> dict[str, list[str]]:
    """Return the digests of the areas that a plan was made from, by their codes.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        held: dict[str, list[str]] = connection.execute(
            select(plans.c.base_areas).where(plans.c.plan_id == plan_id)
        ).scalar_one()
    return held


# What an area says, and the ground that it holds: one may change without the other.
_DIGESTS = text("""
    SELECT code, encode(sha256(convert_to(jsonb_build_array(name, level, parent)::text, 'UTF8')), 'hex'),
           encode(sha256(ST_AsBinary(geom, 'NDR')), 'hex')
    FROM areas WHERE valid @> CAST(:day AS date)
""")


def base_digests(connection: Connection, on: date) -> dict[str, list[str]]:
    """Return two digests of each area in force on a day, of what it says and of its ground, by its code.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        return {code: [said, ground] for code, said, ground in connection.execute(_DIGESTS, {"day": on})}


_BUILDINGS = text("""
    SELECT count(*), coalesce(max(row_id), 0), coalesce(sum(households), 0), coalesce(sum(residents), 0)
    FROM buildings WHERE valid @> CAST(:day AS date)
""")


def buildings_digest(connection: Connection, on: date) -> tuple[int, ...]:
    """Return what tells the buildings in force on a day from those before a load: rows, newest row, and their counts.

    Raises
    ------
    RecordError
        If the server went away.
    """
    with plain_words():
        return tuple(int(number) for number in connection.execute(_BUILDINGS, {"day": on}).one())


def differing(one: Digests, other: Digests) -> list[str]:
    """Return the codes whose digests differ, or that only one of the two has, in order.

    Raises
    ------
    None

    Examples
    --------
    >>> differing({"a": ["1", "2"], "b": ["3", "4"]}, {"a": ["1", "2"], "b": ["3", "5"], "c": ["6", "7"]})
    ['b', 'c']
    """
    return sorted(code for code in one.keys() | other.keys() if list(one.get(code, ())) != list(other.get(code, ())))


@cache
def _summaries() -> Select[Any]:
    """The plans with what is counted of them; the same query each time, since every edit asks it twice."""
    named = [plans.c[name] for name in Plan.__dataclass_fields__ if name in plans.c]
    own = plan_areas.c.plan_id == plans.c.plan_id
    leaves = select(func.count()).where(own, plan_areas.c.geom.is_not(None)).scalar_subquery()
    return select(
        plans.c.plan_id.label("id"),
        *named,
        leaves.label("areas"),
        exists(standing(plans.c.plan_id).correlate(plans)).label("can_undo"),
        exists(undone(plans.c.plan_id).correlate(plans)).label("can_redo"),
    )


def _plan(row: Row[Any]) -> Plan:
    return Plan(**row._mapping)  # noqa: SLF001 (SQLAlchemy's public way to a row's names)


def standing(plan_id: Any) -> Select[Any]:
    """Return the query of the last edit that stands; one that took over what others published is never undone.

    Raises
    ------
    None
    """
    of = plan_edits.c
    return (
        select(of.number, of.codes, of.before, of.after)
        .where(of.plan_id == plan_id, of.kind == "edit", ~of.undone, of.number > _last_rebase(plan_id))
        .order_by(of.number.desc())
        .limit(1)
    )


def _last_rebase(plan_id: Any) -> Any:
    earlier = plan_edits.alias("rebases")
    query = select(func.coalesce(func.max(earlier.c.number), 0)).where(
        earlier.c.plan_id == plan_id, earlier.c.operation["op"].astext == "rebase"
    )
    return (query.correlate(plans) if not isinstance(plan_id, int) else query).scalar_subquery()


def undone(plan_id: Any) -> Select[Any]:
    """Return the query of the first edit that was undone, of those after the last that stands.

    Raises
    ------
    None
    """
    of, other = plan_edits.c, plan_edits.alias("other")
    last = select(func.coalesce(func.max(other.c.number), 0)).where(
        other.c.plan_id == plan_id, other.c.kind == "edit", ~other.c.undone
    )
    last = last.correlate(plans) if not isinstance(plan_id, int) else last
    return (
        select(of.number, of.codes, of.before, of.after)
        .where(of.plan_id == plan_id, of.kind == "edit", of.undone, of.number > last.scalar_subquery())
        .order_by(of.number)
        .limit(1)
    )


def _is(status: str) -> Any:
    return plans.c.status == status


def name_of(actor: Actor | str) -> str:
    """Return the name of a key or account.

    Raises
    ------
    None
    """
    return actor if isinstance(actor, str) else actor.name


def names_of(found: Iterable[Plan]) -> str:
    """Return plans as a refusal names them: number, name and day.

    Raises
    ------
    None
    """
    return listed([f"plan {plan.id} {plan.name!r} (in force from {plan.effective})" for plan in found])
