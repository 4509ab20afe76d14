"""The audit trail: who changed what, chained so that no row can be altered or taken out unseen."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, text

from gridmap.store.schema import audit


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who makes a change: a key or an account of the machine, not a resident."""

    #: name of the key, or of the account that ran the command
    name: str
    #: ``device``, ``viewer``, ``operator``, ``mediator``, ``grid-admin`` or ``system-admin``
    role: str = "system-admin"


#: Who does what nobody asked for: the service itself.
SERVICE = Actor(name="service")


@dataclass(frozen=True, kw_only=True)
class AuditCheck:
    """What a walk along the chain found."""

    #: rows in the trail
    rows: int
    #: hash of the last row, in hexadecimal; keep it elsewhere to notice a trail that was cut short or written anew
    head: str
    #: number of the first row that does not fit its hash, its predecessor or its number; None when all fit
    broken_at: int | None


def shell_actor() -> Actor:
    """Account that runs this process: whoever holds the machine administers the record."""
    return Actor(name=f"shell:{getpass.getuser()}")


def note(
    connection: Connection,
    actor: Actor | str,
    action: str,
    *,
    layer: str | None = None,
    load_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one row to the trail, in the caller's transaction: it stands when the change stands.

    Other writers wait from here until this transaction ends, so it is best called last.

    Parameters
    ----------
    connection
        Inside the transaction that makes the change.
    actor
        Who makes it; a bare name is an account of the machine.
    action
        A verb: ``load``, ``publish``, ``add key``, ``revoke key``.
    layer, load_id
        What was loaded, where something was.
    detail
        Further facts as JSON; never a secret.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If the transaction reads an older snapshot than the row before (``REPEATABLE READ``): begin it again.
    """
    actor = Actor(name=actor) if isinstance(actor, str) else actor
    connection.execute(
        insert(audit).values(
            actor=actor.name, role=actor.role, action=action, layer=layer, load_id=load_id, detail=detail or {}
        )
    )


# Every row must follow its number, name the hash before it, and have the hash of its own content.
_VERIFY = text("""
    WITH walked AS (
        SELECT audit_id, hash,
               audit_id = row_number() OVER w
               AND prev = coalesce(lag(hash) OVER w, decode(repeat('00', 32), 'hex'))
               AND hash = audit_hash(prev, audit) AS fits
        FROM audit WINDOW w AS (ORDER BY audit_id)
    )
    SELECT count(*), (SELECT encode(hash, 'hex') FROM walked ORDER BY audit_id DESC LIMIT 1),
           min(audit_id) FILTER (WHERE fits IS NOT TRUE)
    FROM walked
""")


def verify_audit(connection: Connection) -> AuditCheck:
    """State of the chain: ``hash = sha256(previous hash || the row as canonical JSON)`` for each row from the first.

    Parameters
    ----------
    connection
        To the record.

    Returns
    -------
    AuditCheck
        ``broken_at`` is None when nothing was altered, inserted or taken out between two rows that are left. Rows taken
        off the end are seen only against a ``head`` that was kept elsewhere.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    rows, head, broken_at = connection.execute(_VERIFY).one()
    return AuditCheck(rows=rows, head=head or "00" * 32, broken_at=broken_at)
