"""Files that appear whole or not at all: each is written as a draft beside its place, and takes it at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import ENOSPC
from pathlib import Path

from gridmap.errors import GridmapError, InputError

#: A disk with less room than this, in bytes, is full: libraries that write files do not all say why they failed.
_FULL = 1 << 18
#: What the folders of drafts begin with.
_PREFIX = ".gridmap-"


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """Yield where to write a file meanwhile: in a folder beside its place, which goes away again.

    Parameters
    ----------
    target
        The file. What stands in its place stays until the draft is whole.

    Raises
    ------
    InputError
        As `drafts`.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with draft(Path(folder, "a.txt")) as path:
    ...         _ = path.write_text("whole")
    ...         before = Path(folder, "a.txt").exists()
    ...     before, Path(folder, "a.txt").read_text(), len(list(Path(folder).iterdir()))
    (False, 'whole', 1)
    """
    with drafts(target) as fresh:
        yield fresh[target]


@contextmanager
def drafts(*targets: Path) -> Iterator[dict[Path, Path]]:
    """Yield where to write each of several files meanwhile: all take their places at the end, or none does.

    Parameters
    ----------
    *targets
        Files that belong together.

    Raises
    ------
    InputError
        If a folder is not there, a target is a folder, or a file cannot be written: no room, no permission.
    """
    for target in targets:
        refuse_missing_folder(target)
        if target.is_dir():
            raise InputError(f"{target} is a folder", do="name a file", code="is_folder")
    with ExitStack() as folders:
        try:
            fresh = {target: _beside(target, folders) for target in targets}
            yield fresh
            for each in fresh.values():
                with each.open("rb") as file:
                    os.fsync(file.fileno())
            for target, each in fresh.items():
                each.replace(target)
        except GridmapError:
            raise
        except Exception as error:
            why = _why(error, targets)
            if why is None:
                raise
            names = ", ".join(map(str, targets))
            raise InputError(f"{names} cannot be written: {why}", code="unwritable") from error


def refuse_missing_folder(path: Path) -> None:
    """Refuse a file in a folder that is not there, before the work is done.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", do="make it first", code="missing_folder")


def _beside(target: Path, folders: ExitStack) -> Path:
    """A file of the same name in a new folder beside the target."""
    return Path(folders.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX, dir=target.parent)), target.name)


def _why(error: Exception, targets: tuple[Path, ...]) -> str | None:
    """Why files could not be written; None where the fault is another, as of a file that was read."""
    if any(_room(target.parent) < _FULL for target in targets):
        return os.strerror(ENOSPC)
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    where = "" if error.filename is None else os.fsdecode(error.filename)
    ours = not where or _PREFIX in where or any(Path(where) == target for target in targets)
    return error.strerror if ours else None


def _room(folder: Path) -> float:
    """Bytes left on the disk of a folder; more than any disk has where that cannot be told."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return float("inf")
    return disk.free if disk.total else float("inf")
