"""Which CRS the coordinates of a file are in, decided once and said in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from gridmap import crs as crs_
from gridmap.errors import CrsError, InputError

#: WGS 84 in degrees: GeoJSON, KML, GPX and OpenStreetMap have no other.
WGS84 = "EPSG:4326"
#: Systems whose coordinates are those of EPSG:4326 to the last digit or, for CGCS2000, within centimetres.
_SAME_DEGREES = frozenset({"EPSG:4326", "EPSG:4490"})
_SHIFTED = frozenset({"GCJ-02", "BD-09"})
_ENOUGH = 10_000


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The CRS of a file's coordinates."""

    #: normalised name: ``EPSG:4547``, ``GCJ-02``
    name: str
    #: what was decided and why, in one sentence
    sentence: str
    #: whether a third dimension of the CRS was left out
    reduced: bool = False

    @property
    def epsg(self) -> int:
        """EPSG code of the table's CRS; that of WGS 84 where its coordinates are shifted ones to be set right."""
        return 4326 if self.name in _SHIFTED else int(self.name.removeprefix("EPSG:"))

    @property
    def shifted(self) -> bool:
        """Whether the coordinates are GCJ-02 or BD-09, to be set right."""
        return self.name in _SHIFTED


def decide(
    *, stated: Any, asked: str | int | None, geometry: npt.NDArray[Any], source: str, implied: bool = False
) -> Decision:
    """Decide on the CRS of a file's coordinates.

    Parameters
    ----------
    stated
        What the file says: anything pyproj understands; None where it is silent.
    asked
        What the user says; None where silent.
    geometry
        Its geometry: coordinates that cannot be in the CRS are refused.
    source
        The file's name.
    implied
        Whether a silent file of this format is in WGS 84 degrees (RFC 7946).

    Raises
    ------
    CrsError
        ``crs_contradiction`` where file and user say different things, ``missing_crs`` where neither says anything
        (with what the coordinates look like), ``not_degrees`` where degrees are promised and cannot be, or where it
        is not understood.
    """
    user = None if asked is None else crs_.parse(_number(asked))
    try:
        own, reduced = _own(stated)
    except CrsError:
        if user is None:
            raise
        own, reduced = None, False
    decision = _weighed(own, user, geometry, source, implied=implied, reduced=reduced)
    _refuse_impossible(decision, geometry, source)
    return decision


def _weighed(
    own: str | None, user: str | None, geometry: npt.NDArray[Any], source: str, *, implied: bool, reduced: bool
) -> Decision:
    """What follows from what file and user say."""
    if own is None and user is None:
        if not implied:
            raise CrsError(
                f"{source} does not say which CRS it is in",
                do=f"state it with crs (--crs): {advice(geometry)}",
                code="missing_crs",
            )
        return Decision(name=WGS84, sentence="WGS 84 degrees (EPSG:4326), as its format has no other")
    if user is None:
        note = "; the height of its CRS was left out" if reduced else ""
        return Decision(name=str(own), sentence=f"{_called(str(own))}, as the file says{note}", reduced=reduced)
    if own is None:
        return Decision(name=user, sentence=f"{_called(user)}, as stated by the user; the file says nothing")
    if own == user:
        return Decision(name=user, sentence=f"{_called(user)}, as file and user say", reduced=reduced)
    if {own, user} <= _SAME_DEGREES:
        return Decision(name=user, sentence=f"{_called(user)}, as stated by the user; within centimetres it is {own}")
    if user in _SHIFTED and own in _SAME_DEGREES:
        # GCJ-02 has no EPSG code, so that every file in it says WGS 84 or nothing
        return Decision(name=user, sentence=f"{_called(user)}, as stated by the user, though the file says {own}")
    raise CrsError(
        f"{source} says {_called(own)}, but {_called(user)} was stated",
        do="leave the statement out, or mend the file",
        code="crs_contradiction",
    )


def advice(geometry: npt.NDArray[Any]) -> str:
    """What coordinates look like, for the user to confirm."""
    points = shapely.get_coordinates(geometry[:_ENOUGH])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return "there are no coordinates to tell it from"
    try:
        guesses = crs_.guess(points[:, 0], points[:, 1])
    except InputError as error:
        return str(error)
    if not guesses:
        return f"coordinates such as {points[0, 0]:.10g}, {points[0, 1]:.10g} fit no CRS that is known here"
    return "; or ".join(f"EPSG:{guess.epsg} ({guess.axis_order}: {guess.reason})" for guess in guesses[:4])


def _own(stated: Any) -> tuple[str | None, bool]:
    """The normalised name of what the file says, and whether a third dimension was left out."""
    if stated is None or stated == "":
        return None, False
    try:
        full = pyproj.CRS.from_user_input(stated)
    except pyproj.exceptions.CRSError:
        return crs_.parse(stated), False
    name = full.name.casefold()
    if (full.to_authority() or ("", ""))[1].startswith("CRS84") or "crs84" in name or "crs 84" in name:
        # the CRS of RFC 7946 and its forerunner: WGS 84, longitude first, which is how gridmap reads EPSG:4326
        return WGS84, False
    if full.is_engineering or "undefined" in name or name.startswith("unknown"):
        return None, False
    flat = full.sub_crs_list[0] if full.is_compound else full
    code = flat.to_json_dict().get("id", {})
    # old WKT turns the axes of EPSG's definition round, after which PROJ no longer recognises it without its code
    known = f"EPSG:{code['code']}" if code.get("authority") == "EPSG" else flat
    return crs_.parse(known), len(full.axis_info) > 2  # noqa: PLR2004 (two axes lie in the plane)


def _number(asked: str | int) -> str | int:
    """What the user says, where digits alone are an EPSG code."""
    return int(asked) if isinstance(asked, str) and asked.strip().isdigit() else asked


def _called(name: str) -> str:
    """The name of a CRS for people."""
    if name in _SHIFTED:
        return name
    return f"{pyproj.CRS.from_user_input(name).name} ({name})"


def _refuse_impossible(decision: Decision, geometry: npt.NDArray[Any], source: str) -> None:
    """Refuse degrees that are none: metres in a file whose format promises degrees, most of all."""
    degrees = decision.shifted or pyproj.CRS.from_epsg(decision.epsg).is_geographic
    points = shapely.get_coordinates(geometry)
    points = points[np.isfinite(points).all(axis=1)]
    if not degrees or not len(points):
        return
    outside = (np.abs(points) > 360).any(axis=1)  # noqa: PLR2004 (a full circle)
    if outside.mean() > 0.5:  # noqa: PLR2004 (most of them)
        x, y = points[outside][0]
        raise CrsError(
            f"{source} should be in degrees ({decision.sentence}), but has coordinates such as {x:.10g}, {y:.10g}",
            do=f"state the CRS it is in (--crs): {advice(geometry)}",
            code="not_degrees",
        )
