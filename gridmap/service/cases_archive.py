"""The folder of a case as one ZIP: the same bytes for the same case; nothing is unpacked but what such a folder has."""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from gridmap.errors import FormatError, GridmapError, NotFoundError, TooLargeError
from gridmap.store.cases_evidence import CASE_MOST

#: Bytes of all that an archive unpacks to: the evidence of a case, its document, and the layers made of that.
UNPACKED_MOST = CASE_MOST + 2**30
#: Files of an archive; every row of evidence is one.
FILES_MOST = 100_000

#: What the folder of a case has, below the folder in which whoever packed it by hand may have left it.
_NAME = re.compile(
    r"(?:[^/\\]+/)?(?:(README\.txt|SHA256SUMS|case\.json|chain\.txt|(?:claims|candidates)\.geojson)|(evidence/[^/\\]+))"
)
#: Methods that need no more memory than what they give: a window of 32 kB.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNIX, _READABLE = 3, 0o644 << 16
#: Bytes of a name that file systems hold.
_NAME_MOST = 255
_TRIED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def is_archive(path: Path) -> bool:
    """Tell whether a case lies, or is to lie, in an archive there.

    Raises
    ------
    None

    Examples
    --------
    >>> is_archive(Path("2026-0007.zip")), is_archive(Path("2026-0007"))
    (True, False)
    """
    return path.suffix.lower() == ".zip"


def write_archive(path: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write files by their names into a new archive, without any date, so that the same files make the same bytes.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with zipfile.ZipFile(path, "x") as archive:
        for name, content in contents:
            member = zipfile.ZipInfo(name)
            member.create_system, member.external_attr = _UNIX, _READABLE
            # stored: what another library would compress to other bytes
            archive.writestr(member, content, zipfile.ZIP_STORED)


def unpack(path: Path, folder: Path) -> None:
    """Write the files of an archive into an empty folder; only such as the folder of a case has.

    Parameters
    ----------
    path
        The archive, of anybody.
    folder
        Where to.

    Raises
    ------
    NotFoundError
        If there is no such archive.
    FormatError
        If it is none, is broken or encrypted, has a file twice, or one that a case has not: a path upwards, say.
    TooLargeError
        If it has more than `FILES_MOST` files, or they have more than `UNPACKED_MOST` bytes.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no archive {path}", do="name one", code="missing_file")
    try:
        with zipfile.ZipFile(path) as archive:
            for name, member in _members(archive).items():
                (folder / name).parent.mkdir(exist_ok=True)
                # as much is read as the member declares, and the sum of that is bounded
                with archive.open(member) as source, (folder / name).open("xb") as target:
                    shutil.copyfileobj(source, target)
    except GridmapError:
        raise
    except _TRIED as error:
        raise FormatError(
            f"{path.name} cannot be unpacked: {error}", do="copy it again", code="broken_archive"
        ) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by their names in the folder of a case."""
    files = [member for member in archive.infolist() if not member.is_dir()]
    size = sum(member.file_size for member in files)
    if len(files) > FILES_MOST or size > UNPACKED_MOST:
        given = f"{len(files)} files of {size} bytes"
        raise TooLargeError(given, expected=f"{FILES_MOST} of {UNPACKED_MOST} at most", code="large_archive")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in files:
        name = _name(member)
        if name in found:
            raise FormatError(f"the archive has {name} twice", code="broken_archive")
        found[name] = member
    return found


def _name(member: zipfile.ZipInfo) -> str:
    found = _NAME.fullmatch(member.filename)
    parts = member.filename.split("/")
    if found is None or {"..", "."} & set(parts) or max(len(part.encode()) for part in parts) > _NAME_MOST:
        given = f"the archive has {member.filename[:80]!r}, which is none of a case"
        raise FormatError(given, do="pack the folder that gridmap wrote, alone", code="broken_archive")
    if member.compress_type not in _METHODS:
        raise FormatError(f"{found[0]} is packed by an unusual method", do="use the usual one", code="broken_archive")
    return found[1] or found[2]
