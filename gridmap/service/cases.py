"""The journeys of a case: opened, filled from files, compared in its own zone, laid along time, agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine

from gridmap.disputes import Comparison
from gridmap.errors import InputError
from gridmap.service.cases_adding import Added, Hints, Wanted, put_candidates, put_claims, put_evidence, put_solved
from gridmap.service.cases_boundary import boundary, refuse_later
from gridmap.service.cases_comparing import compare_case, compare_in_record, get_case, refuse_unknown
from gridmap.service.cases_timeline import timeline
from gridmap.store import Actor, cases_agreeing
from gridmap.store import cases as books
from gridmap.store.cases_agreeing import Boundary, Signing
from gridmap.store.cases_given import NewCase
from gridmap.store.cases_heads import Head, find_case
from gridmap.store.cases_reading import CaseCheck, read_case
from gridmap.store.cases_reading import verify as check
from gridmap.territory import today

__all__ = [
    "Added",
    "Agreed",
    "Hints",
    "Wanted",
    "agree",
    "compare_case",
    "compare_in_record",
    "get_case",
    "open_case",
    "put_candidates",
    "put_claims",
    "put_evidence",
    "put_solved",
    "refuse_unknown",
    "timeline",
    "verify_case",
]


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What an agreement made."""

    #: the case afterwards
    head: Head
    #: number of the agreement
    number: int
    #: parcels that are new or have other ground: ``id``, ``party``, ``accuracy_m``, geometry in the case's zone
    parcels: gpd.GeoDataFrame
    #: identifiers of parcels that ended
    ended: tuple[str, ...]
    #: what became of each: ``old``, ``new``, ``kind``, ``share_old``, ``share_new``, ``area_m2``
    lineage: pd.DataFrame
    #: disputed ground that the candidate decides nothing about, in square metres
    undecided_m2: float


def open_case(engine: Engine, new: NewCase, *, actor: Actor | str) -> Head:
    """Open a case, and return it.

    Raises
    ------
    InputError, TooLargeError, ConflictError, RecordError
        As `gridmap.store.cases.add_case`.
    """
    with engine.begin() as connection:
        return books.add_case(connection, new, actor=actor)


def verify_case(engine: Engine, code: str) -> CaseCheck:
    """Tell which rows and files of a case are not as they were handed in.

    Raises
    ------
    NotFoundError, RecordError
        As `gridmap.store.cases_reading.verify`.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return check(connection, code)


def agree(
    engine: Engine,
    code: str,
    signing: Signing,
    *,
    actor: Actor | str,
    version: int | None = None,
    ids: Mapping[str, str] | None = None,
) -> Agreed:
    """Make a candidate the border from a day on: an agreement, dated parcels, and what became of those before.

    Parameters
    ----------
    engine, code, actor, version
        As `gridmap.store.cases.add_claims`.
    signing
        What the parties sign.
    ids
        Identifiers of parties' parcels by their label; see `gridmap.service.cases_boundary.boundary`.

    Raises
    ------
    NotFoundError
        If there is no such case, or no such candidate that stands.
    StaleError, ConflictError
        As `gridmap.store.cases_agreeing`; ConflictError also if parcels lie there from a later day on.
    InputError, TableError, CrsError, TooLargeError
        As `compare_case`; InputError also if a party that is named has nothing to do with the candidate, or the day of
        the signatures is still to come.
    RecordError
        If the server went away; then nothing was changed.
    """
    if signing.agreed_on > today():
        given = f"signed on {signing.agreed_on}, which is still to come"
        raise InputError(given, expected=f"{today()} at the latest", code="not_signed_yet")
    with engine.begin() as connection:
        head = cases_agreeing.to_agree(connection, code, signing.candidate, version)
        case = read_case(connection, code)
        refuse_unknown(case, signing.candidate)
        standing = case.standing_candidates
        chosen = standing[standing["id"] == signing.candidate]
        compared = compare_case(replace(case, candidates=gpd.GeoDataFrame(chosen)))
        signing = replace(signing, parties=_parties(compared, signing))
        bounds = case.standing_claims.total_bounds
        before, later = cases_agreeing.parcels_around(connection, signing.effective, bounds)
        number = len(case.agreements) + 1
        made = boundary(compared, before, prefix=f"{code}-{number}", ids=ids)
        refuse_later(made, before, later)
        cases_agreeing.sign(connection, head, signing, made, actor=actor)
        return _agreed(find_case(connection, code), number, made, compared)


def _agreed(head: Head, number: int, made: Boundary, compared: Comparison) -> Agreed:
    left = float(compared.candidates["undecided_m2"].sum())
    return Agreed(
        head=head, number=number, parcels=made.parcels, ended=made.ended, lineage=made.lineage, undecided_m2=left
    )


def _parties(compared: Comparison, signing: Signing) -> tuple[str, ...]:
    """The parties that sign: those named, all of whom the candidate must concern, or all whom it does."""
    concerned = sorted(set(compared.gains["party"]) | set(_moved(compared)))
    if unknown := sorted(set(signing.parties) - set(concerned)):
        given = f"{', '.join(unknown)} neither gains nor loses by {signing.candidate}"
        raise InputError(given, expected=", ".join(concerned), code="not_concerned")
    return tuple(signing.parties) or tuple(concerned)


def _moved(compared: Comparison) -> list[str]:
    """Parties that gain or lose by the books."""
    books_ = compared.ledger
    return list(books_.loc[(books_["gain_m2"] > 0) | (books_["loss_m2"] > 0), "party"])
