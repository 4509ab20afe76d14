"""Files that are shipped with gridmap: the demo's data and the built page.

They lie at the top of a checkout (``data/``, ``web/dist/``) and inside the package of a built wheel.
"""

from __future__ import annotations

from pathlib import Path

from gridmap.errors import NotFoundError

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the path of a file or folder that is shipped with gridmap.

    Parameters
    ----------
    name
        Path as in a checkout, such as ``"data/divisions.csv"`` or ``"web/dist"``.

    Raises
    ------
    NotFoundError
        If this installation lacks it, as a checkout does whose page was not built yet.
    """
    for root in (_PACKAGE / "shipped", _PACKAGE.parent):
        if (path := root / name).exists():
            return path
    raise NotFoundError(f"{name} is not part of this installation", do="run `make web` in a checkout, or reinstall")
