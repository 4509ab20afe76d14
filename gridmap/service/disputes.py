"""The journey of a dispute on files: claims of each party, whatever they hold them in, compared and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from gridmap import formats, frames
from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes import Comparison, boundary_points, matrix, walks
from gridmap.errors import CrsError, FormatError, InputError, NotFoundError
from gridmap.formats.parcels import Reading, is_survey, read_parcels
from gridmap.service.dispute_checks import held_against, holders_told, refuse_holders, refuse_no_territory
from gridmap.service.dispute_lines import metric, posts, profiles


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Claims of all parties in one table, and what had to be taken for granted to read them."""

    #: ``party``, ``source``, ``date``, ``accuracy_m`` and shapes, in one CRS
    table: gpd.GeoDataFrame
    #: ``code``, ``about``, ``message``, ``message_zh``
    warnings: list[dict[str, Any]]
    #: what was decided to read each file: ``file``, ``format``, ``crs``, and what else its reader says
    readings: list[dict[str, Any]] = field(default_factory=list)


def read_claims(
    paths: Sequence[Path],
    *,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    within: gpd.GeoDataFrame | None = None,
    common_points: pd.DataFrame | None = None,
    accuracy_m: Mapping[str, float] | None = None,
) -> Claims:
    """Return the claims in one file or several.

    A file that has no column of parties holds the claims of one: its name is their label, which is said. Files in
    several coordinate systems come together in the metric one of the first, unless their datums differ.

    Parameters
    ----------
    paths
        Files of claims: anything that ``formats.read`` or ``read_parcels`` reads.
    crs
        The CRS of files that do not say; those that say another keep theirs, which is told.
    columns
        Ours to theirs.
    within
        The territory, which tells the zone of eastings that carry none.
    common_points
        What leaves Xian 1980 or Beijing 1954, as `read_parcels` takes it.
    accuracy_m
        Standard error of a point by party, in metres, of claims that do not say; under ``""`` that of all others.

    Raises
    ------
    FormatError, TableError, CrsError, NotFoundError
        As these; FormatError where claims lie outside the territory or names of holders are taken for parties; CrsError
        where datums differ that no public parameters join (Xian 1980, Beijing 1954).
    InputError
        If all files are of one party, an accuracy is of none of them, or the territory is no ground.
    """
    refuse_no_territory(within)
    ask = _Asked(crs=crs, columns=columns or {}, within=within, common_points=common_points)
    read = [_claims_of(path, ask) for path in paths]
    warnings = [warning for one in read for warning in one.warnings]
    table = read[0].table if len(read) == 1 else _together([one.table for one in read], [path.name for path in paths])
    readings = [reading for one in read for reading in one.readings]
    return Claims(table=_with_accuracy(table, accuracy_m or {}), warnings=warnings, readings=readings)


def _together(tables: Sequence[gpd.GeoDataFrame], names: Sequence[str]) -> gpd.GeoDataFrame:
    """Claims of several files in the metric system of the first."""
    first = tables[0]
    system = CRS(first.crs) if is_metric(CRS(first.crs)) else CRS(to_metric(first).crs)
    moved = [_into(table, system, f"{names[0]} and {name}") for table, name in zip(tables, names, strict=True)]
    whole = pd.concat(moved, ignore_index=True)
    parties = whole["party"].dropna().unique()
    if len(parties) < 2:  # noqa: PLR2004 - two make a quarrel
        raise InputError(f"{len(tables)} files of one party, {parties[0]}", do="name the files by their parties")
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=system)


def _into(table: gpd.GeoDataFrame, system: CRS, names: str) -> gpd.GeoDataFrame:
    """Claims in a system; of two files whose datums differ both are told, and how they come together."""
    try:
        return to_system(table, system)
    except CrsError as error:
        do = "or give points known on both datums: --common-points"
        raise CrsError(f"{names}: {error}", do=do, code=error.code) from error


