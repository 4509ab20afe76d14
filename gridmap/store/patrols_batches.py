"""Batches that devices sent, several of them written in one transaction, each of them once however often it comes.

A batch is known by its number; the fixes of one that is sent again are not looked at. A fix of the same post, device
and moment as one of the record is passed over, and so is a sign-in of the same post, checkpoint and moment.

Each batch leaves a row of its own. The audit trail has one row for each key, layer and datum in each hour, written with
the first of these batches: all of them are under the number of that load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor
from sqlalchemy import Connection, insert

from gridmap.store.audit import Actor, note
from gridmap.store.conflicts import plain_words
from gridmap.store.schema import loads
from gridmap.store.staging import driver

#: Columns of each layer that a batch brings, what PostgreSQL calls them, and by which of them a row is known.
COLUMNS: dict[str, dict[str, str]] = {
    "fixes": {
        "post": "text",
        "time": "timestamptz",
        "device": "text",
        "accuracy_m": "float8",
        "speed_m_s": "float8",
        "lon": "float8",
        "lat": "float8",
    },
    "signins": {
        "post": "text",
        "checkpoint": "text",
        "time": "timestamptz",
        "device": "text",
        "accuracy_m": "float8",
        "lon": "float8",
        "lat": "float8",
    },
}
_KEYS = {"fixes": ("post", "device", "time"), "signins": ("post", "checkpoint", "time")}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a device sent at once."""

    #: its number, given by the device
    batch_id: UUID
    #: ``fixes`` or ``signins``
    layer: str
    #: SHA-256 of what it says
    digest: bytes
    #: who sent it
    actor: Actor
    #: cells by the columns of its layer; lon and lat in the record's system
    cells: Mapping[str, Sequence[Any]]
    #: the datum that it stated
    datum: str | None = None
    #: the datum that its fixes were found to be in, where that was looked at, and by how much it fits better
    datum_found: str | None = None
    datum_margin: float | None = None
    #: why it is not to be taken; None: it is
    refused: str | None = None

    def __len__(self) -> int:
        """Return the number of its rows."""
        return len(self.cells["post"])


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a batch."""

    #: ``taken``, ``differs`` (another one has its number), ``revoked`` (its key is no longer valid) or ``refused``
    fate: str
    #: rows that it had, and those that the record did not hold
    rows: int = 0
    added: int = 0
    #: when it was first received
    received_at: datetime | None = None
    #: why it was refused
    refused: str | None = None


@dataclass(kw_only=True)
class HourLoads:
    """Under which load each key's batches of an hour stand; whoever writes keeps one."""

    #: by key, layer, datum and hour
    loads: dict[tuple[str, str, str | None, datetime], int] = field(default_factory=dict)


def write(connection: Connection, batches: Sequence[Batch], hours: HourLoads) -> list[Receipt]:
    """Write batches, and return what became of each; they stand when the transaction does.

    Parameters
    ----------
    connection
        Inside ``with engine.begin()``.
    batches
        Of different numbers.
    hours
        What load they belong to. It is added to: give a copy, and keep that once the transaction stands.

    Raises
    ------
    ConflictError
        If another process wrote one of them just now: try again.
    RecordError
        If the server went away.
    psycopg.Error
        If a cell is none that the record can hold.
    """
    with plain_words(), driver(connection).cursor(binary=True) as cursor:
        valid = _valid_keys(cursor, {batch.actor.name for batch in batches})
        known = _known(cursor, [batch.batch_id for batch in batches])
        fates = {batch.batch_id: _fate(batch, known, valid) for batch in batches}
        fresh = [batch for batch in batches if fates[batch.batch_id] is None]
        if fresh:
            load_ids = _loads(connection, cursor, fresh, hours)
            added = _insert(cursor, fresh, load_ids)
            received_at = _note(cursor, fresh, load_ids, added)
            fates |= {each.batch_id: _receipt(each, added[each.batch_id], received_at) for each in fresh}
    return [fate for batch in batches if (fate := fates[batch.batch_id]) is not None]


def _valid_keys(cursor: Cursor[Any], names: Iterable[str]) -> set[str]:
    """Keys that are valid at this moment, which is the last one at which it can be asked."""
    query = "SELECT name FROM api_keys WHERE revoked IS NULL AND name = ANY(%s)"
    return {name for (name,) in cursor.execute(query, (sorted(names),))}


