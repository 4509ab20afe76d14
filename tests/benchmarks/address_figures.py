"""The gazetteer examined on one seed: how many questions were answered rightly, refused, wrongly; how fast.

    python -m tests.benchmarks.address_figures [SEED] [--addresses 100000] [--questions 4000] [--failures 5]

Prints verdicts by kind, and some questions of each kind that were not answered rightly.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.address import Gazetteer, Match
from tests.benchmarks.address_noise import questions
from tests.benchmarks.address_verdicts import Question, Verdict, judge, tallies
from tests.benchmarks.address_world import World, world
from tests.benchmarks.meter import rest_collector

#: short runs of which the fastest counts: others use the machine too
RUNS = 3


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One seed's questions, answers and times."""

    #: the questions with what the gazetteer answered and the verdict
    answered: tuple[tuple[Question, Match, Verdict], ...]
    #: CPU seconds of building the gazetteer
    build_s: float
    #: questions per CPU second of the first few ever asked, which load what is loaded when it is needed
    cold: float
    #: of questions that are new, asked after those: the best of three runs
    fresh: float
    #: of the same questions asked again, which a cache may remember
    warm: float

    def count(self, group: str, verdict: Verdict | None = None) -> int:
        """Number of questions of a group, with that verdict."""
        return sum(1 for asked, _, given in self.answered if asked.group == group and verdict in (None, given))

    def share(self, group: str, verdict: Verdict) -> float:
        """Share of the questions of a group that have that verdict."""
        return self.count(group, verdict) / self.count(group)


def gazetteer(made: World) -> Gazetteer:
    """A gazetteer of a world, as an office would fill it."""
    return Gazetteer(made.given, areas=made.areas, streets=made.streets, former=made.former)


def examined(seed: int, *, addresses: int = 100_000, count: int = 4000) -> Examined:
    """The gazetteer of one seed's world asked that seed's questions."""
    made = world(seed, addresses)
    asked = questions(made, seed, count)
    began = time.process_time()
    built = gazetteer(made)
    build_s = time.process_time() - began
    rest_collector()
    parts = [asked[: count // 20], *(asked[count // 20 :][k::RUNS] for k in range(RUNS))]
    runs = [_timed(built, part) for part in parts]
    warm = max(_timed(built, parts[1])[0] for _ in range(RUNS))
    pairs = [pair for part, (_, answers) in zip(parts, runs, strict=True) for pair in zip(part, answers, strict=True)]
    answered = tuple((q, match, judge(q, match)) for q, match in pairs)
    fresh = max(rate for rate, _ in runs[1:])
    return Examined(answered=answered, build_s=build_s, cold=runs[0][0], fresh=fresh, warm=warm)


def _timed(built: Gazetteer, asked: Sequence[Question]) -> tuple[float, list[Match]]:
    """Questions per CPU second, and the answers."""
    began = time.process_time()
    answers = [built.match(question.query) for question in asked]
    return len(asked) / (time.process_time() - began), answers


def report(result: Examined, failures: int) -> str:
    """Verdicts by kind and by group, speed, and questions that went wrong."""
    verdicts = [(asked, given) for asked, _, given in result.answered]
    lines = [f"{'kind':20} {'asked':>6} {'right':>7} {'refused':>8} {'wrong':>6}"]
    for by in ("kind", "group"):
        for key, tally in sorted(tallies(verdicts, by).items()):
            lines.append(f"{key:20} {tally.count:6} {tally.right / tally.count:7.4f} {tally.refused:8} {tally.wrong:6}")
    rates = f"{result.cold:.0f} at first, {result.fresh:.0f} new, {result.warm:.0f} again"
    lines.append(f"build {result.build_s:.2f} CPU s; questions/CPU s: {rates}")
    failed: dict[str, list[str]] = defaultdict(list)
    for asked, match, given in result.answered:
        if given != "right":
            got = f"{match.status} {match.level} {match.reason} {match.text!r} {match.accuracy_m}"
            failed[asked.kind].append(
                f"    {given:8}{asked.query[:80]!r} expected {asked.expects} {asked.plain} got {got}"
            )
    for kind, found in sorted(failed.items()):
        lines += [kind, *found[:failures]]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Examine one seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--addresses", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--failures", type=int, default=5)
    options = parser.parse_args(arguments)
    result = examined(options.seed, addresses=options.addresses, count=options.questions)
    print(report(result, options.failures))


if __name__ == "__main__":
    main(sys.argv[1:])