def _with_accuracy(claims: gpd.GeoDataFrame, stated: Mapping[str, float]) -> gpd.GeoDataFrame:
    """Claims with the accuracy that was stated for them where they do not say their own."""
    strangers = sorted({*stated} - {"", *claims["party"]})
    if strangers:
        known = ", ".join(sorted({*claims["party"]}))
        raise InputError(f"an accuracy of {', '.join(strangers)}", expected=f"parties of the claims: {known}")
    own = pd.to_numeric(claims["accuracy_m"]) if "accuracy_m" in claims else pd.Series(float("nan"), claims.index)
    by_party = claims["party"].map({party: value for party, value in stated.items() if party}).astype(float)
    return claims.assign(accuracy_m=own.fillna(by_party).fillna(stated.get("", float("nan"))))


def read_lines(path: Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None) -> gpd.GeoDataFrame:
    """Return candidates: ``id``, ``source`` and lines; a file without ids numbers them.

    Raises
    ------
    FormatError, TableError, CrsError, NotFoundError
        As `gridmap.formats.read`.
    """
    table = _layer_of(path, "candidates", crs=crs)
    mapping = frames.columns_of([*map(str, table.columns)], frames.frame("candidates"), columns)[0]
    if "id" not in mapping:
        table = table.assign(id=[str(number + 1) for number in range(len(table))])
    return frames.conform(table, "candidates", columns=columns, source=path.name)


