"""One engine draws one plan in a process of its own, within limits of time and memory; what came of it is written down.

``python -m tests.benchmarks.drawing_run ENGINE INPUT OUTPUT SEED`` is how the process is started; input and output are
pickles, which the benchmark alone writes and reads.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gridmap.partition import draw, draw_from_areas, redraw
from gridmap.partition.drawing import grounds
from tests.benchmarks.drawing_engines import PEERS
from tests.benchmarks.drawing_grounds import Ground, of_town

#: gridmap, and the same without the compiler of its kernels
OURS, PLAIN = "gridmap", "gridmap, not compiled"
#: what a process may take: MaxP and SKATER build tables of all pairs of atoms
MOST_BYTES = 8 * 2**30
#: what killed processes end with
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of an engine."""

    #: what it drew: the grid of each atom, or all that gridmap returns; None where it did not
    result: Any = None
    #: why it did not
    failed: str = ""
    #: CPU seconds in all, and those of them that cells took
    cpu_s: float | None = None
    cells_s: float = 0.0
    #: megabytes of the process before, and at most
    before_mb: float = 0.0
    peak_mb: float = 0.0


def run(engine: str, given: Any, *, seed: int = 0, limit_s: int) -> Ran:
    """Run an engine on a ground (gridmap) or a graph and a target (all others) within so many CPU seconds."""
    with TemporaryDirectory(prefix="gridmap-bench-") as folder:
        source, target = Path(folder, "given"), Path(folder, "made")
        source.write_bytes(pickle.dumps(given))
        command = [sys.executable, "-m", "tests.benchmarks.drawing_run", engine, str(source), str(target), str(seed)]
        # one thread, as all are measured
        settings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        settings |= {"NUMBA_DISABLE_JIT": "1"} if engine == PLAIN else {}
        ended = subprocess.run(
            command, env=settings, capture_output=True, text=True, check=False, preexec_fn=lambda: _limit(limit_s)
        )
        if target.exists():
            return Ran(**pickle.loads(target.read_bytes()))  # noqa: S301 (written by the process above)
        if ended.returncode in _OUT_OF_TIME:
            return Ran(failed=f"stopped after {limit_s} CPU s")
        return Ran(failed=(ended.stderr.strip().splitlines() or [f"ended with {ended.returncode}"])[-1])


def _limit(seconds: int) -> None:
    """Bound what this process may take."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def _ours(ground: Ground, seed: int) -> Callable[[], Any]:
    """Return gridmap's drawing; its kernels are compiled on first use, once for ever, which is not measured."""
    small = of_town(300)
    warm = draw(small.buildings, small.streets, small.within)
    redraw(small.buildings, small.streets, warm.grids, within=small.within)
    if ground.areas is not None:
        return lambda: draw_from_areas(ground.areas, ground.target, seed=seed)
    return lambda: draw(ground.buildings, ground.streets, ground.within, target=ground.target, seed=seed)


@contextmanager
def cells_timed() -> Iterator[list[float]]:
    """Keep a list of the CPU seconds of each making of cells inside."""
    made, seconds = grounds.atoms, []

    def timed(*tables: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return made(*tables, **options)
        finally:
            seconds.append(time.process_time() - start)

    grounds.atoms = timed
    try:
        yield seconds
    finally:
        grounds.atoms = made


def peak_mb() -> float:
    """Return the most memory that this program has had, in megabytes, as Linux tells it.

    `getrusage` would count what the process had before it became this program, which is the benchmark's own.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _measured(work: Callable[[], Any]) -> Ran:
    """Return what some work makes, and what it took."""
    with cells_timed() as cells:
        before, start = peak_mb(), time.process_time()
        result = work()
        cpu_s = time.process_time() - start
    return Ran(result=result, cpu_s=cpu_s, cells_s=sum(cells), before_mb=before, peak_mb=peak_mb())


def main(engine: str, source: str, target: str, seed: str) -> None:
    """Run one engine and write down what came of it."""
    given = pickle.loads(Path(source).read_bytes())  # noqa: S301 (written by `run`)
    try:
        work = _ours(given, int(seed)) if engine in {OURS, PLAIN} else PEERS[engine](*given, int(seed))
        made = _measured(work)
    except ModuleNotFoundError as error:
        made = Ran(failed=f"not installed: {error.name}")
    except Exception as error:  # noqa: BLE001 (what a peer dies of is told in its row)
        text = " ".join(str(error).split())[:100]
        made = Ran(failed=f"{type(error).__name__}: {text}", cpu_s=time.process_time())
    Path(target).write_bytes(pickle.dumps(vars(made)))


if __name__ == "__main__":
    main(*sys.argv[1:])
