"""Address matching: this project beside what a user would otherwise pick, one world, the same noisy queries, one run.

    python -m tests.benchmarks.addresses [--seed 501] [--addresses 100000] [--questions 8000] [--each 30]

CPU seconds are compared. Peers give the likeliest row for anything, so that each is granted the threshold on its own
score that serves it best over all these questions, which no user could know beforehand. Slow peers are asked the first
``--each`` questions of every kind; nobody is spared a kind. Crossings and questions about a road or a community alone
are left out, as the peers have no such answers, and ambiguous questions too.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from gridmap.address import Gazetteer
from tests.benchmarks import address_peers as peers
from tests.benchmarks import meter
from tests.benchmarks.address_figures import gazetteer
from tests.benchmarks.address_noise import questions
from tests.benchmarks.address_peers import Matcher
from tests.benchmarks.address_verdicts import Question, judge
from tests.benchmarks.address_world import World, world

PACKAGES = ("numpy", "pandas", "rapidfuzz", "scikit-learn", "psycopg", "jionlp", "cpca", "opencc", "pypinyin")
#: other questions asked before the clock runs
WARMING = 200
#: what must be shown
RATIO = 15.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One engine's figures."""

    #: who answered
    engine: str
    #: number of questions asked
    asked: int | None = None
    #: share of answerable questions whose likeliest row is the right one, before any threshold
    top1: float | None = None
    #: shares of answerable questions answered rightly and wrongly, at the threshold
    right: float | None = None
    wrong: float | None = None
    #: share of unanswerable questions refused, at the threshold
    refused: float | None = None
    #: questions per CPU second, and CPU seconds to build
    rate: float | None = None
    build_s: float | None = None
    #: the threshold, or why it was not run
    note: str = ""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the tables, write the JSON; 1 if what must be shown is not."""
    options = parse(arguments)
    made = world(options.seed, options.addresses)
    asked = [q for q in questions(made, options.seed, options.questions) if q.expects in ("place", "refused", "gap")]
    built, own = ours(made, asked)
    rows = [own, *others(made, asked, options)]
    parts = list(divisions(built, made, asked))
    facts = ratios(rows) | {name: getattr(options, name) for name in ("seed", "addresses", "questions", "each")}
    print(table(rows), "", division_table(parts), "", sep="\n")
    print(*(f"{name}: {value:.4g}" for name, value in facts.items()), sep="\n")
    path = meter.write("addresses", [*rows, *parts], facts | {"machine": meter.machine(PACKAGES)})  # type: ignore[list-item]
    print(f"\nwritten to {path}")
    return int(not facts.get("throughput_over_best_peer", RATIO) >= RATIO)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=501)
    parser.add_argument("--addresses", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=8000)
    parser.add_argument("--each", type=int, default=30)
    url = os.environ.get("GRIDMAP_BENCH_DATABASE_URL", os.environ.get("GRIDMAP_DATABASE_URL"))
    parser.add_argument("--database-url", default=url, help="a PostgreSQL; two databases are made there and dropped")
    return parser.parse_args(arguments)


def ours(made: World, asked: Sequence[Question]) -> tuple[Gazetteer, Row]:
    """Our own figures, the first time that each question is asked."""
    began = time.process_time()
    built = gazetteer(made)
    build_s = time.process_time() - began
    meter.rest_collector()
    # what is loaded when it is first needed, as for the peers; none of these questions is asked again
    for question in questions(made, 10_000 + made.seed, WARMING):
        built.match(question.query)
    began = time.process_time()
    answers = [built.match(question.query) for question in asked]
    rate = len(asked) / (time.process_time() - began)
    verdicts = [(q.group, judge(q, match)) for q, match in zip(asked, answers, strict=True)]
    answerable = [verdict for group, verdict in verdicts if group == "answerable"]
    unanswerable = [verdict for group, verdict in verdicts if group == "unanswerable"]
    right = answerable.count("right") / len(answerable)
    return built, Row(
        engine="gridmap",
        asked=len(asked),
        top1=right,
        right=right,
        wrong=answerable.count("wrong") / len(answerable),
        refused=unanswerable.count("right") / len(unanswerable),
        rate=rate,
        build_s=build_s,
    )


def others(made: World, asked: Sequence[Question], options: argparse.Namespace) -> Iterator[Row]:
    """Every peer's figures, as shipped and behind the examiner's normaliser."""
    districts = sorted(made.addresses["district"].unique())
    few = sampled(asked, options.each)
    for written, suffix in ((None, ""), (peers.fair, ", normalised")):
        yield peer(f"rapidfuzz in the district{suffix}", "rapidfuzz", made, few, _blocked(districts, written))
        for grams in ((1, 3), (2, 2)):
            name = f"TF-IDF of characters {grams}{suffix}"
            yield peer(name, "sklearn", made, few, lambda grams=grams, written=written: peers.Tfidf(grams, written))
    for ctype, written in (("C.UTF-8", None), ("C.UTF-8", peers.fair), ("C", None)):
        name = f"pg_trgm, LC_CTYPE={ctype}{', normalised' if written else ''}"
        yield trigrams(name, made, sampled(asked, max(1, options.each // 2)), options.database_url, (ctype, written))


def _blocked(districts: list[str], written: Callable[[str], str] | None) -> Callable[[], Matcher]:
    return lambda: peers.Blocked(districts, written)


def sampled(asked: Sequence[Question], each: int) -> list[Question]:
    """The first few questions of every kind."""
    by: dict[str, list[Question]] = defaultdict(list)
    for question in asked:
        by[question.kind].append(question)
    return [question for kind in by.values() for question in kind[:each]]


def trigrams(name: str, made: World, asked: Sequence[Question], url: str | None, how: tuple[str, Any]) -> Row:
    """Figures of pg_trgm, if there is a database."""
    if not url:
        return Row(engine=name, note="no database: set GRIDMAP_BENCH_DATABASE_URL")
    import psycopg

    try:
        matcher = peers.Trigrams(url, *how)
    except (psycopg.Error, OSError) as error:
        return Row(engine=name, note=f"not reached: {' '.join(str(error).split())}")
    try:
        return peer(name, "psycopg", made, asked, lambda: matcher)
    finally:
        matcher.close()


def peer(name: str, library: str, made: World, asked: Sequence[Question], make: Callable[[], Matcher]) -> Row:
    """One peer's figures."""
    if not find_spec(library):
        return Row(engine=name, note=f"{library} is not installed: {peers.INSTALL}")
    matcher = make()
    began = matcher.clock()
    matcher.build(made.addresses["text"].tolist())
    build_s = matcher.clock() - began
    meter.rest_collector()
    # the first query pays for imports
    matcher.ask([asked[0].query])
    began = matcher.clock()
    found = matcher.ask([question.query for question in asked])
    rate = len(asked) / (matcher.clock() - began)
    ids = made.addresses["id"].tolist()
    hit = np.array([k >= 0 and ids[k] in (q.ids | q.inner) for q, (k, _) in zip(asked, found, strict=True)])
    score = np.array([s for _, s in found])
    return judged(name, np.array([q.group == "answerable" for q in asked]), hit, score, (rate, build_s))