def _known(cursor: Cursor[Any], batch_ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """Batches that were received before."""
    query = "SELECT batch_id, digest, rows, added, received_at, refused FROM batches WHERE batch_id = ANY(%s)"
    return {row[0]: row[1:] for row in cursor.execute(query, (list(batch_ids),))}


def _fate(batch: Batch, known: Mapping[UUID, tuple[Any, ...]], valid: set[str]) -> Receipt | None:
    """What has become of a batch already; None for one that is to be written."""
    if batch.actor.name not in valid:
        return Receipt(fate="revoked")
    if batch.batch_id not in known:
        return None
    digest, rows, added, received_at, refused = known[batch.batch_id]
    if bytes(digest) != batch.digest:
        return Receipt(fate="differs")
    fate = "taken" if refused is None else "refused"
    return Receipt(fate=fate, rows=rows, added=added, received_at=received_at, refused=refused)


def _receipt(batch: Batch, added: int, received_at: datetime) -> Receipt:
    fate = "taken" if batch.refused is None else "refused"
    return Receipt(fate=fate, rows=len(batch), added=added, received_at=received_at, refused=batch.refused)


def _loads(connection: Connection, cursor: Cursor[Any], batches: Sequence[Batch], hours: HourLoads) -> dict[UUID, int]:
    """The load of each batch: of its key, layer, datum and hour; the first of them is noted in the audit trail."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows: Counter[int] = Counter()
    found = {}
    for batch in batches:
        key = (batch.actor.name, batch.layer, batch.datum, hour)
        if key not in hours.loads:
            hours.loads = {old: number for old, number in hours.loads.items() if old[-1] == hour}
            hours.loads[key] = _new_load(connection, batch, hour)
        found[batch.batch_id] = hours.loads[key]
        rows[found[batch.batch_id]] += len(batch) if batch.refused is None else 0
    for load_id, more in sorted(rows.items()):
        cursor.execute("UPDATE loads SET rows = rows + %s WHERE load_id = %s", (more, load_id))
    return found


def _new_load(connection: Connection, batch: Batch, hour: datetime) -> int:
    stated = f"stated as {batch.datum}, brought to WGS 84" if batch.datum else "WGS 84 or CGCS2000, as agreed"
    row = {
        "layer": batch.layer,
        "file": f"POST /api/patrols/{batch.layer}",
        "crs": stated,
        "actor": batch.actor.name,
        "rows": 0,
        "warnings": [],
    }
    load_id: int = connection.execute(insert(loads).values(row).returning(loads.c.load_id)).scalar_one()
    detail = {"hour": hour.isoformat(), "datum": batch.datum}
    note(connection, batch.actor, f"report {batch.layer}", layer=batch.layer, load_id=load_id, detail=detail)
    return load_id


def _insert(cursor: Cursor[Any], batches: Sequence[Batch], load_ids: Mapping[UUID, int]) -> Counter[UUID]:
    """Add the rows that the record does not hold, and count them by batch."""
    added: Counter[UUID] = Counter()
    for layer in COLUMNS:
        taken = [batch for batch in batches if batch.layer == layer and batch.refused is None]
        if taken:
            added += _insert_layer(cursor, layer, taken, load_ids)
    return added


def _insert_layer(
    cursor: Cursor[Any], layer: str, batches: Sequence[Batch], load_ids: Mapping[UUID, int]
) -> Counter[UUID]:
    cells = {name: [cell for batch in batches for cell in batch.cells[name]] for name in COLUMNS[layer]}
    owners = [batch.batch_id for batch in batches for _ in range(len(batch))]
    keys = list(zip(*(cells[name] for name in _KEYS[layer]), strict=True))
    first = dict(zip(reversed(keys), reversed(owners), strict=True))
    rows = cursor.execute(_INSERT[layer], (*cells.values(), [load_ids[owner] for owner in owners]))
    return Counter(first[tuple(row)] for row in rows)


def _inserting(layer: str) -> str:
    """The statement that adds rows given as one list for each column."""
    columns = COLUMNS[layer]
    own = [name for name in columns if name not in {"lon", "lat"}]
    lists = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return f"""
        INSERT INTO {layer} ({", ".join(own)}, geom, load_id)
        SELECT {", ".join(own)}, ST_SetSRID(ST_MakePoint(lon, lat), 4490), load_id
        FROM unnest({lists}, %s::int8[]) WITH ORDINALITY AS given({", ".join(columns)}, load_id, number)
        ORDER BY {", ".join(_KEYS[layer])}, number
        ON CONFLICT DO NOTHING RETURNING {", ".join(_KEYS[layer])}
    """  # noqa: S608 (all words are this module's own)


_INSERT = {layer: _inserting(layer) for layer in COLUMNS}


def _note(
    cursor: Cursor[Any], batches: Sequence[Batch], load_ids: Mapping[UUID, int], added: Mapping[UUID, int]
) -> datetime:
    """Keep what was received, and return when."""
    columns = (
        [batch.batch_id for batch in batches],
        [batch.layer for batch in batches],
        [batch.digest for batch in batches],
        [len(batch) for batch in batches],
        [added[batch.batch_id] for batch in batches],
        [batch.datum for batch in batches],
        [batch.datum_found for batch in batches],
        [batch.datum_margin for batch in batches],
        [batch.refused for batch in batches],
        [load_ids[batch.batch_id] for batch in batches],
    )
    cursor.execute(
        "INSERT INTO batches (batch_id, layer, digest, rows, added, datum, datum_found, datum_margin, refused, load_id)"
        " SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::int4[], %s::int4[], %s::text[], %s::text[],"
        " %s::float8[], %s::text[], %s::int8[]) ORDER BY 1 RETURNING received_at",
        columns,
    )
    received_at: datetime = cursor.fetchall()[0][0]
    return received_at
