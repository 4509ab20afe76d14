"""PostgreSQL programs with PostGIS: found on this machine, or fetched from its package archive.

Nothing but the standard library is needed, so that the set-up of a fresh machine may call it too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gridmap.errors import RecordError
from gridmap.postgis import apt

#: the least major version of PostgreSQL that gridmap works with
LEAST_MAJOR = 13
#: extensions of the record, by the control files that announce them
EXTENSIONS = ("postgis", "btree_gist")


@dataclass(frozen=True, kw_only=True)
class Programs:
    """One installation of PostgreSQL whose servers can run PostGIS."""

    #: folder of ``initdb``, ``postgres``, ``pg_ctl`` and ``pg_dump``
    folder: Path
    #: major version, 15 for 15.18
    major: int
    #: what its programs need in their environment beyond the caller's
    environment: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, program: str) -> str:
        """Return the path of one program."""
        return str(self.folder / program)


def default_data_dir() -> Path:
    """Return the folder in which gridmap keeps everything of its own.

    ``$GRIDMAP_DATA_DIR`` if it is set; for root ``/var/lib/gridmap``, since its private server runs as an
    unprivileged user who cannot enter root's home; else the user's data folder, ``$XDG_DATA_HOME/gridmap`` or
    ``~/.local/share/gridmap`` (XDG Base Directory Specification 0.8).

    Raises
    ------
    RecordError
        If the user has no home to keep it in.
    """
    if given := os.environ.get("GRIDMAP_DATA_DIR"):
        return Path(given).absolute()
    return _usual_data_dir()


def unpacked_dir() -> Path:
    """Return the folder of the packages that were, or are to be, unpacked for this user.

    That of `default_data_dir`; while it holds none, that of the user's usual data folder if it does: whoever names
    another folder in ``$GRIDMAP_DATA_DIR`` need not download PostGIS for each.

    Raises
    ------
    RecordError
        If the user has no home to keep it in, and has named no folder.
    """
    chosen = default_data_dir() / "postgis"
    with suppress(RecordError):
        usual = _usual_data_dir() / "postgis"
        return usual if usual.exists() and not chosen.exists() else chosen
    return chosen


def _usual_data_dir() -> Path:
    """Return `default_data_dir` of a user who has not named one."""
    if os.geteuid() == 0:
        return Path("/var/lib/gridmap")
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given).absolute() / "gridmap"
    home = Path(os.environ.get("HOME") or "/nonexistent")
    if not home.is_dir():
        raise RecordError(f"this user has no home folder ({home})", do="set GRIDMAP_DATA_DIR to a folder of yours")
    return home / ".local/share/gridmap"


def find(*, major: int | None = None, unpacked: Sequence[Path] = ()) -> Programs | None:
    """Return the newest PostgreSQL with PostGIS on this machine, or None.

    Looked for in this order: the folder named by ``$GRIDMAP_PG_BIN`` alone, if it is set; the system's packages; what
    ``pg_config`` on the ``PATH`` belongs to; packages that gridmap unpacked for a user without root.

    Parameters
    ----------
    major
        The only major version that will do, as for a cluster which already exists; None for any.
    unpacked
        Folders into which `provide` unpacked packages.

    Raises
    ------
    RecordError
        If ``$GRIDMAP_PG_BIN`` names a folder without a usable PostgreSQL.
    """
    if given := os.environ.get("GRIDMAP_PG_BIN"):
        return _stated(Path(given), major)
    system = [_programs(folder) for folder in _system_folders()]
    ours = [_relocated(prefix) for prefix in unpacked]
    fitting = [found for found in (*system, *ours) if found and major in (None, found.major)]
    return fitting[0] if fitting else None


def provide(prefix: Path, *, major: int | None = None) -> Programs:
    """Return a PostgreSQL with PostGIS, fetching it from the system's package archive where it is missing.

    Root installs the packages; any other user gets them unpacked into `prefix`, with only those libraries
    that the system lacks. What is done is said in one line on standard error.

    Parameters
    ----------
    prefix
        Folder for unpacked packages, made when needed.
    major
        The only major version that will do, as for a cluster which already exists; None for any.

    Raises
    ------
    RecordError
        If PostGIS is missing and cannot be fetched: the message names the one command that installs it.
    """
    if found := find(major=major, unpacked=[prefix]):
        return found
    if os.geteuid() == 0:
        apt.install(major)
    else:
        apt.unpack(prefix, major)
    if found := find(major=major, unpacked=[prefix]):
        return found
    raise RecordError("PostGIS was fetched but does not run here", do=apt.advice(major))


def _stated(folder: Path, major: int | None) -> Programs:
    """Return the installation that the user named."""
    found = _programs(folder)
    if found is None or major not in (None, found.major):
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {LEAST_MAJOR} or newer"
        raise RecordError(
            f"GRIDMAP_PG_BIN={folder} holds no such server",
            expected=f"the folder of initdb and postgres of {wanted} with PostGIS",
            do="correct or unset it",
        )
    return found


def _system_folders() -> Iterator[Path]:
    """Yield folders of server programs, newest first: Debian's, Red Hat's, then the ``PATH``'s."""
    for root, pattern in (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin")):
        yield from sorted(Path(root).glob(pattern), key=_version, reverse=True)
    if found := shutil.which("pg_config"):
        asked = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603 -- a program of the user's own PATH
        yield Path(asked.stdout.strip())


def _version(folder: Path) -> int:
    """Return the major version in ``15/bin`` or ``pgsql-15/bin``, 0 where there is none."""
    digits = folder.parent.name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def _programs(folder: Path, environment: Mapping[str, str] | None = None) -> Programs | None:
    """Return the installation in `folder` if it runs and knows every extension of the record."""
    if not (folder / "initdb").is_file():
        return None
    asked = subprocess.run(  # noqa: S603 -- a program of the system or of the user's choice
        [folder / "pg_config", "--version", "--sharedir"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if asked.returncode != 0:
        return None
    version, share = asked.stdout.splitlines()
    major = int(version.split()[1].partition(".")[0])
    known = all((Path(share) / "extension" / f"{name}.control").is_file() for name in EXTENSIONS)
    return (
        Programs(folder=folder, major=major, environment=environment or {}) if known and major >= LEAST_MAJOR else None
    )


def _relocated(prefix: Path) -> Programs | None:
    """Return the installation unpacked below `prefix`; Debian's finds its own files relative to its programs."""
    folders = sorted(prefix.glob("usr/lib/postgresql/*/bin"), key=_version, reverse=True)
    if not folders:
        return None
    libraries = sorted(
        {file.parent for root in ("lib", "usr/lib") for file in (prefix / root).glob("*-linux-*/**/lib*.so.*")}
    )
    environment = {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
        "PROJ_DATA": str(prefix / "usr/share/proj"),
        "PROJ_LIB": str(prefix / "usr/share/proj"),  # what PROJ before 9.1 calls it
        "GDAL_DATA": str(prefix / "usr/share/gdal"),
    }
    return _programs(folders[0], environment)
