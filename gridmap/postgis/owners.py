"""Whoever needs the private server, and the process that stops it when nobody is left.

An owner holds a shared lock on ``owners.lock``; the kernel lets go of it when the process ends, however it ends. The
watching process waits for the exclusive lock on the same file.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from gridmap.postgis import server
from gridmap.postgis.server import Place

# file descriptors of the locks that this process holds: the kernel keeps them as long as the process lives
_owned: dict[Path, int] = {}


def join(place: Place) -> None:
    """Make this process one of the server's owners, and see that somebody waits for the last one's end."""
    if place.root not in _owned:
        held = place.open("owners.lock")
        fcntl.flock(held, fcntl.LOCK_SH)
        _owned[place.root] = held
    _start_watch(place)


def leave(place: Place) -> None:
    """Give up what `join` took."""
    if (held := _owned.pop(place.root, None)) is not None:
        os.close(held)


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
    # no lock files: the whole data folder was removed
    while not unowned and (place.root / "owners.lock").exists():
        with place.locked("owners.lock"):
            pass
        with place.locked("cluster.lock"):
            unowned = _unowned(place)
            if unowned and not place.stay.exists():
                server.stop(place)
            if unowned:
                # before the cluster's lock: whoever takes that next must see that nobody watches any more
                os.close(held)


def _disown() -> None:
    """Leave the locks to the parent: a forked child that outlives it must not keep the server."""
    while _owned:
        os.close(_owned.popitem()[1])


os.register_at_fork(after_in_child=_disown)


def _unowned(place: Place) -> bool:
    """Whether no living process owns the server."""
    try:
        with place.locked("owners.lock", wait=False):
            return True
    except BlockingIOError:
        return False


def _start_watch(place: Place) -> None:
    """Start the process that waits for the last owner's end, unless one does already."""
    held = place.open("watch.lock")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # the child inherits the lock with the descriptor: there is no moment at which nobody holds it
        code = f"from gridmap.postgis.owners import watch; watch({str(place.root)!r}, {held})"
        subprocess.run(  # noqa: S603 -- our own program
            # the shell ends at once, so that the watching process is nobody's child and no one has to wait for it
            ["/bin/sh", "-c", '"$@" &', "sh", sys.executable, "-S", "-c", code],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[held],
            start_new_session=True,
            check=True,
        )
    except BlockingIOError:
        pass
    finally:
        os.close(held)