def judged(name: str, answerable: np.ndarray, hit: np.ndarray, score: np.ndarray, cost: tuple[float, float]) -> Row:
    """Shares at the threshold that gives most questions what they deserve."""
    limits = np.unique(score)
    served = [((score >= limit) & hit).sum() + ((score < limit) & ~answerable).sum() for limit in limits]
    limit = limits[int(np.argmax(served))]
    given = score >= limit
    return Row(
        engine=name,
        asked=len(score),
        top1=float(hit[answerable].mean()),
        right=float((hit & given)[answerable].mean()),
        wrong=float((~hit & given)[answerable].mean()),
        refused=float((~given)[~answerable].mean()),
        rate=cost[0],
        build_s=cost[1],
        note=f"threshold {limit:.3f}",
    )


@dataclass(frozen=True, kw_only=True)
class Division:
    """How well the division part was read, where the query states it rightly."""

    #: who read
    engine: str
    #: number of queries
    asked: int | None = None
    #: shares of queries whose district and whose town are right
    district: float | None = None
    town: float | None = None
    #: queries per CPU second
    rate: float | None = None
    #: why it was not run, or what should be known
    note: str = ""


def divisions(built: Gazetteer, made: World, asked: Sequence[Question]) -> Iterator[Division]:
    """District and town of answerable queries, by gridmap's answer and by the parsers of divisions.

    Each is counted over the queries that state it: a parser cannot read what is not written.
    """
    few = sampled([q for q in asked if q.expects == "place"], 30)
    rows = {row.id: (row.district, row.town) for row in made.rows}
    towns = sorted(set(rows.values()))
    truth = [rows[next(iter(q.ids or q.inner))] for q in few]
    texts = [peers.fair(q.query) for q in few]
    stated = np.array([[d[:-1] in text, t in text] for (d, t), text in zip(truth, texts, strict=True)])

    def matched(queries: Sequence[str]) -> list[tuple[str, str]]:
        answers = (built.match(query) for query in queries)
        return [rows.get(a.id or "") or _named(a.text or "", towns) for a in answers]

    readers = {"gridmap": matched, "jionlp": peers.jionlp, "cpca": peers.cpca}
    for name, read in readers.items():
        if name != "gridmap" and not find_spec(name):
            yield Division(engine=name, note=f"{name} is not installed: {peers.INSTALL}")
            continue
        read([few[0].query])
        began = time.process_time()
        found = read([q.query for q in few])
        rate = len(few) / (time.process_time() - began)
        right = np.array(
            [[a == b for a, b in zip(got, true, strict=True)] for got, true in zip(found, truth, strict=True)]
        )
        shares = (right & stated).sum(axis=0) / stated.sum(axis=0)
        note = "knows no towns" if name == "cpca" else "by the whole address" if name == "gridmap" else ""
        yield Division(
            engine=name, asked=len(few), district=float(shares[0]), town=float(shares[1]), rate=rate, note=note
        )


