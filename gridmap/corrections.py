"""Corrections by an administrator: what people call an address becomes an alias of what they mean by it.

A correction must point at something that exists, and never hides a standard address: both are checked against what is
in force on its day before the record takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from gridmap.address.writing import plain
from gridmap.atlas import Atlas
from gridmap.errors import ConflictError, Fault, FormatError, GridmapError, InputError, TableError
from gridmap.formats import read_chunks
from gridmap.store import Actor, aliases
from gridmap.territory import Territory

#: What a meaning may be read with and still be exact: what its text says beyond the address, or twice.
_HARMLESS = frozenset({"unit_unknown", "repeated", "dropped"})

#: How many places a refusal names.
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Who corrects, and from when."""

    #: a key or an account
    actor: Actor | str
    #: first day on which it holds, or holds no longer
    effective: date


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file of aliases does not say of itself."""

    #: ours to theirs, such as ``alias`` to ``俗称``
    columns: Mapping[str, str] = field(default_factory=dict)
    #: encoding of its text; None: it is found out
    encoding: str | None = None


def correct(engine: Engine, atlas: Atlas, alias: str, means: str, correction: Correction) -> aliases.Alias:
    """Let an alias mean something from a day on, and return it as it is kept.

    Parameters
    ----------
    engine
        The record.
    atlas
        What is in force on the day.
    alias, means
        What people say, and the standard address, road, compound or division that they mean.
    correction
        Who, and from when.

    Raises
    ------
    InputError
        If a text cannot be used (see `gridmap.store.aliases.add`), or nothing, several places or only something like it
        is known as ``means``.
    ConflictError
        If the alias holds already on some of these days, or is a standard address itself.
    NotFoundError
        If no area is in force on that day.
    RecordError
        If the record cannot be reached; then nothing was changed.
    """
    alias, means = aliases.checked(alias, means)
    check(atlas.territory(correction.effective), alias, means)
    with engine.begin() as connection:
        return aliases.add(connection, alias, means, actor=correction.actor, effective=correction.effective)


def withdraw(engine: Engine, alias: str, correction: Correction) -> aliases.Alias:
    """End an alias from a day on, and return it.

    Raises
    ------
    NotFoundError
        If no such alias holds on that day.
    RecordError
        If the record cannot be reached; then nothing was changed.
    """
    with engine.begin() as connection:
        return aliases.withdraw(connection, alias, actor=correction.actor, effective=correction.effective)


def load_file(
    engine: Engine, atlas: Atlas, path: Path, correction: Correction, *, reading: Reading | None = None
) -> aliases.AliasReport:
    """Add all aliases of a CSV file, or none.

    Parameters
    ----------
    engine, atlas, correction
        As for `correct`.
    path
        With columns ``alias`` and ``means``; others are passed over.
    reading
        What the file does not say of itself.

    Raises
    ------
    FormatError
        If it is no CSV file, or lacks a column.
    TableError
        If an alias cannot be added: every fault, with its line.
    NotFoundError
        If there is no such file, or no area is in force on that day.
    ConflictError
        If another change came in between.
    RecordError
        If the record cannot be reached; then nothing was changed.
    """
    lines = list(_lines(path, reading or Reading()))
    territory = atlas.territory(correction.effective)
    faults = [fault for line in lines if (fault := _fault(territory, line))]
    if faults:
        raise TableError(path.name, faults)
    with engine.begin() as connection:
        return aliases.load(connection, lines, file=path.name, actor=correction.actor, effective=correction.effective)


def check(territory: Territory, alias: str, means: str) -> None:
    """Return if a meaning is known exactly, and its alias is no standard address itself.

    Parameters
    ----------
    territory
        What is in force on the day.
    alias, means
        As `gridmap.store.aliases.checked` returns them.

    Raises
    ------
    InputError
        If nothing, several places or only something like it is known as ``means``.
    ConflictError
        If the alias is a standard address.
    """
    match = territory.gazetteer.match(means)
    if match.status == "ambiguous":
        places = ", ".join(candidate.text for candidate in match.candidates[:_NAMED])
        raise InputError(f"{means!r} may be {places}", expected="one of them")
    if match.status != "found":
        raise InputError(f"nothing is known as {means!r}", expected="an address, road, compound or division in force")
    taken = [note for note in match.notes if note.code not in _HARMLESS]
    if taken or match.level in {"interpolated", "crossing"}:
        raise InputError(f"{means!r} is only taken for {match.text!r}", do="give the standard address")
    own = territory.gazetteer.match(alias)
    if own.status == "found" and own.text is not None and plain(own.text) == plain(alias):
        raise ConflictError(f"{own.text!r} is a standard address itself", do="correct the table of addresses instead")


def _fault(territory: Territory, line: aliases.Line) -> Fault | None:
    """What stands in the way of one alias of a file."""
    try:
        check(territory, *aliases.checked(line.alias or "", line.means or ""))
    except GridmapError as error:
        return Fault(code="bad_alias", message=str(error), line=line.number)
    return None


def _lines(path: Path, reading: Reading) -> Iterator[aliases.Line]:
    """The aliases of a CSV file with their lines."""
    names = [reading.columns.get(name, name) for name in ("alias", "means")]
    for rows in read_chunks(path, encoding=reading.encoding, by_line=True):
        missing = [name for name in names if list(rows.columns).count(name) != 1]
        if missing:
            raise FormatError(f"{path.name} has not one column {' and one '.join(missing)}", do="map it: --column")
        cells = rows[names].astype(object).where(rows[names].notna(), None)
        for number, alias, means in cells.itertuples(name=None):
            yield aliases.Line(number=number, alias=alias, means=means)
