"""Zipped files: one table's files unpacked into a folder of their own."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from gridmap.errors import FormatError, InputError, NotFoundError, TooLargeError
from gridmap.formats import files
from gridmap.formats.options import Options

_BLOCK = 1024**2


@dataclass(frozen=True, kw_only=True)
class Inner:
    """The file that was unpacked."""

    #: where it is now
    path: Path
    #: one of the values of ``files.KINDS``
    kind: str
    #: its name in the archive, without folders and ending
    stem: str


def unpacked(path: Path, folder: Path, *, member: str | None, max_bytes: int) -> Inner:
    """The one file of an archive that can be read, unpacked with its companions.

    Parameters
    ----------
    path
        The archive, found to be no bomb.
    folder
        An empty folder.
    member
        Name of the file, without ending, where the archive has several.
    max_bytes
        How much may come out.

    Raises
    ------
    FormatError
        If nothing in it can be read, or it is damaged.
    InputError
        ``which_sublayer`` where several could be meant.
    NotFoundError
        If none of them has that name.
    TooLargeError
        If more comes out than the archive says.
    """
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(entry.filename) for entry in archive.infolist() if not entry.is_dir()]
        chosen = _chosen(path, names, member)
        together = [name for name in names if name.parent == chosen.parent and name.stem == chosen.stem]
        left = max_bytes
        for name in together:
            left -= _unpack(path, archive, name, folder / f"layer{name.suffix.lower()}", left)
    inside = files.find(folder / f"layer{chosen.suffix.lower()}", max_bytes=max_bytes)
    return Inner(path=inside.path, kind=inside.kind, stem=chosen.stem)


def within(options: Options, inner: Inner) -> Options:
    """The user's words for the file within: a layer that named the file is no layer in it."""
    return replace(options, sublayer=None) if options.sublayer == inner.stem else options


def _chosen(path: Path, names: list[PurePosixPath], member: str | None) -> PurePosixPath:
    """The file to read."""
    readable = [name for name in names if _is_table(name)]
    if not readable:
        raise FormatError(
            f"{path.name} holds no file that can be read", expected="a .shp or another", code="empty_layer"
        )
    named = [name for name in readable if name.stem == member]
    if len(readable) == 1 or len(named) == 1:
        return (named or readable)[0]
    listed = ", ".join(str(name) for name in readable)
    if member is not None:
        raise NotFoundError(f"{path.name} holds no {member!r}", expected=f"one of {listed}", code="no_sublayer")
    given = f"{path.name} holds several files: {listed}"
    raise InputError(given, do="name one with sublayer (--sublayer), without its ending", code="which_sublayer")


def _is_table(name: PurePosixPath) -> bool:
    """Whether a file in an archive may hold a table: no licence text, no note of macOS, no archive in an archive."""
    kind = files.KINDS.get(name.suffix.lower())
    hidden = name.name.startswith(".") or "__MACOSX" in name.parts
    return kind not in {None, "zip", "gdb"} and name.suffix.lower() != ".txt" and not hidden


def _unpack(path: Path, archive: zipfile.ZipFile, name: PurePosixPath, target: Path, left: int) -> int:
    """Unpack one file; returns its bytes."""
    try:
        with archive.open(str(name)) as source, target.open("wb") as sink:
            while block := source.read(_BLOCK):
                left -= len(block)
                # the sizes in an archive's directory may lie
                if left < 0:
                    raise TooLargeError(f"{path.name} unpacks to more than is allowed", code="zip_bomb")
                sink.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, OSError) as error:
        given = f"{path.name} is damaged at {name.name} ({error})"
        raise FormatError(given, do="get it again", code="broken_zip") from None
    return target.stat().st_size
