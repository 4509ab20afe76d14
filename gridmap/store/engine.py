"""A connection to the record, or one clear sentence why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from gridmap.errors import InputError, RecordError

if TYPE_CHECKING:
    from alembic.config import Config

#: the oldest PostGIS with ``ST_DumpSegments``, which the tie rule needs
POSTGIS_LEAST = (3, 2)
#: the oldest PostgreSQL with multiranges, which the check of parents needs
POSTGRES_LEAST = 14
#: seconds that a connection may take
CONNECT_TIMEOUT_S = 10
#: the newest of the migrations: a record of it needs none, and none of what makes them, which takes 80 ms to import
NEWEST = "0009"

_MIGRATIONS = Path(__file__).with_name("migrations")


def connect(url: str, *, application_name: str = "gridmap", statement_timeout_s: float | None = None) -> Engine:
    """Engine on a record that is reachable, fit and of the version this gridmap was written for.

    Parameters
    ----------
    url
        ``postgresql://...``; for a unix socket ``postgresql:///name?host=/folder&user=...``.
    application_name
        What the server's list of connections shows.
    statement_timeout_s
        Seconds after which the server gives up a statement; None for never.

    Returns
    -------
    Engine
        With a pool of five connections. ``with engine.begin() as connection`` is the unit of work;
        ``engine.dispose()`` closes it.

    Raises
    ------
    InputError
        If the address cannot be read.
    RecordError
        If the server cannot be reached, lacks PostGIS 3.2, is not UTF-8, cannot tell Chinese letters, or holds an
        older or newer record.
    """
    engine = _engine(url, application_name, statement_timeout_s)
    try:
        with engine.connect() as connection:
            _check_server(connection)
            _check_version(connection)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, OperationalError):
            raise _unreachable(engine.url, error) from error
        raise
    return engine


def migrate(url: str, *, target: str = "head") -> None:
    """Bring the record to the version of this gridmap; an empty database becomes a record.

    Parameters
    ----------
    url
        As for :func:`connect`; the role must own the database, and may make extensions where they are missing.
    target
        A revision of the migrations, ``"head"`` for the newest or ``"base"`` for none.

    Raises
    ------
    InputError
        If the address cannot be read.
    RecordError
        If the server cannot be reached or is not fit, or the record is newer than this gridmap; then nothing was
        changed.
    """
    engine = _engine(url, "gridmap db migrate", None)
    try:
        with engine.begin() as connection:
            # two that migrate at once would both make the first table
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridmap.migrate'))"))
            _make_extensions(connection)
            _check_server(connection)
            _run(connection, target)
    except OperationalError as error:
        raise _unreachable(engine.url, error) from error
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for this connection, in code instead of a file."""
    from alembic.config import Config  # see NEWEST

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _engine(url: str, application_name: str, statement_timeout_s: float | None) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(
            "the address of the record cannot be read", expected="postgresql://user:password@host/database"
        ) from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise InputError(
            f"the record cannot live in {parsed.get_backend_name()}", expected="an address postgresql://..."
        )
    options = f"-c statement_timeout={round((statement_timeout_s or 0) * 1000)}"
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "client_encoding": "utf8",
            "options": options,
        },
    )


def _check_server(connection: Connection) -> None:
    """Refuse a database that would answer wrongly."""
    major = connection.execute(text("SHOW server_version_num")).scalar_one()
    if int(major) // 10000 < POSTGRES_LEAST:
        raise RecordError(f"the server is PostgreSQL {int(major) // 10000}", expected=f"{POSTGRES_LEAST} or newer")
    _check_postgis(connection)
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    again = "make the database again: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    if encoding != "UTF8":
        raise RecordError(f"the database's encoding is {encoding}", expected="UTF8", do=again)
    if not connection.execute(text("SELECT '号' ~ '^[[:alpha:]]$'")).scalar_one():
        raise RecordError("the database's LC_CTYPE does not know Chinese letters", expected="C.UTF-8", do=again)


def _check_postgis(connection: Connection) -> None:
    found = connection.execute(text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")).scalar()
    least = ".".join(map(str, POSTGIS_LEAST))
    if found is None:
        raise RecordError(
            "the database has no PostGIS",
            expected=f"PostGIS {least} or newer",
            do="run `gridmap db migrate`, or as the server's administrator: CREATE EXTENSION postgis",
        )
    if tuple(int(part) for part in found.split(".")[:2]) < POSTGIS_LEAST:
        raise RecordError(
            f"the database has PostGIS {found}",
            expected=f"{least} or newer",
            do="update it with the system's packages, then: ALTER EXTENSION postgis UPDATE",
        )


def _check_version(connection: Connection) -> None:
    """Refuse a record of another version."""
    have = _version(connection)
    if have == NEWEST:
        return
    _refuse_newer(have, alembic_config(connection))
    state = "the database holds no record yet" if have is None else f"the record is of version {have}"
    raise RecordError(state, expected=f"version {NEWEST}", do="run `gridmap db migrate`")


def _version(connection: Connection) -> str | None:
    """The version of the record; None where the database holds none."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _refuse_newer(have: str | None, config: Config) -> None:
    """Refuse a record whose version is none of those that this gridmap knows."""
    from alembic.script import ScriptDirectory  # see NEWEST

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if have is not None and have not in known:
        raise RecordError(
            f"the record is of version {have}, newer than this gridmap (version {NEWEST})", do="update gridmap"
        )


def _make_extensions(connection: Connection) -> None:
    for name in ("postgis", "btree_gist"):
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
        except DBAPIError as error:
            raise RecordError(
                f"the extension {name} cannot be made: {_first_line(error)}",
                do="install it with the system's packages (Debian: postgresql-15-postgis-3), then, as the server's "
                f"administrator: CREATE EXTENSION {name}",
            ) from error


def _run(connection: Connection, target: str) -> None:
    have = _version(connection)
    if have == NEWEST and target in {NEWEST, "head"}:
        return
    from alembic import command  # see NEWEST

    config = alembic_config(connection)
    _refuse_newer(have, config)
    (command.downgrade if target == "base" else command.upgrade)(config, target)


def _unreachable(url: URL, error: OperationalError) -> RecordError:
    where = url.render_as_string(hide_password=True).replace("postgresql+psycopg", "postgresql")
    return RecordError(
        f"the record at {where} cannot be reached: {_first_line(error)}",
        do="start it (`gridmap db up` for the private one) or correct GRIDMAP_DATABASE_URL",
    )


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
