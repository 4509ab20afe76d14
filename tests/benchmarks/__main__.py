"""Run the benchmarks: ``python -m tests.benchmarks``, or one of them with its options: ``... locate --points 100000``.

Each runs in a process of its own, so that none finds the memory or the threads of another.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gridmap.postgis import cluster

#: Modules of this folder that measure something; each prints a table and ends with 0 if all went well.
BENCHMARKS = (
    "locate",
    "http_locate",
    "labelled",
    "addresses",
    "address_memory",
    "following",
    "drawing",
    "cameras",
    "http_cameras",
    "patrols",
    "disputes",
    "epochs",
    "cases",
    "http_patrols",
)


def run(name: str, options: list[str]) -> int:
    """Run one benchmark and return its exit status."""
    sys.stdout.write(f"\n## {name}\n\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *options], check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the benchmark that is named, or all of them; 1 if any failed."""
    if arguments and arguments[0] in BENCHMARKS:
        with database():
            return run(arguments[0], arguments[1:])
    if arguments:
        sys.stderr.write(f"no benchmark {arguments[0]!r}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    with database():
        results = [run(name, []) for name in BENCHMARKS]
    return int(any(results))


@contextmanager
def database() -> Iterator[None]:
    """Run a PostGIS for the benchmarks that compare with one, unless the environment names one."""
    if "GRIDMAP_BENCH_DATABASE_URL" in os.environ or "GRIDMAP_DATABASE_URL" in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="gridmap-bench-", ignore_cleanup_errors=True) as folder:
        # the server runs as an unprivileged user where this runs as root
        Path(folder).chmod(0o755)
        os.environ["GRIDMAP_BENCH_DATABASE_URL"] = cluster.up(folder, durable=False)
        yield
        cluster.down(folder)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
