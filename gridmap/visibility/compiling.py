"""Whether the kernels are compiled by numba (the extra ``gridmap[fast]``); else numpy does the same on arrays."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

#: Whether kernels are compiled; numba's own switch NUMBA_DISABLE_JIT=1 turns that off.
COMPILED = find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in {"", "0"}


def compiled(kernel: _Kernel) -> _Kernel:
    """Return the kernel, compiled on first use where numba is installed; the result is kept beside the source."""
    if not COMPILED:
        return kernel
    import numba

    made: Any = numba.njit(cache=True, nogil=True)(kernel)
    return cast("_Kernel", made)


def inlined(kernel: _Kernel) -> _Kernel:
    """Return a small kernel, written out where other kernels call it: passing arrays costs more than what it does."""
    if not COMPILED:
        return kernel
    import numba

    made: Any = numba.njit(inline="always")(kernel)
    return cast("_Kernel", made)
