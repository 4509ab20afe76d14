"""What benchmarks of several grounds share: options, the grounds that are at hand, tables, and what is promised."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tests.benchmarks.drawing_grounds import DATA
from tests.benchmarks.drawing_plans import Promise

T = TypeVar("T")


def parser(name: str, description: str | None, grounds: Mapping[str, object]) -> argparse.ArgumentParser:
    """Return a parser of the options of a benchmark, which takes grounds."""
    made = argparse.ArgumentParser(prog=f"python -m tests.benchmarks {name}", description=description)
    made.add_argument("--grounds", nargs="+", choices=grounds, default=list(grounds))
    return made


def made_grounds(names: Sequence[str], grounds: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Return the grounds, without those whose data is not at hand."""
    made = {}
    for name in names:
        try:
            made[name] = grounds[name]()
        except FileNotFoundError as error:
            print(f"{name} is left out: no {error.filename or DATA} (set GRIDMAP_SHARED_DATA)\n")
    return made


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *[[_shown(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _shown(cell: object) -> str:
    """Return a value as it is printed, nothing for None."""
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def promised(promises: Sequence[Promise]) -> str:
    """Return the table of what is promised."""
    kept = [(one.text, one.measured, "yes" if one.kept else "**NO**") for one in promises]
    return table(("promised", "measured", "kept"), kept)


def progress(what: str) -> None:
    """Say on standard error how far it is."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
