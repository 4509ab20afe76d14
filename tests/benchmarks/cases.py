"""Reading cases: one of eight villages with four lines and a hundred files of evidence, and a page of 10 000 cases."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import shapely
from psycopg import sql
from sqlalchemy import Connection, Engine, make_url, text

from gridmap import store
from gridmap.api import cases_answers as shown
from gridmap.service import cases as journeys
from gridmap.store import cases
from gridmap.store.cases_evidence import add_evidence
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewEvidence
from gridmap.store.cases_heads import list_cases, told_seals
from tests.benchmarks.meter import measure
from tests.benchmarks.telling import table

EAST, NORTH = 40_520_000, 3_352_000
VILLAGES, LINES, FILES, CASES, PAGE = 8, 4, 100, 10_000, 100

#: CPU milliseconds of this process within which each is done.
MOST_MS = {"a case read": 100, "as JSON": 100, "its hashes checked": 100, "a page of cases": 20, "a page behind": 20}


def main() -> int:
    """Print what each takes; 1 if one takes longer than is promised."""
    with _record() as engine:
        with engine.begin() as connection:
            code = _filled(connection)
            _many(connection)
        rows = [(what, *_milliseconds(work), MOST_MS[what]) for what, work in _tasks(engine, code).items()]
    sys.stdout.write(table(("what", "CPU ms", "wall ms", "promised CPU ms"), rows) + "\n")
    return int(any(cpu > most for _, cpu, _, most in rows))


@contextmanager
def _record() -> Iterator[Engine]:
    """An empty record of its own, gone afterwards."""
    server = os.environ.get("GRIDMAP_BENCH_DATABASE_URL") or os.environ["GRIDMAP_DATABASE_URL"]
    plain = make_url(server).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = sql.Identifier(f"gridmap_bench_cases_{os.getpid()}")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        url = make_url(server).set(database=name.as_string(connection).strip('"'))
        address = url.render_as_string(hide_password=False)
        store.migrate(address)
        engine = store.connect(address)
        try:
            yield engine
        finally:
            engine.dispose()
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _tasks(engine: Engine, code: str) -> dict[str, Callable[[], object]]:
    case = journeys.get_case(engine, code)

    def page(after: str | None) -> str | None:
        with engine.connect() as connection:
            return list_cases(connection, limit=PAGE, after=after).after

    behind = None
    for _ in range(CASES // PAGE // 2):
        behind = page(behind)
    return {
        "a case read": lambda: journeys.get_case(engine, code),
        "as JSON": lambda: shown.encoded(shown.whole(case)),
        "its hashes checked": lambda: journeys.verify_case(engine, code),
        "a page of cases": lambda: page(None),
        "a page behind": lambda: page(behind),
    }


def _milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    cpu, wall, _ = measure(work, repeats=10)
    return cpu * 1e3, wall * 1e3


def _filled(connection: Connection) -> str:
    """The code of a case of eight villages in a row, each border claimed by both for ten metres."""
    code = cases.add_case(connection, NewCase(name="八村四线"), actor="bench").code
    strips = [shapely.box(EAST, NORTH + 100 * k - 5, EAST + 1000, NORTH + 100 * k + 105) for k in range(VILLAGES)]
    claims = [
        NewClaim(party=f"village {k}", shape=strip.segmentize(20), crs=4528, accuracy_m=0.05)
        for k, strip in enumerate(strips)
    ]
    cases.add_claims(connection, code, claims, actor="bench")
    ends = [[(EAST, NORTH + 200 * k + 100), (EAST + 1000, NORTH + 200 * k + 100)] for k in range(LINES)]
    lines = [NewCandidate(id=f"line {k}", shape=shapely.LineString(end), crs=4528) for k, end in enumerate(ends)]
    cases.add_candidates(connection, code, lines, actor="bench")
    for k in range(FILES):
        new = NewEvidence(file=f"{k}.jpg", party=f"village {k % VILLAGES}", statement="河西岸为界")
        add_evidence(connection, code, new, b"%d" % k * 1000, actor="bench")
    if not told_seals(connection, code):
        raise SystemExit("the audit trail tells of no seals")
    return code


def _many(connection: Connection) -> None:
    made = text("""
        INSERT INTO cases (code, name, note, status, version, actor, created_at, changed_at)
        SELECT 'x-' || g, 'x', '', 'open', 0, 'bench', now() - g * interval '1 min', now() - g * interval '1 min'
        FROM generate_series(1, :cases) g
    """)
    connection.execute(made, {"cases": CASES})
    connection.execute(text("ANALYZE cases"))


if __name__ == "__main__":
    raise SystemExit(main())
