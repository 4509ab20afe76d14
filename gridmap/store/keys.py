"""API keys: 256 random bits, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from gridmap.errors import InputError, NotFoundError
from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import plain_words
from gridmap.store.schema import api_keys

#: what a key may be allowed, least first
ROLES = ("device", "viewer", "operator", "mediator", "grid-admin", "system-admin")
#: first characters of every key, so that one left lying about is recognised
MARK = "gm_"
#: characters of a key that are kept readable, to tell one from another
PREFIX_LENGTH = len(MARK) + 6


@dataclass(frozen=True, kw_only=True)
class Key:
    """An API key, without its secret."""

    #: what the key is for
    name: str
    #: one of ``ROLES``
    role: str
    #: first characters of the secret
    prefix: str
    #: when it was made
    created: datetime
    #: when it ended; None while it may be used
    revoked: datetime | None


def add_key(connection: Connection, name: str, role: str, *, actor: Actor | str) -> str:
    """Make a key and return its secret, the only time that it is shown.

    Parameters
    ----------
    connection
        To the record; the key stands when the caller commits.
    name
        What the key is for: an office or a program, not a person.
    role
        One of ``ROLES``.
    actor
        Who makes it.

    Returns
    -------
    str
        ``gm_`` and 43 letters, digits, ``-`` and ``_`` that hold 256 random bits. A plain hash is enough to keep them:
        there is nothing to guess.

    Raises
    ------
    InputError
        If the role is unknown or the name empty.
    ConflictError
        If a key in use has that name.
    """
    if role not in ROLES:
        raise InputError(f"the role {role!r} is unknown", expected=f"one of {', '.join(ROLES)}")
    if not name.strip():
        raise InputError("the name of the key is empty", expected="what it is for, such as `command centre`")
    secret = MARK + secrets.token_urlsafe(32)
    row = {"name": name.strip(), "role": role, "prefix": secret[:PREFIX_LENGTH], "secret_sha256": _hash(secret)}
    with plain_words():
        connection.execute(insert(api_keys).values(row))
    note(connection, actor, "add key", detail={"name": row["name"], "role": role, "prefix": row["prefix"]})
    return secret


def list_keys(connection: Connection) -> list[Key]:
    """All keys, revoked ones too, in the order in which they were made.

    Parameters
    ----------
    connection
        To the record.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    rows = connection.execute(_KEYS.order_by(api_keys.c.key_id)).mappings()
    return [Key(**row) for row in rows]


def revoke_key(connection: Connection, name: str, *, actor: Actor | str) -> None:
    """End the key of that name, at once for whoever asks :func:`find_key` after the commit.

    Parameters
    ----------
    connection
        To the record.
    name
        As it was added.
    actor
        Who ends it.

    Raises
    ------
    NotFoundError
        If no key in use has that name.
    """
    ended = connection.execute(
        update(api_keys)
        .where(api_keys.c.name == name.strip(), api_keys.c.revoked.is_(None))
        .values(revoked=func.now())
        .returning(api_keys.c.prefix)
    ).scalar()
    if ended is None:
        raise NotFoundError(f"no key in use is called {name!r}", do="see `gridmap keys list`")
    note(connection, actor, "revoke key", detail={"name": name.strip(), "prefix": ended})


def find_key(connection: Connection, secret: str) -> Key | None:
    """Return the key in use that has this secret, None where there is none.

    It is looked up by its hash, so that the time taken tells nothing about other keys.

    Parameters
    ----------
    connection
        To the record.
    secret
        What the request carried.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    found = _KEYS.where(api_keys.c.secret_sha256 == _hash(secret), api_keys.c.revoked.is_(None))
    row = connection.execute(found).mappings().one_or_none()
    return Key(**row) if row else None


_KEYS = select(api_keys.c.name, api_keys.c.role, api_keys.c.prefix, api_keys.c.created, api_keys.c.revoked)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
