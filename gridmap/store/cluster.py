"""gridmap's own PostGIS: a private server in the data folder, for whoever names no existing one.

It listens on a unix socket alone, in a folder that only its owner (and root) may enter. It ends with the last process
that asked for it, however that process dies, unless it was asked to stay. All steps can be cut off at any point: a
half-made cluster is never found under its name, and whatever a killed server left behind is cleared by the next `up`.

::

    DATA_DIR/cluster/        the server's data, made elsewhere and renamed when complete
    DATA_DIR/run/            its socket (or a short folder in /tmp: socket paths are limited to 107 bytes)
    DATA_DIR/cluster.lock    held while something is started or stopped
    DATA_DIR/owners.lock     held, shared, by each process that the server serves; the kernel frees it for the dead
    DATA_DIR/watch.lock      held by the process that waits for the last owner's end
    DATA_DIR/server.lock     held by the server and its children as long as one of them lives
    DATA_DIR/stay            present while the server outlives its owners
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gridmap.store import packages, server
from gridmap.store.packages import default_data_dir
from gridmap.store.server import Place

__all__ = ["ClusterStatus", "default_data_dir", "down", "status", "up", "watch"]

# file descriptors of the owners' locks that this process holds: the kernel keeps them as long as the process lives
_owned: dict[Path, int] = {}


@dataclass(frozen=True, kw_only=True)
class ClusterStatus:
    """What stands in a data folder, and whether it runs."""

    #: the data folder
    data_dir: Path
    #: major version of PostgreSQL that the data belong to; None before the first `up`
    major: int | None
    #: process id of the running server; None when it is down
    pid: int | None
    #: URL of the running server for SQLAlchemy; None when it is down
    url: str | None
    #: whether it stays until `down`, rather than end with its last owner
    stays: bool

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self.pid is not None


def up(data_dir: Path | str, *, stay: bool = False, durable: bool = True) -> str:
    """Return the URL of the private PostGIS in a data folder, making, starting or recovering it as needed.

    The first `up` makes the cluster (UTF-8, collation by code point, page checksums) with an empty database ``gridmap``
    that has the extensions ``postgis`` and ``btree_gist``. The calling process becomes one of the server's owners; the
    server is stopped when the last of them has ended.

    Parameters
    ----------
    data_dir
        Folder to keep it in, made when needed. For root, the folders above it must let in the unprivileged user who
        runs the server (``postgres``, else ``nobody``).
    stay
        Whether the server is to run on until `down` or a reboot.
    durable
        False only for tests: a power failure may then destroy the data. Counts when the server is started, not when it
        already runs.

    Returns
    -------
    str
        A URL for SQLAlchemy with psycopg 3, such as
        ``postgresql+psycopg://gridmap@/gridmap?host=/var/lib/gridmap/run&port=5432``.

    Raises
    ------
    RecordError
        If PostGIS is neither here nor to be fetched, if the folder cannot be used, or if the server does not start;
        the message ends with the server's own last words.
    """
    place = Place.of(data_dir)
    server.prepare(place)
    with _lock(place, "cluster.lock"):
        running = server.settled(place)
        if not running:
            place.stay.unlink(missing_ok=True)
        # first who ends it, then the server: however this process is cut off, no server is left behind
        if stay:
            place.stay.touch()
        else:
            _own(place)
            _start_watch(place)
        if not running:
            programs = packages.provide(_unpacked(place), major=server.major(place))
            server.create(place, programs)
            server.start(place, programs, durable=durable)
    return _url(place)


def down(data_dir: Path | str) -> bool:
    """Stop the private server, whoever owns it; its data stay.

    Parameters
    ----------
    data_dir
        The folder that `up` was given.

    Returns
    -------
    bool
        Whether there was a server to stop.

    Raises
    ------
    RecordError
        If the folder belongs to somebody else, or the server cannot be stopped.
    """
    place = Place.of(data_dir)
    if not place.cluster.exists():
        return False
    server.prepare(place)
    with _lock(place, "cluster.lock"):
        was_running = _stop(place)
        if (held := _owned.pop(place.root, None)) is not None:
            os.close(held)
    return was_running


def status(data_dir: Path | str) -> ClusterStatus:
    """Return what stands in a data folder, changing nothing.

    Parameters
    ----------
    data_dir
        The folder that `up` was given; it need not exist.

    Raises
    ------
    RecordError
        If the folder belongs to somebody else.
    """
    place = Place.of(data_dir)
    pid = server.pid(place)
    return ClusterStatus(
        data_dir=place.root,
        major=server.major(place),
        pid=pid,
        url=_url(place) if pid else None,
        stays=pid is not None and place.stay.exists(),
    )


def watch(data_dir: Path | str, held: int) -> None:
    """Wait until no owner of the server is left, then stop it unless it is asked to stay.

    Runs in a process of its own. An owner that comes in the last moment is safe: it takes the cluster's lock before its
    own, so either it is seen here, or it finds the server stopped and starts it again.

    Parameters
    ----------
    data_dir
        The folder that `up` was given.
    held
        File descriptor of ``watch.lock``, locked by the parent.

    Raises
    ------
    RecordError
        If the server cannot be stopped.
    """
    place = Place.of(data_dir)
    unowned = False
    while not unowned:
        with _lock(place, "owners.lock"):
            pass
        with _lock(place, "cluster.lock"):
            unowned = _unowned(place)
            if unowned and not place.stay.exists():
                _stop(place)
            if unowned:
                # before the cluster's lock: whoever takes that next must see that nobody watches any more
                os.close(held)


def _stop(place: Place) -> bool:
    """Stop the server; whether there was one."""
    place.stay.unlink(missing_ok=True)
    if server.pid(place) is None:
        return False
    server.stop(place)
    return True


def _own(place: Place) -> None:
    """Make this process one of the server's owners."""
    if place.root not in _owned:
        held = place.open("owners.lock")
        fcntl.flock(held, fcntl.LOCK_SH)
        _owned[place.root] = held


def _disown() -> None:
    """Leave the locks to the parent: a forked child that outlives it must not keep the server."""
    while _owned:
        os.close(_owned.popitem()[1])


os.register_at_fork(after_in_child=_disown)


def _unowned(place: Place) -> bool:
    """Whether no living process owns the server."""
    try:
        with _lock(place, "owners.lock", wait=False):
            return True
    except BlockingIOError:
        return False


def _start_watch(place: Place) -> None:
    """Start the process that waits for the last owner's end, unless one does already."""
    held = place.open("watch.lock")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # the child inherits the lock with the descriptor: there is no moment at which nobody holds it
        code = f"from gridmap.store.cluster import watch; watch({str(place.root)!r}, {held})"
        subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-S", "-c", code],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[held],
            start_new_session=True,
        )
    except BlockingIOError:
        pass
    finally:
        os.close(held)


@contextmanager
def _lock(place: Place, name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock, waiting for whoever has it."""
    held = place.open(name)
    try:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


def _unpacked(place: Place) -> Path:
    """Return where packages lie for a user without root: with this cluster, or with all of the user's."""
    own = place.root / "postgis"
    return own if own.exists() else default_data_dir() / "postgis"


def _url(place: Place) -> str:
    return f"postgresql+psycopg://gridmap@/gridmap?host={quote(str(place.sockets))}&port={server.PORT}"