def layers(
    compared: Comparison,
    read: Claims,
    *,
    codes: Mapping[str, str] | None = None,
    posts_given: gpd.GeoDataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a comparison by the names that they have in a file.

    Parameters
    ----------
    compared, read
        What was found, and the claims that it was found of.
    codes, posts_given
        Codes of lines, and the posts along them, as `gridmap.service.dispute_lines.posts` takes them.

    Raises
    ------
    InputError, CrsError
        As `gridmap.service.dispute_lines.posts`.
    """
    names = ("claims", "contested", "gaps", "ledger", "lines", "objects", "agreed", "candidates", "gains", "areas")
    found = {name: getattr(compared, name) for name in names}
    proposed = compared.candidates
    if len(proposed):
        lines = metric(proposed)
        found |= {"walk": walks(lines), "points": points(lines), "matrix": matrix(compared.ledger)}
    if codes:
        found["posts"] = posts(proposed, codes, posts_given)
    return {
        **found,
        "profile": profiles(compared),
        "warnings": pd.DataFrame(
            [*read.warnings, *compared.warnings], columns=["code", "about", "message", "message_zh"]
        ),
    }


def report(compared: Comparison, read: Claims, *, tables: Mapping[str, pd.DataFrame] | None = None) -> dict[str, Any]:
    """Return a comparison as values fit for JSON, without shapes, and without what is told step by step.

    Parameters
    ----------
    compared, read
        What was found, and the claims that it was found of.
    tables
        As `layers` returns them, where they are there already.

    Raises
    ------
    CrsError
        As `layers`.
    """
    found = layers(compared, read) if tables is None else tables
    return {name: _rows(table) for name, table in found.items() if name != "profile"}


def points(lines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the boundary points of all candidates in a metric CRS, each by its ``id``.

    Raises
    ------
    CrsError
        As `gridmap.disputes.boundary_points`.
    """
    tables = [
        boundary_points(shape, lines.crs).assign(candidate=name)
        for name, shape in zip(lines["id"], lines.geometry, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the user says of files that do not."""

    #: CRS of those that do not say theirs
    crs: str | None
    #: ours to theirs
    columns: Mapping[str, str]
    #: the territory
    within: gpd.GeoDataFrame | None
    #: points on an old datum and on CGCS2000
    common_points: pd.DataFrame | None


def _claims_of(path: Path, ask: _Asked) -> Claims:
    """The claims in one file."""
    table, warnings, reading = _shapes_of(path, ask)
    columns = ask.columns
    mapping = frames.columns_of([*map(str, table.columns)], frames.frame("claims"), columns)[0]
    if "party" not in mapping:
        table = table.assign(party=path.stem)
        warnings.append(
            {
                "code": "party_from_file",
                "about": path.stem,
                "message": f"{path.name} has no column of parties: its name is the label of the one it holds",
                "message_zh": f"{path.name}无当事方字段，以文件名作为当事方标签",
            }
        )
    kept = frames.conform(table, "claims", columns=columns, source=path.name, tolerate=("invalid_ring",))
    return Claims(table=kept, warnings=warnings, readings=[reading])


def _shapes_of(path: Path, ask: _Asked) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]], dict[str, Any]]:
    """The rows of a file with their shapes, what was said when they were read, and what was decided."""
    if is_survey(path):
        reading, told = _surveyed(path, ask)
        warnings = [*told, *(_said(path, row) for row in _rows(reading.warnings))]
        return reading.parcels, warnings, _decided(path, reading)
    refuse_holders({"party": ask.columns["party"]} if "party" in ask.columns else {}, path)
    table = _layer_of(path, "claims", crs=ask.crs, mend=True)
    read = table.attrs["reading"]
    said = [*held_against(table, ask.within, path.name), *holders_told([*map(str, table.columns)])]
    mends = [
        {"code": "ring_mended", "message": f"{mend['reason']}: {mend['changed_m2']:,.2f} m2 of ground changed"}
        for mend in read["mended"]
    ]
    decided = {"file": path.name, "format": path.suffix.lower().lstrip("."), "crs": str(read["crs"])}
    return table, [_said(path, row) for row in [*read["warnings"], *mends, *said]], decided


def _decided(path: Path, reading: Reading) -> dict[str, Any]:
    """What was decided to read a file of surveyors."""
    said = {name: getattr(reading, name) for name in ("format", "epsg", "axis_order", "unit", "datum", "encoding")}
    return {"file": path.name, "crs": str(reading.parcels.crs), **said, "decided": _rows(reading.decided)}


def _layer_of(path: Path, name: str, **reading: Any) -> gpd.GeoDataFrame:
    """The rows of a file; of one that holds several layers, as comparisons are written, those of that name."""
    try:
        return formats.read(path, **reading)
    except InputError as several:
        if several.code != "which_sublayer":
            raise
        try:
            return formats.read(path, sublayer=name, **reading)
        except NotFoundError:
            raise several from None


def _surveyed(path: Path, ask: _Asked) -> tuple[Reading, list[dict[str, Any]]]:
    """A file of surveyors; one that says its own system keeps it, whatever was stated for those that do not."""
    reading = partial(
        read_parcels, path, within=ask.within, datum_parameters=ask.common_points, columns=ask.columns or None
    )
    try:
        return reading(crs=ask.crs), []
    except FormatError as error:
        if error.code != "E_CRS_CONTRADICTION":
            raise
        contradiction = error
    try:
        own = reading()
    except FormatError:
        # without what was stated it cannot be read either
        raise contradiction from None
    told = {
        "code": "own_crs",
        "about": path.name,
        "message": f"{path.name} says its own system, EPSG:{own.epsg}; {ask.crs} is for files that do not say",
        "message_zh": f"{path.name}自带坐标系EPSG:{own.epsg}，所指定的{ask.crs}仅用于未说明坐标系的文件",
    }
    return own, [told]


def _said(path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """A warning of a reader, as one of the comparison; of several files it tells which."""
    words = row["message"], row.get("message_zh") or row["message"]
    message, message_zh = (each if path.name in each else f"{path.name}: {each}" for each in words)
    return {"code": row["code"], "about": path.name, "message": message, "message_zh": message_zh}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows fit for JSON, without shapes."""
    bare = table.drop(columns="geometry", errors="ignore")
    values = bare.astype(object).where(bare.notna(), None)
    return [dict(zip(map(str, values.columns), row, strict=True)) for row in values.itertuples(index=False, name=None)]
