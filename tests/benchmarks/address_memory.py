"""What a gazetteer of a million addresses takes: memory, time to build, time to answer.

    python -m tests.benchmarks.address_memory [--addresses 1000000] [--seed 901]

The world is made in one process and the gazetteer built in another, so that only its own memory is counted: the
interpreter, the libraries, the table of addresses and the index.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from tests.benchmarks import meter

#: what a million addresses may take
LIMIT_GB = 1.0


def make(seed: int, addresses: int, folder: Path, count: int) -> None:
    """Write a world's tables and so many questions about it; without a number, some of its addresses as they stand."""
    from tests.benchmarks.address_noise import questions
    from tests.benchmarks.address_world import world

    made = world(seed, addresses)
    for name in ("given", "areas", "streets", "former"):
        getattr(made, name).to_pickle(folder / name)
    asked = [question.query for question in questions(made, seed, count)] if count else made.addresses["text"][::2000]
    pd.Series(asked).to_pickle(folder / "queries")


def build(folder: Path) -> dict[str, float]:
    """Build the gazetteer of the tables in a folder, ask it, and say what that took."""
    from gridmap.address import Gazetteer

    tables = {name: _read(folder / name) for name in ("given", "areas", "streets", "former")}
    read_gb = _peak_gb()
    began = time.process_time()
    gazetteer = Gazetteer(tables.pop("given"), **tables)
    build_s = time.process_time() - began
    queries = _read(folder / "queries").tolist()
    began = time.process_time()
    for query in queries:
        gazetteer.match(query)
    asked_s = time.process_time() - began
    return {
        "addresses_read_gb": read_gb,
        "peak_gb": _peak_gb(),
        "build_cpu_s": build_s,
        "questions_per_cpu_s": len(queries) / asked_s,
    }


def _read(path: Path) -> pd.DataFrame:
    """A table that the other half wrote."""
    return pd.read_pickle(path)  # noqa: S301 written a moment ago by `make`


def _peak_gb() -> float:
    """Greatest resident size of this program so far; `getrusage` would count that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024 / 1024


def measured(seed: int, addresses: int, count: int) -> dict[str, float]:
    """The figures, each half in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="gridmap-memory-") as folder:
        for half in ("make", "build"):
            command = [sys.executable, "-m", "tests.benchmarks.address_memory", half, folder]
            done = subprocess.run(
                [*command, "--seed", str(seed), "--addresses", str(addresses), "--questions", str(count)],
                check=True,
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[2],
            )
    return {name: float(value) for name, value in (line.split(": ") for line in done.stdout.splitlines())}


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 where they are above the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", nargs="?", choices=("make", "build"), help="one half alone, in the folder that follows")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=901)
    parser.add_argument("--questions", type=int, default=2000)
    options = parser.parse_args(arguments)
    if options.half == "make":
        make(options.seed, options.addresses, options.folder, options.questions)
        return 0
    if options.half == "build":
        print(*(f"{name}: {value:.4g}" for name, value in build(options.folder).items()), sep="\n")
        return 0
    figures = measured(options.seed, options.addresses, options.questions)
    print(*(f"{name}: {value:.4g}" for name, value in figures.items()), sep="\n")
    facts = figures | {"addresses": options.addresses, "seed": options.seed}
    path = meter.write("address_memory", [], facts | {"machine": meter.machine(("numpy", "pandas", "shapely"))})
    print(f"written to {path}")
    return int(figures["peak_gb"] > LIMIT_GB * options.addresses / 1_000_000)


if __name__ == "__main__":
    raise SystemExit(main())
