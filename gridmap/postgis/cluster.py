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
    DATA_DIR/complete        present once the database and its extensions were made
    DATA_DIR/stay            present while the server outlives its owners
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gridmap.postgis import owners, packages, server
from gridmap.postgis.packages import default_data_dir
from gridmap.postgis.server import Place

__all__ = ["ClusterStatus", "default_data_dir", "down", "status", "up"]


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
    with place.locked("cluster.lock"):
        running = server.settled(place)
        if not running:
            place.stay.unlink(missing_ok=True)
        # first who ends it, then the server: however this process is cut off, no server is left behind
        if stay:
            place.stay.touch()
        else:
            owners.join(place)
        programs = packages.provide(_unpacked(place), major=server.major(place))
        if not running:
            server.create(place, programs, durable=durable)
            server.start(place, programs, durable=durable)
        server.complete(place, programs)
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
    with place.locked("cluster.lock"):
        was_running = server.stop(place)
        owners.leave(place)
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


def _unpacked(place: Place) -> Path:
    """Return where packages lie for a user without root: with this cluster, or with all of the user's."""
    own = place.root / "postgis"
    return own if own.exists() else packages.unpacked_dir()


def _url(place: Place) -> str:
    return f"postgresql+psycopg://gridmap@/gridmap?host={quote(str(place.sockets))}&port={server.PORT}"
