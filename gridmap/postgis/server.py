"""A PostgreSQL server in a folder: made, started, found, stopped, cleared away after.

Root may not run PostgreSQL; under root the server and its programs run as ``postgres``, else as ``nobody``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import RecordError
from gridmap.postgis.packages import EXTENSIONS, Programs

#: names the socket only: nothing listens on a network
PORT = 5432
#: bytes that Linux grants the path of a unix socket (``sun_path``, less the closing zero)
SOCKET_PATH_BYTES = 107
#: how long a server may take to start, recovery after a crash included, or to stop
PATIENCE_S = 120
#: how long the children of a killed server get to notice it
ORPHANS_S = 5

_SETTINGS = """\
# Written by gridmap at every start; settings of your own belong into {local}.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 128MB
min_wal_size = 16MB
max_wal_size = 1GB
jit = off
dynamic_shared_memory_type = {shared_memory}
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] '
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = {durable}
include_if_exists = '{local}'
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folders and files of one private cluster."""

    #: the data folder, absolute
    root: Path

    @classmethod
    def of(cls, data_dir: Path | str) -> Place:
        """Return the place below a data folder."""
        return cls(root=Path(os.path.realpath(data_dir)))

    @property
    def cluster(self) -> Path:
        """Where the server keeps its data."""
        return self.root / "cluster"

    @property
    def stay(self) -> Path:
        """Present while the server outlives its owners."""
        return self.root / "stay"

    def open(self, name: str) -> int:
        """Return the descriptor of a lock file; root makes it the data folder's owner's, not to shut them out."""
        descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            os.fchown(descriptor, self.root.stat().st_uid, -1)
        return descriptor

    @contextmanager
    def locked(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold an exclusive lock, waiting for whoever has it."""
        held = self.open(name)
        try:
            fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(held)

    @property
    def sockets(self) -> Path:
        """Folder of the socket: ``run``, or one in /tmp named after the data folder when that path is too long."""
        near = self.root / "run"
        # PostgreSQL first makes the lock file, whose name is the longer one
        if len(os.fsencode(near / f".s.PGSQL.{PORT}.lock")) <= SOCKET_PATH_BYTES:
            return near
        return Path("/tmp") / f"gridmap-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"  # noqa: S108 -- checked by `_private`


def prepare(place: Place) -> None:
    """Make the data folder and let the server's user through it.

    Raises
    ------
    RecordError
        If the folder belongs to somebody else, or a folder above it keeps the server's user out.
    """
    try:
        place.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"the data folder {place.root} cannot be made: {error.strerror}", do=_elsewhere()) from error
    if os.geteuid() != 0 and place.root.stat().st_uid != os.geteuid():
        raise RecordError(f"the data folder {place.root} belongs to another user", do=_elsewhere())
    if account := _account(place):
        _admit(account, place.root)


