"""The font that a sheet is printed in: found among those of the system, with simplified Chinese forms."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gridmap.errors import FormatError, NotFoundError

#: Where fontconfig and other systems keep fonts.
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
#: Files that hold simplified Chinese, the best first.
FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "msyh.ttc",
    "simhei.ttf",
)
#: Faces of a collection that a name of theirs tells to hold the forms of the mainland; the first one is Japanese.
_MAINLAND = (" SC", " CN")


def find_font(given: Path | None = None, *, folders: Sequence[Path] = FOLDERS) -> tuple[Path, int]:
    """Return the file of a font with simplified Chinese and the number of its face in that file.

    One character has several national forms: of a collection it is the face for simplified Chinese, never the first.

    Parameters
    ----------
    given
        A font that is to be used; None: the first of `FILES` that the folders hold.
    folders
        Where fonts are looked for, below them too.

    Raises
    ------
    NotFoundError
        If there is none; it says what to install.
    FormatError
        If the file given is no font.

    Examples
    --------
    >>> find_font(folders=[])
    Traceback (most recent call last):
    ...
    gridmap.errors.NotFoundError: no font with Chinese characters; expected NotoSansCJK-Regular.ttc or another \
of 10; install fonts-noto-cjk, or name a font file by GRIDMAP_FONT
    """
    if given is not None:
        if not given.is_file():
            raise NotFoundError(f"no font at {given}", do="name a TrueType or OpenType file with Chinese characters")
        return given, _face(given)
    held = _held(folders)
    found = next((held[name] for name in FILES if name in held), None)
    if found is None:
        raise NotFoundError(
            "no font with Chinese characters",
            expected=f"{FILES[0]} or another of {len(FILES)}",
            do="install fonts-noto-cjk, or name a font file by GRIDMAP_FONT",
            code="no_font",
        )
    return found, _face(found)


def _held(folders: Sequence[Path]) -> dict[str, Path]:
    """Files of interest below the folders, by name; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for root, _, names in os.walk(folder.expanduser()):
            for name in sorted(set(names) & set(FILES)):
                found.setdefault(name, Path(root) / name)
    return found


def _face(path: Path) -> int:
    """Number of the face with the forms of the mainland, 0 where no name tells."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError  # heavy, and of no other call

    try:
        with path.open("rb") as file:
            if path.suffix.lower() not in {".ttc", ".otc"}:
                TTFont(file, lazy=True)
                return 0
            names = [_full_name(face["name"]) for face in TTCollection(file, lazy=True).fonts]
    except (TTLibError, KeyError) as error:
        raise FormatError(f"{path.name} is no font: {error}", do="name a TrueType or OpenType file") from error
    return next((k for k, name in enumerate(names) if any(part in name for part in _MAINLAND)), 0)


def _full_name(names: Any) -> str:
    """What a face is called on Windows or, without that, on a Mac: names of these are decoded, not guessed at."""
    said = names.getName(4, 3, 1) or names.getName(4, 1, 0)
    return "" if said is None else str(said.toBytes().decode(said.getEncoding(), "replace"))
