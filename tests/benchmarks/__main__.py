"""Run the benchmarks: ``python -m tests.benchmarks``, or one of them with its options: ``... locate --points 100000``.

Each runs in a process of its own, so that none finds the memory or the threads of another.
"""

from __future__ import annotations

import subprocess
import sys

#: Modules of this folder that measure something; each prints a table and ends with 0 if all went well.
BENCHMARKS = ("locate", "http_locate")


def run(name: str, options: list[str]) -> int:
    """Run one benchmark and return its exit status."""
    sys.stdout.write(f"\n## {name}\n\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *options], check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the benchmark that is named, or all of them; 1 if any failed."""
    if arguments and arguments[0] in BENCHMARKS:
        return run(arguments[0], arguments[1:])
    if arguments:
        sys.stderr.write(f"no benchmark {arguments[0]!r}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    results = [run(name, []) for name in BENCHMARKS]
    return int(any(results))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
