"""How often what a territory and its coverage are made of has changed in the record, for whoever keeps a copy of it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from gridmap.store.schema import revisions


def revision(connection: Connection) -> int:
    """Count of the committed changes of areas, addresses, aliases, buildings, streets, cameras, checkpoints and places.

    It is counted by triggers, so it grows with changes by any client, in the order in which they were committed, and by
    one for each transaction that changed a row. The number is also told on the channel ``gridmap_changed``. Read it
    before the tables, or in one ``REPEATABLE READ`` transaction with them: then a copy is never older than its number
    says.

    Parameters
    ----------
    connection
        To the record.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be read.
    """
    number: int = connection.execute(select(revisions.c.number)).scalar_one()
    return number
