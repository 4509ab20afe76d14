"""gridmap's own speed, in a process of its own: fixes judged and matched per CPU second.

``python -m tests.benchmarks.patrols_run GROUND CREWS SPEED OUTPUT`` is how the process is started; the output is a
pickle, which the benchmark alone writes and reads. NUMBA_DISABLE_JIT=1 makes it run without compiled kernels.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from gridmap.tracks import judge, match
from tests import walks
from tests.benchmarks.cameras_run import timed
from tests.benchmarks.patrols_grounds import FIRST_SEED, GROUNDS, crews

#: how often the work is done; the least counts
REPEATS = 3
#: crews whose visits are compared between the kernel and numpy
COMPARED = 6


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What gridmap took."""

    fixes: int
    #: CPU seconds of judging (cleaning, stops, shifts) and of matching
    judge_s: float
    match_s: float
    #: visits of the first crews
    visits: pd.DataFrame

    @property
    def per_s(self) -> float:
        """Fixes per CPU second, cleaning included."""
        return self.fixes / (self.judge_s + self.match_s)


def run(ground: str, count: int, speed_m_s: float, *, compiled: bool) -> Ran:
    """Judge and match the fixes of some crews in a process of its own, on one thread."""
    with TemporaryDirectory(prefix="gridmap-bench-") as folder:
        target = Path(folder, "made")
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
        settings = {**os.environ, **one, "NUMBA_DISABLE_JIT": "0" if compiled else "1", "PYTHONWARNINGS": "ignore"}
        given = (ground, str(count), str(speed_m_s), str(target))
        subprocess.run([sys.executable, "-m", "tests.benchmarks.patrols_run", *given], env=settings, check=True)
        return Ran(**pickle.loads(target.read_bytes()))  # noqa: S301 (written by the process above)


def main(name: str, count: str, speed_m_s: str, target: str) -> None:
    """Measure and write down."""
    ground = GROUNDS[name]()
    manner = walks.Manner(speed_m_s=float(speed_m_s))
    each = crews(ground, manner, range(FIRST_SEED, FIRST_SEED + int(count)))
    crs = ground.streets.crs
    few, table = walks.fixes(each[:COMPARED], crs), walks.fixes(each, crs)
    # kernels are compiled on first use, once for ever, which is not measured
    visits = match(None, ground.ready, judged=judge(few))[1]
    judge_s, judged = timed(lambda: judge(table), repeats=REPEATS)
    match_s, _ = timed(lambda: match(None, ground.ready, judged=judged), repeats=REPEATS)
    made = Ran(fixes=len(table), judge_s=judge_s, match_s=match_s, visits=visits)
    Path(target).write_bytes(pickle.dumps(vars(made)))


if __name__ == "__main__":
    main(*sys.argv[1:])
