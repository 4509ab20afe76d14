"""Compiled kernels: what was compiled is taken up again, but never from a source that has changed since."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gridmap.compiling import fingerprint

ROOT = Path(__file__).parents[1]
KERNEL = "from gridmap.compiling import compiled\nfrom ground.figures import ADDED\nfrom ground import steps\n"
SOURCES = {
    "__init__.py": "",
    "figures.py": "ADDED = 1\n",
    "steps.py": "from gridmap.compiling import compiled\n@compiled\ndef step(x):\n    return 10 * x\n",
    "sums.py": f"{KERNEL}step = steps.step\n@compiled\ndef total(x):\n    return step(x) + ADDED\n",
    "others.py": "",
}
ASKED = """
from ground.sums import total
print(total(2), sum(total.stats.cache_hits.values()) if hasattr(total, "stats") else 0)
"""


@pytest.fixture
def ground(tmp_path):
    """A package whose kernel calls one of another file and reads a number of a third."""
    folder = tmp_path / "ground"
    folder.mkdir()
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    return folder


def answer(folder, **environment):
    """(what the kernel says of 2, how often it was taken from a file) of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env=os.environ | {"PYTHONPATH": f"{folder.parent}{os.pathsep}{ROOT}"} | environment,
        capture_output=True,
        check=True,
        text=True,
    )
    said, taken = done.stdout.split()
    return int(said), int(taken)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [("steps.py", "10", "20", 41), ("figures.py", "1", "5", 25)],
    ids=["a kernel that it calls", "a number that it reads"],
)
def test_what_was_compiled_is_taken_up_until_another_file_changes_that_it_was_made_from(
    ground, name, old, new, expected
):
    pytest.importorskip("numba", reason="nothing is compiled without numba")
    assert [answer(ground), answer(ground)] == [(21, 0), (21, 1)]
    (ground / name).write_text(SOURCES[name].replace(old, new))
    assert answer(ground) == (expected, 0)


def test_kernels_answer_where_nothing_can_be_kept(ground):
    pytest.importorskip("numba", reason="nothing is compiled without numba")
    (ground.parent / "a file").write_text("")
    assert answer(ground, NUMBA_CACHE_DIR=str(ground.parent / "a file" / "below")) == (21, 0)


def test_kernels_are_plain_python_where_compiling_is_turned_off(ground):
    assert answer(ground, NUMBA_DISABLE_JIT="1") == (21, 0)


@pytest.mark.parametrize(
    ("changed", "same"),
    [("sums.py", False), ("steps.py", False), ("figures.py", False), ("others.py", True), ("__init__.py", True)],
)
def test_a_fingerprint_follows_all_files_that_a_kernel_is_made_from_and_no_others(ground, changed, same):
    before = fingerprint(ground / "sums.py", "ground.sums")
    fingerprint.cache_clear()
    (ground / changed).write_text(f"{SOURCES[changed]}# changed\n")
    assert (fingerprint(ground / "sums.py", "ground.sums") == before) is same