def major(place: Place) -> int | None:
    """Return the major version of PostgreSQL that the data belong to, None where there are none.

    Raises
    ------
    RecordError
        If the folder belongs to somebody else.
    """
    try:
        return int((place.cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise RecordError(f"the data folder {place.root} belongs to another user", do=_elsewhere()) from error


def create(place: Place, programs: Programs, *, durable: bool) -> None:
    """Make the cluster, unless it is there.

    It is made under another name and renamed when it is complete and, if it is to be durable, on the disk.

    Raises
    ------
    RecordError
        If PostgreSQL refuses.
    """
    for left in place.root.glob("cluster.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    if place.cluster.exists():
        return
    (place.root / "complete").unlink(missing_ok=True)
    fresh = place.root / f"cluster.new-{secrets.token_hex(4)}"
    account = _account(place)
    fresh.mkdir(mode=0o700)
    if account:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--lc-messages=C"]
    shape = ["--username=gridmap", "--auth=peer", "--data-checksums", "--wal-segsize=4"]
    _run(programs, account, ["initdb", "-D", str(fresh), "--no-sync", "--no-instructions", *locale, *shape])
    if durable:
        _run(programs, account, ["initdb", "-D", str(fresh), "--sync-only"])
    fresh.rename(place.cluster)


def start(place: Place, programs: Programs, *, durable: bool) -> None:
    """Start the server and wait until it answers, after clearing away what a killed one left.

    Raises
    ------
    RecordError
        If it does not start; the message ends with its own last words.
    """
    account = _account(place)
    log = place.cluster / "server.log"
    held = _alone(place)
    try:
        _private(place.sockets, account)
        # the server would trust a number that now may belong to another program
        for stale in (place.cluster / "postmaster.pid", *place.sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        _configure(place, account, durable=durable)
        with suppress(FileNotFoundError):
            log.replace(log.with_name("server.log.1"))
        command = ["pg_ctl", "start", "-D", str(place.cluster), "--log", str(log), "--wait", "-t", str(PATIENCE_S)]
        # the server and all its children inherit the lock: it is free when the last of them has ended
        _run(programs, account, command, pass_fds=[held])
    except RecordError as error:
        words = " / ".join(line.partition("] ")[2] or line for line in _text(log).splitlines()[-3:])
        raise RecordError(f"the private PostgreSQL in {place.cluster} does not start: {words or error}") from error
    finally:
        os.close(held)


def complete(place: Place, programs: Programs) -> None:
    """Make the empty database ``gridmap`` with its extensions in a running server, unless that was done.

    Not in PostgreSQL's single-user mode, which would save a start: what is made there counts as part of PostgreSQL
    itself, and ``pg_dump`` leaves it out.

    Raises
    ------
    RecordError
        If PostGIS cannot be loaded.
    """
    done = place.root / "complete"
    if done.exists():
        return
    script = [
        "SELECT 'CREATE DATABASE gridmap' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'gridmap') \\gexec",
        "\\connect gridmap",
        *(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS),
    ]
    where = ["--host", str(place.sockets), "--port", str(PORT), "--username=gridmap", "--dbname=postgres"]
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where]
    _run(programs, _account(place), command, stdin="\n".join(script) + "\n")
    done.touch()


def stop(place: Place) -> bool:
    """Stop the server: sessions are ended, what was committed is on the disk.

    Returns
    -------
    bool
        Whether there was a server to stop.

    Raises
    ------
    RecordError
        If it does not end in time.
    """
    place.stay.unlink(missing_ok=True)
    if not (found := pid(place)):
        return False
    os.kill(found, signal.SIGINT)  # PostgreSQL's "fast shutdown"
    if not _ended(place, PATIENCE_S):
        raise RecordError(
            f"the private PostgreSQL in {place.cluster} does not end (process {found})", do="see its server.log"
        )
    return True


def pid(place: Place) -> int | None:
    """Return the process id of the running server, None where it is down.

    A ``postmaster.pid`` alone proves nothing: after a crash or a reboot its number may be another program's. The server
    is the process of that number that works in the cluster's folder.
    """
    notes = _notes(place)
    found = int(notes[0]) if notes and notes[0].isdigit() else 0
    return found if found in _processes(place) else None


def settled(place: Place) -> bool:
    """Whether the server runs and answers; one that is just starting, recovering or stopping is waited for.

    Raises
    ------
    RecordError
        If it does neither in time.
    """
    until = time.monotonic() + PATIENCE_S
    while pid(place) and time.monotonic() < until:
        if _notes(place)[7:8] == ["ready"]:
            return True
        time.sleep(0.02)
    if pid(place):
        raise RecordError(
            f"the private PostgreSQL in {place.cluster} neither answers nor ends", do="see its server.log"
        )
    return False


def _notes(place: Place) -> list[str]:
    """Return the lines of ``postmaster.pid``: the first is its process id, the eighth its state."""
    return [line.strip() for line in _text(place.cluster / "postmaster.pid").splitlines()]


def _processes(place: Place) -> set[int]:
    """Return the living processes that work in the cluster's folder, which PostgreSQL's all do."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # a process may end while it is looked at, and others' folders are not shown
            with suppress(OSError):
                # a person's shell may stand there too; after an upgrade the program's name ends in " (deleted)"
                if (entry / "cwd").readlink() == place.cluster and (entry / "exe").readlink().name.startswith(
                    "postgres"
                ):
                    found.add(int(entry.name))
    return found


def _ended(place: Place, seconds: float) -> bool:
    """Whether the last process of the server ends within so many seconds."""
    until = time.monotonic() + seconds
    while (running := bool(_processes(place))) and time.monotonic() < until:
        time.sleep(0.02)
    return not running


def _alone(place: Place) -> int:
    """Return the descriptor of the lock that says no process uses the data, and clear away what a killed server left.

    Children that outlive a killed server end by themselves when they notice; those busy with a long query are killed,
    for a second server beside them would destroy the data.
    """
    if not _ended(place, ORPHANS_S):
        for left in _processes(place):
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
    held = place.open("server.lock")
    until = time.monotonic() + ORPHANS_S
    while not _free(held):
        # a process that ends is out of sight a moment before it lets go of its files
        if time.monotonic() > until:
            os.close(held)
            raise RecordError(
                f"the data in {place.cluster} are used by a server out of sight, as in another container",
                do="stop it there",
            )
        time.sleep(0.02)
    return held


def _free(held: int) -> bool:
    """Whether nobody else has the lock of this descriptor, which then is ours."""
    with suppress(BlockingIOError):
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _configure(place: Place, account: pwd.struct_passwd | None, *, durable: bool) -> None:
    """Write the server's settings and who may enter: its owner and, under root, the server's own user."""
    users = {pwd.getpwuid(os.geteuid()).pw_name, account.pw_name if account else ""} - {""}
    files = {
        "postgresql.conf": _SETTINGS.format(
            local=place.root / "postgresql.local.conf",
            port=PORT,
            sockets=place.sockets,
            durable="on" if durable else "off",
            shared_memory="posix" if _shared_memory() else "mmap",
        ),
        "pg_hba.conf": "local all gridmap peer map=gridmap\n",
        "pg_ident.conf": "".join(f'gridmap "{user}" gridmap\n' for user in sorted(users)),
    }
    for name, text in files.items():
        _write(place.cluster / name, text, account)


def _shared_memory() -> bool:
    """Whether every user may make shared memory; containers and chroots may lack it or keep it for root."""
    folder = Path("/dev/shm")  # noqa: S108 -- only looked at
    return folder.is_dir() and bool(folder.stat().st_mode & stat.S_IWOTH)


def _write(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
    """Replace a file of the server's at one stroke."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    if account:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    fresh.replace(path)


def _private(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that only the server's user (and root) may enter; refuse one that somebody else laid there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    found = folder.lstat()
    owner = account.pw_uid if account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise RecordError(f"{folder} is not a private folder of the server's user", do="remove it and try again")


def _account(place: Place) -> pwd.struct_passwd | None:
    """Return the unprivileged user who runs the server under root; None where the caller runs it."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        return pwd.getpwuid(place.cluster.stat().st_uid)
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _admit(account: pwd.struct_passwd, folder: Path) -> None:
    """Let the server's user through the data folder, by its group; folders above it are not ours to open."""
    for above in reversed(folder.parents):
        if not _passable(above, account):
            raise RecordError(
                f"{folder} is out of reach: the server runs as {account.pw_name}, who may not enter {above}",
                do=_elsewhere(),
            )
    if not _passable(folder, account):
        os.chown(folder, -1, account.pw_gid)
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXGRP)


def _passable(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether a user may pass through a folder."""
    found = folder.stat()
    if found.st_uid == account.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _elsewhere() -> str:
    return "set GRIDMAP_DATA_DIR to a folder such as /var/lib/gridmap for root, or one of your own"


def _run(
    programs: Programs,
    account: pwd.struct_passwd | None,
    command: Sequence[str],
    *,
    stdin: str = "",
    pass_fds: Sequence[int] = (),
) -> str:
    """Return what one of the server's programs prints, run as its user; raise with its last words."""
    # PGDATA, PGOPTIONS and their like in the caller's environment are meant for other servers
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    ran = subprocess.run(  # noqa: S603 -- PostgreSQL's own programs
        [programs[command[0]], *command[1:]],
        cwd="/",
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=pass_fds,
        env={**inherited, **programs.environment, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if ran.returncode != 0:
        words = (ran.stderr.strip() or ran.stdout.strip()).splitlines()
        raise RecordError(f"PostgreSQL's {command[0]} failed: {' '.join(words[-3:])}")
    return ran.stdout


def _text(path: Path) -> str:
    """Return the text of a file, empty where there is none."""
    with suppress(FileNotFoundError):
        return path.read_text(errors="replace")
    return ""
