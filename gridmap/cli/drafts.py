"""Several files written as one: all of them take their places once the last is whole, or none does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def drafts(*targets: Path) -> Iterator[dict[Path, Path]]:
    """Yield where to write each file meanwhile: in a folder beside its place, which goes away again.

    Parameters
    ----------
    *targets
        Files that belong together; their folders are there. What stands in their places stays until all are written.

    Raises
    ------
    OSError
        If a folder cannot be written to.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder, "a.txt")
    ...     with drafts(target) as draft:
    ...         _ = draft[target].write_text("whole")
    ...         before = target.exists()
    ...     before, target.read_text(), len(list(Path(folder).iterdir()))
    (False, 'whole', 1)
    """
    with ExitStack() as folders:
        fresh = {
            target: Path(folders.enter_context(tempfile.TemporaryDirectory(prefix=".gridmap-", dir=target.parent)))
            / target.name
            for target in targets
        }
        yield fresh
        for target, draft in fresh.items():
            draft.replace(target)