def _named(text: str, towns: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """District and town that an answer without a row, beside a place, writes down."""
    return next(((district, town) for district, town in towns if district + town in text), ("", ""))


def ratios(rows: Sequence[Row]) -> dict[str, float]:
    """Our throughput over that of the fastest peer, and our share of right answers beside the best peer's."""
    own, measured = rows[0], [row for row in rows[1:] if row.rate]
    # a peer that reads no Chinese is fast at nothing
    useful = [row for row in measured if row.top1 and row.top1 > 0.5]
    if not useful:
        return {}
    fastest = max(row.rate or 0.0 for row in useful)
    return {
        "throughput_over_best_peer": (own.rate or 0.0) / fastest,
        "right_ours": own.right or 0.0,
        "top1_of_best_peer": max(row.top1 or 0.0 for row in useful),
    }


def table(rows: Sequence[Row]) -> str:
    """The figures in Markdown."""
    lines = [
        "| engine | asked | top-1 | right | wrong | unanswerable refused | questions / CPU s | build CPU s | note |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        shares = [_share(value) for value in (row.top1, row.right, row.wrong, row.refused)]
        cells = [row.engine, str(row.asked or ""), *shares, _number(row.rate), _number(row.build_s), row.note]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def division_table(rows: Sequence[Division]) -> str:
    """The figures of the division part in Markdown."""
    lines = [
        "| division part | asked | district right | town right | queries / CPU s | note |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        cells = [row.engine, str(row.asked or ""), _share(row.district), _share(row.town), _number(row.rate), row.note]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
