"""Kernels compiled by numba where it is installed (the extra ``gridmap[fast]``), else run as plain Python.

numba keeps what it compiled in files, and takes them up again while the file of the kernel is the same; of the other
files that the kernel was compiled from, it does not look at one. So the folder of these files bears a fingerprint of
all sources: another source, another folder.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

#: Whether kernels are compiled; numba's own switch NUMBA_DISABLE_JIT=1 turns that off.
COMPILED = find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in {"", "0"}


def compiled(kernel: _Kernel) -> _Kernel:
    """Return the kernel, compiled on first use where numba is installed.

    Parameters
    ----------
    kernel
        A function of a module, written on numbers and on things that are indexed and never resized.

    Returns
    -------
    Callable
        What answers as the kernel does. What was compiled is kept in the folder ``__pycache__`` beside the source, or
        where NUMBA_CACHE_DIR says; where neither can be written, it is compiled anew in each process.

    Raises
    ------
    Nothing
        What numba cannot compile it refuses when it is first called.
    """
    if not COMPILED:
        return kernel
    import numba

    config: Any = numba.config
    source, before = Path(kernel.__code__.co_filename), config.CACHE_DIR
    kept = Path(before or source.parent / "__pycache__")
    # numba asks for the folder when it is handed the kernel
    config.CACHE_DIR = str(kept / f"compiled-{fingerprint(source, kernel.__module__)}")
    try:
        made: Any = numba.njit(cache=_writable(kept), nogil=True)(kernel)
    finally:
        config.CACHE_DIR = before
    return cast("_Kernel", made)


def inlined(kernel: _Kernel) -> _Kernel:
    """Return a small kernel that is written out where other kernels call it, where numba is installed.

    Parameters
    ----------
    kernel
        A function that does so little that passing it arrays costs more.

    Raises
    ------
    Nothing
        What numba cannot compile it refuses when a kernel that calls it is first called.
    """
    if not COMPILED:
        return kernel
    import numba

    made: Any = numba.njit(inline="always")(kernel)
    return cast("_Kernel", made)


def _writable(folder: Path) -> bool:
    """Whether files can be kept in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@lru_cache(maxsize=256)
def fingerprint(source: Path, module: str) -> str:
    """Return 16 hexadecimal digits that change with the source of a module, or of any other that it is made from.

    These are the modules of the same package that it imports, directly or by way of others; what the ``__init__`` of a
    package says is not looked at.

    Parameters
    ----------
    source
        Its file.
    module
        Its full name.

    Raises
    ------
    OSError, SyntaxError
        If a file cannot be read as Python.
    """
    root = source.parents[module.count(".")]
    seen, waiting = {source}, [source]
    while waiting:
        found = set(_imported(waiting.pop(), root, module.split(".", maxsplit=1)[0])) - seen
        seen |= found
        waiting += found
    digest = hashlib.sha256()
    for path in sorted(seen):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _imported(source: Path, root: Path, package: str) -> Iterator[Path]:
    """Yield the files of a package that a file of it imports."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            path = root.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith(f"{package}.") and path.is_file():
                yield path
