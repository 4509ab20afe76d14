"""Packages out of the archive of Debian and its kin, PostGIS above all, as root and as an ordinary user."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import RecordError

_POSTGIS = re.compile(r"^postgresql-(\d+)-postgis-3 ", re.MULTILINE)
_INSTALLED = re.compile(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+) ", re.MULTILINE)
# left out where packages are only unpacked: what their own scripts need, which then do not run, and the compiler of
# PostgreSQL's just-in-time code, 130 MB for something that is switched off
_NOT_UNPACKED = re.compile(
    r"perl|^(adduser|debconf|init-system-helpers|ssl-cert|sysvinit-utils|ucf)$|-common$|^libllvm|^libz3"
)
# Debian would start a server of its own beside ours
_NO_MAIN_CLUSTER = Path("/etc/postgresql-common/createcluster.d/gridmap.conf")
_SYSTEM_LISTS = Path("/var/lib/apt/lists")


def advice(major: int | None = None) -> str:
    """Return what a person can do where gridmap cannot fetch PostGIS."""
    package = f"postgresql-{major}-postgis-3" if major else "postgresql-postgis"
    return (
        f"run `sudo apt-get install {package}` (elsewhere: the system's PostGIS server package), "
        "or name an existing PostGIS in GRIDMAP_DATABASE_URL"
    )


def install(major: int | None = None) -> None:
    """Install PostGIS as root, without a question and without starting Debian's own server.

    Parameters
    ----------
    major
        The only major version of PostgreSQL that will do; None for the archive's newest.

    Raises
    ------
    RecordError
        If there is no ``apt-get``, or the archive does not give the packages; nothing is left half configured.
    """
    _require_apt(major)
    if not _any_listed(_SYSTEM_LISTS):
        _update(_SYSTEM_LISTS)
    with _without_main_cluster():
        add(_package(major))


def add(*names: str) -> None:
    """Install packages as root, without a question.

    Parameters
    ----------
    names
        Names in the archive.

    Raises
    ------
    RecordError
        If the archive does not give them.
    """
    _say(f"installing {' '.join(names)} with apt-get")
    command = ("install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *names)
    try:
        _apt(*command)
    except RecordError:
        # absent or old lists name files that the archive no longer has
        _update(_SYSTEM_LISTS)
        _apt(*command)


def fetch(name: str, folder: Path) -> Path:
    """Return the file of one package, downloaded as any user.

    Parameters
    ----------
    name
        Name in the archive.
    folder
        Where to put it; apt-get's own files lie beside it.

    Raises
    ------
    RecordError
        If the archive does not give it.
    """
    options = _user_options(folder, None)
    _listed(folder, options, lambda listing: _apt("download", *listing, name, folder=folder))
    return next(folder.glob("*.deb"))


def unpack(prefix: Path, major: int | None = None, *, status: Path | None = None) -> None:
    """Download PostGIS and those libraries that the system lacks, and unpack them into `prefix`.

    No package script runs, so no root is needed. All or nothing: `prefix` appears when it is complete.

    Parameters
    ----------
    prefix
        Folder to make; what it held before is replaced.
    major
        The only major version of PostgreSQL that will do; None for the archive's newest.
    status
        What the system is taken to have, in the form of ``/var/lib/dpkg/status``; None for what it has.

    Raises
    ------
    RecordError
        If there is no ``apt-get``, its sources cannot be read, or the archive does not give the packages.
    """
    _require_apt(major)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with _alone(prefix.with_name(f"{prefix.name}.lock")):
        fresh = prefix.with_name(f"{prefix.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        options = _user_options(fresh / "apt", status)
        _listed(fresh / "apt", options, lambda listing: _download(fresh / "apt", listing, major))
        files = sorted((fresh / "apt").glob("*.deb"))
        _say(f"unpacking {len(files)} packages into {prefix}")
        for file in files:
            _run(["dpkg-deb", "--extract", str(file), str(fresh)])
        _link_alternatives(fresh)
        shutil.rmtree(fresh / "apt")
        shutil.rmtree(prefix, ignore_errors=True)
        fresh.rename(prefix)


def _listed(folder: Path, options: Sequence[str], work: Callable[[Sequence[str]], object]) -> None:
    """Do work with the system's package lists; with lists of our own where those are absent or old."""
    try:
        work(options)
    except RecordError:
        options = (*options, "-o", f"Dir::State::lists={folder / 'lists'}")
        (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
        _update(folder / "lists", *options)
        work(options)


def _update(lists: Path, *options: str) -> None:
    """Fetch the package lists; apt-get itself calls it a success when no archive answers."""
    _apt("update", *options)
    if not _any_listed(lists):
        raise RecordError("packages are missing here, and the system's package archive cannot be reached", do=advice())


def _any_listed(lists: Path) -> bool:
    return any(lists.glob("*Packages*"))


def _download(folder: Path, options: Sequence[str], major: int | None) -> None:
    """Download PostGIS and what the system lacks of what it needs, by the lists that `options` name."""
    package = _package(major, options)
    plan = _apt("install", "--simulate", "--no-install-recommends", *options, package)
    wanted = [f"{name}={version}" for name, version in _INSTALLED.findall(plan) if not _NOT_UNPACKED.search(name)]
    _say(f"downloading {package} and what it needs: {len(wanted)} packages (no root: nothing is installed)")
    _apt("download", *options, *wanted, folder=folder)


def _user_options(folder: Path, status: Path | None) -> tuple[str, ...]:
    """Return options by which apt-get writes only into `folder`."""
    (folder / "cache/archives/partial").mkdir(parents=True)
    options = ("-o", f"Dir::Cache={folder / 'cache'}", "-o", "Debug::NoLocking=1")
    return (*options, "-o", f"Dir::State::status={status}") if status else options


def _package(major: int | None, options: Sequence[str] = ()) -> str:
    """Return the name of the archive's PostGIS package for `major`, or for its newest PostgreSQL."""
    listed = _run(["apt-cache", *options, "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"])
    majors = [int(found) for found in _POSTGIS.findall(listed)]
    fitting = [found for found in majors if major in (None, found)]
    if not fitting:
        wanted = f"postgresql-{major}-postgis-3" if major else "PostGIS"
        raise RecordError(
            f"PostGIS is missing here, and the system's package archive offers no {wanted}", do=advice(major)
        )
    return f"postgresql-{max(fitting)}-postgis-3"


def _link_alternatives(prefix: Path) -> None:
    """Name ``postgis.control`` what ``update-alternatives`` would have named so."""
    for control in prefix.glob("usr/share/postgresql/*/extension/postgis-3.control"):
        control.with_name("postgis.control").symlink_to(control.name)


@contextmanager
def _without_main_cluster() -> Iterator[None]:
    """Keep Debian's package from making and starting a server of its own while it is installed."""
    _NO_MAIN_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    _NO_MAIN_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        _NO_MAIN_CLUSTER.unlink(missing_ok=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock, waiting for whoever has it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _require_apt(major: int | None) -> None:
    if not shutil.which("apt-get"):
        raise RecordError("PostGIS is missing here, and there is no apt-get to fetch it with", do=advice(major))


def _apt(*arguments: str, folder: Path | None = None) -> str:
    return _run(["apt-get", "-q", *arguments], folder=folder)


def _run(command: Sequence[str], *, folder: Path | None = None) -> str:
    """Return what a package tool prints, or raise with its last words."""
    ran = subprocess.run(  # noqa: S603 -- the system's package tools with names from its own lists
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", "LC_ALL": "C.UTF-8"},
    )
    if ran.returncode != 0:
        words = [line for line in ran.stderr.splitlines() if line.startswith("E:")] or ran.stderr.splitlines()
        raise RecordError(f"packages are missing here, and {command[0]} failed: {' '.join(words[-2:])}", do=advice())
    return ran.stdout


def _say(message: str) -> None:
    sys.stderr.write(f"gridmap: {message}\n")
    sys.stderr.flush()
