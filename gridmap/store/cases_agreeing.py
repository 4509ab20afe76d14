"""An agreement in the record: what was signed, on what was on the table, and the dated parcels that it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, insert, select

from gridmap.crs import to_record
from gridmap.errors import ConflictError
from gridmap.store import cases_words as words
from gridmap.store.audit import Actor
from gridmap.store.cases import changed, changing, name_of
from gridmap.store.cases_heads import AGREED, OPEN, Head
from gridmap.store.cases_rows import Fault, Row, append, head, rows
from gridmap.store.conflicts import plain_words
from gridmap.store.ending import end, lock
from gridmap.store.rows import Source, load, read
from gridmap.store.schema_cases import parcel_lineage
from gridmap.store.staging import stored_shapes

#: What is kept of the lineage of a parcel.
LINEAGE = ("old", "new", "kind", "share_old", "share_new", "area_m2")


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What the parties sign."""

    #: the candidate that becomes the border
    candidate: str
    #: day of the signatures
    agreed_on: date
    #: first day of the new border
    effective: date
    #: labels of the parties; none: those between which the candidate settles
    parties: Sequence[str] = ()
    #: what else was agreed, a note about the land
    terms: str = ""
    #: SHA-256 of the sheet that was signed
    sheet_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """The parcels that an agreement makes."""

    #: ``id``, ``party``, ``accuracy_m``, ``geometry``: those that are new or have other ground
    parcels: gpd.GeoDataFrame
    #: identifiers of those that end
    ended: tuple[str, ...]
    #: what became of each: `LINEAGE`
    lineage: pd.DataFrame


def to_agree(connection: Connection, code: str, candidate: str, version: int | None) -> Head:
    """Return a case that is locked, with the layer of parcels, and can be agreed on by a candidate.

    Raises
    ------
    NotFoundError, StaleError, ConflictError
        As `gridmap.store.cases.changing`; ConflictError also if it was agreed on that candidate already.
    """
    case = changing(connection, code, version, statuses=(OPEN, AGREED))
    if any(row["candidate"] == candidate for row in rows(connection, case.case_id, "agreements")):
        raise ConflictError(f"case {code} was agreed on {candidate}", do="see its agreements", code="agreed_already")
    lock(connection, "parcels")
    return case


def parcels_around(
    connection: Connection, day: date, bounds: Sequence[float]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the parcels in force on a day, and those of later days, whose box meets one in degrees.

    Raises
    ------
    RecordError
        If the server went away.
    """
    west, south, east, north = map(float, bounds)
    box = west, south, east, north
    every = read(connection, "parcels", bbox=box)
    later = pd.Series([begins > day for begins in every["valid_from"]], index=every.index, dtype=bool)
    return read(connection, "parcels", on=day, bbox=box), gpd.GeoDataFrame(every[later])


def sign(connection: Connection, case: Head, signing: Signing, made: Boundary, *, actor: Actor | str) -> Row:
    """Write an agreement with the parcels that it makes, and return its row.

    Parameters
    ----------
    connection
        The transaction of `to_agree`.
    case
        What that returned.
    signing
        What is signed.
    made
        The parcels that it makes.
    actor
        Who writes.

    Raises
    ------
    InputError, TooLargeError
        If a text is none that a case may hold.
    ConflictError
        If the record holds parcels of these identifiers for later days.
    RecordError
        If the server went away; then nothing was changed.
    """
    held = {part: rows(connection, case.case_id, part) for part in ("claims", "candidates", "evidence")}
    values = {
        "candidate": signing.candidate,
        "agreed_on": signing.agreed_on.isoformat(),
        "effective": signing.effective.isoformat(),
        "parties": [words.label(party, "party") for party in signing.parties],
        "terms": words.note(signing.terms, "terms"),
        "sheet_sha256": words.hexadecimal(signing.sheet_sha256, "hash of the sheet"),
        **{f"{part}_head": head(some) for part, some in held.items()},
        "parcels": _parcels(made.parcels),
        "lineage": _lineage(made.lineage),
    }
    with plain_words():
        row = append(connection, (case.case_id, case.code), "agreements", [values], name_of(actor))[0]
        put_lineage(connection, case.case_id, row)
    _bring_into_force(connection, case, signing.effective, made, actor)
    detail = {name: values[name] for name in ("candidate", "effective", "parties")} | {"number": row["number"]}
    changed(connection, case, actor, "agree case", detail, status=AGREED)
    return row


def put_lineage(connection: Connection, case_id: int, row: Row) -> None:
    """Write what became of each parcel with an agreement.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be written.
    """
    if row["lineage"]:
        connection.execute(insert(parcel_lineage), [{"case_id": case_id, **one} for one in _lineage_rows(row)])


def lineage_faults(connection: Connection, case_id: int, agreements: Sequence[Row]) -> list[Fault]:
    """Return the agreements whose lineage the books tell otherwise than the agreement itself.

    Raises
    ------
    RecordError
        If the server went away.
    """
    table = parcel_lineage.c
    names = ("number", *LINEAGE, "effective")
    with plain_words():
        query = select(*(table[name] for name in names)).where(table.case_id == case_id)
        held = Counter(tuple(row) for row in connection.execute(query))
    said = Counter(tuple(one[name] for name in names) for row in agreements for one in _lineage_rows(row))
    wrong = {number for number, *_ in (held - said) + (said - held)}
    message = "the lineage of agreement {} is not the one that it made"
    return [
        Fault(part="agreements", number=number, code="lineage", message=message.format(number))
        for number in sorted(wrong)
    ]


def _lineage_rows(row: Row) -> list[dict[str, Any]]:
    """The lineage that an agreement tells, as the books have it."""
    said = {"number": row["number"], "effective": date.fromisoformat(row["effective"])}
    return [{**one, **said} for one in row["lineage"]]


def _bring_into_force(connection: Connection, case: Head, effective: date, made: Boundary, actor: Actor | str) -> None:
    """End the parcels that end, and write those that are new."""
    if made.ended:
        end(connection, "parcels", made.ended, actor=actor, effective=effective)
    if len(made.parcels):
        source = Source(file=f"case {case.code}")
        table = made.parcels.assign(source=f"case {case.code}")
        load(connection, "parcels", table, source=source, actor=actor, effective=effective)


def _parcels(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    shapes = stored_shapes(to_record(table).geometry.to_numpy()) if len(table) else []
    return [
        {"id": str(name), "party": _or_none(party), "geom": shape.hex().upper()}
        for name, party, shape in zip(table["id"], table["party"], shapes, strict=True)
    ]


def _lineage(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _or_none(value) for name, value in zip(LINEAGE, row, strict=True)}
        for row in table[list(LINEAGE)].itertuples(index=False, name=None)
    ]


def _or_none(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
