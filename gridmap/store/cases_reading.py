"""A case read whole, as tables; and whether each of its rows and files is as it was handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, text

from gridmap.store.cases_agreeing import lineage_faults
from gridmap.store.cases_heads import Head, find_case, seals, told_seals
from gridmap.store.cases_rows import Fault, Row, columns, faults, head, rows
from gridmap.store.conflicts import plain_words
from gridmap.store.schema import SRID
from gridmap.store.schema_cases import PARTS

_NUMBERS = {"accuracy_m", "leave_one_out_m"}
_COUNTS = {"evidence", "epsg"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case, with all that was ever written into it.

    The columns of the tables are those of `gridmap.store.schema_cases`, without the number of the case; dates and
    moments are text. Shapes are in EPSG:4490.
    """

    #: what it says of itself
    head: Head
    #: every claim; those that do not stand are ``withdrawn``
    claims: gpd.GeoDataFrame
    #: every candidate
    candidates: gpd.GeoDataFrame
    #: every file of evidence, without its bytes
    evidence: pd.DataFrame
    #: every map, picture and survey
    sources: pd.DataFrame
    #: every agreement
    agreements: pd.DataFrame

    @property
    def standing_claims(self) -> gpd.GeoDataFrame:
        """Claims that were not withdrawn."""
        return self.claims[~self.claims["withdrawn"].astype(bool)].reset_index(drop=True)

    @property
    def standing_candidates(self) -> gpd.GeoDataFrame:
        """Candidates that were not withdrawn."""
        return self.candidates[~self.candidates["withdrawn"].astype(bool)].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class CaseCheck:
    """What a walk along the chains of a case found."""

    #: rows looked at
    rows: int
    #: last hash of each chain; keep them elsewhere to notice a case that was written anew
    heads: dict[str, str]
    #: what is not as it was written; empty when all is
    faults: tuple[Fault, ...]


def read_case(connection: Connection, code: str) -> Case:
    """Return a case by its code.

    Raises
    ------
    NotFoundError
        If there is no such case.
    RecordError
        If the server went away.
    """
    case = find_case(connection, code)
    held = {part: rows(connection, case.case_id, part) for part in PARTS}
    return Case(head=case, **{part: table(part, found) for part, found in held.items()})


def table(part: str, held: Sequence[Row]) -> Any:
    """Return rows of a part as a table, with shapes where it has some.

    Raises
    ------
    None
    """
    cells = {name: _column(name, [row[name] for row in held]) for name in columns(part)}
    if "geom" not in cells:
        return pd.DataFrame(cells)
    shapes = shapely.from_wkb(np.array([bytes.fromhex(row["geom"]) for row in held], dtype=object))
    cells.pop("geom")
    return gpd.GeoDataFrame(cells, geometry=gpd.GeoSeries(shapely.set_srid(shapes, 0), crs=SRID))


# What is kept of each file of a case, computed where it lies: a case may have a gigabyte.
_FILES = text("""
    SELECT number, octet_length(content) = bytes AND encode(sha256(content), 'hex') = case_evidence.sha256
    FROM case_evidence LEFT JOIN evidence_files USING (sha256)
    WHERE case_id = :case_id ORDER BY number
""")


def verify(connection: Connection, code: str) -> CaseCheck:
    """Tell which rows and files of a case are not as they were written, each by its number.

    A row must have the hash of its content, follow the one before it, and leave no number out; a file must have its
    bytes; an agreement must name what stood when it was signed, and have the lineage that it made. What is taken off
    the end of a chain, a withdrawal that is undone and a status that is turned back do not fit the seals that the audit
    trail told of last. Who rewrites that trail too is seen by `gridmap.store.verify_audit`, and whoever puts back an
    older backup of all against ``heads`` that were kept elsewhere.

    Raises
    ------
    NotFoundError
        If there is no such case.
    RecordError
        If the server went away.
    """
    case = find_case(connection, code)
    held = {part: rows(connection, case.case_id, part) for part in PARTS}
    found = [fault for part, some in held.items() for fault in faults(case.code, part, some)]
    with plain_words():
        files = connection.execute(_FILES, {"case_id": case.case_id}).all()
    found += [_content(number) for number, whole in files if not whole]
    found += [*head_faults(held), *lineage_faults(connection, case.case_id, held["agreements"])]
    differing = _differing(seals(connection, case), told_seals(connection, code))
    named = {fault.part for fault in found}
    found += [_unsealed(part) for part in sorted(differing - named)]
    return CaseCheck(
        rows=sum(map(len, held.values())),
        heads={part: some[-1]["hash"] for part, some in held.items() if some},
        faults=tuple(found),
    )


def head_faults(held: dict[str, list[Row]]) -> list[Fault]:
    """Return what an agreement names and is not so: nothing changes in a case that was agreed.

    Raises
    ------
    None
    """
    parts = ("claims", "candidates", "evidence")
    return [
        Fault(
            part="agreements",
            number=row["number"],
            code="head",
            message=f"agreement {row['number']} was signed on other {part} than stand now",
        )
        for row in held["agreements"]
        for part in parts
        if row[f"{part}_head"] != head(held[part])
    ]


def _differing(found: Mapping[str, str], told: Mapping[str, str] | None) -> set[str]:
    if told is None:
        return set()
    return {part for part in found.keys() | told.keys() if found.get(part) != told.get(part)}


def _unsealed(part: str) -> Fault:
    return Fault(part=part, number=None, code="seal", message=f"{part}: not what the audit trail told of last")


def _content(number: int) -> Fault:
    return Fault(part="evidence", number=number, code="content", message=f"the bytes of evidence {number} have changed")


def _column(name: str, values: list[Any]) -> pd.Series[Any]:
    kind = "float64" if name in _NUMBERS else "Int64" if name in _COUNTS else object
    return pd.Series(values, dtype=kind)
