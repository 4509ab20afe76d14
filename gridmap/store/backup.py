"""The whole record as one file, and back: all or nothing both ways."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from gridmap.errors import FormatError, NotFoundError, RecordError
from gridmap.postgis import apt, packages

_END_OTHERS = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {name}")
_LOCALE = sql.SQL("SELECT datcollate, datctype FROM pg_database WHERE datname = {name}")
_CREATE = sql.SQL(
    "CREATE DATABASE {new} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {collate} LC_CTYPE {ctype}",
)
_RENAME = sql.SQL("ALTER DATABASE {old} RENAME TO {new}")
_DROP = sql.SQL("DROP DATABASE IF EXISTS {old}")


def backup(url: str, file: Path | str) -> None:
    """Write the record into one file, as it is at one moment, while others go on working.

    The file is PostgreSQL's custom archive format, readable by its owner alone. It appears under its name when it is
    complete and on the disk; what stood there before is replaced only then.

    Parameters
    ----------
    url
        The record, as `gridmap.store.cluster.up` returns it or as ``GRIDMAP_DATABASE_URL`` names it.
    file
        Where to write.

    Raises
    ------
    RecordError
        If the record cannot be reached or read, or the file not be written.
    """
    file = Path(file)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        part.touch(mode=0o600)
        _run("pg_dump", make_url(url), "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        part.replace(file)
    except OSError as error:
        raise RecordError(f"the backup {file} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(url: str, file: Path | str) -> None:
    """Replace the record by what a backup holds.

    The backup is first read whole into a database beside the record and looked at; then the two change names in one
    transaction, for which every session on the record is ended. Until that moment the record is as it was, whatever is
    wrong with the file.

    Parameters
    ----------
    url
        The record, as for `backup`.
    file
        What `backup` wrote.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If the file is not a complete backup of a record.
    RecordError
        If the record cannot be reached, or the user may not create databases there.
    """
    if not Path(file).is_file():
        raise NotFoundError(f"there is no backup {file}")
    record = make_url(url)
    fresh = record.set(database=f"{record.database}_restore_{secrets.token_hex(4)}")
    with _maintenance(record) as server:
        try:
            _create(server, record, fresh)
            _fill(fresh, Path(file))
            _swap(server, record, fresh)
        finally:
            # after the swap this name holds what the record was
            server.execute(_DROP.format(old=_name(fresh)))


def _create(server: psycopg.Connection, record: URL, fresh: URL) -> None:
    """Make an empty database of the record's collation."""
    found = server.execute(_LOCALE.format(name=record.database)).fetchone()
    if found is None:
        raise RecordError(f"there is no database {record.database} on that server", do="run `gridmap db up` first")
    server.execute(_CREATE.format(new=_name(fresh), collate=found[0], ctype=found[1]))


def _fill(fresh: URL, file: Path) -> None:
    """Read a backup into an empty database, and see that it is a record's."""
    try:
        _run("pg_restore", fresh, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file))
    except RecordError as error:
        raise FormatError(f"{file} is not a complete backup, the record is unchanged: {error}") from error
    with _connect(fresh) as connection:
        if not connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone():
            raise FormatError(
                f"{file} is a backup of another database, not of gridmap's record; the record is unchanged"
            )
        connection.execute("ANALYZE")


def _swap(server: psycopg.Connection, record: URL, fresh: URL) -> None:
    """Exchange the names of two databases at one stroke."""
    aside = record.set(database=f"{fresh.database}_old")
    with server.transaction():
        server.execute(_END_OTHERS.format(name=record.database))
        # waits for the ended sessions, and keeps new ones out until both have their names
        server.execute(_RENAME.format(old=_name(record), new=_name(aside)))
        server.execute(_RENAME.format(old=_name(fresh), new=_name(record)))
        server.execute(_RENAME.format(old=_name(aside), new=_name(fresh)))


def _name(url: URL) -> sql.Identifier:
    return sql.Identifier(url.database or "")


@contextmanager
def _maintenance(record: URL) -> Iterator[psycopg.Connection]:
    """Connect to the server beside the record, so that the record can be renamed."""
    try:
        with _connect(record.set(database="postgres")) as connection:
            connection.autocommit = True
            yield connection
    except psycopg.Error as error:
        raise RecordError(f"the server of the record refuses: {str(error).strip()}") from error


def _connect(url: URL) -> psycopg.Connection:
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's client programs on a database."""
    found = packages.find(unpacked=[packages.unpacked_dir()])
    if found is None:
        raise RecordError(f"{program} is missing here", do=apt.advice())
    # a password in the arguments would be seen by every user of this machine
    where = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **found.environment, "LC_ALL": "C.UTF-8"}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    ran = subprocess.run(  # noqa: S603 -- PostgreSQL's own programs
        [found[program], f"--dbname={where}", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if ran.returncode != 0:
        words = [line for line in ran.stderr.splitlines() if "error:" in line] or ran.stderr.splitlines()[-3:]
        raise RecordError(f"{program} failed: {' '.join(words)}")
